//! The settings of one call, read anew every time so that a rotated key works at once.
//!
//! Where they come from is one closure: environment variables in the default build, the host's configuration store with the
//! feature `config-store`, where `store_keys` has their names.

use super::base_url::{self, BaseUrl};
use super::rate::Rate;
use super::{error, json};
use crate::contract::Failed;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use virustotal_hunting_redaction::{REDACTED, Redactor, SHORTEST_KEY};

/// Whole-call deadline when none is set, in seconds.
pub const DEFAULT_TIMEOUT_SECONDS: f64 = 60.0;
/// The longest deadline: an hour.
pub const MAX_TIMEOUT_SECONDS: f64 = 3600.0;
/// Response cap when none is set: 64 MiB, after inflating.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 64 << 20;
/// The highest response cap: a GiB, a quarter of the sandbox's address space.
pub const MAX_MAX_RESPONSE_BYTES: usize = 1 << 30;
const MAX_KEY_BYTES: usize = 1024;
/// What begins a token of another product of VirusTotal's, which the API does not take.
const TOKEN: &str = "vtai_";

/// How often a request is repeated within a call when nothing else is set.
pub const DEFAULT_RETRIES: u32 = 2;
/// The most repetitions that can be set.
pub const MAX_RETRIES: u64 = 10;

/// The settings of one call.
#[derive(Clone)]
pub struct Settings {
    key: Option<String>,
    /// Where the API is.
    pub base: BaseUrl,
    /// The deadline over the whole call, in nanoseconds.
    pub timeout_nanoseconds: u64,
    /// The most bytes of an answer, after inflating.
    pub max_response_bytes: usize,
    /// Whether whatever changes something is refused.
    pub read_only: bool,
    /// How often requests of the call may be sent again, in all.
    pub retries: u32,
    /// How many requests may be sent in any minute or day.
    pub rate: Option<Rate>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("key", &self.key.as_ref().map(|_| REDACTED))
            .field("base", &self.base)
            .field("timeout_nanoseconds", &self.timeout_nanoseconds)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("read_only", &self.read_only)
            .field("retries", &self.retries)
            .field("rate", &self.rate)
            .finish()
    }
}

impl Settings {
    /// Reads the settings from their source; an empty value counts as none.
    ///
    /// # Errors
    /// `configuration`, naming the variable and what to do; `invalid-argument` for a key that cannot be a header.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Failed> {
        let read = Self::from(&|name| variable(name).filter(|value| !value.trim_ascii().is_empty()));
        #[cfg(all(feature = "config-store", target_family = "wasm"))]
        let read = super::store_keys::checked(read, &variable);
        read
    }

    fn from(variable: Variable<'_>) -> Result<Self, Failed> {
        refuse_host_settings(variable)?;
        let from_host = boolean("VT_APIKEY_FROM_HOST", variable)?.unwrap_or(false);
        let key = if from_host { None } else { Some(key(variable("VT_APIKEY"))?) };
        let allow_http = boolean("VT_ALLOW_HTTP", variable)?.unwrap_or(false);
        let url = variable("VT_URL");
        Ok(Self {
            key,
            base: BaseUrl::parse(url.as_deref().unwrap_or(base_url::DEFAULT), allow_http)?,
            timeout_nanoseconds: timeout(variable("VT_TIMEOUT"))?,
            max_response_bytes: max_response_bytes(variable("VT_MAX_RESPONSE_BYTES"))?,
            read_only: read_only(variable("VT_ACCESS"))?,
            retries: retries(variable("VT_RETRIES"))?,
            rate: rate(variable("VT_REQUESTS_PER_MINUTE"))?,
        })
    }

    /// The key to send, unless the host adds it on the way out.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// An error without the key, should a server have echoed it.
    #[must_use]
    pub fn redact(&self, mut error: Failed) -> Failed {
        if let Some(redactor) = self.redactor() {
            redactor.redact(&mut error.code);
            redactor.redact(&mut error.message);
        }
        #[cfg(all(feature = "config-store", target_family = "wasm"))]
        let error = super::store_keys::named(error);
        error
    }

    /// Takes the key out of a body, before anything is read from it or cut. What is too short to be VirusTotal's key may
    /// stand in any word, and would break objects.
    pub fn redact_body(&self, body: &mut String) {
        if let Some(redactor) = self.redactor().filter(Redactor::finds_parts) {
            redactor.redact(body);
        }
    }

    /// The headers as they are shown: without those whose name holds the key, and with `[redacted]` for a value that does.
    #[must_use]
    pub fn shown(&self, headers: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
        let redactor = self.redactor();
        let holds_key = |text: &[u8]| redactor.as_ref().is_some_and(|redactor| redactor.finds(text));
        let shown = |value: &[u8]| if holds_key(value) { String::from(REDACTED) } else { error::lossy(value) };
        let kept = headers.iter().filter(|(name, _)| !holds_key(name.as_bytes()));
        kept.map(|(name, value)| (name.clone(), shown(value))).collect()
    }

    fn redactor(&self) -> Option<Redactor<'_>> {
        self.key().map(Redactor::new)
    }
}

/// Looks a setting up.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// TLS and proxies are the host's: `wasi:http` has neither. A guest that was told of them and went on would talk past
/// a proxy, or trust what it was told to verify.
fn refuse_host_settings(variable: Variable<'_>) -> Result<(), Failed> {
    const ADVICE: &str = "Only the host can do that: set it in the host, and do not pass it on to the component.";
    if variable("VT_HTTP_PROXY").is_some() {
        return Err(error::setting("HostOnlySetting", "VT_HTTP_PROXY", "was given to the component", ADVICE));
    }
    if boolean("VT_VERIFY_SSL", variable)? == Some(false) {
        return Err(error::setting("HostOnlySetting", "VT_VERIFY_SSL", "was turned off for the component", ADVICE));
    }
    Ok(())
}

fn key(value: Option<String>) -> Result<String, Failed> {
    let Some(value) = value else {
        return Err(error::setting(
            "MissingApiKey",
            "VT_APIKEY",
            "is not set",
            "Set it to a VirusTotal API key, or set `VT_APIKEY_FROM_HOST=true` if the host adds the key.",
        ));
    };
    let is_token = value.trim_ascii().get(..TOKEN.len()).is_some_and(|start| start.eq_ignore_ascii_case(TOKEN));
    if is_token {
        return Err(error::setting(
            "InvalidSetting",
            "VT_APIKEY",
            "is a token (vtai_…) of another product, and not an API key",
            "Take the API key of your VirusTotal profile page: 64 hexadecimal digits.",
        ));
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(error::invalid_argument(
            "VT_APIKEY",
            "has a space, line break, control character or one outside ASCII, none of which a header can hold",
            value.len(),
            "A VirusTotal key is 64 hexadecimal digits: look for a line break at its end.",
        ));
    }
    if value.len() < SHORTEST_KEY {
        return Err(error::invalid_argument(
            "VT_APIKEY",
            "is too short to be an API key",
            value.len(),
            "A VirusTotal key is 64 hexadecimal digits: copy all of it.",
        ));
    }
    if value.len() > MAX_KEY_BYTES {
        return Err(error::too_long(
            "VT_APIKEY",
            value.len(),
            MAX_KEY_BYTES,
            "A VirusTotal key is 64 hexadecimal digits.",
        ));
    }
    Ok(value)
}

fn boolean(name: &str, variable: Variable<'_>) -> Result<Option<bool>, Failed> {
    let Some(value) = variable(name) else { return Ok(None) };
    let value = value.trim_ascii();
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is_one_of(&["true", "1", "yes", "on"]) {
        Ok(Some(true))
    } else if is_one_of(&["false", "0", "no", "off"]) {
        Ok(Some(false))
    } else {
        Err(error::setting("InvalidSetting", name, "is neither true nor false", "Use `true` or `false`."))
    }
}

fn timeout(value: Option<String>) -> Result<u64, Failed> {
    let seconds = match value {
        None => DEFAULT_TIMEOUT_SECONDS,
        Some(text) => json::float(Some(text.trim_ascii()))
            .filter(|seconds| *seconds >= 0.001 && *seconds <= MAX_TIMEOUT_SECONDS)
            .ok_or_else(|| {
                let advice = "Give the deadline of a whole call in seconds, 0.001 to 3600; without it, 60.";
                error::setting("InvalidSetting", "VT_TIMEOUT", "is no number of seconds in range", advice)
            })?,
    };
    Ok((seconds * 1e9) as u64)
}

fn read_only(value: Option<String>) -> Result<bool, Failed> {
    let Some(text) = value else { return Ok(false) };
    let text = text.trim_ascii();
    if text.eq_ignore_ascii_case("read-only") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("full") {
        Ok(false)
    } else {
        // A word that was meant to forbid must not allow.
        Err(error::setting(
            "InvalidSetting",
            "VT_ACCESS",
            "is neither full nor read-only",
            "Use `full` or `read-only`.",
        ))
    }
}

fn retries(value: Option<String>) -> Result<u32, Failed> {
    let Some(text) = value else { return Ok(DEFAULT_RETRIES) };
    let number = json::number(Some(text.trim_ascii())).filter(|number| *number <= MAX_RETRIES);
    number.and_then(|number| u32::try_from(number).ok()).ok_or_else(|| {
        let advice = "Give how often a request is repeated, 0 to 10; without it, 2.";
        error::setting("InvalidSetting", "VT_RETRIES", "is no number in range", advice)
    })
}

fn rate(value: Option<String>) -> Result<Option<Rate>, Failed> {
    let Some(text) = value else { return Ok(None) };
    Rate::parse(text.trim_ascii()).map(Some).ok_or_else(|| {
        let advice =
            "Give requests a minute, 1 to 1000000, or `public` for 4 a minute and 500 a day; without it, none.";
        error::setting("InvalidSetting", "VT_REQUESTS_PER_MINUTE", "is no rate", advice)
    })
}

fn max_response_bytes(value: Option<String>) -> Result<usize, Failed> {
    let Some(text) = value else { return Ok(DEFAULT_MAX_RESPONSE_BYTES) };
    let bytes = json::number(Some(text.trim_ascii())).and_then(|bytes| usize::try_from(bytes).ok());
    bytes.filter(|bytes| (1..=MAX_MAX_RESPONSE_BYTES).contains(bytes)).ok_or_else(|| {
        let advice = "Give the largest answer in bytes, 1 to 1073741824; without it, 67108864.";
        error::setting("InvalidSetting", "VT_MAX_RESPONSE_BYTES", "is no number of bytes in range", advice)
    })
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
