use super::*;
use proptest::prelude::*;
use serde_json::value::RawValue;
use std::string::{String, ToString};

/// One whole value, by this walk.
fn walk(text: &str) -> Option<&str> {
    let mut cursor = Cursor::new(text);
    let value = cursor.value()?;
    cursor.is_at_end().then_some(value)
}

/// One whole value, by serde_json.
fn verdict(text: &str) -> Option<&str> {
    serde_json::from_str::<&RawValue>(text).ok().map(RawValue::get)
}

#[test]
fn the_walk_and_serde_json_agree_on_odd_texts() {
    let deep = ["[".repeat(1000), "]".repeat(1000)].concat();
    let deep_objects = ["{\"a\":".repeat(200), "1".to_string(), "}".repeat(200)].concat();
    let mixed = ["[{\"a\":".repeat(100), "1".to_string(), "}]".repeat(100)].concat();
    let unbalanced = ["[{\"a\":".repeat(100), "1".to_string(), "]}".repeat(100)].concat();
    for text in [
        "",
        " ",
        "1",
        "-1",
        "-",
        "01",
        "-01",
        "0",
        "-0",
        "1.",
        "1.5",
        ".5",
        "1e",
        "1e5",
        "1E+5",
        "1e-5",
        "1e+",
        "00",
        "1 2",
        "true",
        "false",
        "null",
        "tru",
        "truex",
        "nul",
        "True",
        "\"\"",
        "\"a",
        "\"a\"",
        "\"\\\"\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"\n\"",
        "\"\u{7f}\"",
        "\"é𝄞\"",
        "[",
        "]",
        "[]",
        "[ ]",
        "[1,]",
        "[,1]",
        "[1,2]",
        "[1 2]",
        "[1}",
        "{",
        "}",
        "{}",
        "{ }",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\" : [ { } , [ ] ] }",
        "{\"a\":1]",
        "[[]",
        "[]]",
        "\u{feff}1",
        "\u{a0}1",
        "1\u{0}",
        " \t\r\n1 \t\r\n",
        "\"12345678901234567890\\n12345678\\\"90\"",
        "'a'",
        "[1]x",
        "-[1]",
        "+1",
        "NaN",
        "Infinity",
        "1e999",
        &deep,
        &deep_objects,
        &mixed,
        &unbalanced,
    ] {
        assert_eq!(walk(text), verdict(text), "{text:?}");
    }
}

#[test]
fn a_hundred_thousand_levels_are_walked() {
    let text = ["[{\"a\":".repeat(50_000), "1".to_string(), "}]".repeat(50_000)].concat();
    assert_eq!(walk(&text), Some(text.as_str()));
    assert_eq!(walk(&text[..text.len() - 1]), None);
}

proptest! {
    #[test]
    fn the_walk_and_serde_json_agree_on_any_text(text in "[ \\[\\]{}:,\"\\\\ntrue01.eE+\\-ufalsé\n]{0,24}") {
        prop_assert_eq!(walk(&text), verdict(&text));
    }

    #[test]
    fn the_walk_and_serde_json_agree_on_damaged_json(at in 0usize..400, byte in "[ \\[\\]{}:,\"\\\\ntrue01.eE+-]") {
        let sound = r#"{"data":[{"id":"aé\"\\\u00e9𝄞","n":[1,-2.5e-3,true,null,{}],"o":{"k":"v"}}],"meta":{"cursor":"x"}}"#;
        let mut damaged: String = sound.to_string();
        let at = (0..=at % sound.len()).rev().find(|at| sound.is_char_boundary(*at)).unwrap_or(0);
        damaged.insert_str(at, &byte);
        prop_assert_eq!(walk(&damaged), verdict(&damaged));
    }
}
