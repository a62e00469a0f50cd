//! The example of composition: a guest that imports the contract, in Rust and in Python, each as one file with the
//! component in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::commands::build;
use crate::compose;
use crate::python::Venv;
use crate::workspace::{self, RULES_CHECK_TARGET, Workspace};

/// The Rust guest's crate.
const PACKAGE: &str = "example-triage";

/// The guest in Rust, composed. The component has to be there.
pub(crate) fn rust(workspace: &Workspace) -> Result<PathBuf> {
    // The target whose standard library has nothing to import.
    build::compile(workspace, PACKAGE, RULES_CHECK_TARGET)?;
    let built = workspace.target.join(RULES_CHECK_TARGET).join("release");
    composed(workspace, &built.join(PACKAGE.replace('-', "_")).with_extension("wasm"), "triage-rust")
}

/// The guest in Python, composed, with `componentize-py` from this environment. The component has to be there.
pub(crate) fn python(workspace: &Workspace, venv: &Venv) -> Result<PathBuf> {
    let alone = workspace.composed("triage-python-alone");
    if let Some(folder) = alone.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut componentize = workspace.command(venv.program("componentize-py"));
    componentize.args(["--quiet", "-d", "wit", "-d", "examples/compose/wit", "-w", "example:triage/analyst"]);
    // Without WASI: it has no use for a file system, sockets or chance, and imports none of them.
    componentize.args(["componentize", "--stub-wasi", "-p", "examples/compose/python", "triage_app", "-o"]).arg(&alone);
    workspace::run(&mut componentize).context("componentize-py made no component")?;
    composed(workspace, &alone, "triage-python")
}

fn composed(workspace: &Workspace, guest: &Path, name: &str) -> Result<PathBuf> {
    let target = workspace.composed(name);
    compose::plug(guest, &workspace.component(), &target)?;
    Ok(target)
}
