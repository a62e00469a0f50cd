//! The component from C: a program on wasmtime's own C API, built against the library that its Python package brings.

use std::path::PathBuf;
use std::process::Stdio;

use anstream::{print, println};
use anyhow::{Context, Result, ensure};

use super::python::{ENVIRONMENT, REQUIREMENTS};
use super::{Outcome, Step};
use crate::commands::build;
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace, on_build_server};

pub(super) const STEP: Step =
    Step { name: "c", title: "the component from C, on wasmtime's C API, against the simulator", run };

const SCRIPT: &str = "examples/c/run.py";
/// The crate with the headers, and nothing of it is compiled.
const HEADERS: &str = "wasmtime-c-api-impl";
/// How the script ends where there is no C compiler.
const NO_COMPILER: i32 = 3;

fn run(workspace: &Workspace) -> Result<Outcome> {
    if cfg!(windows) {
        return Ok(Outcome::Skipped("the script knows the linkers of Linux and macOS only".to_owned()));
    }
    let venv = match Venv::prepare(workspace, ENVIRONMENT, REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let version = venv.version(workspace, "wasmtime")?;
    let version = version.rsplit(' ').next().unwrap_or_default();
    let headers = headers(workspace, version)?;
    build::component(workspace)?;

    let simulator = VtSimulator::start(workspace)?;
    let mut script = workspace.command(venv.python());
    script.env("PYTHONDONTWRITEBYTECODE", "1").arg(SCRIPT).arg("--headers").arg(&headers);
    script.arg("--component").arg(workspace.component()).arg("--build").arg(workspace.target.join("c"));
    script.env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key);
    // Standard error stays ours: what the compiler says is to be read.
    let output = script.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start `{}`", workspace::shown(&script)))?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    let last = said.lines().last().unwrap_or_default().to_owned();
    if output.status.code() == Some(NO_COMPILER) {
        ensure!(!on_build_server(), "{last} (skipped where the variable CI is not set)");
        return Ok(Outcome::Skipped(last));
    }
    ensure!(output.status.success(), "`{}` failed ({}); its output is above", workspace::shown(&script), output.status);
    Ok(Outcome::Passed(last))
}

/// The headers of the library's very version, from the registry. Cargo checks and unpacks the crate when it is asked about
/// it, without its two hundred dependencies, which fetching it as one would bring.
fn headers(workspace: &Workspace, version: &str) -> Result<PathBuf> {
    let of_version = format!("{HEADERS}-{version}");
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.context("there is neither CARGO_HOME nor a home directory")?.join("registry").join("src");
    let find = || {
        let registries = std::fs::read_dir(&sources).ok()?;
        let places = registries.filter_map(|entry| Some(entry.ok()?.path().join(&of_version).join("include")));
        places.into_iter().find(|place| place.join("wasmtime").join("conf.h.in").is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    println!("Fetching {of_version}");
    workspace::capture(workspace.cargo().args(["info", "--quiet"]).arg(format!("{HEADERS}@{version}")))
        .with_context(|| format!("cannot fetch {of_version}; this needs the crate registry once"))?;
    find().with_context(|| format!("cargo fetched {of_version}, and its headers are not in {}", sources.display()))
}
