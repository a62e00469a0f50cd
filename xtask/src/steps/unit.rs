//! Unit and documentation tests of every crate but the integration tests.

use anyhow::Result;

use super::{Outcome, Step, cargo_tests, integration};
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "unit", title: "unit and documentation tests", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    // `--no-fail-fast`: one run tells everything that is broken.
    cargo_tests::run(workspace, &["--workspace", "--exclude", integration::PACKAGE, "--no-fail-fast"])
}
