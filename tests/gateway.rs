//! The gateway, served: the composed component behind our own listener, against the simulator, spoken to as a client does.

mod access;
mod answers;
mod client;
mod connections;
mod deploy;
mod ending;
mod failures;
mod heads;
mod key;
mod starting;
mod strangers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vt_hunting_host::serve::{Ended, Gateway, GatewayOptions, Load, ServeOptions, Server};
use vt_hunting_host::{Secret, Settings};

use crate::support::{KEY, component, within};
use client::Answer;

/// What the gateway asks for in these tests.
const TOKEN: &str = "gateway-token-of-the-tests";

/// The composed component: what `VT_HUNTING_GATEWAY` names, else where `cargo xtask build` put it.
fn file() -> PathBuf {
    let named = std::env::var_os("VT_HUNTING_GATEWAY").filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = named.unwrap_or_else(|| {
        // The component stands in target/wasm32-wasip2/release.
        let target = component().ancestors().nth(3).map(Path::to_owned).expect("cargo's layout");
        target.join("components/virustotal-hunting-gateway.wasm")
    });
    assert!(path.is_file(), "there is no gateway at {}: build it with `cargo xtask build`", path.display());
    path
}

/// A gateway with a token for this tenant.
fn gateway(settings: Settings) -> Arc<Gateway> {
    gateway_with(settings, &[("GATEWAY_TOKEN", TOKEN)])
}

fn gateway_with(settings: Settings, variables: &[(&str, &str)]) -> Arc<Gateway> {
    let mut options = GatewayOptions::default();
    options.variables = variables.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    options.no_auth = !variables.iter().any(|(name, _)| *name == "GATEWAY_TOKEN");
    // Compiled once, for all of these tests.
    let own = std::env::current_exe().expect("a path");
    options.compiled = Some(own.with_file_name("compiled-for-tests"));
    Gateway::load(file(), settings, options).unwrap_or_else(|error| panic!("{error}"))
}

/// Any free port of this machine.
fn options() -> ServeOptions {
    let mut options = ServeOptions::default();
    options.address.set_port(0);
    options
}

/// A gateway that listens. Dropped, it ends.
struct Served {
    gateway: Arc<Gateway>,
    address: std::net::SocketAddr,
    load: Load,
    end: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<Ended>>,
}

impl Served {
    async fn start(gateway: Arc<Gateway>, options: ServeOptions) -> Served {
        let server = Server::bind(Arc::clone(&gateway), options).await.expect("a free port");
        let (address, load) = (server.address(), server.load());
        let (end, ended) = oneshot::channel();
        let running = tokio::spawn(server.run(async {
            let _ = ended.await;
        }));
        Served { gateway, address, load, end: Some(end), running: Some(running) }
    }

    /// The usual one, for this tenant.
    async fn of(settings: Settings) -> Served {
        Served::start(gateway(settings), options()).await
    }

    /// Asks for an action, with the token.
    async fn act(&self, action: &str, arguments: &Value) -> Answer {
        let answer =
            client::post(self.address, &format!("/v1/actions/{action}"), Some(TOKEN), &arguments.to_string()).await;
        assert!(!answer.contains(KEY), "{action} answers with the key: {answer:?}");
        answer
    }

    /// The same, which is to work: the envelope.
    async fn envelope(&self, action: &str, arguments: Value) -> Value {
        let answer = self.act(action, &arguments).await;
        assert_eq!(answer.status, 200, "{action} {arguments}: {answer:?}");
        answer.json()
    }

    /// The same, which is to fail like this: the problem.
    async fn problem(&self, action: &str, status: u16) -> Value {
        let answer = self.act(action, &json!({})).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        answer.json()
    }

    /// Asks for the end, without waiting for it.
    fn ask_to_end(&mut self) {
        let _ = self.end.take().expect("asked once").send(());
    }

    /// How it ended.
    async fn ended(&mut self) -> Ended {
        within(self.running.take().expect("waited for once")).await.expect("it does not panic")
    }

    /// Waits until no instance is at work.
    async fn is_idle(&self) {
        within(async {
            while self.gateway.counters().running > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}
