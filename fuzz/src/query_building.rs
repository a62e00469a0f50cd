//! Requests. The input is texts with a NUL between: id, filter, order, cursor, name, rules, limit.
//!
//! A URL parser reads from the path what the caller gave, and it is the action's own endpoint; a body is JSON of what the
//! caller gave. Refused is exactly what the limits refuse.

use serde_json::Value;
use url::Url;
use virustotal_hunting::api::input::{
    MAX_COUNT_LIMIT, MAX_CURSOR_BYTES, MAX_ID_BYTES, MAX_PARAMETER_BYTES, MAX_RULES_BYTES,
};
use virustotal_hunting::api::request::{Method, Request};
use virustotal_hunting::api::{Action, Listing};
use virustotal_hunting::contract::ioc_stream::IocStreamQuery;
use virustotal_hunting::contract::livehunt::{
    NewRuleset, NotificationFilesQuery, NotificationsQuery, RulesetRelationship, RulesetsQuery,
};
use virustotal_hunting::contract::retrohunt::{MatchesQuery, NewRetrohuntJob, RetrohuntJobsQuery, TimeRange};
use virustotal_hunting::contract::{ErrorKind, Failed};
use virustotal_hunting::{ioc_stream, livehunt, retrohunt};

/// What a caller gives.
struct Given {
    id: String,
    filter: Option<String>,
    order: Option<String>,
    cursor: Option<String>,
    name: String,
    rules: String,
    limit: Option<u32>,
}

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut fields = text.split('\0').map(str::to_owned);
    let given = Given {
        id: fields.next().unwrap_or_default(),
        filter: fields.next(),
        order: fields.next(),
        // What begins like one of this component's own is the subject of `resuming`.
        cursor: fields.next().filter(|cursor| !cursor.starts_with("vh1.")),
        name: fields.next().unwrap_or_default(),
        rules: fields.next().unwrap_or_default(),
        limit: fields.next().and_then(|limit| limit.parse().ok()),
    };
    check_ids(&given);
    check_queries(&given);
    check_bodies(&given);
}

fn check_ids(given: &Given) {
    let id = given.id.as_str();
    let is_taken = !id.trim_ascii().is_empty() && id != "." && id != ".." && id.len() <= MAX_ID_BYTES;
    let (rulesets, jobs) = (["intelligence", "hunting_rulesets"], ["intelligence", "retrohunt_jobs"]);
    let own = || given.id.clone();
    let query = MatchesQuery { limit: given.limit, cursor: given.cursor.clone() };
    expect(request(livehunt::delete_ruleset(own())), is_taken, Method::Delete, &[&rulesets[..], &[id]].concat(), &[]);
    expect(request(retrohunt::get_job(own())), is_taken, Method::Get, &[&jobs[..], &[id]].concat(), &[]);
    expect(request(retrohunt::abort_job(own())), is_taken, Method::Post, &[&jobs[..], &[id, "abort"]].concat(), &[]);
    let path = ["ioc_stream_notifications", id];
    expect(request(ioc_stream::get_notification(own())), is_taken, Method::Get, &path, &[]);
    let (cursor, limit) = (("cursor", text(&given.cursor)), ("limit", page(given.limit)));
    let (is_taken, parameters) = (is_taken && resumes(&given.cursor) && given.limit != Some(0), [limit, cursor]);
    let path = [&jobs[..], &[id, "matching_files"]].concat();
    expect(first(retrohunt::get_matches(own(), query)), is_taken, Method::Get, &path, &parameters);
}

fn check_queries(given: &Given) {
    let Given { filter, order, cursor, limit, .. } = given;
    let (filter, order, cursor, limit) = (filter.clone(), order.clone(), cursor.clone(), *limit);
    let count_limit = limit.map(|limit| limit / 2);
    let shown = [
        ("limit", page(limit)),
        ("filter", text(&filter)),
        ("order", text(&order)),
        ("cursor", text(&cursor)),
        ("count_limit", number(count_limit)),
        ("descriptors_only", limit.map(|limit| (limit % 2 == 0).to_string())),
    ];
    let [limited, filtered, ordered, resumed, counted, described] = shown;
    let taken = limit != Some(0) && fits(&filter) && resumes(&cursor);
    let count_taken = count_limit.is_none_or(|count| (1..=MAX_COUNT_LIMIT).contains(&count));
    let descriptors_only = limit.map(|limit| limit % 2 == 0);

    let relationships = descriptors_only.filter(|both| *both).map(|_| RulesetRelationship::Owner);
    let related = ("relationships", relationships.map(|_| String::from("owner")));
    let query = RulesetsQuery {
        limit,
        filter: filter.clone(),
        order: order.clone(),
        cursor: cursor.clone(),
        relationships: relationships.map(|owner| vec![owner]),
    };
    let parameters = [limited.clone(), filtered.clone(), ordered.clone(), related, resumed.clone()];
    let path = ["intelligence", "hunting_rulesets"];
    expect(first(livehunt::get_rulesets(query)), taken && fits(&order), Method::Get, &path, &parameters);

    let (f, o, c) = (filter.clone(), order.clone(), cursor.clone());
    let query = NotificationsQuery { limit, filter: f, order: o, cursor: c, count_limit };
    let parameters = [limited.clone(), filtered.clone(), ordered.clone(), counted.clone(), resumed.clone()];
    let path = ["intelligence", "hunting_notifications"];
    let is_taken = taken && fits(&order) && count_taken;
    expect(first(livehunt::get_notifications(query)), is_taken, Method::Get, &path, &parameters);

    let query = NotificationFilesQuery { limit, filter: filter.clone(), cursor: cursor.clone(), count_limit };
    let parameters = [limited.clone(), filtered.clone(), counted, resumed.clone()];
    let path = ["intelligence", "hunting_notification_files"];
    expect(first(livehunt::get_notification_files(query)), taken && count_taken, Method::Get, &path, &parameters);

    let query = RetrohuntJobsQuery { limit, filter: filter.clone(), cursor: cursor.clone() };
    let parameters = [limited.clone(), filtered.clone(), resumed.clone()];
    expect(first(retrohunt::get_jobs(query)), taken, Method::Get, &["intelligence", "retrohunt_jobs"], &parameters);

    let is_taken = taken && fits(&order);
    let query = IocStreamQuery { limit, descriptors_only, filter, order, cursor };
    let parameters = [limited, described, filtered, ordered, resumed];
    expect(first(ioc_stream::get_objects(query)), is_taken, Method::Get, &["ioc_stream"], &parameters);
}

fn check_bodies(given: &Given) {
    let rules_taken = !given.rules.trim_ascii().is_empty() && given.rules.len() <= MAX_RULES_BYTES;
    let name_taken = !given.name.trim_ascii().is_empty();
    let emails: Vec<String> = given.filter.iter().chain(&given.order).cloned().collect();
    let new = NewRuleset {
        name: given.name.clone(),
        rules: given.rules.clone(),
        enabled: given.limit.map(|limit| limit % 2 == 0),
        limit: given.limit.map(u64::from),
        notification_emails: emails.clone(),
        match_object_type: None,
    };
    let path = ["intelligence", "hunting_rulesets"];
    let made = request(livehunt::create_ruleset(new));
    if let Some(attributes) = expect(made, rules_taken && name_taken, Method::Post, &path, &[]) {
        assert_eq!(attributes["name"], given.name.as_str());
        assert_eq!(attributes["rules"], given.rules.as_str());
        assert_eq!(attributes.get("limit").and_then(Value::as_u64), given.limit.map(u64::from));
        let sent = attributes.get("notification_emails").cloned().unwrap_or(Value::Array(Vec::new()));
        assert_eq!(sent, Value::from(emails));
    }

    let range =
        TimeRange { start: given.limit.map(u64::from), end: given.cursor.as_ref().map(|text| text.len() as u64) };
    let reversed = matches!((range.start, range.end), (Some(start), Some(end)) if end < start);
    let new = NewRetrohuntJob {
        rules: given.rules.clone(),
        notification_email: given.order.clone(),
        corpus: None,
        time_range: Some(range),
    };
    let path = ["intelligence", "retrohunt_jobs"];
    let made = request(retrohunt::create_job(new));
    if let Some(attributes) = expect(made, rules_taken && !reversed, Method::Post, &path, &[]) {
        assert_eq!(attributes["rules"], given.rules.as_str());
        let email = attributes.get("notification_email").and_then(Value::as_str);
        assert_eq!(email, given.order.as_deref().filter(|email| !email.is_empty()));
    }
}

fn request<T>(action: Result<Action<T>, Failed>) -> Result<Request, Failed> {
    action.map(|action| action.request)
}

/// The first request of a listing.
fn first<T>(listing: Result<Listing<T>, Failed>) -> Result<Request, Failed> {
    let pages = listing?.pages;
    Ok(pages.request(pages.size(&pages.start, pages.limit), &pages.start))
}

fn resumes(cursor: &Option<String>) -> bool {
    cursor.as_ref().is_none_or(|cursor| cursor.len() <= MAX_CURSOR_BYTES)
}

/// How many a first request asks for.
fn page(limit: Option<u32>) -> Option<String> {
    number(limit.map(|limit| limit.min(40)))
}

fn fits(value: &Option<String>) -> bool {
    value.as_ref().is_none_or(|value| value.len() <= MAX_PARAMETER_BYTES)
}

fn text(value: &Option<String>) -> Option<String> {
    value.clone().filter(|value| !value.is_empty())
}

fn number(value: Option<u32>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// Holds a request against what was given; gives the attributes of its body.
fn expect(
    request: Result<Request, Failed>,
    is_taken: bool,
    method: Method,
    path: &[&str],
    parameters: &[(&str, Option<String>)],
) -> Option<Value> {
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            assert!(!is_taken && error.kind == ErrorKind::InvalidArgument, "{error:?}");
            assert!(error.message.len() < 500, "{}", error.message);
            return None;
        }
    };
    assert!(is_taken, "taken: {}", request.path_and_query);
    assert_eq!(request.method, method);

    // As a strict parser reads it, and as it leaves it.
    let url = Url::parse(&format!("https://vt.example{}", request.path_and_query)).expect("it is a URL");
    assert_eq!(url.as_str(), format!("https://vt.example{}", request.path_and_query), "a URL parser changes it");
    assert!(url.host_str() == Some("vt.example") && url.fragment().is_none());
    // Path segments are decoded as a query is: nothing in them is a `+`, `&` or `=` that was not given as one.
    let segments: Vec<String> = url.path_segments().expect("it has a path").map(decoded).collect();
    assert_eq!(segments, [&["api", "v3"], path].concat());
    let got: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let wanted: Vec<(String, String)> =
        parameters.iter().filter_map(|(name, value)| Some((name.to_string(), value.clone()?))).collect();
    assert_eq!(got, wanted);

    let body = request.body.as_deref().map(|body| serde_json::from_slice::<Value>(body).expect("the body is JSON"));
    body.map(|body| body["data"]["attributes"].clone())
}

fn decoded(segment: &str) -> String {
    assert!(!segment.contains(['+', '&', '=']), "{segment}");
    url::form_urlencoded::parse(segment.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}
