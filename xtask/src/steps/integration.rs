//! Host, component and simulator together.

use anyhow::Result;

use super::{Outcome, Step, cargo_tests};
use crate::commands::build;
use crate::workspace::Workspace;

pub(super) const PACKAGE: &str = "virustotal-hunting-tests";

pub(super) const STEP: Step = Step { name: "integration", title: "host, component and simulator together", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    // The tests load the component; cargo does not know that they depend on it.
    build::component(workspace)?;
    cargo_tests::run(workspace, &["--package", PACKAGE, "--no-fail-fast"])
}
