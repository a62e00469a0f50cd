//! One step of waiting for a job: how it stands, whether it is done, whether matches were lost, and when to look again.

use vt_hunting_host::retrohunt::{Corpus, JobCheck, NewRetrohuntJob};
use vt_hunting_host::types::ErrorKind;

use crate::support::raw_server::{answer, response};
use crate::support::world::{World, facing, new_job};
use crate::support::{answered, fixture, refused};

async fn check(attributes: &str) -> JobCheck {
    let body = format!(r#"{{"data":{{"type":"retrohunt_job","id":"ann-1","attributes":{{{attributes}}}}}}}"#);
    let (_server, connector) = facing(answer(response(200, &[], body))).await;
    answered(connector.check_retrohunt_job("ann-1")).await
}

/// Done, and seconds until the next check.
async fn stands(world: &World, id: &str) -> (Option<String>, bool, u32) {
    let check = answered(world.connector.check_retrohunt_job(id)).await;
    assert!(!check.truncated);
    assert_eq!(check.job, answered(world.connector.get_retrohunt_job(id)).await, "the job as it is");
    (check.job.status, check.done, check.next_check_in_seconds)
}

#[tokio::test]
async fn a_jobs_life_is_told_step_by_step() {
    let world = World::new();
    let id = world.job().await.id;
    let told = |status: &str, done, seconds| (Some(status.to_owned()), done, seconds);
    // VirusTotal does not say how long before it runs.
    assert_eq!(stands(&world, &id).await, told("starting", false, 30));
    world.simulator.advance_clock(5);
    assert_eq!(stands(&world, &id).await, told("running", false, 120));
    world.simulator.advance_clock(77);
    assert_eq!(stands(&world, &id).await, told("running", false, 43));
    world.simulator.advance_clock(41);
    assert_eq!(stands(&world, &id).await, told("running", false, 5), "2 seconds to go, and not so soon");
    world.simulator.advance_clock(2);
    assert_eq!(stands(&world, &id).await, told("finished", true, 0));
    world.simulator.advance_clock(86_400);
    assert_eq!(stands(&world, &id).await, told("finished", true, 0));
}

#[tokio::test]
async fn an_aborted_job_is_done_once_it_is_aborted() {
    let world = World::new();
    let new = NewRetrohuntJob { corpus: Some(Corpus::Goodware), ..new_job() };
    let id = answered(world.connector.create_retrohunt_job(&new)).await.id;
    world.simulator.advance_clock(10);
    assert_eq!(stands(&world, &id).await.2, 15);
    answered(world.connector.abort_retrohunt_job(&id)).await;
    assert_eq!(stands(&world, &id).await, (Some("aborting".to_owned()), false, 30));
    world.simulator.advance_clock(5);
    assert_eq!(stands(&world, &id).await, (Some("aborted".to_owned()), true, 0));
}

#[tokio::test]
async fn a_check_is_one_request_and_a_job_that_is_gone_is_not_found() {
    let world = World::new();
    let id = world.job().await.id;
    world.simulator.clear_requests();
    answered(world.connector.check_retrohunt_job(&id)).await;
    let requests = world.simulator.take_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((&*requests[0].method, &*requests[0].query), ("GET", ""));
    assert_eq!(requests[0].path, format!("/api/v3/intelligence/retrohunt_jobs/{id}"));
    let error = refused(world.connector.check_retrohunt_job("ann-1")).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NotFoundError"));
    assert_eq!(refused(world.connector.check_retrohunt_job("")).await.status, None);
}

#[tokio::test]
async fn the_next_check_is_when_the_job_is_expected_to_end_within_bounds() {
    for (eta, seconds) in [
        ("0", 5),
        ("4", 5),
        ("5", 5),
        ("6", 6),
        ("299", 299),
        ("300", 300),
        ("301", 300),
        ("18446744073709551615", 300),
    ] {
        let check = check(&format!(r#""status":"running","eta_seconds":{eta}"#)).await;
        assert_eq!((check.next_check_in_seconds, check.done), (seconds, false), "{eta}");
    }
    for unknown in ["null", "-1", "\"soon\"", "[5]", "1e400"] {
        let check = check(&format!(r#""status":"running","eta_seconds":{unknown}"#)).await;
        assert_eq!(check.next_check_in_seconds, 30, "{unknown}");
    }
    assert_eq!(check(r#""status":"running","eta_seconds":"77""#).await.next_check_in_seconds, 77);
}

#[tokio::test]
async fn only_finished_and_aborted_are_the_end() {
    for status in ["finished", "aborted"] {
        let check = check(&format!(r#""status":"{status}","eta_seconds":99"#)).await;
        assert_eq!((check.done, check.next_check_in_seconds), (true, 0), "{status}");
    }
    for status in ["starting", "queued", "running", "aborting", "Finished", "", "something new"] {
        let check = check(&format!(r#""status":"{status}""#)).await;
        assert_eq!((check.done, check.next_check_in_seconds), (false, 30), "{status}");
    }
    let check = check(r#""num_matches":1"#).await;
    assert_eq!((check.done, check.job.status), (false, None));
}

#[tokio::test]
async fn ten_thousand_matches_are_more_that_were_lost() {
    for (matches, truncated) in
        [("0", false), ("9999", false), ("10000", true), ("\"10000\"", true), ("10001", true), ("null", false)]
    {
        for status in ["running", "finished"] {
            let check = check(&format!(r#""status":"{status}","num_matches":{matches}"#)).await;
            assert_eq!(check.truncated, truncated, "{matches} while {status}");
        }
    }
}

#[tokio::test]
async fn each_jobs_fixture_can_be_checked() {
    for (name, done, seconds) in [("retrohunt_job-1.json", false, 300), ("retrohunt_job-3.json", true, 0)] {
        let (_server, connector) = facing(answer(response(200, &[], fixture(name)))).await;
        let check = answered(connector.check_retrohunt_job("ann-1")).await;
        assert_eq!((check.done, check.next_check_in_seconds, check.truncated), (done, seconds, false), "{name}");
    }
}
