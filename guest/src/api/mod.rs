//! Everything between a contract record and bytes, without I/O: requests, envelopes, errors, settings.
//!
//! Nothing here calls the platform, so all of it is tested and fuzzed natively.

pub mod answer;
pub mod backoff;
pub mod base64url;
pub mod base_url;
pub mod checkpoint;
pub mod envelope;
pub mod error;
pub mod error_code;
pub mod fingerprint;
pub use virustotal_hunting_codec::{gzip, scan};
pub mod hexadecimal;
pub mod input;
pub mod json;
pub mod listing;
pub mod message;
pub mod outcome;
pub mod rate;
pub mod redaction;
pub mod request;
pub mod retry_after;
pub mod settings;
pub mod status;
#[cfg(any(test, feature = "config-store"))]
pub mod store_keys;
pub mod text;

pub use listing::Listing;
pub use request::Request;

use crate::contract::Failed;
use answer::Answer;

/// A hunting action: what to ask, and how to read the answer.
#[derive(Debug)]
pub struct Action<T> {
    /// What to ask.
    pub request: Request,
    /// Reads a 2xx answer.
    pub decode: fn(&Answer) -> Result<T, Failed>,
}

/// For actions that answer nothing: any 2xx is success, with or without JSON in its body. A login page is no JSON, and an
/// error in the body is an error.
pub(crate) fn nothing(answer: &Answer) -> Result<(), Failed> {
    let body = answer.body.trim_ascii();
    if body.is_empty() || (json::is_json(body) && json::service_error(body).is_none()) {
        return Ok(());
    }
    Err(envelope::unusable(answer))
}
