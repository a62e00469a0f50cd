//! Every line that is logged while a test runs, at the finest level, whoever logs it.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, Once};

use serde_json::Value;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;

/// What was logged on this thread since it was made. For tests on a runtime of one thread.
pub(crate) struct Logs(Listener);

#[derive(Clone)]
struct Listener {
    level: LevelFilter,
    /// From `tracing`, as JSON.
    lines: Buffer,
    /// From `log`, which is what `reqwest` and others use.
    plain: Buffer,
}

thread_local! {
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

impl Logs {
    /// Begins to listen.
    pub(crate) fn start() -> Logs {
        Logs::up_to(LevelFilter::TRACE)
    }

    /// The same, deaf to what is finer than this level.
    pub(crate) fn up_to(level: LevelFilter) -> Logs {
        install();
        let listener = Listener { level, lines: Buffer::default(), plain: Buffer::default() };
        LISTENER.set(Some(listener.clone()));
        Logs(listener)
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.0.lines.text() + &self.0.plain.text()
    }

    /// What came through `tracing`, line by line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.0.lines.text().lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The fields of each call that ended, in order.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let text = self.0.lines.text();
        let ended = text.lines().filter(|line| line.contains("\"message\":\"call ended\""));
        ended.map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON")["span"].take()).collect()
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        LISTENER.set(None);
    }
}

/// One subscriber and one logger for the process, which sort by thread. With a subscriber per test, a line that another
/// test's thread comes by first would be taken for one that nobody wants to hear.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let is_heard = dynamic_filter_fn(|metadata, _| {
            LISTENER.with_borrow(|listener| listener.as_ref().is_some_and(|heard| metadata.level() <= &heard.level))
        });
        let writer =
            || LISTENER.with_borrow(|listener| listener.as_ref().map(|heard| heard.lines.clone()).unwrap_or_default());
        let lines = tracing_subscriber::fmt::layer().json().with_writer(writer).with_filter(is_heard);
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::set_global_default(subscriber).expect("there is no other subscriber");
        log::set_logger(&Plain).expect("there is no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

struct Plain;

impl log::Log for Plain {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LISTENER.with_borrow_mut(|listener| {
            if let Some(heard) = listener {
                let _ = writeln!(heard.plain, "{} {} {}", record.level(), record.target(), record.args());
            }
        });
    }

    fn flush(&self) {}
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
