//! What comes after a step of following: go on, sleep, or end. No clock in it, and nothing that waits.

use std::time::Duration;

use vt_hunting_host::{CallError, types};

use crate::backoff::{self, Backoff};

/// What became of a step.
pub(crate) enum Outcome<'a> {
    /// It gave a batch, which was written and stored.
    Step { more: bool, incomplete: Option<&'a types::Error> },
    /// It gave nothing.
    Failed(&'a CallError),
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next step, at once.
    GoOn,
    /// The next step, in a while.
    Sleep(Duration),
    /// The end, and all is well.
    Stop,
    /// The end, with the step's failure.
    Fail,
}

/// The rhythm of following.
pub(crate) struct Pace {
    once: bool,
    interval: Duration,
    backoff: Backoff,
}

impl Pace {
    pub(crate) fn new(once: bool, interval: Duration) -> Self {
        Self { once, interval, backoff: Backoff::default() }
    }

    /// After a step. `asked` is whether somebody wants it to end.
    pub(crate) fn next(&mut self, outcome: &Outcome<'_>, asked: bool) -> Next {
        match outcome {
            Outcome::Failed(error) if self.once || !backoff::may_pass(error) => Next::Fail,
            // Who wants all of it once has to hear that it is not all.
            Outcome::Step { incomplete: Some(_), .. } if self.once => Next::Fail,
            _ if asked => Next::Stop,
            Outcome::Failed(error) => Next::Sleep(self.backoff.after(backoff::retry_after(error))),
            // What ended the step early would end the next one too. If it stays, that one fails with nothing to give.
            Outcome::Step { incomplete: Some(error), .. } => Next::Sleep(self.backoff.after(error.retry_after)),
            Outcome::Step { more, incomplete: None } => {
                self.backoff.reset();
                match (more, self.once) {
                    (true, _) => Next::GoOn,
                    (false, true) => Next::Stop,
                    (false, false) => Next::Sleep(self.interval),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vt_hunting_host::types::ErrorKind;

    use super::*;
    use crate::output::samples;

    const MINUTE: Duration = Duration::from_secs(60);

    fn error(kind: ErrorKind, retry_after: Option<u32>) -> CallError {
        let retryable = matches!(kind, ErrorKind::Transport | ErrorKind::RateLimited);
        CallError::Hunting(types::Error { kind, retry_after, retryable, ..samples::error() })
    }

    fn step(more: bool) -> Outcome<'static> {
        Outcome::Step { more, incomplete: None }
    }

    #[test]
    fn it_reads_on_while_there_is_more_and_then_waits() {
        let mut pace = Pace::new(false, MINUTE);
        assert_eq!(pace.next(&step(true), false), Next::GoOn);
        assert_eq!(pace.next(&step(false), false), Next::Sleep(MINUTE));
    }

    #[test]
    fn once_ends_when_nothing_is_left() {
        let mut pace = Pace::new(true, MINUTE);
        assert_eq!(pace.next(&step(true), false), Next::GoOn);
        assert_eq!(pace.next(&step(false), false), Next::Stop);
    }

    #[test]
    fn what_may_pass_is_tried_again_for_ever_with_longer_and_longer_waits() {
        let mut pace = Pace::new(false, MINUTE);
        let gone = error(ErrorKind::Transport, None);
        for seconds in [1, 2, 4] {
            assert_eq!(pace.next(&Outcome::Failed(&gone), false), Next::Sleep(Duration::from_secs(seconds)));
        }
        let limited = error(ErrorKind::RateLimited, Some(40));
        assert_eq!(pace.next(&Outcome::Failed(&limited), false), Next::Sleep(Duration::from_secs(40)));
        pace.next(&step(false), false);
        assert_eq!(pace.next(&Outcome::Failed(&gone), false), Next::Sleep(Duration::from_secs(1)));
    }

    #[test]
    fn what_does_not_pass_ends_it_and_once_ends_with_any_failure() {
        let refused = error(ErrorKind::Authentication, None);
        assert_eq!(Pace::new(false, MINUTE).next(&Outcome::Failed(&refused), false), Next::Fail);
        let code = "TlsError".to_owned();
        let untrusted = types::Error { kind: ErrorKind::Transport, code, retryable: false, ..samples::error() };
        let untrusted = CallError::Hunting(types::Error { retry_after: None, ..untrusted });
        assert_eq!(Pace::new(false, MINUTE).next(&Outcome::Failed(&untrusted), false), Next::Fail);
        let gone = error(ErrorKind::Transport, None);
        assert_eq!(Pace::new(true, MINUTE).next(&Outcome::Failed(&gone), false), Next::Fail);
    }

    #[test]
    fn a_step_that_ended_early_is_waited_after_or_with_once_reported() {
        let quota = samples::error();
        let early = Outcome::Step { more: true, incomplete: Some(&quota) };
        assert_eq!(Pace::new(false, MINUTE).next(&early, false), Next::Sleep(MINUTE), "its retry-after");
        assert_eq!(Pace::new(true, MINUTE).next(&early, false), Next::Fail);
    }

    #[test]
    fn asked_to_end_it_ends_whatever_is_left_but_says_what_is_wrong_for_good() {
        let mut pace = Pace::new(false, MINUTE);
        for outcome in [step(true), step(false), Outcome::Failed(&error(ErrorKind::Transport, None))] {
            assert_eq!(pace.next(&outcome, true), Next::Stop);
        }
        assert_eq!(pace.next(&Outcome::Failed(&error(ErrorKind::Forbidden, None)), true), Next::Fail);
    }
}
