//! VirusTotal Hunting over HTTP and JSON, for whatever speaks neither WebAssembly nor the contract.
//!
//! A component: it answers `wasi:http/incoming-handler`, and imports the contract, so that the component that has it is
//! composed in and every action runs through the same code as everywhere else. What depends on the contract is generated
//! by `build/` from `wit/`. All but `component` is pure, and is tested natively. What a request's head says about it is the
//! crate `head`, which hosts judge with as well.
//!
//! [`serve`] is the way in: a request, its body, the settings and something to call; a reply.

mod actions;
mod answer;
mod body;
#[cfg(target_family = "wasm")]
mod component;
mod contract;
mod envelope;
mod problem;
mod router;
mod strict;

pub use actions::{Call, NAMES};
pub use answer::Answer;
pub use body::{Broken, Source};
pub use contract::{ErrorKind, Failure, ResponseInfo};
pub use router::{Hunting, serve};
pub use virustotal_hunting_gateway_head::{Reply, Request};
