//! When a request is sent again: for which failures, and after how long.
//!
//! Exponential with full jitter: the wait is a random part of a bound that doubles, so that clients which failed together
//! do not come back together. What the service itself asks for (`retry-after`) is the least that is waited.

use super::answer::{Cause, Failure, INCOMPLETE, Phase, Response};
use crate::contract::{Error, ErrorKind};

/// The first bound, in nanoseconds: 0.2 s.
const FIRST: u64 = 200_000_000;
/// No bound is higher: 10 s.
const HIGHEST: u64 = 10_000_000_000;

/// Whether an exchange ended without an answer, in a way that may pass. When the deadline ends it, nothing is left to
/// repeat it in; a connection that did not come up in its own time leaves some.
#[must_use]
pub fn is_lost(exchanged: &Result<Response, Failure>) -> bool {
    matches!(
        exchanged,
        Err(Failure {
            head: None,
            cause: Cause::Dns(_) | Cause::Refused | Cause::Connection { .. } | Cause::Deadline(Phase::Connect)
        })
    )
}

/// Whether it may go better the next time: a service that failed or refused for now, an answer that broke off. A used-up
/// quota lasts.
#[must_use]
pub fn is_passing(error: &Error) -> bool {
    match error.status {
        Some(429) => error.kind == ErrorKind::RateLimited,
        Some(500 | 502 | 503 | 504) => matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Timeout),
        _ => error.code == INCOMPLETE,
    }
}

/// How long to wait before the next attempt, in nanoseconds; `attempts` have failed. `seed` is anything that differs
/// between clients: there is no source of randomness among the imports, and a clock's last digits do.
#[must_use]
pub fn wait(attempts: u32, retry_after: Option<u32>, seed: u64) -> u64 {
    let bound = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(HIGHEST);
    let asked = u64::from(retry_after.unwrap_or(0)).saturating_mul(1_000_000_000);
    (mixed(seed) % bound).max(asked)
}

/// SplitMix64's last step: every bit of the seed reaches every bit of the result.
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_ten_seconds_and_the_wait_is_anywhere_below() {
        for (attempts, bound) in [(1, FIRST), (2, 2 * FIRST), (3, 4 * FIRST), (7, HIGHEST), (40, HIGHEST)] {
            let waits: Vec<u64> = (0..1000).map(|seed| wait(attempts, None, seed)).collect();
            assert!(waits.iter().all(|wait| *wait < bound), "{attempts}");
            assert!(waits.iter().any(|wait| *wait < bound / 10), "{attempts}");
            assert!(waits.iter().any(|wait| *wait > bound / 10 * 9), "{attempts}");
        }
    }

    #[test]
    fn what_the_service_asks_for_is_the_least_that_is_waited() {
        assert_eq!(wait(1, Some(7), 3), 7_000_000_000);
        assert!(wait(9, Some(1), 3) >= 1_000_000_000);
    }
}
