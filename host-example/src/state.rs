//! What a store holds: the guest's view of the outside, which is an environment, a clock and one way out.

use crate::egress::CallEgress;
use crate::limits::InstanceLimits;
use crate::settings::{Access, DEFAULT_RETRIES, Settings};
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
/// must refuse to work. Nor `VT_REQUESTS_PER_MINUTE`: the component would keep to it too, instance by instance, and a
/// second limiter behind the tenant's own (`egress/rate`) adds nothing but the difference between two clocks.
pub(crate) fn guest_environment(settings: &Settings) -> Vec<(String, String)> {
    let mut environment = vec![
        ("VT_URL", settings.url.clone()),
        ("VT_TIMEOUT", settings.timeout.as_secs_f64().to_string()),
        ("VT_MAX_RESPONSE_BYTES", settings.max_response_bytes.to_string()),
    ];
    if settings.allow_http {
        environment.push(("VT_ALLOW_HTTP", "true".to_owned()));
    }
    // The component's own defaults are not repeated, so that one that does not know these works as before.
    if settings.access != Access::Full {
        environment.push(("VT_ACCESS", settings.access.as_str().to_owned()));
    }
    if settings.retries != DEFAULT_RETRIES {
        environment.push(("VT_RETRIES", settings.retries.to_string()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::RequestRate;

    fn given(settings: &Settings) -> Vec<(String, String)> {
        let mut environment = guest_environment(settings);
        environment.retain(|(name, _)| ["VT_ACCESS", "VT_RETRIES", "VT_REQUESTS_PER_MINUTE"].contains(&name.as_str()));
        environment
    }

    #[test]
    fn the_guest_is_told_what_differs_from_its_own_defaults() {
        assert_eq!(given(&Settings::default()), []);
        let settings = Settings { access: Access::ReadOnly, retries: 0, ..Settings::default() };
        let told = [("VT_ACCESS", "read-only"), ("VT_RETRIES", "0")];
        assert_eq!(given(&settings), told.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn the_guest_is_not_told_of_a_rate_that_the_host_keeps() {
        let settings = Settings { requests_per_minute: Some(RequestRate::PUBLIC), ..Settings::default() };
        assert_eq!(given(&settings), []);
    }
}
