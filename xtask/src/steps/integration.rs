//! Host, component and simulator together, and each through its public surface.

use anyhow::Result;

use super::{Outcome, Step, cargo_tests};
use crate::commands::build;
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "integration", title: "host, component and simulator together", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    // The tests load the components and start the command line; cargo does not know that they depend on them.
    build::embedded(workspace)?;
    workspace.build_all()?;
    cargo_tests::run(workspace, &["--workspace", "--test", "*", "--no-fail-fast"])
}
