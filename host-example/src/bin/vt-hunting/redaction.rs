//! The last gate before standard error: whatever is written there, a failure, a hint, a note or a log line, passes without the
//! API key. What the library gives has been redacted already; this is for what was typed, and for what nobody thought of.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::OnceLock,
};

use vt_hunting_host::ApiKey;

static KEY: OnceLock<ApiKey> = OnceLock::new();

/// Takes note of the key. A process has one.
pub(crate) fn keep_back(key: &ApiKey) {
    let _ = KEY.set(key.clone());
}

/// The text without the key.
pub(crate) fn redacted(text: &str) -> Cow<'_, str> {
    let Some(key) = KEY.get() else { return text.into() };
    let mut clean = text.to_owned();
    key.redactor().redact(&mut clean);
    clean.into()
}

/// Standard error for log lines, each of which is written whole.
pub(crate) struct LogLines;

impl Write for LogLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut clean = line.to_vec();
        if let Some(key) = KEY.get() {
            key.redactor().redact_bytes(&mut clean);
        }
        io::stderr().lock().write_all(&clean)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_to_standard_error_has_no_part_of_the_key() {
        let key = "c7d1f04b8e3a965202bb1f6ce89d7735a0d4412fe6b85c93717e0a2d9f46c8b5";
        assert_eq!(redacted(key), key);
        keep_back(&ApiKey::new(key).unwrap());
        assert_eq!(redacted(&format!("the user {} is unknown", &key[10..30])), "the user [redacted] is unknown");
    }
}
