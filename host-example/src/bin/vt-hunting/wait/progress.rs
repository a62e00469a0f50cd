//! How waiting looks: a bar on a terminal, a line for every change anywhere else. Always on standard error.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::watch::Seen;
use crate::{failure, output::text::plain};

/// Tenths of a percent: a job of hours moves slowly.
const WHOLE: u64 = 1_000;

/// The display.
pub(crate) enum Progress {
    Bar { bar: ProgressBar, id: String },
    Lines { id: String, as_json: bool, last: Option<String> },
}

impl Progress {
    /// Chooses how.
    pub(crate) fn new(id: &str, as_json: bool) -> Self {
        if as_json || !std::io::stderr().is_terminal() {
            return Self::Lines { id: plain(id), as_json, last: None };
        }
        let bar = ProgressBar::with_draw_target(Some(WHOLE), ProgressDrawTarget::stderr());
        // The time left first; what does not fit the terminal is cut off at the end.
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:10}] {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_secs(1));
        Self::Bar { bar, id: plain(id) }
    }

    /// Shows how the job stands.
    pub(crate) fn show(&mut self, seen: &Seen) {
        match self {
            Self::Bar { bar, id } => {
                bar.set_position((seen.progress * 10.0) as u64);
                bar.set_prefix(seen.left());
                bar.set_message(format!("{}, {id}", seen.known()));
            }
            Self::Lines { id, as_json, last } => {
                let line = seen.line(id);
                if last.as_deref() == Some(&*line) {
                    return;
                }
                if *as_json {
                    failure::note(true, "Progress", &line);
                } else {
                    failure::tell(&format!("{line}\n"));
                }
                *last = Some(line);
            }
        }
    }

    /// Says something else, without breaking the bar.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        match self {
            Self::Bar { bar, .. } => bar.suspend(say),
            Self::Lines { .. } => say(),
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Self::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}
