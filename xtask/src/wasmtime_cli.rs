//! The stock `wasmtime` command line: the one on the PATH, or else the build of it that the Python package index has.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::python::Venv;
use crate::workspace::{self, Workspace};

const REQUIREMENTS: &str = "xtask/requirements/wasmtime.txt";
/// Where the package is, and makes executable what its installer left as data.
const LOCATE: &str = "
import os, pathlib, wasmtime_cli
program = pathlib.Path(wasmtime_cli.__file__).with_name('wasmtime')
os.chmod(program, 0o755)
print(program)";

/// The program, and what `--version` says. `Err` with the reason where there is none to be had; on a build server that is
/// an error.
pub(crate) fn find(workspace: &Workspace) -> Result<std::result::Result<(PathBuf, String), String>> {
    if let Some(version) = version("wasmtime".into()) {
        return Ok(Ok(("wasmtime".into(), version)));
    }
    let venv = match Venv::prepare(workspace, "wasmtime", REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Err(format!("there is no `wasmtime` on the PATH, and {why}"))),
    };
    let program = workspace::capture(workspace.command(venv.python()).args(["-c", LOCATE]))?;
    let program = PathBuf::from(program.trim());
    let version = version(program.clone()).with_context(|| format!("{} does not start", program.display()))?;
    ensure!(version.starts_with("wasmtime "), "{} says that it is `{version}`", program.display());
    Ok(Ok((program, version)))
}

fn version(program: PathBuf) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| version.trim().to_owned())
}
