//! Figures for the report: what was asked, what was done to it, how it ended.

use std::collections::BTreeMap;

use vt_hunting_host::CountersSnapshot;

use crate::ending::Ending;
use crate::harm::Harm;

/// Calls with one harm done to them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Harmed {
    pub(crate) injected: u64,
    /// Ended as if nothing had happened.
    pub(crate) survived: u64,
}

/// Figures of some calls.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) calls: u64,
    pub(crate) given_up: u64,
    pub(crate) actions: BTreeMap<&'static str, u64>,
    pub(crate) harms: BTreeMap<&'static str, Harmed>,
    pub(crate) failures: BTreeMap<&'static str, u64>,
    /// Host timeouts that only a busy machine is to blame for; also among the failures.
    pub(crate) excused: u64,
    /// Requests that the simulator received.
    pub(crate) requests: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, action: &'static str, harm: Option<&Harm>, ending: Ending, survived: bool) {
        self.calls += 1;
        *self.actions.entry(action).or_default() += 1;
        if let Some(harm) = harm {
            let harmed = self.harms.entry(harm.name).or_default();
            harmed.injected += 1;
            harmed.survived += u64::from(survived);
        }
        self.given_up += u64::from(ending == Ending::GivenUp);
        if let Some(kind) = ending.failure() {
            *self.failures.entry(kind).or_default() += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: Tally) {
        let Tally { calls, given_up, actions, harms, failures, excused, requests } = other;
        self.calls += calls;
        self.given_up += given_up;
        self.excused += excused;
        self.requests += requests;
        for (action, count) in actions {
            *self.actions.entry(action).or_default() += count;
        }
        for (harm, Harmed { injected, survived }) in harms {
            let harmed = self.harms.entry(harm).or_default();
            harmed.injected += injected;
            harmed.survived += survived;
        }
        for (kind, count) in failures {
            *self.failures.entry(kind).or_default() += count;
        }
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    pub(crate) fn harmed(&self) -> Harmed {
        self.harms.values().fold(Harmed::default(), |sum, harmed| Harmed {
            injected: sum.injected + harmed.injected,
            survived: sum.survived + harmed.survived,
        })
    }
}

/// What a connector's own counters should say.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    calls: u64,
    requests: u64,
    failures: BTreeMap<&'static str, u64>,
}

impl Expected {
    pub(crate) fn add(&mut self, ending: Ending, requests: usize) {
        self.calls += 1;
        self.requests += requests as u64;
        if let Some(kind) = ending.failure() {
            *self.failures.entry(kind).or_default() += 1;
        }
    }

    /// Holds them against the counters, while no call is under way.
    ///
    /// # Errors
    /// Both sides, where they differ.
    pub(crate) fn compare(&self, counters: &CountersSnapshot) -> Result<(), String> {
        let failures: BTreeMap<_, _> = counters.failures.iter().copied().collect();
        let same = (counters.calls, counters.attempts, failures == self.failures) == (self.calls, self.requests, true);
        if same && counters.calls_in_flight == 0 && counters.denied == 0 {
            return Ok(());
        }
        Err(format!(
            "its counters do not add up: expected {self:?} and nothing in flight or denied, found {counters:?}"
        ))
    }
}
