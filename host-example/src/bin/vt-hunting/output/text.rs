//! Values as people read them: dates in UTC, sizes, durations, and text that cannot drive a terminal.

use jiff::Timestamp;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Whether a character shows nothing of itself, and may move the cursor or change how the text around it reads: the
/// categories Cc, Cf, Zl and Zp.
pub(crate) fn is_unseen(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(c.general_category(), Control | Format | LineSeparator | ParagraphSeparator)
}

/// The text on one line, with every unseen character written as `\u{…}`: what strangers send must not drive a terminal, nor
/// read as something else than it is.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
            c if is_unseen(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// The text with its lines, each of them [`plain`]. The second and the later ones are indented, so that no line of a stranger's
/// reads as one of this program.
pub(crate) fn indented(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(plain).collect();
    lines.join("\n  ")
}

/// Minutes are precise enough to find a submission, and short.
pub(crate) fn date_time(seconds: u64) -> String {
    date(seconds, "%Y-%m-%d %H:%M")
}

/// A date and time that stands alone.
pub(crate) fn utc(seconds: u64) -> String {
    format!("{} UTC", date_time(seconds))
}

/// The day alone.
pub(crate) fn day(seconds: u64) -> String {
    date(seconds, "%Y-%m-%d")
}

fn date(seconds: u64, format: &str) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| seconds.to_string(), |moment| moment.strftime(format).to_string())
}

/// `3 h 25 min`
pub(crate) fn duration(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// `2.2 MB`, powers of ten.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut scaled = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        // 999.95 would round up to 1000.0.
        if scaled < 999.95 {
            break;
        }
        scaled /= 1000.0;
        unit = next;
    }
    format!("{scaled:.1} {unit}")
}

/// Never rounded up to a hundred: that would look finished.
pub(crate) fn percent(progress: f64) -> String {
    let shown = (progress * 10.0).floor() / 10.0;
    if shown.fract() == 0.0 { format!("{shown:.0} %") } else { format!("{shown:.1} %") }
}

/// Whether it is written as a hash: the only texts that a table shortens.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Every character of Cc, Cf, Zl and Zp, from a list of its own: Unicode's UnicodeData.txt, version 16.
#[cfg(test)]
pub(crate) fn unseen() -> impl Iterator<Item = char> {
    const RANGES: [(u32, u32); 23] = [
        (0x00, 0x1f),
        (0x7f, 0x9f),
        (0xad, 0xad),
        (0x600, 0x605),
        (0x61c, 0x61c),
        (0x6dd, 0x6dd),
        (0x70f, 0x70f),
        (0x890, 0x891),
        (0x8e2, 0x8e2),
        (0x180e, 0x180e),
        (0x200b, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x2064),
        (0x2066, 0x206f),
        (0xfeff, 0xfeff),
        (0xfff9, 0xfffb),
        (0x110bd, 0x110bd),
        (0x110cd, 0x110cd),
        (0x13430, 0x1343f),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0001, 0xe0001),
        (0xe0020, 0xe007f),
    ];
    RANGES.into_iter().flat_map(|(first, last)| first..=last).filter_map(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_utc() {
        assert_eq!(date_time(1_626_960_086), "2021-07-22 13:21");
        assert_eq!(day(0), "1970-01-01");
    }

    #[test]
    fn a_date_beyond_the_calendar_stays_a_number() {
        assert_eq!(day(u64::MAX), u64::MAX.to_string());
        assert_eq!(day(999_999_999_999_999), "999999999999999");
    }

    #[test]
    fn sizes_and_durations_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (2_281_472, "2.3 MB"),
            (999_999, "1.0 MB"),
            (408_163_509_658_865, "408.2 TB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        for (seconds, text) in [(59, "59 s"), (60, "1 min"), (47_441, "13 h 10 min")] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn progress_never_looks_finished_before_it_is() {
        for (progress, text) in [(0.0, "0 %"), (62.06203, "62 %"), (99.99, "99.9 %"), (100.0, "100 %")] {
            assert_eq!(percent(progress), text);
        }
    }

    #[test]
    fn text_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[31m\nb\u{9b}c\u{202e}d\u{7f}é"), "a\\u{1b}[31m b\\u{9b}c\\u{202e}d\\u{7f}é");
    }

    #[test]
    fn lines_are_kept_and_nothing_else_that_is_unseen() {
        assert_eq!(indented("a\n  b\u{1b}[2J\r\n\nerror[x]: c\td\re\u{2028}f\n"), {
            "a\n    b\\u{1b}[2J\n  \n  error[x]: c d e\\u{2028}f"
        });
        assert_eq!(indented(""), "");
        for c in unseen().filter(|c| *c != '\n') {
            let shown = indented(&format!("a{c}b"));
            assert!(!shown.contains(is_unseen), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn no_character_of_the_four_categories_is_shown_as_it_is() {
        for c in unseen() {
            let shown = plain(&format!("a{c}b"));
            let expected =
                if matches!(c, '\n' | '\r' | '\t') { "a b".into() } else { format!("a{}b", c.escape_unicode()) };
            assert_eq!(shown, expected, "{:x}", u32::from(c));
        }
        for c in ['a', ' ', '\u{a0}', '\u{e9}', '\u{3000}', '\u{4e2d}', '\u{fffd}', '\u{1f600}', '\u{301}'] {
            assert_eq!(plain(&c.to_string()), c.to_string());
        }
    }
}
