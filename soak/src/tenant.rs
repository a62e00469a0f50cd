//! One tenant: its key, its connector, an instance it keeps, and one call after another.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use virustotal_hunting_simulator::Fault;
use vt_hunting_host::{ApiKey, Connector, Instance, Settings};

use crate::asking::Through;
use crate::belongings::Belongings;
use crate::call::{Call, Outcome};
use crate::ending::Ending;
use crate::errand::Errand;
use crate::harm::{Caller, HARMS, Harm};
use crate::owner::Owner;
use crate::stage::{Stage, key, user};
use crate::tally::{Expected, Tally};

/// One call in so many percent is harmed.
const HARMED_PERCENT: u32 = 25;
/// One tenant in so many speaks TLS, and with it HTTP/2.
const TLS: usize = 4;
/// Longer than any call takes that is not meant to fail, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(300);
/// Long enough for the busiest machine to get a request through, short enough to wait for.
const HASTE: Duration = Duration::from_secs(8);
/// A call that has ended, for the audit.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) number: u64,
    pub(crate) errand: Errand,
    pub(crate) harm: Option<&'static Harm>,
    pub(crate) ending: Ending,
    /// How many requests it has to have sent.
    pub(crate) requests: usize,
}

pub(crate) struct Tenant {
    pub(crate) number: usize,
    pub(crate) key: String,
    user: String,
    /// How many tenants there are.
    of: usize,
    settings: Settings,
    connector: Connector,
    kept: Option<Instance>,
    rng: Rng,
    belongings: Belongings,
    calls: u64,
    expected: Expected,
    /// The calls of this round.
    pub(crate) log: Vec<Logged>,
    pub(crate) tally: Tally,
    /// By connectors that are gone.
    connections_opened: u64,
}

impl Tenant {
    pub(crate) async fn new(stage: &Stage, number: usize, of: usize, seed: u64) -> Result<Tenant> {
        let key = key(number);
        let tls = number % TLS == TLS - 1;
        let settings = Settings {
            url: if tls { stage.simulator.https_url() } else { stage.simulator.http_url() },
            // Reading the platform's authorities once per tenant would be most of a run.
            verify_ssl: !tls,
            // Half of the guests hold their key, half never see it.
            api_key_from_host: number.is_multiple_of(2),
            timeout: PATIENCE,
            // Every fault is to be seen, and reckoned with, once.
            retries: 0,
            // A connection that is not yet back when the next call starts gets company; one of the two has to go.
            pool_max_idle: 1,
            ..Settings::new(ApiKey::new(&*key).context("the tenant's key is unusable")?)
        };
        let connector = stage.runtime.connector(settings.clone())?;
        let kept = connector.instance().await.context("there is no instance for the tenant to keep")?;
        Ok(Tenant {
            number,
            user: user(number),
            key,
            of,
            settings,
            connector,
            kept: Some(kept),
            rng: Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number as u64)),
            belongings: Belongings::default(),
            calls: 0,
            expected: Expected::default(),
            log: Vec::new(),
            tally: Tally::default(),
            connections_opened: 0,
        })
    }

    /// Some calls, one after another, each when its turn comes.
    pub(crate) async fn round(&mut self, stage: &Stage, round: u64, calls: u64) {
        for _ in 0..calls {
            let Ok(_turn) = stage.turns.acquire().await else { return };
            if !stage.verdict.holds() {
                return;
            }
            self.call(stage, round).await;
            stage.done.fetch_add(1, Relaxed);
        }
    }

    async fn call(&mut self, stage: &Stage, round: u64) {
        self.calls += 1;
        let neighbour = user((self.number + 1) % self.of.max(2));
        let foreign = format!("{neighbour}-{}", stage.simulator.now());
        let errand = self.belongings.next(&mut self.rng, self.number, self.calls, round, foreign);
        let harm = if self.rng.u32(0..100) < HARMED_PERCENT { self.rng.choice(&HARMS) } else { None };
        if let Some(harm) = harm {
            stage.simulator.faults().add(Fault::new(harm.action(&mut self.rng)).key(&*self.key).times(1));
        }
        let hasty = harm.is_some_and(|harm| harm.caller == Caller::Hasty);
        let call = Call { stage, number: self.calls, errand: &errand, harm };
        let late_before = stage.pulse.total();
        let Some(outcome) = self.make(&call).await else { return };
        if harm.is_some() && call.fault_waits(&self.key) {
            self.violated(&call, "it ended before its fault could act");
        }

        let ending = outcome.ending();
        let by_host = hasty && ending == Ending::HostFailed("host-timeout");
        if by_host && stage.pulse.was_late_since(late_before).await {
            self.tally.excused += 1;
        } else {
            self.judge(&call, &outcome);
        }
        if let Outcome::Ended(Ok(Ok(answer))) = outcome {
            self.belongings.learn(answer, round);
        }
        self.tally.add(errand.action(), harm, ending, errand.permits(ending));
        self.log.push(Logged { number: self.calls, requests: requests(harm, ending), errand, harm, ending });
    }

    /// Makes the call, by whomever the harm wants it made; `None` if it hangs.
    async fn make(&mut self, call: &Call<'_>) -> Option<Outcome> {
        let owner = Owner { tenant: self.number, user: &self.user, ledger: &call.stage.ledger };
        let caller = call.harm.map_or(Caller::Patient, |harm| harm.caller);
        let keep = self.rng.bool();
        let outcome = match (caller, &mut self.kept) {
            (Caller::Hasty, _) => {
                let settings = Settings { timeout: HASTE, ..self.settings.clone() };
                let connector = match call.stage.runtime.connector(settings) {
                    Ok(connector) => connector,
                    Err(error) => {
                        self.violated(call, &format!("no second connector: {error}"));
                        return None;
                    }
                };
                let outcome = call.run(Through::Fresh(&connector), &owner, &self.key).await;
                let mut expected = Expected::default();
                if let Some(outcome) = &outcome {
                    expected.add(outcome.ending(), requests(call.harm, outcome.ending()));
                }
                let counters = connector.counters();
                self.connections_opened += counters.connections_opened;
                if let Err(what) = expected.compare(&counters) {
                    self.violated(call, &what);
                }
                return outcome;
            }
            (_, Some(kept)) if keep => {
                let outcome = call.run(Through::Kept(kept), &owner, &self.key).await;
                if let Some(outcome) = &outcome
                    && let Err(what) = call.check_kept(kept, outcome).await
                {
                    self.violated(call, &what);
                }
                outcome
            }
            _ => call.run(Through::Fresh(&self.connector), &owner, &self.key).await,
        };
        if let Some(outcome) = &outcome {
            self.expected.add(outcome.ending(), requests(call.harm, outcome.ending()));
        } else {
            self.violated(call, "it hangs");
        }
        if self.kept.as_ref().is_none_or(Instance::is_poisoned) {
            self.kept = None;
            match self.connector.instance().await {
                Ok(instance) => self.kept = Some(instance),
                Err(error) => self.violated(call, &format!("the instance after it did not start: {error}")),
            }
        }
        outcome
    }

    fn judge(&self, call: &Call<'_>, outcome: &Outcome) {
        let ending = outcome.ending();
        let permitted = match call.harm {
            Some(harm) => harm.permits(call.errand, ending),
            None => call.errand.permits(ending),
        };
        match outcome {
            Outcome::Ended(Err(error)) => {
                let text = format!("{error} {error:?}");
                if text.contains(&self.key) {
                    self.violated(call, "its error contains the API key");
                }
                if !permitted {
                    self.violated(call, &format!("it may not end with {}: {error}", ending.describe()));
                }
            }
            Outcome::Ended(Ok(Err(what))) => self.violated(call, what),
            Outcome::Ended(Ok(Ok(_))) | Outcome::GivenUp if !permitted => {
                self.violated(call, &format!("it may not end with {}", ending.describe()));
            }
            Outcome::Ended(Ok(Ok(_))) | Outcome::GivenUp => {}
        }
    }

    /// Holds the connector's counters against what was asked of it.
    pub(crate) fn check_counters(&self, stage: &Stage) {
        if let Err(what) = self.expected.compare(&self.connector.counters()) {
            stage.verdict.violated(format!("tenant {} ({}): {what}", self.number, self.user));
        }
    }

    /// Connections opened so far, by all its connectors.
    pub(crate) fn connections_opened(&self) -> u64 {
        self.connections_opened + self.connector.counters().connections_opened
    }

    fn violated(&self, call: &Call<'_>, what: &str) {
        let Call { number, errand, .. } = call;
        let harm = call.harm.map_or("no fault", |harm| harm.name);
        call.stage.verdict.violated(format!("tenant {} call {number} ({errand:?}, {harm}): {what}", self.number));
    }
}

fn requests(harm: Option<&Harm>, ending: Ending) -> usize {
    harm.map_or(1, |harm| harm.requests(ending))
}
