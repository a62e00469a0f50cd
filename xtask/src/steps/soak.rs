//! The load run, briefly; `cargo xtask soak` is the long one.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::soak;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step = Step { name: "soak", title: "the whole system under load, with faults, briefly", run };

const TENANTS: &str = "100";
const CALLS: &str = "10";

fn run(workspace: &Workspace) -> Result<Outcome> {
    // The same seed each time: a test that fails must fail again. `cargo xtask soak` tries others.
    workspace::run(soak::prepared(workspace, &[])?.args(["--tenants", TENANTS, "--calls", CALLS, "--seed", "1"]))?;
    Ok(Outcome::Passed(format!("{TENANTS} tenants, {CALLS} calls each")))
}
