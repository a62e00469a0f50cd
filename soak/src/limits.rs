//! What the process may hold on to, and why so much.
//!
//! | figure | between rounds | after the last tenant is gone |
//! |---|---|---|
//! | descriptors | the level before the tenants, and two for the one connection each keeps (both ends are here) | that level |
//! | connections | one per tenant | none |
//! | tasks | the level before the tenants, and three per tenant: its pool, its connection, HTTP/2 | that level |
//! | memory | the level after warming up, and an allowance | the same |
//!
//! A tenant makes one call at a time and keeps one idle connection (`pool_max_idle`); those of a broken exchange or a
//! dropped connector have to be gone. [`SLACK`] is for what a runtime opens the first time it needs it. Closing takes a moment, so all but
//! memory is looked at for [`SETTLE`] before it is held against anybody.
//!
//! Memory is warm when a third of the run is over, and at least one round. What legitimately grows after that is bounded
//! per tenant: a kept instance never gives back what its largest answer took (half a megabyte), a slot of the pool stays
//! mapped for the next instance (256 KB, also when the tenant is gone), and the simulator keeps up to three rulesets (50
//! KB each) and six jobs. Besides there are the audit's buffers, and what an allocator of many threads does not give
//! back. None of it depends on the number of calls: the longer the run and the fewer its tenants, the smaller the leak
//! that shows (60 tenants and 20 000 calls: 3 KB a call).

use std::time::Duration;

use tokio::time::Instant;

use crate::process::Process;
use crate::stage::Stage;

const SETTLE: Duration = Duration::from_secs(120);
const SLACK: usize = 6;
const MEMORY_ALLOWANCE: u64 = 32 << 20;
const MEMORY_ALLOWANCE_PER_TENANT: u64 = 512 << 10;

/// The levels that later figures are held against.
#[derive(Debug)]
pub(crate) struct Limits {
    before: Process,
    memory_allowance: u64,
    /// Memory once warm.
    warm: Option<u64>,
}

impl Limits {
    /// From the figures before there are so many tenants.
    pub(crate) fn new(before: Process, tenants: usize) -> Limits {
        let memory_allowance = MEMORY_ALLOWANCE + MEMORY_ALLOWANCE_PER_TENANT * tenants as u64;
        Limits { before, memory_allowance, warm: None }
    }

    /// Takes this as the level of memory that must not be left, unless there is one.
    pub(crate) fn warmed_up(&mut self, now: &Process) {
        self.warm = self.warm.or(now.resident);
    }

    /// Looks until everything is within bounds for so many tenants; what is not after a while is a violation. Gives back
    /// the last look.
    pub(crate) async fn check(&self, stage: &Stage, tenants: usize, when: &str) -> Process {
        let deadline = Instant::now() + SETTLE;
        loop {
            let now = Process::now();
            let exceeded = self.exceeded(&now, stage.simulator.open_connections(), tenants);
            if exceeded.is_empty() {
                self.check_memory(&now, stage, when);
                return now;
            }
            if Instant::now() >= deadline {
                stage.verdict.violated(format!("{when}, {}", exceeded.join(", ")));
                return now;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn exceeded(&self, now: &Process, connections: usize, tenants: usize) -> Vec<String> {
        let figures = [
            ("file descriptors", now.fds.unwrap_or(0), self.before.fds.unwrap_or(0) + 2 * tenants + SLACK),
            ("tasks", now.tasks, self.before.tasks + 3 * tenants),
            ("connections", connections, tenants),
        ];
        let exceeded = figures.into_iter().filter(|(_, now, most)| now > most);
        exceeded.map(|(what, now, most)| format!("{now} {what} are open, at most {most} should be")).collect()
    }

    fn check_memory(&self, now: &Process, stage: &Stage, when: &str) {
        let (Some(resident), Some(warm)) = (now.resident, self.warm) else { return };
        let most = warm + self.memory_allowance;
        if resident > most {
            stage.verdict.violated(format!(
                "{when}, {} MB of memory are resident, at most {} should be ({} when warm)",
                resident >> 20,
                most >> 20,
                warm >> 20
            ));
        }
    }
}
