//! Livehunt rulesets: compiled when they are written, scanned against the feed while they are enabled.

use serde_json::{Map, Value, json};

use crate::body;
use crate::envelope::{self, Item, Links};
use crate::filter::{self, Term};
use crate::operations;
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::router::Context;
use crate::yara::{self, Compiled};

mod feed;
pub(crate) mod notifications;
pub(crate) mod sharing;

pub(crate) use feed::{add_notifications, advance_feed, catch_up};
pub(crate) use notifications::Notification;

const WRITABLE: [&str; 7] = ["name", "rules", "enabled", "limit", "notification_emails", "match_object_type", "tags"];
const READ_ONLY: [&str; 8] = [
    "creation_date",
    "modification_date",
    "number_of_rules",
    "rule_names",
    "rate_limited",
    "rate_limited_ratio",
    "scheduled_disable_date",
    "scheduled_disable_reason",
];
const OBJECT_TYPES: [&str; 4] = ["file", "url", "domain", "ip"];

/// A span of time: its first second, and the first after it.
type Span = (u64, u64);

const DAY: u64 = 86_400;

/// How many rules of the allowance rulesets take: each rule of an enabled one.
pub(crate) fn rules_used(rulesets: &[Ruleset]) -> usize {
    rulesets.iter().map(Ruleset::costs).sum()
}

/// One ruleset.
#[derive(Clone, Debug)]
pub(crate) struct Ruleset {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    rules: String,
    enabled: bool,
    /// Notifications in 24 hours; more are ignored.
    limit: u64,
    emails: Vec<String>,
    /// `None` when the request did not say, as in responses from before the attribute existed: files.
    object_type: Option<String>,
    tags: Vec<String>,
    created: u64,
    modified: u64,
    pub(crate) compiled: Compiled,
    /// Type and id of who else may edit it.
    editors: Vec<(String, String)>,
    /// When it notified, as far back as the limit looks.
    notified: Vec<u64>,
    /// When it was disabled by its limit, as far back as the last 24 hours look.
    limited: Vec<Span>,
}

impl Ruleset {
    fn item(&self, now: u64) -> Item {
        let mut attributes = json!({
            "name": self.name, "rules": self.rules, "enabled": self.enabled, "limit": self.limit,
            "creation_date": self.created, "modification_date": self.modified, "notification_emails": self.emails,
            "number_of_rules": self.compiled.rule_names.len(), "rule_names": self.compiled.rule_names,
        });
        if let Some(object_type) = &self.object_type {
            attributes["match_object_type"] = json!(object_type);
        }
        if !self.tags.is_empty() {
            attributes["tags"] = json!(self.tags);
        }
        let ratio = self.limited_ratio(now);
        if self.is_limited(now) || ratio > 0.0 {
            attributes["rate_limited"] = json!(self.is_limited(now));
            attributes["rate_limited_ratio"] = json!(ratio);
        }
        if self.sequence.is_multiple_of(2) {
            // Newer rulesets have these, without a value most of the time.
            attributes["scheduled_disable_date"] = Value::Null;
            attributes["scheduled_disable_reason"] = Value::Null;
        }
        Item::object("hunting_ruleset", &self.id, "intelligence/hunting_rulesets", attributes)
    }

    /// Takes over what the attributes say; what they do not mention stays.
    fn apply(&mut self, attributes: &Map<String, Value>) -> Result<(), ApiError> {
        if let Some(name) = body::text(attributes, "name")? {
            if name.trim().is_empty() {
                return Err(body::wrong("name", "a text that is not empty"));
            }
            self.name = name;
        }
        if let Some(rules) = body::text(attributes, "rules")? {
            self.compiled = yara::compile(&rules, yara::Hunt::Livehunt)?;
            self.rules = rules;
        }
        if let Some(enabled) = attributes.get("enabled") {
            self.enabled = enabled.as_bool().ok_or_else(|| body::wrong("enabled", "true or false"))?;
        }
        if let Some(limit) = body::number(attributes, "limit")? {
            self.limit = limit;
        }
        if let Some(emails) = body::texts(attributes, "notification_emails")? {
            if emails.iter().any(|email| !email.contains('@')) {
                return Err(body::wrong("notification_emails", "a list of e-mail addresses"));
            }
            self.emails = emails;
        }
        if let Some(object_type) = body::text(attributes, "match_object_type")? {
            if !OBJECT_TYPES.contains(&object_type.as_str()) {
                return Err(filter::invalid("match_object_type", &object_type, &OBJECT_TYPES));
            }
            self.object_type = Some(object_type);
        }
        if let Some(tags) = body::texts(attributes, "tags")? {
            self.tags = tags;
        }
        Ok(())
    }

    /// How many rules of the allowance it takes.
    fn costs(&self) -> usize {
        if self.enabled { self.compiled.rule_names.len() } else { 0 }
    }

    /// Whether it has reached its limit today.
    fn is_limited(&self, now: u64) -> bool {
        self.limited.last().is_some_and(|(_, until)| now < *until)
    }

    /// For which share of the last 24 hours it was limited.
    fn limited_ratio(&self, now: u64) -> f64 {
        let since = now.saturating_sub(DAY);
        let seconds = |(from, until): &Span| (*until).min(now).saturating_sub((*from).max(since));
        self.limited.iter().map(seconds).sum::<u64>() as f64 / DAY as f64
    }

    /// A match: whether it notifies. From its limit on a ruleset is disabled, and what it matches is ignored, until fewer
    /// notifications than that are of the last 24 hours.
    fn takes_match(&mut self, now: u64) -> bool {
        self.limited.retain(|(_, until)| until + DAY > now);
        self.notified.retain(|when| when + DAY > now);
        let takes = !self.is_limited(now) && (self.notified.len() as u64) < self.limit;
        if takes {
            self.notified.push(now);
        }
        if !self.is_limited(now) && self.notified.len() as u64 >= self.limit {
            let oldest = usize::try_from(self.limit).ok().and_then(|limit| self.notified.len().checked_sub(limit));
            let since = oldest.and_then(|oldest| self.notified.get(oldest)).copied().unwrap_or(now);
            self.limited.push((now, since + DAY));
        }
        takes
    }

    /// Another limit: what is below it runs again at once.
    fn relieve(&mut self, now: u64) {
        let recent = self.notified.iter().filter(|when| **when + DAY > now).count() as u64;
        if recent < self.limit
            && let Some((_, until)) = self.limited.last_mut()
        {
            *until = now.min(*until);
        }
    }

    /// Whether it is enabled, and for things of that type.
    fn hunts(&self, object_type: &str) -> bool {
        self.enabled && self.object_type.as_deref().unwrap_or("file") == object_type
    }

    fn matches(&self, terms: &[Term]) -> bool {
        terms.iter().all(|term| match term.key.as_str() {
            "enabled" => term.value == self.enabled.to_string(),
            "name" => has_words(&self.name, &term.value),
            "rules" => has_words(&self.rules, &term.value),
            _ => self.tags.iter().any(|tag| tag.eq_ignore_ascii_case(&term.value)),
        })
    }
}

/// A number that grows with the name as far as its first eight bytes tell: enough for a cursor to find its place again
/// when the ruleset it stands behind is gone.
fn rank_of(name: &str) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(name.to_lowercase().bytes()).for_each(|(to, byte)| *to = byte);
    u64::from_be_bytes(first)
}

/// Whether all words asked for are there, each whole, whatever their case.
fn has_words(text: &str, asked: &str) -> bool {
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let words = split(text);
    split(asked).iter().all(|word| words.contains(word))
}

/// `GET /intelligence/hunting_rulesets`
pub(crate) fn list(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "filter", "order", "cursor", "relationships"])?;
    let related = sharing::relationships(&query)?;
    let terms = filter::parse(query.get("filter").unwrap_or_default(), &["enabled", "name", "rules", "tag"])?;
    for term in terms.iter().filter(|term| term.key == "enabled") {
        filter::one_of(term, &["true", "false"])?;
    }
    let orders = ["name", "creation_date", "modification_date"];
    let order = filter::order(query.get("order").unwrap_or("modification_date-"), &orders, true)?;

    let desk = &context.world.desks[context.desk];
    let mut rulesets: Vec<&Ruleset> = desk.rulesets.iter().filter(|ruleset| ruleset.matches(&terms)).collect();
    let rank = |ruleset: &Ruleset| match order.field {
        "name" => rank_of(&ruleset.name),
        "creation_date" => ruleset.created,
        _ => ruleset.modified,
    };
    match order.field {
        "name" => rulesets.sort_by_key(|ruleset| (ruleset.name.to_lowercase(), ruleset.sequence)),
        _ => rulesets.sort_by_key(|ruleset| (rank(ruleset), ruleset.sequence)),
    }
    if order.descending {
        rulesets.reverse();
    }
    let place = |ruleset: &&Ruleset| envelope::place(rank(ruleset), ruleset.sequence, order.descending);
    let count = rulesets.len();
    let binding = format!("hunting_rulesets|{}|{order:?}|{}", query.get("filter").unwrap_or_default(), desk.user);
    let page = envelope::page(context.shared, &query, &binding, rulesets, place)?;
    let page = page.map(|ruleset| sharing::with(ruleset.item(context.now), ruleset, &desk.user, &related));
    let links = Links::User { user: desk.user.clone(), collection: "hunting_rulesets" };
    Ok(envelope::collection(page, Some(count), &links, &query))
}

/// `POST /intelligence/hunting_rulesets`
pub(crate) fn create(context: &mut Context<'_>) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let attributes = body::attributes(context.call, "hunting_ruleset", None)?;
    body::only(&attributes, &WRITABLE, &READ_ONLY)?;
    body::text(&attributes, "name")?.ok_or_else(|| ApiError::invalid_argument("Attribute \"name\" is required"))?;
    let rules = body::text(&attributes, "rules")?;
    let rules = rules.ok_or_else(|| ApiError::invalid_argument("Attribute \"rules\" is required"))?;
    let sequence = context.world.next_sequence();
    let mut ruleset = Ruleset {
        sequence,
        id: ruleset_id(sequence),
        name: String::new(),
        compiled: yara::compile(&rules, yara::Hunt::Livehunt)?,
        rules,
        enabled: false,
        limit: 100,
        emails: Vec::new(),
        object_type: None,
        tags: Vec::new(),
        created: context.now,
        modified: context.now,
        editors: Vec::new(),
        notified: Vec::new(),
        limited: Vec::new(),
    };
    let mut rest = attributes;
    rest.remove("rules");
    ruleset.apply(&rest)?;

    let desk = &mut context.world.desks[context.desk];
    if !may_take(rules_used(&desk.rulesets), 0, ruleset.costs(), context.shared.options.hunting_rules_quota) {
        return Err(ApiError::quota());
    }
    let reply = envelope::object(&ruleset.item(context.now));
    desk.rulesets.push(ruleset);
    Ok(reply)
}

/// Whether so many rules are left: a ruleset that took `before` of what is `used` is to take `after`. What takes no more
/// than it did is never refused.
fn may_take(used: usize, before: usize, after: usize, allowed: u64) -> bool {
    after <= before || (used - before + after) as u64 <= allowed
}

/// Older ids are sixteen hexadecimal digits, newer ones eleven decimal digits; both are about.
fn ruleset_id(sequence: u64) -> String {
    if sequence.is_multiple_of(2) {
        format!("{}", 10_000_000_000 + sequence * 7_654_321 % 89_999_999_999)
    } else {
        format!("{:016x}", sequence.wrapping_mul(0x0C87_0432_9658_6FEF))
    }
}

/// `GET /intelligence/hunting_rulesets/{id}`
pub(crate) fn get(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let now = context.now;
    let ruleset = sharing::find(context, id, sharing::Right::Edit)?;
    Ok(envelope::object(&ruleset.item(now)))
}

/// `PATCH /intelligence/hunting_rulesets/{id}`
pub(crate) fn patch(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let attributes = body::attributes(context.call, "hunting_ruleset", Some(id))?;
    body::only(&attributes, &WRITABLE, &READ_ONLY)?;
    let now = context.now;
    // All or nothing: what is refused half-way must not have changed anything.
    let mut changed = sharing::find(context, id, sharing::Right::Edit)?.clone();
    let before = changed.costs();
    changed.apply(&attributes)?;
    changed.modified = now;
    changed.relieve(now);
    // The rules are its owner's, whoever enables it.
    let owns = |ruleset: &Ruleset| ruleset.sequence == changed.sequence;
    let owner = context.world.desks.iter().find(|desk| desk.rulesets.iter().any(owns));
    let used = owner.map_or(before, |desk| rules_used(&desk.rulesets));
    if !may_take(used, before, changed.costs(), context.shared.options.hunting_rules_quota) {
        return Err(ApiError::quota());
    }
    let ruleset = sharing::find(context, id, sharing::Right::Edit)?;
    *ruleset = changed;
    Ok(envelope::object(&ruleset.item(now)))
}

/// `DELETE /intelligence/hunting_rulesets/{id}`. Its notifications stay.
pub(crate) fn delete(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let sequence = sharing::find(context, id, sharing::Right::Own)?.sequence;
    context.world.desks[context.desk].rulesets.retain(|ruleset| ruleset.sequence != sequence);
    Ok(Reply::empty(200))
}

/// `DELETE /intelligence/hunting_rulesets`: all of them, if the user says so by name.
pub(crate) fn delete_all(context: &mut Context<'_>) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let confirmed = context.call.header("x-confirm-delete");
    let desk = &mut context.world.desks[context.desk];
    if confirmed != Some(&desk.user) {
        return Err(ApiError::bad_request("Header x-confirm-delete must contain your user name"));
    }
    desk.rulesets.clear();
    operations::begin(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_whatever_their_case() {
        assert!(has_words("My Loader rules", "loader"));
        assert!(!has_words("My Loaders", "loader"));
        assert!(has_words("rule a { condition: pe.is_pe }", "pe condition"));
    }

    #[test]
    fn ruleset_ids_come_in_both_shapes() {
        assert!(ruleset_id(2).bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(ruleset_id(3).len(), 16);
    }
}
