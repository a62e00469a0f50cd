//! Snippets: the hex dump that shows where a rule matched.
//!
//! Sixteen bytes a line, then two spaces and the text; matched bytes stand between `*begin_highlight*` and
//! `*end_highlight*` on both sides. One line of context around each place. What is too long is cut, wherever that is: a
//! marker can stay open, and `\n\n...` follows.

use boreal::scanner::StringMatches;

const BEGIN: &str = "*begin_highlight*";
const END: &str = "*end_highlight*";
const WIDTH: usize = 16;
/// Longer than this is cut.
const LENGTH_MAX: usize = 1_600;

/// The snippet for one rule's matches; empty when no string matched.
pub(crate) fn render(bytes: &[u8], strings: &[StringMatches<'_>]) -> String {
    let places: Vec<(usize, usize)> = strings
        .iter()
        .flat_map(|string| string.matches.iter().map(|found| (found.offset, found.offset + found.length)))
        .collect();
    dump(bytes, &places)
}

fn dump(bytes: &[u8], places: &[(usize, usize)]) -> String {
    let last_line = bytes.len().saturating_sub(1) / WIDTH;
    let mut lines: Vec<usize> = Vec::new();
    for (start, end) in places.iter().filter(|(start, end)| end > start) {
        let first = (start / WIDTH).saturating_sub(1);
        lines.extend(first..=((end - 1) / WIDTH + 1).min(last_line));
    }
    lines.sort_unstable();
    lines.dedup();

    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push('\n');
        }
        line_of(&mut text, bytes, line * WIDTH, places);
        if text.len() > LENGTH_MAX {
            text.truncate(LENGTH_MAX);
            text.push_str("\n\n...");
            break;
        }
    }
    text
}

fn line_of(text: &mut String, bytes: &[u8], start: usize, places: &[(usize, usize)]) {
    let end = (start + WIDTH).min(bytes.len());
    let hex = |index: usize, last: bool| format!("{:02X}{}", bytes[index], if last { "" } else { " " });
    let print = |index: usize, _: bool| match bytes[index] {
        byte @ 0x20..=0x7e => char::from(byte).to_string(),
        _ => ".".to_owned(),
    };
    mark(text, start..end, places, hex);
    text.push_str("  ");
    mark(text, start..end, places, print);
}

/// Writes one column, with markers where matched bytes begin and end.
fn mark(
    text: &mut String,
    range: std::ops::Range<usize>,
    places: &[(usize, usize)],
    show: impl Fn(usize, bool) -> String,
) {
    let mut open = false;
    let end = range.end;
    for index in range {
        let matched = places.iter().any(|(start, end)| (*start..*end).contains(&index));
        if matched != open {
            text.push_str(if matched { BEGIN } else { END });
            open = matched;
        }
        text.push_str(&show(index, index + 1 == end));
    }
    if open {
        text.push_str(END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matched_bytes_are_marked_in_both_columns() {
        let snippet = dump(b"0123456789 needle more text behind it", &[(11, 17)]);
        let mut lines = snippet.lines();
        let first = lines.next().expect("a line");
        assert!(first.contains("*begin_highlight*6E 65 65 64 6C*end_highlight*  0123456789 *begin_highlight*needl"));
        let second = lines.next().expect("the match spans lines");
        assert!(second.starts_with("*begin_highlight*65 *end_highlight*20 6D"), "{second}");
    }

    #[test]
    fn no_match_gives_an_empty_snippet() {
        assert_eq!(dump(b"anything", &[]), "");
    }

    #[test]
    fn a_long_snippet_is_cut_with_dots() {
        let bytes = [b'a'; 4_000];
        let places: Vec<_> = (0..120).map(|n| (n * 32, n * 32 + 4)).collect();
        let snippet = dump(&bytes, &places);
        assert!(snippet.ends_with("\n\n..."));
        assert!(snippet.len() < LENGTH_MAX + 10);
    }
}
