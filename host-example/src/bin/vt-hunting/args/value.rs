//! What a person types and the contract does not take: a rules file, a pipe.

use std::io::Read;
use std::path::PathBuf;

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
    /// Compiled rules, which are not a text.
    Compiled,
    /// A text, but in UTF-16.
    Utf16,
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
        match error.as_bytes() {
            // What both of YARA's compilers begin their files with.
            [b'Y', b'A', b'R', b'A', ..] => return Unreadable::Compiled,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Unreadable::Utf16,
            _ => {}
        }
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
    fn text_that_is_no_utf8_names_the_line() {
        let error = utf8(b"rule a\n{\n  \xff}".to_vec());
        assert!(matches!(error, Err(Unreadable::NotUtf8 { line: 3, byte: 11 })), "{error:?}");
    }

    #[test]
    fn compiled_rules_and_utf_16_are_named() {
        assert!(matches!(utf8(b"YARA\x03\x00\xff".to_vec()), Err(Unreadable::Compiled)));
        assert!(matches!(utf8(b"YARA-X\0\0\xfe".to_vec()), Err(Unreadable::Compiled)));
        for text in [&b"\xff\xfer\0u\0"[..], b"\xfe\xff\0r\0u"] {
            assert!(matches!(utf8(text.to_vec()), Err(Unreadable::Utf16)));
        }
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
