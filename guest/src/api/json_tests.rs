use super::*;
use crate::api::Action;
use crate::api::answer::Answer;
use crate::{ioc_stream, livehunt, retrohunt};

/// Finds one field of an object.
fn field<'a>(object: &'a str, name: &str) -> Raw<'a> {
    let mut found = [None];
    fields(object, &[name], &mut found);
    found[0]
}

fn whole(object: &str) -> bool {
    fields(object, &[], &mut [])
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| String::from(*text)).collect()
}

#[test]
fn a_field_is_found_as_the_text_it_is() {
    let object = " {\"a\" : [ 1,{\"b\":2} ] ,\n\"b\":\"\\u00e9 \\\"\" , \"c\":1.50e+1,\"d\":null}\r\n";
    let mut found = [None; 5];
    assert!(fields(object, &["d", "c", "b", "a", "e"], &mut found));
    assert_eq!(found, [Some("null"), Some("1.50e+1"), Some("\"\\u00e9 \\\"\""), Some("[ 1,{\"b\":2} ]"), None]);
}

#[test]
fn a_key_that_stands_twice_counts_as_it_stands_last() {
    let object = "{\"a\":1,\"b\":0,\"a\":{\"b\":2},\"\\u0061\":\"last\"}";
    assert_eq!(field(object, "a"), Some("\"last\""));
    assert_eq!(field(object, "b"), Some("0"));
}

#[test]
fn a_key_with_escapes_is_the_key_it_spells() {
    assert_eq!(field("{\"d\\u0061t\\u0061\":1}", "data"), Some("1"));
    assert_eq!(field("{\"a\\\"\\\\\\/\\n\":1}", "a\"\\/\n"), Some("1"));
    assert_eq!(field("{\"\\ud83e\\udd80\":1}", "🦀"), Some("1"));
}

#[test]
fn lone_surrogates_make_nothing_fail_but_the_text_that_has_them() {
    let object = "{\"a\":\"\\ud800\",\"b\":[\"x\",\"\\udc00\"],\"c\":{\"\\ud800\":1},\"d\":2}";
    let mut found = [None; 4];
    assert!(fields(object, &["a", "b", "c", "d"], &mut found));
    let [a, b, c, d] = found;
    assert_eq!(text(a), None);
    assert_eq!(texts(b), ["x"]);
    assert_eq!(c, Some("{\"\\ud800\":1}"));
    assert_eq!(number(d), Some(2));
}

#[test]
fn a_key_that_is_no_text_hides_nothing_behind_it() {
    assert_eq!(field("{\"\\ud800\":1,\"a\":2}", "a"), Some("2"));
}

#[test]
fn nesting_however_deep_is_passed_over() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
        assert!(is_json(&deep));
        let object = format!("{{\"skipped\":{deep},\"found\":{deep},\"last\":1}}");
        assert_eq!(field(&object, "found"), Some(deep.as_str()));
        assert_eq!(field(&object, "last"), Some("1"));
        let array = format!("[{deep},1]");
        assert_eq!(elements(&array, 2).unwrap(), [deep.as_str(), "1"]);
        assert_eq!((text(Some(&deep)), number(Some(&deep)), boolean(Some(&deep))), (None, None, None));
        assert_eq!((texts(Some(&deep)), service_error(&deep)), (Vec::new(), None));
    }
}

#[test]
fn nesting_that_never_closes_is_no_json() {
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(100_000);
        assert!(!is_json(&deep) && !whole(&deep));
        assert_eq!(elements(&deep, 1), None);
    }
}

#[test]
fn only_a_whole_object_and_nothing_else_is_one() {
    for object in ["{}", " {} ", "{\"a\":1}\n"] {
        assert!(whole(object), "{object}");
    }
    for other in [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"{}\"",
        "[]",
        "[{}]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1",
        "{a:1}",
        "{'a':1}",
        "{} {}",
        "{}x",
        "{\"a\":1}\u{feff}",
        "\u{feff}{}",
        "\u{a0}{}",
        "{\"a\":\"\n\"}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "<html>",
        "// {}",
    ] {
        assert!(!whole(other), "{other}");
    }
}

#[test]
fn what_was_found_before_the_garbage_is_kept() {
    let mut found = [None; 2];
    assert!(!fields("{\"a\":1,\"b\":2}<html>", &["a", "b"], &mut found));
    assert_eq!(found, [Some("1"), Some("2")]);
    let mut found = [None; 2];
    assert!(!fields("{\"a\":1,\"b\":[2", &["a", "b"], &mut found));
    assert_eq!(found, [Some("1"), None]);
}

#[test]
fn elements_are_an_arrays_values_as_text() {
    assert_eq!(elements(" [ 1 , [2,3],{\"a\":[]} ,\"x\"] ", 4).unwrap(), ["1", "[2,3]", "{\"a\":[]}", "\"x\""]);
    assert_eq!(elements("[]", 0).unwrap(), [""; 0]);
    assert_eq!(elements("[1,2]", 1), None);
    for other in ["", "{}", "null", "1", "\"[]\"", "[", "[1,]", "[1 2]"] {
        assert_eq!(elements(other, 9), None, "{other}");
    }
}

#[test]
fn a_text_is_a_string_or_a_numbers_digits() {
    for (raw, read) in [
        ("\"\"", Some("")),
        ("\"a\\u00e9\\n\\ud83e\\udd80\\/\"", Some("aé\n🦀/")),
        ("\"\\ufeff\\u0000\"", Some("\u{feff}\0")),
        ("12", Some("12")),
        ("-1.50e+400", Some("-1.50e+400")),
        ("123456789012345678901234567890", Some("123456789012345678901234567890")),
        ("null", None),
        ("true", None),
        ("[\"a\"]", None),
        ("{}", None),
        ("\"\\ud800\"", None),
        ("\"\\ud800x\"", None),
        ("\"unclosed", None),
        ("", None),
    ] {
        assert_eq!(text(Some(raw)).as_deref(), read, "{raw}");
    }
    assert_eq!(text(None), None);
}

#[test]
fn a_number_is_whole_not_negative_and_may_be_in_quotes_or_have_a_point() {
    for (raw, read) in [
        ("0", Some(0)),
        ("-0", Some(0)),
        ("1598962715", Some(1_598_962_715)),
        ("408163509658865", Some(408_163_509_658_865)),
        ("18446744073709551615", Some(u64::MAX)),
        ("\"1598962715\"", Some(1_598_962_715)),
        ("\" 7 \"", Some(7)),
        ("5.0", Some(5)),
        ("\"5.0\"", Some(5)),
        ("1e3", Some(1000)),
        ("9007199254740992.0", Some(1 << 53)),
        ("9007199254740994.0", None),
        ("18446744073709551616", None),
        ("1e30", None),
        ("1e400", None),
        ("123456789012345678901234567890123456789012345678901234567890", None),
        ("5.5", None),
        ("-1", None),
        ("-9223372036854775809", None),
        ("\"-1\"", None),
        ("\"\"", None),
        ("\"2021-07-22\"", None),
        ("\"12a\"", None),
        ("\"1,000\"", None),
        ("\"0x10\"", None),
        ("\"NaN\"", None),
        ("\"1 2\"", None),
        ("\"[1]\"", None),
        ("\"null\"", None),
        ("null", None),
        ("true", None),
        ("[1]", None),
        ("{\"a\":1}", None),
    ] {
        assert_eq!(number(Some(raw)), read, "{raw}");
    }
    assert_eq!(number(None), None);
}

#[test]
fn a_float_is_any_finite_number_and_may_be_in_quotes() {
    for (raw, read) in [
        ("62.06203", Some(62.06203)),
        ("100", Some(100.0)),
        ("0", Some(0.0)),
        ("-1", Some(-1.0)),
        ("-0.5e1", Some(-5.0)),
        ("\"62.5\"", Some(62.5)),
        ("18446744073709551616", Some(18_446_744_073_709_551_616.0)),
        ("1e-400", Some(0.0)),
        ("1e400", None),
        ("\"inf\"", None),
        ("\"nan\"", None),
        ("\"\"", None),
        ("null", None),
        ("true", None),
        ("[1.5]", None),
    ] {
        assert_eq!(float(Some(raw)), read, "{raw}");
    }
    assert_eq!(float(None), None);
}

#[test]
fn a_boolean_may_be_a_word_in_quotes_or_one_digit() {
    for raw in ["true", "\"true\"", "\"True\"", "1", "\"1\""] {
        assert_eq!(boolean(Some(raw)), Some(true), "{raw}");
    }
    for raw in ["false", "\"false\"", "\"False\"", "0", "\"0\""] {
        assert_eq!(boolean(Some(raw)), Some(false), "{raw}");
    }
    for raw in ["null", "2", "\"\"", "\"yes\"", "1.0", "[true]", "{}", "-1"] {
        assert_eq!(boolean(Some(raw)), None, "{raw}");
    }
    assert_eq!(boolean(None), None);
}

#[test]
fn texts_are_what_is_text_in_an_array_or_a_lone_text() {
    for (raw, read) in [
        ("[]", &[][..]),
        ("[ \"a\" ,\"\", \"b\"]", &["a", "", "b"]),
        ("[\"a\",null,1,{\"x\":\"y\"},[\"z\"],true,\"\\ud800\",\"b\"]", &["a", "1", "b"]),
        ("\"lone\"", &["lone"]),
        ("7", &["7"]),
        ("null", &[]),
        ("{\"a\":\"b\"}", &[]),
        ("true", &[]),
    ] {
        assert_eq!(texts(Some(raw)), owned(read), "{raw}");
    }
    assert_eq!(texts(None), owned(&[]));
}

#[test]
fn an_array_of_texts_without_end_is_left_out_rather_than_held() {
    let array = |count| format!("[{}0]", "0,".repeat(count - 1));
    assert_eq!(texts(Some(&array(MAX_TEXTS))).len(), MAX_TEXTS);
    assert_eq!(texts(Some(&array(MAX_TEXTS + 1))).len(), 0);
}

#[test]
fn a_services_error_is_found_where_services_put_it() {
    let said = |code: &str, message: &str| Some(ServiceError { code: code.into(), message: message.into() });
    for (body, read) in [
        ("{\"error\":{\"code\":\"C\",\"message\":\"m\"}}", said("C", "m")),
        ("{\"error\":{\"code\":\"C\"}}", said("C", "")),
        ("{\"error\":{\"message\":\"m\"}}", said("", "m")),
        ("{\"error\":\"m\"}", said("", "m")),
        ("{\"error\":{\"code\":400}}", said("400", "")),
        ("{\"error\":{\"code\":null,\"message\":[]}}", said("", "")),
        ("{\"data\":{\"error\":{\"code\":\"C\"}}}", said("C", "")),
        ("{\"data\":{\"code\":\"C\",\"message\":\"m\"}}", said("C", "m")),
        ("{\"error\":{},\"data\":{\"error\":{\"code\":\"C\"}}}", said("C", "")),
        ("{\"error\":{\"code\":\"outer\"},\"data\":{\"error\":{\"code\":\"inner\"}}}", said("outer", "")),
        ("{\"error\":{}}", None),
        ("{\"error\":null}", None),
        ("{\"error\":true}", None),
        ("{\"error\":[{\"code\":\"C\"}]}", None),
        ("{\"code\":\"C\"}", None),
        ("{\"data\":\"m\"}", None),
        ("{}", None),
        ("", None),
        ("<html>", None),
    ] {
        assert_eq!(service_error(body), read, "{body}");
    }
}

#[path = "json_property_tests.rs"]
mod properties;
