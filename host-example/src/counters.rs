//! What an embedder can put on a dashboard: counts since the tenant's connector was made.

use crate::bindings::exports::virustotal::hunting::types::ErrorKind;
use crate::error::CallError;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The contract's kinds of failure, in its order, as they are named there.
const KINDS: [(ErrorKind, &str); 14] = [
    (ErrorKind::InvalidArgument, "invalid-argument"),
    (ErrorKind::Configuration, "configuration"),
    (ErrorKind::Authentication, "authentication"),
    (ErrorKind::Forbidden, "forbidden"),
    (ErrorKind::NotFound, "not-found"),
    (ErrorKind::Conflict, "conflict"),
    (ErrorKind::QuotaExceeded, "quota-exceeded"),
    (ErrorKind::RateLimited, "rate-limited"),
    (ErrorKind::Unavailable, "unavailable"),
    (ErrorKind::Timeout, "timeout"),
    (ErrorKind::Transport, "transport"),
    (ErrorKind::Protocol, "protocol"),
    (ErrorKind::TooLarge, "too-large"),
    (ErrorKind::Other, "other"),
];

/// The host's own kinds of failure, counted behind those.
const HOST_KINDS: [&str; 5] = ["host-timeout", "trap", "busy", "instantiate", "poisoned"];

/// The kind's name in the contract: `quota-exceeded`. The generated type has none that can be shown.
pub fn kind_name(kind: ErrorKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("other", |(_, name)| name)
}

/// What became of a call, in a word.
pub(crate) fn outcome(error: &CallError) -> &'static str {
    match error {
        CallError::Hunting(error) => kind_name(error.kind),
        CallError::Timeout { .. } => HOST_KINDS[0],
        CallError::Trap { .. } => HOST_KINDS[1],
        CallError::Busy { .. } => HOST_KINDS[2],
        CallError::Instantiate(_) => HOST_KINDS[3],
        CallError::Poisoned => HOST_KINDS[4],
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) calls: AtomicU64,
    pub(crate) in_flight: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) denied: AtomicU64,
    pub(crate) rate_waits: AtomicU64,
    pub(crate) rate_refused: AtomicU64,
    pub(crate) connections: AtomicU64,
    pub(crate) bytes_sent: AtomicU64,
    pub(crate) bytes_received: AtomicU64,
    failures: [AtomicU64; KINDS.len() + HOST_KINDS.len()],
}

/// The figures at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CountersSnapshot {
    /// Calls of an action, ended or not.
    pub calls: u64,
    /// Calls that have not ended.
    pub calls_in_flight: u64,
    /// Failed calls by kind: the contract's kinds (`not-found`, …), `host-timeout`, `trap`, `busy`, `instantiate`,
    /// `poisoned`. Only kinds that occurred.
    pub failures: Vec<(&'static str, u64)>,
    /// HTTP requests sent, each replay on a new connection counted.
    pub attempts: u64,
    /// Requests refused by the egress policy.
    pub denied: u64,
    /// Requests that had to wait because of `requests_per_minute`, whatever became of them then; each counted once.
    pub rate_waits: u64,
    /// Requests that were not sent because of `requests_per_minute`: the wait would have been longer than the call had.
    pub rate_refused: u64,
    /// Connections opened, to VirusTotal or to the proxy; attempts that failed are counted too.
    pub connections_opened: u64,
    /// Bytes of request bodies.
    pub bytes_sent: u64,
    /// Bytes of response bodies as they came, that is compressed where they were.
    pub bytes_received: u64,
}

impl CountersSnapshot {
    /// Failed calls of all kinds.
    pub fn failed(&self) -> u64 {
        self.failures.iter().map(|(_, count)| count).sum()
    }
}

impl Counters {
    pub(crate) fn failed(&self, error: &CallError) {
        let name = outcome(error);
        if let Some(slot) = names().position(|known| known == name) {
            self.failures[slot].fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn snapshot(&self) -> CountersSnapshot {
        let failures = names().zip(&self.failures).map(|(name, count)| (name, count.load(Relaxed)));
        CountersSnapshot {
            calls: self.calls.load(Relaxed),
            calls_in_flight: self.in_flight.load(Relaxed),
            failures: failures.filter(|(_, count)| *count > 0).collect(),
            attempts: self.requests.load(Relaxed),
            denied: self.denied.load(Relaxed),
            rate_waits: self.rate_waits.load(Relaxed),
            rate_refused: self.rate_refused.load(Relaxed),
            connections_opened: self.connections.load(Relaxed),
            bytes_sent: self.bytes_sent.load(Relaxed),
            bytes_received: self.bytes_received.load(Relaxed),
        }
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(_, name)| *name).chain(HOST_KINDS)
}
