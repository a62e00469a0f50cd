//! Runs `cargo test` and counts, so that the summary can say how many tests there were.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::Outcome;
use crate::workspace::{Workspace, shown};

#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

pub(super) fn run(workspace: &Workspace, selection: &[&str]) -> Result<Outcome> {
    let mut command = workspace.cargo();
    command.arg("test").args(selection);
    run_command(command)
}

/// The same for a `cargo test` that needs more said than what is selected.
pub(super) fn run_command(mut command: Command) -> Result<Outcome> {
    if std::io::stdout().is_terminal() {
        // The tests write into a pipe of ours and would otherwise stay plain.
        command.args(["--", "--color", "always"]);
    }
    let (success, tally) = run_and_count(&mut command)?;
    let Tally { passed, failed, ignored } = tally;
    ensure!(
        success,
        "`{}` failed: {passed} tests passed, {failed} failed; the output above names them",
        shown(&command)
    );
    ensure!(passed > 0, "`{}` ran no test at all", shown(&command));
    let ignored = if ignored == 0 { String::new() } else { format!(", {ignored} ignored") };
    Ok(Outcome::Passed(format!("{passed} tests{ignored}")))
}

fn run_and_count(command: &mut Command) -> Result<(bool, Tally)> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{}`", shown(command)))?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        // By bytes: what a test prints need not be UTF-8.
        while reader.read_until(b'\n', &mut line).context("cannot read what the tests print")? > 0 {
            std::io::stdout().write_all(&line).context("cannot write to standard output")?;
            tally.add(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().with_context(|| format!("lost track of `{}`", shown(command)))?;
    Ok((status.success(), tally))
}

impl Tally {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`; others add nothing.
    fn add(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        for part in result.split([';', '.']) {
            let Some((number, what)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n");
        tally
            .add("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n");
        tally.add("test result: \u{1b}[32mok\u{1b}[0m. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
        tally.add("test result_is_parsed ... ok\n");
        assert_eq!(tally, Tally { passed: 17, failed: 1, ignored: 1 });
    }
}
