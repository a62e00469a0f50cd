//! The packages for other languages, built by their own tools with the published component inside.

use std::fs;
use std::path::Path;

use anstream::println;
use anyhow::{Context, Result};

use super::origin::Origin;
use crate::commands::wit;
use crate::node;
use crate::python::Venv;
use crate::workspace::{self, Workspace};

/// Their folders, from the root.
const NPM: &str = "examples/node";
const WHEEL: &str = "examples/python";

/// What the wheel is built in, and what its tests are in: any environment with pip does.
pub(crate) const PYTHON: (&str, &str) = ("dist", "xtask/requirements/dist.txt");

/// The variables by which both builds take what they pack.
const COMPONENT: &str = "VT_HUNTING_COMPONENT";
const CONTRACT: &str = "VT_HUNTING_CONTRACT";

/// Builds what there is into `folder`, which has the component already.
pub(super) fn build(workspace: &Workspace, origin: &Origin, folder: &Path) -> Result<()> {
    let name = workspace.component();
    let component = folder.join(name.file_name().context("a component has a name")?);
    if workspace.root.join(NPM).join("package.json").is_file() {
        npm(workspace, &component, folder)?;
    }
    if workspace.root.join(WHEEL).join("pyproject.toml").is_file() {
        wheel(workspace, origin, &component, folder)?;
    }
    Ok(())
}

fn npm(workspace: &Workspace, component: &Path, folder: &Path) -> Result<()> {
    if let Err(why) = node::version()? {
        println!("Left out: the npm package; {why}");
        return Ok(());
    }
    node::install(workspace, NPM)?;
    let package = workspace.root.join(NPM);
    let mut build = node::npm();
    build.args(["run", "--silent", "build"]).current_dir(&package).env(COMPONENT, component);
    workspace::run(&mut build).with_context(|| format!("{NPM} did not build"))?;
    let mut pack = node::npm();
    pack.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(folder).current_dir(&package);
    workspace::run(&mut pack).with_context(|| format!("{NPM} was not packed"))
}

fn wheel(workspace: &Workspace, origin: &Origin, component: &Path, folder: &Path) -> Result<()> {
    let venv = match Venv::prepare(workspace, PYTHON.0, PYTHON.1)? {
        Ok(venv) => venv,
        Err(why) => {
            println!("Left out: the wheel; {why}");
            return Ok(());
        }
    };
    let contract = workspace.target.join("tmp").join("contract.json");
    fs::write(&contract, wit::json(workspace)?).with_context(|| format!("cannot write {}", contract.display()))?;
    let mut build = workspace.command(venv.python());
    build
        .args(["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir"])
        .arg(folder);
    build.arg(workspace.root.join(WHEEL)).env(COMPONENT, component).env(CONTRACT, &contract);
    // In the archive every file has this date.
    build.env("SOURCE_DATE_EPOCH", origin.timestamp.unwrap_or_default().to_string());
    workspace::run(&mut build).with_context(|| format!("{WHEEL} did not build"))
}
