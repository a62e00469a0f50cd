//! Members that stand several times: everything is read as `serde_json::Value` reads it, and so Python and JavaScript, which
//! is what a caller makes of `json`.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

/// A name between its quotes, some of its letters as escapes.
fn spelled(name: &'static str) -> impl Strategy<Value = String> {
    any::<u16>().prop_map(move |escapes| {
        let spell = |(at, letter): (usize, char)| match escapes >> (at % 16) & 7 {
            0 => format!("\\u{:04x}", u32::from(letter)),
            _ => String::from(letter),
        };
        format!("\"{}\"", name.chars().enumerate().map(spell).collect::<String>())
    })
}

type Text = BoxedStrategy<String>;

/// An object of up to so many of these members, each any number of times and in any order.
fn members(most: usize, of: Vec<(&'static str, Text)>) -> Text {
    let member = prop::sample::select(of).prop_flat_map(|(name, value)| (spelled(name), value));
    let members = vec(member, 0..=most);
    members
        .prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{{{}}}", members.join(","))
        })
        .boxed()
}

fn scalar() -> Text {
    prop::sample::select(&["null", "true", "7", "12", "\"a\"", "\"b\"", "\"\\u0062\"", "\"\"", "[]", "{}"][..])
        .prop_map(String::from)
        .boxed()
}

fn links() -> Text {
    prop_oneof![3 => members(4, vec![("self", scalar()), ("next", scalar())]), 1 => scalar()].boxed()
}

fn error() -> Text {
    prop_oneof![3 => members(4, vec![("code", scalar()), ("message", scalar())]), 1 => scalar()].boxed()
}

fn item() -> Text {
    let attributes = members(4, vec![("status", scalar()), ("corpus", scalar()), ("other", scalar())]);
    let attributes = prop_oneof![3 => attributes, 1 => scalar()].boxed();
    let of = vec![
        ("id", scalar()),
        ("type", scalar()),
        ("links", links()),
        ("error", error()),
        ("attributes", attributes),
        ("other", scalar()),
    ];
    members(9, of)
}

fn body() -> Text {
    let items = vec(prop_oneof![4 => item(), 1 => scalar()], 0..4).prop_map(|items| format!("[{}]", items.join(",")));
    let data = prop_oneof![3 => items, 3 => item(), 1 => scalar()].boxed();
    let meta = prop_oneof![3 => members(4, vec![("cursor", scalar()), ("count", scalar())]), 1 => scalar()].boxed();
    let of = vec![
        ("data", data.clone()),
        ("data", data),
        ("meta", meta),
        ("links", links()),
        ("error", error()),
        ("id", scalar()),
        ("other", scalar()),
    ];
    members(9, of)
}

/// What the component reads as a text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Code and message of what counts as an error.
fn said(value: &Value) -> Option<(String, String)> {
    match value {
        Value::String(message) => Some((String::new(), message.clone())),
        Value::Object(error) if error.contains_key("code") || error.contains_key("message") => {
            Some((text(&value["code"]).unwrap_or_default(), text(&value["message"]).unwrap_or_default()))
        }
        _ => None,
    }
}

/// What a job has that is looked at here: id, link, status, corpus, error, the whole.
type Seen = (String, Option<String>, Option<String>, Option<String>, Option<(String, String)>, Value);

fn expected(item: &Value) -> Seen {
    (
        text(&item["id"]).unwrap_or_default(),
        text(&item["links"]["self"]),
        text(&item["attributes"]["status"]),
        text(&item["attributes"]["corpus"]),
        said(&item["error"]),
        item.clone(),
    )
}

fn seen(job: RetrohuntJob) -> Seen {
    let error = job.error.map(|error| (error.code, error.message));
    let whole = serde_json::from_str(&job.json).unwrap();
    (job.id, job.self_link, job.status, job.corpus, error, whole)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_members_that_repeat_a_page_reads_those_that_serde_json_reads(body in body()) {
        let value: Value = serde_json::from_str(&body).unwrap();
        let items = match value.get("data") {
            Some(Value::Array(items)) => Some(items.clone()),
            Some(object @ Value::Object(_)) => Some(vec![object.clone()]),
            Some(Value::Null) => Some(Vec::new()),
            _ => None,
        };
        let items = items.filter(|items| !items.is_empty() || said(&value["error"]).is_none());
        match (jobs(&body), items) {
            (Ok(Page { items: got, page }), Some(items)) => {
                let got: Vec<_> = got.into_iter().map(seen).collect();
                prop_assert_eq!(got, items.iter().map(expected).collect::<Vec<_>>());
                prop_assert_eq!(page.cursor, text(&value["meta"]["cursor"]).filter(|cursor| !cursor.is_empty()));
                prop_assert_eq!(page.count, value["meta"]["count"].as_u64());
                prop_assert_eq!(page.self_link, text(&value["links"]["self"]));
                prop_assert_eq!(page.next_link, text(&value["links"]["next"]));
            }
            (Err(_), None) => {}
            (got, items) => prop_assert!(false, "{:?} instead of {:?}", got.is_ok(), items),
        }
    }

    #[test]
    fn of_members_that_repeat_an_object_reads_those_that_serde_json_reads(body in body()) {
        let value: Value = serde_json::from_str(&body).unwrap();
        let data = value.get("data").filter(|data| data.is_object());
        let data = data.filter(|data| data.get("attributes").is_some() || said(&data["error"]).is_none());
        match (job(&body), data) {
            (Ok(job), Some(data)) => {
                let mut expected = expected(data);
                if expected.0.is_empty() && value.get("id").is_some() {
                    expected.0 = text(&value["id"]).unwrap_or_default();
                    expected.1 = text(&value["links"]["self"]);
                    expected.5 = value.clone();
                }
                prop_assert_eq!(seen(job), expected);
            }
            (Err(_), None) => {}
            (got, data) => prop_assert!(false, "{:?} instead of {:?}", got.is_ok(), data),
        }
    }
}

#[test]
fn of_several_data_in_one_body_the_last_counts_for_one_object_and_for_a_page() {
    let (first, last) = (r#"{"type":"retrohunt_job","id":"first"}"#, r#"{"type":"retrohunt_job","id":"last"}"#);
    for key in ["data", "d\\u0061t\\u0061"] {
        for before in [first, "[{}]", "null", "7"] {
            let body = format!(r#"{{"data":{before},"{key}":{last},"meta":{{}}}}"#);
            assert_eq!(job(&body).unwrap().id, "last", "{body}");
            let ids: Vec<_> = jobs(&body).unwrap().items.into_iter().map(|item| item.id).collect();
            assert_eq!(ids, ["last"], "{body}");
        }
    }
}

#[test]
fn a_last_data_that_is_not_an_object_leaves_none() {
    for last in ["7", "true", "\"text\""] {
        let body = format!(r#"{{"data":[{{"id":"first"}}],"data":{last}}}"#);
        assert_eq!(jobs(&body).unwrap_err().code, "InvalidResponse", "{body}");
        assert_eq!(job(&body).unwrap_err().code, "InvalidResponse", "{body}");
    }
    assert!(jobs(r#"{"data":[{"id":"first"}],"data":null}"#).unwrap().items.is_empty());
}

#[test]
fn too_many_objects_count_only_in_the_last_data() {
    let many = format!("[{}{{}}]", "{},".repeat(MAX_ITEMS));
    assert_eq!(jobs(&format!(r#"{{"data":{many},"data":[{{}}]}}"#)).unwrap().items.len(), 1);
    assert_eq!(jobs(&format!(r#"{{"data":[{{}}],"data":{many}}}"#)).unwrap_err().code, "ResponseTooLarge");
    assert_eq!(jobs(&format!(r#"{{"data":{many}"#)).unwrap_err().code, "InvalidResponse", "it is not JSON");
}
