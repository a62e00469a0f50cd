//! What became of a request that failed, as far as anyone can know.
//!
//! One notion for all that depends on it: what the message says, whether the very same call may be repeated, whether it is
//! repeated here, and what it means that a thing to delete is gone. A caller can read it from the contract's error (see
//! `retryable`), and every host should read it the same way.

use super::answer::{Cause, Phase};
use super::request::Doubt;
use alloc::string::String;

/// What became of a request, from the best to the worst: of several attempts the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing of it reached VirusTotal.
    NotSent,
    /// VirusTotal refused it, and changed nothing.
    Refused,
    /// It may have been carried out.
    Unknown,
}

impl Outcome {
    /// Of a request that was answered with a status and failed all the same. A server that failed (5xx) may have done its
    /// work before, and so may one whose answer cannot be used (2xx, 3xx).
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            400..=499 => Self::Refused,
            _ => Self::Unknown,
        }
    }

    /// Of a request that was not answered.
    #[must_use]
    pub fn of_cause(cause: &Cause) -> Self {
        match cause {
            Cause::Dns(_)
            | Cause::Refused
            | Cause::Connection { may_have_arrived: false, .. }
            | Cause::Tls(_)
            | Cause::Denied(_)
            | Cause::Unsendable(_)
            | Cause::Rate { .. }
            | Cause::Deadline(Phase::Start | Phase::Connect) => Self::NotSent,
            Cause::Connection { .. }
            | Cause::Deadline(Phase::Answer | Phase::Body)
            | Cause::Incomplete { .. }
            | Cause::TooLarge { .. }
            | Cause::Protocol(_) => Self::Unknown,
        }
    }

    /// Whether sending it again cannot act twice; `doubt` is the request's.
    #[must_use]
    pub fn is_safe_to_repeat(self, doubt: Doubt) -> bool {
        doubt.is_none() || self != Self::Unknown
    }

    /// What to do before it is sent again, where it may have been carried out and must not be twice.
    #[must_use]
    pub fn in_doubt(self, doubt: Doubt) -> Doubt {
        doubt.filter(|_| self == Self::Unknown)
    }

    /// Adds what is certain to a message that says what happened, before the advice.
    pub(crate) fn push_certainty(self, message: &mut String) {
        if self == Self::NotSent {
            message.push_str(" Nothing was sent.");
        }
    }

    /// Adds to a finished message what is open, and what to do about that.
    pub(crate) fn push_doubt(self, message: &mut String, doubt: Doubt) {
        if let Some(before) = self.in_doubt(doubt) {
            for part in [" It may have taken effect all the same: ", before, " before sending it again."] {
                message.push_str(part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_refused_is_not_carried_out_and_what_it_failed_at_may_be() {
        for refused in [400, 401, 403, 404, 408, 409, 413, 429, 499] {
            assert_eq!(Outcome::of_status(refused), Outcome::Refused, "{refused}");
        }
        for open in [0, 100, 200, 201, 204, 302, 500, 502, 503, 504, 599, 999] {
            assert_eq!(Outcome::of_status(open), Outcome::Unknown, "{open}");
        }
    }

    #[test]
    fn of_several_attempts_the_worst_counts() {
        assert_eq!(Outcome::NotSent.max(Outcome::Unknown), Outcome::Unknown);
        assert_eq!(Outcome::Refused.max(Outcome::NotSent), Outcome::Refused);
    }

    #[test]
    fn only_what_may_have_been_carried_out_and_must_not_be_twice_is_in_doubt() {
        for (outcome, doubt, is_safe, sentence) in [
            (Outcome::NotSent, Some("look"), true, " Nothing was sent."),
            (Outcome::Refused, Some("look"), true, ""),
            (
                Outcome::Unknown,
                Some("look"),
                false,
                " It may have taken effect all the same: look before sending it again.",
            ),
            (Outcome::NotSent, None, true, " Nothing was sent."),
            (Outcome::Unknown, None, true, ""),
        ] {
            let mut message = String::new();
            outcome.push_certainty(&mut message);
            outcome.push_doubt(&mut message, doubt);
            assert_eq!((outcome.is_safe_to_repeat(doubt), message.as_str()), (is_safe, sentence), "{outcome:?}");
        }
    }
}
