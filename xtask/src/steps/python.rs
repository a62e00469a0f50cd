//! The Python package: its wheel is built, installed, type-checked and tested against the simulator.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anstream::{print, println};
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::{build, wit};
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "python", title: "the Python package: wheel, types and tests against the simulator", run };

/// What the step runs with. The step `c` takes wasmtime's library from the same environment.
pub(super) const REQUIREMENTS: &str = "examples/python/requirements.txt";
/// The environment of both.
pub(super) const ENVIRONMENT: &str = "python";

const FOLDER: &str = "examples/python";
/// 2020-01-01T00:00:00Z, where the caller gives none. A wheel is a ZIP archive, which knows no date before 1980.
const EPOCH: &str = "1577836800";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let venv = match Venv::prepare(workspace, ENVIRONMENT, REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    build::component(workspace)?;
    let wheel = wheel(workspace, &venv, "wheel")?;
    let again = self::wheel(workspace, &venv, "wheel-again")?;
    let same = std::fs::read(&wheel)? == std::fs::read(&again)?;
    ensure!(same, "two builds of the same sources gave different wheels: {} and {}", wheel.display(), again.display());

    install(workspace, &venv, &wheel)?;
    let folder = workspace.root.join(FOLDER);
    let mut mypy = workspace.command(venv.python());
    mypy.current_dir(&folder).args(["-m", "mypy", "--strict", "--cache-dir"]).arg(workspace.target.join("mypy"));
    workspace::run(mypy.args(["src/virustotal_hunting", "tests", "contract_generator.py", "hatch_build.py"]))?;

    let simulator = VtSimulator::start(workspace)?;
    let mut pytest = workspace.command(venv.python());
    // Nothing is written beside the sources.
    pytest.current_dir(&folder).env("PYTHONDONTWRITEBYTECODE", "1");
    pytest.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]);
    pytest.env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key);
    pytest.env("VT_HUNTING_WHEEL", &wheel).env("VT_HUNTING_COMPONENT", workspace.component());
    let output = pytest.stderr(Stdio::inherit()).output().context("cannot start pytest")?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    ensure!(output.status.success(), "the tests of {FOLDER} failed ({}); their output is above", output.status);
    let summary = said.lines().last().unwrap_or_default().trim();
    let passed = summary.split(" passed").next().and_then(|words| words.rsplit(' ').next()).unwrap_or_default();
    let passed: u32 = passed.parse().with_context(|| format!("pytest ended with `{summary}`, which has no count"))?;
    Ok(Outcome::Passed(format!("{}, {passed} tests", venv.version(workspace, "wasmtime")?)))
}

/// The environment with the package installed, from a wheel that is built for it. The component has to be there.
pub(crate) fn package(workspace: &Workspace) -> Result<std::result::Result<Venv, String>> {
    let venv = match Venv::prepare(workspace, ENVIRONMENT, REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Err(why)),
    };
    let wheel = wheel(workspace, &venv, "wheel")?;
    install(workspace, &venv, &wheel)?;
    Ok(Ok(venv))
}

fn install(workspace: &Workspace, venv: &Venv, wheel: &Path) -> Result<()> {
    let mut install = workspace.command(venv.python());
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"]);
    workspace::run(install.arg("--no-index").arg(wheel))
}

/// Builds the wheel into `target/python/NAME/`. Nothing is downloaded: what builds it is in the environment.
fn wheel(workspace: &Workspace, venv: &Venv, name: &str) -> Result<PathBuf> {
    let folder = workspace.target.join("python");
    let out = folder.join(name);
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| format!("cannot empty {}", out.display()))?;
    }
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let contract = folder.join("contract.json");
    std::fs::write(&contract, wit::json(workspace)?).with_context(|| format!("cannot write {}", contract.display()))?;

    let mut build = workspace.command(venv.python());
    build.env("PYTHONDONTWRITEBYTECODE", "1");
    build.args(["-m", "build", "--wheel", "--no-isolation", "--outdir"]).arg(&out).arg(FOLDER);
    build.env("VT_HUNTING_CONTRACT", &contract).env("VT_HUNTING_COMPONENT", workspace.component());
    build.env("SOURCE_DATE_EPOCH", std::env::var_os("SOURCE_DATE_EPOCH").unwrap_or_else(|| EPOCH.into()));
    let said = workspace::capture(&mut build)?;
    println!("{}", said.lines().last().unwrap_or_default());
    only_wheel(&out)
}

fn only_wheel(folder: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut wheels = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "whl"));
    let wheel = wheels.next().with_context(|| format!("there is no wheel in {}", folder.display()))?;
    ensure!(wheels.next().is_none(), "there is more than one wheel in {}", folder.display());
    Ok(wheel)
}
