//! The component in a host that is nothing but this file: any environment, any answer, no network.
//!
//! The example host keeps `VT_HTTP_PROXY` and `VT_VERIFY_SSL` to itself, checks the settings before the component does,
//! and never inflates. Other hosts do otherwise, and the component has to cope.

use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use vt_hunting_host::bindings::{ConnectorExports, ConnectorPre};
use wasmtime::component::{Component, HasData, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{clocks, io};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::http as wasi_http;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

type Variables = Arc<Mutex<Vec<(String, String)>>>;
type Answer = Arc<dyn Fn() -> http::Response<WasiBody> + Send + Sync>;

static PRE: LazyLock<ConnectorPre<State>> = LazyLock::new(|| prepare().expect("the component fits"));

/// One instance, its environment, and what it sent.
pub(crate) struct Bare {
    /// For `exports.virustotal_hunting_…().call_…(&mut store, …)`.
    pub(crate) store: Store<State>,
    /// The component's functions.
    pub(crate) exports: ConnectorExports,
    variables: Variables,
    requests: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl Bare {
    /// An instance with these variables, whose every request is answered with an empty page.
    pub(crate) async fn new(variables: &[(&str, &str)]) -> Bare {
        Bare::answering(variables, || http::Response::new(Bytes::from_static(br#"{"data":[]}"#))).await
    }

    /// The same with an answer of one's own.
    pub(crate) async fn answering(
        given: &[(&str, &str)],
        answer: impl Fn() -> http::Response<Bytes> + Send + Sync + 'static,
    ) -> Bare {
        let body = |bytes| Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
        Bare::streaming(given, move || answer().map(body)).await
    }

    /// The same with a body that comes in pieces.
    pub(crate) async fn streaming(
        given: &[(&str, &str)],
        answer: impl Fn() -> http::Response<WasiBody> + Send + Sync + 'static,
    ) -> Bare {
        let variables: Variables = Arc::default();
        let requests = Arc::default();
        let hooks = Hooks { answer: Arc::new(answer), requests: Arc::clone(&requests) };
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            hooks,
            variables: Arc::clone(&variables),
        };
        let mut store = Store::new(PRE.engine(), state);
        let exports = PRE.instantiate_async(&mut store).await.expect("an instance");
        let bare = Bare { store, exports, variables, requests };
        bare.set_variables(given);
        bare
    }

    /// Gives it another environment, as of the next call.
    pub(crate) fn set_variables(&self, variables: &[(&str, &str)]) {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        *self.variables.lock().expect("no panic") = variables;
    }

    /// What it sent, oldest first.
    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// What the store holds.
pub(crate) struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    variables: Variables,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

struct Hooks {
    answer: Answer,
    requests: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

type Sent = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let (answer, requests) = (Arc::clone(&self.answer), Arc::clone(&self.requests));
        Box::new(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            requests.lock().expect("no panic").push(http::Request::from_parts(parts, body));
            let nothing: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(async { Ok(()) });
            Ok((answer(), nothing))
        })
    }
}

/// `wasi:io` works on the table alone.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links exactly what the component may import.
fn prepare() -> wasmtime::Result<ConnectorPre<State>> {
    let engine = Engine::new(Config::new().wasm_component_model(true))?;
    let component = Component::from_file(&engine, super::component())?;
    let mut linker = Linker::<State>::new(&engine);
    let l = &mut linker;
    io::error::add_to_linker::<_, Io>(l, |state| state.ctx().table)?;
    io::poll::add_to_linker::<_, Io>(l, |state| state.ctx().table)?;
    io::streams::add_to_linker::<_, Io>(l, |state| state.ctx().table)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)?;
    wasi_http::outgoing_handler::add_to_linker::<_, WasiHttp>(l, State::http)?;
    wasi_http::types::add_to_linker::<_, WasiHttp>(l, &wasi_http::types::LinkOptions::default(), State::http)?;
    // Not wasmtime's own, whose environment is fixed once the store is made.
    l.instance("wasi:cli/environment@0.2.4")?.func_wrap("get-environment", |store, (): ()| {
        let store: wasmtime::StoreContextMut<'_, State> = store;
        Ok((store.data().variables.lock().expect("no panic").clone(),))
    })?;
    ConnectorPre::new(linker.instantiate_pre(&component)?)
}
