//! `cargo xtask fuzz`: tries what strangers might send, for as long as one likes.

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::println;
use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use super::Command;
use crate::fuzz::{self, Figures, Fuzzing, Pace};
use crate::style::{DIM, GREEN, RED};
use crate::table::Table;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "fuzz",
    usage: "[TARGET]… [--seconds N] [--keep] [--list]",
    summary: "fuzz what reads answers, headers, URLs and lists, guided by coverage",
    details: "
  TARGET        only this target; may be given several times
  --seconds N   how long each target runs; 60 if not given
  --keep        afterwards, bring the committed corpus fuzz/corpora/TARGET.jsonl up to date with what was found
  --list        the targets, without running any

A stable toolchain and a C++ compiler are all it needs. Corpus, findings and logs are below target/fuzz, and the next run
goes on from there. A finding belongs into fuzz/regressions/TARGET, and into a unit test; what is there and in
fuzz/corpora/TARGET.jsonl is replayed first. This command goes by time and is for looking; `cargo xtask test` counts executions.",
    owns_help: false,
    run,
};

#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// Empty: all targets.
    targets: Vec<String>,
    seconds: u64,
    keep: bool,
    list: bool,
}

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    let options = parse(arguments)?;
    let known = fuzz::targets(workspace)?;
    if options.list {
        known.iter().for_each(|target| println!("{target}"));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = options.targets.iter().find(|target| !known.contains(target)) {
        bail!("there is no fuzz target `{unknown}`; the targets are {}", known.join(", "));
    }
    if let Some(why) = fuzz::unavailable() {
        bail!("{why}");
    }
    let targets = if options.targets.is_empty() { known } else { options.targets };
    println!("{}", all(workspace, &targets, Pace::Seconds(options.seconds))?);
    if options.keep {
        let fuzzing = Fuzzing::build(workspace, &targets)?;
        targets.iter().try_for_each(|target| fuzzing.keep(target))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(arguments: Vec<OsString>) -> Result<Options> {
    let mut options = Options { targets: Vec::new(), seconds: 60, keep: false, list: false };
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            // For libFuzzer, 0 is forever.
            Long("seconds") => {
                let seconds = parser.value()?.parse::<std::num::NonZeroU64>();
                options.seconds = seconds.context("`--seconds` takes a whole number from 1")?.get();
            }
            Long("keep") => options.keep = true,
            Long("list") => options.list = true,
            Value(target) => options.targets.push(target.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

/// Runs these targets one by one and prints a table; an error when something was found, else a line that sums up.
pub(crate) fn all(workspace: &Workspace, targets: &[String], pace: Pace) -> Result<String> {
    let fuzzing = Fuzzing::build(workspace, targets)?;
    let mut results = Vec::new();
    for target in targets {
        results.push((target, fuzzing.run(target, pace)?));
    }
    print(&results);
    let mut findings = Vec::new();
    for (target, figures) in &results {
        if let Some(input) = &figures.finding {
            println!("{RED}{target}:{RED:#} {DIM}{}{DIM:#}", fuzzing.again(target, input));
            findings.push(target.as_str());
        }
    }
    if !findings.is_empty() {
        bail!("something did not hold in {}; the commands above run the inputs again", findings.join(", "));
    }
    let executions: u64 = results.iter().map(|(_, figures)| figures.executions).sum();
    let replayed: usize = results.iter().map(|(_, figures)| figures.replayed).sum();
    Ok(format!("{executions} executions of {} targets, {replayed} committed inputs replayed", targets.len()))
}

fn print(results: &[(&String, Figures)]) {
    let mut table = Table::new(&["target", "replayed", "executions", "per second", "coverage", "corpus", "finding"]);
    for (target, figures) in results {
        let plain = anstyle::Style::new();
        let number = |value: u64, width: usize| (plain, format!("{value:>width$}"));
        let (style, finding) = if figures.finding.is_some() { (RED, "FOUND") } else { (GREEN, "none") };
        table.row(vec![
            (plain, (*target).clone()),
            number(figures.replayed as u64, 8),
            number(figures.executions, 10),
            number(figures.per_second, 10),
            number(figures.coverage, 8),
            number(figures.corpus, 6),
            (style, finding.to_owned()),
        ]);
    }
    table.print();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Options> {
        parse(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn targets_and_seconds_are_taken() -> Result<()> {
        let options = parsed(&["gzip", "--seconds", "300", "base_url", "--keep"])?;
        let targets = vec!["gzip".into(), "base_url".into()];
        assert_eq!(options, Options { targets, seconds: 300, keep: true, list: false });
        assert_eq!(parsed(&[])?.seconds, 60);
        Ok(())
    }

    #[test]
    fn no_time_at_all_would_be_for_ever_and_is_refused() {
        for seconds in ["0", "-1", "soon"] {
            assert!(parsed(&["--seconds", seconds]).is_err(), "{seconds}");
        }
    }
}
