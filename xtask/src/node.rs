//! Node.js for the steps that need it. Each package that is tested has a lock file and installs into its own folder.

use std::path::Path;
use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, ensure};

use crate::workspace::{self, Workspace, on_build_server};

/// The oldest Node.js that the packages here support.
const OLDEST: u32 = 20;

/// What `node --version` says, without the `v`. `Err` with the reason where there is no Node.js that is new enough; on a
/// build server that is an error.
pub(crate) fn version() -> Result<std::result::Result<String, String>> {
    let output = Command::new("node").arg("--version").stderr(Stdio::null()).output();
    let version = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let version = version.map(|version| version.trim().trim_start_matches('v').to_owned()).unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= OLDEST) && npm().arg("--version").output().is_ok() {
        return Ok(Ok(version));
    }
    let why = format!("there is no `node` with `npm` of version {OLDEST} or later; install one to run this step");
    ensure!(!on_build_server(), "{why} (skipped where the variable CI is not set)");
    Ok(Err(why))
}

/// npm, in the root.
pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Installs what the lock file in `folder` (a path from the root) names, unless just that was done before.
pub(crate) fn install(workspace: &Workspace, folder: &str) -> Result<()> {
    let folder = workspace.root.join(folder);
    let lock = folder.join("package-lock.json");
    let wanted = std::fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let stamp = folder.join("node_modules").join(".installed-package-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Installing the packages of {}", shown(workspace, &folder));
    let mut install = npm();
    install.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder);
    workspace::run(&mut install)
        .with_context(|| format!("cannot install the packages of {}", shown(workspace, &folder)))?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

fn shown(workspace: &Workspace, folder: &Path) -> String {
    workspace.relative(folder).display().to_string()
}
