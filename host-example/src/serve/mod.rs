//! The gateway, served over HTTP: a component that exports `wasi:http/incoming-handler`, with the connector composed in,
//! behind a listener of this process.
//!
//! ```no_run
//! use vt_hunting_host::serve::{Gateway, GatewayOptions, ServeOptions, Server};
//! use vt_hunting_host::{ApiKey, Secret, Settings};
//!
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::new(ApiKey::new(std::env::var("VT_APIKEY")?)?);
//! let mut options = GatewayOptions::default();
//! options.variables.push(("GATEWAY_TOKEN".into(), Secret::new("a long random text")));
//! let gateway = Gateway::load("virustotal-hunting-gateway.wasm", settings, options)?;
//! gateway.check().await?;
//!
//! let server = Server::bind(gateway, ServeOptions::default()).await?;
//! println!("http://{}", server.address());
//! server.run(std::future::pending()).await;
//! # Ok(()) }
//! ```
//!
//! Every request gets an instance of its own, from a pool, with the tenant's limits; what the component sends passes the
//! same [`egress`](crate::egress) as a [`Connector`](crate::Connector)'s, and the API key is added there. A request's head
//! is judged first, with the component's own code and without the component: who has no token gets neither an instance
//! nor memory for a body. JSON is the component's.
//!
//! | file | what it decides |
//! |---|---|
//! | `variables` | what the component is told, and whether it may run without a token |
//! | `linker` | what it may import: a little more than a connector, and still no files, no sockets, no wall clock |
//! | `gateway` | one request in one instance: places, timeout, traps |
//! | `request` | a request on its way in: its head, its size, how long it may take to come, the budget of all bodies |
//! | `answer` | an answer on its way out: its size, and the key taken out |
//! | `reply` | what this host itself answers |
//! | `connections` | how many there may be, and which makes room |
//! | `wire` | a connection's bytes: how it leaves, and how it ends |
//! | `server` | the listener: how slow connections may be, and how they end |
//! | `lines` | what a log line shows |

mod answer;
mod connections;
mod error;
mod gateway;
mod lines;
mod linker;
mod reply;
mod request;
mod server;
mod variables;
mod wire;

pub use error::StartError;
pub use gateway::{Gateway, GatewayCounters, GatewayOptions};
pub use server::{Ended, Load, ServeOptions, Server};
