//! The components keep their promises.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::{build, check};
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "budgets", title: "size, imports and exports of the components", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    // A no-op after the step before, needed with `--only budgets`.
    build::components(workspace)?;
    check::budgets(workspace).map(Outcome::Passed)
}
