//! The IoC stream: what hunting found and what subscriptions brought, of every type, in one list.

use serde_json::{Value, json};

use crate::envelope::{self, Attributes, Item, Links};
use crate::filter::{self, DateRange, Term};
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::router::Context;
use crate::shared::Shared;
use crate::world::Desk;
use crate::yara::RuleMatch;

mod history;

pub(crate) use history::{RETIRED, history, retired_match, subscription};

const KEYS: [&str; 7] = ["date", "origin", "entity_id", "entity_type", "source_type", "source_id", "notification_tag"];
const ORIGINS: [&str; 2] = ["hunting", "subscriptions"];
const ENTITY_TYPES: [&str; 4] = ["file", "domain", "url", "ip_address"];
const SOURCE_TYPES: [&str; 5] = ["hunting_ruleset", "retrohunt_job", "collection", "threat_actor", "threat_profile"];
/// How long a notification is kept, in seconds: 7 days.
const KEPT_FOR: u64 = 7 * 86_400;
/// How long a deletion of the stream runs, in simulated seconds.
const DELETION: u64 = 5;

/// What an entry is about.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A sample of the corpus.
    File(usize),
    /// A network location of the corpus.
    Net(usize),
    /// A file that is known by hash only: its item carries an error.
    Gone(String),
}

/// Where an entry comes from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) label: Option<String>,
}

/// One entry of a user's stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamEntry {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) date: u64,
    target: Target,
    origin: &'static str,
    sources: Vec<Source>,
    tags: Vec<String>,
    /// Always absent for subscriptions.
    hunting_info: Option<Value>,
}

impl StreamEntry {
    pub(crate) fn new(
        sequence: u64,
        date: u64,
        target: Target,
        origin: &'static str,
        sources: Vec<Source>,
        tags: Vec<String>,
        hunting_info: Option<Value>,
    ) -> Self {
        let id = (24_000_000_000 + sequence * 7_919).to_string();
        Self { sequence, id, date, target, origin, sources, tags, hunting_info }
    }

    fn entity<'a>(&'a self, shared: &'a Shared) -> (&'static str, &'a str) {
        match &self.target {
            Target::File(index) => ("file", &shared.corpus.samples[*index].sha256),
            Target::Net(index) => {
                let entity = &shared.corpus.net[*index];
                (entity.kind.object_type(), &entity.id)
            }
            Target::Gone(hash) => ("file", hash),
        }
    }

    fn sources(&self) -> Vec<Value> {
        let value = |source: &Source| {
            let mut value = json!({"type": source.kind, "id": source.id});
            if let Some(label) = &source.label {
                value["label"] = json!(label);
            }
            value
        };
        self.sources.iter().map(value).collect()
    }

    fn item(&self, shared: &Shared, descriptor: bool) -> Item {
        let (kind, id) = self.entity(shared);
        let mut item = Item::new(kind, id);
        // Types drift: now and then the date is a text of digits.
        let date = if self.sequence % 29 == 5 { json!(self.date.to_string()) } else { json!(self.date) };
        item.context = Some(json!({
            "notification_id": self.id, "notification_date": date, "origin": self.origin, "sources": self.sources(),
            "tags": self.tags, "hunting_info": self.hunting_info,
        }));
        if descriptor {
            return item;
        }
        match &self.target {
            Target::File(index) => {
                item.attributes = Some(Attributes::Text(shared.corpus.samples[*index].attributes()));
                item.path = Some(format!("/files/{id}"));
            }
            Target::Net(index) => {
                let entity = &shared.corpus.net[*index];
                item.attributes = Some(Attributes::Text(entity.attributes()));
                item.path = Some(format!("/{}/{id}", entity.kind.collection()));
            }
            Target::Gone(hash) => {
                item.error = Some(json!({"code": "NotFoundError", "message": format!("File \"{hash}\" not found")}));
            }
        }
        item
    }

    fn notification(&self, shared: &Shared) -> Item {
        let (kind, id) = self.entity(shared);
        let attributes = json!({
            "date": self.date, "entity_type": kind, "entity_id": id, "origin": self.origin, "sources": self.sources(),
            "tags": self.tags, "hunting_info": self.hunting_info,
        });
        Item::object("ioc_stream_notification", &self.id, "ioc_stream_notifications", attributes)
    }

    fn matches(&self, shared: &Shared, wanted: &Wanted) -> bool {
        let (kind, id) = self.entity(shared);
        wanted.dates.contains(self.date)
            && wanted.terms.iter().all(|Term { key, value }| match key.as_str() {
                "origin" => self.origin == value,
                "entity_type" => kind == value,
                "entity_id" => id == value,
                "source_type" => self.sources.iter().any(|source| source.kind == value),
                "source_id" => self.sources.iter().any(|source| source.id == *value),
                "notification_tag" => self.tags.contains(&value.to_lowercase()),
                _ => true,
            })
    }
}

/// What livehunt has to say about an entry. Which of the optional fields are there varies.
pub(crate) fn hunting_info(
    sequence: u64,
    found: &RuleMatch,
    match_source: &str,
    source: Option<(String, String)>,
) -> Value {
    let mut info = json!({"rule_name": found.rule});
    if sequence % 7 != 3 {
        info["match_source"] = json!(match_source);
    }
    if !found.tags.is_empty() {
        info["rule_tags"] = json!(found.tags);
    }
    if match_source == "ORIGINAL_FILE" {
        info["snippet"] = json!(found.snippet);
        info["match_in_subfile"] = json!(false);
    }
    if let Some((country, key)) = source {
        info["source_country"] = json!(country);
        info["source_key"] = json!(key);
    }
    info
}

/// A filter, understood.
struct Wanted {
    terms: Vec<Term>,
    dates: DateRange,
}

fn wanted(query: &Query) -> Result<Wanted, ApiError> {
    let terms = filter::parse(query.get("filter").unwrap_or_default(), &KEYS)?;
    let mut dates = DateRange::default();
    for term in &terms {
        match term.key.as_str() {
            "date" => dates.narrow(&term.value)?,
            "origin" => filter::one_of(term, &ORIGINS)?,
            "entity_type" => filter::one_of(term, &ENTITY_TYPES)?,
            "source_type" => filter::one_of(term, &SOURCE_TYPES)?,
            _ => {}
        }
    }
    Ok(Wanted { terms, dates })
}

/// Makes entries as subscriptions make them; answers their ids.
pub(crate) fn add(shared: &Shared, desk: usize, count: usize) -> Vec<String> {
    let now = shared.clock.now();
    let mut world = shared.world();
    let make = |_| {
        let sequence = world.next_sequence();
        let entry = subscription(&shared.corpus, sequence, now, sequence as usize);
        let id = entry.id.clone();
        world.desks[desk].stream.push(entry);
        id
    };
    (0..count).map(make).collect()
}

/// `GET /ioc_stream`
pub(crate) fn list(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "descriptors_only", "filter", "cursor", "order"])?;
    let descriptors = query.flag("descriptors_only")?;
    let wanted = wanted(&query)?;
    let order = filter::order(query.get("order").unwrap_or("date-"), &["date"], false)?;
    let (shared, desk) = (context.shared, &context.world.desks[context.desk]);
    let mut found: Vec<&StreamEntry> = desk.stream.iter().filter(|entry| entry.matches(shared, &wanted)).collect();
    let place = |entry: &&StreamEntry| envelope::place(entry.date, entry.sequence, order.descending);
    found.sort_by_key(place);
    let count = found.len();
    let binding = format!("ioc_stream|{}|{order:?}|{}", query.get("filter").unwrap_or_default(), desk.user);
    let page = envelope::page(shared, &query, &binding, found, place)?;
    let page = page.map(|entry| entry.item(shared, descriptors));
    Ok(envelope::collection(page, Some(count), &Links::Path("/ioc_stream".into()), &query))
}

/// `DELETE /ioc_stream`: takes a while, and only one at a time.
pub(crate) fn delete_all(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["filter"])?;
    let wanted = wanted(&query)?;
    let desk = &mut context.world.desks[context.desk];
    if desk.stream_deletion.is_some() {
        return Err(ApiError::new(429, "TooManyRequestsError", "A deletion of the IoC stream is running already"));
    }
    let matching = desk.stream.iter().filter(|entry| entry.matches(context.shared, &wanted));
    desk.stream_deletion = Some((context.uptime + DELETION, matching.map(|entry| entry.sequence).collect()));
    Ok(Reply::json_text("{}".into()).with_status(202))
}

/// Removes what is older than 7 days. A clock that steps back does not bring it back.
pub(crate) fn expire(desk: &mut Desk, now: u64) {
    desk.stream.retain(|entry| entry.date.saturating_add(KEPT_FOR) >= now);
}

/// Removes what a deletion was to remove, once its time has come.
pub(crate) fn finish_deletion(desk: &mut Desk, uptime: u64) {
    if let Some((_, doomed)) = desk.stream_deletion.take_if(|(until, _)| uptime >= *until) {
        desk.stream.retain(|entry| doomed.binary_search(&entry.sequence).is_err());
    }
}

/// `GET /ioc_stream_notifications/{id}`
pub(crate) fn get(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let known = context.world.desks[context.desk].stream.iter().find(|entry| entry.id == id);
    let entry = known.ok_or_else(|| ApiError::not_found("IoC stream notification", id))?;
    Ok(envelope::object(&entry.notification(context.shared)))
}

/// `DELETE /ioc_stream_notifications/{id}`
pub(crate) fn delete(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let stream = &mut context.world.desks[context.desk].stream;
    let position = stream.iter().position(|entry| entry.id == id);
    stream.remove(position.ok_or_else(|| ApiError::not_found("IoC stream notification", id))?);
    Ok(Reply::empty(204))
}
