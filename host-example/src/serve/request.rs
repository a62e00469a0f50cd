//! A request on its way in: its head, as it is judged, and then its body, read whole before it takes a place.
//!
//! So who sends slowly, or nothing, holds a connection and no instance; and the component sees requests that are whole.
//! All bodies together have a budget: one that does not fit waits, unread.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use virustotal_hunting_gateway_head::{Problem, Request, too_large};

/// A head, as it is judged.
///
/// # Errors
///
/// It names no host at all. What it names is judged with the rest.
pub(super) fn head(parts: &Parts) -> Result<Request, Problem> {
    if parts.uri.authority().is_none() && !parts.headers.contains_key(HOST) {
        return Err(Problem::request(400, "NoHost", "The request names no host: send the header `host`."));
    }
    // A target in full is of a scheme that is served here, or of what stands before it.
    if parts.uri.scheme_str().is_some_and(|scheme| scheme != "http" && scheme != "https") {
        return Err(Problem::request(400, "InvalidHost", "The request's target is not of this server's scheme."));
    }
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        authority: parts.uri.authority().map(|authority| authority.as_str().to_owned()),
        headers: headers.collect(),
    })
}

/// Makes the head say what the component gets: a body that is whole, of this length. How it came is the connection's
/// business, and over.
pub(super) fn becomes_whole(parts: &mut Parts, body: &Bytes) {
    parts.headers.remove(TRANSFER_ENCODING);
    parts.headers.remove(EXPECT);
    parts.headers.remove(CONTENT_LENGTH);
    if !body.is_empty() {
        parts.headers.insert(CONTENT_LENGTH, body.len().into());
    }
}

/// What all bodies together may take.
pub(super) struct Bodies {
    budget: Arc<Semaphore>,
    most: usize,
}

/// A body, and its share of the budget until it is dropped.
pub(super) struct Read {
    pub(super) bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

impl Bodies {
    /// `most` bytes over all, and room for one body of the largest size in any case.
    pub(super) fn new(most: usize, largest: usize) -> Bodies {
        let most = most.clamp(largest, Semaphore::MAX_PERMITS);
        Bodies { budget: Arc::new(Semaphore::new(most)), most }
    }

    /// How many bytes are given away.
    pub(super) fn taken(&self) -> usize {
        self.most.saturating_sub(self.budget.available_permits())
    }

    /// Reads a body of up to `limit` bytes: waits for its share for `queue`, and then for its bytes for `patience`.
    pub(super) async fn read(
        &self,
        body: Incoming,
        limit: usize,
        queue: Duration,
        patience: Duration,
    ) -> Result<Read, Problem> {
        // A length that is not told may be any.
        let expected = usize::try_from(body.size_hint().upper().unwrap_or(u64::MAX)).unwrap_or(usize::MAX).min(limit);
        let whole = u32::try_from(expected).unwrap_or(u32::MAX);
        let share = Arc::clone(&self.budget).acquire_many_owned(whole);
        let Ok(Ok(mut share)) = tokio::time::timeout(queue, share).await else {
            let detail = format!(
                "No room for the body within {queue:.1?}: as many bytes as --max-body-bytes allows are being received or \
                 at work. Nothing was sent; ask again later."
            );
            return Err(Problem::host(StatusCode::SERVICE_UNAVAILABLE.as_u16(), "TooBusy", detail).again_after(1));
        };
        let Ok(bytes) = tokio::time::timeout(patience, collect(body, limit)).await else {
            let detail = format!("The body did not come within {} s. Send it faster.", patience.as_secs());
            return Err(Problem::request(StatusCode::REQUEST_TIMEOUT.as_u16(), "BodyTooSlow", detail));
        };
        let bytes = bytes?;
        // What it did not need goes back.
        drop(share.split(expected.saturating_sub(bytes.len())));
        Ok(Read { bytes, _share: share })
    }
}

async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, Problem> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| Problem::request(400, "IncompleteBody", "The body ended before it was whole."))?;
        let Ok(data) = frame.into_data() else { continue };
        if collected.len() + data.len() > most {
            return Err(too_large(most));
        }
        collected.extend_from_slice(&data);
    }
    Ok(collected.freeze())
}
