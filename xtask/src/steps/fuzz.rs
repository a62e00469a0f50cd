//! Every fuzz target for a moment: earlier findings stay fixed, and new code meets a few hundred thousand odd inputs.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands;
use crate::fuzz::{self, Pace};
use crate::workspace::Workspace;

pub(super) const STEP: Step = Step { name: "fuzz", title: "every fuzz target for a moment", run };

/// For each target, with the same seed each time: a test that fails must fail again. Longer, and with others:
/// `cargo xtask fuzz`.
const PACE: Pace = Pace { seconds: 5, seed: Some(1) };

fn run(workspace: &Workspace) -> Result<Outcome> {
    if let Some(why) = fuzz::unavailable() {
        return Ok(Outcome::Skipped(why));
    }
    fuzz::lint(workspace)?;
    commands::fuzz::all(workspace, &fuzz::targets(workspace)?, PACE).map(Outcome::Passed)
}
