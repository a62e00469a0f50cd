//! A record of every request, so that a test can assert what really went over the wire.
//!
//! Path and query are kept undecoded: how a client escapes is part of what is under test.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// A request as it arrived, and what it was answered.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path exactly as sent, percent-escapes included.
    pub path: String,
    /// The query exactly as sent, without the question mark; empty when there was none.
    pub query: String,
    /// The headers in the order sent. Names are lower-case; values are bytes, since HTTP promises no more.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status that was answered; 0 when a fault left the request without an answer.
    pub status: u16,
}

impl RecordedRequest {
    /// The first header of that (lower-case) name, as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        std::str::from_utf8(value).ok()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<RecordedRequest>>);

impl Recorder {
    pub(crate) fn push(&self, request: RecordedRequest) {
        self.entries().push(request);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.entries().clone()
    }

    pub(crate) fn take(&self) -> Vec<RecordedRequest> {
        std::mem::take(&mut *self.entries())
    }

    pub(crate) fn clear(&self) {
        self.entries().clear();
    }

    fn entries(&self) -> MutexGuard<'_, Vec<RecordedRequest>> {
        // A panic elsewhere cannot leave a half-written entry, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
