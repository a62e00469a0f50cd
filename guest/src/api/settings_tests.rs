use super::*;
use crate::contract::ErrorKind;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn read(variables: &[(&str, &str)]) -> Result<Settings, Failed> {
    Settings::read(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| String::from(*value)))
}

/// With a key, and one variable more.
fn with(name: &str, value: &str) -> Result<Settings, Failed> {
    read(&[("VT_APIKEY", KEY), (name, value)])
}

fn with_key(key: &str) -> Settings {
    read(&[("VT_APIKEY", key)]).unwrap()
}

/// Asserts that a variable's value is refused with this code, by name, and without being repeated.
#[track_caller]
fn refused(name: &str, value: &str, code: &str) {
    let error = with(name, value).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Configuration, code), "{name}={value}");
    assert_eq!((error.status, error.retryable), (None, false));
    assert!(error.message.starts_with(&format!("`{name}` ")), "{}", error.message);
    assert!(!error.message.contains(KEY));
    assert!(!error.message.contains("pa55word"), "{}", error.message);
}

fn saying(code: &str, message: &str) -> Failed {
    let mut error = error::setting("", "", "", "");
    (error.code, error.message) = (code.into(), message.into());
    error
}

#[test]
fn a_key_alone_is_enough_and_the_rest_has_defaults() {
    let settings = with_key(KEY);
    assert_eq!(settings.key(), Some(KEY));
    assert_eq!(settings.base, BaseUrl { https: true, authority: "www.virustotal.com".into(), prefix: String::new() });
    assert_eq!(settings.timeout_nanoseconds, 60_000_000_000);
    assert_eq!(settings.max_response_bytes, 67_108_864);
}

#[test]
fn every_variable_is_read() {
    let settings = read(&[
        ("VT_APIKEY", KEY),
        ("VT_URL", "http://gateway.example:8080/vt/"),
        ("VT_ALLOW_HTTP", "true"),
        ("VT_TIMEOUT", "2.5"),
        ("VT_MAX_RESPONSE_BYTES", "1000"),
        ("VT_VERIFY_SSL", "true"),
    ])
    .unwrap();
    let base = BaseUrl { https: false, authority: "gateway.example:8080".into(), prefix: "/vt".into() };
    assert_eq!((settings.key(), &settings.base), (Some(KEY), &base));
    assert_eq!((settings.timeout_nanoseconds, settings.max_response_bytes), (2_500_000_000, 1000));
}

#[test]
fn an_empty_value_counts_as_none() {
    for blank in ["", " ", "\t\n"] {
        let settings = read(&[
            ("VT_APIKEY", KEY),
            ("VT_APIKEY_FROM_HOST", blank),
            ("VT_URL", blank),
            ("VT_ALLOW_HTTP", blank),
            ("VT_TIMEOUT", blank),
            ("VT_MAX_RESPONSE_BYTES", blank),
            ("VT_VERIFY_SSL", blank),
            ("VT_HTTP_PROXY", blank),
        ])
        .unwrap();
        assert_eq!(format!("{settings:?}"), format!("{:?}", with_key(KEY)));
        assert_eq!(read(&[("VT_APIKEY", blank)]).unwrap_err().code, "MissingApiKey");
    }
}

#[test]
fn a_missing_key_is_a_matter_of_configuration_and_both_ways_out_are_named() {
    let error = read(&[]).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Configuration, "MissingApiKey"));
    for part in ["`VT_APIKEY`", "`VT_APIKEY_FROM_HOST=true`"] {
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn a_key_of_the_host_needs_none_here_and_uses_none_here() {
    assert_eq!(read(&[("VT_APIKEY_FROM_HOST", "true")]).unwrap().key(), None);
    assert_eq!(with("VT_APIKEY_FROM_HOST", "true").unwrap().key(), None);
    assert_eq!(with("VT_APIKEY_FROM_HOST", "false").unwrap().key(), Some(KEY));
}

#[test]
fn a_token_of_another_product_is_named_as_one_and_not_shown() {
    for token in
        ["vtai_0123456789abcdef", "VTAI_0123456789abcdef", " vtai_0123456789abcdef\n", "vtai_0123456789abcdef x"]
    {
        let error = Settings::read(|name| (name == "VT_APIKEY").then(|| String::from(token))).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Configuration, "InvalidSetting"), "{token}");
        assert!(error.message.contains("vtai_…") && error.message.contains("profile page"), "{}", error.message);
        assert!(!error.message.contains("0123456789abcdef"), "{}", error.message);
    }
    for key in ["vtai0123456789abcdef", "0vtai_0123456789abcdef"] {
        assert!(Settings::read(|name| (name == "VT_APIKEY").then(|| String::from(key))).is_ok(), "{key}");
    }
    // Where the host adds the key, none is looked at here.
    let given = |name: &str| match name {
        "VT_APIKEY" => Some(String::from("vtai_0123456789abcdef")),
        "VT_APIKEY_FROM_HOST" => Some(String::from("true")),
        _ => None,
    };
    assert!(Settings::read(given).is_ok());
}

#[test]
fn a_key_that_no_header_can_hold_is_refused_by_name_and_length_without_its_value() {
    for (key, length) in [
        ("s3cret\n".into(), "7 bytes"),
        ("s3cret\r\nx-evil: 1".into(), "17 bytes"),
        (" s3cret".into(), "7 bytes"),
        ("s3\0cret".into(), "7 bytes"),
        ("s3cret\u{7f}".into(), "7 bytes"),
        ("s3crét".into(), "7 bytes"),
        ("s3cret".repeat(171), "1026 bytes"),
        ("s3cret".into(), "6 bytes"),
        ("s3cret-s3cret-5".into(), "15 bytes"),
    ] {
        let error = read(&[("VT_APIKEY", &key)]).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidArgument, "InvalidArgument"), "{key:?}");
        for part in ["`VT_APIKEY`", length] {
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert!(!error.message.contains("s3") && !error.message.contains("evil"), "{}", error.message);
    }
    for length in [16, 1024] {
        assert_eq!(with_key(&"k".repeat(length)).key().unwrap().len(), length);
    }
}

#[test]
fn a_key_is_any_text_a_header_can_hold() {
    assert_eq!(with_key("Bearer:~!@#/+=\"\\{}").key(), Some("Bearer:~!@#/+=\"\\{}"));
}

#[test]
fn the_timeout_is_a_number_of_seconds_between_both_bounds() {
    for (value, nanoseconds) in [
        ("0.001", 1_000_000),
        ("1", 1_000_000_000),
        (" 5 ", 5_000_000_000),
        ("1e3", 1_000_000_000_000),
        ("3600", 3_600_000_000_000),
    ] {
        assert_eq!(with("VT_TIMEOUT", value).unwrap().timeout_nanoseconds, nanoseconds, "{value}");
    }
    for value in [
        "0",
        "0.0009",
        "3600.001",
        "-1",
        "nan",
        "NaN",
        "inf",
        "1e400",
        "1e-400",
        "60s",
        "soon",
        "1,5",
        "1 2",
        "null",
        "[1]",
        "true",
        "18446744073709551616",
    ] {
        refused("VT_TIMEOUT", value, "InvalidSetting");
    }
}

#[test]
fn the_response_cap_is_a_number_of_bytes_between_both_bounds() {
    for (value, bytes) in [("1", 1), (" 4096\n", 4096), ("1073741824", 1 << 30)] {
        assert_eq!(with("VT_MAX_RESPONSE_BYTES", value).unwrap().max_response_bytes, bytes, "{value}");
    }
    for value in ["0", "-1", "1073741825", "18446744073709551616", "1.5", "64MiB", "many"] {
        refused("VT_MAX_RESPONSE_BYTES", value, "InvalidSetting");
    }
}

#[test]
fn true_and_false_are_understood_in_the_usual_spellings() {
    for word in ["true", "TRUE", "1", "yes", "Yes", "on", " true "] {
        assert_eq!(with("VT_APIKEY_FROM_HOST", word).unwrap().key(), None, "{word}");
    }
    for word in ["false", "False", "0", "no", "off"] {
        assert_eq!(with("VT_APIKEY_FROM_HOST", word).unwrap().key(), Some(KEY), "{word}");
    }
    for name in ["VT_APIKEY_FROM_HOST", "VT_ALLOW_HTTP", "VT_VERIFY_SSL"] {
        for word in ["tru", "2", "enabled", "-"] {
            refused(name, word, "InvalidSetting");
        }
    }
}

#[test]
fn settings_that_only_the_host_can_keep_are_refused() {
    refused("VT_HTTP_PROXY", "http://user:pa55word@proxy:3128", "HostOnlySetting");
    refused("VT_VERIFY_SSL", "false", "HostOnlySetting");
    refused("VT_VERIFY_SSL", "0", "HostOnlySetting");
    assert!(with("VT_VERIFY_SSL", "true").is_ok());
    let error = read(&[("VT_HTTP_PROXY", "http://proxy:3128")]).unwrap_err();
    assert!(error.message.contains("set it in the host"), "{}", error.message);
}

#[test]
fn a_url_that_is_none_is_refused() {
    refused("VT_URL", "https://user:pa55word@gateway.example", "InvalidSetting");
    refused("VT_URL", "http://gateway.example", "InvalidSetting");
}

#[test]
fn debugging_output_never_shows_the_key() {
    let shown = format!("{:?} {:#?}", with_key(KEY), with_key(KEY));
    assert!(!shown.contains(KEY) && shown.contains("[redacted]"), "{shown}");
}

#[test]
fn an_echoed_key_and_its_parts_are_taken_out_of_an_error_wherever_they_stand() {
    let settings = with_key(KEY);
    let said = format!("{KEY} and {KEY}{}, {} but not {}", KEY.to_uppercase(), &KEY[1..], &KEY[..11]);
    let redacted = settings.redact(saying(&format!("x{KEY}"), &said));
    assert_eq!(redacted.code, "x[redacted]");
    let expected = format!("[redacted] and [redacted][redacted], [redacted] but not {}", &KEY[..11]);
    assert_eq!(redacted.message, expected);
}

#[test]
fn a_key_is_taken_out_of_a_body_and_what_is_shorter_than_any_is_no_key() {
    let mut body = format!("{{\"a\":\"{KEY}\"}}");
    with_key(KEY).redact_body(&mut body);
    assert_eq!(body, "{\"a\":\"[redacted]\"}");
    // It would be found in any word.
    let error = read(&[("VT_APIKEY", "data")]).unwrap_err();
    assert!(error.message.contains("too short to be an API key (4 bytes)"), "{}", error.message);
}

#[test]
fn a_key_that_is_its_own_replacement_or_part_of_it_ends() {
    for (key, said, shown) in [
        ("[redacted][redacted]", "<[redacted][redacted]>", "<[redacted]>"),
        ("aaaaaaaaaaaaaaaa", "baaaaaaaaaaaaaaaanana", "b[redacted]nana"),
        ("redacted-redacted", "[redacted-redacted]", "[[redacted]]"),
    ] {
        assert_eq!(with_key(key).redact(saying("", said)).message, shown, "{key}");
    }
}

#[test]
fn without_a_key_nothing_is_redacted() {
    let settings = read(&[("VT_APIKEY_FROM_HOST", "true")]).unwrap();
    assert_eq!(settings.redact(saying("c", "m")).message, "m");
    assert_eq!(settings.shown(&[("n".into(), b"value".to_vec())]), [("n".into(), "value".into())]);
}

#[test]
fn a_header_that_echoes_the_key_is_replaced_as_a_whole_and_one_named_after_it_left_out() {
    let settings = with_key(KEY);
    let upper = KEY.to_uppercase();
    for (name, value, shown) in [
        ("x", format!("key={KEY}; Path=/").as_bytes(), Some("[redacted]")),
        ("x", KEY.as_bytes(), Some("[redacted]")),
        ("x", upper.as_bytes(), Some("[redacted]")),
        ("x", &KEY.as_bytes()[20..32], Some("[redacted]")),
        ("x", &KEY.as_bytes()[20..31], Some(&KEY[20..31])),
        ("x", b"text/html", Some("text/html")),
        ("x", b"", Some("")),
        ("x", b"caf\xe9", Some("caf\u{fffd}")),
        (KEY, b"1", None),
        (&upper, b"1", None),
        (&format!("x-{}-y", &KEY[3..20]), b"1", None),
    ] {
        let expected: Vec<_> = shown.iter().map(|shown| (name.to_owned(), (*shown).to_owned())).collect();
        assert_eq!(settings.shown(&[(name.to_owned(), value.to_vec())]), expected, "{name}");
    }
}
