//! `cargo xtask test`: every step, what each took, and a summary.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anstream::println;
use anyhow::{Result, bail};
use lexopt::prelude::*;

use super::Command;
use crate::steps::{self, Outcome, Step};
use crate::style::{BOLD, DIM, GREEN, RED, YELLOW};
use crate::table::Table;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "test",
    usage: "[--only STEP]… [--fail-fast] [--list]",
    summary: "everything that has to hold: format, lints, budgets, tests, third-party clients",
    details: "
  --only STEP   only this step; may be given several times, or as a list with commas
  --fail-fast   stop at the first step that fails
  --list        the steps, without running any

A step whose tool is missing is skipped and says so; where the variable CI is set, that fails.
The last line is `N passed, N failed`, counted in steps.",
    owns_help: false,
    run,
};

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    /// Empty: all steps.
    only: Vec<String>,
    fail_fast: bool,
    list: bool,
}

/// How a step ended and what it took.
struct Report {
    step: &'static Step,
    result: Result<Outcome>,
    took: Duration,
}

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    let options = parse(arguments)?;
    if options.list {
        for step in steps::ALL {
            println!("{BOLD}{:<17}{BOLD:#} {}", step.name, step.title);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen =
        steps::ALL.iter().filter(|step| options.only.is_empty() || options.only.iter().any(|name| name == step.name));
    let mut reports = Vec::new();
    for step in chosen {
        let report = run_step(workspace, step);
        let stop = options.fail_fast && report.result.is_err();
        reports.push(report);
        if stop {
            println!("{DIM}--fail-fast: the steps after `{}` are not run.{DIM:#}", step.name);
            break;
        }
    }
    Ok(summarise(&reports))
}

fn parse(arguments: Vec<OsString>) -> Result<Options> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => {
                for name in parser.value()?.string()?.split(',') {
                    known(name)?;
                    options.only.push(name.to_owned());
                }
            }
            Long("fail-fast") => options.fail_fast = true,
            Long("list") => options.list = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn known(name: &str) -> Result<()> {
    if !steps::ALL.iter().any(|step| step.name == name) {
        let names: Vec<&str> = steps::ALL.iter().map(|step| step.name).collect();
        bail!("there is no step `{name}`; the steps are {}", names.join(", "));
    }
    Ok(())
}

fn run_step(workspace: &Workspace, step: &'static Step) -> Report {
    println!("\n{BOLD}==> {}: {}{BOLD:#}", step.name, step.title);
    let start = Instant::now();
    let result = (step.run)(workspace);
    let took = start.elapsed();
    match &result {
        Ok(Outcome::Passed(detail)) => {
            println!("{GREEN}==> {} passed{GREEN:#} in {}{}", step.name, seconds(took), after_dash(detail))
        }
        Ok(Outcome::Skipped(why)) => println!("{YELLOW}==> {} skipped:{YELLOW:#} {why}", step.name),
        Err(error) => println!("{RED}==> {} failed{RED:#} after {}: {error:#}", step.name, seconds(took)),
    }
    Report { step, result, took }
}

fn summarise(reports: &[Report]) -> ExitCode {
    let mut table = Table::new(&["step", "result", "time", "detail"]);
    let (mut passed, mut failed, mut skipped) = (0_usize, 0_usize, 0_usize);
    for report in reports {
        let plain = anstyle::Style::new();
        let (style, word, detail) = match &report.result {
            Ok(Outcome::Passed(detail)) => {
                passed += 1;
                (GREEN, "passed", detail.clone())
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                (YELLOW, "skipped", first_line(why))
            }
            Err(error) => {
                failed += 1;
                (RED, "failed", first_line(&format!("{error:#}")))
            }
        };
        table.row(vec![
            (plain, report.step.name.to_owned()),
            (style, word.to_owned()),
            (plain, format!("{:>8}", seconds(report.took))),
            (plain, detail),
        ]);
    }
    let total: Duration = reports.iter().map(|report| report.took).sum();
    println!();
    table.print();
    println!("{DIM}total {}{DIM:#}\n", seconds(total));
    println!("{}", tally(passed, failed, skipped));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Read by build servers: keep it plain and alone on its line.
fn tally(passed: usize, failed: usize, skipped: usize) -> String {
    let tail = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
    format!("{passed} passed, {failed} failed{tail}")
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn after_dash(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" — {detail}") }
}

/// The table has one line per step, whatever the step had to say.
fn first_line(text: &str) -> String {
    const WIDTH: usize = 100;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(WIDTH) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Options> {
        parse(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn only_takes_lists_and_repetition() -> Result<()> {
        let options = parsed(&["--only", "format,budgets", "--only=unit", "--fail-fast"])?;
        assert_eq!(options.only, ["format", "budgets", "unit"]);
        assert!(options.fail_fast && !options.list);
        Ok(())
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_known_ones() {
        let refused = parsed(&["--only", "formt"]).map_err(|error| error.to_string());
        assert!(matches!(refused, Err(message) if message.contains("`formt`") && message.contains("format, ")));
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(parsed(&["--everything"]).is_err());
    }

    #[test]
    fn the_tally_is_plain() {
        assert_eq!(tally(8, 0, 0), "8 passed, 0 failed");
        assert_eq!(tally(7, 1, 2), "7 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn a_detail_is_cut_to_one_line() {
        assert_eq!(first_line("one\ntwo"), "one");
        assert_eq!(first_line(&"ü".repeat(200)).chars().count(), 101);
    }

    #[test]
    fn step_names_are_unique() {
        for (index, step) in steps::ALL.iter().enumerate() {
            assert!(steps::ALL[index + 1..].iter().all(|other| other.name != step.name), "{}", step.name);
        }
    }
}
