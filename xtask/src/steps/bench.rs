//! The benchmark: nothing has grown unseen, and every row runs. No time is asserted: the machine may be busy.

use anyhow::Result;

use super::{Outcome, Step};
use crate::commands::{bench, build, check};
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step = Step {
    name: "bench",
    title: "instructions, memory and allocations against their figures; every row of the benchmark",
    run,
};

fn run(workspace: &Workspace) -> Result<Outcome> {
    build::components(workspace)?;
    let grown = check::growth(workspace)?;
    workspace::run(bench::for_tests(workspace)?.arg("--quick"))?;
    Ok(Outcome::Passed(grown))
}
