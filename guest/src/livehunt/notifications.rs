//! What livehunt found: notifications, and the files they are about.

use crate::api::envelope::{Object, object};
use crate::api::fingerprint::fingerprint;
use crate::api::request::{Method, Parameter, Request};
use crate::api::{Action, Listing, error, input, json, nothing};
use crate::contract::Failed;
use crate::contract::livehunt::{
    Notification, NotificationFile, NotificationFilesQuery, NotificationsPoll, NotificationsQuery,
    RulesetNotificationFilesQuery,
};
use crate::contract::types::PollBudget;
use crate::follow::{Following, Subject};
use alloc::string::String;

const NOTIFICATIONS: [&str; 2] = ["intelligence", "hunting_notifications"];
const NOTIFICATION_FILES: [&str; 2] = ["intelligence", "hunting_notification_files"];

/// Get Livehunt Notifications.
pub fn get_notifications(query: NotificationsQuery) -> Result<Listing<Notification>, Failed> {
    let parameters = [
        Parameter::Text("filter", &query.filter),
        Parameter::Text("order", &query.order),
        Parameter::CountLimit(query.count_limit),
    ];
    Listing::new(&NOTIFICATIONS, query.limit, query.cursor, &parameters, notification)
}

/// Get Livehunt Notification Files.
pub fn get_notification_files(query: NotificationFilesQuery) -> Result<Listing<NotificationFile>, Failed> {
    let parameters = [Parameter::Text("filter", &query.filter), Parameter::CountLimit(query.count_limit)];
    Listing::new(&NOTIFICATION_FILES, query.limit, query.cursor, &parameters, notification_file)
}

/// Get the notification files of one Livehunt Ruleset.
pub fn get_ruleset_notification_files(
    id: String,
    query: RulesetNotificationFilesQuery,
) -> Result<Listing<NotificationFile>, Failed> {
    let id = input::id("id", &id)?;
    let full = ["intelligence", "hunting_rulesets", id, "hunting_notification_files"];
    let descriptors = ["intelligence", "hunting_rulesets", id, "relationships", "hunting_notification_files"];
    let segments = if query.descriptors_only == Some(true) { descriptors.as_slice() } else { full.as_slice() };
    Listing::new(segments, query.limit, query.cursor, &[], notification_file)
}

/// Get a Livehunt Notification.
pub fn get_notification(id: String) -> Result<Action<Notification>, Failed> {
    Ok(Action { request: one(Method::Get, &id)?, decode: |answer| object(answer, notification) })
}

/// Follow Livehunt Notifications.
pub fn poll_notifications(
    checkpoint: Option<String>,
    query: NotificationsPoll,
    budget: PollBudget,
) -> Result<Following<Notification>, Failed> {
    let NotificationsPoll { since, filter, overlap_seconds } = query;
    let subject = Subject { filter, since, overlap_seconds, checkpoint, budget };
    let mark = |object: &Object<'_>| {
        let [date] = object.attributes(["date"]);
        // Without an id there is only the object to tell it by.
        let name = if object.id.is_empty() { object.json } else { &object.id };
        (json::number(date), fingerprint(&[name]))
    };
    Following::new(&NOTIFICATIONS, &[], subject, mark, notification)
}

/// Delete a Livehunt Notification.
pub fn delete_notification(id: String) -> Result<Action<()>, Failed> {
    Ok(Action { request: one(Method::Delete, &id)?, decode: nothing })
}

/// Delete Livehunt Notifications: those with a tag, or everything.
pub fn delete_notifications(selection: String) -> Result<Action<()>, Failed> {
    const ADVICE: &str = "give `tag:` and the tag of the notifications to delete, or the word `everything`.";
    let tag = match selection.trim_ascii() {
        "everything" => None,
        other => match other.strip_prefix("tag:").map(str::trim_ascii).filter(|tag| input::has_substance(tag)) {
            Some(tag) => Some(String::from(tag)),
            None => return Err(error::unconfirmed("selection", ADVICE)),
        },
    };
    let request = Request::new(Method::Delete, &NOTIFICATIONS)
        .query(&[Parameter::Text("tag", &tag)])?
        .once("list the notifications");
    Ok(Action { request, decode: nothing })
}

/// A request about one notification.
fn one(method: Method, id: &str) -> Result<Request, Failed> {
    let [area, notifications] = NOTIFICATIONS;
    Ok(Request::new(method, &[area, notifications, input::id("id", id)?]))
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
