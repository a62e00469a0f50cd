//! The white space of JSON, and nothing else of it.
//!
//! VirusTotal's objects pass through byte for byte, but they come with line breaks of their own: one object a line needs
//! them gone, a terminal needs them in order. Parsing and printing again would change numbers beyond 64 bits, the order of
//! keys and the spelling of strings; moving white space changes none of these.

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
                    out.push(c);
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
            _ => out.push(c),
        }
    }
    out
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
    fn indenting_agrees_with_serde() {
        let value = serde_json::json!({"a": [1, {"b": "c: d, {e}"}, [], {}], "f": {"g": null}});
        let expected = serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
        assert_eq!(indented(&value.to_string()), expected);
    }
}
