//! The component's answer on its way out: read whole, within a size, and without the API key.
//!
//! Whole, because only its end tells an answer from half of one: a component that breaks off in the middle closes its body
//! as one that is done does. And so the instance is gone before the first byte goes to a client that may read slowly.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use crate::settings::{ApiKey, REDACTED};

/// Why an answer cannot be passed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is larger than the component's whole memory may be.
    TooLarge,
    /// The component took it back.
    Aborted,
}

pub(super) async fn read(mut body: HyperOutgoingBody, most: u64) -> Result<Bytes, Unfit> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unfit::Aborted)?.into_data() else { continue };
        if (collected.len() + data.len()) as u64 > most {
            return Err(Unfit::TooLarge);
        }
        collected.extend_from_slice(&data);
    }
    Ok(collected.freeze())
}

/// Takes the key out, should a server have repeated it where a component that does not hold it cannot know it. A key that is
/// too short to be VirusTotal's may stand in any word: for that one the component's own care has to be enough.
pub(super) fn redact(key: &ApiKey, headers: &mut HeaderMap, body: Bytes) -> Bytes {
    let redactor = key.redactor();
    if !redactor.finds_parts() {
        return body;
    }
    for value in headers.values_mut() {
        if redactor.finds(value.as_bytes()) {
            *value = HeaderValue::from_static(REDACTED);
        }
    }
    if !redactor.finds(&body) {
        return body;
    }
    let mut body = Vec::from(body);
    redactor.redact_bytes(&mut body);
    if let Some(length) = headers.get_mut(CONTENT_LENGTH) {
        *length = HeaderValue::from(body.len());
    }
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    #[test]
    fn the_key_and_its_parts_are_taken_out_of_body_and_headers() {
        let key = ApiKey::new(KEY).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-echo", format!("a {KEY} b").parse().unwrap());
        headers.insert("x-upper", KEY.to_uppercase().parse().unwrap());
        headers.insert("x-other", HeaderValue::from_static("0123"));
        let text = format!("{KEY}{}, {}, {}", KEY.to_uppercase(), &KEY[1..], &KEY[..11]);
        headers.insert("content-length", HeaderValue::from(text.len()));
        let body = redact(&key, &mut headers, Bytes::from(text));
        assert_eq!(body, format!("{REDACTED}{REDACTED}, {REDACTED}, {}", &KEY[..11]));
        let header = |name| headers[name].to_str().unwrap();
        assert_eq!((header("x-echo"), header("x-upper"), header("x-other")), (REDACTED, REDACTED, "0123"));
        assert_eq!(header("content-length"), body.len().to_string());
    }
}
