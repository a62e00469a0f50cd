//! No server can hold a call beyond its deadline, make it keep more than its cap, or be believed about a length.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt as _;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{CallError, Connector, Settings};

use crate::support::bare::Bare;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response, send};
use crate::support::world::{connector, facing, new_job, settings};
use crate::support::{KEY, answered, long_enough, refused, refused_in_time, within};

/// The error under a deadline, once a call has come as far as this status, and the server.
async fn hurried(script: &[Step], status: Option<u16>) -> (RawServer, Error) {
    long_enough(async |timeout| {
        let server = RawServer::start(script.to_vec()).await;
        let connector = connector(Settings { timeout, ..settings(server.url()) });
        let error = refused_in_time(get(&connector)).await?;
        (error.status == status && error.code == "DeadlineExceeded").then_some((server, error))
    })
    .await
}

async fn get(connector: &Connector) -> Result<(), CallError> {
    connector.get_ioc_stream_objects(&IocStreamQuery::default()).await.map(|_| ())
}

fn assert_deadline(error: &Error, server: &RawServer) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Timeout, "DeadlineExceeded"), "{error:?}");
    assert!(error.message.contains(server.authority()) && error.message.contains("VT_TIMEOUT"), "{}", error.message);
}

#[tokio::test]
async fn a_slow_drip_ends_with_the_deadline_although_every_byte_is_in_time() {
    let head = send("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{\"data\":[");
    let drip = Step::Drip("1,".into(), Duration::from_millis(10));
    let (server, error) = hurried(&[Step::Read, head, drip], Some(200)).await;
    assert_deadline(&error, &server);
    assert!(error.retryable);
}

#[tokio::test]
async fn a_head_that_drips_ends_with_the_deadline() {
    let drip = Step::Drip("x".into(), Duration::from_millis(10));
    let (server, error) = hurried(&[Step::Read, send("HTTP/1.1 200 OK\r\nx: "), drip], None).await;
    assert_deadline(&error, &server);
}

#[tokio::test]
async fn silence_after_accept_after_the_head_and_in_the_body_ends_with_the_deadline() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n";
    for (script, status) in [
        (vec![Step::Stall], None),
        (vec![Step::Read, Step::Stall], None),
        (vec![Step::Read, send("HTTP/1.1 200 OK\r\n"), Step::Stall], None),
        (vec![Step::Read, send(head), Step::Stall], Some(200)),
        (vec![Step::Read, send(head), send("{\"data\""), Step::Stall], Some(200)),
    ] {
        let (server, error) = hurried(&script, status).await;
        assert_deadline(&error, &server);
        assert!(error.retryable, "{script:?}");
    }
}

#[tokio::test]
async fn a_post_that_nobody_answered_is_not_to_be_repeated_blindly() {
    let (server, error) = long_enough(async |timeout| {
        let server = RawServer::start(vec![Step::Read, Step::Stall]).await;
        let connector = connector(Settings { timeout, ..settings(server.url()) });
        let error = refused_in_time(connector.create_retrohunt_job(&new_job())).await?;
        (!server.requests().is_empty()).then_some((server, error))
    })
    .await;
    assert_deadline(&error, &server);
    assert!(!error.retryable && error.message.contains("may have taken effect"), "{}", error.message);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_too_large_announced_or_not() {
    let body = format!("{{\"data\":[]{}}}", " ".repeat(1000));
    let announced = response(200, &[], &body);
    let chunked =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let closed = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
    for script in [answer(announced), answer(chunked), vec![Step::Read, send(closed), Step::Close]] {
        let server = RawServer::start(script).await;
        let with_cap = |bytes| connector(Settings { max_response_bytes: bytes, ..settings(server.url()) });
        let error = refused(get(&with_cap(body.len() as u64 - 1))).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::TooLarge, "ResponseTooLarge"));
        assert_eq!((error.status, error.retryable), (Some(200), false));
        answered(get(&with_cap(body.len() as u64))).await;
    }
}

#[tokio::test]
async fn an_announced_length_beyond_the_cap_is_refused_without_reading_on() {
    for length in ["1048577", "4294967296", "9223372036854775807"] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        // Nothing follows: whoever waits for the body waits for the deadline.
        let server = RawServer::start(vec![Step::Read, send(head), Step::Stall]).await;
        let connector = connector(Settings { max_response_bytes: 1 << 20, ..settings(server.url()) });
        assert_eq!(refused(get(&connector)).await.kind, ErrorKind::TooLarge, "{length}");
    }
}

#[tokio::test]
async fn an_announced_length_sets_no_memory_aside() {
    // 60 MiB are announced to an instance that may have 4: only what comes counts.
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{{\"data\":[]}}", 60 << 20);
    let server = RawServer::start(vec![Step::Read, send(head), Step::Close]).await;
    let connector = connector(Settings { max_memory_bytes: 8 << 20, ..settings(server.url()) });
    let error = refused(get(&connector)).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "IncompleteResponse"));
}

#[tokio::test]
async fn an_endless_body_stops_at_the_cap() {
    let head = send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":[");
    let server = RawServer::start(vec![Step::Read, head, Step::Repeat(vec![b' '; 16 << 10].into())]).await;
    let connector = connector(Settings { max_response_bytes: 1 << 20, ..settings(server.url()) });
    let error = refused(get(&connector)).await;
    assert_eq!(error.kind, ErrorKind::TooLarge);
    let received = connector.counters().bytes_received;
    assert!(received < 4 << 20, "{received} bytes were taken from it");
}

/// Always has one more byte, at once. Whoever does not look at the clock reads on to the cap on bytes, which is another error.
struct Spring;

impl http_body::Body for Spring {
    type Data = bytes::Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(http_body::Frame::data(bytes::Bytes::from_static(b" ")))))
    }
}

#[tokio::test]
async fn a_body_that_never_makes_anyone_wait_ends_with_the_deadline() {
    let error = long_enough(async |timeout| {
        let seconds = timeout.as_secs_f64().to_string();
        let variables = [("VT_APIKEY", KEY), ("VT_TIMEOUT", &*seconds), ("VT_URL", "http://127.0.0.1:1")];
        let mut bare = Bare::streaming(&variables, || http::Response::new(Spring.boxed_unsync())).await;
        let query = IocStreamQuery::default();
        let call = bare.exports.virustotal_hunting_ioc_stream().call_get_ioc_stream_objects(&mut bare.store, &query);
        let error = within(call).await.expect("no trap").expect_err("it cannot end");
        (error.status == Some(200)).then_some(error)
    })
    .await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Timeout, "DeadlineExceeded"));
}

#[tokio::test]
async fn a_length_that_is_not_the_bodys_is_noticed() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":[]}";
    let (_server, connector) = facing(vec![Step::Read, send(short), Step::Close]).await;
    let error = refused(get(&connector)).await;
    assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::Transport, "IncompleteResponse", true));
    assert!(error.message.contains("11 bytes"), "{}", error.message);

    // What lies behind the announced length is not part of the answer.
    let (_server, connector) = facing(answer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"data\":[]}")).await;
    assert_eq!(refused(get(&connector)).await.kind, ErrorKind::Protocol);
}

#[tokio::test]
async fn more_memory_than_allowed_ends_the_instance_and_not_the_tenant() {
    let large = format!("{{\"data\":[\"{}\"]}}", "x".repeat(16 << 20));
    let server = RawServer::start(answer(response(200, &[], large))).await;
    let connector = connector(Settings { max_memory_bytes: 8 << 20, ..settings(server.url()) });
    let mut instance = within(connector.instance()).await.expect("an instance");
    match within(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await {
        Err(error @ CallError::Trap { .. }) => {
            let text = error.to_string();
            assert!(text.contains("max_memory_bytes") && !text.contains(KEY), "{text}");
        }
        other => panic!("{other:?}"),
    }
    assert!(instance.is_poisoned());
    server.play(answer(empty_page()));
    answered(get(&connector)).await;
}

#[tokio::test]
async fn a_call_that_its_caller_gives_up_leaves_the_tenant_usable() {
    let (server, connector) = facing(vec![Step::Read, Step::Stall]).await;
    let mut instance = within(connector.instance()).await.expect("an instance");
    {
        let query = IocStreamQuery::default();
        let call = instance.get_ioc_stream_objects(&query);
        tokio::select! {
            result = call => panic!("it cannot end: {result:?}"),
            () = server.has_read(1) => {}
        }
    }
    let again = within(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert!(matches!(again, Err(CallError::Poisoned)), "{again:?}");
    server.play(answer(empty_page()));
    answered(get(&connector)).await;
    assert_eq!(connector.counters().calls_in_flight, 0);
}
