//! One instance of the component, and how a call runs in it.
//!
//! A store that was left in the middle of a call cannot be trusted again: its memory is half written and its resources
//! half open. So a call takes the store out of the instance and puts it back only when it ended on its own; a timeout,
//! a trap or a caller that drops the future leaves the instance empty, which the next call reports as
//! [`CallError::Poisoned`].
//!
//! Interrupting takes two mechanisms: the engine's clock makes a computing component yield every few milliseconds, and
//! a timeout around the call ends it, whether it computes or waits in the host.

use crate::actions::{LastResponse, ParsedSnippet, for_each_action};
use crate::bindings::exports::virustotal::hunting::{
    account, crowdsourced, diagnostics, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
use crate::connector::Tenant;
use crate::counters;
use crate::egress::CallStats;
use crate::error::CallError;
use crate::runtime::cause;
use crate::state::HostState;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use virustotal_hunting_redaction::Redact;
use wasmtime::Store;

/// One instance of the component, for several calls in a row of one tenant.
pub struct Instance {
    tenant: Arc<Tenant>,
    stats: Arc<CallStats>,
    /// For the next call, if it was waited for already.
    turn: Option<OwnedSemaphorePermit>,
    live: Option<Live>,
}

/// What a call takes out.
struct Live {
    store: Store<HostState>,
    exports: wasmtime::component::Instance,
    /// Given back only after the store is gone: fields are dropped in order.
    _place: OwnedSemaphorePermit,
}

impl Instance {
    /// For a single call: its turn comes first, so that a tenant's waiting calls hold none of the places that all
    /// tenants share.
    pub(crate) async fn for_one_call(tenant: Arc<Tenant>) -> Result<Instance, CallError> {
        let turn = tenant.call_turn().await?;
        let mut instance = Instance::new(tenant).await?;
        instance.turn = Some(turn);
        Ok(instance)
    }

    pub(crate) async fn new(tenant: Arc<Tenant>) -> Result<Instance, CallError> {
        let place = tenant.instance_place().await?;
        let stats = Arc::new(CallStats::default());
        let runtime = tenant.runtime();
        let mut store = Store::new(runtime.engine(), tenant.state(Arc::clone(&stats)));
        store.limiter(|state| &mut state.limits);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let exports = runtime.instantiate(&mut store).await.map_err(|error| CallError::Instantiate(cause(&error)))?;
        Ok(Instance { tenant, stats, turn: None, live: Some(Live { store, exports, _place: place }) })
    }

    /// The answer to the call before, good or bad; `None` when it got none, or when the instance is poisoned. Sends
    /// nothing.
    pub async fn last_response(&mut self) -> Option<diagnostics::ResponseInfo> {
        let mut live = self.live.take()?;
        let index = self.tenant.runtime().functions().last_response;
        let function = live.exports.get_typed_func::<(), LastResponse>(&mut live.store, index).ok()?;
        let call = function.call_async(&mut live.store, ());
        let (info,) = tokio::time::timeout(self.tenant.call_timeout(), call).await.ok()?.ok()?;
        self.live = Some(live);
        info.map(|info| self.tenant.shown(info))
    }

    /// Reads a snippet's hex dump: the bytes, and which of them matched. Sends nothing; a text that is no dump gives no
    /// bytes.
    ///
    /// # Errors
    ///
    /// The host's alone; after all of them but `Busy` the instance is poisoned.
    pub async fn parse_snippet(&mut self, dump: &str) -> Result<snippets::Snippet, CallError> {
        let index = self.tenant.runtime().functions().parse_snippet;
        self.call("parse-snippet", async |live: &mut Live| {
            let function = live.exports.get_typed_func::<(&str,), ParsedSnippet>(&mut live.store, index)?;
            let (snippet,) = function.call_async(&mut live.store, (dump,)).await?;
            Ok(Ok(snippet))
        })
        .await
    }

    /// Whether the next call would fail with [`CallError::Poisoned`].
    pub fn is_poisoned(&self) -> bool {
        self.live.is_none()
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("poisoned", &self.is_poisoned()).finish_non_exhaustive()
    }
}

macro_rules! methods {
    ($(
        $(#[$doc:meta])+
        $interface:ident $method:ident $name:literal ($($argument:ident: $type:ty),*) -> $output:ty;
    )+) => {
        impl Instance {$(
            $(#[$doc])+
            ///
            /// # Errors
            ///
            /// [`CallError::Hunting`] with what VirusTotal or the component said; the others are the host's, and after
            /// all of those but `Busy` the instance is poisoned.
            pub async fn $method(&mut self, $($argument: $type),*) -> Result<$output, CallError> {
                let index = self.tenant.runtime().functions().$method;
                self.call($name, async |live: &mut Live| {
                    let function = live
                        .exports
                        .get_typed_func::<($($type,)*), (Result<$output, types::Error>,)>(&mut live.store, index)?;
                    let (result,) = function.call_async(&mut live.store, ($($argument,)*)).await?;
                    Ok(result)
                })
                .await
            }
        )+}
    };
}
for_each_action!(methods);

impl Instance {
    async fn call<T: Redact>(
        &mut self,
        action: &'static str,
        run: impl AsyncFnOnce(&mut Live) -> wasmtime::Result<Result<T, types::Error>>,
    ) -> Result<T, CallError> {
        self.stats.reset();
        let mut log = CallLog::new(action, Arc::clone(&self.stats));
        let result = self.run(action, run).instrument(log.span.clone()).await;
        if let Err(error) = &result {
            self.tenant.counters.failed(error);
        }
        log.outcome = result.as_ref().map_or_else(counters::outcome, |_| "ok");
        result
    }

    async fn run<T: Redact>(
        &mut self,
        action: &'static str,
        run: impl AsyncFnOnce(&mut Live) -> wasmtime::Result<Result<T, types::Error>>,
    ) -> Result<T, CallError> {
        let _in_flight = self.tenant.in_flight();
        if self.live.is_none() {
            return Err(CallError::Poisoned);
        }
        let _turn = match self.turn.take() {
            Some(turn) => turn,
            None => self.tenant.call_turn().await?,
        };
        let after = self.tenant.call_timeout();
        let mut live = self.live.take().ok_or(CallError::Poisoned)?;
        match tokio::time::timeout(after, run(&mut live)).await {
            Ok(Ok(result)) => {
                self.live = Some(live);
                self.tenant.redact(result).map_err(CallError::Hunting)
            }
            Ok(Err(error)) => {
                let mut reason = cause(&error);
                if live.store.data().limits.memory_refused {
                    let cap = self.tenant.settings().max_memory_bytes;
                    reason = format!("it needs more memory than `max_memory_bytes` ({cap}): {reason}");
                }
                Err(CallError::Trap { action, reason })
            }
            Err(_) => Err(CallError::Timeout { action, after }),
        }
    }
}

/// One line per call, also for a call that its caller gave up on. Neither key nor filter nor query is in it.
struct CallLog {
    span: Span,
    started: Instant,
    stats: Arc<CallStats>,
    outcome: &'static str,
}

impl CallLog {
    fn new(action: &'static str, stats: Arc<CallStats>) -> CallLog {
        let span = tracing::info_span!(
            "call",
            action,
            outcome = Empty,
            status = Empty,
            attempts = Empty,
            bytes_sent = Empty,
            bytes_received = Empty,
            milliseconds = Empty,
        );
        CallLog { span, started: Instant::now(), stats, outcome: "dropped" }
    }
}

impl Drop for CallLog {
    fn drop(&mut self) {
        let stats = self.stats.snapshot();
        self.span.record("outcome", self.outcome);
        if let Some(status) = stats.status {
            self.span.record("status", status);
        }
        self.span.record("attempts", stats.attempts);
        self.span.record("bytes_sent", stats.bytes_sent);
        self.span.record("bytes_received", stats.bytes_received);
        self.span.record("milliseconds", u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX));
        self.span.in_scope(|| tracing::info!("call ended"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls are for spawning: this compiles only if they may move between threads.
    #[test]
    fn a_call_can_be_spawned() {
        fn spawned(_: impl Future + Send + 'static) {}

        fn unused(connector: crate::Connector, mut instance: Instance) {
            spawned(async move { connector.get_retrohunt_job_matches("id", &Default::default()).await });
            spawned(async move {
                let result = instance.create_livehunt_ruleset(&ruleset()).await;
                (result, instance.last_response().await)
            });
        }
        fn ruleset() -> livehunt::NewRuleset {
            unreachable!("never run")
        }
        let _ = unused;
    }
}
