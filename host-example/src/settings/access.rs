//! What the component may do with the account: everything, or look.

use super::value::{Value, expected};
use serde::{Deserialize, Serialize};

/// What the component may do.
///
/// The component keeps to it, and so does the host: with [`Access::ReadOnly`] no request but a `GET` leaves, whatever the
/// component does. The key itself can still do all it could, in other hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Every action.
    #[default]
    Full,
    /// Only actions that change nothing. The others end with `forbidden` `ReadOnly`, and nothing is sent.
    ReadOnly,
}

impl Access {
    /// As it is written in a file, a variable and the component's environment.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Access::Full => "full",
            Access::ReadOnly => "read-only",
        }
    }
}

impl Value for Access {
    fn from_text(text: &str) -> Result<Access, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "full" => Ok(Access::Full),
            "read-only" => Ok(Access::ReadOnly),
            _ => Err("expected `full` or `read-only`".to_owned()),
        }
    }

    fn from_toml(value: &toml::Value) -> Result<Access, String> {
        value.as_str().map_or_else(|| expected("`full` or `read-only`", value), Access::from_text)
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}
