//! The bytes around a match, with the matched ones marked: in colour, or between `»` and `«`.
//!
//! VirusTotal marks them with `*begin_highlight*` and `*end_highlight*`; a mark can span lines or stay unclosed.

use anstyle::{AnsiColor, Style};

const BEGIN: &str = "*begin_highlight*";
const END: &str = "*end_highlight*";
/// How matched bytes look in colour.
pub(super) const MATCHED: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

/// The snippet's lines, indented, or nothing if it is empty.
pub(crate) fn lines(snippet: &str, colour: bool) -> String {
    let (open, close) =
        if colour { (format!("{MATCHED}"), format!("{MATCHED:#}")) } else { ("»".to_owned(), "«".to_owned()) };
    let mut text = String::new();
    let mut marked = false;
    for line in snippet.trim_end().lines() {
        text.push_str("    ");
        // A mark is closed at the line's end and opened again on the next: pagers and terminals lose it otherwise.
        if marked {
            text.push_str(&open);
        }
        let mut rest = line;
        loop {
            let mark = if marked { END } else { BEGIN };
            let Some((before, behind)) = rest.split_once(mark) else {
                break;
            };
            text.push_str(&super::text::plain(before));
            text.push_str(if marked { &close } else { &open });
            marked = !marked;
            rest = behind;
        }
        // A mark that repeats itself says nothing new.
        text.push_str(&super::text::plain(&rest.replace(BEGIN, "").replace(END, "")));
        if marked {
            text.push_str(&close);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matched_bytes_are_marked() {
        assert_eq!(lines("43 39 *begin_highlight*32 32*end_highlight*  ytn\n", false), "    43 39 »32 32«  ytn\n");
        assert_eq!(lines("a*begin_highlight*b*end_highlight*c", true), "    a\u{1b}[1m\u{1b}[31mb\u{1b}[0mc\n");
    }

    #[test]
    fn a_mark_can_span_lines_and_stay_unclosed() {
        assert_eq!(
            lines("x *begin_highlight*AB\nCD*end_highlight* y\n*begin_highlight*EF", false),
            "    x »AB«\n    »CD« y\n    »EF«\n"
        );
    }

    #[test]
    fn a_snippet_that_was_cut_shows_what_there_is() {
        assert_eq!(lines("4D 5A *begin_highlight*90 00\n...", false), "    4D 5A »90 00«\n    »...«\n");
        assert_eq!(lines("4D *begin_highl...", false), "    4D *begin_highl...\n");
    }

    #[test]
    fn an_empty_snippet_shows_nothing() {
        assert_eq!(lines("", false), "");
        assert_eq!(lines("\n", false), "");
    }
}
