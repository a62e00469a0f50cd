//! The component builds.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::build;
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "component", title: "build the component for wasm32-wasip2", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    build::component(workspace)?;
    Ok(Outcome::Passed(workspace.relative(&workspace.component()).display().to_string()))
}
