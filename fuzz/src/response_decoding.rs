//! The body of a 2xx answer, read by every action. The input is the body.
//!
//! - An action answers exactly when `serde_json` finds JSON with objects where they are due. Of members that repeat the last
//!   counts, as in `serde_json::Value`.
//! - `json` of every object is its text in the body, byte for byte, and `id` what `serde_json` reads.
//! - What the component reads as text, number, float or truth is what `serde_json` and the standard library read.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::OnceLock;
use virustotal_hunting::api::answer::{Answer, Response};
use virustotal_hunting::api::envelope::MAX_ITEMS;
use virustotal_hunting::api::{Action, Listing, json};
use virustotal_hunting::contract::ioc_stream::{IocStreamNotification, IocStreamObject, IocStreamQuery};
use virustotal_hunting::contract::livehunt::{
    NewRuleset, Notification, NotificationFile, NotificationFilesQuery, NotificationsQuery, Ruleset, RulesetsQuery,
};
use virustotal_hunting::contract::retrohunt::{
    MatchFile, MatchesQuery, NewRetrohuntJob, RetrohuntJob, RetrohuntJobsQuery,
};
use virustotal_hunting::contract::{ErrorKind, Failed, PageInfo};
use virustotal_hunting::{ioc_stream, livehunt, retrohunt};

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let settings = crate::exchange::settings();
    let response = Response { status: 200, headers: Vec::new(), body: data.to_vec() };
    let actions = ACTIONS.get_or_init(Actions::new);
    let answer = match Answer::from_response(response, &settings, settings.max_response_bytes, &actions.job.request) {
        Ok(answer) => answer,
        // What is gzip has a target of its own.
        Err(_) => {
            assert!(std::str::from_utf8(data).is_err() || data.starts_with(&[0x1f, 0x8b]));
            return;
        }
    };
    assert_eq!(json::is_json(&answer.body), is_json(&answer.body), "is it JSON?");
    actions.decode(&answer);
    if is_json(&answer.body) {
        readings(answer.body.trim_ascii());
    }
}

static ACTIONS: OnceLock<Actions> = OnceLock::new();

/// One action per way to read an answer.
struct Actions {
    rulesets: Listing<Ruleset>,
    ruleset: Action<Ruleset>,
    nothing: Action<()>,
    notifications: Listing<Notification>,
    notification_files: Listing<NotificationFile>,
    created_job: Action<RetrohuntJob>,
    job: Action<RetrohuntJob>,
    jobs: Listing<RetrohuntJob>,
    aborted: Action<()>,
    matches: Listing<MatchFile>,
    objects: Listing<IocStreamObject>,
    notification: Action<IocStreamNotification>,
}

/// An object as an action gives it: `id` and `json`.
type Given<'a> = (&'a str, &'a str);

impl Actions {
    fn new() -> Self {
        let id = || String::from("1");
        let rules = || String::from("rule r { condition: true }");
        Self::try_new(id, rules).expect("these arguments are in order")
    }

    fn try_new(id: fn() -> String, rules: fn() -> String) -> Result<Self, Failed> {
        Ok(Self {
            rulesets: livehunt::get_rulesets(RulesetsQuery {
                limit: None,
                filter: None,
                order: None,
                cursor: None,
                relationships: None,
            })?,
            ruleset: livehunt::create_ruleset(NewRuleset {
                name: id(),
                rules: rules(),
                enabled: None,
                limit: None,
                notification_emails: Vec::new(),
                match_object_type: None,
            })?,
            nothing: livehunt::delete_ruleset(id())?,
            notifications: livehunt::get_notifications(NotificationsQuery {
                limit: None,
                filter: None,
                order: None,
                cursor: None,
                count_limit: None,
            })?,
            notification_files: livehunt::get_notification_files(NotificationFilesQuery {
                limit: None,
                filter: None,
                cursor: None,
                count_limit: None,
            })?,
            created_job: retrohunt::create_job(NewRetrohuntJob {
                rules: rules(),
                notification_email: None,
                corpus: None,
                time_range: None,
            })?,
            job: retrohunt::get_job(id())?,
            jobs: retrohunt::get_jobs(RetrohuntJobsQuery { limit: None, filter: None, cursor: None })?,
            aborted: retrohunt::abort_job(id())?,
            matches: retrohunt::get_matches(id(), MatchesQuery { limit: None, cursor: None })?,
            objects: ioc_stream::get_objects(IocStreamQuery {
                limit: None,
                descriptors_only: None,
                filter: None,
                order: None,
                cursor: None,
            })?,
            notification: ioc_stream::get_notification(id())?,
        })
    }

    fn decode(&self, answer: &Answer) {
        // The oracle parses once for all pages, and once for all single objects.
        let page = expected_page(&answer.body);
        let object = expected_object(answer.body.trim_ascii());
        macro_rules! pages {
            ($($action:ident),+) => {$(
                let got = self.$action.decode(answer);
                let got = got.as_ref().map(|got| {
                    let items = got.items.iter().map(|item| (item.id.as_str(), item.json.as_str())).collect();
                    (items, &got.page)
                });
                check_page(answer, &page, got);
            )+};
        }
        macro_rules! objects {
            ($($action:ident),+) => {$(
                let got = (self.$action.decode)(answer);
                check_object(answer, &object, got.as_ref().map(|got| (got.id.as_str(), got.json.as_str())));
            )+};
        }
        pages!(rulesets, notifications, notification_files, jobs, matches, objects);
        objects!(ruleset, created_job, job, notification);
        for action in [&self.nothing, &self.aborted] {
            let body = answer.body.trim_ascii();
            // An error object is an error here too; what counts as one is the subject of `error_decoding`.
            let is_success = body.is_empty() || (is_json(body) && json::service_error(body).is_none());
            assert_eq!((action.decode)(answer).is_ok(), is_success);
        }
    }
}

/// What the oracle makes of a body.
enum Expected<'a> {
    /// No JSON.
    Unsound,
    /// JSON without what is due.
    Without,
    /// These texts.
    With(Vec<&'a str>),
    /// JSON that the oracle cannot read: it has keys that are not Unicode.
    Unclear,
}

fn expected_page(body: &str) -> Expected<'_> {
    match expected_data(body) {
        Ok(Some(array)) if array.starts_with('[') => {
            let elements: Vec<&RawValue> = parse(array).expect("an array in sound JSON is sound");
            Expected::With(elements.into_iter().map(RawValue::get).collect())
        }
        Ok(Some(object)) if object.starts_with('{') => Expected::With(vec![object]),
        Ok(Some("null")) => Expected::With(Vec::new()),
        Ok(_) => Expected::Without,
        Err(other) => other,
    }
}

fn expected_object(body: &str) -> Expected<'_> {
    match expected_data(body) {
        Ok(Some(object)) if object.starts_with('{') => Expected::With(vec![object]),
        Ok(_) => Expected::Without,
        Err(other) => other,
    }
}

/// The text of the member `data`.
fn expected_data(body: &str) -> Result<Option<&str>, Expected<'_>> {
    if !is_json(body) {
        return Err(Expected::Unsound);
    }
    match parse(body) {
        Some(Entries(entries)) => Ok(last(&entries, "data")),
        None if body.trim_ascii().starts_with('{') => Err(Expected::Unclear),
        None => Ok(None),
    }
}

/// The member of this name, as `serde_json::Value` has it: what stands several times counts as it stands last.
fn last<'a>(entries: &[(String, &'a RawValue)], name: &str) -> Option<&'a str> {
    entries.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.get())
}

fn check_page(answer: &Answer, expected: &Expected<'_>, got: Result<(Vec<Given<'_>>, &PageInfo), &Failed>) {
    if let Ok((items, page)) = &got {
        assert!(items.iter().all(|(_, json)| is_json(json)), "an object's text is no JSON");
        assert!(page.incomplete.is_none() && page.cursor.as_deref() != Some(""));
        for (id, json) in items {
            check_id(id, json);
        }
    }
    match (expected, got) {
        (Expected::With(texts), Ok((items, _))) => {
            assert!(items.iter().map(|(_, json)| json).eq(texts), "not the objects of the body");
        }
        (Expected::With(texts), Err(error)) if texts.len() > MAX_ITEMS => {
            assert_eq!(error.kind, ErrorKind::TooLarge, "{error:?}");
        }
        // An error in the place of the objects.
        (Expected::With(texts), Err(error)) => {
            assert!(texts.is_empty() && has_error(&answer.body), "refused: {error:?}");
        }
        (Expected::Unsound | Expected::Without, Ok(_)) => panic!("read what is not there: {:?}", answer.body),
        (Expected::Unsound | Expected::Without, Err(error)) => check_refusal(answer, error),
        (Expected::Unclear, _) => {}
    }
}

fn check_object(answer: &Answer, expected: &Expected<'_>, got: Result<Given<'_>, &Failed>) {
    let body = answer.body.trim_ascii();
    match (expected, got) {
        (Expected::With(texts), Ok((id, json))) => {
            // The whole body where type and id stand beside `data`.
            assert!(texts.contains(&json) || json == body, "not the object of the body");
            check_id(id, json);
        }
        // An error in the object's place.
        (Expected::With(texts), Err(_)) => assert!(has_error(texts[0]), "refused: {body}"),
        (Expected::Unsound | Expected::Without, Ok(_)) => panic!("read what is not there: {body}"),
        (Expected::Unsound | Expected::Without, Err(error)) => check_refusal(answer, error),
        (Expected::Unclear, _) => {}
    }
}

/// Whether there is a member `error`, or what `serde_json` cannot tell: nesting beyond 128 and halves of characters.
fn has_error(text: &str) -> bool {
    parse::<Value>(text).is_none_or(|object| object.get("error").is_some())
}

fn check_id(id: &str, json: &str) {
    let Some(object @ Value::Object(_)) = parse(json) else { return };
    match &object["id"] {
        Value::String(expected) => assert_eq!(id, expected),
        Value::Number(_) => assert!(!id.is_empty()),
        _ => assert_eq!(id, ""),
    }
    let Some(Entries(entries)) = parse(json) else { return };
    for part in ["attributes", "context_attributes"] {
        if let Some(Entries(entries)) = last(&entries, part).and_then(parse) {
            entries.iter().for_each(|(_, value)| readings(value.get()));
        }
    }
}

fn check_refusal(answer: &Answer, error: &Failed) {
    assert!(error.message.len() < 4000 && error.code.len() < 110, "{error:?}");
    assert_eq!(error.status, Some(answer.status));
    if !is_json(answer.body.trim_ascii()) {
        assert_eq!(error.kind, ErrorKind::Protocol, "{error:?}");
    }
}

/// Reads one sound value as everything it could be.
fn readings(raw: &str) {
    let some = Some(raw);
    let (text, number, float, boolean) = (json::text(some), json::number(some), json::float(some), json::boolean(some));
    let texts = json::texts(some);
    // Nesting beyond 128 and halves of characters are beyond serde_json.
    let Some(value) = parse::<Value>(raw) else { return };
    match value {
        Value::Null | Value::Object(_) => {
            assert_eq!((text, number, float, boolean, texts.len()), (None, None, None, None, 0));
        }
        Value::Bool(truth) => assert_eq!((text, number, boolean), (None, None, Some(truth))),
        Value::String(expected) => assert_eq!(text, Some(expected)),
        Value::Number(expected) => {
            assert_eq!(text.as_deref(), some);
            if let Some(whole) = expected.as_u64() {
                assert_eq!(number, Some(whole));
            }
            if let Some(number) = number {
                assert!(raw.parse::<f64>().is_ok_and(|exact| exact == number as f64), "{raw} is not {number}");
            }
            let exact: f64 = raw.parse().expect("a JSON number is a Rust number");
            match float {
                // The least numbers of all have few digits; the greatest may be rounded out of range.
                Some(float) => assert!((float - exact).abs() <= exact.abs() * 1e-14 + 1e-320, "{raw} is not {float}"),
                None => assert!(exact.abs() > f64::MAX * 0.999, "{raw} is not read"),
            }
        }
        Value::Array(elements) => {
            let is_text = |element: &&Value| element.is_string() || element.is_number();
            let expected = elements.iter().filter(is_text).count();
            assert_eq!(texts.len(), if elements.len() > json::MAX_TEXTS { 0 } else { expected });
        }
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The entries of an object in order, repeated ones too.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Entries<'de>;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Walk)
    }
}
