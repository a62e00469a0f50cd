//! Lints, with warnings denied: natively for everything, and for the components as they are really built.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::build;
use crate::workspace::{self, COMPONENT_PACKAGE, RULES_CHECK_PACKAGE, RULES_CHECK_TARGET, TARGET, Workspace};

pub(super) const STEP: Step = Step { name: "clippy", title: "lints of every crate, warnings denied", run: native };

pub(super) const COMPONENT_STEP: Step = Step {
    name: "clippy-component",
    title: "lints of the components as they are built, warnings denied",
    run: component,
};

fn native(workspace: &Workspace) -> Result<Outcome> {
    lint(workspace, &["--workspace", "--all-targets"])
}

/// What is behind `cfg(target_family = "wasm")` is invisible to the native lints.
fn component(workspace: &Workspace) -> Result<Outcome> {
    build::ensure_target(TARGET)?;
    lint(workspace, &["--package", COMPONENT_PACKAGE, "--target", TARGET])?;
    build::ensure_target(RULES_CHECK_TARGET)?;
    lint(workspace, &["--package", RULES_CHECK_PACKAGE, "--target", RULES_CHECK_TARGET])
}

fn lint(workspace: &Workspace, what: &[&str]) -> Result<Outcome> {
    workspace::run(workspace.cargo().arg("clippy").args(what).args(["--", "-D", "warnings"]))?;
    Ok(Outcome::Passed(String::new()))
}
