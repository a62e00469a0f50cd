//! The tools for agents in the real wassette, over MCP, against the simulator.

use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::components::tools;
use crate::node;
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace, on_build_server};

mod wassette;

pub(super) const STEP: Step =
    Step { name: "mcp", title: "the tools for agents in wassette, over MCP, against the simulator", run };

const TESTS: &str = "examples/mcp/tests";
const REQUIREMENTS: &str = "examples/mcp/tests/requirements.txt";
/// The package that has jco, which the example for JavaScript installs anyway.
const JCO: &str = "examples/node";

fn run(workspace: &Workspace) -> Result<Outcome> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        let why = "wassette is had from the Python package index for Linux on x86-64 alone; run this step there";
        ensure!(!on_build_server(), "{why} (skipped where the variable CI is not set)");
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    let venv = match Venv::prepare(workspace, "mcp", REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let wassette = match wassette::find(workspace, &venv)? {
        Ok(wassette) => wassette,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    build::component(workspace)?;
    let component = tools::build(workspace)?;
    let simulator = VtSimulator::start(workspace)?;

    let mut tests = workspace.command(venv.python());
    // The folder is in the path of what it imports; byte code would be written there.
    tests.args(["-B", "-m", "unittest", "discover", "--start-directory", TESTS]);
    tests.env("WASSETTE_COMMAND", serde_json::to_string(&wassette.command)?);
    tests.env("WASM_TOOLS", venv.program("wasm-tools")).env("TOOLS_COMPONENT", &component);
    tests.env("CONNECTOR_COMPONENT", workspace.component());
    tests.env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key).env_remove("JCO");
    if node::version()?.is_ok() {
        node::install(workspace, JCO)?;
        tests.env("JCO", workspace.root.join(JCO).join("node_modules/.bin/jco"));
    }
    workspace::run(&mut tests).context("the tools do not do in wassette what they should")?;
    Ok(Outcome::Passed(format!("wassette {}", wassette.version)))
}
