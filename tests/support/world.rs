//! A simulator, and connectors that talk to it: each test has its own.

use std::time::Duration;

use virustotal_hunting_simulator::{EXAMPLE_RULES, FaultAction, Options, Simulator};
use vt_hunting_host::livehunt::{NewRuleset, Ruleset};
use vt_hunting_host::retrohunt::{NewRetrohuntJob, RetrohuntJob};
use vt_hunting_host::{ApiKey, Connector, Settings};

use super::raw_server::{RawServer, Step};
use super::{HANGS, KEY, RUNTIME, answered};

/// One simulator and one tenant of it.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) connector: Connector,
}

impl World {
    /// A simulator that accepts [`KEY`], and a connector that has it.
    pub(crate) fn new() -> World {
        World::with(Options::default())
    }

    /// The same with a simulator set up otherwise; its key stays [`KEY`].
    pub(crate) fn with(options: Options) -> World {
        let options = Options { key: Some(KEY.to_owned()), ..options };
        let simulator = Simulator::start_blocking(options).expect("the simulator starts");
        let connector = connector(settings(&simulator.http_url()));
        World { simulator, connector }
    }

    /// Another tenant of the same simulator.
    pub(crate) fn tenant(&self, key: &str) -> Connector {
        connector(Settings { api_key: Some(api_key(key)), ..settings(&self.simulator.http_url()) })
    }

    /// Has every further request answered like this, until another call says otherwise.
    pub(crate) fn respond(&self, status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.simulator.faults().clear();
        self.simulator.faults().add(FaultAction::Respond { status, headers, body: body.as_ref().to_vec() });
    }

    /// An enabled ruleset with the example rules.
    pub(crate) async fn ruleset(&self, name: &str) -> Ruleset {
        answered(self.connector.create_livehunt_ruleset(&new_ruleset(name))).await
    }

    /// A retrohunt job with the example rules.
    pub(crate) async fn job(&self) -> RetrohuntJob {
        answered(self.connector.create_retrohunt_job(&new_job())).await
    }
}

/// What a connector to `url` is configured with: [`KEY`], more time than a busy machine needs, and nothing repeated: a
/// failure is what most tests are about, once.
pub(crate) fn settings(url: &str) -> Settings {
    Settings {
        url: url.to_owned(),
        timeout: Duration::from_secs(60),
        // Hundreds of calls at once on a busy machine have to wait for their turn.
        queue_timeout: HANGS,
        retries: 0,
        ..Settings::new(api_key(KEY))
    }
}

pub(crate) fn api_key(text: &str) -> ApiKey {
    ApiKey::new(text).expect("a key")
}

/// A tenant of the shared runtime.
pub(crate) fn connector(settings: Settings) -> Connector {
    RUNTIME.connector(settings).expect("good settings")
}

pub(crate) fn new_ruleset(name: &str) -> NewRuleset {
    NewRuleset {
        name: name.to_owned(),
        rules: EXAMPLE_RULES.to_owned(),
        enabled: Some(true),
        limit: None,
        notification_emails: Vec::new(),
        match_object_type: None,
    }
}

pub(crate) fn new_job() -> NewRetrohuntJob {
    NewRetrohuntJob { rules: EXAMPLE_RULES.to_owned(), notification_email: None, corpus: None, time_range: None }
}

/// An adversary that plays this script, and a tenant that takes it for VirusTotal.
pub(crate) async fn facing(script: Vec<Step>) -> (RawServer, Connector) {
    let server = RawServer::start(script).await;
    let connector = connector(settings(server.url()));
    (server, connector)
}
