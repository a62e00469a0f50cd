//! A service to try things out against: a simulator in the middle of a hunt, and what a shell has to know to use it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::commands::build;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace};

/// How its clock moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clock {
    /// As everybody's.
    #[default]
    Real,
    /// Five seconds with each request, and not otherwise: the same commands then always meet the same service. A sample
    /// comes with each request, since the feed has one every five seconds.
    Requests,
}

/// A running one; dropping it ends it.
pub(crate) struct Playground {
    pub(crate) simulator: VtSimulator,
    /// What has `vt-hunting`, and nothing else.
    pub(crate) programs: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Playground {
    /// Builds whatever it takes: the components, the gateway, `vt-hunting` and the simulator.
    pub(crate) fn build(workspace: &Workspace) -> Result<()> {
        build::embedded(workspace)?;
        // Just these two: who only wants to try things out does not wait for tests and benchmarks.
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--package", "vt-hunting-host", "--package", "virustotal-hunting-simulator", "--bins"]);
        workspace::run(&mut cargo)
    }

    /// Starts what is built; with port 0 the system chooses one.
    pub(crate) fn start(workspace: &Workspace, port: u16, clock: Clock) -> Result<Self> {
        let port = port.to_string();
        let clock: &[&str] = match clock {
            Clock::Real => &["--real-time"],
            Clock::Requests => &["--seconds-per-request", "5"],
        };
        let simulator = VtSimulator::start_built(workspace, &[&["--seeded", "--port", &port], clock].concat())?;
        let user = simulator.users.first().map(|(user, _)| user.clone()).context("the simulator has no user")?;
        let variables =
            vec![("VT_APIKEY", simulator.key.clone()), ("VT_URL", simulator.url.clone()), ("VT_USER", user)];
        Ok(Self { simulator, programs: programs(workspace)?, variables })
    }

    /// Gives a command the variables, and the folder of the program before all others on its `PATH`.
    pub(crate) fn equip(&self, command: &mut Command) -> Result<()> {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(self.programs.clone()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).context("a folder on the PATH cannot be passed on")?);
        Ok(())
    }

    /// The lines for a shell that do the same.
    pub(crate) fn exports(&self) -> String {
        let mut lines: Vec<String> =
            self.variables.iter().map(|(name, value)| format!("export {name}={}", quoted(value))).collect();
        lines.push(format!("export PATH={}:\"$PATH\"", quoted(&self.programs.display().to_string())));
        lines.join("\n")
    }
}

/// A folder with the one program that is called by its name.
fn programs(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("play");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let program = workspace.program("vt-hunting");
    let there = folder.join("vt-hunting").with_extension(std::env::consts::EXE_EXTENSION);
    // Under another name first, so that nobody who runs at the same time meets nothing.
    let new = folder.join(format!("vt-hunting.{}", std::process::id()));
    link(&program, &new)
        .and_then(|()| fs::rename(&new, &there))
        .with_context(|| format!("cannot create {}", there.display()))?;
    Ok(folder)
}

#[cfg(unix)]
fn link(program: &std::path::Path, there: &std::path::Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, there)
}

#[cfg(not(unix))]
fn link(program: &std::path::Path, there: &std::path::Path) -> std::io::Result<()> {
    fs::copy(program, there).map(drop)
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-+,@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_takes_a_quoted_word_for_one_word() {
        assert_eq!(quoted("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(quoted("/my files/it's"), r"'/my files/it'\''s'");
        assert_eq!(quoted("$HOME"), "'$HOME'");
        assert_eq!(quoted(""), "''");
    }
}
