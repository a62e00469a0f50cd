//! A job on its way: a bar on a terminal, lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vt_hunting_host::retrohunt::RetrohuntJob;

use crate::report::{Turn, plain};

/// Shows how far a job is.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn start() -> Self {
        let bar = std::io::stdout().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(100), ProgressDrawTarget::stdout());
            // The template is a constant; should it ever be wrong, the plain bar does.
            if let Ok(style) = ProgressStyle::with_template("    came    {bar:40.green} {pos:>3} %  {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    /// Draws the bar, or writes a line.
    pub(crate) fn show(&self, turn: &Turn, job: &RetrohuntJob) {
        let percent = job.progress.unwrap_or(0.0);
        let status = job.status.as_deref().unwrap_or("–");
        let matches = job.num_matches.map_or(String::new(), |count| format!(", {count} matches"));
        let eta = job.eta_seconds.map_or(String::new(), |seconds| format!(", {seconds} s to go"));
        match &self.bar {
            Some(bar) => {
                // Between 0 and 100, so nothing is lost.
                bar.set_position(percent.clamp(0.0, 100.0) as u64);
                bar.set_message(plain(&format!("{status}{matches}{eta}")));
            }
            None => turn.came(format!("{percent:>5.1} %  {status}{matches}{eta}")),
        }
    }

    /// Between two looks at a simulated job: long enough to see the bar move, nothing where nobody looks.
    pub(crate) fn simulated_pause(&self) -> Duration {
        if self.bar.is_some() { Duration::from_millis(120) } else { Duration::ZERO }
    }
}

impl Drop for Progress {
    /// The bar stays where it ended, and what follows starts on a line of its own.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}
