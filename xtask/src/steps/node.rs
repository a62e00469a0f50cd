//! The npm package of `examples/node`: built, tested against the simulator, packed and installed as a stranger would.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::node;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "node", title: "the npm package in Node.js (jco) against the simulator", run };

pub(crate) const FOLDER: &str = "examples/node";
const JCO: &str = "node_modules/@bytecodealliance/jco/package.json";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let version = match node::version()? {
        Ok(version) => version,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    build::component(workspace)?;
    package(workspace)?;

    let simulator = VtSimulator::start(workspace)?;
    let mut test = npm(workspace, &["test", "--silent"]);
    test.env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key);
    test.env("VT_SIMULATOR", workspace.program("vt-simulator"));
    let tests = count(&mut test)?;
    Ok(Outcome::Passed(format!("Node.js {version}, jco {}, {tests} tests", jco(workspace)?)))
}

/// Builds the package where it is. The component has to be there.
pub(crate) fn package(workspace: &Workspace) -> Result<()> {
    node::install(workspace, FOLDER)?;
    workspace::run(&mut npm(workspace, &["run", "build", "--silent"]))
}

fn npm(workspace: &Workspace, script: &[&str]) -> Command {
    let mut npm = node::npm();
    npm.args(script).current_dir(workspace.root.join(FOLDER));
    npm.env("VT_HUNTING_COMPONENT", workspace.component());
    npm
}

/// Runs the tests with their output on ours, and gives back how many there were.
fn count(test: &mut Command) -> Result<u32> {
    let shown = workspace::shown(test);
    let mut child = test.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{shown}`"))?;
    let mut tests = None;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.with_context(|| format!("cannot read what `{shown}` says"))?;
            println!("{line}");
            tests = counted(&line).or(tests);
        }
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed ({status}); its output is above");
    let tests = tests.with_context(|| format!("`{shown}` did not say how many tests there were"))?;
    ensure!(tests > 0, "`{shown}` ran no test");
    Ok(tests)
}

/// `ℹ tests 12`, the reporter's summary, whichever sign is before it.
fn counted(line: &str) -> Option<u32> {
    let (_, count) = line.split_once(" tests ")?;
    count.trim().parse().ok()
}

/// The version of jco that was installed.
fn jco(workspace: &Workspace) -> Result<String> {
    let path = workspace.root.join(FOLDER).join(JCO);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let package: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
    let version = package.get("version").and_then(serde_json::Value::as_str);
    version.map(str::to_owned).with_context(|| format!("{} has no version", path.display()))
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn the_number_of_tests_is_read_from_the_summary_alone() {
        assert_eq!(counted("ℹ tests 93"), Some(93));
        assert_eq!(counted("# tests 93"), Some(93));
        assert_eq!(counted("✔ nothing tests itself (3ms)"), None);
        assert_eq!(counted("ℹ pass 93"), None);
    }
}
