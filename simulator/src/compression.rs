//! gzip as VirusTotal's front end does it: only when the client accepts it **and** its user agent contains `gzip`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::HeaderMap;

use crate::reply::Reply;

/// Bodies from this size on are remembered compressed.
const WORTH_KEEPING: usize = 32 << 10;
/// How many of them.
const KEPT: usize = 64;

/// Compressed bodies by content. A benchmark asks for the same large page over and over, and compressing it anew would
/// measure the simulator instead of the client.
#[derive(Debug, Default)]
pub(crate) struct Gzipped(Mutex<HashMap<(u64, usize), Bytes>>);

/// Compresses the reply if this client is to get it so.
pub(crate) fn apply(mut reply: Reply, headers: &HeaderMap, kept: &Gzipped) -> Reply {
    if !reply.compressible || reply.body.is_empty() || !wanted(headers) {
        return reply;
    }
    reply.body = kept.compress(&reply.body);
    reply.headers.push(("content-encoding".into(), "gzip".into()));
    reply.headers.push(("vary".into(), "Accept-Encoding, User-Agent".into()));
    reply
}

fn wanted(headers: &HeaderMap) -> bool {
    let says_gzip = |name| {
        let mut values = headers.get_all(name).iter();
        values.any(|value| value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("gzip")))
    };
    says_gzip("accept-encoding") && says_gzip("user-agent")
}

impl Gzipped {
    fn compress(&self, body: &Bytes) -> Bytes {
        if body.len() < WORTH_KEEPING {
            return gzip(body);
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(body);
        let key = (hasher.finish(), body.len());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&key) {
            return known.clone();
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let compressed = gzip(body);
        kept.insert(key, compressed.clone());
        compressed
    }
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("a Vec takes every byte").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(accept: &str, agent: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", accept.parse().expect("a header value"));
        headers.insert("user-agent", agent.parse().expect("a header value"));
        wanted(&headers)
    }

    #[test]
    fn gzip_needs_both_the_accept_encoding_and_the_word_in_the_user_agent() {
        assert!(encoding("gzip", "unknown; vtpy 0.22.0; gzip"));
        assert!(!encoding("gzip", "curl/8"));
        assert!(!encoding("br", "some gzip agent"));
    }
}
