//! Whether the runtime itself comes too late. On a machine with too much to do, a task that is ready waits for its turn,
//! several times in one call, and then a call can reach the host's timeout before the component has seen its own, one
//! second earlier. That is the machine's doing, and only a call during which turns came late is excused by it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

const BEAT: Duration = Duration::from_millis(50);
/// A quarter of what lies between the component's timeout and the host's.
const LATE: Duration = Duration::from_millis(250);

/// A task that does nothing but ask for its turn, and adds up how late it came.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// Both in milliseconds.
    longest: AtomicU64,
    total: AtomicU64,
}

impl Pulse {
    /// Starts it in this runtime; it ends with the last who holds it.
    pub(crate) fn start() -> Arc<Pulse> {
        let pulse = Arc::new(Pulse::default());
        let beating = Arc::downgrade(&pulse);
        tokio::spawn(async move {
            loop {
                let asked = Instant::now();
                tokio::time::sleep(BEAT).await;
                let Some(pulse) = beating.upgrade() else { return };
                let late = u64::try_from(asked.elapsed().saturating_sub(BEAT).as_millis()).unwrap_or(u64::MAX);
                pulse.longest.fetch_max(late, Relaxed);
                pulse.total.fetch_add(late, Relaxed);
            }
        });
        pulse
    }

    /// The latest that a turn came.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_millis(self.longest.load(Relaxed))
    }

    /// How late all turns so far came together.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_millis(self.total.load(Relaxed))
    }

    /// Whether turns came late since the total was this. Waits a little, since the pulse may be the one that is late.
    pub(crate) async fn was_late_since(&self, total: Duration) -> bool {
        tokio::time::sleep(2 * BEAT).await;
        self.total().saturating_sub(total) >= LATE
    }
}
