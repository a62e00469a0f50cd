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
    child: Child,
}

impl VtSimulator {
    /// Builds it, starts it on free ports, and waits until it says where it listens.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        workspace.build_all()?;
        let mut command = workspace.command(workspace.program("vt-simulator"));
        command.arg("--json").stdout(Stdio::piped());
        Self::spawn(&mut command)
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let mut child = command.spawn().with_context(|| format!("cannot start `{}`", workspace::shown(command)))?;
        let announced = announcement(&mut child);
        // From here on the guard ends the process whatever happens.
        let mut simulator = Self { url: String::new(), key: String::new(), child };
        let announced = announced?;
        let text = |key: &str| {
            let value = announced.get(key).and_then(serde_json::Value::as_str);
            value.map(str::to_owned).with_context(|| format!("the simulator's announcement lacks `{key}`: {announced}"))
        };
        simulator.url = text("http")?;
        simulator.key = text("key")?;
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
