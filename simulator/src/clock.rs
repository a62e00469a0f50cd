//! Simulated time.
//!
//! Retrohunt jobs, quotas and livehunt limits depend on time; a test that had to wait for it would be slow and flaky.
//! So the clock stands still until somebody moves it. Real time on top is for people who watch the simulator.
//!
//! There are two hands. `now` is the date that everything made gets, and it can be set back, as NTP does it to a real
//! service. `uptime` only ever grows: what takes a while goes by it, so that a job never comes back from being finished.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The end of the year 9999: dates have four digits for the year, and nothing added to one overflows.
const LATEST: u64 = 253_402_300_799;
/// Likewise for the uptime, which goes on when the date cannot.
const LONGEST: u64 = 1 << 62;

/// What the clock shows at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The date, in seconds since the Unix epoch.
    pub(crate) now: u64,
    /// How many seconds have passed since the start, whatever the date did.
    pub(crate) uptime: u64,
}

impl Moment {
    fn pass(&mut self, seconds: u64) {
        let seconds = seconds.min(LATEST);
        self.now = (self.now + seconds).min(LATEST);
        self.uptime = (self.uptime + seconds).min(LONGEST);
    }
}

/// The one clock of a simulator.
#[derive(Debug)]
pub(crate) struct Clock(Mutex<Hands>);

#[derive(Debug)]
struct Hands {
    moment: Moment,
    /// Until when real time is part of `moment`, if the clock follows it.
    follows: Option<Instant>,
}

impl Clock {
    pub(crate) fn new(start: u64, real_time: bool) -> Self {
        let moment = Moment { now: start.min(LATEST), uptime: 0 };
        Self(Mutex::new(Hands { moment, follows: real_time.then(Instant::now) }))
    }

    pub(crate) fn moment(&self) -> Moment {
        self.hands().moment
    }

    /// Seconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        self.moment().now
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.hands().moment.pass(seconds);
    }

    /// Steps back, at most to the epoch.
    pub(crate) fn rewind(&self, seconds: u64) {
        let mut hands = self.hands();
        hands.moment.now = hands.moment.now.saturating_sub(seconds);
    }

    /// Goes on, or steps back, to that date.
    pub(crate) fn set(&self, epoch: u64) {
        let moment = &mut self.hands().moment;
        match epoch.checked_sub(moment.now) {
            Some(ahead) => moment.pass(ahead),
            None => moment.now = epoch,
        }
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        let mut hands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = hands.follows {
            // Whole seconds only: what is left of one counts the next time.
            let passed = since.elapsed().as_secs();
            hands.follows = Some(since + Duration::from_secs(passed));
            hands.moment.pass(passed);
        }
        hands
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, LATEST, Moment};

    #[test]
    fn the_clock_moves_only_when_it_is_moved() {
        let clock = Clock::new(100, false);
        assert_eq!(clock.now(), 100);
        clock.advance(7);
        assert_eq!(clock.now(), 107);
    }

    #[test]
    fn a_step_back_moves_the_date_and_not_the_time_that_passed() {
        let clock = Clock::new(100, false);
        clock.advance(50);
        clock.rewind(70);
        assert_eq!(clock.moment(), Moment { now: 80, uptime: 50 });
        clock.set(90);
        assert_eq!(clock.moment(), Moment { now: 90, uptime: 60 });
        clock.set(30);
        assert_eq!(clock.moment(), Moment { now: 30, uptime: 60 });
    }

    #[test]
    fn neither_end_of_time_overflows() {
        let clock = Clock::new(u64::MAX, false);
        clock.advance(u64::MAX);
        clock.advance(5);
        assert_eq!(clock.moment(), Moment { now: LATEST, uptime: LATEST + 5 }, "time still passes");
        clock.rewind(u64::MAX);
        clock.set(u64::MAX);
        assert_eq!(clock.moment(), Moment { now: LATEST, uptime: LATEST * 2 + 5 });
    }
}
