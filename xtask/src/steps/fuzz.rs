//! Every fuzz target, by count: what is committed is replayed, and new code meets a fixed number of odd inputs.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands;
use crate::fuzz::{self, Pace};
use crate::workspace::Workspace;

pub(super) const STEP: Step =
    Step { name: "fuzz", title: "every fuzz target: the committed inputs, and a fixed number of others", run };

/// For each target. The same ones each time, so that the verdict is of the code and not of the machine or the day. More, and
/// others: `cargo xtask fuzz`.
const PACE: Pace = Pace::Executions(25_000);

fn run(workspace: &Workspace) -> Result<Outcome> {
    if let Some(why) = fuzz::unavailable() {
        return Ok(Outcome::Skipped(why));
    }
    fuzz::lint(workspace)?;
    commands::fuzz::all(workspace, &fuzz::targets(workspace)?, PACE).map(Outcome::Passed)
}
