//! The components build.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::build;
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "component", title: "build both components", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    build::components(workspace)?;
    let built = [workspace.component(), workspace.rules_check()];
    Ok(Outcome::Passed(built.map(|path| workspace.relative(&path).display().to_string()).join(", ")))
}
