//! Where a value came from, and how a file becomes a layer.
//!
//! Precedence is the caller's: `flags.merge(environment).merge(file)`, and [`PartialSettings::resolve`] puts the
//! defaults below.

use super::{PartialSettings, SettingsError};
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// A value and where it was set.
#[derive(Clone)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub source: Source,
}

/// Only where: the value may be a secret, or an address with a password in it.
impl<T> fmt::Debug for Sourced<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}

/// Where a value was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// On the command line, by this flag.
    Flag(String),
    /// In the environment, by this variable.
    Environment(&'static str),
    /// In this file.
    File(PathBuf),
    /// Nowhere.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(flag) => write!(formatter, "flag {flag}"),
            Source::Environment(name) => write!(formatter, "environment {name}"),
            Source::File(path) => write!(formatter, "file {}", path.display()),
            Source::Default => formatter.write_str("default"),
        }
    }
}

/// One line of what the `config` command prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EffectiveSetting {
    /// Its name in a file.
    pub key: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// The value in force; secrets as `[redacted]`, empty if there is none.
    pub value: String,
    /// Where it was set.
    pub source: Source,
}

impl PartialSettings {
    /// What a TOML text says; `path` is where it came from, for messages.
    ///
    /// # Errors
    ///
    /// Broken TOML, an unknown name (with the nearest valid one), or a value of the wrong type. No message repeats a
    /// line of the text, since a line may hold the key.
    pub fn from_toml(text: &str, path: impl AsRef<Path>) -> Result<PartialSettings, SettingsError> {
        let path = path.as_ref();
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| SettingsError::Toml {
            path: path.to_owned(),
            line: error.span().map_or(1, |span| line_of(text, span.start)),
        })?;
        let mut layer = PartialSettings::default();
        for (name, value) in &table {
            layer.set_toml(name, value, Source::File(path.to_owned()))?;
        }
        Ok(layer)
    }

    /// What a TOML file says.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and all of [`PartialSettings::from_toml`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<PartialSettings, SettingsError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| SettingsError::File {
            name: "settings file",
            path: path.to_owned(),
            error,
        })?;
        PartialSettings::from_toml(&text, path)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
