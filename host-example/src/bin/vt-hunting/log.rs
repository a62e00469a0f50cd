//! Logging, to standard error alone: standard output is for answers.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    args::global::{Log, LogFormat},
    redaction::LogLines,
};

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
            let text = fmt::layer().with_writer(|| LogLines).with_ansi(colour);
            // A warning to a person is a sentence; who asked for more wants to know when and where from.
            if verbose == 0 {
                lines.with(text.without_time().with_target(false)).init();
            } else {
                lines.with(text).init();
            }
        }
        LogFormat::Json => lines.with(fmt::layer().json().with_writer(|| LogLines)).init(),
    }
}
