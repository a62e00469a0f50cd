//! Reads a collection page by page until there is as much as was wanted.
//!
//! Nothing that was read is thrown away: when a later page fails, what was gathered is the answer, with the cursor that
//! goes on behind it and the error beside it.

use crate::api::envelope::{Object, collection};
use crate::api::error;
use crate::api::listing::{Guard, Pages, Position};
use crate::contract::{Failed, PageInfo};
use crate::driver::Platform;
use crate::session::Session;

/// What is wished for after an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// As many as the listing wants.
    More,
    /// What this page has, and no further request.
    NoMorePages,
}

/// [`read`] in a session of its own.
///
/// # Errors
/// As [`read`], and the settings'.
pub fn list<P: Platform>(
    platform: &P,
    pages: Pages,
    give: &mut dyn FnMut(Object<'_>) -> Wish,
) -> Result<PageInfo, Failed> {
    let mut session = Session::open(platform)?;
    read(&mut session, &pages, give).map_err(|error| session.redact(error))
}

/// Hands out the objects in order, until there are as many as the listing wants, none are left, or the last of a page was
/// enough; answers where that was.
///
/// # Errors
/// The first page's. A later page's is in `incomplete`.
fn read<P: Platform>(
    session: &mut Session<'_, P>,
    pages: &Pages,
    give: &mut dyn FnMut(Object<'_>) -> Wish,
) -> Result<PageInfo, Failed> {
    let mut at = pages.start.clone();
    let mut wanted = pages.limit;
    let mut guard = Guard::new(at.cursor.as_deref());
    let mut so_far: Option<PageInfo> = None;
    loop {
        let answer = session.ask(&pages.request(pages.size(&at, wanted), &at));
        let read = match &answer {
            Ok(answer) => collection(answer),
            Err(error) => Err(error.clone()),
        };
        let (objects, page) = match (read, so_far.take()) {
            (Ok((objects, page)), None) => (objects, page),
            (Ok((objects, page)), Some(before)) => {
                let PageInfo { cursor, next_link, .. } = page;
                (objects, PageInfo { cursor, next_link, ..before })
            }
            (Err(error), None) => return Err(error),
            (Err(error), Some(before)) => {
                return Ok(PageInfo { cursor: Some(pages.cursor(&at)), ..stopped(session, before, error) });
            }
        };
        let (given, count) = (at.given_of(&objects), objects.len());
        session.spend_on(count);
        let (mut taken, mut mark, mut wish) = (given, at.mark, Wish::More);
        for object in objects.into_iter().skip(given) {
            if wanted == Some(0) {
                break;
            }
            mark = object.mark();
            wish = give(object);
            wanted = wanted.map(|wanted| wanted - 1);
            taken += 1;
        }
        if taken < count {
            return Ok(PageInfo { cursor: Some(pages.cursor(&at.behind(taken, mark))), ..page });
        }
        // A cursor that leads from nothing to itself is the end.
        let is_empty = count == given;
        let Some(next) = page.cursor.clone().filter(|next| !(is_empty && at.cursor.as_ref() == Some(next))) else {
            return Ok(PageInfo { cursor: None, ..page });
        };
        if guard.is_repeated(&next) {
            // Resuming there would begin the round anew.
            return Ok(PageInfo { cursor: None, ..stopped(session, page, error::repeated_cursor()) });
        }
        at = Position::at(next);
        let cursor = Some(pages.cursor(&at));
        if guard.is_empty_again(is_empty) {
            return Ok(PageInfo { cursor, ..stopped(session, page, error::empty_pages()) });
        }
        if wanted.is_none_or(|wanted| wanted == 0) || wish == Wish::NoMorePages {
            return Ok(PageInfo { cursor, ..page });
        }
        so_far = Some(page);
    }
}

/// What was gathered, and why it is not all.
fn stopped<P: Platform>(session: &Session<'_, P>, so_far: PageInfo, error: Failed) -> PageInfo {
    PageInfo { incomplete: Some(*session.redact(error)), ..so_far }
}

#[cfg(test)]
#[path = "paging_tests.rs"]
mod tests;
