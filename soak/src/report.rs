//! The figures at the end, and the verdict.

use std::time::Duration;

use anstream::println;
use anstyle::{AnsiColor, Style};

use crate::process::Process;
use crate::tally::{Harmed, Tally};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) tenants: usize,
    pub(crate) seed: u64,
    pub(crate) tally: Tally,
    pub(crate) took: Duration,
    /// How late a task that was ready came to run, at worst.
    pub(crate) longest_wait: Duration,
    /// Connections that the simulator accepted, and that the connectors say they opened.
    pub(crate) connections: (u64, u64),
    pub(crate) before: Process,
    /// After making the tenants, each with an instance, before any call.
    pub(crate) settled_in: Process,
    pub(crate) warm: Process,
    /// After the last call, with all tenants still there.
    pub(crate) last: Process,
    /// After the last tenant is gone.
    pub(crate) after: Process,
    pub(crate) violations: u64,
    pub(crate) first_violation: Option<String>,
}

impl Report {
    pub(crate) fn holds(&self) -> bool {
        self.violations == 0
    }

    pub(crate) fn print(&self) {
        let Tally { calls, given_up, requests, actions, harms, failures, excused } = &self.tally;
        let rate = *calls as f64 / self.took.as_secs_f64().max(0.001);
        println!("\n{BOLD}{} tenants, {calls} calls in {:.1} s{BOLD:#}", self.tenants, self.took.as_secs_f64());
        row("calls/s", format!("{rate:.0}"));
        row("answered", calls - self.tally.failed() - given_up);
        row("requests received", requests);
        row("longest wait for a turn", format!("{:.0} ms", self.longest_wait.as_secs_f64() * 1000.0));
        let (accepted, opened) = self.connections;
        row("connections", format!("{accepted} accepted by the simulator, {opened} opened by the tenants"));

        let Harmed { injected, survived } = self.tally.harmed();
        println!("\n{BOLD}Faults: {injected} injected, {survived} survived{BOLD:#}");
        for (name, Harmed { injected, survived }) in harms {
            row(name, format!("{injected:>6}  {DIM}survived{DIM:#} {survived}"));
        }
        println!("\n{BOLD}Failures: {}, and {given_up} calls given up{BOLD:#}", self.tally.failed());
        failures.iter().for_each(|(kind, count)| row(kind, format!("{count:>6}")));
        if *excused > 0 {
            let late = self.longest_wait.as_secs_f64();
            println!("  {excused} of them host timeouts on a machine so busy that turns came {late:.1} s late");
        }
        println!("\n{BOLD}Actions{BOLD:#}");
        actions.iter().for_each(|(action, count)| row(action, format!("{count:>6}")));

        println!("\n{BOLD}What the process holds{BOLD:#} {DIM}(the simulator is part of it){DIM:#}");
        println!("{DIM}  {:32} {:>9} {:>12} {:>6}{DIM:#}", "", "memory", "descriptors", "tasks");
        let stages = [
            ("before the tenants", &self.before),
            ("tenants made, no call yet", &self.settled_in),
            ("warmed up", &self.warm),
            ("after the last call", &self.last),
            ("after the last tenant is gone", &self.after),
        ];
        for (name, Process { fds, resident, tasks, .. }) in stages {
            let fds = fds.map_or_else(|| "unknown".to_owned(), |fds| fds.to_string());
            println!("  {name:32} {:>9} {fds:>12} {tasks:>6}", megabytes(*resident));
        }
        row("peak memory", megabytes(self.after.peak));
        self.print_verdict();
    }

    fn print_verdict(&self) {
        let Some(first) = &self.first_violation else {
            println!("\n{GREEN}All held{GREEN:#} (seed {})", self.seed);
            return;
        };
        println!("\n{RED}{} violations{RED:#} (seed {}); the first:\n{first}", self.violations, self.seed);
        println!(
            "\nTo see it again: the same arguments and `--seed {}`. What is asked and done is the same again until an answer \
             depends on timing.",
            self.seed
        );
    }
}

fn row(name: &str, value: impl std::fmt::Display) {
    println!("  {name:32} {value}");
}

pub(crate) fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{} MB", bytes >> 20))
}
