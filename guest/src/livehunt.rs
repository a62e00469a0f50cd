//! Livehunt: each function turns a contract record into an action, each reader an object into a contract record.

use crate::api::envelope::{Object, collection, object};
use crate::api::request::{Attributes, Method, Parameter, Request, Value};
use crate::api::{Action, input, json, nothing};
use crate::contract::Failed;
use crate::contract::livehunt::{
    MatchObjectType, NewRuleset, Notification, NotificationFile, NotificationFilePage, NotificationFilesQuery,
    NotificationPage, NotificationsQuery, Ruleset, RulesetPage, RulesetsQuery,
};
use alloc::string::String;

const RULESETS: [&str; 2] = ["intelligence", "hunting_rulesets"];
const NOTIFICATIONS: [&str; 2] = ["intelligence", "hunting_notifications"];
const NOTIFICATION_FILES: [&str; 2] = ["intelligence", "hunting_notification_files"];

/// Get Livehunt Rulesets.
pub fn get_rulesets(query: RulesetsQuery) -> Result<Action<RulesetPage>, Failed> {
    let parameters = [
        Parameter::Limit(query.limit),
        Parameter::Text("filter", &query.filter),
        Parameter::Text("order", &query.order),
        Parameter::Text("cursor", &query.cursor),
    ];
    let request = Request::get(&RULESETS, &parameters)?;
    Ok(Action {
        request,
        decode: |answer| collection(answer, ruleset).map(|(items, page)| RulesetPage { items, page }),
    })
}

/// Create Livehunt Ruleset.
pub fn create_ruleset(new: NewRuleset) -> Result<Action<Ruleset>, Failed> {
    let attributes = Attributes(&[
        ("name", Value::Text(input::required("name", &new.name)?)),
        ("enabled", new.enabled.map_or(Value::Absent, Value::Boolean)),
        ("limit", Value::number(new.limit)),
        ("rules", Value::Text(input::rules(&new.rules)?)),
        (
            "notification_emails",
            match new.notification_emails.as_slice() {
                [] => Value::Absent,
                emails => Value::Texts(emails),
            },
        ),
        (
            "match_object_type",
            Value::text(new.match_object_type.map(|kind| match kind {
                MatchObjectType::File => "file",
                MatchObjectType::Url => "url",
                MatchObjectType::Domain => "domain",
                MatchObjectType::Ip => "ip",
            })),
        ),
    ]);
    let mut request = Request::new(Method::Post, &RULESETS);
    request.body("hunting_ruleset", &attributes)?;
    Ok(Action { request, decode: |answer| object(answer, ruleset) })
}

/// Delete Livehunt Ruleset.
pub fn delete_ruleset(id: String) -> Result<Action<()>, Failed> {
    let [area, rulesets] = RULESETS;
    let request = Request::new(Method::Delete, &[area, rulesets, input::id("id", &id)?]);
    Ok(Action { request, decode: nothing })
}

/// Get Livehunt Notifications.
pub fn get_notifications(query: NotificationsQuery) -> Result<Action<NotificationPage>, Failed> {
    let parameters = [
        Parameter::Limit(query.limit),
        Parameter::Text("filter", &query.filter),
        Parameter::Text("order", &query.order),
        Parameter::Text("cursor", &query.cursor),
        Parameter::CountLimit(query.count_limit),
    ];
    let request = Request::get(&NOTIFICATIONS, &parameters)?;
    Ok(Action {
        request,
        decode: |answer| collection(answer, notification).map(|(items, page)| NotificationPage { items, page }),
    })
}

/// Get Livehunt Notification Files.
pub fn get_notification_files(query: NotificationFilesQuery) -> Result<Action<NotificationFilePage>, Failed> {
    let parameters = [
        Parameter::Limit(query.limit),
        Parameter::Text("filter", &query.filter),
        Parameter::Text("cursor", &query.cursor),
        Parameter::CountLimit(query.count_limit),
    ];
    let request = Request::get(&NOTIFICATION_FILES, &parameters)?;
    Ok(Action {
        request,
        decode: |answer| {
            collection(answer, notification_file).map(|(items, page)| NotificationFilePage { items, page })
        },
    })
}

fn ruleset(object: Object<'_>) -> Ruleset {
    let [
        name,
        rules,
        enabled,
        limit,
        creation_date,
        modification_date,
        notification_emails,
        number_of_rules,
        rule_names,
        match_object_type,
        tags,
        rate_limited,
        rate_limited_ratio,
        disable_date,
        disable_reason,
    ] = object.attributes([
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
    ]);
    Ruleset {
        id: object.id,
        name: json::text(name),
        rules: json::text(rules),
        enabled: json::boolean(enabled),
        limit: json::number(limit),
        creation_date: json::number(creation_date),
        modification_date: json::number(modification_date),
        notification_emails: json::texts(notification_emails),
        number_of_rules: json::number(number_of_rules),
        rule_names: json::texts(rule_names),
        match_object_type: json::text(match_object_type),
        tags: json::texts(tags),
        rate_limited: json::boolean(rate_limited),
        rate_limited_ratio: json::float(rate_limited_ratio),
        scheduled_disable_date: json::number(disable_date),
        scheduled_disable_reason: json::text(disable_reason),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

fn notification(object: Object<'_>) -> Notification {
    let [date, match_in_subfile, rule_name, rule_tags, snippet, source_country, source_key, tags] =
        object.attributes([
            "date",
            "match_in_subfile",
            "rule_name",
            "rule_tags",
            "snippet",
            "source_country",
            "source_key",
            "tags",
        ]);
    let tags = json::texts(tags);
    Notification {
        id: object.id,
        date: json::number(date),
        file_sha256: tags.iter().find(|tag| is_sha256(tag)).cloned(),
        match_in_subfile: json::boolean(match_in_subfile),
        rule_name: json::text(rule_name),
        rule_tags: json::texts(rule_tags),
        snippet: json::text(snippet),
        source_country: json::text(source_country),
        source_key: json::text(source_key),
        tags,
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

fn notification_file(object: Object<'_>) -> NotificationFile {
    let [
        match_in_subfile,
        date,
        id,
        snippet,
        source_country,
        source_key,
        tags,
        rule_name,
        rule_tags,
        ruleset_id,
        ruleset_name,
    ] = object.context([
        "match_in_subfile",
        "notification_date",
        "notification_id",
        "notification_snippet",
        "notification_source_country",
        "notification_source_key",
        "notification_tags",
        "rule_name",
        "rule_tags",
        "ruleset_id",
        "ruleset_name",
    ]);
    NotificationFile {
        id: object.id,
        match_in_subfile: json::boolean(match_in_subfile),
        notification_date: json::number(date),
        notification_id: json::text(id),
        notification_snippet: json::text(snippet),
        notification_source_country: json::text(source_country),
        notification_source_key: json::text(source_key),
        notification_tags: json::texts(tags),
        rule_name: json::text(rule_name),
        rule_tags: json::texts(rule_tags),
        ruleset_id: json::text(ruleset_id),
        ruleset_name: json::text(ruleset_name),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

/// Whether a tag is a SHA-256: 64 hexadecimal digits.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
#[path = "livehunt_tests.rs"]
mod tests;
