//! The API key and the proxy's password, kept so that they cannot slip out by accident.
//!
//! Both are wiped from memory when dropped, neither can be printed: `Debug`, `Display` of errors and `serde` all show
//! `[redacted]`. The only ways to the text are [`ApiKey::expose`] and [`Secret::expose`], so a search for `expose`
//! finds every use.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use virustotal_hunting_redaction::{REDACTED, Redactor, SHORTEST_KEY};

/// What begins a token of another product of VirusTotal's, which the API does not take.
const TOKEN: &str = "vtai_";

/// The component's own limit.
const MAX_BYTES: usize = 1024;

/// A password: wiped on drop, never printed.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes any text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(SecretString::from(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A VirusTotal API key: fit for a header, wiped on drop, never printed.
///
/// ```
/// let key = vt_hunting_host::ApiKey::new("0123456789abcdef")?;
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// # Ok::<(), vt_hunting_host::InvalidApiKey>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(Secret);

impl ApiKey {
    /// Checks and keeps a key. White space around it is dropped: keys are pasted and read from files.
    ///
    /// # Errors
    ///
    /// An empty key, one with anything but visible ASCII characters, which no header could carry, one with fewer than 16
    /// characters or more than 1024, or another product's token.
    pub fn new(text: impl Into<String>) -> Result<ApiKey, InvalidApiKey> {
        // Wrapped first, so that the text is wiped on the way out of every branch.
        let given = Secret::new(text);
        let key = given.expose().trim();
        if key.is_empty() {
            return Err(InvalidApiKey::Empty);
        }
        if key.get(..TOKEN.len()).is_some_and(|start| start.eq_ignore_ascii_case(TOKEN)) {
            return Err(InvalidApiKey::Token);
        }
        if key.len() > MAX_BYTES {
            return Err(InvalidApiKey::Long);
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidApiKey::Characters);
        }
        if key.len() < SHORTEST_KEY {
            return Err(InvalidApiKey::Short);
        }
        Ok(ApiKey(Secret::new(key)))
    }

    /// The key itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Finds the key, and parts of it, in what is shown: for an embedder's own logs and messages. What this crate gives out has
    /// been redacted.
    ///
    /// ```
    /// let key = vt_hunting_host::ApiKey::new("0123456789abcdef")?;
    /// let mut text = "it was sent 0123456789ABCDEF".to_owned();
    /// key.redactor().redact(&mut text);
    /// assert_eq!(text, "it was sent [redacted]");
    /// # Ok::<(), vt_hunting_host::InvalidApiKey>(())
    /// ```
    pub fn redactor(&self) -> Redactor<'_> {
        Redactor::new(self.expose())
    }

    /// The key as a header value that HTTP libraries neither print nor put into a compression table.
    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.expose()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Why a text is no API key. Never contains the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidApiKey {
    /// Nothing but white space.
    #[error("the API key is empty; it is on your VirusTotal profile page, under API key")]
    Empty,
    /// Fewer than 16 characters: a part of a key, or a placeholder.
    #[error("the API key has fewer than 16 characters; a VirusTotal key is 64 hexadecimal digits: copy all of it")]
    Short,
    /// More than 1024 bytes.
    #[error("the API key has more than 1024 characters; a VirusTotal key is 64 hexadecimal digits")]
    Long,
    /// A `vtai_…` token.
    #[error(
        "it is a token (vtai_…) of another product, and not an API key; the API key is on your VirusTotal profile page, \
         under API key: 64 hexadecimal digits"
    )]
    Token,
    /// White space, control characters or non-ASCII characters inside.
    #[error("the API key has characters that no header can carry; copy it again, without line breaks or quotes")]
    Characters,
}

macro_rules! never_printed {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(REDACTED)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(REDACTED)
            }
        }
    )*};
}
never_printed!(Secret, ApiKey);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ApiKey, D::Error> {
        ApiKey::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_printed_by_nothing() {
        let key = ApiKey::new("s3cr3t-k3y-s3cr3t-k3y").unwrap();
        assert_eq!(format!("{key:?}"), REDACTED);
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"[redacted]\"");
        assert!(!format!("{:?}", key.header_value()).contains("s3cr3t"));
        assert_eq!(format!("{:?}", Secret::new("pa55")), REDACTED);
    }

    #[test]
    fn white_space_around_a_key_is_dropped() {
        assert_eq!(ApiKey::new(" s3cr3t-k3y-s3cr3t-k3y\n").unwrap().expose(), "s3cr3t-k3y-s3cr3t-k3y");
    }

    #[test]
    fn what_is_too_short_to_be_a_key_is_refused() {
        for short in ["k", "Check", "0123456789abcde"] {
            assert_eq!(ApiKey::new(short).unwrap_err(), InvalidApiKey::Short);
        }
        assert!(ApiKey::new("0123456789abcdef").is_ok());
    }

    #[test]
    fn a_token_of_another_product_is_named_as_one_and_not_shown() {
        for token in ["vtai_0123456789abcdef", " VTAI_secret-part\n", "vtai_", "vtai_with space"] {
            let error = ApiKey::new(token).unwrap_err();
            assert_eq!(error, InvalidApiKey::Token, "{token}");
            let said = error.to_string();
            assert!(said.contains("vtai_…") && said.contains("profile page"), "{said}");
            assert!(!said.contains("0123456789abcdef") && !said.contains("secret-part"), "{said}");
        }
        assert!(ApiKey::new("vtai0123456789abcdef").is_ok() && ApiKey::new("0123456789vtai_abc").is_ok());
    }

    #[test]
    fn a_key_that_no_header_could_carry_is_refused_without_being_shown() {
        for bad in ["", "  \n", "ab cd", "ab\ncd", "ab\r\nx: y", "schlüssel", "a\0b"] {
            let error = ApiKey::new(bad).unwrap_err().to_string();
            assert!(bad.trim().is_empty() || !error.contains(bad), "{error}");
        }
    }
}
