//! One file per step of `cargo xtask test`. A new step is a file with a `STEP` and a line in [`ALL`].

use anyhow::Result;

use crate::workspace::Workspace;

mod bench;
mod budgets;
mod c;
mod cargo_tests;
mod clippy;
mod component;
mod compose;
mod config_store;
mod dist;
mod format;
mod fuzz;
mod gateway;
mod integration;
mod mcp;
mod node;
mod oci;
mod python;
mod soak;
mod supply_chain;
mod unit;
mod vt_py;
mod wasmtime_cli;
mod yara_x;

pub(crate) use node::{FOLDER as NODE_FOLDER, package as node_package};
pub(crate) use python::package as python_package;

/// A part of `cargo xtask test`.
pub(crate) struct Step {
    /// What `--only` takes.
    pub(crate) name: &'static str,
    /// What it does, for headings.
    pub(crate) title: &'static str,
    /// Prints as it goes; an error is a failed step.
    pub(crate) run: fn(&Workspace) -> Result<Outcome>,
}

/// How a step ended that did not fail.
pub(crate) enum Outcome {
    /// With a detail for the summary, possibly empty.
    Passed(String),
    /// With the reason, and how to have it run.
    Skipped(String),
}

/// In the order in which they run: what is quick and often wrong comes first.
pub(crate) const ALL: &[Step] = &[
    format::STEP,
    component::STEP,
    budgets::STEP,
    clippy::STEP,
    clippy::COMPONENT_STEP,
    unit::STEP,
    unit::DOC_STEP,
    integration::STEP,
    soak::STEP,
    bench::STEP,
    fuzz::STEP,
    yara_x::STEP,
    supply_chain::STEP,
    vt_py::STEP,
    wasmtime_cli::STEP,
    node::STEP,
    config_store::STEP,
    compose::STEP,
    gateway::STEP,
    dist::STEP,
    oci::STEP,
    python::STEP,
    c::STEP,
    mcp::STEP,
];
