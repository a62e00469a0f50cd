//! What other services do with cursors and pages, and VirusTotal on a bad day.

use virustotal_hunting_simulator::{Cursors, Options};
use vt_hunting_host::types::ErrorKind;

use super::{asked, ids, page, there, walk};
use crate::support::world::World;

/// Every size that matters: within a page, a page, beyond it, all, and more than there is.
const LIMITS: [u32; 7] = [1, 13, 40, 41, 60, 96, 500];

async fn assert_walks(options: Options) {
    let shown = format!("{options:?}");
    let world = World::with(options);
    let all = there(&world.simulator);
    for limit in LIMITS {
        // A walk of ones is ninety-six calls, each of several requests: once is enough.
        let (cut, all) = if limit == 1 { (8, &all[..8]) } else { (usize::MAX, &all[..]) };
        let mut read = Vec::new();
        let mut cursor = None;
        while read.len() < cut {
            let page = page(&world.connector, limit, cursor).await;
            assert!(page.page.incomplete.is_none(), "{shown}: {:?}", page.page.incomplete);
            assert!(page.items.len() <= limit as usize, "{shown}");
            read.extend(ids(&page));
            cursor = page.page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(read, all, "{limit} with {shown}");
    }
}

#[tokio::test]
async fn cursors_that_count() {
    assert_walks(Options { cursors: Cursors::Offset, ..Options::default() }).await;
}

#[tokio::test]
async fn empty_pages_in_between() {
    for empty_pages_in_a_row in [1, 2, 10] {
        assert_walks(Options { empty_pages: true, empty_pages_in_a_row, ..Options::default() }).await;
    }
}

#[tokio::test]
async fn pages_of_a_size_of_their_own() {
    for own in [1, 7, 39, 95, 96, 400] {
        assert_walks(Options { ignores_limit: Some(own), ..Options::default() }).await;
    }
}

#[tokio::test]
async fn a_last_page_with_a_cursor() {
    assert_walks(Options { trailing_cursor: true, ..Options::default() }).await;
}

#[tokio::test]
async fn a_last_cursor_that_repeats_itself_for_ever() {
    assert_walks(Options { repeats_cursor: true, ..Options::default() }).await;
}

#[tokio::test]
async fn all_of_it_together() {
    let options = Options {
        cursors: Cursors::Offset,
        empty_pages: true,
        empty_pages_in_a_row: 3,
        ignores_limit: Some(17),
        trailing_cursor: true,
        repeats_cursor: true,
        ..Options::default()
    };
    assert_walks(options).await;
}

#[tokio::test]
async fn more_than_ten_empty_pages_in_a_row_stop_the_call_and_the_next_one_goes_on() {
    let world = World::with(Options { empty_pages: true, empty_pages_in_a_row: 15, ..Options::default() });
    let first = page(&world.connector, 60, None).await;
    assert_eq!(ids(&first), there(&world.simulator)[..40]);
    let error = first.page.incomplete.expect("it is not all");
    assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::Protocol, "EmptyPages", None));
    assert_eq!(asked(&world.simulator, "cursor").len(), 12);
    let rest = page(&world.connector, 20, first.page.cursor).await;
    assert_eq!(ids(&rest), there(&world.simulator)[40..60]);
    assert!(rest.page.incomplete.is_none());
}

#[tokio::test]
async fn a_cursor_that_leads_in_a_circle_ends_the_call() {
    let world = World::new();
    let body = r#"{"data":[{"id":"a","type":"file"}],"meta":{"cursor":"round"}}"#;
    world.respond(200, &[], body);
    let read = page(&world.connector, 100, None).await;
    let error = read.page.incomplete.expect("it is not all");
    assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "RepeatedCursor"));
    assert_eq!(read.page.cursor, None, "it would only lead round again");
    assert_eq!((read.items.len(), world.simulator.requests().len()), (2, 2));
}

#[tokio::test]
async fn a_counting_cursor_repeats_what_was_pushed_behind_it_and_leaves_nothing_out() {
    let world = World::with(Options { cursors: Cursors::Offset, ..Options::default() });
    let before = there(&world.simulator);
    let first = page(&world.connector, 40, None).await;
    world.simulator.add_stream_notifications(3);
    let rest = page(&world.connector, 500, first.page.cursor).await;
    assert_eq!(ids(&rest), before[37..]);
}

#[tokio::test]
async fn a_walk_of_ordinary_pages_sends_no_more_requests_than_it_takes() {
    let world = World::with(Options { history: 80, ..Options::default() });
    walk(&world.connector, 500).await;
    // The last page is full, so that only the next one can say that there are no more.
    assert_eq!(asked(&world.simulator, "cursor").len(), 3);
}
