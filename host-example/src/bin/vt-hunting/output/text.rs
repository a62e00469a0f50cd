//! Values as people read them: dates in UTC, sizes, durations, and text that cannot drive a terminal.

use jiff::Timestamp;

/// The text on one line, with control and direction characters replaced: what comes from strangers must not move the cursor.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
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
        assert_eq!(plain("a\u{1b}[31m\nb\u{9b}c\u{202e}d\u{7f}é"), "a\u{fffd}[31m b\u{fffd}c\u{fffd}d\u{fffd}é");
    }
}
