//! The engine and the compiled component: made once, shared by all tenants.
//!
//! Compiling takes a good part of a second, instantiating microseconds: so the component is compiled and linked once
//! (`InstancePre`), instances come from a pool, and a tenant is only settings and an HTTP client.
//!
//! The linker holds the seven interfaces of the world `connector` and nothing else. A component that imports a file
//! system, sockets, randomness or a wall clock does not load.

use crate::actions::Functions;
use crate::compiled;
use crate::connector::Connector;
use crate::egress::{error_code_of, platform_authorities};
use crate::error::LoadError;
use crate::settings::{Settings, SettingsError};
use crate::state::HostState;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime::component::{HasData, Instance, InstancePre, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};
use wasmtime_wasi::{WasiView, cli::WasiCli, cli::WasiCliView, clocks::WasiClocks, clocks::WasiClocksView};
use wasmtime_wasi_http::p2::bindings::http as wasi_http;
use wasmtime_wasi_http::{WasiHttp, WasiHttpView};

/// How often a computing component lets others run, and can be stopped.
const TICK: Duration = Duration::from_millis(10);

/// What is shared by all tenants, and so is no tenant's setting.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuntimeOptions {
    /// The most instances at the same time, of all tenants: calls in flight and kept [`Instance`](crate::Instance)s.
    /// More wait. Default: 1000. Each reserves address space (not memory).
    pub max_instances: u32,
    /// A folder to keep compiled components in, so that the next process need not compile: it is made, for its owner
    /// alone, and what somebody else may write there is not used. Default: none. Unix only.
    pub compiled: Option<PathBuf>,
}

impl Default for RuntimeOptions {
    fn default() -> RuntimeOptions {
        RuntimeOptions { max_instances: 1000, compiled: None }
    }
}

/// The compiled component, ready for any number of tenants.
pub struct Runtime {
    pre: InstancePre<HostState>,
    functions: Functions,
    /// Whether an instance had functions of the contract's types, which holds for all instances of a component.
    checked: OnceLock<()>,
    instances: Arc<Semaphore>,
}

impl Runtime {
    /// Compiles the component in this file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no component, imports more than it may, or does not export the contract.
    pub fn load(path: impl AsRef<Path>) -> Result<Arc<Runtime>, LoadError> {
        Runtime::load_with(path, &RuntimeOptions::default())
    }

    /// [`Runtime::load`] with options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn load_with(path: impl AsRef<Path>, options: &RuntimeOptions) -> Result<Arc<Runtime>, LoadError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| LoadError::Read { path: path.to_owned(), error })?;
        Runtime::new(&bytes, &path.display().to_string(), options)
    }

    /// Compiles the component in these bytes.
    ///
    /// # Errors
    ///
    /// They are no component, import more than they may, or do not export the contract.
    pub fn from_bytes(bytes: &[u8]) -> Result<Arc<Runtime>, LoadError> {
        Runtime::from_bytes_with(bytes, &RuntimeOptions::default())
    }

    /// [`Runtime::from_bytes`] with options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_bytes_with(bytes: &[u8], options: &RuntimeOptions) -> Result<Arc<Runtime>, LoadError> {
        Runtime::new(bytes, "the given component", options)
    }

    /// One tenant: these settings, a connection pool of its own, nothing shared but the compiled code.
    ///
    /// # Errors
    ///
    /// Settings that are no good, or files they name that cannot be read.
    pub fn connector(self: &Arc<Self>, settings: Settings) -> Result<Connector, SettingsError> {
        Connector::new(Arc::clone(self), settings)
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.pre.engine()
    }

    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
    }

    pub(crate) async fn instantiate(&self, store: &mut Store<HostState>) -> wasmtime::Result<Instance> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        if self.checked.get().is_none() {
            self.functions.check(store, &instance)?;
            self.checked.get_or_init(|| ());
        }
        Ok(instance)
    }

    pub(crate) fn instances(&self) -> &Arc<Semaphore> {
        &self.instances
    }

    fn new(bytes: &[u8], what: &str, options: &RuntimeOptions) -> Result<Arc<Runtime>, LoadError> {
        // Most first tenants need them, and reading them takes as long as all of this. Without a thread, that tenant reads them.
        let _ = std::thread::Builder::new().name("vt-hunting-authorities".to_owned()).spawn(platform_authorities);
        let engine = engine(options.max_instances)?;
        let component = compiled::component(&engine, bytes, options.compiled.as_deref())
            .map_err(|error| LoadError::Component { what: what.to_owned(), reason: cause(&error) })?;
        let world = |error: wasmtime::Error| LoadError::World { what: what.to_owned(), reason: cause(&error) };
        let pre = linker(&engine).and_then(|linker| linker.instantiate_pre(&component)).map_err(world)?;
        let functions =
            Functions::of(&component).map_err(|reason| LoadError::World { what: what.to_owned(), reason })?;
        tick(&engine).map_err(|error| LoadError::Engine(error.to_string()))?;
        Ok(Arc::new(Runtime {
            pre,
            functions,
            checked: OnceLock::new(),
            instances: Arc::new(Semaphore::new(options.max_instances as usize)),
        }))
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("instances_free", &self.instances.available_permits()).finish_non_exhaustive()
    }
}

/// The whole chain on one line, without a backtrace.
pub(crate) fn cause(error: &wasmtime::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain() {
        // The first lines: what follows them is a list of WebAssembly frames.
        let text = cause.to_string().lines().next().unwrap_or_default().trim().to_owned();
        if !text.is_empty()
            && !text.starts_with("error while executing at wasm backtrace")
            && causes.last() != Some(&text)
        {
            causes.push(text);
        }
    }
    causes.join(": ")
}

/// From a pool where the system grants the address space a pool needs, else on demand (slower by some microseconds).
pub(crate) fn engine(max_instances: u32) -> Result<Engine, LoadError> {
    let mut config = Config::new();
    config.wasm_component_model(true).epoch_interruption(true);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(max_instances)
        .total_core_instances(max_instances.saturating_mul(4))
        .total_memories(max_instances)
        .total_tables(max_instances.saturating_mul(2))
        .total_stacks(max_instances)
        .max_memory_size(1 << 32)
        // What a call touches, up to a page of 40 full objects, stays mapped for the next one: getting it from the system again
        // is an eighth of such a call. The rest goes back. So many places hold this as were ever taken at once.
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(16 << 10);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).or_else(|error| {
        tracing::warn!(reason = %cause(&error), "no instance pool; instances are allocated on demand");
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        Engine::new(&config).map_err(|error| LoadError::Engine(cause(&error)))
    })
}

/// A thread that moves the engine's clock, and ends with the engine.
pub(crate) fn tick(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new().name("vt-hunting-tick".to_owned()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    })?;
    Ok(())
}

/// `wasi:io` works on the table alone.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// The seven interfaces, and no more.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<HostState>> {
    use wasmtime_wasi::p2::bindings::{cli, clocks, io};

    let mut linker = Linker::<HostState>::new(engine);
    let l = &mut linker;
    io::error::add_to_linker::<_, Io>(l, |state| state.ctx().table)?;
    io::poll::add_to_linker::<_, Io>(l, |state| state.ctx().table)?;
    io::streams::add_to_linker::<_, Io>(l, |state| state.ctx().table)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, HostState::clocks)?;
    cli::environment::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    wasi_http::outgoing_handler::add_to_linker::<_, WasiHttp>(l, HostState::http)?;
    wasi_http::types::add_to_linker::<_, WasiHttp>(l, &wasi_http::types::LinkOptions::default(), HostState::http)?;
    explain_body_errors(l)?;
    Ok(linker)
}

/// Replaces `wasi:http/types.http-error-code`.
///
/// wasmtime 48 looks for a WASI error code in the stream's error, while its own streams carry the embedder's error
/// type, so a failure in the middle of a body would reach the guest without a code. This looks for both.
fn explain_body_errors(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    type IoError = wasmtime_wasi::p2::IoError;
    linker.allow_shadowing(true);
    linker.instance(WASI_HTTP_TYPES)?.func_wrap(
        "http-error-code",
        |mut store: wasmtime::StoreContextMut<'_, HostState>, (error,): (Resource<IoError>,)| {
            let error = store.data_mut().http().table.get(&error)?;
            Ok((error_code_of(error),))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The level that `wasmtime-wasi-http` 48 implements; the linker serves every component of 0.2.x up to it.
const WASI_HTTP_TYPES: &str = "wasi:http/types@0.2.12";

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::component::Component;

    fn load(text: &str) -> LoadError {
        Runtime::from_bytes(&wat::parse_str(text).unwrap()).expect_err("it does not fit")
    }

    #[test]
    fn a_missing_component_says_where_and_how_to_build_it() {
        let error = Runtime::load("/nowhere/component.wasm").unwrap_err().to_string();
        assert!(error.contains("/nowhere/component.wasm") && error.contains("cargo xtask build"), "{error}");
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(matches!(Runtime::from_bytes(b"no component"), Err(LoadError::Component { .. })));
        assert!(matches!(load("(module)"), LoadError::Component { .. }));
    }

    #[test]
    fn a_component_that_wants_more_than_it_may_have_does_not_load() {
        for import in [
            r#""wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64))))"#,
            r#""wasi:clocks/wall-clock@0.2.0" (instance (export "resolution" (func (result u64))))"#,
            r#""wasi:cli/stdin@0.2.0" (instance (export "get-stdin" (func (result u32))))"#,
            r#""wasi:sockets/instance-network@0.2.0" (instance (export "instance-network" (func (result u32))))"#,
        ] {
            let error = load(&format!("(component (import {import}))"));
            let name = import.split('"').nth(1).unwrap();
            assert!(matches!(&error, LoadError::World { reason, .. } if reason.contains(name)), "{error}");
        }
    }

    #[test]
    fn a_component_that_lacks_the_contract_does_not_load() {
        let error = load("(component)");
        assert!(matches!(&error, LoadError::World { reason, .. } if reason.contains("virustotal:hunting/")), "{error}");
    }

    #[tokio::test]
    async fn a_component_that_never_stops_computing_can_be_stopped() {
        let spinning = r#"(component
            (core module $m (func (export "spin") (loop br 0)))
            (core instance $i (instantiate $m))
            (func (export "spin") (canon lift (core func $i "spin"))))"#;
        let engine = engine(1).unwrap();
        tick(&engine).unwrap();
        let component = Component::from_binary(&engine, &wat::parse_str(spinning).unwrap()).unwrap();
        let mut store = wasmtime::Store::new(&engine, ());
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let instance = Linker::new(&engine).instantiate_async(&mut store, &component).await.unwrap();
        let spin = instance.get_typed_func::<(), ()>(&mut store, "spin").unwrap();
        let call = tokio::time::timeout(Duration::from_millis(100), spin.call_async(&mut store, ()));
        assert!(call.await.is_err());
    }
}
