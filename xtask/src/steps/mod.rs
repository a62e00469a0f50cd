//! One file per step of `cargo xtask test`. A new step is a file with a `STEP` and a line in [`ALL`].

use anyhow::Result;

use crate::workspace::Workspace;

mod budgets;
mod cargo_tests;
mod clippy;
mod component;
mod format;
mod integration;
mod unit;
mod vt_py;
mod wasmtime_cli;

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
pub(crate) const ALL: [Step; 9] = [
    format::STEP,
    component::STEP,
    budgets::STEP,
    clippy::STEP,
    clippy::COMPONENT_STEP,
    unit::STEP,
    integration::STEP,
    vt_py::STEP,
    wasmtime_cli::STEP,
];

/// True on a build server: what is missing there is a failure, since nobody would read the notice.
fn on_build_server() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}
