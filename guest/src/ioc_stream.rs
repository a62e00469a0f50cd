//! The IoC stream: each function turns a contract record into an action, each reader an object into a contract record.

use crate::api::envelope::{Object, named, object};
use crate::api::fingerprint::fingerprint;
use crate::api::json::Raw;
use crate::api::request::{Method, Parameter, Request};
use crate::api::{Action, Listing, error, input, json, nothing, text};
use crate::contract::Failed;
use crate::contract::ioc_stream::{
    HuntingInfo, IocStreamNotification, IocStreamObject, IocStreamPoll, IocStreamQuery, NotificationSource,
};
use crate::contract::types::PollBudget;
use crate::follow::{Following, Subject};
use crate::livehunt::is_sha256;
use alloc::string::String;
use alloc::vec::Vec;

const STREAM: [&str; 1] = ["ioc_stream"];
const NOTIFICATIONS: &str = "ioc_stream_notifications";
/// How long VirusTotal keeps a notification, in seconds: 7 days.
const KEPT_FOR: u64 = 7 * 86_400;

/// Get Objects from the IOC Stream.
pub fn get_objects(query: IocStreamQuery) -> Result<Listing<IocStreamObject>, Failed> {
    let parameters = [
        Parameter::Flag("descriptors_only", query.descriptors_only),
        Parameter::Text("filter", &query.filter),
        Parameter::Text("order", &query.order),
    ];
    Listing::new(&STREAM, query.limit, query.cursor, &parameters, stream_object)
}

/// Get an IOC Stream Notification.
pub fn get_notification(id: String) -> Result<Action<IocStreamNotification>, Failed> {
    let request = Request::new(Method::Get, &[NOTIFICATIONS, input::id("id", &id)?]);
    Ok(Action { request, decode: |answer| object(answer, notification) })
}

/// Follow the IOC Stream.
pub fn poll(
    checkpoint: Option<String>,
    query: IocStreamPoll,
    budget: PollBudget,
) -> Result<Following<IocStreamObject>, Failed> {
    let IocStreamPoll { since, descriptors_only, filter, overlap_seconds } = query;
    let subject = Subject { filter, since, overlap_seconds, checkpoint, budget };
    let mark = |object: &Object<'_>| {
        let [id, date] = object.context(["notification_id", "notification_date"]);
        // Without a notification there is only the object to tell it by.
        let mark = json::text(id).map_or_else(|| object.mark(), |id| fingerprint(&[&id]));
        (json::number(date), mark)
    };
    let flags = [Parameter::Flag("descriptors_only", descriptors_only)];
    Ok(Following::new(&STREAM, &flags, subject, mark, stream_object)?.kept_for(KEPT_FOR))
}

/// Delete an IOC Stream Notification.
pub fn delete_notification(id: String) -> Result<Action<()>, Failed> {
    let request = Request::new(Method::Delete, &[NOTIFICATIONS, input::id("id", &id)?]);
    Ok(Action { request, decode: nothing })
}

/// Delete objects from the IOC Stream: those of a filter, or everything.
pub fn delete_objects(selection: String) -> Result<Action<()>, Failed> {
    const ADVICE: &str = "give a filter, such as `source_id:…`, or the word `everything`.";
    let filter = match selection.trim_ascii() {
        "everything" => None,
        // Terms of a filter, each a key and a value: a word alone may be `everything`, spelt wrong.
        filter if is_filter(filter) => Some(String::from(filter)),
        _ => return Err(error::unconfirmed("selection", ADVICE)),
    };
    let request =
        Request::new(Method::Delete, &STREAM).query(&[Parameter::Text("filter", &filter)])?.once("list the stream");
    Ok(Action { request, decode: nothing })
}

/// Whether a text is a filter of the stream, term by term: what VirusTotal would leave out selects more than was said.
fn is_filter(filter: &str) -> bool {
    const KEYS: [&str; 7] =
        ["date", "origin", "entity_id", "entity_type", "source_type", "source_id", "notification_tag"];
    let mut is_quoted = false;
    let are_terms = filter.split_ascii_whitespace().all(|term| {
        let is_term = is_quoted
            || text::cut(term, b':').is_some_and(|(key, value)| KEYS.contains(&key) && input::has_substance(value));
        // A quoted value goes on over white space.
        is_quoted ^= term.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
        is_term
    });
    are_terms && !is_quoted && !filter.is_empty()
}

fn stream_object(object: Object<'_>) -> IocStreamObject {
    let [id, date, origin, sources, tags, info] =
        object.context(["notification_id", "notification_date", "origin", "sources", "tags", "hunting_info"]);
    IocStreamObject {
        id: object.id,
        object_type: object.object_type,
        notification_id: json::text(id),
        notification_date: json::number(date),
        origin: json::text(origin),
        sources: notification_sources(sources),
        tags: json::texts(tags),
        hunting_info: info.and_then(hunting_info),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

fn notification(object: Object<'_>) -> IocStreamNotification {
    let [date, entity_type, entity_id, origin, sources, tags, info] =
        object.attributes(["date", "entity_type", "entity_id", "origin", "sources", "tags", "hunting_info"]);
    let (entity_type, entity_id) = (json::text(entity_type), json::text(entity_id));
    let is_file = entity_type.as_deref().is_none_or(|entity_type| entity_type == "file");
    IocStreamNotification {
        id: object.id,
        date: json::number(date),
        file_sha256: entity_id.clone().filter(|id| is_file && is_sha256(id)),
        entity_type,
        entity_id,
        origin: json::text(origin),
        sources: notification_sources(sources),
        tags: json::texts(tags),
        hunting_info: info.and_then(hunting_info),
        self_link: object.self_link,
        json: String::from(object.json),
    }
}

fn notification_sources(raw: Raw<'_>) -> Vec<NotificationSource> {
    let sources = raw.and_then(|raw| json::elements(raw, json::MAX_TEXTS)).unwrap_or_default();
    sources
        .into_iter()
        .map(|source| {
            let mut found = [None; 3];
            named(Some(source), &["id", "type", "label"], &mut found);
            let [id, source_type, label] = found;
            NotificationSource {
                id: json::text(id).unwrap_or_default(),
                source_type: json::text(source_type).unwrap_or_default(),
                label: json::text(label),
            }
        })
        .collect()
}

/// `null` for whatever a subscription brought: then there is none.
fn hunting_info(raw: &str) -> Option<HuntingInfo> {
    if !raw.starts_with('{') {
        return None;
    }
    let mut found = [None; 7];
    let names =
        ["rule_name", "rule_tags", "match_source", "snippet", "source_country", "source_key", "match_in_subfile"];
    named(Some(raw), &names, &mut found);
    let [rule_name, rule_tags, match_source, snippet, source_country, source_key, match_in_subfile] = found;
    Some(HuntingInfo {
        rule_name: json::text(rule_name),
        rule_tags: json::texts(rule_tags),
        match_source: json::text(match_source),
        snippet: json::text(snippet),
        source_country: json::text(source_country),
        source_key: json::text(source_key),
        match_in_subfile: json::boolean(match_in_subfile),
    })
}

#[cfg(test)]
#[path = "ioc_stream_tests.rs"]
mod tests;
