//! What the audience sees: each action as it happens, and the table at the end.
//!
//! Colours are for terminals (`anstream` strips them elsewhere). Text that came from the service is never trusted: a control
//! character in it could drive the terminal.

use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

use anstream::println;
use anstyle::{AnsiColor, Style};
use anyhow::Result;

use crate::actions::{self, Action};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const RED: Style = AnsiColor::Red.on_default();

/// Wide enough for a rule's message, narrow enough for half a screen.
const WIDTH: usize = 88;
const INDENT: &str = "            ";

/// Everything told so far.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    title: String,
    function: &'static str,
    ending: Ending,
    took: Duration,
}

/// How an action ended.
enum Ending {
    /// As it should: with what came of it.
    Good(String),
    /// Otherwise: with the reason.
    Bad(String),
    /// Not tried, and why.
    Skipped(String),
}

/// An action that is being told.
pub(crate) struct Turn {
    title: String,
    function: &'static str,
    took: Duration,
    calls: u32,
}

impl Turn {
    /// What goes to the service.
    pub(crate) fn sent(&self, text: impl Display) {
        line("sent", DIM, &text.to_string());
    }

    /// What came back.
    pub(crate) fn came(&self, text: impl Display) {
        line("came", Style::new(), &text.to_string());
    }

    /// Awaits one call of the component. Only this counts as the action's time, not the telling.
    pub(crate) async fn call<T>(&mut self, call: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let answer = call.await;
        self.took += start.elapsed();
        self.calls += 1;
        answer
    }
}

impl Report {
    /// The first lines.
    pub(crate) fn title(&self, text: &str, facts: &[(&str, String)]) {
        println!("{BOLD}{text}{BOLD:#}");
        for (name, fact) in facts {
            line(name, DIM, fact);
        }
    }

    /// Something that happens outside of the component.
    pub(crate) fn aside(&self, text: impl Display) {
        println!();
        line("~", YELLOW, &text.to_string());
    }

    /// Opens an action. `variant` tells apart two uses of the same one; usually it is empty.
    pub(crate) fn begin(&mut self, action: &Action, variant: &str) -> Turn {
        let title = if variant.is_empty() { action.name.to_owned() } else { format!("{}, {variant}", action.name) };
        println!(
            "\n{BOLD}{:>2}. {title}{BOLD:#}  {CYAN}{}{CYAN:#}  {DIM}{}{DIM:#}",
            self.rows.len() + 1,
            action.function,
            action.request
        );
        Turn { title, function: action.function, took: Duration::ZERO, calls: 0 }
    }

    /// Closes it. The text is what the summary says; an error is an action that did not do what it should.
    pub(crate) fn end(&mut self, turn: Turn, result: Result<String>) {
        let Turn { title, function, took, calls } = turn;
        let calls = if calls == 1 { String::new() } else { format!(", {calls} calls") };
        let ending = match result {
            Ok(text) => {
                line("ok", GREEN, &format!("{text} ({}{calls})", milliseconds(took)));
                Ending::Good(text)
            }
            Err(error) => {
                let reason = format!("{error:#}");
                line("FAILED", RED, &reason);
                Ending::Bad(reason)
            }
        };
        self.rows.push(Row { title, function, ending, took });
    }

    /// Tells that an action is left out, and why.
    pub(crate) fn skip(&mut self, action: &Action, variant: &str, why: &str) {
        let turn = self.begin(action, variant);
        line("skipped", YELLOW, why);
        let ending = Ending::Skipped(why.to_owned());
        self.rows.push(Row { title: turn.title, function: turn.function, ending, took: Duration::ZERO });
    }

    /// The table. True if all that was tried did what it should, and no action is missing from the story.
    pub(crate) fn summary(&self) -> bool {
        println!("\n{BOLD}Summary{BOLD:#}");
        let title = self.column("action", |row| &row.title);
        let function = self.column("function", |row| row.function);
        println!("{DIM}  {:title$}  {:function$}  {:>9}  outcome{DIM:#}", "action", "function", "time");
        for row in &self.rows {
            let (style, word, text) = match &row.ending {
                Ending::Good(text) => (GREEN, "ok", text),
                Ending::Bad(text) => (RED, "FAILED", text),
                Ending::Skipped(text) => (YELLOW, "skipped", text),
            };
            let took = if row.took.is_zero() { String::new() } else { milliseconds(row.took) };
            println!(
                "  {:title$}  {DIM}{:function$}{DIM:#}  {took:>9}  {style}{word}{style:#} {}",
                row.title,
                row.function,
                first_line(text),
            );
        }
        let untold = self.untold();
        for action in &untold {
            println!("  {RED}{} ({}) was not told at all{RED:#}", action.name, action.function);
        }
        let count = |wanted: fn(&Ending) -> bool| self.rows.iter().filter(|row| wanted(&row.ending)).count();
        let failed = count(|ending| matches!(ending, Ending::Bad(_)));
        let good = count(|ending| matches!(ending, Ending::Good(_)));
        let skipped = count(|ending| matches!(ending, Ending::Skipped(_)));
        println!("\n{good} as they should be, {failed} failed, {skipped} skipped");
        failed == 0 && untold.is_empty()
    }

    /// Where to go from here.
    pub(crate) fn next(&self) {
        println!(
            "\n{BOLD}Next:{BOLD:#} README.md (embed it, run it), wit/ (the contract), `cargo run -p vt-hunting-host --bin vt-hunting -- --help`"
        );
    }

    /// The actions that the story did not come to.
    fn untold(&self) -> Vec<&'static Action> {
        let told = |action: &Action| self.rows.iter().any(|row| row.title == action.name);
        actions::ALL.into_iter().filter(|action| !told(action)).collect()
    }

    fn column<'a>(&'a self, heading: &str, text: impl Fn(&'a Row) -> &'a str) -> usize {
        self.rows.iter().map(|row| text(row).chars().count()).fold(heading.chars().count(), usize::max)
    }
}

/// A labelled line, wrapped and indented below its label.
fn line(label: &str, style: Style, text: &str) {
    let text = plain(text);
    let options = textwrap::Options::new(WIDTH);
    let mut label = format!("{label:<7}");
    for part in textwrap::wrap(&text, options) {
        println!("    {style}{label}{style:#} {part}");
        label = " ".repeat(INDENT.len() - 5);
    }
}

/// The text without anything that could drive a terminal; line ends stay.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() && char != '\n' { '\u{fffd}' } else { char }).collect()
}

fn first_line(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = plain(text.lines().next().unwrap_or_default());
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

fn milliseconds(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_with_an_action_missing_is_no_success() {
        let mut report = Report::default();
        for action in &actions::ALL[1..] {
            report.skip(action, "", "not now");
        }
        assert_eq!(report.untold(), [actions::ALL[0]]);
        assert!(!report.summary());
        report.skip(actions::ALL[0], "", "not now");
        assert!(report.summary());
    }

    #[test]
    fn one_failed_action_is_no_success() {
        let mut report = Report::default();
        for action in actions::ALL {
            report.skip(action, "", "not now");
        }
        let turn = report.begin(&actions::GET_JOB, "again");
        report.end(turn, Err(anyhow::anyhow!("the job is gone")));
        assert!(!report.summary());
    }

    #[test]
    fn text_of_the_service_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\nc");
    }
}
