//! How many requests a tenant may send: a number a minute, or VirusTotal's own word for what anybody may.

use super::value::{Value, expected};
use serde::{Deserialize, Serialize};

/// The word for [`RequestRate::PUBLIC`].
const PUBLIC: &str = "public";

/// Beyond this it is no limit, and one that is needed was mistyped.
const MOST_PER_MINUTE: u32 = 1_000_000;

/// How many requests may leave.
///
/// In a file and a variable it is a number (a minute's requests, and no daily limit) or `public`. `serde` writes any
/// other combination as a record of the two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct RequestRate {
    /// In any 60 seconds, wherever they begin: 1 to 1000000.
    pub per_minute: u32,
    /// From midnight to midnight UTC, at least 1; `None` for no limit.
    pub per_day: Option<u32>,
}

impl RequestRate {
    /// What VirusTotal grants a public key: 4 requests a minute, 500 a day.
    pub const PUBLIC: RequestRate = RequestRate { per_minute: 4, per_day: Some(500) };

    /// What would be right.
    pub(super) const EXPECTED: &str = "expected requests a minute, 1 to 1000000, or `public` (4 a minute, 500 a day)";

    /// So many in any minute, and no limit on a day.
    pub const fn per_minute(requests: u32) -> RequestRate {
        RequestRate { per_minute: requests, per_day: None }
    }

    pub(super) fn is_possible(self) -> bool {
        (1..=MOST_PER_MINUTE).contains(&self.per_minute) && self.per_day != Some(0)
    }

    fn possible(self) -> Result<RequestRate, String> {
        if self.is_possible() { Ok(self) } else { Err(RequestRate::EXPECTED.to_owned()) }
    }
}

impl Value for RequestRate {
    fn from_text(text: &str) -> Result<RequestRate, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case(PUBLIC) {
            return Ok(RequestRate::PUBLIC);
        }
        // 0 is refused with the same words.
        RequestRate::per_minute(text.parse().unwrap_or(0)).possible()
    }

    fn from_toml(value: &toml::Value) -> Result<RequestRate, String> {
        match value {
            toml::Value::Integer(number) => RequestRate::per_minute(u32::try_from(*number).unwrap_or(0)).possible(),
            toml::Value::String(text) => RequestRate::from_text(text),
            other => expected("requests a minute, or `public`", other),
        }
    }

    fn show(&self) -> String {
        match self {
            &RequestRate::PUBLIC => PUBLIC.to_owned(),
            RequestRate { per_minute, per_day: None } => per_minute.to_string(),
            RequestRate { per_minute, per_day: Some(per_day) } => format!("{per_minute}, and {per_day} a day"),
        }
    }
}

/// How `serde` sees it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(Word),
    PerMinute(u32),
    Both { per_minute: u32, per_day: Option<u32> },
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Public,
}

impl From<Written> for RequestRate {
    fn from(written: Written) -> RequestRate {
        match written {
            Written::Word(Word::Public) => RequestRate::PUBLIC,
            Written::PerMinute(requests) => RequestRate::per_minute(requests),
            Written::Both { per_minute, per_day } => RequestRate { per_minute, per_day },
        }
    }
}

impl From<RequestRate> for Written {
    fn from(rate: RequestRate) -> Written {
        match rate {
            RequestRate::PUBLIC => Written::Word(Word::Public),
            RequestRate { per_minute, per_day: None } => Written::PerMinute(per_minute),
            RequestRate { per_minute, per_day } => Written::Both { per_minute, per_day },
        }
    }
}
