//! The composed component and what it runs with; one request in one instance.
//!
//! As with a connector's calls, interrupting takes two mechanisms: the engine's clock makes a computing component yield
//! every few milliseconds, and a timeout around the request ends it, whether it computes or waits in the host. The store
//! belongs to the request's future: whoever drops that, a client that hangs up too, has ended the instance.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::{OnceCell, Semaphore, oneshot};
use virustotal_hunting_gateway_head::{self as head, Access, Problem, Reply, Route};
use wasmtime::Store;
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

use super::answer::{self, Unfit};
use super::error::StartError;
use super::lines::shown;
use super::linker;
use super::reply;
use super::request;
use super::variables::Variables;
use crate::actions;
use crate::compiled;
use crate::counters::Counters;
use crate::egress::{CallEgress, CallStats, Egress};
use crate::error::LoadError;
use crate::runtime::{self, cause};
use crate::settings::{ApiKey, Secret, Settings};
use crate::state::{self, HostState};

/// Two components are one here, and each has a memory: a place has to have room for both.
const COMPONENTS_IN_ONE: u32 = 2;

/// What a gateway is besides its settings.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct GatewayOptions {
    /// The variables `GATEWAY_…` (`GATEWAY_TOKEN`, `GATEWAY_CORS_ORIGINS`, `GATEWAY_MAX_REQUEST_BYTES`); others are left
    /// out, and so is `GATEWAY_NO_AUTH`. Default: none.
    pub variables: Vec<(String, Secret)>,
    /// Whether it answers without asking for a token. It is then served on loopback addresses alone. Default: false.
    pub no_auth: bool,
    /// A folder to keep the compiled component in, as [`RuntimeOptions::compiled`](crate::RuntimeOptions::compiled) is.
    /// Default: none.
    pub compiled: Option<PathBuf>,
}

/// The gateway, compiled, with the settings of the one tenant it serves.
pub struct Gateway {
    pre: ProxyPre<HostState>,
    settings: Settings,
    environment: Vec<(String, String)>,
    variables: Variables,
    page: OnceCell<Response<Bytes>>,
    open_api: OnceCell<Response<Bytes>>,
    egress: Arc<Egress>,
    /// To take out of answers, wherever the key is added.
    key: ApiKey,
    places: Semaphore,
    running: AtomicUsize,
    requests: AtomicU64,
    failed: AtomicU64,
    counters: Arc<Counters>,
}

/// The figures at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewayCounters {
    /// Requests given to the component, ended or not.
    pub requests: u64,
    /// Instances at work.
    pub running: usize,
    /// Instances that broke off or ran out of time.
    pub failed: u64,
    /// HTTP requests sent to VirusTotal.
    pub attempts: u64,
}

impl Gateway {
    /// Compiles the gateway in this file. It takes as many requests at a time as `settings.max_concurrent_calls` says;
    /// more wait for `settings.queue_timeout`.
    ///
    /// # Errors
    ///
    /// The file is not there or not the gateway; the settings are no good or lack the API key; there is neither a token
    /// nor `no_auth`, or there are both.
    pub fn load(
        path: impl AsRef<Path>,
        settings: Settings,
        options: GatewayOptions,
    ) -> Result<Arc<Gateway>, StartError> {
        let path = path.as_ref();
        let read = || std::fs::read(path).map_err(|error| LoadError::Read { path: path.to_owned(), error });
        Gateway::new(read, path.display().to_string(), settings, options)
    }

    /// [`Gateway::load`] of the gateway in these bytes.
    ///
    /// # Errors
    ///
    /// As there; and there is no file to miss.
    pub fn from_bytes(bytes: &[u8], settings: Settings, options: GatewayOptions) -> Result<Arc<Gateway>, StartError> {
        Gateway::new(|| Ok(bytes), "the given gateway".to_owned(), settings, options)
    }

    fn new<Bytes: AsRef<[u8]>>(
        read: impl FnOnce() -> Result<Bytes, LoadError>,
        what: String,
        settings: Settings,
        options: GatewayOptions,
    ) -> Result<Arc<Gateway>, StartError> {
        // What is quick to find wrong comes first.
        settings.validate()?;
        let key = settings.api_key.clone().ok_or(StartError::MissingApiKey)?;
        let variables = Variables::new(options.variables, options.no_auth)?;
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        let counters = Arc::new(Counters::default());
        let egress = Arc::new(Egress::new(&settings, Arc::clone(&counters))?);
        let mut environment = state::guest_environment(&settings);
        environment.extend(variables.environment());

        let bytes = read()?;
        let places = settings.max_concurrent_calls;
        let engine = runtime::engine(places.saturating_mul(COMPONENTS_IN_ONE))?;
        let component = compiled::component(&engine, bytes.as_ref(), options.compiled.as_deref())
            .map_err(|error| LoadError::Component { what: what.clone(), reason: cause(&error) })?;
        let pre = linker::linker(&engine)
            .and_then(|linker| linker.instantiate_pre(&component))
            .and_then(ProxyPre::new)
            .map_err(|error| StartError::World { what, reason: cause(&error) })?;
        runtime::tick(&engine).map_err(|error| LoadError::Engine(error.to_string()))?;
        Ok(Arc::new(Gateway {
            pre,
            environment,
            variables,
            page: OnceCell::new(),
            open_api: OnceCell::new(),
            egress,
            key,
            places: Semaphore::new(places as usize),
            running: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            counters,
            settings,
        }))
    }

    /// Has the component answer once, before anybody asks it for anything: for its list of actions, and for the two
    /// documents that are open to all, which are kept. Sends nothing.
    ///
    /// # Errors
    ///
    /// A component that does not work.
    pub async fn check(&self) -> Result<(), StartError> {
        let mut request = Request::builder().method(Method::GET).uri("/v1/actions").header("host", "localhost");
        if let Access::Token(token) = &self.variables.settings.access {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Bytes::new()).map_err(|error| StartError::Unhealthy(error.to_string()))?;
        let response = self.respond(request).await;
        if !response.status().is_success() {
            let document: Option<serde_json::Value> = serde_json::from_slice(response.body()).ok();
            let detail = document.and_then(|document| Some(document.get("detail")?.as_str()?.to_owned()));
            let detail = detail.unwrap_or_else(|| format!("it answers {}", response.status()));
            return Err(StartError::Unhealthy(detail.trim_end_matches('.').to_owned()));
        }
        for route in [Route::Page, Route::OpenApi] {
            self.open(route).await.map_err(|problem| StartError::Unhealthy(problem.detail))?;
        }
        Ok(())
    }

    /// Answers one request: from its head where that is enough, else in an instance of its own. What goes wrong in this
    /// host is an answer as well: 502 when the component broke off, 503 when no place came free in time, 504 when it ran
    /// out of time.
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let head = match request::head(&parts) {
            Ok(head) => head,
            Err(problem) => return reply::response(problem.reply()),
        };
        let answered = match self.judge(&head) {
            Err(refusal) => Ok(reply::response(refusal)),
            Ok(route) if route.is_open() => self.open(route).await,
            Ok(_) => self.run(parts, body).await,
        };
        self.finish(answered, &head)
    }

    /// Judges a head, as the component does.
    pub(super) fn judge<'a>(&self, request: &'a head::Request) -> Result<Route<'a>, Reply> {
        head::judge(request, Ok(&self.variables.settings), actions::is_action)
    }

    /// What is open to all: told by this host, or asked of the component once, and kept.
    pub(super) async fn open(&self, route: Route<'_>) -> Result<Response<Bytes>, Problem> {
        let (kept, path) = match route {
            Route::Page => (&self.page, "/"),
            Route::OpenApi => (&self.open_api, "/openapi.json"),
            _ => return Ok(reply::response(head::health())),
        };
        let ask = || async move {
            let request = Request::builder().method(Method::GET).uri(path).header("host", "localhost").body(());
            let (parts, ()) = request.map_err(|error| broke_off(&error.to_string()))?.into_parts();
            let response = self.run(parts, Bytes::new()).await?;
            if response.status() == StatusCode::OK { Ok(response) } else { Err(broke_off("it lacks a document")) }
        };
        kept.get_or_try_init(ask).await.cloned()
    }

    /// What every answer that this host gives has.
    pub(super) fn finish(
        &self,
        answered: Result<Response<Bytes>, Problem>,
        request: &head::Request,
    ) -> Response<Bytes> {
        let mut response = answered.unwrap_or_else(|problem| reply::response(problem.reply()));
        for (name, value) in head::cors_headers(request, &self.variables.settings.cors_origins) {
            if let Ok(value) = http::HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        if request.method == "HEAD" {
            response.body_mut().clear();
        }
        response
    }

    /// The figures so far.
    pub fn counters(&self) -> GatewayCounters {
        GatewayCounters {
            requests: self.requests.load(Relaxed),
            running: self.running.load(Relaxed),
            failed: self.failed.load(Relaxed),
            attempts: self.counters.snapshot().attempts,
        }
    }

    /// Whether requests are asked for a token.
    pub fn asks_for_token(&self) -> bool {
        self.variables.asks_for_token()
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn max_request_bytes(&self) -> usize {
        self.variables.settings.max_request_bytes
    }

    /// Runs the component on a request that was judged, and that is whole.
    pub(super) async fn run(&self, mut parts: Parts, body: Bytes) -> Result<Response<Bytes>, Problem> {
        request::becomes_whole(&mut parts, &body);
        let request = Request::from_parts(parts, body);
        let _place = self.place().await?;
        self.requests.fetch_add(1, Relaxed);
        let _running = Running::new(&self.running);
        // As for a connector's call: a little above the component's own deadline, which explains itself better.
        let after = self.settings.timeout + Duration::from_secs(1).min(self.settings.timeout);
        let answered = match tokio::time::timeout(after, self.instance(request)).await {
            Ok(answered) => answered,
            Err(_) => Err(Problem::host(
                StatusCode::GATEWAY_TIMEOUT.as_u16(),
                "HostTimeout",
                format!(
                    "The gateway did not answer within {after:.1?} and was stopped. The operator can raise VT_TIMEOUT; \
                     before repeating an action that creates or aborts, list what is there."
                ),
            )),
        };
        if answered.is_err() {
            self.failed.fetch_add(1, Relaxed);
        }
        let (mut parts, body) = answered?.into_parts();
        let body = answer::redact(&self.key, &mut parts.headers, body);
        Ok(Response::from_parts(parts, body))
    }

    async fn place(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let after = self.settings.queue_timeout;
        match tokio::time::timeout(after, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Problem::host(
                StatusCode::SERVICE_UNAVAILABLE.as_u16(),
                "TooBusy",
                format!(
                    "No turn within {after:.1?}: as many requests as VT_MAX_CONCURRENT_CALLS allows are at work. Nothing \
                     was sent; ask again later."
                ),
            )
            .again_after(1)),
        }
    }

    async fn instance(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Problem> {
        let egress = CallEgress::new(Arc::clone(&self.egress), Arc::new(CallStats::default()));
        let state = HostState::new(&self.environment, egress, self.settings.max_memory_bytes);
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.limits);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);

        let (send, head) = oneshot::channel();
        let request = request.map(|body| Full::new(body).map_err(|never| match never {}));
        let mut http = store.data_mut().http();
        let broken = |error: wasmtime::Error| broke_off(&cause(&error));
        let request = http.new_incoming_request::<_>(Scheme::Http, erased(request)).map_err(broken)?;
        let out = http.new_response_outparam(send).map_err(broken)?;

        let proxy = self.pre.instantiate_async(&mut store).await.map_err(broken)?;
        let most = self.settings.max_memory_bytes;
        // The component waits for its body to be taken, and we for its end: side by side.
        let calling = async {
            let ended = proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await;
            let refused = store.data().limits.memory_refused;
            // What it left open ends with it: an answer that it never gave, or half of one.
            drop(store);
            ended.map_err(|error| {
                let mut reason = cause(&error);
                if refused {
                    reason = format!("it needs more memory than `max_memory_bytes` ({most}): {reason}");
                }
                broke_off(&reason)
            })
        };
        let answering = async {
            // No answer, whatever became of the call.
            let Ok(head) = head.await else { return Ok(None) };
            let response = head.map_err(|error| broke_off(&format!("it gave up with {error:?}")))?;
            let (parts, body) = response.into_parts();
            match answer::read(body, most).await {
                Ok(body) => Ok(Some(Response::from_parts(parts, body))),
                Err(Unfit::Aborted) => Err(broke_off("it took its answer back")),
                Err(Unfit::TooLarge) => Err(broke_off("its answer is larger than its memory may be")),
            }
        };
        let (ended, answered) = tokio::join!(calling, answering);
        ended?;
        answered?.ok_or_else(|| broke_off("it ended without an answer"))
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What the log says is what happened; the caller learns that it did.
fn broke_off(reason: &str) -> Problem {
    tracing::error!(reason = shown(reason), "the gateway's component broke off");
    Problem::host(
        StatusCode::BAD_GATEWAY.as_u16(),
        "Trap",
        "The gateway's component broke off; its log says why. The next request starts afresh; before repeating an action \
         that creates or aborts, list what is there.",
    )
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, wasmtime_wasi_http::Error>;

fn erased<B>(request: Request<B>) -> Request<Body>
where
    B: http_body::Body<Data = Bytes, Error = wasmtime_wasi_http::Error> + Send + 'static,
{
    request.map(http_body_util::BodyExt::boxed_unsync)
}

/// Counts an instance as running until dropped, so also when a client hangs up.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn new(count: &'a AtomicUsize) -> Running<'a> {
        count.fetch_add(1, Relaxed);
        Running(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component that exports the handler, with this body of its one function.
    fn component(body: &str) -> Vec<u8> {
        wat::parse_str(format!(
            r#"(component
                (import "wasi:http/types@0.2.4" (instance $types
                    (export "incoming-request" (type (sub resource)))
                    (export "response-outparam" (type (sub resource)))))
                (alias export $types "incoming-request" (type $request))
                (alias export $types "response-outparam" (type $out))
                (core module $m (memory 1) (func (export "handle") (param i32 i32) {body}))
                (core instance $i (instantiate $m))
                (func $handle (param "request" (own $request)) (param "response-out" (own $out))
                    (canon lift (core func $i "handle")))
                (instance $handler (export "handle" (func $handle)))
                (export "wasi:http/incoming-handler@0.2.4" (instance $handler)))"#
        ))
        .unwrap()
    }

    /// The component's file, removed when it is dropped.
    struct File(PathBuf);

    impl File {
        fn new(name: &str, bytes: &[u8]) -> File {
            let path = std::env::temp_dir().join(format!("vt-hunting-gateway-{}-{name}.wasm", std::process::id()));
            std::fs::write(&path, bytes).unwrap();
            File(path)
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn load(name: &str, bytes: &[u8], settings: Settings) -> Result<Arc<Gateway>, StartError> {
        let file = File::new(name, bytes);
        Gateway::load(&file.0, settings, GatewayOptions { no_auth: true, ..GatewayOptions::default() })
    }

    fn settings() -> Settings {
        Settings { max_concurrent_calls: 2, ..Settings::new(ApiKey::new("0123456789abcdef").unwrap()) }
    }

    async fn answer(gateway: &Gateway) -> (u16, String) {
        let request = Request::builder().uri("/").header("host", "localhost").body(Bytes::new()).unwrap();
        let response = gateway.respond(request).await;
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_goes_wrong_inside_is_an_answer_and_leaves_nothing_behind() {
        let (short, long) = (Duration::from_millis(100), Duration::from_secs(120));
        for (name, body, timeout, status, code) in [
            ("trap", "unreachable", long, 502, "Trap"),
            ("silence", "", long, 502, "Trap"),
            ("spin", "(loop br 0)", short, 504, "HostTimeout"),
        ] {
            let gateway = load(name, &component(body), Settings { timeout, ..settings() }).unwrap();
            for _ in 0..4 {
                let (got, text) = answer(&gateway).await;
                assert_eq!(got, status, "{name}: {text}");
                assert!(text.contains(code) && !text.contains("wasm"), "{name}: {text}");
            }
            let counters = gateway.counters();
            assert_eq!((counters.requests, counters.running, counters.failed), (4, 0, 4), "{name}");
            assert_eq!(gateway.places.available_permits(), 2, "{name}");
        }
    }

    #[tokio::test]
    async fn a_component_that_does_not_work_is_found_out_at_the_start() {
        let gateway = load("unhealthy", &component("unreachable"), settings()).unwrap();
        let refused = gateway.check().await.unwrap_err();
        assert!(matches!(&refused, StartError::Unhealthy(_)), "{refused}");
    }

    #[test]
    fn a_component_that_wants_more_or_is_another_one_is_refused_by_name() {
        for (text, named) in [
            (
                r#"(component (import "wasi:sockets/network@0.2.0" (instance (export "f" (func)))))"#,
                "wasi:sockets/network",
            ),
            (
                r#"(component (import "wasi:filesystem/types@0.2.0" (instance (export "f" (func)))))"#,
                "wasi:filesystem/types",
            ),
            (
                r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance (export "f" (func)))))"#,
                "wasi:clocks/wall-clock",
            ),
            ("(component)", "wasi:http/incoming-handler"),
        ] {
            let refused = load("other", &wat::parse_str(text).unwrap(), settings()).unwrap_err();
            assert!(matches!(&refused, StartError::World { reason, .. } if reason.contains(named)), "{refused}");
        }
    }

    #[test]
    fn without_a_key_it_does_not_start() {
        let refused = load("no-key", &component(""), Settings::default()).unwrap_err();
        assert!(matches!(refused, StartError::MissingApiKey), "{refused}");
    }
}
