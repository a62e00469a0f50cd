//! Reads both lists to their end, a few hundred objects a call, so that no call and no page grows with the list.

use crate::bindings::virustotal::hunting::ioc_stream::{IocStreamObject, IocStreamQuery, get_ioc_stream_objects};
use crate::bindings::virustotal::hunting::livehunt::{Notification, NotificationsQuery, get_livehunt_notifications};
use crate::bindings::virustotal::hunting::types::{Error, PageInfo};

/// Objects a call: the connector gathers them over several requests, all of which share its deadline.
const PER_CALL: u32 = 200;

/// Gives every object of the stream, newest first; says why it ended early, if it did.
pub(crate) fn stream(since: Option<u64>, mut give: impl FnMut(IocStreamObject)) -> Result<Option<Error>, Error> {
    to_the_end(|cursor| {
        let page = get_ioc_stream_objects(&IocStreamQuery {
            limit: Some(PER_CALL),
            descriptors_only: Some(true),
            filter: since.map(from),
            order: Some("date-".to_owned()),
            cursor,
        })?;
        page.items.into_iter().for_each(&mut give);
        Ok(page.page)
    })
}

/// Gives every livehunt notification, newest first; says why it ended early, if it did.
pub(crate) fn notifications(since: Option<u64>, mut give: impl FnMut(Notification)) -> Result<Option<Error>, Error> {
    to_the_end(|cursor| {
        let page = get_livehunt_notifications(&NotificationsQuery {
            limit: Some(PER_CALL),
            filter: since.map(from),
            order: Some("date-".to_owned()),
            cursor,
            count_limit: None,
        })?;
        page.items.into_iter().for_each(&mut give);
        Ok(page.page)
    })
}

fn from(since: u64) -> String {
    format!("date:{since}+")
}

/// Reads page after page. Only the first one's failure is a failure: what was read before a later one still counts.
fn to_the_end(mut read: impl FnMut(Option<String>) -> Result<PageInfo, Error>) -> Result<Option<Error>, Error> {
    let mut page = read(None)?;
    loop {
        if page.incomplete.is_some() {
            return Ok(page.incomplete);
        }
        let Some(cursor) = page.cursor.take() else { return Ok(None) };
        match read(Some(cursor)) {
            Ok(next) => page = next,
            Err(error) => return Ok(Some(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::virustotal::hunting::types::ErrorKind;

    fn page(cursor: Option<&str>, incomplete: Option<Error>) -> PageInfo {
        PageInfo { cursor: cursor.map(str::to_owned), count: None, self_link: None, next_link: None, incomplete }
    }

    fn failure() -> Error {
        Error {
            kind: ErrorKind::Unavailable,
            code: "TransientError".into(),
            message: "later".into(),
            status: Some(503),
            retry_after: None,
            retryable: true,
        }
    }

    #[test]
    fn every_page_is_read_once_with_the_cursor_of_the_one_before() {
        let mut asked = Vec::new();
        let end = to_the_end(|cursor| {
            asked.push(cursor.clone());
            Ok(page(
                match cursor.as_deref() {
                    None => Some("a"),
                    Some("a") => Some("b"),
                    _ => None,
                },
                None,
            ))
        });
        assert!(matches!(end, Ok(None)));
        assert_eq!(asked, [None, Some("a".to_owned()), Some("b".to_owned())]);
    }

    #[test]
    fn the_first_failure_fails_and_a_later_one_only_ends() {
        assert!(to_the_end(|_| Err(failure())).is_err());
        let later = to_the_end(|cursor| if cursor.is_none() { Ok(page(Some("a"), None)) } else { Err(failure()) });
        assert!(matches!(later, Ok(Some(error)) if error.status == Some(503)));
        let within = to_the_end(|_| Ok(page(Some("a"), Some(failure()))));
        assert!(matches!(within, Ok(Some(_))));
    }
}
