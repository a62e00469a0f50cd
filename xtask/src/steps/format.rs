//! Formatting.

use anyhow::{Context, Result};

use super::{Outcome, Step, yara_x};
use crate::workspace;

pub(super) const STEP: Step = Step { name: "format", title: "cargo fmt --all --check", run };

fn run(workspace: &workspace::Workspace) -> Result<Outcome> {
    workspace::run(workspace.cargo().args(["fmt", "--all", "--check"]))
        .context("not everything is formatted: run `cargo fmt --all`")?;
    // Of the fuzz targets' own crate only: `--all` would go over what it depends on once more.
    let fuzz = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    workspace::run(workspace.cargo().args(fuzz))
        .context("not everything is formatted: run `cargo fmt --manifest-path fuzz/Cargo.toml`")?;
    let judge = ["fmt", "--manifest-path", yara_x::MANIFEST, "--check"];
    workspace::run(workspace.cargo().args(judge)).with_context(|| {
        format!("not everything is formatted: run `cargo fmt --manifest-path {}`", yara_x::MANIFEST)
    })?;
    Ok(Outcome::Passed(String::new()))
}
