use super::*;
use crate::api::Action;
use crate::api::answer::Answer;
use crate::{ioc_stream, livehunt, retrohunt};
use proptest::collection::vec;
use proptest::prelude::*;

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

/// White space as JSON allows it, often none.
fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["", "", "", " ", "\n", "\t\r\n  "][..])
}

/// A string with its quotes: plain, escaped, of several bytes, with halves of surrogate pairs.
fn quoted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9 .:+-]{1,8}",
        "[0-9]{1,25}",
        Just(String::from("é🦀\u{feff}\u{7f}")),
        "\\\\[\"\\\\/bfnrt]",
        "\\\\u[0-9a-fA-F]{4}",
        Just(String::from("\\ud83e\\udd80")),
    ];
    vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// Any JSON value as text, in all the ways JSON can be written.
fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just(String::from("null")),
        Just(String::from("true")),
        Just(String::from("false")),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?",
        "[1-9][0-9]{300,320}",
        quoted(),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        let spaced = |element: BoxedStrategy<String>| {
            (space(), element, space()).prop_map(|(before, element, after)| format!("{before}{element}{after}")).boxed()
        };
        let element = spaced(inner.clone().boxed());
        let member = (spaced(quoted().boxed()), element.clone()).prop_map(|(key, value)| format!("{key}:{value}"));
        prop_oneof![
            (space(), vec(element, 0..5)).prop_map(|(space, elements)| match elements.as_slice() {
                [] => format!("[{space}]"),
                elements => format!("[{}]", elements.join(",")),
            }),
            vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// The names that any of the readers looks for, and some that none does.
const NAMES: [&str; 44] = [
    "name",
    "rules",
    "enabled",
    "limit",
    "creation_date",
    "modification_date",
    "notification_emails",
    "number_of_rules",
    "rule_names",
    "match_object_type",
    "tags",
    "rate_limited",
    "rate_limited_ratio",
    "scheduled_disable_date",
    "scheduled_disable_reason",
    "date",
    "match_in_subfile",
    "rule_name",
    "rule_tags",
    "snippet",
    "source_country",
    "source_key",
    "notification_date",
    "notification_id",
    "notification_tags",
    "ruleset_id",
    "status",
    "corpus",
    "start_date",
    "finish_date",
    "progress",
    "eta_seconds",
    "scanned_bytes",
    "num_matches",
    "notification_email",
    "time_range",
    "origin",
    "sources",
    "hunting_info",
    "entity_type",
    "entity_id",
    "label",
    "start",
    "unknown",
];

/// A key that spells a name, some of its letters as escapes.
fn spelled() -> impl Strategy<Value = (&'static str, String)> {
    (prop::sample::select(&NAMES[..]), any::<u64>()).prop_map(|(name, escapes)| {
        let spell = |(at, letter): (usize, char)| match escapes >> (2 * at % 64) & 3 {
            0 => format!("\\u{:04x}", u32::from(letter)),
            _ => String::from(letter),
        };
        (name, format!("\"{}\"", name.chars().enumerate().map(spell).collect::<String>()))
    })
}

/// An object of known names with any values, a name often twice; with what it holds, in order.
fn known() -> impl Strategy<Value = (String, Vec<(&'static str, String)>)> {
    vec((spelled(), space(), value(), space()), 0..24).prop_map(|members| {
        let text =
            members.iter().map(|((_, key), before, value, after)| format!("{before}{key}:{before}{value}{after}"));
        let text = format!("{{{}}}", text.collect::<Vec<_>>().join(","));
        (text, members.into_iter().map(|((name, _), _, value, _)| (name, value)).collect())
    })
}

/// Decodes a body as the answer to an action.
fn decoded<T>(action: Result<Action<T>, crate::contract::Failed>, body: &str) -> T {
    let answer = Answer { status: 200, body: String::from(body), is_repeatable: true };
    (action.unwrap().decode)(&answer).unwrap_or_else(|error| panic!("{}: {body}", error.message))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_json_and_nothing_may_follow_it(value in value()) {
        prop_assert!(is_json(&value));
        prop_assert!(!is_json(&(value + " x")));
    }

    #[test]
    fn any_text_at_all_is_read_without_a_panic(text_of_any_kind in prop_oneof![any::<String>(), value(), "[\\[\\]{}\",:0-9a-z\\\\ .e-]{0,40}"]) {
        let raw = Some(text_of_any_kind.as_str());
        let _ = (text(raw), number(raw), float(raw), boolean(raw), texts(raw), is_json(&text_of_any_kind));
        let _ = (elements(&text_of_any_kind, 9), whole(&text_of_any_kind), service_error(&text_of_any_kind), error_object(&text_of_any_kind));
    }

    #[test]
    fn the_last_of_equal_keys_is_found_byte_for_byte((object, members) in known()) {
        for name in NAMES {
            let last = members.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            prop_assert_eq!(field(&object, name), last);
        }
    }

    #[test]
    fn a_string_is_read_as_serde_json_reads_it(quoted in quoted()) {
        prop_assert_eq!(text(Some(&quoted)), serde_json::from_str::<String>(&quoted).ok());
    }

    #[test]
    fn every_whole_number_survives_with_and_without_quotes(whole: u64) {
        prop_assert_eq!(number(Some(&whole.to_string())), Some(whole));
        prop_assert_eq!(number(Some(&format!("\"{whole}\""))), Some(whole));
    }

    #[test]
    fn every_finite_number_survives_with_and_without_quotes(finite in proptest::num::f64::NORMAL) {
        let read = float(Some(&format!("{finite:e}"))).unwrap();
        prop_assert!((read - finite).abs() <= finite.abs() * 1e-13, "{} was read as {}", finite, read);
        prop_assert_eq!(float(Some(&format!("\"{finite:e}\""))), Some(read));
    }

    #[test]
    fn no_attribute_of_any_value_fails_its_object_and_json_is_what_came(
        ((attributes, _), (context, _)) in (known(), known()),
        (links, error, meta) in (value(), value(), value()),
        space in space(),
    ) {
        let object = format!(
            "{{{space}\"type\":\"file\",\"attributes\":{attributes}{space},\"context_attributes\":{context},\
             \"links\":{links},\"error\":{error},\"id\":{space}\"the id\"}}"
        );
        let one = format!("{space}{{\"data\":{space}{object},\"links\":{links}}}{space}");
        let page = format!("{{\"links\":{links},\"data\":[{space}{object},{object}{space}],\"meta\":{meta}}}");
        let same = |id: &str, json: &str| id == "the id" && json == object;

        let job = decoded(retrohunt::get_job(String::from("1")), &one);
        prop_assert!(same(&job.id, &job.json));
        let notification = decoded(ioc_stream::get_notification(String::from("1")), &one);
        prop_assert!(same(&notification.id, &notification.json));

        for body in [&page, &one] {
            for item in decoded(livehunt::get_rulesets(query::rulesets()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in decoded(livehunt::get_notifications(query::notifications()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in decoded(livehunt::get_notification_files(query::notification_files()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in decoded(retrohunt::get_jobs(query::jobs()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in decoded(retrohunt::get_matches(String::from("1"), query::matches()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in decoded(ioc_stream::get_objects(query::stream()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
        }
        prop_assert_eq!(decoded(retrohunt::get_jobs(query::jobs()), &page).items.len(), 2);
    }
}

/// Queries that ask for nothing in particular.
mod query {
    use crate::contract::ioc_stream::IocStreamQuery;
    use crate::contract::livehunt::{NotificationFilesQuery, NotificationsQuery, RulesetsQuery};
    use crate::contract::retrohunt::{MatchesQuery, RetrohuntJobsQuery};

    pub(super) fn rulesets() -> RulesetsQuery {
        RulesetsQuery { limit: None, filter: None, order: None, cursor: None }
    }
    pub(super) fn notifications() -> NotificationsQuery {
        NotificationsQuery { limit: None, filter: None, order: None, cursor: None, count_limit: None }
    }
    pub(super) fn notification_files() -> NotificationFilesQuery {
        NotificationFilesQuery { limit: None, filter: None, cursor: None, count_limit: None }
    }
    pub(super) fn jobs() -> RetrohuntJobsQuery {
        RetrohuntJobsQuery { limit: None, filter: None, cursor: None }
    }
    pub(super) fn matches() -> MatchesQuery {
        MatchesQuery { limit: None, cursor: None }
    }
    pub(super) fn stream() -> IocStreamQuery {
        IocStreamQuery { limit: None, descriptors_only: None, filter: None, order: None, cursor: None }
    }
}
