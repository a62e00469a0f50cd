//! What is wrong with a setting: which one, set where, and what would be right.

use super::{KEYS, Source};
use std::path::PathBuf;

/// Why settings are no good. Never contains a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A name that does not exist.
    #[error("there is no setting `{name}` ({source}); {hint}", source = .origin)]
    Unknown {
        /// The name.
        name: String,
        /// Where it was found.
        origin: Source,
        /// The nearest valid name, or all of them.
        hint: String,
    },
    /// A value that is no good.
    #[error("the setting `{name}` ({source}) is no good: {reason}", source = .origin)]
    Invalid {
        /// The setting: its name in a file, or its variable.
        name: String,
        /// Where it was set.
        origin: Source,
        /// What would be right.
        reason: String,
    },
    /// Values that are no good in themselves or together.
    #[error("the setting `{name}` is no good: {reason}")]
    Refused {
        /// The setting to mend.
        name: &'static str,
        /// What would be right.
        reason: String,
    },
    /// A file that a setting names, or the settings file itself, cannot be read.
    #[error("{name} {path}: {error}; check the path and its permissions", path = .path.display())]
    File {
        /// The setting.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A settings file that is no TOML.
    #[error(
        "{path}, line {line}: this is no valid TOML; a setting is written `name = \"value\"`",
        path = .path.display()
    )]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// TLS cannot be set up at all.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl SettingsError {
    pub(super) fn invalid(name: &str, origin: &Source, reason: String) -> SettingsError {
        SettingsError::Invalid { name: name.to_owned(), origin: origin.clone(), reason }
    }

    pub(super) fn unknown(name: &str, origin: &Source) -> SettingsError {
        let hint = match nearest(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("valid are {}", KEYS.join(", ")),
        };
        SettingsError::Unknown { name: name.to_owned(), origin: origin.clone(), hint }
    }

    pub(crate) fn refused(name: &'static str, reason: impl Into<String>) -> SettingsError {
        SettingsError::Refused { name, reason: reason.into() }
    }
}

/// The valid name that a misspelt one most resembles, if any does.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let name = name.strip_prefix("vt_").unwrap_or(&name);
    KEYS.iter()
        .map(|key| (strsim::jaro_winkler(name, key), *key))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}
