//! Whether a create arrived whose answer got lost: looks for what it would have made.

use crate::api::Listing;
use crate::api::error;
use crate::contract::Failed;
use crate::driver::Platform;
use crate::paging;
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

/// Looks through the list to its end. An answer that is not certain is an error: "not found" may be acted on.
///
/// # Errors
/// As [`list`](crate::driver::list), of any page; `other` with the code `Undecided` when the list is too long, or nothing
/// was found and there is something that could not be compared.
pub fn reconcile<P: Platform, T, S>(
    platform: &P,
    reconciling: Result<Reconciling<T, S>, Failed>,
) -> Result<Vec<T>, Failed> {
    platform.remember(None);
    let Reconciling { what, listing, sought, created_since, compare } = reconciling?;
    let (mut found, mut has_unknown) = (Vec::new(), false);
    let page = paging::list(platform, listing.pages, &mut |object| {
        let object = (listing.convert)(object);
        let (created, likeness) = compare(&object, &sought);
        if created.is_some_and(|created| created < created_since) {
            return;
        }
        match likeness {
            Likeness::Like => found.push(object),
            Likeness::Unlike => {}
            Likeness::Unknown => has_unknown = true,
        }
    })?;
    match page.incomplete {
        Some(error) => Err(Box::new(error)),
        None if page.cursor.is_some() => Err(error::undecided("More than 2000 ", what, " are there")),
        None if found.is_empty() && has_unknown => {
            Err(error::undecided("VirusTotal could not say of all ", what, " what they are"))
        }
        None => Ok(found),
    }
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
