//! The white space of JSON, and the spelling of characters that nobody sees; nothing else of it.
//!
//! VirusTotal's objects pass through as they are, but they come with line breaks of their own: one object a line needs
//! them gone, a terminal needs them in order. Parsing and printing again would change numbers beyond 64 bits, the order of
//! keys and the spelling of strings; moving white space changes none of these. Characters that could drive a terminal are
//! written as `\uXXXX`, which reads back as the same text.

use std::fmt::Write as _;

use super::text::is_unseen;

/// The same JSON on one line, with no white space outside strings.
pub(crate) fn one_line(json: &str) -> String {
    lay_out(json, None)
}

/// The same JSON, two spaces a level, ending in a line break.
pub(crate) fn indented(json: &str) -> String {
    let mut text = lay_out(json, Some("  "));
    text.push('\n');
    text
}

fn lay_out(json: &str, indent: Option<&str>) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 4);
    let mut depth = 0usize;
    let mut rest = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        if let Some(indent) = indent {
            out.push('\n');
            for _ in 0..depth {
                out.push_str(indent);
            }
        }
    };
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => {}
            '"' => {
                out.push(c);
                while let Some(c) = rest.next() {
                    push(&mut out, c);
                    match c {
                        '\\' => out.extend(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                out.push(c);
                while rest.next_if(|next| matches!(next, ' ' | '\t' | '\n' | '\r')).is_some() {}
                if let Some(close) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' if indent.is_some() => out.push_str(": "),
            _ => push(&mut out, c),
        }
    }
    out
}

/// A character, or its escapes: two of them beyond the first 65536 characters.
fn push(out: &mut String, c: char) {
    // JSON itself has the others escaped.
    if c < '\u{7f}' || !is_unseen(c) {
        return out.push(c);
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = "{\r\n \"b\" : [ 1.50 , 340282366920938463463374607431768211456,{ } ,[\n] ],\"a:,\":\"x \\\" {\\\\\",\t\"c\":{\"d\":null} }";

    #[test]
    fn one_line_keeps_every_token() {
        assert_eq!(
            one_line(JSON),
            "{\"b\":[1.50,340282366920938463463374607431768211456,{},[]],\"a:,\":\"x \\\" {\\\\\",\"c\":{\"d\":null}}"
        );
    }

    #[test]
    fn indenting_keeps_every_token() {
        assert_eq!(
            indented(JSON),
            "{\n  \"b\": [\n    1.50,\n    340282366920938463463374607431768211456,\n    {},\n    []\n  ],\n  \
             \"a:,\": \"x \\\" {\\\\\",\n  \"c\": {\n    \"d\": null\n  }\n}\n"
        );
        assert_eq!(one_line(&indented(JSON)), one_line(JSON));
    }

    #[test]
    fn what_nobody_sees_is_escaped_and_reads_back_the_same() {
        for c in crate::output::text::unseen() {
            let json = serde_json::to_string(&format!("a{c}\\{c}b")).unwrap_or_default();
            for shown in [one_line(&json), indented(&json)] {
                let raw = shown.trim_end_matches('\n').chars().find(|c| is_unseen(*c));
                assert_eq!(raw, None, "{:x}", u32::from(c));
                assert_eq!(serde_json::from_str::<String>(&shown).ok(), serde_json::from_str(&json).ok());
            }
        }
        assert_eq!(one_line("\"\u{7f}\u{9b}\u{202e}\u{e0001}é\""), "\"\\u007f\\u009b\\u202e\\udb40\\udc01é\"");
    }

    #[test]
    fn indenting_agrees_with_serde() {
        let value = serde_json::json!({"a": [1, {"b": "c: d, {e}"}, [], {}], "f": {"g": null}});
        let expected = serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
        assert_eq!(indented(&value.to_string()), expected);
    }
}
