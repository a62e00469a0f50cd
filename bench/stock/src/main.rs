//! The component in plain wasmtime with its own sender, as docs/embedding.md has it: what one gets without the library.
//!
//! A fresh store and instance for every call, as with the library. The protocol is in bench/src/outside.rs.

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use exports::virustotal::hunting::ioc_stream::IocStreamQuery;
use exports::virustotal::hunting::retrohunt::MatchesQuery;
use exports::virustotal::hunting::types::Error as Failure;
use serde::Deserialize;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView, default_hooks};

wasmtime::component::bindgen!({ path: "../../wit", world: "connector", exports: { default: async } });

#[derive(Deserialize)]
struct Server {
    url: String,
    key: String,
    job: String,
    ruleset: String,
}

#[derive(Deserialize)]
struct Question {
    work: String,
    times: u32,
}

struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: default_hooks() }
    }
}

struct Stock {
    server: Server,
    engine: Engine,
    component: ConnectorPre<Host>,
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("the component's file is the one argument")?;
    let server: Server = serde_json::from_str(&std::env::var("BENCH_SERVER")?)?;
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::pooling());
    let engine = Engine::new(&config)?;
    let mut linker = Linker::<Host>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    let component = Component::from_file(&engine, &path)?;
    let component = ConnectorPre::new(linker.instantiate_pre(&component)?)?;
    let stock = Stock { server, engine, component };
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let answer = tokio.block_on(stock.answer(&question))?;
        writeln!(std::io::stdout().lock(), "{answer}")?;
    }
    Ok(())
}

impl Stock {
    async fn answer(&self, question: &Question) -> Result<serde_json::Value> {
        if self.server.url.starts_with("https:") {
            let why = "its sender trusts a built-in list of authorities, and cannot be told of the simulator's";
            return Ok(serde_json::json!({"skipped": why}));
        }
        let (cpu, started, mut objects) = (processor_time(), Instant::now(), 0);
        for _ in 0..question.times {
            objects += self.call(&question.work).await?;
        }
        let (took, cpu) = (started.elapsed(), processor_time() - cpu);
        Ok(serde_json::json!({
            "nanoseconds": took.as_nanos() as u64, "cpu_nanoseconds": cpu.as_nanos() as u64, "objects": objects,
        }))
    }

    async fn call(&self, work: &str) -> Result<usize> {
        let variables = [("VT_APIKEY", self.server.key.as_str()), ("VT_URL", self.server.url.as_str())];
        let wasi = WasiCtx::builder().envs(&variables).build();
        let mut store = Store::new(&self.engine, Host { table: ResourceTable::new(), wasi, http: WasiHttpCtx::new() });
        let connector = self.component.instantiate_async(&mut store).await?;
        let (retrohunt, livehunt) = (connector.virustotal_hunting_retrohunt(), connector.virustotal_hunting_livehunt());
        let stream = connector.virustotal_hunting_ioc_stream();
        let descriptors = |limit| IocStreamQuery {
            limit: Some(limit),
            descriptors_only: Some(true),
            filter: None,
            order: None,
            cursor: None,
        };
        let failed = |error: Failure| anyhow!("{}: {}", error.code, error.message);
        Ok(match work {
            "small" => {
                retrohunt.call_get_retrohunt_job(&mut store, &self.server.job).await?.map_err(failed)?;
                1
            }
            "large" => {
                livehunt.call_get_livehunt_ruleset(&mut store, &self.server.ruleset).await?.map_err(failed)?;
                1
            }
            "page" => {
                let query = MatchesQuery { limit: Some(40), cursor: None };
                let page = retrohunt.call_get_retrohunt_job_matches(&mut store, &self.server.job, &query).await?;
                page.map_err(failed)?.items.len()
            }
            "descriptors" => {
                let page = stream.call_get_ioc_stream_objects(&mut store, &descriptors(40)).await?;
                page.map_err(failed)?.items.len()
            }
            "read-all" => {
                let page = stream.call_get_ioc_stream_objects(&mut store, &descriptors(u32::MAX)).await?;
                let page = page.map_err(failed)?;
                if let Some(error) = page.page.incomplete {
                    return Err(failed(error));
                }
                page.items.len()
            }
            other => bail!("there is no work `{other}`"),
        })
    }
}

fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
