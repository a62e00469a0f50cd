//! VirusTotal's own Python client against the simulator: what a stranger wrote for the real service works unchanged.

use anyhow::Result;

use super::{Outcome, Step};
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "vt-py", title: "the official Python client (vt-py) against the simulator", run };

const REQUIREMENTS: &str = "simulator/tests/vt_py/requirements.txt";
const SCRIPT: &str = "simulator/tests/vt_py/drive.py";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let venv = match Venv::prepare(workspace, "vt-py", REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let simulator = VtSimulator::start(workspace)?;
    let mut script = workspace.command(venv.python());
    script.arg(SCRIPT).env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key);
    workspace::run(&mut script)?;
    Ok(Outcome::Passed(venv.version(workspace, "vt-py")?))
}
