//! Commands with what they print, as a document shows them, and whether that is what they print.
//!
//! `…` stands for anything: in a line for any part of it, alone for any lines. Dates, the seconds in a job's id and
//! ports are those of the run, so only that there is one is compared.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

/// What a line that stands for any lines has.
const ANYTHING: &str = "…";

/// A command, and what a document says it prints.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Without the `$ `; with line breaks where it goes on after a `\`.
    pub(super) text: String,
    pub(super) output: Vec<String>,
}

impl Command {
    /// Whether the document shows that it fails.
    pub(super) fn shows_failure(&self) -> bool {
        self.output.iter().any(|line| line.contains("error[") || line.contains("error:") || line.contains("\"error\""))
    }
}

/// The commands of a block.
pub(super) fn commands(block: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut goes_on = false;
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (_, Some(command)) if goes_on => {
                command.text.push('\n');
                command.text.push_str(line);
            }
            (Some(text), _) => commands.push(Command { text: text.to_owned(), output: Vec::new() }),
            (None, Some(command)) => command.output.push(line.to_owned()),
            // Before the first command nothing is printed.
            (None, None) => {}
        }
        goes_on = (goes_on || line.starts_with("$ ")) && line.ends_with('\\');
    }
    commands
}

/// The block again, with other outputs.
pub(super) fn written(commands: &[Command]) -> String {
    let mut block = String::new();
    for command in commands {
        block.push_str("$ ");
        block.push_str(&command.text);
        block.push('\n');
        for line in &command.output {
            block.push_str(line);
            block.push('\n');
        }
    }
    block
}

/// Whether what is printed is what the document shows.
pub(super) fn fits(shown: &[String], printed: &[String]) -> bool {
    match shown {
        [] => printed.is_empty(),
        [any, rest @ ..] if any.trim() == ANYTHING => (1..=printed.len()).any(|skip| fits(rest, &printed[skip..])),
        [line, rest @ ..] => {
            printed.split_first().is_some_and(|(first, others)| line_fits(line, first) && fits(rest, others))
        }
    }
}

/// Whether a printed line is the one that is shown.
fn line_fits(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (neutral(shown.trim_end()), neutral(printed.trim_end()));
    let mut pieces = shown.split('…');
    let Some(mut rest) = pieces.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// A line with every date, time, number of seconds and port that differs from run to run put into one form.
fn neutral(line: &str) -> String {
    static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
        let date = r"\b20\d\d-\d\d-\d\d\b";
        let time = r"\b\d\d:\d\d(?::\d\d)?\b";
        let http_date = r"\b[A-Z][a-z][a-z], \d\d [A-Z][a-z][a-z] 20\d\d\b";
        let epoch = r"\b1[7-9]\d{8}\b";
        let port = r"(?:127\.0\.0\.1|localhost):\d+\b";
        Regex::new(&[date, time, http_date, epoch, port].join("|")).expect("it is a regular expression")
    });
    let same = |found: &Captures<'_>| match &found[0] {
        address if address.starts_with("127.0.0.1:") || address.starts_with("localhost:") => "ADDRESS".to_owned(),
        other => other.chars().map(|one| if one.is_ascii_alphanumeric() { '0' } else { one }).collect(),
    };
    VARIABLE.replace_all(line, same).into_owned()
}

/// What the document should show instead: what is printed, but for the lines that fit already and the places where
/// anything may stand.
pub(super) fn renewed(shown: &[String], printed: &[String]) -> Vec<String> {
    if fits(shown, printed) {
        return shown.to_vec();
    }
    let mut lines = Vec::new();
    let (mut from_shown, mut from_printed) = (0, 0);
    for (at_shown, at_printed) in common(shown, printed).into_iter().chain([(shown.len(), printed.len())]) {
        lines.extend(between(&shown[from_shown..at_shown], &printed[from_printed..at_printed]));
        lines.extend(shown.get(at_shown).cloned());
        (from_shown, from_printed) = (at_shown + 1, at_printed + 1);
    }
    lines
}

/// What stands for lines that do not fit each other.
fn between(shown: &[String], printed: &[String]) -> Vec<String> {
    let shortened = |lines: &[String]| lines.iter().map(|line| shortened(line)).collect::<Vec<_>>();
    let Some(any) = shown.iter().position(|line| line.trim() == ANYTHING) else { return shortened(printed) };
    let (before, after) = (any, shown.len() - any - 1);
    if printed.len() <= before + after {
        return shortened(printed);
    }
    let mut lines = shortened(&printed[..before]);
    lines.push(shown[any].clone());
    lines.extend(shortened(&printed[printed.len() - after..]));
    lines
}

/// What nobody reads is cut: a cursor, a checkpoint.
fn shortened(line: &str) -> String {
    static OPAQUE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(v[hc]1\.[\w.=-]{16})[\w.=-]{8,}").expect("it is a regular expression"));
    OPAQUE.replace_all(line.trim_end(), "${1}…").into_owned()
}

/// The longest row of lines that fit each other, as pairs of places.
fn common(shown: &[String], printed: &[String]) -> Vec<(usize, usize)> {
    let fit = |a: usize, b: usize| shown[a].trim() != ANYTHING && line_fits(&shown[a], &printed[b]);
    // How many there are from each pair of places on.
    let mut lengths = vec![vec![0_usize; printed.len() + 1]; shown.len() + 1];
    for a in (0..shown.len()).rev() {
        for b in (0..printed.len()).rev() {
            let skipping = lengths[a + 1][b].max(lengths[a][b + 1]);
            lengths[a][b] = if fit(a, b) { skipping.max(lengths[a + 1][b + 1] + 1) } else { skipping };
        }
    }
    let (mut pairs, mut a, mut b) = (Vec::new(), 0, 0);
    while a < shown.len() && b < printed.len() {
        if fit(a, b) && lengths[a][b] == lengths[a + 1][b + 1] + 1 {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[a + 1][b] >= lengths[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

/// The difference, for people: what is shown and not printed after `-`, what is printed and not shown after `+`.
pub(super) fn difference(shown: &[String], printed: &[String]) -> String {
    let mut text = String::new();
    let mut add =
        |sign: char, lines: &[String]| lines.iter().for_each(|line| text.push_str(&format!("{sign} {line}\n")));
    let (mut from_shown, mut from_printed) = (0, 0);
    for (at_shown, at_printed) in common(shown, printed).into_iter().chain([(shown.len(), printed.len())]) {
        let (missing, more) = (&shown[from_shown..at_shown], &printed[from_printed..at_printed]);
        if missing.len() == 1 && missing[0].trim() == ANYTHING && !more.is_empty() {
            add(' ', missing);
        } else {
            add('-', missing);
            add('+', more);
        }
        if let Some(line) = printed.get(at_printed) {
            add(' ', std::slice::from_ref(line));
        }
        (from_shown, from_printed) = (at_shown + 1, at_printed + 1);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_block_is_its_commands_and_their_outputs() {
        let block = "$ one \\\n  --flag\nprinted\n\n$ two\n";
        let read = commands(block);
        assert_eq!(read[0], Command { text: "one \\\n  --flag".into(), output: lines("printed\n\n") });
        assert_eq!(read[1], Command { text: "two".into(), output: Vec::new() });
        assert_eq!(written(&read), block);
    }

    #[test]
    fn an_ellipsis_is_any_part_of_a_line_or_any_lines() {
        assert!(fits(&lines("a…c\n…\nz"), &lines("a b c\nx\ny\nz")));
        assert!(!fits(&lines("a…c\n…\nz"), &lines("a b d\nx\nz")));
        assert!(!fits(&lines("a\n…\nz"), &lines("a\nz")), "it stands for something");
        assert!(!fits(&lines("a"), &lines("a\nb")));
        assert!(!fits(&lines("…ab…ab"), &lines("ab")), "no part of a line is used twice");
    }

    #[test]
    fn dates_and_what_is_made_of_them_differ_from_run_to_run() {
        assert!(line_fits("made 2026-11-24 07:19 UTC", "made 2027-01-02 23:59 UTC"));
        assert!(line_fits("lab-1795504691", "lab-1801234567"));
        assert!(line_fits("http://127.0.0.1:8080/x", "http://127.0.0.1:40123/x"));
        assert!(line_fits("date: Thu, 09 Oct 2025 08:53:20 GMT", "date: Thu, 26 Oct 2025 10:11:12 GMT"));
        assert!(!line_fits("39 matches", "40 matches"));
        assert!(!line_fits("bf28972af782698f", "bf28972af782698e"));
    }

    #[test]
    fn renewing_keeps_what_fits_and_what_is_left_open() {
        let shown = lines("id  1\nname old\n…\nlast");
        assert_eq!(renewed(&shown, &lines("id  1\nname new\na\nb\nlast")), lines("id  1\nname new\n…\nlast"));
        assert_eq!(renewed(&shown, &lines("id  1\nname old\na\nb\nlast")), shown, "what fits stays");
        assert_eq!(renewed(&lines("a\nb"), &lines("a\nc\nd")), lines("a\nc\nd"));
        let cursor = format!("next --cursor vh1.{}", "0a".repeat(60));
        assert_eq!(renewed(&lines("old"), &[cursor]), ["next --cursor vh1.0a0a0a0a0a0a0a0a…"]);
    }

    #[test]
    fn what_is_renewed_fits() {
        for (shown, printed) in [
            ("a\n…\nb", "c\nd"),
            ("…", ""),
            ("…\nx\n…", "y"),
            ("a\nb\nc", "c\nb\na"),
            ("", "new"),
            ("gone\n…\nold tail", "first\nsecond\nthird\nnew tail"),
        ] {
            let (shown, printed) = (lines(shown), lines(printed));
            let renewed = renewed(&shown, &printed);
            assert!(fits(&renewed, &printed), "{shown:?} {printed:?} {renewed:?}");
        }
    }

    #[test]
    fn the_difference_has_what_is_missing_and_what_is_more() {
        let text = difference(&lines("a\nold\n…\nz"), &lines("a\nnew\nz"));
        assert_eq!(text, "  a\n- old\n- …\n+ new\n  z\n");
    }
}
