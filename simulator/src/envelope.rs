//! The envelopes around objects and collections, with the holes real ones have.
//!
//! Deliberate irregularities, all of them deterministic:
//! - `links.self` and `links.next` of a user's own collections point to `/users/<name>/…`; those of a job's matches to
//!   `/ui/…`, which no client with a key should follow.
//! - The last page of a walk has no `meta`; with an odd number of items it has no `links` either.
//! - A full last page still carries a cursor, and behind it is an empty page.
//!
//! More of them, each of them on record somewhere, when [`Options`](crate::Options) asks for it: empty pages with a
//! cursor before every further one, cursors that are offsets, pages of a size of their own, a cursor with nothing behind
//! it on every last page, and a last cursor that repeats for ever.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cursor::{self, Position};
use crate::options::Cursors;
use crate::query::{Query, encode};
use crate::reply::{ApiError, Reply};
use crate::shared::Shared;

/// The host that links name. It is never this simulator's own: following a link would leave the test.
const SITE: &str = "https://www.virustotal.com";
/// What the links to objects begin with.
pub(crate) const API: &str = "https://www.virustotal.com/api/v3";

/// An object's attributes: built for this answer, or kept as text because they are large.
#[derive(Clone, Debug)]
pub(crate) enum Attributes {
    Value(Value),
    Text(Arc<str>),
}

/// One object or descriptor.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// The path of `links.self` under `/api/v3`.
    pub(crate) path: Option<String>,
    pub(crate) attributes: Option<Attributes>,
    pub(crate) context: Option<Value>,
    pub(crate) relationships: Option<Value>,
    /// Stands in for attributes when the object cannot be shown.
    pub(crate) error: Option<Value>,
}

impl Item {
    pub(crate) fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), path: None, attributes: None, context: None, relationships: None, error: None }
    }

    /// An object with attributes and a link to itself in that collection.
    pub(crate) fn object(kind: &'static str, id: &str, collection: &str, attributes: Value) -> Self {
        let attributes = Some(Attributes::Value(attributes));
        Self { attributes, path: Some(format!("/{collection}/{}", encode(id))), ..Self::new(kind, id) }
    }

    fn write(&self, out: &mut String) {
        let mut fields = vec![("type", json!(self.kind).to_string()), ("id", json!(self.id).to_string())];
        if let Some(path) = &self.path {
            fields.push(("links", json!({"self": format!("{SITE}/api/v3{path}")}).to_string()));
        }
        let attributes = self.attributes.as_ref().map(|attributes| match attributes {
            Attributes::Value(value) => value.to_string().into(),
            Attributes::Text(text) => text.clone(),
        });
        out.push('{');
        for (name, text) in &fields {
            out.push_str(&format!("\"{name}\":{text},"));
        }
        if let Some(attributes) = attributes {
            out.push_str("\"attributes\":");
            out.push_str(&attributes);
            out.push(',');
        }
        let others =
            [("context_attributes", &self.context), ("relationships", &self.relationships), ("error", &self.error)];
        for (name, value) in others {
            if let Some(value) = value {
                out.push_str(&format!("\"{name}\":{value},"));
            }
        }
        out.pop();
        out.push('}');
    }
}

/// `{"data": {…}}`
pub(crate) fn object(item: &Item) -> Reply {
    let mut text = String::from("{\"data\":");
    item.write(&mut text);
    text.push('}');
    Reply::json_text(text)
}

/// Where the links of a collection point.
#[derive(Debug)]
pub(crate) enum Links {
    /// To the same collection under the user's name.
    User { user: String, collection: &'static str },
    /// To the path asked for.
    Path(String),
    /// `self` to the path asked for, `next` to the web site's private interface.
    Ui(String),
}

/// One page of a listing.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) cursor: Option<String>,
    /// Whether the request carried a cursor.
    continued: bool,
}

impl<T> Page<T> {
    pub(crate) fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { entries: self.entries.into_iter().map(turn).collect(), cursor: self.cursor, continued: self.continued }
    }
}

/// Where an entry stands in a listing: grows along it, whichever way that is sorted, and is above `(0, 0)`.
pub(crate) type Place = (u64, u64);

/// The place by what the listing is sorted by, and where that is the same, by the order of making.
pub(crate) fn place(rank: u64, sequence: u64, descending: bool) -> Place {
    if descending { (!rank, !sequence) } else { (rank, sequence) }
}

/// Cuts the page that the query asks for out of a whole listing. `binding` names that listing for the cursor, and
/// `place` says where in it an entry stands.
pub(crate) fn page<T>(
    shared: &Shared,
    query: &Query,
    binding: &str,
    all: Vec<T>,
    place: impl Fn(&T) -> Place,
) -> Result<Page<T>, ApiError> {
    let options = &shared.options;
    let asked = query.limit()?;
    let limit = options.ignores_limit.map_or(asked, |own| own.max(1));
    let continued = query.get("cursor");
    let start = match continued {
        None => 0,
        Some(cursor) => {
            let position = cursor::read(shared, binding, cursor)?;
            let pauses = options.empty_pages_in_a_row.try_into().unwrap_or(u16::MAX);
            if options.empty_pages && position.pauses < pauses {
                let pauses = position.pauses + 1;
                let cursor = cursor::write(shared, binding, Position { pauses, ..position });
                return Ok(Page { entries: Vec::new(), cursor: Some(cursor), continued: true });
            }
            start(options.cursors, position, &all, &place)
        }
    };
    let mut entries: Vec<T> = all.into_iter().skip(start).take(limit).collect();
    entries.shrink_to_fit();
    let next = || {
        let last = match options.cursors {
            Cursors::AfterEntry => entries.last().map_or((0, 0), &place),
            Cursors::Offset => (0, 0),
        };
        cursor::write(shared, binding, Position { last, served: (start + entries.len()) as u64, pauses: 0 })
    };
    let cursor = match continued {
        _ if entries.len() == limit => Some(next()),
        Some(cursor) if entries.is_empty() => options.repeats_cursor.then(|| cursor.to_owned()),
        _ => (options.repeats_cursor || options.trailing_cursor).then(next),
    };
    Ok(Page { entries, cursor, continued: continued.is_some() })
}

/// The number of the first entry behind a cursor.
fn start<T>(cursors: Cursors, position: Position, all: &[T], place: impl Fn(&T) -> Place) -> usize {
    let behind = match cursors {
        Cursors::Offset => return all.len().min(position.served as usize),
        // The entry itself first: names that begin alike have places that are not in order.
        Cursors::AfterEntry => all.iter().position(|entry| place(entry) == position.last).map(|at| at + 1),
    };
    behind.or_else(|| all.iter().position(|entry| place(entry) > position.last)).unwrap_or(all.len())
}

/// `{"data": […], "meta": {…}, "links": {…}}`
pub(crate) fn collection(page: Page<Item>, count: Option<usize>, links: &Links, query: &Query) -> Reply {
    let mut text = String::from("{\"data\":[");
    for (index, item) in page.entries.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        item.write(&mut text);
    }
    text.push(']');

    let last_of_walk = page.continued && page.cursor.is_none();
    if !last_of_walk {
        let mut meta = serde_json::Map::new();
        if let Some(count) = count {
            meta.insert("count".into(), count.into());
        }
        if let Some(cursor) = &page.cursor {
            meta.insert("cursor".into(), cursor.as_str().into());
        }
        text.push_str(&format!(",\"meta\":{}", Value::Object(meta)));
    }
    if !last_of_walk || page.entries.len().is_multiple_of(2) {
        text.push_str(&format!(",\"links\":{}", links_of(links, &page, query)));
    }
    text.push('}');
    Reply::json_text(text)
}

fn links_of(links: &Links, page: &Page<Item>, query: &Query) -> Value {
    let path = match links {
        Links::User { user, collection } => format!("/api/v3/users/{user}/{collection}"),
        Links::Path(path) | Links::Ui(path) => format!("/api/v3{path}"),
    };
    let asked: Vec<String> = ["limit", "filter", "order", "relationships", "descriptors_only", "count_limit"]
        .iter()
        .filter_map(|name| query.get(name).map(|value| format!("{name}={}", encode(value))))
        .collect();
    let own = if asked.is_empty() { format!("{SITE}{path}") } else { format!("{SITE}{path}?{}", asked.join("&")) };
    let mut value = json!({ "self": own });
    if let Some(cursor) = &page.cursor {
        let next = match links {
            Links::Ui(path) => format!("/ui{path}"),
            _ => path,
        };
        // Spaces as `+` here, unlike in `self`: seen so.
        let asked: String = asked.iter().map(|pair| format!("&{}", pair.replace("%20", "+"))).collect();
        value["next"] = json!(format!("{SITE}{next}?cursor={}{asked}", encode(cursor)));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_valid_json_with_only_what_it_has() {
        let mut text = String::new();
        Item::new("file", "ab\"c").write(&mut text);
        let read: Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(read, json!({"type": "file", "id": "ab\"c"}));

        let mut item = Item::object("file", "x|y", "files", json!({"size": 1}));
        item.context = Some(json!({"a": null}));
        text.clear();
        item.write(&mut text);
        let read: Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(read["links"]["self"], "https://www.virustotal.com/api/v3/files/x%7Cy");
        assert_eq!(read["context_attributes"], json!({"a": null}));
    }
}
