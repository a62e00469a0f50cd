//! How one value of the settings is read from text, read from a file, and shown.
//!
//! The environment and the command line only have text, a TOML file has types; both end in the same Rust value, and
//! `show` is what the `config` command prints. Secrets show as `[redacted]`.

use super::secret::{ApiKey, Secret};
use std::path::PathBuf;
use std::time::Duration;
use virustotal_hunting_redaction::REDACTED;

/// A type that settings are made of.
pub(super) trait Value: Sized {
    /// Reads it from a variable or a flag. The error says what would be right, and does not repeat the text: a
    /// secret can end up in the wrong variable.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Reads it from a file.
    fn from_toml(value: &toml::Value) -> Result<Self, String>;

    /// For people.
    fn show(&self) -> String;
}

/// What a file holds instead of what it should.
pub(super) fn expected<T>(what: &str, value: &toml::Value) -> Result<T, String> {
    Err(format!("expected {what}, found {}", value.type_str()))
}

impl Value for String {
    fn from_text(text: &str) -> Result<String, String> {
        Ok(text.trim().to_owned())
    }

    fn from_toml(value: &toml::Value) -> Result<String, String> {
        value.as_str().map_or_else(|| expected("a string", value), String::from_text)
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    fn from_text(text: &str) -> Result<PathBuf, String> {
        Ok(PathBuf::from(text))
    }

    fn from_toml(value: &toml::Value) -> Result<PathBuf, String> {
        value.as_str().map_or_else(|| expected("a path as a string", value), PathBuf::from_text)
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for ApiKey {
    fn from_text(text: &str) -> Result<ApiKey, String> {
        ApiKey::new(text).map_err(|error| error.to_string())
    }

    fn from_toml(value: &toml::Value) -> Result<ApiKey, String> {
        value.as_str().map_or_else(|| expected("a string", value), ApiKey::from_text)
    }

    fn show(&self) -> String {
        REDACTED.to_owned()
    }
}

impl Value for Secret {
    fn from_text(text: &str) -> Result<Secret, String> {
        Ok(Secret::new(text))
    }

    fn from_toml(value: &toml::Value) -> Result<Secret, String> {
        value.as_str().map_or_else(|| expected("a string", value), Secret::from_text)
    }

    fn show(&self) -> String {
        REDACTED.to_owned()
    }
}

impl Value for bool {
    fn from_text(text: &str) -> Result<bool, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("expected `true` or `false`".to_owned()),
        }
    }

    fn from_toml(value: &toml::Value) -> Result<bool, String> {
        match value {
            toml::Value::Boolean(flag) => Ok(*flag),
            toml::Value::String(text) => bool::from_text(text),
            other => expected("`true` or `false`", other),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Whole numbers.
macro_rules! whole_number {
    ($($type:ty),*) => {$(
        impl Value for $type {
            fn from_text(text: &str) -> Result<$type, String> {
                text.trim().parse().map_err(|_| "expected a whole number".to_owned())
            }

            fn from_toml(value: &toml::Value) -> Result<$type, String> {
                match value {
                    toml::Value::Integer(number) => {
                        <$type>::try_from(*number).map_err(|_| "expected a whole number, not negative".to_owned())
                    }
                    other => expected("a whole number", other),
                }
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
whole_number!(u32, u64);

/// Seconds, fractions allowed.
impl Value for Duration {
    fn from_text(text: &str) -> Result<Duration, String> {
        seconds(text.trim().trim_end_matches('s').parse().ok())
    }

    fn from_toml(value: &toml::Value) -> Result<Duration, String> {
        match value {
            toml::Value::Integer(number) => seconds(Some(*number as f64)),
            toml::Value::Float(number) => seconds(Some(*number)),
            toml::Value::String(text) => Duration::from_text(text),
            other => expected("a number of seconds", other),
        }
    }

    fn show(&self) -> String {
        self.as_secs_f64().to_string()
    }
}

fn seconds(number: Option<f64>) -> Result<Duration, String> {
    number
        .and_then(|number| Duration::try_from_secs_f64(number).ok())
        .ok_or_else(|| "expected a number of seconds, for instance `60`".to_owned())
}

/// Items joined by commas.
impl Value for Vec<String> {
    fn from_text(text: &str) -> Result<Vec<String>, String> {
        Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    fn from_toml(value: &toml::Value) -> Result<Vec<String>, String> {
        match value {
            toml::Value::Array(items) => items.iter().map(String::from_toml).collect(),
            toml::Value::String(text) => Vec::from_text(text),
            other => expected("an array of strings", other),
        }
    }

    fn show(&self) -> String {
        self.join(",")
    }
}

/// What was not set shows as nothing.
pub(super) fn show_option<T: Value>(value: &Option<T>) -> String {
    value.as_ref().map(Value::show).unwrap_or_default()
}

/// Seconds for `serde`: a number, as everywhere else.
pub(super) mod as_seconds {
    use super::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::settings) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(value.as_secs_f64())
    }

    pub(in crate::settings) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// An address without the user and password in it.
pub(super) fn as_redacted_url<S: serde::Serializer>(value: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(url) => serializer.serialize_some(&super::validate::without_credentials(url)),
        None => serializer.serialize_none(),
    }
}
