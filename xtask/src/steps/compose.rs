//! Guests of our own with the component composed in, one file each, under the stock `wasmtime` command line.

use std::fs;
use std::path::Path;

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::components::triage;
use crate::inspect::{self, Outside};
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::wasmtime_cli;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "compose", title: "guests in Rust and Python, composed with the component into one file", run };

const REQUIREMENTS: &str = "examples/compose/python/requirements.txt";
const SCRIPT: &str = "examples/compose/tests/test_triage.py";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let (wasmtime, version) = match wasmtime_cli::find(workspace)? {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let venv = match Venv::prepare(workspace, "compose", REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    build::component(workspace)?;
    let guests = [triage::rust(workspace)?, triage::python(workspace, &venv)?];

    let component = outside(&workspace.component())?;
    for guest in &guests {
        let composed = outside(guest)?;
        let shown = workspace.relative(guest).display();
        println!("{shown} ({} bytes, {} imports)", composed.bytes, composed.imports.len());
        let surplus = composed.imports.iter().find(|import| !component.imports.contains(import));
        if let Some(import) = surplus {
            let name = &import.interface;
            anyhow::bail!("{shown} imports {name}, which the component does not: the guest has a way out of its own");
        }
        ensure!(
            composed.imports.len() == component.imports.len(),
            "{shown} has not all imports of the component: is it composed in?"
        );
        let exports: Vec<&str> = composed.exports.iter().map(|export| export.interface.as_str()).collect();
        // `componentize-py` adds one without a package, of its own. What matters is that nobody calls past the guest.
        let is_alone = !exports.iter().any(|export| export.starts_with("virustotal:"));
        ensure!(
            exports.contains(&"example:triage/triage") && is_alone,
            "{shown} exports {}, not just its own interface",
            exports.join(", ")
        );
    }

    let simulator = VtSimulator::start(workspace)?;
    let mut script = workspace.command(venv.python());
    script.arg(SCRIPT).env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key).env("WASMTIME", wasmtime);
    script.env("TRIAGE_RUST", &guests[0]).env("TRIAGE_PYTHON", &guests[1]);
    workspace::run(&mut script)?;
    Ok(Outcome::Passed(format!("{version}, {}", venv.version(workspace, "componentize-py")?)))
}

fn outside(path: &Path) -> Result<Outside> {
    let wasm = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    inspect::inspect(&wasm).with_context(|| format!("cannot inspect {}", path.display()))
}
