//! VirusTotal's own Python client against the simulator: what a stranger wrote for the real service works unchanged.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, bail, ensure};

use super::{Outcome, Step};
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace, on_build_server};

pub(super) const STEP: Step =
    Step { name: "vt-py", title: "the official Python client (vt-py) against the simulator", run };

const REQUIREMENTS: &str = "simulator/tests/vt_py/requirements.txt";
const SCRIPT: &str = "simulator/tests/vt_py/drive.py";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let Some(python) = interpreter() else {
        let why = "neither `python3` nor `python` starts a Python 3; install one to run this step";
        ensure!(!on_build_server(), "{why} (skipped where the variable CI is not set)");
        return Ok(Outcome::Skipped(why.to_owned()));
    };
    for file in [REQUIREMENTS, SCRIPT] {
        ensure!(workspace.root.join(file).is_file(), "{file} is missing");
    }
    let venv = Venv { folder: workspace.target.join("venv").join("vt-py") };
    venv.prepare(workspace, python)?;

    let simulator = VtSimulator::start(workspace)?;
    let mut script = workspace.command(venv.python());
    script.arg(SCRIPT).env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key);
    workspace::run(&mut script)?;
    Ok(Outcome::Passed(venv.installed(workspace)?))
}

/// The first name that starts a Python 3.
fn interpreter() -> Option<&'static str> {
    let is_python3 = |name: &&str| {
        let mut probe = Command::new(name);
        probe.args(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]);
        let status = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    ["python3", "python"].into_iter().find(is_python3)
}

/// A virtual environment below the target directory: nothing is installed into the user's Python.
struct Venv {
    folder: PathBuf,
}

impl Venv {
    fn python(&self) -> PathBuf {
        if cfg!(windows) {
            self.folder.join("Scripts").join("python.exe")
        } else {
            self.folder.join("bin").join("python")
        }
    }

    /// Creates it and installs the requirements, unless just that was done before.
    fn prepare(&self, workspace: &Workspace, python: &str) -> Result<()> {
        let wanted =
            std::fs::read(workspace.root.join(REQUIREMENTS)).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
        // A copy of the requirements, written last: half an installation has none.
        let stamp = self.folder.join("installed-requirements.txt");
        if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) && starts(&self.python()) {
            return Ok(());
        }
        println!("Preparing a virtual environment in {}", workspace.relative(&self.folder).display());
        let mut create = workspace.command(python);
        create.args(["-m", "venv", "--clear"]).arg(&self.folder);
        workspace::run(&mut create).context(
            "cannot make a virtual environment; Debian and Ubuntu have the module in a package of its own, `python3-venv`",
        )?;
        let mut install = workspace.command(self.python());
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]);
        workspace::run(&mut install)
            .context("cannot install the Python client; this needs the Python package index once")?;
        std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
    }

    /// `vt-py 0.22.0`, for the summary.
    fn installed(&self, workspace: &Workspace) -> Result<String> {
        let mut ask = workspace.command(self.python());
        ask.args(["-c", "import importlib.metadata as m; print('vt-py', m.version('vt-py'))"]);
        let version = workspace::capture(&mut ask)?;
        let version = version.trim();
        if version.is_empty() {
            bail!("the virtual environment has no vt-py, although {REQUIREMENTS} was installed: does it name vt-py?");
        }
        Ok(version.to_owned())
    }
}

fn starts(python: &Path) -> bool {
    Command::new(python).args(["-c", ""]).status().is_ok_and(|status| status.success())
}
