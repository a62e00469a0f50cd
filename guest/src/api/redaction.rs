//! Takes secrets out of an object that is handed on as it came: VirusTotal's user object carries the API key.

use super::json::is_key;
use super::scan::Cursor;
use super::text;
use alloc::string::String;

/// What is taken out, wherever it stands in the object.
const SECRETS: [&str; 2] = ["apikey", "email"];
const REDACTED: &str = "\"[redacted]\"";

/// The JSON text with the values of all secret members replaced.
#[must_use]
pub fn without_secrets(json: &str) -> String {
    let mut clean = String::with_capacity(json.len());
    let mut rest = json;
    // Strings are walked one by one; one that a colon follows is a member's name.
    while let Some((before, _)) = text::cut(rest, b'"') {
        let from = rest.get(before.len()..).unwrap_or_default();
        clean.push_str(before);
        let mut cursor = Cursor::new(from);
        let Some(string) = cursor.value() else {
            // Not sound, which the reader of the envelope would have refused: nothing more is handed on.
            return clean;
        };
        clean.push_str(string);
        let name = string.get(1..string.len() - 1).unwrap_or_default();
        if cursor.peek() == Some(b':') && SECRETS.iter().any(|secret| is_key(name, secret)) {
            cursor.skip();
            cursor.value();
            clean.push(':');
            clean.push_str(REDACTED);
            rest = from.get(cursor.position()..).unwrap_or_default();
        } else {
            rest = from.get(string.len()..).unwrap_or_default();
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_addresses_are_taken_out_wherever_they_stand() {
        let json = r#"{"id":"me","attributes":{"apikey" : "0123","n":[{"email":null,"e":"email"}],"a\u0070ikey":{"x":1}},"z":"\"apikey\":"}"#;
        let clean = r#"{"id":"me","attributes":{"apikey":"[redacted]","n":[{"email":"[redacted]","e":"email"}],"a\u0070ikey":"[redacted]"},"z":"\"apikey\":"}"#;
        assert_eq!(without_secrets(json), clean);
    }

    #[test]
    fn what_has_no_secrets_stays_as_it_is() {
        for json in ["{}", r#"{"a":["apikey",{"b":"c"}], "d" : 1}"#, r#""apikey""#] {
            assert_eq!(without_secrets(json), json);
        }
    }

    #[test]
    fn what_is_not_sound_ends_before_anything_secret_can_pass() {
        assert!(!without_secrets(r#"{"apikey":0123"#).contains("0123"));
        assert!(!without_secrets(r#"{"a":"b"#).contains('b'));
    }
}
