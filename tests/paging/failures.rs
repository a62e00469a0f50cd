//! A later page that fails: what was read stays, and the cursor goes on behind it.

use virustotal_hunting_simulator::{Fault, FaultAction, Options};
use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::{IocStreamPage, IocStreamQuery};
use vt_hunting_host::types::ErrorKind;

use super::{ids, page, query, there};
use crate::support::world::{World, connector, settings};
use crate::support::{KEY, answered, refused, within};

fn faults() -> Vec<(FaultAction, ErrorKind)> {
    let status = |code| FaultAction::Status { code, body: None, headers: Vec::new() };
    vec![
        (status(500), ErrorKind::Unavailable),
        (status(503), ErrorKind::Unavailable),
        (status(504), ErrorKind::Timeout),
        (status(401), ErrorKind::Authentication),
        (FaultAction::Quota, ErrorKind::QuotaExceeded),
        (FaultAction::RateLimit { retry_after: Some("9".to_owned()) }, ErrorKind::RateLimited),
        (FaultAction::HtmlEdge, ErrorKind::RateLimited),
        (FaultAction::Reset, ErrorKind::Transport),
        (FaultAction::ResetAfter, ErrorKind::Transport),
        (FaultAction::Truncate(100), ErrorKind::Transport),
        (FaultAction::Garbage(b"<html>".to_vec()), ErrorKind::Protocol),
        (FaultAction::Garbage(b"{}".to_vec()), ErrorKind::Protocol),
    ]
}

#[tokio::test]
async fn whatever_fails_later_leaves_the_items_a_cursor_and_the_reason() {
    let world = World::with(Options { history: 120, ..Options::default() });
    let all = there(&world.simulator);
    for (action, kind) in faults() {
        // The third page of the call.
        world.simulator.faults().add(Fault::new(action.clone()).query("cursor=").after(1));
        let first = page(&world.connector, 100, None).await;
        assert_eq!(ids(&first), all[..80], "{action:?}");
        let error = first.page.incomplete.expect("it is not all");
        assert_eq!(error.kind, kind, "{action:?}: {error:?}");
        assert!(!format!("{error:?}").contains(KEY));
        assert_eq!(first.page.count, Some(120));
        // Still broken: now it is the first page of its call, and so the call's own error.
        let cursor = first.page.cursor;
        assert_eq!(refused(world.connector.get_ioc_stream_objects(&query(9, cursor.clone()))).await.kind, kind);
        world.simulator.faults().clear();
        let rest = page(&world.connector, 500, cursor).await;
        assert_eq!(ids(&rest), all[80..], "{action:?}");
        assert_eq!((rest.page.cursor, rest.page.incomplete), (None, None));
    }
}

#[tokio::test]
async fn the_first_page_failing_is_the_calls_own_error() {
    let world = World::new();
    for (action, kind) in faults() {
        world.simulator.faults().add(action);
        assert_eq!(refused(world.connector.get_ioc_stream_objects(&query(90, None))).await.kind, kind);
        world.simulator.faults().clear();
    }
}

#[tokio::test]
async fn a_failure_behind_a_cut_page_goes_on_behind_the_cut() {
    let world = World::with(Options { ignores_limit: Some(25), ..Options::default() });
    let all = there(&world.simulator);
    let first = page(&world.connector, 30, None).await;
    assert_eq!(ids(&first), all[..30]);
    // The page that the cursor is in the midst of is read again, and the one behind it fails.
    world.simulator.faults().add(Fault::new(FaultAction::Quota).query("cursor=").after(1).times(1));
    let second = page(&world.connector, 500, first.page.cursor).await;
    assert_eq!(ids(&second), all[30..50]);
    assert_eq!(second.page.incomplete.map(|error| error.kind), Some(ErrorKind::QuotaExceeded));
    let third = page(&world.connector, 500, second.page.cursor).await;
    assert_eq!(ids(&third), all[50..]);
}

/// A page of so many bytes.
fn body(id: &str, cursor: Option<&str>, bytes: usize) -> Vec<u8> {
    let meta = cursor.map_or_else(String::new, |cursor| format!(r#","meta":{{"cursor":"{cursor}"}}"#));
    let text = format!(r#"{{"data":[{{"id":"{id}","type":"file"}}]{meta}}}"#);
    format!("{text}{}", " ".repeat(bytes - text.len())).into_bytes()
}

fn respond(world: &World, bodies: &[Vec<u8>]) {
    for body in bodies {
        let respond = FaultAction::Respond { status: 200, headers: Vec::new(), body: body.clone() };
        world.simulator.faults().add(Fault::new(respond).times(1));
    }
}

#[tokio::test]
async fn the_cap_on_bytes_is_over_all_pages_of_a_call() {
    let world = World::new();
    const SIZE: usize = 400_000;
    let pages = [body("a", Some("1"), SIZE), body("b", Some("2"), SIZE), body("c", None, SIZE)];
    let with_cap = |bytes| connector(Settings { max_response_bytes: bytes, ..settings(&world.simulator.http_url()) });
    let query = |cursor| IocStreamQuery { limit: Some(10), cursor, ..Default::default() };
    let read = |page: &IocStreamPage| -> Vec<String> { page.items.iter().map(|item| item.id.clone()).collect() };

    // What the objects take beside their bytes counts too, and is little.
    respond(&world, &pages);
    let whole = answered(with_cap(1_210_000).get_ioc_stream_objects(&query(None))).await;
    assert_eq!((read(&whole).join(""), whole.page.incomplete), ("abc".to_owned(), None));

    respond(&world, &pages);
    let connector = with_cap(1_199_999);
    let part = answered(connector.get_ioc_stream_objects(&query(None))).await;
    assert_eq!(read(&part).join(""), "ab");
    let error = part.page.incomplete.expect("it is not all");
    assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::TooLarge, "ResponseTooLarge", false));
    // The next call has the whole cap again.
    world.simulator.faults().clear();
    respond(&world, &pages[2..]);
    let rest = answered(connector.get_ioc_stream_objects(&query(part.page.cursor))).await;
    assert_eq!((read(&rest).join(""), rest.page.incomplete), ("c".to_owned(), None));

    world.simulator.faults().clear();
    respond(&world, &pages);
    assert_eq!(refused(with_cap(399_999).get_ioc_stream_objects(&query(None))).await.kind, ErrorKind::TooLarge);
}

#[tokio::test]
async fn the_last_answer_is_the_last_pages_and_counts_all_requests() {
    let world = World::new();
    world.simulator.faults().add(Fault::new(FaultAction::Quota).query("cursor=").after(1));
    let mut instance = within(world.connector.instance()).await.expect("an instance");
    answered(instance.get_ioc_stream_objects(&query(96, None))).await;
    let info = within(instance.last_response()).await.expect("an answer");
    assert_eq!((info.status_code, info.attempts), (429, 3));
}
