//! Logging, to standard error alone: standard output is for answers.

use std::io::{self, Write};
use tracing::level_filters::LevelFilter;

use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    args::global::{Log, LogFormat},
    output::{layout::one_line, text::plain},
    redaction::LogLines,
};

/// Standard error for log lines. What strangers sent may be in one, and must not drive a terminal.
struct Lines {
    format: LogFormat,
    /// Whether the line has the logger's own colours. It writes the escape character of a value as text.
    colour: bool,
}

impl Write for Lines {
    /// The logger writes an event at once.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        LogLines.write_all(self.line(text.trim_end_matches('\n')).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        LogLines.flush()
    }
}

impl Lines {
    fn line(&self, event: &str) -> String {
        let mut line = match self.format {
            LogFormat::Json => one_line(event),
            LogFormat::Text if self.colour => event.split('\u{1b}').map(plain).collect::<Vec<_>>().join("\u{1b}"),
            LogFormat::Text => plain(event),
        };
        line.push('\n');
        line
    }
}

/// Starts it. Only this project's own lines are shown: what libraries log about requests may hold the key. A server has a
/// line a request without being asked for it.
pub(crate) fn start(log: &Log, serves: bool) {
    let verbose = if serves { log.verbose.saturating_add(1) } else { log.verbose };
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::registry().with(Targets::new().with_target("vt_hunting", level));
    match log.log_format {
        LogFormat::Text => {
            let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
            let writer = move || Lines { format: LogFormat::Text, colour };
            let text = fmt::layer().with_writer(writer).with_ansi(colour);
            // A warning to a person is a sentence; who asked for more wants to know when and where from.
            if verbose == 0 {
                lines.with(text.without_time().with_target(false)).init();
            } else {
                lines.with(text).init();
            }
        }
        LogFormat::Json => {
            let writer = || Lines { format: LogFormat::Json, colour: false };
            lines.with(fmt::layer().json().with_writer(writer)).init();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::text::{is_unseen, unseen};

    #[test]
    fn a_log_line_has_no_character_that_nobody_sees() {
        let all: String = unseen().collect();
        for colour in [false, true] {
            let line = Lines { format: LogFormat::Text, colour }.line(&format!("WARN a{}b", all.replace('\u{1b}', "")));
            assert!(!line.trim_end_matches('\n').contains(is_unseen), "{line:?}");
        }
        let event = serde_json::json!({"fields": {"message": all}}).to_string();
        let line = Lines { format: LogFormat::Json, colour: false }.line(&event);
        assert!(!line.trim_end_matches('\n').contains(is_unseen), "{line:?}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["fields"]["message"], all);
    }

    #[test]
    fn the_loggers_own_colours_stay() {
        let event = "\u{1b}[33m WARN\u{1b}[0m a";
        assert_eq!(Lines { format: LogFormat::Text, colour: true }.line(event), format!("{event}\n"));
    }
}
