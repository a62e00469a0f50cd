//! What fuzzing starts from: the recorded answers of `tests/fixtures`, a few requests, URLs and lists, and the words that
//! no mutation would hit upon.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::Workspace;

const FIXTURES: &str = "tests/fixtures";

const ERROR_CODES: [&str; 6] = [
    "NotAvailableYet",
    "NotFoundError",
    "QuotaExceededError",
    "TooManyRequestsError",
    "TransientError",
    "DeadlineExceededError",
];

const HEADERS: [&str; 3] = [
    "GET 429\ndate: Sun, 06 Nov 1994 08:49:37 GMT\nretry-after: Mon, 07 Nov 1994 08:49:37 GMT\n\n",
    "GET 200\nretry-after: 120\ncontent-length: 4\n\nbody",
    "GET 200\ncontent-encoding: gzip\nContent-Length: 2\n\n{}",
];

const REQUESTS: [&str; 2] = [
    "user-1598966772\0name:\"a b\" date:1626960086+\0date-\0CAoQARgBIgQK+/=\0a name\0rule r { condition: true }\x0010",
    "../users/x?y#z\0\0\0\0\0\0",
];

const RESUMED: [&str; 5] = [
    "0.0000000000000000.HcjDpoYh-_A==",
    "39.0123456789abcdef.",
    "vc1.AAAA",
    "43 39 *begin_highlight*DD C9*end_highlight* 00  C9..\n64 65  de\n\n...",
    r#"{"id":"me","attributes":{"apikey":"0123","email":null,"n":[{"email":"a"}]}}"#,
];

const BASE_URLS: [&str; 5] = [
    "https://www.virustotal.com",
    "https://gateway.example:8443/vt/a/",
    "http://127.0.0.1:8080",
    "http://localhost",
    "http://[::1]:8080/a/b",
];

const ALLOW_LISTS: [&str; 5] = [
    "https://VT.example./api/v3\nvt.example\n*.cdn.example:8443\nhttp://192.0.2.7",
    "https://eu.cdn.example:8443\n*.cdn.example:8443",
    "http://vt.example:8080\nhttp://vt.example:8080\nhttp://*.vt.example",
    "https://[2001:db8::7]:8443\n[2001:db8::7]:8443\n192.0.2.7:8443",
    "https://xn--bcher-kva.example\nb\u{fc}cher.example",
];

/// The seeds of a target, each with a name for its file.
pub(super) fn of(workspace: &Workspace, target: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let texts = |texts: &[&str]| numbered(texts.iter().map(|text| text.as_bytes().to_vec()));
    Ok(match target {
        "response_decoding" => fixtures(workspace)?,
        "error_decoding" => {
            let heads = ["GET 404\n\n", "POST 503\nretry-after: 120\n\n"];
            let bodies =
                fixtures(workspace)?.into_iter().filter(|(name, _)| name.starts_with("error")).map(|(_, body)| body);
            let coded =
                ERROR_CODES.map(|code| format!(r#"{{"error":{{"code":"{code}","message":"why"}}}}"#).into_bytes());
            let bodies: Vec<Vec<u8>> = bodies.chain(coded).collect();
            numbered(heads.iter().flat_map(|head| bodies.iter().map(|body| [head.as_bytes(), body].concat())))
        }
        // The first byte is what the rest is, the second the cap: 2^20.
        "gzip" => {
            let bodies = fixtures(workspace)?;
            numbered(
                (0..5).flat_map(|kind| bodies.iter().map(move |(_, body)| [&[kind, 20], body.as_slice()].concat())),
            )
        }
        "header_parsing" => texts(&HEADERS),
        "query_building" => texts(&REQUESTS),
        "resuming" => texts(&RESUMED),
        "base_url" => texts(&BASE_URLS),
        "egress_policy" => texts(&ALLOW_LISTS),
        _ => Vec::new(),
    })
}

/// What a target may put into its inputs as a whole.
pub(super) fn words(workspace: &Workspace, target: &str) -> Result<Vec<String>> {
    let own = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    Ok(match target {
        "response_decoding" => json_words(workspace)?,
        "error_decoding" => {
            let known = ["\"error\":{", "\"code\":\"", "\"message\":\"", "retry-after: ", "POST 503\n", "\n\n"];
            // The key that the target gives to its settings, for a server that echoes it.
            let key = "c0ffee00deadbeef5eed1e55facade11c0ffee00deadbeef5eed1e55facade22";
            known.into_iter().chain(ERROR_CODES).chain([key]).map(str::to_owned).collect()
        }
        "header_parsing" => own(&[
            "retry-after: ",
            "date: ",
            "content-length: ",
            "content-encoding: ",
            " GMT",
            "Feb",
            "29 Feb 2024",
            "\n\n",
        ]),
        "query_building" => own(&["..", "%2e", "%2F", "+", "&", "=", "#", "?", "\\", "\0"]),
        "resuming" => own(&[
            "0000000000000000.",
            "vc1.",
            "*begin_highlight*",
            "*end_highlight*",
            "\n...",
            "\"apikey\":",
            "\"email\":",
        ]),
        "base_url" => {
            own(&["https://", "http://", "[::1]", "[::ffff:1.2.3.4]", "127.", "0x7f", "%2e", "xn--", "localhost"])
        }
        "egress_policy" => own(&[
            "https://",
            "http://",
            "*.",
            "[::1]",
            "[::ffff:1.2.3.4]",
            "127.0.0.1",
            "0x7f",
            "%2e",
            "xn--",
            "\u{3002}",
            "\n",
        ]),
        _ => Vec::new(),
    })
}

fn numbered(seeds: impl Iterator<Item = Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    seeds.enumerate().map(|(number, seed)| (number.to_string(), seed)).collect()
}

/// The recorded answers, by their names, in order.
fn fixtures(workspace: &Workspace) -> Result<Vec<(String, Vec<u8>)>> {
    let folder = workspace.root.join(FIXTURES);
    let mut fixtures = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {FIXTURES}"))? {
        let path = entry.with_context(|| format!("cannot read {FIXTURES}"))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        fixtures.push((name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?));
    }
    fixtures.sort();
    Ok(fixtures)
}

/// Every key of every recorded answer, as it stands before a value.
fn json_words(workspace: &Workspace) -> Result<Vec<String>> {
    let mut keys = BTreeSet::new();
    for (_, body) in fixtures(workspace)? {
        if let Ok(value) = serde_json::from_slice(&body) {
            collect(&value, &mut keys);
        }
    }
    Ok(keys.into_iter().map(|key| format!("\"{key}\":")).collect())
}

fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                // libFuzzer takes no word beyond 64 bytes.
                if key.len() < 60 {
                    keys.insert(key.clone());
                }
                collect(value, keys);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

/// A word as libFuzzer's dictionaries write it.
pub(super) fn quoted(word: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        0x20..0x7f => char::from(byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    };
    word.bytes().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_seeds_and_words() -> Result<()> {
        let workspace = Workspace::find()?;
        for target in crate::fuzz::targets(&workspace)? {
            assert!(!of(&workspace, &target)?.is_empty(), "{target}");
            assert!(target == "gzip" || !words(&workspace, &target)?.is_empty(), "{target}");
        }
        Ok(())
    }

    #[test]
    fn a_word_is_quoted_for_the_dictionary() {
        assert_eq!(quoted("\"a\":\n\u{fc}\\"), r#"\"a\":\x0A\xC3\xBC\\"#);
    }
}
