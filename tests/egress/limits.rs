//! What one tenant, one instance, one server can take, and that the next call works whatever came of the last.

use std::time::Duration;

use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{CallError, Limit, Runtime, RuntimeOptions, Settings};

use super::get;
use crate::rogue;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response, send};
use crate::support::world::{connector, settings};
use crate::support::{KEY, answered, component, long_enough, refused, refused_in_time, within};

fn is_busy(result: Result<(), CallError>, expected: Limit) {
    match result {
        Err(error @ CallError::Busy { limit, .. }) => {
            assert_eq!(limit, expected);
            assert!(error.is_retryable() && error.as_hunting().is_none());
            let remedy = if expected == Limit::TenantCalls { "max_concurrent_calls" } else { "max_instances" };
            assert!(error.to_string().contains(remedy), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_tenant_beyond_its_calls_is_busy_and_another_tenant_is_not() {
    let server = RawServer::start(vec![Step::Read, Step::Wait, send(empty_page())]).await;
    let narrow = Settings { max_concurrent_calls: 2, queue_timeout: Duration::ZERO, ..settings(server.url()) };
    let (tenant, other) = (connector(narrow.clone()), connector(narrow));
    let calls = async { tokio::join!(answered(get(&tenant)), answered(get(&tenant))) };
    let beyond = async {
        server.has_read(2).await;
        assert_eq!(tenant.counters().calls_in_flight, 2);
        is_busy(within(get(&tenant)).await, Limit::TenantCalls);
        let ((), ()) = tokio::join!(answered(get(&other)), async {
            server.has_read(3).await;
            (0..3).for_each(|_| server.go_on());
        });
    };
    tokio::join!(calls, beyond);
    server.play(answer(empty_page()));
    answered(get(&tenant)).await;
    assert_eq!((tenant.counters().failures, other.counters().failures), (vec![("busy", 1)], vec![]));
    assert_eq!((tenant.counters().calls_in_flight, tenant.counters().attempts), (0, 3));
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_gets_it() {
    let server = RawServer::start(vec![Step::Read, Step::Wait, send(empty_page())]).await;
    let tenant = connector(Settings { max_concurrent_calls: 1, ..settings(server.url()) });
    let calls = async { tokio::join!(answered(get(&tenant)), answered(get(&tenant)), answered(get(&tenant))) };
    let let_in = async {
        for number in 1..=3 {
            server.has_read(number).await;
            // One at a time, or there would be more.
            assert_eq!(server.requests().len(), number);
            server.go_on();
        }
    };
    tokio::join!(calls, let_in);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_runtimes_instances_are_a_limit_for_all_tenants_together() {
    let server = RawServer::start(answer(empty_page())).await;
    let mut options = RuntimeOptions::default();
    options.max_instances = 2;
    let runtime = Runtime::load_with(component(), &options).expect("the component");
    let tenant =
        |queue_timeout| runtime.connector(Settings { queue_timeout, ..settings(server.url()) }).expect("good settings");
    let (one, two) = (tenant(Duration::ZERO), tenant(Duration::ZERO));
    let held = [within(one.instance()).await.expect("room"), within(one.instance()).await.expect("room")];
    is_busy(within(get(&two)).await, Limit::Instances);
    assert_eq!(two.counters().failures, [("busy", 1)]);
    assert_eq!(server.connections(), 0);

    // Who may wait gets the place that comes free.
    let patient = tenant(Duration::from_secs(60));
    let ((), ()) = tokio::join!(biased; answered(get(&patient)), async { drop(held) });
    answered(get(&two)).await;
}

#[tokio::test]
async fn headers_beyond_reason_end_the_call_and_not_the_tenant() {
    let one = |bytes: usize| response(200, &[("x-large", &"x".repeat(bytes))], r#"{"data":[]}"#);
    let many = |count: usize| response(200, &vec![("x-many", "x"); count], r#"{"data":[]}"#);
    let server = RawServer::start(Vec::new()).await;
    let tenant = connector(settings(server.url()));
    for head in [one(70_000), one(1 << 20), many(129), many(10_000)] {
        server.play(vec![Step::Read, send(head), Step::Close]);
        let error = refused(get(&tenant)).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "InvalidResponse"), "{error:?}");
        assert!(error.message.contains("headers are larger than the host takes"), "{}", error.message);
    }
    let endless = vec![Step::Read, send("HTTP/1.1 200 OK\r\nx: "), Step::Repeat(vec![b'x'; 16 << 10].into())];
    server.play(endless);
    assert_eq!(refused(get(&tenant)).await.kind, ErrorKind::Protocol);
    // What a real service may well send passes.
    for head in [one(8_000), many(60)] {
        server.play(answer(head));
        answered(get(&tenant)).await;
    }
}

#[tokio::test]
async fn an_instance_that_outgrows_its_memory_traps_with_a_reason_and_the_next_works() {
    let large = format!("{{\"data\":[\"{}\"]}}", "x".repeat(16 << 20));
    let server = RawServer::start(answer(response(200, &[], large))).await;
    let tenant = connector(Settings { max_memory_bytes: 8 << 20, ..settings(server.url()) });
    for trapped in 1..=2 {
        match within(get(&tenant)).await {
            Err(error @ CallError::Trap { action, .. }) => {
                let text = format!("{error} {error:?}");
                assert_eq!(action, "get-ioc-stream-objects");
                assert!(text.contains("`max_memory_bytes` (8388608)") && !text.contains(KEY), "{text}");
                assert!(!error.is_retryable());
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(tenant.counters().failures, [("trap", trapped)]);
    }
    server.play(answer(empty_page()));
    answered(get(&tenant)).await;
    assert_eq!(tenant.counters().calls_in_flight, 0);
}

#[tokio::test]
async fn a_guest_with_more_patience_than_the_host_gets_the_hosts() {
    let runtime = rogue::patient();
    let dead = RawServer::start(vec![Step::Stall]).await;
    let silent = RawServer::start(vec![Step::Read, Step::Stall]).await;
    let head = send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":[");
    let stuck = RawServer::start(vec![Step::Read, head, Step::Stall]).await;
    for (url, status) in [
        // The connection stands and the handshake does not.
        (format!("https://{}", dead.authority()), None),
        (silent.url().to_owned(), None),
        (stuck.url().to_owned(), Some(200)),
    ] {
        let error = long_enough(async |timeout| {
            let tenant = runtime.connector(Settings { timeout, ..settings(&url) }).expect("good settings");
            let mut instance = within(tenant.instance()).await.expect("an instance");
            let error = refused_in_time(async { instance.get_ioc_stream_objects(&Default::default()).await }).await?;
            assert!(!instance.is_poisoned());
            (error.status == status).then_some(error)
        })
        .await;
        // The guest, which thinks of a minute, is told: it is no host's timeout, and the instance lives.
        assert_eq!(error.kind, ErrorKind::Timeout, "{error:?}");
        assert!(error.message.contains("the deadline of 60 s"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_guest_that_never_gives_up_is_given_up_and_the_next_call_works() {
    // Every byte is in time, and there is no end of them.
    let head = send("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{\"data\":[");
    let drip = Step::Drip("1,".into(), Duration::from_millis(10));
    let server = RawServer::start(vec![Step::Read, head, drip]).await;
    let runtime = rogue::patient();
    let (tenant, mut instance) = long_enough(async |timeout| {
        let tenant = runtime.connector(Settings { timeout, ..settings(server.url()) }).expect("good settings");
        let mut instance = within(tenant.instance()).await.expect("an instance");
        match within(instance.get_ioc_stream_objects(&Default::default())).await {
            Err(error @ CallError::Timeout { action: "get-ioc-stream-objects", after }) => {
                assert!(after >= timeout && after <= 2 * timeout, "{after:?}");
                assert!(error.to_string().contains("raise `timeout`") && !error.is_retryable(), "{error}");
                Some((tenant, instance))
            }
            // A byte that a busy machine did not pass on in so little time.
            Err(CallError::Hunting(error)) if error.kind == ErrorKind::Timeout => None,
            other => panic!("{other:?}"),
        }
    })
    .await;
    assert!(instance.is_poisoned());
    let again = within(instance.get_ioc_stream_objects(&Default::default())).await;
    assert!(matches!(again, Err(CallError::Poisoned)), "{again:?}");
    assert!(within(instance.last_response()).await.is_none());

    server.play(answer(empty_page()));
    // A machine that is busy may need more than one try in so little time.
    within(async { while get(&tenant).await.is_err() {} }).await;
    assert_eq!(tenant.counters().calls_in_flight, 0);
    assert!(tenant.counters().failures.iter().any(|(kind, _)| *kind == "host-timeout"));
}
