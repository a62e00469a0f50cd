//! A host in plain `wasmtime` that answers `wasi:config/store` itself: the tenant's settings come from wherever this host has
//! them, and the key is put into requests on their way out, so that the sandbox never sees it.
//!
//! ```sh
//! cargo xtask build
//! VT_APIKEY=… cargo run -p vt-hunting-host --example config_store -- \
//!     target/components/virustotal-hunting-config-store.wasm https://www.virustotal.com
//! ```
//!
//! A third argument, `--broken-store`, lets the store fail, as one behind a network does: that is the call's error, no trap.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use wasmtime::component::{Component, HasData, HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{clocks, io};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::http as wasi_http;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use bindings::exports::virustotal::hunting::livehunt::RulesetsQuery;
use bindings::wasi::config::store;

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector-config-store",
        exports: { default: async },
        require_store_data_send: true,
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
        },
    });
}

/// One tenant's settings. Any source will do: the component asks anew at every call, key by key.
struct TenantStore {
    values: HashMap<&'static str, String>,
    is_broken: bool,
}

impl store::Host for TenantStore {
    fn get(&mut self, key: String) -> Result<Option<String>, store::Error> {
        if self.is_broken {
            return Err(store::Error::Upstream("no answer".into()));
        }
        Ok(self.values.get(key.as_str()).cloned())
    }

    /// The component never asks for all: what else a store holds is none of its business.
    fn get_all(&mut self) -> Result<Vec<(String, String)>, store::Error> {
        Err(store::Error::Upstream("ask for one key".into()))
    }
}

/// The way out: one address, and the key for it.
struct Egress {
    client: reqwest::Client,
    origin: reqwest::Url,
    key: http::HeaderValue,
}

type Processed = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Egress {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Processed,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Processed), Error>> + Send> {
        let (client, origin, key) = (self.client.clone(), self.origin.origin(), self.key.clone());
        Box::new(async move {
            let (mut parts, body) = request.into_parts();
            let url = reqwest::Url::parse(&parts.uri.to_string()).map_err(|_| Error::HttpRequestUriInvalid)?;
            if url.origin() != origin {
                return Err(Error::HttpRequestDenied);
            }
            parts.headers.insert("x-apikey", key);
            let body = body.collect().await?.to_bytes();
            let sent = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
            let answer: http::Response<reqwest::Body> = sent.map_err(|error| failed(&error))?.into();
            let (parts, body) = answer.into_parts();
            // Whole, for brevity: the component stops reading at its cap, a host should too.
            let body = body.collect().await.map_err(|error| failed(&error))?.to_bytes();
            let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
            let nothing: Processed = Box::new(async { Ok(()) });
            Ok((http::Response::from_parts(parts, body), nothing))
        })
    }
}

fn failed(error: &reqwest::Error) -> Error {
    if error.is_connect() { Error::ConnectionRefused } else { Error::HttpProtocolError }
}

/// What a store of `wasmtime` holds: one tenant.
struct Tenant {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    settings: TenantStore,
    egress: Egress,
}

impl WasiView for Tenant {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Tenant {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.egress }
    }
}

/// `wasi:io` works on the table alone.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// The seven imports and nothing else: whatever asks for more does not link.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<Tenant>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    io::error::add_to_linker::<_, Io>(l, |tenant: &mut Tenant| &mut tenant.table)?;
    io::poll::add_to_linker::<_, Io>(l, |tenant| &mut tenant.table)?;
    io::streams::add_to_linker::<_, Io>(l, |tenant| &mut tenant.table)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, Tenant::clocks)?;
    wasi_http::outgoing_handler::add_to_linker::<_, WasiHttp>(l, Tenant::http)?;
    wasi_http::types::add_to_linker::<_, WasiHttp>(l, &wasi_http::types::LinkOptions::default(), Tenant::http)?;
    store::add_to_linker::<_, HasSelf<TenantStore>>(l, |tenant| &mut tenant.settings)?;
    Ok(linker)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(component), Some(url)) = (arguments.next(), arguments.next()) else {
        return Err("give the component's file, and the API's address".into());
    };
    let mut key = http::HeaderValue::from_str(&std::env::var("VT_APIKEY")?).map_err(|_| "VT_APIKEY is no key")?;
    key.set_sensitive(true);
    // Another host of the process may have chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(60));

    let engine = Engine::default();
    let component = Component::from_file(&engine, component)?;
    let tenant = Tenant {
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().build(),
        http: WasiHttpCtx::new(),
        egress: Egress { client: client.build()?, origin: url.parse()?, key },
        settings: TenantStore {
            values: HashMap::from([("apikey_from_host", "true".to_owned()), ("url", url)]),
            is_broken: arguments.any(|argument| argument == "--broken-store"),
        },
    };
    let mut store = Store::new(&engine, tenant);
    let connector =
        bindings::ConnectorConfigStore::instantiate_async(&mut store, &component, &linker(&engine)?).await?;
    let query = RulesetsQuery { limit: Some(40), filter: None, order: None, cursor: None, relationships: None };
    match connector.virustotal_hunting_livehunt().call_get_livehunt_rulesets(&mut store, &query).await? {
        Ok(page) => println!("{} rulesets", page.items.len()),
        Err(error) => println!("{}: {}", error.code, error.message),
    }
    Ok(())
}
