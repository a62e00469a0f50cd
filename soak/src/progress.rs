//! How far the run is: a bar for people, a line per round for files.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anstream::println;
use indicatif::{ProgressBar, ProgressStyle};

use crate::process::Process;
use crate::report::megabytes;
use crate::tally::Tally;

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Progress {
    /// `calls` in all, if that is known.
    pub(crate) fn new(calls: Option<u64>) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let (bar, template) = match calls {
                Some(calls) => (ProgressBar::new(calls), "{bar:30} {pos}/{len} calls  {elapsed}  {msg}"),
                None => (ProgressBar::new_spinner(), "{spinner} {pos} calls  {elapsed}  {msg}"),
            };
            bar.enable_steady_tick(Duration::from_millis(200));
            bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { bar, started: Instant::now() }
    }

    /// Calls that have ended, within a round.
    pub(crate) fn calls(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }

    /// A round has ended.
    pub(crate) fn round(&self, number: u64, tally: &Tally, now: &Process) {
        let harmed = tally.harmed();
        let text = format!(
            "{:.0} calls/s, {} faults ({} survived), {} failures, {}",
            tally.calls as f64 / self.started.elapsed().as_secs_f64(),
            harmed.injected,
            harmed.survived,
            tally.failed(),
            megabytes(now.resident),
        );
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None => println!("round {number}: {} calls, {text}, {} tasks", tally.calls, now.tasks),
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
