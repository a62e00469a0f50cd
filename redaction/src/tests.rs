use super::*;
use alloc::format;
use alloc::string::ToString as _;
use proptest::prelude::*;

/// 64 hexadecimal digits, no four of which come twice.
const KEY: &str = "c7d1f04b8e3a965202bb1f6ce89d7735a0d4412fe6b85c93717e0a2d9f46c8b5";

fn redacted(text: &str) -> String {
    let mut text = String::from(text);
    Redactor::new(KEY).redact(&mut text);
    text
}

/// Whether any so many characters of the key are left, in upper or lower case.
fn leaks(text: &[u8], part: usize) -> bool {
    let text = text.to_ascii_lowercase();
    KEY.as_bytes().windows(part).any(|part| text.windows(part.len()).any(|window| window == part))
}

#[test]
fn every_part_of_twelve_characters_or_more_is_taken_out_wherever_it_stands() {
    for length in SHORTEST_PART..=KEY.len() {
        for start in 0..=KEY.len() - length {
            let part = &KEY[start..start + length];
            for before in ["", "x", "key=", "a longer text before it: "] {
                for behind in ["", "x", "…", "\"}", " and more"] {
                    let expected = format!("{before}{REDACTED}{behind}");
                    assert_eq!(redacted(&format!("{before}{part}{behind}")), expected);
                    assert_eq!(redacted(&format!("{before}{}{behind}", part.to_uppercase())), expected);
                }
            }
        }
    }
}

#[test]
fn a_shorter_part_stays() {
    for length in 0..SHORTEST_PART {
        for start in 0..=KEY.len() - length {
            let text = format!("<{}>", &KEY[start..start + length]);
            assert_eq!(redacted(&text), text);
        }
    }
}

#[test]
fn several_parts_are_all_taken_out() {
    assert_eq!(redacted(&format!("{KEY}{KEY}")), format!("{REDACTED}{REDACTED}"));
    assert_eq!(redacted(&format!("{}-{KEY}, {}", &KEY[3..15], &KEY[40..])), "[redacted]-[redacted], [redacted]");
    // Two parts that run into each other.
    assert!(!leaks(redacted(&format!("{}{}", &KEY[..30], &KEY[20..])).as_bytes(), SHORTEST_PART));
}

#[test]
fn a_text_in_another_script_is_cut_between_characters() {
    assert_eq!(redacted(&format!("ключ{KEY}ключ…{KEY}é")), "ключ[redacted]ключ…[redacted]é");
}

#[test]
fn bytes_that_are_not_text_are_redacted_as_well() {
    let mut bytes = [b"\xff\xfe", KEY.as_bytes(), b"\0\xff"].concat();
    Redactor::new(KEY).redact_bytes(&mut bytes);
    assert_eq!(bytes, [b"\xff\xfe", REDACTED.as_bytes(), b"\0\xff"].concat());
}

#[test]
fn a_short_key_is_taken_out_whole() {
    for (key, text, clean) in [
        ("s3cr3t-k3y", "a S3CR3T-k3y and s3cr3t-k3", "a [redacted] and s3cr3t-k3"),
        ("abc", "xabcxabcx", "x[redacted]x[redacted]x"),
        ("q", "aqbqQ", "a[redacted]b[redacted][redacted]"),
        ("", "anything", "anything"),
    ] {
        let mut text = text.to_string();
        let redactor = Redactor::new(key);
        redactor.redact(&mut text);
        assert_eq!(text, clean);
        assert!(!redactor.finds_parts());
    }
    assert!(Redactor::new("0123456789ab").finds_parts());
}

#[test]
fn a_key_that_repeats_itself_is_taken_out_at_every_length() {
    let key = "5ec2e7".repeat(10);
    let redactor = Redactor::new(&key);
    for length in SHORTEST_PART..200 {
        let text: String = "5ec2e7".chars().cycle().take(length).collect();
        let mut clean = text.clone();
        redactor.redact(&mut clean);
        assert!(!redactor.finds(clean.as_bytes()), "{length}: {clean}");
        assert!(clean.len() <= 3 * REDACTED.len() + SHORTEST_PART, "{length}: {clean}");
    }
}

#[cfg(feature = "derive")]
#[test]
fn a_record_is_redacted_in_every_text_it_has() {
    #[derive(Debug, PartialEq, Redact)]
    enum Kind {
        Plain,
        One(String),
        Named { text: Option<String>, number: u32 },
    }
    #[derive(Debug, PartialEq, Redact)]
    struct Record {
        id: String,
        kinds: Vec<Kind>,
        pairs: Vec<(String, String)>,
        inner: Option<Box<Record>>,
        count: u64,
    }
    let record = |text: &str| Record {
        id: text.to_string(),
        kinds: [
            Kind::Plain,
            Kind::One(text.to_string()),
            Kind::Named { text: Some(text.to_string()), number: 7 },
            Kind::Named { text: None, number: 8 },
        ]
        .into(),
        pairs: [(text.to_string(), text.to_string())].into(),
        inner: Some(Box::new(Record {
            id: text.to_string(),
            kinds: Vec::new(),
            pairs: Vec::new(),
            inner: None,
            count: 1,
        })),
        count: 2,
    };
    let mut redacted = record(KEY);
    redacted.redact(&Redactor::new(KEY));
    assert_eq!(redacted, record(REDACTED));
}

proptest! {
    #[test]
    fn nothing_of_the_key_is_left_and_nothing_else_is_lost(
        pieces in proptest::collection::vec((".{0,20}", 0..64usize, 0..65usize, any::<bool>()), 0..8)
    ) {
        let mut text = String::new();
        for (between, start, length, upper) in pieces {
            text.push_str(&between);
            let part = &KEY[start..(start + length).min(KEY.len())];
            text.push_str(&if upper { part.to_uppercase() } else { part.to_string() });
        }
        let clean = redacted(&text);
        prop_assert!(!leaks(clean.as_bytes(), SHORTEST_PART), "{}", clean);
        if !leaks(text.as_bytes(), SHORTEST_PART) {
            prop_assert_eq!(&clean, &text);
        }
        let mut bytes = text.into_bytes();
        Redactor::new(KEY).redact_bytes(&mut bytes);
        prop_assert_eq!(bytes, clean.into_bytes());
    }
}
