//! What a store holds: the guest's view of the outside, which is an environment, a clock and one way out.

use crate::egress::CallEgress;
use crate::limits::InstanceLimits;
use crate::settings::Settings;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

pub(crate) struct HostState {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    pub(crate) egress: CallEgress,
    pub(crate) limits: InstanceLimits,
}

impl HostState {
    pub(crate) fn new(environment: &[(String, String)], egress: CallEgress, max_memory: u64) -> HostState {
        HostState {
            table: ResourceTable::new(),
            // A context grants nothing by itself; only the variables are added. (And the linker would link nothing
            // else: see `runtime`.)
            wasi: WasiCtx::builder().envs(environment).build(),
            http: WasiHttpCtx::new(),
            egress,
            limits: InstanceLimits::new(max_memory),
        }
    }
}

/// What the guest gets to see. Never the proxy or anything about TLS: a guest that is told of a proxy it cannot use
/// must refuse to work.
pub(crate) fn guest_environment(settings: &Settings) -> Vec<(String, String)> {
    let mut environment = vec![
        ("VT_URL", settings.url.clone()),
        ("VT_TIMEOUT", settings.timeout.as_secs_f64().to_string()),
        ("VT_MAX_RESPONSE_BYTES", settings.max_response_bytes.to_string()),
    ];
    if settings.allow_http {
        environment.push(("VT_ALLOW_HTTP", "true".to_owned()));
    }
    match &settings.api_key {
        // Without a key neither is set, and the guest says so in its own words.
        None => {}
        Some(_) if settings.api_key_from_host => environment.push(("VT_APIKEY_FROM_HOST", "true".to_owned())),
        Some(key) => environment.push(("VT_APIKEY", key.expose().to_owned())),
    }
    environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for HostState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.egress }
    }
}
