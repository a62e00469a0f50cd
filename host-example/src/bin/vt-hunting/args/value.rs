//! What a person types and the contract does not take: a moment in words, a rules file, a pipe.

use std::io::Read;
use std::path::PathBuf;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// The last second of the year 9999. Beyond it somebody passed milliseconds.
const LATEST: u64 = 253_402_300_799;

/// Reads a moment: seconds since 1970, a date (its first second), or a date and time; UTC where no offset is given.
pub(crate) fn moment(text: &str) -> Result<u64, String> {
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        if text.len() == 8 && text.parse::<DateTime>().is_ok() {
            let (year, rest) = text.split_at(4);
            let (month, day) = rest.split_at(2);
            return Err(format!("is it a date? Then write {year}-{month}-{day}; as seconds it would be in 1970"));
        }
        text.parse::<u64>().map_err(|_| "too large for seconds since 1970".to_owned())?
    } else {
        let timestamp = if text.contains('[') {
            None
        } else {
            text.parse::<Timestamp>().ok().or_else(|| {
                let civil = text.parse::<DateTime>().ok()?;
                Offset::UTC.to_timestamp(civil).ok()
            })
        };
        let timestamp = timestamp.ok_or(
            "not a moment: give seconds since 1970 (1626960086), a date (2021-07-22) \
             or a date and time (2021-07-22T10:00:00Z)",
        )?;
        u64::try_from(timestamp.as_second()).map_err(|_| "before 1970".to_owned())?
    };
    if seconds > LATEST {
        return Err("beyond the year 9999: seconds are due, not milliseconds".to_owned());
    }
    Ok(seconds)
}

/// Where a text comes from: a file, or standard input for `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// `-`
    Stdin,
    /// Anything else.
    File(PathBuf),
}

impl From<&std::ffi::OsStr> for Source {
    fn from(text: &std::ffi::OsStr) -> Self {
        if text == "-" { Self::Stdin } else { Self::File(text.into()) }
    }
}

impl std::str::FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(std::ffi::OsStr::new(text).into())
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Why a text could not be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The file, or standard input, gave an error.
    Io(std::io::Error),
    /// The bytes are no UTF-8; where the first wrong one is.
    NotUtf8 { line: usize, byte: usize },
}

impl Source {
    /// Reads all of it as UTF-8, without a byte order mark.
    pub(crate) fn read(&self) -> Result<String, Unreadable> {
        let mut bytes = Vec::new();
        match self {
            Self::Stdin => std::io::stdin().lock().read_to_end(&mut bytes),
            Self::File(path) => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
        }
        .map_err(Unreadable::Io)?;
        utf8(bytes)
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Unreadable::NotUtf8 { line, byte: good }
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_seconds_a_date_or_a_date_and_time() {
        assert_eq!(moment("1626960086"), Ok(1_626_960_086));
        assert_eq!(moment("0"), Ok(0));
        assert_eq!(moment("2021-07-22"), Ok(1_626_912_000));
        assert_eq!(moment("2021-07-22T13:21:26Z"), Ok(1_626_960_086));
        assert_eq!(moment("2021-07-22T15:21:26+02:00"), Ok(1_626_960_086));
        assert_eq!(moment("2021-07-22T13:21:26"), Ok(1_626_960_086));
        assert_eq!(moment("2021-07-22 13:21:26"), Ok(1_626_960_086));
    }

    #[test]
    fn a_moment_that_can_be_misread_is_refused() {
        for (text, says) in [
            ("20210722", "write 2021-07-22"),
            ("1626960086000", "milliseconds"),
            ("99999999999999999999999", "too large"),
            ("1969-12-31", "before 1970"),
            ("yesterday", "not a moment"),
            ("", "not a moment"),
            ("-5", "not a moment"),
            ("2021-02-30", "not a moment"),
            ("2021-07-22T10:00:00[Europe/Paris]", "not a moment"),
        ] {
            let error = moment(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn text_that_is_no_utf8_names_the_line() {
        let error = utf8(b"rule a\n{\n  \xff}".to_vec());
        assert!(matches!(error, Err(Unreadable::NotUtf8 { line: 3, byte: 11 })), "{error:?}");
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(utf8("\u{feff}rule a".as_bytes().to_vec()).ok().as_deref(), Some("rule a"));
    }

    #[test]
    fn a_dash_is_standard_input() {
        assert_eq!("-".parse(), Ok(Source::Stdin));
        assert_eq!("./-".parse(), Ok(Source::File("./-".into())));
    }
}
