//! One monotonic deadline over a whole call. Timeouts per step would not do: a server can drip a byte a minute.

use wasi::clocks::monotonic_clock;
use wasi::io::poll::{Pollable, poll};

/// A moment that no wait goes beyond.
pub(super) struct Deadline {
    at: u64,
    timer: Pollable,
}

impl Deadline {
    /// In so many nanoseconds from now.
    pub(super) fn after(nanoseconds: u64) -> Self {
        let at = monotonic_clock::now().saturating_add(nanoseconds);
        Self { at, timer: monotonic_clock::subscribe_instant(at) }
    }

    /// Nanoseconds to go, at least one.
    pub(super) fn remaining(&self) -> u64 {
        self.at.saturating_sub(monotonic_clock::now()).max(1)
    }

    /// Whether it has passed.
    pub(super) fn has_passed(&self) -> bool {
        monotonic_clock::now() >= self.at
    }

    /// Waits for something; false when the deadline came first.
    pub(super) fn wait_for(&self, event: &Pollable) -> bool {
        poll(&[event, &self.timer]).contains(&0)
    }
}
