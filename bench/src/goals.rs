//! What the component is to reach, and what it does: the document's first table.

use std::fmt::Write as _;

use crate::contest::{Against, Outcome};
use crate::report::ratio;
use crate::rows::{HTTP, SLOW};
use crate::size::Size;

/// A goal and what this run came to, in the same unit.
struct Goal {
    what: String,
    most: f64,
    /// `None` where nobody was there to measure it against.
    reached: Option<f64>,
    unit: &'static str,
    /// What is in the way, for when it is missed.
    because: &'static str,
}

/// The section. Where a goal is missed it says by how much and why.
pub(crate) fn table(outcomes: &[Outcome], size: &Size, idle: Option<u64>) -> String {
    let mut text = String::from(HEAD);
    for Goal { what, most, reached, unit, because } in goals(outcomes, size, idle) {
        let shown = |value: f64| if unit.is_empty() { ratio(value) } else { format!("{value:.0}{unit}") };
        let (reached, verdict) = match reached {
            None => ("–".to_owned(), "not measured here"),
            Some(reached) if reached <= most => (shown(reached), "yes"),
            Some(reached) => (shown(reached), because),
        };
        let _ = writeln!(text, "| {what} | {} | {reached} | {verdict} |", shown(most));
    }
    text
}

fn goals(outcomes: &[Outcome], size: &Size, idle: Option<u64>) -> Vec<Goal> {
    let row = |title: &str, link: &str| outcomes.iter().find(|row| row.title.starts_with(title) && row.link == link);
    let against = |title: &str, link: &str, rival: &str| {
        let is_rival = |against: &&Against| against.rival.name.starts_with(rival);
        row(title, link)?.rivals.iter().find(is_rival).map(|against| against.time.median)
    };
    let micros = |title: &str, link: &str| row(title, link).map(|row| row.ours.seconds.median * 1e6);
    let burst = || {
        let ours = &row("200 calls at once", HTTP)?.ours;
        Some(ours.tail?.median / ours.seconds.median)
    };
    let in_python = || Some(against(PAGE, HTTP, "vt-py")? / against(PAGE, HTTP, "component in Python")?);
    let goal = |what: &str, most, reached, unit, because| Goal { what: what.to_owned(), most, reached, unit, because };
    let raw = "native, raw slices";
    vec![
        goal("Size of the component", 200.0, Some(size.total() as f64 / 1024.0), " KiB", MISSED),
        goal("A small call over 50 ms, against native", 1.15, against(SMALL, SLOW, raw), "", MISSED),
        goal("A small call without a network between, against native", 1.15, against(SMALL, HTTP, raw), "", BOUNDARY),
        goal(
            "A page of 40 full objects over 50 ms, against native raw slices",
            1.15,
            against(PAGE, SLOW, raw),
            "",
            MISSED,
        ),
        goal(
            "The page without a network between, against native raw slices",
            1.5,
            against(PAGE, HTTP, raw),
            "",
            INFLATING,
        ),
        goal("The page, against native `Value`", 0.8, against(PAGE, HTTP, "native, `Value`"), "", INFLATING),
        goal("A small call, against vt-py", 0.4, against(SMALL, HTTP, "vt-py"), "", BOUNDARY),
        goal("The page, against vt-py", 0.2, against(PAGE, HTTP, "vt-py"), "", INFLATING),
        goal("One object of 1 MB, against vt-py", 1.0, against("One object of 1 MB", HTTP, "vt-py"), "", ONE_TEXT),
        goal("The page from Python, against vt-py", 0.4, in_python(), "", INFLATING),
        goal("A store and an instance", 10.0, micros("A store and an instance", "none"), " µs", MISSED),
        goal("What an idle instance holds", 100.0, idle.map(|bytes| bytes as f64 / 1000.0), " KB", HELD),
        goal(
            "From the file to the first answer, compiled ahead",
            5.0,
            micros("From the file", HTTP).map(|micros| micros / 1e3),
            " ms",
            "half of it is reading the system's certificate authorities",
        ),
        goal("200 calls at once: what 99 of 100 stay below, against the median", 3.0, burst(), "", MISSED),
    ]
}

const SMALL: &str = "One small object";
const PAGE: &str = "A page of 40 full objects";

const HEAD: &str = "\
## Goals

Ratios are of time, and the least is best. Where a goal was reached it was raised: the page was to be faster than `Value` at all, 2.5
times as fast as vt-py, and from Python not slower than it; a store and an instance were to take 15 µs.

| what | at most | this run | reached |
|---|---|---|---|
";

const BOUNDARY: &str = "no: the native call is hardly more than its system calls, which are the same here. On top of them comes what the \
component executes (a third of the rest), and wasmtime: an instance, the calls over the boundary, and the HTTP types and tasks of \
`wasmtime-wasi-http`";
const INFLATING: &str = "no: two thirds are inflating and the checksum. The same inflater takes 1.5 times as long in WebAssembly as \
natively; a faster one (zlib-rs) has 30 KB more, and does not fit the size. The walk over the objects is checked against the whole of \
RFC 8259, and asks every few instructions whether it is to stop";
const ONE_TEXT: &str = "no: vt-py has this done in C, an inflater and a reader of one long text. Here inflating is two fifths, reading \
the text's escapes a fifth, and the text is handed out twice, as `rules` and in `json`";
/// For what nobody has had to look into, since it was never missed.
const MISSED: &str = "no";
const HELD: &str = "no: the stack, the heap and the tables of an instance, and wasmtime's own record of it";
