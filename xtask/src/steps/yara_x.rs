//! The verdicts of the YARA-X compiler on the rules that the rules check is tested with.
//!
//! The compiler is in a workspace of its own, like the fuzz targets: it brings some fifty crates, holds the parser at its own
//! version, and takes some minutes to build the first time.

use anyhow::Result;

use super::{Outcome, Step, cargo_tests};
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "yara-x", title: "the YARA-X compiler on the rules that the rules check is tested with", run };

pub(super) const MANIFEST: &str = "yara-check/judge/Cargo.toml";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let target = workspace.target.join("judge");
    let folder = target.to_string_lossy();
    // It is no member of the workspace, so nothing else lints it. Without the tests: with them the compiler is built twice.
    let mut clippy = workspace.cargo();
    clippy.args(["clippy", "--lib", "--manifest-path", MANIFEST, "--target-dir", &folder]);
    workspace::run(clippy.args(["--", "-D", "warnings"]))?;
    cargo_tests::run(workspace, &["--manifest-path", MANIFEST, "--target-dir", &folder])
}
