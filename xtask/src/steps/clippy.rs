//! Lints, with warnings denied: natively for everything, and for the component as it is really built.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::build;
use crate::workspace::{self, COMPONENT_PACKAGE, TARGET, Workspace};

pub(super) const STEP: Step = Step { name: "clippy", title: "lints of every crate, warnings denied", run: native };

pub(super) const COMPONENT_STEP: Step = Step {
    name: "clippy-component",
    title: "lints of the component for wasm32-wasip2, warnings denied",
    run: component,
};

fn native(workspace: &Workspace) -> Result<Outcome> {
    lint(workspace, &["--workspace", "--all-targets"])
}

/// What is behind `cfg(target_family = "wasm")` is invisible to the native lints.
fn component(workspace: &Workspace) -> Result<Outcome> {
    build::ensure_target()?;
    lint(workspace, &["--package", COMPONENT_PACKAGE, "--target", TARGET])
}

fn lint(workspace: &Workspace, what: &[&str]) -> Result<Outcome> {
    workspace::run(workspace.cargo().arg("clippy").args(what).args(["--", "-D", "warnings"]))?;
    Ok(Outcome::Passed(String::new()))
}
