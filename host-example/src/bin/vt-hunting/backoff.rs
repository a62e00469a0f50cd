//! How something that goes on for ever takes a failure: whether it may pass, and how long to wait before trying again.

use std::time::Duration;

use vt_hunting_host::{
    CallError,
    types::{self, ErrorKind},
};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);

/// How long to wait after the next failure: twice as long each time, from a second to five minutes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// After another failure. What VirusTotal asks for counts where it is longer, even beyond five minutes.
    pub(crate) fn after(&mut self, retry_after: Option<u32>) -> Duration {
        let own = self.0;
        self.0 = (own * 2).min(LONGEST);
        own.max(Duration::from_secs(retry_after.unwrap_or(0).into()))
    }

    /// After a success.
    pub(crate) fn reset(&mut self) {
        self.0 = FIRST;
    }
}

/// Whether the same reading call may succeed later.
pub(crate) fn may_pass(error: &CallError) -> bool {
    match error {
        CallError::Hunting(error) => answer_may_pass(error),
        CallError::Timeout { .. } => true,
        other => other.is_retryable(),
    }
}

/// The same of the contract's error.
pub(crate) fn answer_may_pass(error: &types::Error) -> bool {
    let passing = match error.kind {
        ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Unavailable => true,
        ErrorKind::QuotaExceeded => error.retry_after.is_some(),
        _ => false,
    };
    passing || error.retryable
}

/// What VirusTotal asked to wait.
pub(crate) fn retry_after(error: &CallError) -> Option<u32> {
    error.as_hunting().and_then(|error| error.retry_after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;

    fn seconds(backoff: &mut Backoff, retry_after: Option<u32>) -> u64 {
        backoff.after(retry_after).as_secs()
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_start_over() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..11).map(|_| seconds(&mut backoff, None)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        backoff.reset();
        assert_eq!(seconds(&mut backoff, None), 1);
    }

    #[test]
    fn a_longer_wish_of_virustotals_counts() {
        let mut backoff = Backoff::default();
        assert_eq!(seconds(&mut backoff, Some(3_600)), 3_600);
        assert_eq!(seconds(&mut backoff, Some(1)), 2);
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        let error = |kind, retry_after, retryable| {
            let error = types::Error { kind, retry_after, retryable, ..samples::error() };
            may_pass(&CallError::Hunting(error))
        };
        for kind in [ErrorKind::Transport, ErrorKind::Timeout, ErrorKind::RateLimited, ErrorKind::Unavailable] {
            assert!(error(kind, None, false), "{kind:?}");
        }
        assert!(error(ErrorKind::QuotaExceeded, Some(60), false));
        assert!(!error(ErrorKind::QuotaExceeded, None, false));
        assert!(error(ErrorKind::Other, None, true));
        for kind in [ErrorKind::Authentication, ErrorKind::Forbidden, ErrorKind::InvalidArgument, ErrorKind::Protocol] {
            assert!(!error(kind, None, false), "{kind:?}");
        }
        assert!(may_pass(&CallError::Timeout { action: "x", after: FIRST }));
        assert!(!may_pass(&CallError::Trap { action: "x", reason: String::new() }));
    }
}
