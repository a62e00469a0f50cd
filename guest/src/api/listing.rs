//! A collection to read: the request of each of its pages, and the cursor a caller resumes with.
//!
//! The cursor that is handed out wraps VirusTotal's own, which says only where a page begins: it adds which query it
//! belongs to, and how many objects of that page were given already, so that reading can stop behind any object.
//! `vh1.<query>.<given>.<mark of the last one given>.<VirusTotal's>`, with names and marks in hexadecimal. VirusTotal's own
//! cursors, from an envelope or another client, are taken as they are.

use super::answer::Answer;
use super::envelope::{Object, collection};
use super::fingerprint::fingerprint;
use super::request::{Method, Parameter, Request};
use super::{error, hexadecimal, input, json, text};
use crate::contract::{Failed, PageInfo};
use alloc::string::String;
use alloc::vec::Vec;

/// What begins a cursor of this component.
const PREFIX: &str = "vh1.";
/// The most objects VirusTotal gives at a time; above, it answers 400.
pub const MAX_PAGE: u32 = 40;

/// A page, or several read as one.
#[derive(Debug)]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// Where it stands.
    pub page: PageInfo,
}

/// A collection to read, and how to read one of its objects.
#[derive(Debug)]
pub struct Listing<T> {
    /// What to ask.
    pub pages: Pages,
    /// Reads an object.
    pub convert: fn(Object<'_>) -> T,
}

/// The requests for a collection's pages.
#[derive(Debug)]
pub struct Pages {
    /// The first request, without `limit` and `cursor`.
    request: Request,
    /// Names the query, for cursors.
    query: u64,
    /// How many objects are wanted; absent: one page as VirusTotal cuts it.
    pub limit: Option<u32>,
    /// Where to begin.
    pub start: Position,
}

/// A place between two objects of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// VirusTotal's cursor of the page; absent: the first.
    pub cursor: Option<String>,
    /// How many of the page's objects lie before.
    pub given: u32,
    /// The mark of the last of these.
    pub mark: u64,
}

impl<T> Listing<T> {
    /// A collection's listing; the parameters are checked.
    ///
    /// # Errors
    /// `invalid-argument`, naming the parameter; a cursor that belongs to another query is one too.
    pub fn new(
        segments: &[&str],
        limit: Option<u32>,
        cursor: Option<String>,
        query: &[Parameter<'_>],
        convert: fn(Object<'_>) -> T,
    ) -> Result<Self, Failed> {
        Ok(Self { pages: Pages::new(segments, limit, cursor, query)?, convert })
    }

    /// Reads one page as it came.
    ///
    /// # Errors
    /// As [`collection`].
    pub fn decode(&self, answer: &Answer) -> Result<Page<T>, Failed> {
        let (objects, page) = collection(answer)?;
        Ok(Page { items: objects.into_iter().map(self.convert).collect(), page })
    }
}

impl Pages {
    fn new(
        segments: &[&str],
        limit: Option<u32>,
        cursor: Option<String>,
        query: &[Parameter<'_>],
    ) -> Result<Self, Failed> {
        let limit = input::limit(limit)?;
        let cursor = input::cursor(cursor)?;
        let request = Request::new(Method::Get, segments).query(query)?;
        let query = fingerprint(&[&request.path_and_query]);
        let start = match cursor {
            Some(cursor) => Position::read(&cursor, query)?,
            None => Position::default(),
        };
        Ok(Self { request, query, limit, start })
    }

    /// The request of the page at a position, of so many objects.
    #[must_use]
    pub fn request(&self, size: Option<u32>, at: &Position) -> Request {
        let mut request = self.request.clone();
        if let Some(size) = size {
            request.limit(size);
        }
        if let Some(cursor) = &at.cursor {
            request.add("cursor", cursor);
        }
        request
    }

    /// How large a page to ask for, when so many objects are still wanted.
    #[must_use]
    pub fn size(&self, at: &Position, wanted: Option<u32>) -> Option<u32> {
        match wanted {
            // What lies before is read over again.
            Some(wanted) => Some(wanted.saturating_add(at.given).min(MAX_PAGE)),
            None => (at.given > 0).then_some(MAX_PAGE),
        }
    }

    /// A position as a cursor to hand out.
    #[must_use]
    pub fn cursor(&self, at: &Position) -> String {
        let mut text = String::from(PREFIX);
        hexadecimal::push(&mut text, self.query);
        text.push('.');
        text.push_str(itoa::Buffer::new().format(at.given));
        text.push('.');
        hexadecimal::push(&mut text, at.mark);
        text.push('.');
        text.push_str(at.cursor.as_deref().unwrap_or_default());
        text
    }
}

impl Position {
    /// Where the page of one of VirusTotal's cursors begins.
    #[must_use]
    pub fn at(cursor: String) -> Self {
        Self { cursor: Some(cursor), given: 0, mark: 0 }
    }

    /// Behind the last of so many objects of the page it is in.
    #[must_use]
    pub fn behind(&self, given: usize, mark: u64) -> Self {
        Self { cursor: self.cursor.clone(), given: u32::try_from(given).unwrap_or(u32::MAX), mark }
    }

    /// How many objects of its page, as it came now, lie before it. Should the object before be gone, none: what is
    /// given twice can be told, what is left out cannot.
    #[must_use]
    pub fn given_of(&self, objects: &[Object<'_>]) -> usize {
        if self.given == 0 {
            return 0;
        }
        let given = self.given as usize;
        let is_last = |object: &Object<'_>| object.mark() == self.mark;
        if objects.get(given - 1).is_some_and(is_last) {
            return given;
        }
        objects.iter().rposition(is_last).map_or(0, |last| last + 1)
    }

    fn read(cursor: &str, query: u64) -> Result<Self, Failed> {
        let Some(own) = cursor.strip_prefix(PREFIX) else {
            return Ok(Self::at(String::from(cursor)));
        };
        match Self::parse(own) {
            None => Err(error::cursor("is not whole. Give it exactly as `page.cursor` had it")),
            Some((of, _)) if of != query => Err(error::cursor(
                "belongs to another query. Give it with the filter and order it came with, or leave it out",
            )),
            Some((_, position)) => Ok(position),
        }
    }

    /// The query and the position of what stands behind the prefix.
    fn parse(text: &str) -> Option<(u64, Self)> {
        let (query, rest) = text::cut(text, b'.')?;
        let (given, rest) = text::cut(rest, b'.')?;
        let (mark, cursor) = text::cut(rest, b'.')?;
        let (query, mark) = (hexadecimal::read(query, 16)?, hexadecimal::read(mark, 16)?);
        let given = json::number(Some(given)).and_then(|given| u32::try_from(given).ok())?;
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty()).map(String::from);
        (given > 0 || cursor.is_some()).then_some((query, Self { cursor, given, mark }))
    }
}

/// Guards against a server that never comes to an end.
#[derive(Debug)]
pub struct Guard {
    cursors: Vec<u64>,
    empty: u32,
}

impl Guard {
    /// The most empty pages in a row.
    const MAX_EMPTY: u32 = 10;

    /// Knows the cursor that reading begins with.
    #[must_use]
    pub fn new(cursor: Option<&str>) -> Self {
        Self { cursors: cursor.iter().map(|cursor| fingerprint(&[cursor])).collect(), empty: 0 }
    }

    /// Whether a cursor was there before; it is now.
    pub fn is_repeated(&mut self, cursor: &str) -> bool {
        let name = fingerprint(&[cursor]);
        let is_known = self.cursors.contains(&name);
        self.cursors.push(name);
        is_known
    }

    /// Whether this is one empty page too many in a row.
    pub fn is_empty_again(&mut self, is_empty: bool) -> bool {
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        self.empty > Self::MAX_EMPTY
    }
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
