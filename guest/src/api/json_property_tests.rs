//! Any JSON value in any place: nothing fails, and what came is what is handed on.

use super::*;
use crate::api::Listing;
use crate::api::listing::Page;
use proptest::collection::vec;
use proptest::prelude::*;

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
fn listed<T>(listing: Result<Listing<T>, crate::contract::Failed>, body: &str) -> Page<T> {
    let answer = Answer { status: 200, body: String::from(body), doubt: None, date: None };
    listing.unwrap().decode(&answer).unwrap_or_else(|error| panic!("{}: {body}", error.message))
}

fn decoded<T>(action: Result<Action<T>, crate::contract::Failed>, body: &str) -> T {
    let answer = Answer { status: 200, body: String::from(body), doubt: None, date: None };
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
            for item in listed(livehunt::get_rulesets(query::rulesets()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in listed(livehunt::get_notifications(query::notifications()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in listed(livehunt::get_notification_files(query::notification_files()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in listed(retrohunt::get_jobs(query::jobs()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in listed(retrohunt::get_matches(String::from("1"), query::matches()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
            for item in listed(ioc_stream::get_objects(query::stream()), body).items {
                prop_assert!(same(&item.id, &item.json));
            }
        }
        prop_assert_eq!(listed(retrohunt::get_jobs(query::jobs()), &page).items.len(), 2);
    }
}

/// Queries that ask for nothing in particular.
mod query {
    use crate::contract::ioc_stream::IocStreamQuery;
    use crate::contract::livehunt::{NotificationFilesQuery, NotificationsQuery, RulesetsQuery};
    use crate::contract::retrohunt::{MatchesQuery, RetrohuntJobsQuery};

    pub(super) fn rulesets() -> RulesetsQuery {
        RulesetsQuery { limit: None, filter: None, order: None, cursor: None, relationships: None }
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
