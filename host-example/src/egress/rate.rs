//! How many requests a tenant sends: so many in any minute and, if there is a limit on that, on any day.
//!
//! There is one [`RateLimit`] per tenant, shared by all its instances: VirusTotal counts what a key sends, and an instance
//! knows of no other. A request asks before anything of the network is used. It is let go, or waits its turn if the time
//! it has allows that, or is refused at once with the seconds to wait.
//!
//! # The line
//!
//! `governor` does the arithmetic: its `check` lets one go or says when the next may. It does not say to whom: with its own
//! `until_ready` everybody who waits wakes at the same moment, one of them gets through, and who is unlucky often enough
//! never does. So those who wait form a line, which is a fair lock: only its head asks, the others wait for the lock, first
//! come, first served.
//!
//! Nothing is reserved. Whoever gives up (a future that is dropped) leaves the line having used nothing, and those
//! behind move up. The price is that the end of the line can only be reckoned, from how many are before it: if they give
//! up, the wait is shorter than was said, and somebody was refused who could have made it.
//!
//! # What it does not know
//!
//! Requests of other processes with the same key, and those of this one before it was restarted. The service has the last
//! word, and answers 429.

use crate::counters::Counters;
use crate::settings::RequestRate;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep_until, timeout_at};

const MINUTE: Duration = Duration::from_secs(60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is left for the answer of a request that waited, or an eighth of its time if that is less. A request that is let
/// go with its last breath ends in a timeout, and has used one of the few there are.
const FOR_THE_ANSWER: Duration = Duration::from_secs(1);

/// The tenant's requests, and who waits to send one.
pub(super) struct RateLimit {
    minute: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>,
    /// Between two that do not use the burst.
    interval: Duration,
    per_day: Option<u32>,
    wall_clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    /// Who holds it is the head of the line. Tokio's lock is a fair one.
    head: tokio::sync::Mutex<()>,
    /// Never held while waiting.
    line: Mutex<Line>,
    counters: Arc<Counters>,
}

/// What there is to know about those who wait.
#[derive(Default)]
struct Line {
    /// Those who have asked and are neither let go nor gone, with the head.
    length: u32,
    /// What the head sleeps for; `None` while there is nothing to wait for.
    next: Option<Turn>,
    today: Today,
}

/// Requests let go on this day.
#[derive(Default)]
struct Today {
    /// Days since 1970, UTC.
    day: u64,
    sent: u32,
}

/// When a request may go, and what it waits for.
#[derive(Clone, Copy, Debug)]
struct Turn {
    limit: Limit,
    at: Instant,
}

/// Which of the two limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Minute,
    Day,
}

impl Limit {
    /// The code that the component reports.
    pub(super) fn code(self) -> &'static str {
        match self {
            Limit::Minute => "RequestsPerMinute",
            Limit::Day => "RequestsPerDay",
        }
    }
}

/// A request that may not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) limit: Limit,
    /// Until it may be tried again; at least 1.
    pub(super) seconds: u64,
}

impl From<Turn> for Refused {
    fn from(turn: Turn) -> Refused {
        let left = turn.at.saturating_duration_since(Instant::now());
        // Whole seconds, and none too few.
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Refused { limit: turn.limit, seconds: seconds.max(1) }
    }
}

/// The clock that waits are measured with, for governor. (Its own would not stand still in tests.)
#[derive(Clone, Debug)]
struct Ticks(Instant);

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

/// At most this many requests in any minute.
///
/// Not `Quota::per_minute`: that is a bucket of N that fills up with N more over a minute, so that a rested tenant could
/// send almost 2 N in 60 seconds. A bucket of b that gets N - b + 1 a minute lets through b at once and, before a minute is
/// over, N - b more: N in any 60 seconds (the end not included, where the oldest drop out). b is a tenth, for a few calls
/// in a row without a wait: larger, and the steady rate would fall too far below N.
fn quota(per_minute: u32) -> Quota {
    let per_minute = per_minute.max(1);
    let burst = per_minute / 10 + 1;
    let refill = per_minute - burst + 1;
    // Rounded up, where governor's own constructors round down: over a minute those nanoseconds are one request too many.
    let interval = MINUTE.as_nanos().div_ceil(u128::from(refill));
    let interval = Duration::from_nanos(u64::try_from(interval).unwrap_or(u64::MAX));
    // There is no interval of zero.
    let quota = Quota::with_period(interval).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
    quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

impl RateLimit {
    pub(super) fn new(rate: RequestRate, counters: Arc<Counters>) -> RateLimit {
        RateLimit::with_wall_clock(rate, counters, SystemTime::now)
    }

    fn with_wall_clock(
        rate: RequestRate,
        counters: Arc<Counters>,
        wall_clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> RateLimit {
        let quota = quota(rate.per_minute);
        RateLimit {
            minute: RateLimiter::direct_with_clock(quota, Ticks(Instant::now())),
            interval: quota.replenish_interval(),
            per_day: rate.per_day,
            wall_clock: Box::new(wall_clock),
            head: tokio::sync::Mutex::default(),
            line: Mutex::default(),
            counters,
        }
    }

    /// Returns when a request may go, which is then counted as sent.
    ///
    /// # Errors
    ///
    /// It would have to wait longer than until `deadline`, less the time for an answer. As a rule that is known at once.
    /// Without a wait it goes, however late it is.
    pub(super) async fn admit(&self, deadline: Instant) -> Result<(), Refused> {
        let admitted = self.wait_for_turn(deadline).await;
        if admitted.is_err() {
            self.counters.rate_refused.fetch_add(1, Relaxed);
        }
        admitted
    }

    async fn wait_for_turn(&self, deadline: Instant) -> Result<(), Refused> {
        let patience = deadline.saturating_duration_since(Instant::now());
        let latest = deadline - FOR_THE_ANSWER.min(patience / 8);
        let mut place = self.join(latest)?;
        let _head = match timeout_at(latest, self.head.lock()).await {
            Ok(head) => head,
            // Those before took longer than was reckoned. Should the head have gone this very moment, the next second
            // is as good as any.
            Err(_) => {
                let turn = self.turn_behind(1, &self.line());
                return Err(turn.unwrap_or(Turn { limit: Limit::Minute, at: latest }).into());
            }
        };
        loop {
            let Err(turn) = self.take() else { return Ok(()) };
            if turn.at > latest {
                return Err(turn.into());
            }
            place.waits();
            self.line().next = Some(turn);
            sleep_until(turn.at).await;
        }
    }

    /// Takes a place at the end of the line, if a turn comes in time there.
    fn join(&self, latest: Instant) -> Result<Place<'_>, Refused> {
        let mut line = self.line();
        let turn = self.turn_behind(line.length, &line);
        if let Some(turn) = turn
            && turn.at > latest
        {
            return Err(turn.into());
        }
        line.length += 1;
        drop(line);
        let mut place = Place { rate: self, waited: false };
        if turn.is_some() {
            place.waits();
        }
        Ok(place)
    }

    /// When a turn comes behind so many others; `None` if nobody has to wait.
    fn turn_behind(&self, ahead: u32, line: &Line) -> Option<Turn> {
        let next = line.next?;
        let at = next.at.max(Instant::now()) + self.interval * ahead;
        if let Some(per_day) = self.per_day {
            let (day, left) = self.day();
            if line.today.sent_on(day).saturating_add(ahead) >= per_day {
                return Some(Turn { limit: Limit::Day, at: at.max(Instant::now() + left) });
            }
        }
        Some(Turn { at, ..next })
    }

    /// Lets one go now, or says when the next may. Only the head of the line asks.
    fn take(&self) -> Result<(), Turn> {
        let mut line = self.line();
        let (day, left) = self.day();
        let sent = line.today.sent_on(day);
        if self.per_day.is_some_and(|per_day| sent >= per_day) {
            return Err(Turn { limit: Limit::Day, at: Instant::now() + left });
        }
        if let Err(not_yet) = self.minute.check() {
            let wait = not_yet.wait_time_from(self.minute.clock().now());
            return Err(Turn { limit: Limit::Minute, at: Instant::now() + wait });
        }
        line.today = Today { day, sent: sent.saturating_add(1) };
        if let Some(next) = &mut line.next {
            // Until the next head has asked.
            *next = Turn { limit: Limit::Minute, at: next.at + self.interval };
        }
        Ok(())
    }

    /// The day in UTC, counted from 1970, and what is left of it. VirusTotal's day is that one.
    fn day(&self) -> (u64, Duration) {
        let now = (self.wall_clock)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let day = now.as_secs() / DAY.as_secs();
        (day, DAY - (now - Duration::from_secs(day * DAY.as_secs())))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // Nothing panics in between; and numbers cannot be half written.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Today {
    /// Another day than the one that was counted, also an earlier one: a clock that ran ahead and was set right must not
    /// hold the tenant back until the day it dreamt of.
    fn sent_on(&self, day: u64) -> u32 {
        if day == self.day { self.sent } else { 0 }
    }
}

/// A place in the line, until it is dropped.
struct Place<'a> {
    rate: &'a RateLimit,
    waited: bool,
}

impl Place<'_> {
    fn waits(&mut self) {
        if !self.waited {
            self.waited = true;
            self.rate.counters.rate_waits.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.rate.line();
        line.length = line.length.saturating_sub(1);
        if line.length == 0 {
            line.next = None;
        }
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
