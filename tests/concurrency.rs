//! Many calls at once all end well, and many calls in a row use one connection.

use vt_hunting_host::retrohunt::RetrohuntJobsQuery;

use crate::support::world::World;
use crate::support::{answered, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_calls_at_once_all_get_their_own_answer() {
    let world = World::new();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..200 {
        let connector = world.connector.clone();
        calls.spawn(async move {
            if number % 2 == 0 {
                let page = answered(connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
                assert!(page.items.is_empty());
            } else {
                let id = format!("night-shift_lab-{number}");
                let error = connector.get_retrohunt_job(&id).await.expect_err("there is none");
                let error = error.as_hunting().unwrap_or_else(|| panic!("{error:?}"));
                assert!(error.message.contains(&id), "another call's answer: {}", error.message);
            }
        });
    }
    within(calls.join_all()).await;
    assert_eq!(world.simulator.requests().len(), 200);
    let counters = world.connector.counters();
    assert_eq!((counters.calls, counters.calls_in_flight), (200, 0));
    assert_eq!(counters.failures, [("not-found", 100)]);
}

#[tokio::test]
async fn a_thousand_calls_in_a_row_use_one_connection() {
    let world = World::new();
    for _ in 0..1000 {
        answered(world.connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    }
    assert_eq!(world.simulator.requests().len(), 1000);
    assert_eq!(world.simulator.connections(), 1);
}

#[tokio::test]
async fn one_instance_serves_many_calls_in_a_row() {
    let world = World::new();
    let mut instance = within(world.connector.instance()).await.expect("an instance");
    for number in 0..200 {
        if number % 10 == 9 {
            let error = within(instance.get_retrohunt_job("none-1")).await.expect_err("there is none");
            assert_eq!(error.as_hunting().map(|error| &*error.code), Some("NotFoundError"));
        } else {
            answered(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
        }
    }
    assert!(!instance.is_poisoned());
    assert_eq!(world.simulator.connections(), 1);
}
