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

/// The same of the contract's error. Of a reading call `retryable` says exactly that: a certificate that is not trusted, a
/// key, a setting or an address that is wrong stay so until somebody changes them. A used-up quota passes as well, if
/// VirusTotal says when.
pub(crate) fn answer_may_pass(error: &types::Error) -> bool {
    error.retryable || (error.kind == ErrorKind::QuotaExceeded && error.retry_after.is_some())
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

    /// What the component says of a list that was read: kind, code, status, `retryable`, and whether waiting may help.
    /// docs/cli.md says the same.
    const READS: &[(ErrorKind, &str, Option<u16>, bool, bool)] = &[
        (ErrorKind::InvalidArgument, "InvalidArgument", None, false, false),
        (ErrorKind::InvalidArgument, "BadRequestError", Some(400), false, false),
        (ErrorKind::Configuration, "MissingApiKey", None, false, false),
        (ErrorKind::Configuration, "InvalidSetting", None, false, false),
        (ErrorKind::Authentication, "WrongCredentialsError", Some(401), false, false),
        (ErrorKind::Forbidden, "ForbiddenError", Some(403), false, false),
        (ErrorKind::Forbidden, "RequestDenied", None, false, false),
        (ErrorKind::NotFound, "NotFoundError", Some(404), false, false),
        (ErrorKind::Conflict, "AlreadyExistsError", Some(409), false, false),
        (ErrorKind::QuotaExceeded, "QuotaExceededError", Some(429), false, false),
        (ErrorKind::RateLimited, "TooManyRequestsError", Some(429), true, true),
        (ErrorKind::Unavailable, "Http500", Some(500), true, true),
        (ErrorKind::Unavailable, "TransientError", Some(503), true, true),
        (ErrorKind::Timeout, "DeadlineExceeded", None, true, true),
        (ErrorKind::Timeout, "DeadlineExceededError", Some(504), true, true),
        (ErrorKind::Transport, "DnsError", None, true, true),
        (ErrorKind::Transport, "ConnectionRefused", None, true, true),
        (ErrorKind::Transport, "ConnectionFailed", None, true, true),
        (ErrorKind::Transport, "IncompleteResponse", Some(200), true, true),
        (ErrorKind::Transport, "TlsError", None, false, false),
        (ErrorKind::Protocol, "InvalidResponse", Some(200), false, false),
        (ErrorKind::Protocol, "RedirectRefused", Some(302), false, false),
        (ErrorKind::TooLarge, "ResponseTooLarge", Some(200), false, false),
        (ErrorKind::Other, "Http418", Some(418), false, false),
    ];

    #[test]
    fn what_may_pass_is_waited_for_and_what_stays_is_not() {
        for (kind, code, status, retryable, passes) in READS {
            let failed = |retry_after| {
                let code = (*code).to_owned();
                let (kind, status, retryable) = (*kind, *status, *retryable);
                CallError::Hunting(types::Error { kind, code, status, retry_after, retryable, ..samples::error() })
            };
            assert_eq!(may_pass(&failed(None)), *passes, "{kind:?} {code}");
            let is_quota = *kind == ErrorKind::QuotaExceeded;
            assert_eq!(may_pass(&failed(Some(60))), *passes || is_quota, "{kind:?} {code}");
        }
        assert!(may_pass(&CallError::Timeout { action: "x", after: FIRST }));
        assert!(!may_pass(&CallError::Trap { action: "x", reason: String::new() }));
    }
}
