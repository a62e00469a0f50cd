//! What all tenants share: the simulator, the compiled component, and the books that are kept about them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, Result};
use tokio::sync::Semaphore;
use virustotal_hunting_simulator::{Options, Simulator};
use vt_hunting_host::{Runtime, RuntimeOptions};

use crate::belongings::JOBS;
use crate::ledger::Ledger;
use crate::pulse::Pulse;
use crate::verdict::Verdict;

/// Small: every job scans all samples, and unoptimised that is most of what a run would measure.
const SAMPLES: usize = 24;
const HISTORY: usize = 24;

pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) ledger: Ledger,
    pub(crate) verdict: Verdict,
    pub(crate) pulse: Arc<Pulse>,
    /// Calls that may be under way at once, of all tenants.
    pub(crate) turns: Semaphore,
    /// Calls that have ended.
    pub(crate) done: AtomicU64,
    /// How many instances the runtime has when none is in use, in its own words.
    idle: String,
}

impl Stage {
    /// Starts a simulator with so many users, and compiles the component.
    pub(crate) fn new(component: &Path, tenants: usize, concurrency: usize) -> Result<Stage> {
        let simulator = Simulator::start_blocking(Options {
            key: Some(key(0)),
            additional_keys: (1..tenants).map(key).collect(),
            samples: SAMPLES,
            history: HISTORY,
            monthly_retrohunt_quota: JOBS,
            ..Options::default()
        })
        .context("the simulator cannot start on 127.0.0.1")?;
        let mut options = RuntimeOptions::default();
        // One for every tenant to keep, and one for every call that takes a fresh one.
        options.max_instances = u32::try_from(tenants + concurrency).context("that is too many tenants")?;
        let runtime = Runtime::load_with(component, &options)?;
        Ok(Stage {
            simulator,
            idle: format!("{runtime:?}"),
            runtime,
            ledger: Ledger::default(),
            verdict: Verdict::default(),
            pulse: Pulse::start(),
            turns: Semaphore::new(concurrency),
            done: AtomicU64::new(0),
        })
    }

    /// Whether all instances are back.
    pub(crate) fn instances_are_back(&self) -> Result<(), String> {
        let now = format!("{:?}", self.runtime);
        if now == self.idle { Ok(()) } else { Err(format!("instances are still out: {now}, before {}", self.idle)) }
    }
}

/// The key of a tenant: its number can be read in it, for when something goes wrong. The rest is as random as a key is: what
/// looks for parts of a key must not find them in a cursor's zeros.
pub(crate) fn key(tenant: usize) -> String {
    let mut rng = fastrand::Rng::with_seed(tenant as u64);
    let mut digits = |width: usize| format!("{:0width$x}", rng.u64(..) >> (64 - 4 * width));
    ["50a4".to_owned(), format!("{tenant:08}"), digits(16), digits(16), digits(16), digits(4)].concat()
}

/// The name that the simulator gives the owner of that key.
pub(crate) fn user(tenant: usize) -> String {
    if tenant == 0 { "night-shift_lab".to_owned() } else { format!("night-shift_lab-{}", tenant + 1) }
}
