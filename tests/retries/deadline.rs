//! Waiting: as long as VirusTotal asks, but not beyond the call's deadline.

use std::time::{Duration, Instant};

use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::types::ErrorKind;

use super::{fails, patient, status};
use crate::support::world::{World, connector, settings};
use crate::support::{answered, long_enough, refused, refused_in_time};

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let world = World::new();
    // The longest deadline there is: whoever waits for that long hangs. The simulator's clock stands at 08:53:20 on 2025-10-09.
    let longest = Duration::from_secs(3600);
    for asked in ["3600", "99999999999999999999", "Fri, 10 Oct 2025 00:00:00 GMT"] {
        for action in [
            status(503, Some(asked)),
            status(504, Some(asked)),
            FaultAction::RateLimit { retry_after: Some(asked.to_owned()) },
        ] {
            fails(&world, action.clone(), 1);
            let patient = Settings { retries: 2, timeout: longest, ..settings(&world.simulator.http_url()) };
            let error = refused(connector(patient).get_ioc_stream_objects(&IocStreamQuery::default())).await;
            assert!(error.retryable && error.retry_after.is_some_and(|seconds| seconds >= 3600), "{error:?}");
            assert!(!error.message.contains("tried"), "{}", error.message);
            assert_eq!(world.simulator.requests().len(), 1, "{action:?}");
        }
    }
}

#[tokio::test]
async fn a_wait_for_nothing_or_for_a_moment_gone_by_is_over_at_once() {
    let world = World::new();
    for asked in ["0", "Thu, 09 Oct 2025 00:00:00 GMT", "soon", "-1"] {
        fails(&world, status(503, Some(asked)), 1);
        answered(patient(&world, 1).get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!(world.simulator.requests().len(), 2, "{asked}");
    }
}

#[tokio::test]
async fn the_wait_is_as_long_as_was_asked() {
    let world = World::new();
    fails(&world, FaultAction::RateLimit { retry_after: Some("1".to_owned()) }, 1);
    let began = Instant::now();
    answered(patient(&world, 1).get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(world.simulator.requests().len(), 2);
}

#[tokio::test]
async fn a_deadline_that_passes_is_not_begun_anew() {
    let world = World::new();
    fails(&world, FaultAction::Stall, 100);
    let (error, requests) = long_enough(async |timeout| {
        let short = Settings { retries: 2, timeout, ..settings(&world.simulator.http_url()) };
        world.simulator.clear_requests();
        let error = refused_in_time(connector(short).get_ioc_stream_objects(&IocStreamQuery::default())).await?;
        let requests = world.simulator.take_requests().len();
        (requests > 0).then_some((error, requests))
    })
    .await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Timeout, "DeadlineExceeded"));
    assert_eq!(requests, 1);
}
