//! What a fault can do.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::json;

/// What happens to a request that a [`Fault`](crate::Fault) catches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultAction {
    /// Answers this status instead of doing the work. Without a body, the JSON error that belongs to the status.
    Status {
        /// The HTTP status.
        code: u16,
        /// The body, sent as JSON unless a header says otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// Headers to add.
        #[serde(default)]
        headers: Vec<(String, String)>,
    },
    /// Waits, then lets the request go on. In JSON: milliseconds.
    Delay(#[serde(with = "json::millis")] Duration),
    /// Does the work, announces the full length, sends that many bytes of the body and breaks the connection.
    Truncate(usize),
    /// Answers 200 `application/json` with these bytes.
    Garbage(#[serde(with = "json::body")] Vec<u8>),
    /// Answers 429 `QuotaExceededError`.
    Quota,
    /// Answers 429 `TooManyRequestsError`.
    RateLimit {
        /// The `retry-after` header, verbatim: seconds, an HTTP date, nonsense; `None` leaves it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// Answers 429 with the HTML page of the edge.
    HtmlEdge,
    /// Breaks the connection with a TCP reset before any work is done.
    Reset,
    /// Does the work, then resets the connection: the client cannot know whether it was done.
    ResetAfter,
    /// Answers exactly this.
    Respond {
        /// The HTTP status.
        status: u16,
        /// All headers. Without a content type, JSON is announced.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body.
        #[serde(default, with = "json::body")]
        body: Vec<u8>,
    },
    /// Does the work but does not compress, whatever the client asked for.
    Ungzipped,
    /// Never answers, and keeps the connection open.
    Stall,
    /// Does the work but sends the body in small pieces. A whole-call deadline is what stops this one.
    Drip {
        /// Bytes in a piece; at least one is sent.
        bytes: usize,
        /// The pause before every piece. In JSON: milliseconds.
        #[serde(with = "json::millis")]
        every: Duration,
    },
}
