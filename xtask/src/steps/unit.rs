//! Unit tests beside the code, and the examples in the documentation.

use anyhow::Result;

use super::{Outcome, Step, cargo_tests};
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "unit", title: "unit tests", run: unit };

pub(super) const DOC_STEP: Step = Step { name: "doc", title: "the examples in the documentation", run: documentation };

fn unit(workspace: &Workspace) -> Result<Outcome> {
    // `--no-fail-fast`: one run tells everything that is broken.
    cargo_tests::run(workspace, &["--workspace", "--lib", "--bins", "--no-fail-fast"])
}

fn documentation(workspace: &Workspace) -> Result<Outcome> {
    cargo_tests::run(workspace, &["--workspace", "--doc", "--no-fail-fast"])
}
