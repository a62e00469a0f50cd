//! One tenant: settings, a connection pool, counters, and the actions.

use crate::actions::for_each_action;
use crate::bindings::exports::virustotal::hunting::{
    account, crowdsourced, diagnostics::ResponseInfo, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
use crate::counters::{Counters, CountersSnapshot};
use crate::egress::{CallEgress, CallStats, Egress};
use crate::error::{CallError, Limit, LoadError};
use crate::instance::Instance;
use crate::runtime::Runtime;
use crate::settings::{ApiKey, REDACTED, Settings, SettingsError};
use crate::state::{self, HostState};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use virustotal_hunting_redaction::Redact;

/// One tenant of a [`Runtime`]. Cheap to clone; clones are the same tenant.
///
/// Every method here runs in a fresh instance, which costs some microseconds and keeps calls apart. To ask for the
/// response behind a result, take an [`Instance`].
///
/// ```no_run
/// use vt_hunting_host::{ApiKey, Connector, Settings, livehunt::RulesetsQuery};
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let connector = Connector::load("virustotal_hunting.wasm", Settings::new(ApiKey::new(std::env::var("VT_APIKEY")?)?)).await?;
/// let page = connector.get_livehunt_rulesets(&RulesetsQuery { limit: Some(40), ..Default::default() }).await?;
/// for ruleset in page.items {
///     println!("{} {}", ruleset.id, ruleset.name.unwrap_or_default());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Connector {
    tenant: Arc<Tenant>,
}

pub(crate) struct Tenant {
    runtime: Arc<Runtime>,
    settings: Settings,
    environment: Vec<(String, String)>,
    egress: Arc<Egress>,
    calls: Arc<Semaphore>,
    pub(crate) counters: Arc<Counters>,
}

impl Connector {
    /// One tenant of a runtime of its own, with the component in this file.
    /// With several tenants, share a [`Runtime`].
    ///
    /// # Errors
    ///
    /// As [`Runtime::load`] and [`Runtime::connector`].
    pub async fn load(component: impl Into<PathBuf>, settings: Settings) -> Result<Connector, LoadError> {
        settings.validate()?;
        // Compiling takes long enough to be off the async threads.
        let component = component.into();
        let runtime = tokio::task::spawn_blocking(move || Runtime::load(component))
            .await
            .map_err(|error| LoadError::Engine(error.to_string()))??;
        Ok(runtime.connector(settings)?)
    }

    pub(crate) fn new(runtime: Arc<Runtime>, settings: Settings) -> Result<Connector, SettingsError> {
        settings.validate()?;
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        let counters = Arc::new(Counters::default());
        let egress = Arc::new(Egress::new(&settings, Arc::clone(&counters))?);
        Ok(Connector {
            tenant: Arc::new(Tenant {
                runtime,
                environment: state::guest_environment(&settings),
                egress,
                calls: Arc::new(Semaphore::new(settings.max_concurrent_calls as usize)),
                counters,
                settings,
            }),
        })
    }

    /// An instance for several calls in a row, or to ask for the last response. It takes one of the runtime's places
    /// until it is dropped.
    ///
    /// # Errors
    ///
    /// No place came free in time, or the component does not start.
    pub async fn instance(&self) -> Result<Instance, CallError> {
        Instance::new(Arc::clone(&self.tenant)).await.inspect_err(|error| self.tenant.counters.failed(error))
    }

    async fn instance_for_one_call(&self) -> Result<Instance, CallError> {
        Instance::for_one_call(Arc::clone(&self.tenant)).await.inspect_err(|error| self.tenant.counters.failed(error))
    }

    /// Reads a snippet's hex dump: the bytes, and which of them matched. Sends nothing; a text that is no dump gives no
    /// bytes.
    ///
    /// # Errors
    ///
    /// The host's alone.
    pub async fn parse_snippet(&self, dump: &str) -> Result<snippets::Snippet, CallError> {
        self.instance_for_one_call().await?.parse_snippet(dump).await
    }

    /// The figures so far.
    pub fn counters(&self) -> CountersSnapshot {
        self.tenant.counters.snapshot()
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.tenant.settings
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("settings", &self.tenant.settings).finish_non_exhaustive()
    }
}

macro_rules! methods {
    ($(
        $(#[$doc:meta])+
        $interface:ident $method:ident $name:literal ($($argument:ident: $type:ty),*) -> $output:ty;
    )+) => {
        impl Connector {$(
            $(#[$doc])+
            ///
            /// # Errors
            ///
            /// [`CallError::Hunting`] with what VirusTotal or the component said; the others are the host's.
            pub async fn $method(&self, $($argument: $type),*) -> Result<$output, CallError> {
                self.instance_for_one_call().await?.$method($($argument),*).await
            }
        )+}
    };
}
for_each_action!(methods);

impl Tenant {
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The host's own timeout for a call: a little above the component's, which explains itself better.
    pub(crate) fn call_timeout(&self) -> Duration {
        const GRACE: Duration = Duration::from_secs(1);
        self.settings.timeout + GRACE.min(self.settings.timeout)
    }

    pub(crate) fn state(&self, stats: Arc<CallStats>) -> HostState {
        let egress = CallEgress::new(Arc::clone(&self.egress), stats);
        HostState::new(&self.environment, egress, self.settings.max_memory_bytes)
    }

    /// A place among the runtime's instances.
    pub(crate) async fn instance_place(&self) -> Result<OwnedSemaphorePermit, CallError> {
        self.turn(self.runtime.instances(), Limit::Instances).await
    }

    /// A turn among this tenant's calls.
    pub(crate) async fn call_turn(&self) -> Result<OwnedSemaphorePermit, CallError> {
        self.turn(&self.calls, Limit::TenantCalls).await
    }

    async fn turn(&self, places: &Arc<Semaphore>, limit: Limit) -> Result<OwnedSemaphorePermit, CallError> {
        if let Ok(permit) = Arc::clone(places).try_acquire_owned() {
            return Ok(permit);
        }
        let after = self.settings.queue_timeout;
        match tokio::time::timeout(after, Arc::clone(places).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(CallError::Busy { limit, after }),
        }
    }

    /// What a call gave, without the key, should a server have repeated it: a component that does not hold the key cannot know
    /// it when it sees it.
    pub(crate) fn redact<T: Redact>(&self, mut result: Result<T, types::Error>) -> Result<T, types::Error> {
        if let Some(redactor) = self.settings.api_key.as_ref().map(ApiKey::redactor) {
            match &mut result {
                Ok(value) if redactor.finds_parts() => value.redact(&redactor),
                Ok(_) => {}
                Err(error) => error.redact(&redactor),
            }
        }
        result
    }

    /// The head of an answer as it is shown: without headers whose name holds the key, and with `[redacted]` for a value that
    /// does.
    pub(crate) fn shown(&self, mut info: ResponseInfo) -> ResponseInfo {
        if let Some(redactor) = self.settings.api_key.as_ref().map(ApiKey::redactor) {
            info.headers.retain(|(name, _)| !redactor.finds(name.as_bytes()));
            for (_, value) in &mut info.headers {
                if redactor.finds(value.as_bytes()) {
                    *value = REDACTED.to_owned();
                }
            }
        }
        info
    }

    pub(crate) fn in_flight(self: &Arc<Self>) -> InFlight {
        self.counters.calls.fetch_add(1, Relaxed);
        self.counters.in_flight.fetch_add(1, Relaxed);
        InFlight(Arc::clone(&self.counters))
    }
}

/// Counts a call as in flight until dropped, so also when the caller gives up on it.
pub(crate) struct InFlight(Arc<Counters>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
