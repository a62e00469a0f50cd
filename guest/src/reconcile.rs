//! Whether a create arrived whose answer got lost: looks for what it would have made.
//!
//! What is found is the answer, whatever happens afterwards. "Not found" is only said when everything was seen that could be
//! it. The lists are newest first, so that is the case as soon as something older comes up; a list that shows itself to be
//! in another order is read to its end.

use crate::api::Listing;
use crate::api::error;
use crate::contract::Failed;
use crate::driver::Platform;
use crate::paging::{self, Wish};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Whether an object is what was sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// As far as VirusTotal says.
    Like,
    /// It is another.
    Unlike,
    /// VirusTotal did not say enough of it.
    Unknown,
}

impl Likeness {
    /// What a comparison came to; `None` could not be compared.
    #[must_use]
    pub fn of(is_like: Option<bool>) -> Self {
        match is_like {
            Some(true) => Self::Like,
            Some(false) => Self::Unlike,
            None => Self::Unknown,
        }
    }
}

/// The last second of the year 9999. Beyond it somebody passed milliseconds.
const LATEST: u64 = 253_402_300_799;

/// How many objects are looked at.
const MAX_OBJECTS: u32 = 2000;

/// How many objects are looked at after the first that was found, for others like it: a create that was sent twice.
const MAX_AFTERWARDS: u32 = 200;

/// By how many seconds the dates of a list that is newest first may rise: several servers write them.
const SKEW: u64 = 60;

/// A list to look through, and what for.
#[derive(Debug)]
pub struct Reconciling<T, S> {
    what: &'static str,
    listing: Listing<T>,
    sought: S,
    created_since: u64,
    /// When an object was created, and whether it is like what is sought.
    compare: fn(&T, &S) -> (Option<u64>, Likeness),
}

impl<T, S> Reconciling<T, S> {
    /// Looks through the newest of a list; `what` it holds, in plural.
    ///
    /// # Errors
    /// `invalid-argument` for a moment that is none: nothing would ever be found since.
    pub fn new(
        what: &'static str,
        mut listing: Listing<T>,
        sought: S,
        created_since: u64,
        compare: fn(&T, &S) -> (Option<u64>, Likeness),
    ) -> Result<Self, Failed> {
        if created_since > LATEST {
            let range = "seconds since 1970, not milliseconds";
            return Err(error::out_of_range("created-since", created_since, range, "Divide it by 1000."));
        }
        listing.pages.limit = Some(MAX_OBJECTS);
        Ok(Self { what, listing, sought, created_since, compare })
    }
}

/// What was seen of a list.
#[derive(Debug)]
struct Seen {
    /// The oldest date.
    oldest: u64,
    is_newest_first: bool,
    /// Something that was created before.
    has_older: bool,
    /// Something that could not be compared.
    has_unknown: bool,
    /// How many objects since the first that was found.
    afterwards: u32,
}

impl Seen {
    /// Whether nothing that follows can be what is sought.
    fn is_everything(&self) -> bool {
        self.is_newest_first && self.has_older
    }

    fn date(&mut self, created: u64, created_since: u64) {
        self.is_newest_first &= created <= self.oldest.saturating_add(SKEW);
        self.oldest = self.oldest.min(created);
        self.has_older |= created < created_since;
    }
}

/// Looks through the list as far as what is sought can be. An answer that is not certain is an error: "not found" may be
/// acted on.
///
/// # Errors
/// As [`list`](crate::driver::list), of any page, where nothing was found before; `other` with the code `Undecided` when
/// nothing was found, and the list is too long or there is something that could not be compared.
pub fn reconcile<P: Platform, T, S>(
    platform: &P,
    reconciling: Result<Reconciling<T, S>, Failed>,
) -> Result<Vec<T>, Failed> {
    platform.remember(None);
    let Reconciling { what, listing, sought, created_since, compare } = reconciling?;
    let mut found = Vec::new();
    let mut seen =
        Seen { oldest: u64::MAX, is_newest_first: true, has_older: false, has_unknown: false, afterwards: 0 };
    let page = paging::list(platform, listing.pages, &mut |object| {
        let object = (listing.convert)(object);
        let (created, likeness) = compare(&object, &sought);
        if let Some(created) = created {
            seen.date(created, created_since);
        }
        // Without a date it may be the one.
        let is_new = created.is_none_or(|created| created >= created_since);
        seen.afterwards += u32::from(!found.is_empty());
        match likeness {
            Likeness::Like if is_new => found.push(object),
            Likeness::Unknown if is_new => seen.has_unknown = true,
            _ => {}
        }
        if seen.is_everything() || seen.afterwards >= MAX_AFTERWARDS { Wish::NoMorePages } else { Wish::More }
    })?;
    if !found.is_empty() {
        return Ok(found);
    }
    if !seen.is_everything() {
        if let Some(mut error) = page.incomplete {
            error.message.push_str(" Whether it arrived is not known yet: ask once more.");
            return Err(Box::new(error));
        }
        if page.cursor.is_some() {
            return Err(error::undecided("None of the first 2000 ", what, " is like it, and there are more"));
        }
    }
    if seen.has_unknown {
        return Err(error::undecided("VirusTotal could not say of all ", what, " what they are"));
    }
    Ok(found)
}

/// Whether a service kept a text, whatever it did to line ends and to white space around it; `None` when it does not say.
pub(crate) fn is_same_text(kept: Option<&str>, given: &str) -> Option<bool> {
    fn lines(text: &str) -> impl Iterator<Item = &[u8]> {
        text.trim_ascii().as_bytes().split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end)
    }
    kept.map(|kept| lines(kept).eq(lines(given)))
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
