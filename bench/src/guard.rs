//! The figures that no noise touches, for `cargo xtask check`: instructions of the component, memory of an instance,
//! allocations of the host.
//!
//! Instructions are counted as wasmtime's fuel, which is one for nearly every instruction, in a host that answers the
//! component's requests from memory: what the network does to the pieces of a body is in no figure. The answers are the
//! simulator's, compressed as VirusTotal's are.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use vt_hunting_host::bindings::{ConnectorExports, exports::virustotal::hunting::types};
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::retrohunt::MatchesQuery;
use wasmtime::component::{Component, HasData, Linker, ResourceTable};
use wasmtime::{Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::http as wasi_http;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::inside;
use crate::measure::Watch;
use crate::native;
use crate::server::Server;
use crate::ways::{Inside, Way, by_component, load};
use crate::work::{SNIPPET, Work};

/// More than any call burns.
const FUEL: u64 = 1 << 50;
/// How a body comes: in pieces as a network hands them over.
const PIECE: usize = 16 << 10;
/// A call is counted so often, and the least is taken: the first of a process allocates what is kept.
const CALLS: usize = 20;

/// The figures by name.
pub(crate) async fn figures(component: &Path, server: &Server) -> Result<BTreeMap<String, u64>> {
    let mut figures = BTreeMap::new();
    let engine = Engine::new(Config::new().consume_fuel(true)).map_err(plain)?;
    let compiled = Component::from_file(&engine, component)
        .map_err(plain)
        .with_context(|| format!("cannot load {}", component.display()))?;
    let linker = linker(&engine).map_err(plain)?;
    for work in [Work::Snippet, Work::Small, Work::Descriptors, Work::Page] {
        let answer = match work.target(&server.http) {
            Some(target) => compressed(server, &target).await?,
            None => Bytes::new(),
        };
        let name = name(work);
        if work != Work::Snippet {
            let (allocated, objects) = inside::allocated(work, &server.http.job, &server.http.key, &answer)?;
            figures.insert(format!("allocations of the component: {name}"), allocated.count);
            figures.insert(format!("bytes over the boundary: {name}"), (answer.len() + objects) as u64);
        }
        let counted = counted(&engine, &compiled, &linker, server, work, answer).await?;
        figures.insert(format!("instructions: {name}"), counted.instructions);
        figures.insert(format!("memory of the instance: {name}"), counted.memory);
    }
    let Way::Component(connector) = Inside::Component.tenant(&load(component)?, &server.http)? else {
        anyhow::bail!("the component makes a connector")
    };
    for work in [Work::Snippet, Work::Small] {
        let mut least = u64::MAX;
        for _ in 0..CALLS {
            let watch = Watch::start();
            by_component(&connector, work, &server.http).await?;
            let sample = watch.stop(1, 0);
            least = least.min(sample.allocations.map_or(u64::MAX, |count| count as u64));
        }
        figures.insert(format!("allocations of the host: {}", name(work)), least);
    }
    Ok(figures)
}

fn name(work: Work) -> &'static str {
    match work {
        Work::Small => "a small object",
        Work::Page => "a page of 40 full objects",
        Work::Large => "an object of 1 MB",
        Work::Descriptors => "a page of 40 descriptors",
        Work::ReadAll => "10 000 descriptors",
        Work::Snippet => "a snippet, without a request",
    }
}

/// The simulator's answer, as it goes over the wire.
async fn compressed(server: &Server, target: &str) -> Result<Bytes> {
    let request = native::client(None, 0)?.get(format!("{}{target}", server.http.url));
    let request = request.header("x-apikey", &server.http.key).header("accept-encoding", "gzip");
    let response = request.header("user-agent", "virustotal-hunting-bench (gzip)").send().await?;
    ensure!(
        response.headers().get("content-encoding").is_some_and(|encoding| encoding == "gzip"),
        "the simulator did not compress its answer to {target}"
    );
    Ok(response.bytes().await?)
}

struct Counted {
    instructions: u64,
    memory: u64,
}

async fn counted(
    engine: &Engine,
    component: &Component,
    linker: &Linker<Host>,
    server: &Server,
    work: Work,
    answer: Bytes,
) -> Result<Counted> {
    let mut least: Option<Counted> = None;
    for _ in 0..3 {
        let environment = [("VT_APIKEY", server.http.key.as_str()), ("VT_URL", "https://simulator.example")];
        let host = Host {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().envs(&environment).build(),
            http: WasiHttpCtx::new(),
            answers: Answers(answer.clone()),
            memory: Memory(0),
        };
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.memory);
        store.set_fuel(FUEL).map_err(plain)?;
        let exports = ConnectorExports::instantiate_async(&mut store, component, linker).await;
        let exports = exports.map_err(plain)?;
        let before = store.get_fuel().map_err(plain)?;
        call(&exports, &mut store, work, server).await?;
        let instructions = before - store.get_fuel().map_err(plain)?;
        if least.as_ref().is_none_or(|least| instructions < least.instructions) {
            least = Some(Counted { instructions, memory: store.data().memory.0 as u64 });
        }
    }
    least.context("a call was counted")
}

async fn call(exports: &ConnectorExports, store: &mut Store<Host>, work: Work, server: &Server) -> Result<()> {
    let failed = |error: types::Error| anyhow::anyhow!("{}: {}", error.code, error.message);
    let full = |count: usize| {
        ensure!(count == 40, "the page has {count} objects, not 40");
        Ok(())
    };
    match work {
        Work::Small => {
            let called = exports.virustotal_hunting_retrohunt().call_get_retrohunt_job(store, &server.http.job).await;
            called.map_err(plain)?.map_err(failed)?;
            Ok(())
        }
        Work::Page => {
            let query = MatchesQuery { limit: Some(40), ..Default::default() };
            let retrohunt = exports.virustotal_hunting_retrohunt();
            let called = retrohunt.call_get_retrohunt_job_matches(store, &server.http.job, &query).await;
            full(called.map_err(plain)?.map_err(failed)?.items.len())
        }
        Work::Descriptors => {
            let query = IocStreamQuery { limit: Some(40), descriptors_only: Some(true), ..Default::default() };
            let called = exports.virustotal_hunting_ioc_stream().call_get_ioc_stream_objects(store, &query).await;
            full(called.map_err(plain)?.map_err(failed)?.items.len())
        }
        Work::Snippet => {
            let called = exports.virustotal_hunting_snippets().call_parse_snippet(store, SNIPPET).await;
            let snippet = called.map_err(plain)?;
            ensure!(snippet.highlights.len() == 1, "the snippet was not read: {} highlights", snippet.highlights.len());
            Ok(())
        }
        Work::Large | Work::ReadAll => anyhow::bail!("there is no figure for {}", name(work)),
    }
}

struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    answers: Answers,
    memory: Memory,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.answers }
    }
}

/// What the linear memory has grown to.
struct Memory(usize);

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.0 = desired;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// The same answer to every request; nothing leaves the process.
struct Answers(Bytes);

type Sent = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Answers {
    fn send_request(
        &mut self,
        _request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let length = self.0.len();
        let body = Pieces(self.0.clone()).boxed_unsync();
        Box::new(async move {
            let response = http::Response::builder()
                .header("content-type", "application/json; charset=utf-8")
                .header("content-encoding", "gzip")
                .header("content-length", length)
                .body(body)
                .map_err(|_| Error::HttpProtocolError)?;
            let nothing: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(async { Ok(()) });
            Ok((response, nothing))
        })
    }
}

/// A body that comes piece by piece.
struct Pieces(Bytes);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let length = self.0.len().min(PIECE);
        let piece = self.0.split_to(length);
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// `wasi:io` works on the table alone.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// The component's seven imports.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    use wasmtime_wasi::p2::bindings::{cli, clocks, io};

    let mut linker = Linker::<Host>::new(engine);
    let l = &mut linker;
    io::error::add_to_linker::<_, Io>(l, |host| host.ctx().table)?;
    io::poll::add_to_linker::<_, Io>(l, |host| host.ctx().table)?;
    io::streams::add_to_linker::<_, Io>(l, |host| host.ctx().table)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, Host::clocks)?;
    cli::environment::add_to_linker::<_, WasiCli>(l, Host::cli)?;
    wasi_http::outgoing_handler::add_to_linker::<_, WasiHttp>(l, Host::http)?;
    wasi_http::types::add_to_linker::<_, WasiHttp>(l, &wasi_http::types::LinkOptions::default(), Host::http)?;
    Ok(linker)
}

/// wasmtime's error with all its causes: it is no `std::error::Error`.
fn plain(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}
