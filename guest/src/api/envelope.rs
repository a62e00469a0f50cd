//! VirusTotal's envelopes: one object, or a page of a collection.

use super::answer::{Answer, invalid};
use super::error;
use super::fingerprint::fingerprint;
use super::json::{self, Raw, ServiceError};
use super::scan::Cursor;
use crate::contract::{ErrorKind, Failed, ItemError, PageInfo};
use alloc::string::String;
use alloc::vec::Vec;

/// The most objects of one page. VirusTotal's own limit is 40 where it has one; this bounds what a hostile answer can
/// make the component hold.
pub const MAX_ITEMS: usize = 10_000;

/// An object of the API, its parts still text.
#[derive(Debug, Default)]
pub struct Object<'a> {
    /// The id; empty when there is none.
    pub id: String,
    /// `type`; empty when there is none.
    pub object_type: String,
    /// `links.self`.
    pub self_link: Option<String>,
    /// An error in place of the attributes.
    pub error: Option<ItemError>,
    /// `attributes`.
    attributes: Raw<'a>,
    /// `context_attributes`.
    context: Raw<'a>,
    /// `relationships`.
    relationships: Raw<'a>,
    /// The object exactly as it came.
    pub json: &'a str,
}

impl<'a> Object<'a> {
    /// Takes the value that a cursor stands before; what is no object has neither id nor attributes.
    fn take(cursor: &mut Cursor<'a>) -> Option<Self> {
        let start = cursor.position();
        let mut found = [None; 7];
        if cursor.peek() == Some(b'{') {
            let names = ["id", "type", "links", "error", "attributes", "context_attributes", "relationships"];
            json::take_fields(cursor, &names, &mut found)?;
        } else {
            cursor.value()?;
        }
        let [id, object_type, links, error, attributes, context, relationships] = found;
        let mut link = [None];
        named(links, &["self"], &mut link);
        let [link] = link;
        Some(Self {
            id: json::text(id).unwrap_or_default(),
            object_type: json::text(object_type).unwrap_or_default(),
            self_link: json::text(link),
            error: error
                .and_then(json::error_object)
                .map(|error| ItemError { code: error.code, message: error.message }),
            attributes,
            context,
            relationships,
            json: cursor.since(start),
        })
    }

    /// The named attributes, in order.
    #[must_use]
    pub fn attributes<const N: usize>(&self, names: [&str; N]) -> [Raw<'a>; N] {
        let mut found = [None; N];
        named(self.attributes, &names, &mut found);
        found
    }

    /// What tells this object from every other of its collection: its id, and for a stream, where an object can stand
    /// twice, what brought it there.
    #[must_use]
    pub fn mark(&self) -> u64 {
        fingerprint(&[&self.id, self.context.unwrap_or_default()])
    }

    /// The named context attributes, in order.
    #[must_use]
    pub fn context<const N: usize>(&self, names: [&str; N]) -> [Raw<'a>; N] {
        let mut found = [None; N];
        named(self.context, &names, &mut found);
        found
    }

    /// What a relationship leads to, in order. `None` where the answer does not have it; a page of many is the first.
    #[must_use]
    pub fn related(&self, relationship: &str) -> Option<Vec<Self>> {
        let mut found = [None];
        named(self.relationships, &[relationship], &mut found);
        let [found] = found;
        let Envelope { data, objects, .. } = Envelope::read(found?)?;
        matches!(data, Data::One | Data::List).then_some(objects)
    }
}

/// The named fields of an object that may be absent, or be no object.
pub(crate) fn named<'a>(object: Raw<'a>, names: &[&str], into: &mut [Raw<'a>]) {
    if let Some(object) = object {
        json::fields(object, names, into);
    }
}

/// Reads one object, going over the body once and over its attributes once more.
///
/// # Errors
/// `protocol` when the body is no JSON or has no object in `data`; what VirusTotal says when there is an error in the
/// object's place.
pub fn object<T>(answer: &Answer, convert: fn(Object<'_>) -> T) -> Result<T, Failed> {
    Ok(convert(find_object(answer)?))
}

fn find_object(answer: &Answer) -> Result<Object<'_>, Failed> {
    let body = answer.body.trim_ascii();
    let Some(Envelope { data: Data::One, objects, beside }) = Envelope::read(body) else {
        return Err(unusable(answer));
    };
    let [outer_id, outer_type, outer_links, ..] = beside;
    let Some(mut object) = objects.into_iter().next() else {
        return Err(unusable(answer));
    };
    if object.id.is_empty() && outer_id.is_some() {
        // The documented answer to a create: `type`, `id` and `links` stand beside `data`, not in it.
        object.id = json::text(outer_id).unwrap_or_default();
        object.object_type = json::text(outer_type).unwrap_or_default();
        let mut link = [None];
        named(outer_links, &["self"], &mut link);
        let [link] = link;
        object.self_link = json::text(link);
        object.json = body;
    }
    match object.error {
        Some(ItemError { code, message }) if object.attributes.is_none() => {
            Err(in_its_place(answer, &ServiceError { code, message }))
        }
        _ => Ok(object),
    }
}

/// What stands where the objects do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    One,
    /// Or `null`, which is an empty list.
    List,
    /// More than [`MAX_ITEMS`].
    TooMany,
    /// Neither an object nor a list, or nothing.
    Other,
}

/// A body: its objects, and what stands beside them.
struct Envelope<'a> {
    data: Data,
    objects: Vec<Object<'a>>,
    /// `id`, `type`, `links`, `meta` and `error`.
    beside: [Raw<'a>; 5],
}

impl<'a> Envelope<'a> {
    /// Goes over a body once. `None` when it is not an object; of several members `data` the last counts, as of any other.
    fn read(body: &'a str) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let mut envelope = Self { data: Data::Other, objects: Vec::new(), beside: [None; 5] };
        let whole = cursor.object(&mut |key, cursor| {
            if json::is_key(key, "data") {
                return envelope.take_data(cursor);
            }
            json::keep(key, cursor.value()?, &["id", "type", "links", "meta", "error"], &mut envelope.beside);
            Some(())
        });
        (whole.is_some() && cursor.is_at_end()).then_some(envelope)
    }

    /// Takes the value of a member `data`, in place of what an earlier one had.
    fn take_data(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        self.objects.clear();
        self.data = Data::Other;
        match cursor.peek()? {
            b'[' => {
                self.data = Data::List;
                return cursor.array(&mut |cursor| {
                    if self.objects.len() < MAX_ITEMS {
                        self.objects.push(Object::take(cursor)?);
                    } else {
                        self.data = Data::TooMany;
                        cursor.value()?;
                    }
                    Some(())
                });
            }
            b'{' => {
                self.objects.push(Object::take(cursor)?);
                self.data = Data::One;
            }
            _ if cursor.value()? == "null" => self.data = Data::List,
            _ => {}
        }
        Some(())
    }
}

/// Reads a page of a collection, going over its body once: its objects, and where it stands.
///
/// # Errors
/// `protocol` when the body is no JSON or has no `data`; `too-large` beyond [`MAX_ITEMS`].
pub fn collection(answer: &Answer) -> Result<(Vec<Object<'_>>, PageInfo), Failed> {
    let Some(Envelope { data, objects, beside }) = Envelope::read(&answer.body) else {
        return Err(unusable(answer));
    };
    let [_, _, links, meta, error] = beside;
    match data {
        // One object where a list is due is a list of one.
        Data::One | Data::List => {}
        Data::TooMany => {
            let most = error::decimal(MAX_ITEMS as u64);
            let parts = ["The page has more than ", &most, " objects. Use a smaller `limit`."];
            return Err(error::unusable(ErrorKind::TooLarge, "ResponseTooLarge", answer.status, &parts));
        }
        Data::Other => return Err(unusable(answer)),
    }
    // Nothing is no page when an error stands beside it.
    if let Some(said) = error.filter(|_| objects.is_empty()).and_then(json::error_object) {
        return Err(in_its_place(answer, &said));
    }
    let mut meta_found = [None; 2];
    named(meta, &["cursor", "count"], &mut meta_found);
    let [cursor, count] = meta_found;
    let mut links_found = [None; 2];
    named(links, &["self", "next"], &mut links_found);
    let [self_link, next_link] = links_found;
    let page = PageInfo {
        cursor: json::text(cursor).filter(|cursor| !cursor.is_empty()),
        count: json::number(count),
        self_link: json::text(self_link),
        next_link: json::text(next_link),
        incomplete: None,
    };
    Ok((objects, page))
}

/// Why a 2xx body could not be used: an error in it, no JSON, or no `data`.
pub(crate) fn unusable(answer: &Answer) -> Failed {
    let body = answer.body.trim_ascii();
    if body.is_empty() {
        return invalid(answer.status, "The server", "is empty", "", answer.doubt);
    }
    if !json::is_json(body) {
        return invalid(answer.status, "The server", "is not JSON", body, answer.doubt);
    }
    match json::service_error(body) {
        Some(said) => in_its_place(answer, &said),
        None => invalid(answer.status, "The server", "has no object in `data`", body, answer.doubt),
    }
}

/// An error where the object should be: sorted by its code, as if the status had said it.
fn in_its_place(answer: &Answer, said: &ServiceError) -> Failed {
    error::from_service_error(answer.status, None, said, answer.doubt)
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
