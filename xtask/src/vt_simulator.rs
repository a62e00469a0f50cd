//! The simulator as a process of its own, for clients that are not Rust.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace};

/// A running `vt-simulator`; dropping it ends it.
pub(crate) struct VtSimulator {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// The key it accepts.
    pub(crate) key: String,
    /// Name and key of each of its users, the first one's first.
    pub(crate) users: Vec<(String, String)>,
    child: Child,
}

impl VtSimulator {
    /// Builds it, starts it on free ports, and waits until it says where it listens.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        workspace.build_all()?;
        Self::start_built(workspace, &[])
    }

    /// Starts the one that is built, with these arguments.
    pub(crate) fn start_built(workspace: &Workspace, arguments: &[&str]) -> Result<Self> {
        let mut command = workspace.command(workspace.program("vt-simulator"));
        command.arg("--json").args(arguments).stdout(Stdio::piped());
        Self::spawn(&mut command)
    }

    /// Waits until it ends by itself, or somebody ends it.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.child.wait().map(drop).context("lost track of the simulator")
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let mut child = command.spawn().with_context(|| format!("cannot start `{}`", workspace::shown(command)))?;
        let announced = announcement(&mut child);
        // From here on the guard ends the process whatever happens.
        let mut simulator = Self { url: String::new(), key: String::new(), users: Vec::new(), child };
        let announced = announced?;
        let text = |of: &serde_json::Value, key: &str| {
            let value = of.get(key).and_then(serde_json::Value::as_str);
            value.map(str::to_owned).with_context(|| format!("the simulator's announcement lacks `{key}`: {announced}"))
        };
        simulator.url = text(&announced, "http")?;
        simulator.key = text(&announced, "key")?;
        let users = announced.get("users").and_then(serde_json::Value::as_array).into_iter().flatten();
        simulator.users = users.map(|user| Ok((text(user, "user")?, text(user, "key")?))).collect::<Result<_>>()?;
        Ok(simulator)
    }
}

/// The first line that `--json` prints.
fn announcement(child: &mut Child) -> Result<serde_json::Value> {
    let Some(stdout) = child.stdout.take() else { bail!("the simulator was started without a pipe to read") };
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).context("cannot read what the simulator announces")?;
    if line.is_empty() {
        bail!("the simulator ended before it announced an address; what it said is above");
    }
    serde_json::from_str(&line).with_context(|| format!("the simulator announced no JSON: {}", line.trim()))
}

impl Drop for VtSimulator {
    fn drop(&mut self) {
        // It may have ended by itself, and then both say so: nothing to do about either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
