//! The IoC stream: each function turns a contract record into an action, each reader an object into a contract record.

use crate::api::envelope::{Object, collection, named, object};
use crate::api::json::Raw;
use crate::api::request::{Method, Parameter, Request};
use crate::api::{Action, input, json};
use crate::contract::Failed;
use crate::contract::ioc_stream::{
    HuntingInfo, IocStreamNotification, IocStreamObject, IocStreamPage, IocStreamQuery, NotificationSource,
};
use crate::livehunt::is_sha256;
use alloc::string::String;
use alloc::vec::Vec;

/// Get Objects from the IOC Stream.
pub fn get_objects(query: IocStreamQuery) -> Result<Action<IocStreamPage>, Failed> {
    let parameters = [
        Parameter::Limit(query.limit),
        Parameter::Flag("descriptors_only", query.descriptors_only),
        Parameter::Text("filter", &query.filter),
        Parameter::Text("order", &query.order),
        Parameter::Text("cursor", &query.cursor),
    ];
    let request = Request::get(&["ioc_stream"], &parameters)?;
    Ok(Action {
        request,
        decode: |answer| collection(answer, stream_object).map(|(items, page)| IocStreamPage { items, page }),
    })
}

/// Get an IOC Stream Notification.
pub fn get_notification(id: String) -> Result<Action<IocStreamNotification>, Failed> {
    let request = Request::new(Method::Get, &["ioc_stream_notifications", input::id("id", &id)?]);
    Ok(Action { request, decode: |answer| object(answer, notification) })
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
