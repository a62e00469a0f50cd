//! The component's answer on its way out: read whole, within a size, and without the API key.
//!
//! Whole, because only its end tells an answer from half of one: a component that breaks off in the middle closes its body
//! as one that is done does. And so the instance is gone before the first byte goes to a client that may read slowly.

use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use memchr::memmem;
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

/// Less than this is no key of VirusTotal's (64 digits), and may stand in any word.
const SHORTEST_KEY: usize = 16;

/// Takes the key out, should a server have repeated it where a component that does not hold it cannot know it. The answer's
/// length stays.
pub(super) fn without_key(key: &ApiKey, headers: &mut HeaderMap, body: Bytes) -> Bytes {
    if key.expose().len() < SHORTEST_KEY {
        return body;
    }
    let finder = memmem::Finder::new(key.expose());
    for value in headers.values_mut() {
        if finder.find(value.as_bytes()).is_some() {
            *value = HeaderValue::from_static(REDACTED);
        }
    }
    if finder.find(&body).is_none() {
        return body;
    }
    let mut body = BytesMut::from(body);
    let mut from = 0;
    while let Some(at) = finder.find(&body[from..]) {
        let end = from + at + key.expose().len();
        body[from + at..end].fill(b'*');
        from = end;
    }
    body.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    #[test]
    fn the_key_is_taken_out_of_body_and_headers() {
        let key = ApiKey::new(KEY).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-echo", format!("a {KEY} b").parse().unwrap());
        headers.insert("x-other", HeaderValue::from_static("0123"));
        let body = without_key(&key, &mut headers, Bytes::from(format!("{KEY}{KEY}, {}", &KEY[1..])));
        assert_eq!(body, format!("{}, {}", "*".repeat(32), &KEY[1..]));
        assert_eq!((headers["x-echo"].to_str().unwrap(), headers["x-other"].to_str().unwrap()), (REDACTED, "0123"));
    }

    #[test]
    fn what_is_too_short_to_be_a_key_does_not_spoil_the_answer() {
        let body = without_key(&ApiKey::new("k").unwrap(), &mut HeaderMap::new(), Bytes::from_static(b"checkpoint"));
        assert_eq!(body, "checkpoint");
    }
}
