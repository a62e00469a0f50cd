//! The configured rate: so many requests in any minute, and in any day.
//!
//! It is kept by the moments of the last requests, not by a bucket that refills: a bucket of N a minute lets 2 N through
//! in its first minute, and VirusTotal would refuse the second half. The component has no wall clock, so a day is any 24
//! hours, and the count lasts as long as the instance; a host that makes an instance per call keeps the rate itself, for
//! all of them together, and tells the component when a request has to wait too long ([`of_host`]).

use super::{error, json, text};
use crate::contract::Failed;
use alloc::collections::VecDeque;

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 86_400 * SECOND;
/// VirusTotal's allowance for a public key.
const PUBLIC: Rate = Rate { per_minute: 4, per_day: Some(500) };
/// The most requests a minute that can be set.
const MAX_PER_MINUTE: u64 = 1_000_000;

/// The code of a request that the minute does not allow.
const PER_MINUTE: &str = "RequestsPerMinute";
/// The code of a request that the day does not allow.
const PER_DAY: &str = "RequestsPerDay";

/// What is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests in any minute.
    pub per_minute: u32,
    /// Requests in any day.
    pub per_day: Option<u32>,
}

impl Rate {
    /// Reads `public`, or a number of requests a minute.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("public") {
            return Some(PUBLIC);
        }
        let per_minute = json::number(Some(text)).filter(|number| (1..=MAX_PER_MINUTE).contains(number))?;
        Some(Self { per_minute: u32::try_from(per_minute).ok()?, per_day: None })
    }
}

/// When the last requests were sent, on the monotonic clock.
#[derive(Clone, Debug, Default)]
pub struct Sent(VecDeque<u64>);

/// A request that has to wait: so many nanoseconds, and what makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Nanoseconds.
    pub nanoseconds: u64,
    code: &'static str,
}

impl Sent {
    /// Takes note of a request at this moment, if the rate allows one.
    ///
    /// # Errors
    /// How long it would have to wait; no note is taken then.
    pub fn admit(&mut self, rate: Rate, now: u64) -> Result<(), Wait> {
        self.reserve(rate.per_minute, now, MINUTE, PER_MINUTE)?;
        if let Some(per_day) = rate.per_day {
            self.reserve(per_day, now, DAY, PER_DAY)?;
        }
        self.0.push_back(now);
        // What no window looks at any more.
        let most = rate.per_day.unwrap_or(0).max(rate.per_minute) as usize;
        while self.0.len() > most {
            self.0.pop_front();
        }
        Ok(())
    }

    fn reserve(&self, most: u32, now: u64, window: u64, code: &'static str) -> Result<(), Wait> {
        // The request that has to be past the window before another may go.
        let before = self.0.len().checked_sub(most as usize).and_then(|index| self.0.get(index));
        let free_at = before.map_or(0, |moment| moment.saturating_add(window));
        if now >= free_at { Ok(()) } else { Err(Wait { nanoseconds: free_at - now, code }) }
    }
}

impl Wait {
    /// The error, where there is no time to wait.
    #[must_use]
    pub fn into_error(self) -> Failed {
        error::rate(self.code, u32::try_from(self.nanoseconds.div_ceil(SECOND)).unwrap_or(u32::MAX))
    }
}

/// What a host says that keeps the rate itself: the code, and the seconds to wait. Anything else is something else.
#[must_use]
pub fn of_host(detail: &str) -> Option<(&'static str, u32)> {
    let (code, seconds) = text::cut(detail, b' ')?;
    let code = [PER_MINUTE, PER_DAY].into_iter().find(|known| *known == code)?;
    let seconds = json::number(Some(seconds))?;
    Some((code, u32::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_minute: u32, per_day: Option<u32>) -> Rate {
        Rate { per_minute, per_day }
    }

    #[test]
    fn never_more_than_so_many_in_any_minute() {
        for per_minute in [1, 4, 7, 60] {
            let (mut sent, mut moments) = (Sent::default(), Vec::new());
            let mut now = 5;
            // As fast as the rate lets it, at odd moments in between.
            while moments.len() < 5 * per_minute as usize {
                match sent.admit(rate(per_minute, None), now) {
                    Ok(()) => moments.push(now),
                    Err(wait) => now += wait.nanoseconds,
                }
                now += 37;
            }
            for (index, start) in moments.iter().enumerate() {
                let within = moments[index..].iter().filter(|moment| **moment < start + MINUTE).count();
                assert!(within <= per_minute as usize, "{per_minute}: {within}");
            }
            assert!(moments.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn the_day_counts_as_well() {
        let mut sent = Sent::default();
        let mut now = 0;
        for _ in 0..3 {
            sent.admit(rate(2, Some(3)), now).unwrap();
            now += MINUTE;
        }
        let wait = sent.admit(rate(2, Some(3)), now).unwrap_err();
        assert_eq!(wait, Wait { nanoseconds: DAY - 3 * MINUTE, code: PER_DAY });
        let error = wait.into_error();
        assert_eq!((error.code.as_str(), error.retry_after), ("RequestsPerDay", Some(86_220)));
    }

    #[test]
    fn a_refused_request_is_not_counted() {
        let mut sent = Sent::default();
        sent.admit(rate(1, None), 0).unwrap();
        for now in [1, MINUTE / 2, MINUTE - 1] {
            assert_eq!(sent.admit(rate(1, None), now).unwrap_err().nanoseconds, MINUTE - now);
        }
        assert!(sent.admit(rate(1, None), MINUTE).is_ok());
    }

    #[test]
    fn a_rate_is_a_number_or_the_public_one() {
        assert_eq!(Rate::parse("public"), Some(PUBLIC));
        assert_eq!(Rate::parse("250"), Some(rate(250, None)));
        for wrong in ["0", "-1", "fast", "1000001", "1.5", ""] {
            assert_eq!(Rate::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_hosts_word_is_understood_and_nothing_else_is() {
        assert_eq!(of_host("RequestsPerMinute 12"), Some(("RequestsPerMinute", 12)));
        assert_eq!(of_host("RequestsPerDay 3600"), Some(("RequestsPerDay", 3600)));
        for other in ["RequestsPerMinute", "RequestsPerYear 3", "RequestsPerMinute soon", "reset by peer"] {
            assert_eq!(of_host(other), None, "{other}");
        }
    }
}
