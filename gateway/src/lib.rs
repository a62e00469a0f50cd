//! VirusTotal Hunting over HTTP and JSON, for whatever speaks neither WebAssembly nor the contract.
//!
//! A component: it answers `wasi:http/incoming-handler`, and imports the contract, so that the component that has it is
//! composed in and every action runs through the same code as everywhere else. What depends on the contract is generated
//! by `build/` from `wit/`. All but `component` is pure, and is tested natively.
//!
//! [`serve`] is the way in: a request, its body, the settings and something to call; a reply.

mod access;
mod actions;
mod answer;
mod body;
#[cfg(target_family = "wasm")]
mod component;
mod contract;
mod cors;
mod envelope;
mod problem;
mod reply;
mod request;
mod router;
mod settings;
mod strict;

pub use actions::{Call, NAMES};
pub use answer::Answer;
pub use body::{Broken, Source};
pub use contract::{ErrorKind, Failure, ResponseInfo};
pub use reply::Reply;
pub use request::Request;
pub use router::{Hunting, serve};
