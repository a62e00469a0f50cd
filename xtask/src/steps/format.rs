//! Formatting.

use anyhow::{Context, Result};

use super::{Outcome, Step};
use crate::workspace;

pub(super) const STEP: Step = Step { name: "format", title: "cargo fmt --all --check", run };

fn run(workspace: &workspace::Workspace) -> Result<Outcome> {
    workspace::run(workspace.cargo().args(["fmt", "--all", "--check"]))
        .context("not everything is formatted: run `cargo fmt --all`")?;
    Ok(Outcome::Passed(String::new()))
}
