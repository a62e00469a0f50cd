//! Python for the steps that need it: a virtual environment each, below the target directory, so that nothing is
//! installed into the user's Python.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, ensure};

use crate::workspace::{self, Workspace, on_build_server};

/// A virtual environment with just what a requirements file names.
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The environment `name` with `requirements` (a path from the root) installed; what was prepared before is used
    /// again as long as the file is the same. `None`, with the reason, where there is no Python 3.10 or later; on a build server
    /// that is an error.
    pub(crate) fn prepare(
        workspace: &Workspace,
        name: &str,
        requirements: &str,
    ) -> Result<std::result::Result<Self, String>> {
        let Some(python) = interpreter() else {
            let why = "neither `python3` nor `python` starts a Python of 3.10 or later; install one to run this step";
            ensure!(!on_build_server(), "{why} (skipped where the variable CI is not set)");
            return Ok(Err(why.to_owned()));
        };
        let venv = Self { folder: workspace.target.join("venv").join(name) };
        venv.install(workspace, python, requirements)?;
        Ok(Ok(venv))
    }

    /// The environment's interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program that a package of the environment brings.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// `vt-py 0.22.0`, for the summary.
    pub(crate) fn version(&self, workspace: &Workspace, package: &str) -> Result<String> {
        let mut ask = workspace.command(self.python());
        ask.args(["-c", "import importlib.metadata as m, sys; print(sys.argv[1], m.version(sys.argv[1]))", package]);
        let version = workspace::capture(&mut ask)
            .with_context(|| format!("the virtual environment has no {package}: do its requirements name it?"))?;
        Ok(version.trim().to_owned())
    }

    fn install(&self, workspace: &Workspace, python: &str, requirements: &str) -> Result<()> {
        let wanted =
            std::fs::read(workspace.root.join(requirements)).with_context(|| format!("cannot read {requirements}"))?;
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
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]);
        workspace::run(&mut install)
            .with_context(|| format!("cannot install {requirements}; this needs the Python package index once"))?;
        std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
    }
}

/// The first name that starts a Python that everything here runs on.
fn interpreter() -> Option<&'static str> {
    let is_new_enough = |name: &&str| {
        let mut probe = Command::new(name);
        probe.args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]);
        let status = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    ["python3", "python"].into_iter().find(is_new_enough)
}

fn starts(python: &Path) -> bool {
    Command::new(python).args(["-c", ""]).status().is_ok_and(|status| status.success())
}
