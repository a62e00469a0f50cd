//! VirusTotal Hunting as tools for agents: a component that imports the contract and exports each action as a function of
//! the world itself, with answers kept small.
//!
//! It is composed with the component that exports the contract, so no request, no answer and no rule of the service is
//! known here. What the world looks like is the generator's (`generator/`), as is the code that calls the actions; this
//! crate adds [`Show`], what is left of an answer, and [`convert`], the plain conversions.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod convert;
pub mod show;

pub use show::Show;

#[allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "generated"
)]
pub mod bindings {
    //! What `wit-bindgen` makes of the flat world.
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

/// Answers every function of the flat world.
pub struct Tools;

#[allow(clippy::too_many_arguments, reason = "a tool has as many parameters as its action has fields")]
mod glue {
    use super::bindings as tool;
    use super::bindings::virustotal::hunting as contract;
    use super::convert::{Given, Shown};
    use super::{Show, Tools};

    include!(concat!(env!("OUT_DIR"), "/glue.rs"));
}

#[cfg(target_family = "wasm")]
#[allow(unsafe_code, unreachable_pub, reason = "the canonical ABI's exported symbols")]
mod symbols {
    use super::Tools;
    super::bindings::export_tools!(Tools with_types_in super::bindings);
}
