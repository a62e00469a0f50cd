//! A snippet as bytes, read by the component: a hex dump with the matched bytes in colour, or JSON.

use std::fmt::Write as _;

use serde::Serialize;
use vt_hunting_host::snippets::Snippet;

use super::{Rendered, json, snippet::MATCHED, style::Style};
use crate::{args::global::Format, failure::Failure};

/// As many bytes as fit a line beside their text.
const LINE: usize = 16;

/// Shows it.
pub(crate) fn show(snippet: &Snippet, style: &Style) -> Result<Rendered, Failure> {
    if style.format == Format::Table {
        return Ok(dump(snippet, style.look.colour).into());
    }
    #[derive(Serialize)]
    struct Document<'a> {
        /// In hexadecimal digits.
        bytes: String,
        highlights: &'a [vt_hunting_host::snippets::Highlight],
        truncated: bool,
    }
    let bytes = snippet.bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let document = Document { bytes, highlights: &snippet.highlights, truncated: snippet.truncated };
    let text = serde_json::to_string(&document).map_err(json::unfit)?;
    Ok(style.document(&text).into())
}

fn dump(snippet: &Snippet, colour: bool) -> String {
    if snippet.bytes.is_empty() {
        return "no bytes: the text is no snippet's dump\n".to_owned();
    }
    let (open, close) =
        if colour { (format!("{MATCHED}"), format!("{MATCHED:#}")) } else { ("»".to_owned(), "«".to_owned()) };
    let matched =
        |at: usize| snippet.highlights.iter().any(|span| (span.start as usize..span.end as usize).contains(&at));
    let mut text = String::new();
    for (line, bytes) in snippet.bytes.chunks(LINE).enumerate() {
        let first = line * LINE;
        let _ = write!(text, "{first:08x} ");
        let mut readable = String::new();
        // A mark ends with its line, and begins again on the next: pagers and terminals lose it otherwise.
        let mut marked = false;
        for (at, byte) in (first..).zip(bytes) {
            let now = matched(at);
            let gap = match (marked, now) {
                (false, true) => format!(" {open}"),
                (true, false) => format!("{close} "),
                _ => " ".to_owned(),
            };
            let mark = match (marked, now) {
                (false, true) => &*open,
                (true, false) => &*close,
                _ => "",
            };
            let _ = write!(text, "{gap}{byte:02x}");
            readable.push_str(mark);
            readable.push(if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' });
            marked = now;
        }
        if marked {
            text.push_str(&close);
            readable.push_str(&close);
        }
        let _ = writeln!(text, "{:1$}  |{readable}|", "", (LINE - bytes.len()) * 3);
    }
    if snippet.truncated {
        text.push_str("VirusTotal cut it here.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use vt_hunting_host::snippets::Highlight;

    use super::*;

    fn snippet(bytes: &[u8], highlights: &[(u32, u32)], truncated: bool) -> Snippet {
        let highlights = highlights.iter().map(|&(start, end)| Highlight { start, end }).collect();
        Snippet { bytes: bytes.to_vec(), highlights, truncated }
    }

    #[test]
    fn matched_bytes_are_marked_in_both_columns() {
        let text = dump(&snippet(b"MZ\x90\0ab", &[(1, 3), (5, 6)], true), false);
        assert_eq!(
            text,
            format!("00000000  4d »5a 90« 00 61 »62«{}  |M»Z.«.a»b«|\nVirusTotal cut it here.\n", " ".repeat(30))
        );
    }

    #[test]
    fn a_match_over_two_lines_is_closed_and_opened_again() {
        let text = dump(&snippet(&[0x41; 18], &[(15, 17)], false), false);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].ends_with("41 »41«  |AAAAAAAAAAAAAAA»A«|"), "{text}");
        assert!(lines[1].starts_with("00000010  »41« 41"), "{text}");
    }

    #[test]
    fn colour_is_bold_red() {
        assert!(dump(&snippet(b"a", &[(0, 1)], false), true).contains("\u{1b}[1m\u{1b}[31m61\u{1b}[0m"));
    }

    #[test]
    fn what_is_no_dump_says_so() {
        assert!(dump(&snippet(b"", &[], false), false).starts_with("no bytes"));
    }
}
