//! Simulated time.
//!
//! Retrohunt jobs, quotas and livehunt limits depend on time; a test that had to wait for it would be slow and flaky.
//! So the clock stands still until somebody moves it. Real time on top is for people who watch the simulator.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The one clock of a simulator.
#[derive(Debug)]
pub(crate) struct Clock {
    seconds: AtomicU64,
    follows: Option<Instant>,
}

impl Clock {
    pub(crate) fn new(start: u64, real_time: bool) -> Self {
        Self { seconds: AtomicU64::new(start), follows: real_time.then(Instant::now) }
    }

    /// Seconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        self.seconds.load(Ordering::SeqCst) + self.follows.map_or(0, |since| since.elapsed().as_secs())
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn the_clock_moves_only_when_it_is_moved() {
        let clock = Clock::new(100, false);
        assert_eq!(clock.now(), 100);
        clock.advance(7);
        assert_eq!(clock.now(), 107);
    }
}
