//! The order of events, and what one scene leaves for the next.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use virustotal_hunting_simulator::Simulator;
use vt_hunting_host::{Connector, RulesChecker, Runtime, Settings};

use crate::actions::{ABORT_JOB, Action, CREATE_JOB, CREATE_RULESET, DELETE_RULESET, GET_RULESETS};
use crate::report::{Report, Turn};
use crate::service::Service;
use crate::steps::{beyond, ioc_stream, livehunt, refusals, retrohunt};

/// Samples that arrive while the ruleset waits.
const ARRIVING_SAMPLES: usize = 60;

const READ_ONLY: &str = "it changes the account; --write runs it";
const SIMULATOR_ONLY: &str = "only against the simulator: a real service may lock out whoever sends wrong keys";
const QUOTA_ONLY: &str = "only against the simulator: nobody's real quota is used up for a demonstration";

/// A story under way.
pub(crate) struct Story {
    pub(crate) service: Service,
    pub(crate) report: Report,
    /// The compiled component.
    runtime: Arc<Runtime>,
    /// The component beside it that checks rules, if it is there.
    rules_checker: Option<RulesChecker>,
    /// The component with the service's settings; every call runs in an instance of its own.
    pub(crate) hunting: Connector,
    /// How many notifications the simulator says it made.
    pub(crate) expected_notifications: usize,
    /// The ruleset of the story, while it exists.
    pub(crate) ruleset: Option<String>,
    /// Rulesets that should not exist.
    pub(crate) stray_rulesets: Vec<String>,
    /// Jobs of the story that are still under way.
    pub(crate) jobs: Vec<String>,
    pub(crate) finished: Option<FinishedJob>,
    pub(crate) aborted: Option<String>,
    /// A notification of the stream, and what it is about.
    pub(crate) stream_notification: Option<(String, String)>,
}

/// A job whose matches can be read.
pub(crate) struct FinishedJob {
    pub(crate) id: String,
    pub(crate) matches: u64,
}

impl Story {
    /// Compiles the component and connects it.
    pub(crate) fn new(component: &Path, service: Service, settings: Settings) -> Result<Self> {
        let runtime = Runtime::load(component)?;
        let hunting = runtime.connector(settings)?;
        let rules_checker = RulesChecker::find(component)?;
        Ok(Self {
            service,
            report: Report::default(),
            runtime,
            rules_checker,
            hunting,
            expected_notifications: 0,
            ruleset: None,
            stray_rulesets: Vec::new(),
            jobs: Vec::new(),
            finished: None,
            aborted: None,
            stream_notification: None,
        })
    }

    /// The same component for somebody else.
    pub(crate) fn tenant(&self, settings: Settings) -> Result<Connector> {
        Ok(self.runtime.connector(settings)?)
    }

    /// What checks rules.
    pub(crate) fn rules_checker(&self) -> Result<&RulesChecker> {
        self.rules_checker.as_ref().context("the component that checks rules is not beside the other")
    }

    /// The simulator, for scenes that are played with it only.
    pub(crate) fn simulator(&self) -> Result<&Simulator> {
        self.service.simulator().context("this scene is for the simulator only")
    }

    /// Plays one action and reports it. The part gives back what came of it in a few words; an error says what was not as it
    /// should be, and the story goes on: each scene says for itself when it misses something.
    pub(crate) async fn act(
        &mut self,
        action: &Action,
        variant: &str,
        part: impl AsyncFnOnce(&mut Story, &mut Turn) -> Result<String>,
    ) {
        let mut turn = self.report.begin(action, variant);
        let result = part(self, &mut turn).await;
        self.report.end(turn, result);
    }

    /// From the first scene to the last.
    pub(crate) async fn play(&mut self) {
        if self.service.writes() { self.play_all().await } else { self.play_read_only().await }
    }

    async fn play_all(&mut self) {
        let is_simulated = self.service.simulator().is_some();
        if is_simulated {
            beyond::check_rules(self).await;
        }
        livehunt::create_ruleset(self).await;
        livehunt::advance_feed(self, ARRIVING_SAMPLES);
        livehunt::list_rulesets(self).await;
        livehunt::notifications(self).await;
        livehunt::notification_files(self).await;
        if is_simulated {
            beyond::update_ruleset(self).await;
        }
        ioc_stream::walk(self).await;
        ioc_stream::notification(self).await;
        if is_simulated {
            beyond::read_to_the_end(self).await;
            beyond::follow(self).await;
            beyond::quotas(self).await;
        }
        retrohunt::create_job(self).await;
        retrohunt::watch(self).await;
        retrohunt::matches(self).await;
        retrohunt::abort_job(self).await;
        retrohunt::list_jobs(self).await;
        if is_simulated {
            beyond::reconcile(self).await;
        }
        livehunt::delete_ruleset(self).await;
        refusals::bad_rules(self).await;
        if is_simulated {
            beyond::unconfirmed(self).await;
            beyond::read_only(self).await;
            refusals::wrong_key(self).await;
            refusals::no_quota(self).await;
        } else {
            self.report.skip(&GET_RULESETS, refusals::WRONG_KEY, SIMULATOR_ONLY);
            self.report.skip(&CREATE_JOB, refusals::NO_QUOTA, QUOTA_ONLY);
        }
    }

    async fn play_read_only(&mut self) {
        self.report.skip(&CREATE_RULESET, "", READ_ONLY);
        livehunt::list_rulesets(self).await;
        livehunt::notifications(self).await;
        livehunt::notification_files(self).await;
        ioc_stream::walk(self).await;
        ioc_stream::notification(self).await;
        self.report.skip(&CREATE_JOB, "", READ_ONLY);
        retrohunt::list_jobs(self).await;
        retrohunt::look_at_finished(self).await;
        self.report.skip(&ABORT_JOB, "", READ_ONLY);
        self.report.skip(&DELETE_RULESET, "", READ_ONLY);
        self.report.skip(&CREATE_RULESET, refusals::BAD_RULES, READ_ONLY);
        self.report.skip(&GET_RULESETS, refusals::WRONG_KEY, SIMULATOR_ONLY);
        self.report.skip(&CREATE_JOB, refusals::NO_QUOTA, QUOTA_ONLY);
    }
}
