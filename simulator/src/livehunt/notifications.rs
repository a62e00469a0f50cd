//! Livehunt notifications, and the same again as the files they are about.

use serde_json::{Value, json};

use crate::envelope::{self, Attributes, Item, Links, Page, Place};
use crate::filter::{self, DateRange};
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::router::Context;

use super::sharing;

/// A file matched a rule.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) date: u64,
    pub(crate) ruleset_id: String,
    pub(crate) ruleset_name: String,
    pub(crate) rule: String,
    pub(crate) rule_tags: Vec<String>,
    pub(crate) snippet: String,
    /// The file's hash, the ruleset's and the rule's name, all in lower case.
    pub(crate) tags: Vec<String>,
    /// Which sample of the corpus.
    pub(crate) sample: usize,
    /// Country and (obfuscated) key of the submitter, when VirusTotal tells.
    pub(crate) source: Option<(String, String)>,
}

impl Notification {
    fn place(&self, descending: bool) -> Place {
        envelope::place(self.date, self.sequence, descending)
    }

    fn item(&self) -> Item {
        let mut attributes = json!({
            "date": self.date, "match_in_subfile": false, "rule_name": self.rule, "rule_tags": self.rule_tags,
            "snippet": self.snippet, "tags": self.tags,
        });
        if let Some((country, key)) = &self.source {
            attributes["source_country"] = json!(country);
            attributes["source_key"] = json!(key);
        }
        Item::object("hunting_notification", &self.id, "intelligence/hunting_notifications", attributes)
    }

    fn context(&self) -> Value {
        let mut context = json!({
            "match_in_subfile": false, "notification_date": self.date, "notification_id": self.id,
            "notification_snippet": self.snippet, "notification_tags": self.tags, "rule_name": self.rule,
            "rule_tags": self.rule_tags, "ruleset_id": self.ruleset_id, "ruleset_name": self.ruleset_name,
        });
        // Present, null or absent: all three are about.
        match &self.source {
            Some((country, key)) => {
                context["notification_source_country"] = json!(country);
                context["notification_source_key"] = json!(key);
            }
            None if self.sequence.is_multiple_of(2) => {
                context["notification_source_country"] = Value::Null;
                context["notification_source_key"] = Value::Null;
            }
            None => {}
        }
        context
    }

    fn file(&self, context: &Context<'_>, descriptor: bool) -> Item {
        let sample = &context.shared.corpus.samples[self.sample];
        let attributes = (!descriptor).then(|| Attributes::Text(sample.attributes()));
        Item {
            path: Some(format!("/files/{}", sample.sha256)),
            attributes,
            context: Some(self.context()),
            ..Item::new("file", sample.sha256.clone())
        }
    }
}

/// `GET /intelligence/hunting_notifications`
pub(crate) fn list(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "filter", "order", "cursor", "count_limit"])?;
    let text = query.get("filter").unwrap_or_default();
    let terms = filter::parse(text, &["tag", "owner", "date"])?;
    let mut dates = DateRange::default();
    for term in terms.iter().filter(|term| term.key == "date") {
        dates.narrow(&term.value)?;
    }
    let order = filter::order(query.get("order").unwrap_or("date-"), &["date"], false)?;
    let count_limit = query.count_limit()?;

    let desk = &context.world.desks[context.desk];
    let wanted = |notification: &&Notification| {
        dates.contains(notification.date)
            && terms.iter().all(|term| match term.key.as_str() {
                "tag" => notification.tags.contains(&term.value.to_lowercase()),
                "owner" => term.value == desk.user,
                _ => true,
            })
    };
    let mut found: Vec<&Notification> = desk.notifications.iter().filter(wanted).collect();
    let place = |notification: &&Notification| notification.place(order.descending);
    found.sort_by_key(place);
    let count = found.len().min(count_limit);
    let binding = format!("hunting_notifications|{text}|{order:?}|{}", desk.user);
    let page = envelope::page(context.shared, &query, &binding, found, place)?;
    let page = page.map(Notification::item);
    let links = Links::User { user: desk.user.clone(), collection: "hunting_notifications" };
    Ok(envelope::collection(page, Some(count), &links, &query))
}

/// `DELETE /intelligence/hunting_notifications`: those with a tag, or all of them.
pub(crate) fn delete_all(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["tag"])?;
    let notifications = &mut context.world.desks[context.desk].notifications;
    match query.get("tag") {
        Some(tag) => notifications.retain(|notification| !notification.tags.contains(&tag.to_lowercase())),
        None => notifications.clear(),
    }
    Ok(Reply::json_text("{}".into()))
}

/// `GET /intelligence/hunting_notifications/{id}`
pub(crate) fn get(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let known = context.world.desks[context.desk].notifications.iter().find(|notification| notification.id == id);
    known.map(|notification| envelope::object(&notification.item())).ok_or_else(|| missing(id))
}

/// `DELETE /intelligence/hunting_notifications/{id}`
pub(crate) fn delete(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let notifications = &mut context.world.desks[context.desk].notifications;
    let position = notifications.iter().position(|notification| notification.id == id);
    notifications.remove(position.ok_or_else(|| missing(id))?);
    Ok(Reply::empty(204))
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found("Hunting notification", id)
}

/// `GET /intelligence/hunting_notification_files`: newest first; the filter is one tag, word for word.
pub(crate) fn files(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "filter", "cursor", "count_limit"])?;
    let tag = query.get("filter").map(str::to_lowercase);
    let count_limit = query.count_limit()?;
    let desk = &context.world.desks[context.desk];
    let tagged = |notification: &&Notification| tag.as_ref().is_none_or(|tag| notification.tags.contains(tag));
    let found: Vec<&Notification> = desk.notifications.iter().filter(tagged).collect();
    let count = found.len().min(count_limit);
    let binding = format!("hunting_notification_files|{tag:?}|{}", desk.user);
    let page = file_page(context, &query, &binding, found, false)?;
    let links = Links::User { user: desk.user.clone(), collection: "hunting_notification_files" };
    Ok(envelope::collection(page, Some(count), &links, &query))
}

/// `GET /intelligence/hunting_rulesets/{id}/hunting_notification_files`, and the same as descriptors.
pub(crate) fn files_of_ruleset(context: &mut Context<'_>, id: &str, descriptors: bool) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "cursor"])?;
    sharing::find(context, id, sharing::Right::Edit)?;
    let every = context.world.desks.iter().flat_map(|desk| &desk.notifications);
    let found: Vec<&Notification> = every.filter(|notification| notification.ruleset_id == id).collect();
    let count = found.len();
    let binding = format!("{id}/hunting_notification_files|{}", context.desk);
    let page = file_page(context, &query, &binding, found, descriptors)?;
    let relationship = if descriptors { "relationships/" } else { "" };
    let path = format!("/intelligence/hunting_rulesets/{id}/{relationship}hunting_notification_files");
    Ok(envelope::collection(page, Some(count), &Links::Path(path), &query))
}

/// A page of files, newest first.
fn file_page(
    context: &Context<'_>,
    query: &Query,
    binding: &str,
    mut found: Vec<&Notification>,
    descriptors: bool,
) -> Result<Page<Item>, ApiError> {
    let place = |notification: &&Notification| notification.place(true);
    found.sort_by_key(place);
    let page = envelope::page(context.shared, query, binding, found, place)?;
    Ok(page.map(|notification| notification.file(context, descriptors)))
}
