//! What is printed, and the document that is written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::contest::{Figures, Outcome};
use crate::measure::Spread;
use crate::outside::Rival;
use crate::size::Size;
use crate::ways::Inside;

impl Outcome {
    /// The row for whoever runs it, with the times of this machine.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("\n{} ({}; {} calls)\n", self.title, self.link, self.calls);
        let line = |figures: &Figures, ratios: &str| {
            let tail = figures.tail.map_or_else(String::new, |tail| format!(", p99 {:9.1} µs", tail.median * 1e6));
            let cpu = figures.cpu.map_or_else(String::new, |cpu| format!("  cpu {:9.1} µs", cpu.median * 1e6));
            let allocations = figures.allocations.map_or_else(String::new, |count| format!("  {count:.0} allocations"));
            format!("  {:<36} {:9.1} µs{tail}{cpu}{allocations}{ratios}\n", figures.name, figures.seconds.median * 1e6)
        };
        text += &line(&self.ours, "");
        for against in &self.rivals {
            let mut ratios = format!("  ours/theirs {}", shown(against.time));
            if let Some(tail) = against.tail {
                let _ = write!(ratios, ", p99 {}", shown(tail));
            }
            if let Some(cpu) = against.cpu {
                let _ = write!(ratios, ", cpu {}", shown(cpu));
            }
            text += &line(&against.rival, &ratios);
        }
        for (name, why) in &self.skipped {
            let _ = writeln!(text, "  {name:<36} does not: {why}");
        }
        text
    }
}

fn shown(spread: Spread) -> String {
    format!("{} ({} to {})", ratio(spread.median), ratio(spread.low), ratio(spread.high))
}

/// Three digits are more than a noisy machine can tell.
pub(crate) fn ratio(value: f64) -> String {
    if value >= 10.0 {
        format!("{value:.0}")
    } else if value >= 0.1 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// `docs/performance.md`.
pub(crate) fn document(
    outcomes: &[Outcome],
    goals: &str,
    counted: &BTreeMap<String, u64>,
    size: &Size,
    rivals: &[Rival],
    missing: &[String],
) -> String {
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "The machine of this run: {}.\n", machine());
    text += "![The component against the others: time per call](performance.svg)\n\n";
    text += goals;
    text += "\n## Time\n\n";
    text += TIME;
    text += "| work | link | against | time | quartiles | processor |\n|---|---|---|---|---|---|\n";
    for outcome in outcomes {
        for against in &outcome.rivals {
            let cpu = against.cpu.map_or_else(|| "–".to_owned(), |cpu| ratio(cpu.median));
            let quartiles = |spread: Spread| format!("{} to {}", ratio(spread.low), ratio(spread.high));
            let (title, link, rival) = (&outcome.title, outcome.link, &against.rival.name);
            let (time, spread) = (ratio(against.time.median), quartiles(against.time));
            match against.tail {
                None => {
                    let _ = writeln!(text, "| {title} | {link} | {rival} | {time} | {spread} | {cpu} |");
                }
                Some(tail) => {
                    let _ = writeln!(text, "| {title}, the median | {link} | {rival} | {time} | {spread} | {cpu} |");
                    let (time, spread) = (ratio(tail.median), quartiles(tail));
                    let _ = writeln!(text, "| {title}, 99 of 100 | {link} | {rival} | {time} | {spread} | {cpu} |");
                }
            }
        }
    }
    text += "\n## What a call takes\n\n";
    text += TAKES;
    text += "| work | who | allocations | allocated | on the wire | connections | peak memory |\n|---|---|---|---|---|---|---|\n";
    for outcome in outcomes.iter().filter(|outcome| outcome.ours.wire_bytes.is_some()) {
        let all = std::iter::once(&outcome.ours).chain(outcome.rivals.iter().map(|against| &against.rival));
        for figures in all {
            let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} |",
                outcome.title,
                figures.name,
                or_dash(figures.allocations.map(|count| format!("{count:.0}"))),
                or_dash(figures.allocated_bytes.map(|bytes| kilobytes(bytes as u64))),
                or_dash(figures.wire_bytes.map(kilobytes)),
                figures.connections,
                or_dash(figures.peak_memory.map(|bytes| format!("{} MB", bytes / 1_000_000))),
            );
        }
    }
    text += "\n## What is counted\n\n";
    text += COUNTED;
    text += "| what | figure |\n|---|---|\n";
    for (what, figure) in counted {
        let _ = writeln!(text, "| {what} | {figure} |");
    }
    text += "\n## Who does what\n\n";
    let _ = writeln!(text, "- **{}**: {}", Inside::Component.name(), Inside::Component.what());
    for inside in Inside::NATIVE {
        let _ = writeln!(text, "- **{}**: {}", inside.name(), inside.what());
    }
    for rival in rivals {
        let _ = writeln!(text, "- **{}**: {}", rival.name, rival.what);
    }
    text += NOBODY;
    if !missing.is_empty() {
        text += "\nNot in this run:\n\n";
        for missing in missing {
            let _ = writeln!(text, "- {missing}");
        }
    }
    let mut reasons: Vec<&(String, String)> = outcomes.iter().flat_map(|outcome| &outcome.skipped).collect();
    reasons.sort();
    reasons.dedup();
    if !reasons.is_empty() {
        text += "\nNot in every row:\n\n";
        for (name, why) in reasons {
            let _ = writeln!(text, "- {name}: {why}");
        }
    }
    text += &size.section();
    text += FOOT;
    text
}

fn kilobytes(bytes: u64) -> String {
    if bytes < 10_000 { format!("{:.1} KB", bytes as f64 / 1e3) } else { format!("{} KB", bytes / 1000) }
}

/// The processor and how many of it: what somebody needs to know, and no more.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(':'));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    format!("{model}, {cores} cores, {}", std::env::consts::OS)
}

const HEAD: &str = "\
# Performance

What the sandbox costs, and what it saves. `cargo xtask bench --write` makes this document; do not edit it. Everything is
measured in one run against the simulator, which is a process of its own, and given as a ratio: how long a call takes says more
about the machine than about the component. `cargo xtask bench` prints the times of yours.

";

const TIME: &str = "\
The component's time divided by the other's: **below 1 the component is faster**. All take turns, round by round; the time is the
median of the rounds' ratios, between their quartiles. The processor's time is that of the client's process alone.
The server's work is in every time, and the same for all.

";

const TAKES: &str = "\
Allocations are those of the host's process, per call; what the component allocates in its own memory is counted below. On the wire
are both directions of one call over a kept connection, headers included. Connections are those of the whole row. Peak memory is
the whole process's after five calls; the component was compiled ahead.

";

const COUNTED: &str = "\
The same in every run, but for a part in ten thousand: what the component executes (wasmtime's fuel, one for nearly every instruction),
the bytes of linear memory of an instance after the call, the host's allocations for a call, and the component's own. The last are
counted in its code compiled for this machine, with an outside that answers from memory; the one block that a result is laid out in for
the host is not among them. Over the boundary go the answer as it came, compressed, and the objects' own texts on the way out.
`cargo xtask check` holds these.

";

const NOBODY: &str = "\
\nThe crate `vt3` (0.7.3) was looked at and left out, since it cannot do the work: its address is fixed, and it takes a number for a
job's id where VirusTotal has a text.
";

const FOOT: &str = "\
## Run it

```sh
cargo xtask bench                  # all rows, printed with the times of this machine
cargo xtask bench --only descriptors
cargo xtask bench --write          # and this document
cargo xtask check                  # the figures that may not grow: size, imports, instructions, memory, allocations
```

A quiet machine matters more than a fast one. Rows that need Python or Node.js are left out where there is none, with a sentence that
says so. `cargo xtask check` compares what is counted, not timed, with the figures in [xtask/src/budgets.rs](../xtask/src/budgets.rs):
one that has grown by more than 3 % fails until the figure is changed in the same commit.
";
