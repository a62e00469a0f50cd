//! Reading is repeated where that may help, and tells how often.

use virustotal_hunting_simulator::{Fault, FaultAction};
use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::{IocStreamPoll, IocStreamQuery};
use vt_hunting_host::retrohunt::RetrohuntJobsQuery;
use vt_hunting_host::types::{ErrorKind, PollBudget};

use super::{fails, instance, passing, patient, status};
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response, send};
use crate::support::world::{World, connector, settings};
use crate::support::{answered, refused, within};

#[tokio::test]
async fn what_may_pass_is_asked_again_and_the_attempts_are_told() {
    let world = World::new();
    for action in passing() {
        fails(&world, action.clone(), 1);
        let mut instance = instance(&patient(&world, 2)).await;
        let page = answered(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!(page.items.len(), 10, "{action:?}");
        let info = within(instance.last_response()).await.expect("an answer");
        assert_eq!((info.status_code, info.attempts), (200, 2), "{action:?}");
        let requests = world.simulator.take_requests();
        assert_eq!(requests.len(), 2, "{action:?}");
        assert_eq!((&requests[0].path, &requests[0].query), (&requests[1].path, &requests[1].query));
        assert_eq!(requests[0].headers, requests[1].headers, "the very same again");
    }
}

#[tokio::test]
async fn it_is_repeated_as_often_as_configured_and_no_more() {
    let world = World::new();
    for (retries, failures, ends_well) in [(0, 1, false), (1, 1, true), (1, 2, false), (2, 2, true), (2, 3, false)] {
        fails(&world, status(503, None), failures);
        let mut instance = instance(&patient(&world, retries)).await;
        let result = within(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
        assert_eq!(result.is_ok(), ends_well, "{retries} {failures}");
        let attempts = retries.min(failures) + 1;
        let info = within(instance.last_response()).await.expect("an answer");
        assert_eq!((info.attempts, world.simulator.requests().len() as u32), (attempts, attempts));
        if let Err(error) = result {
            let error = error.as_hunting().expect("the component's").clone();
            assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::Unavailable, Some(503), true));
            let told = format!("It was tried {attempts} times.");
            assert_eq!(error.message.ends_with(&told), attempts > 1, "{}", error.message);
        }
    }
}

#[tokio::test]
async fn what_repeating_does_not_mend_is_asked_once() {
    let world = World::new();
    for (action, kind) in [
        (FaultAction::Quota, ErrorKind::QuotaExceeded),
        (status(400, None), ErrorKind::InvalidArgument),
        (status(401, None), ErrorKind::Authentication),
        (status(403, None), ErrorKind::Forbidden),
        (status(404, None), ErrorKind::NotFound),
        (status(501, None), ErrorKind::Unavailable),
        (FaultAction::Garbage(b"<html>".to_vec()), ErrorKind::Protocol),
    ] {
        fails(&world, action.clone(), 1);
        let mut instance = instance(&patient(&world, 2)).await;
        let error = refused(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!(error.kind, kind, "{action:?}");
        assert!(!error.message.contains("tried"), "{}", error.message);
        assert_eq!(world.simulator.requests().len(), 1, "{action:?}");
        let attempts = within(instance.last_response()).await.map(|info| info.attempts);
        assert_eq!(attempts, Some(1), "{action:?}");
    }
}

#[tokio::test]
async fn a_used_up_quota_is_not_asked_again_even_where_it_says_when() {
    let world = World::new();
    let body = r#"{"error":{"code":"QuotaExceededError","message":"Quota exceeded"}}"#;
    world.respond(429, &[("retry-after", "0")], body);
    let error = refused(patient(&world, 2).get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!((error.kind, error.retry_after, error.retryable), (ErrorKind::QuotaExceeded, Some(0), false));
    assert_eq!(world.simulator.requests().len(), 1);
}

#[tokio::test]
async fn every_page_of_a_call_shares_its_retries() {
    let world = World::new();
    let query = IocStreamQuery { limit: Some(96), descriptors_only: Some(true), ..Default::default() };
    // Each page fails once: that is three, and two retries.
    world.simulator.faults().clear();
    for after in [0, 1, 2] {
        let fault = Fault::new(status(503, None)).after(after).times(1);
        world.simulator.faults().add(fault);
    }
    let mut kept = instance(&patient(&world, 3)).await;
    let page = answered(kept.get_ioc_stream_objects(&query)).await;
    assert_eq!((page.items.len(), page.page.incomplete), (96, None));
    assert_eq!(within(kept.last_response()).await.map(|info| info.attempts), Some(6));

    for cursor in ["", "cursor=", "cursor="] {
        let fault = Fault::new(status(503, None)).query(cursor).times(1);
        world.simulator.faults().add(fault);
    }
    let mut kept = instance(&patient(&world, 2)).await;
    let page = answered(kept.get_ioc_stream_objects(&query)).await;
    let error = page.page.incomplete;
    // The two for the second page come one after the other, and only one retry is left.
    assert_eq!((page.items.len(), error.map(|error| error.status)), (40, Some(Some(503))));
    assert_eq!(within(kept.last_response()).await.map(|info| info.attempts), Some(4));
    world.simulator.faults().clear();
    let rest = IocStreamQuery { cursor: page.page.cursor, ..query };
    assert_eq!(answered(kept.get_ioc_stream_objects(&rest)).await.items.len(), 56);
}

#[tokio::test]
async fn following_repeats_its_requests_as_well() {
    let world = World::new();
    fails(&world, FaultAction::Reset, 1);
    let query = IocStreamPoll { since: Some(0), descriptors_only: Some(true), ..Default::default() };
    let batch = answered(patient(&world, 1).poll_ioc_stream(None, &query, &PollBudget::default())).await;
    assert_eq!((batch.items.len(), batch.more, batch.incomplete), (96, false, None));
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_another_call_finds_whoever_listens_by_then() {
    let mut server = RawServer::deaf("http");
    server.play(answer(empty_page()));
    let tenant = connector(Settings { retries: 2, ..settings(server.url()) });
    let error = refused(tenant.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "ConnectionRefused"));
    assert!(error.message.ends_with("It was tried 3 times."), "{}", error.message);
    server.open();
    answered(tenant.get_ioc_stream_objects(&IocStreamQuery::default())).await;
}

#[tokio::test]
async fn an_answer_that_broke_off_is_asked_for_again() {
    let length: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":";
    let chunk: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{\"data\":[";
    let gzip = response(200, &[("content-encoding", "gzip")], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab]);
    for (part, end) in
        [(length.into(), Step::Close), (length.into(), Step::Reset), (chunk.into(), Step::Close), (gzip, Step::Close)]
    {
        let server = RawServer::start(vec![Step::Read, send(part), end]).await;
        let tenant = connector(Settings { retries: 2, ..settings(server.url()) });
        let error = refused(tenant.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!((error.kind, error.retryable), (ErrorKind::Transport, true), "{error:?}");
        assert!(error.message.ends_with("It was tried 3 times."), "{}", error.message);
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn what_came_of_broken_answers_counts_against_the_cap_of_the_call() {
    // Each would fit; two of them do not.
    let part = format!("HTTP/1.1 200 OK\r\ncontent-length: 700000\r\n\r\n{}", " ".repeat(600_000));
    let server = RawServer::start(vec![Step::Read, send(part), Step::Close]).await;
    let tenant = connector(Settings { retries: 5, max_response_bytes: 1 << 20, ..settings(server.url()) });
    let error = refused(tenant.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::TooLarge, "ResponseTooLarge"));
    assert_eq!(server.requests().len(), 2);
}
