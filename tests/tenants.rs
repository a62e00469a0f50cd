//! Tenants of one host share compiled code and nothing else: no key, no data, no connection, no last answer.

use std::collections::HashSet;

use virustotal_hunting_simulator::Options;
use vt_hunting_host::livehunt::RulesetsQuery;
use vt_hunting_host::retrohunt::RetrohuntJobsQuery;
use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{Connector, Settings};

use crate::support::world::{World, api_key, connector, new_job, new_ruleset, settings};
use crate::support::{KEY, answered, refused, within};

fn other_key() -> String {
    "0dd".repeat(21) + "0"
}

fn two() -> (World, Connector) {
    let world = World::with(Options { additional_keys: vec![other_key()], ..Options::default() });
    let other = world.tenant(&other_key());
    (world, other)
}

#[tokio::test]
async fn one_tenants_objects_are_not_there_for_the_other() {
    let (world, other) = two();
    let ruleset = world.ruleset("mine").await;
    let job = world.job().await;
    assert!(answered(other.get_livehunt_rulesets(&RulesetsQuery::default())).await.items.is_empty());
    assert!(answered(other.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await.items.is_empty());
    for error in [
        refused(other.delete_livehunt_ruleset(&ruleset.id)).await,
        refused(other.get_retrohunt_job(&job.id)).await,
        refused(other.abort_retrohunt_job(&job.id)).await,
    ] {
        assert_eq!(error.kind, ErrorKind::NotFound);
    }
    assert_eq!(answered(world.connector.get_livehunt_rulesets(&RulesetsQuery::default())).await.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_at_the_same_time_carry_their_own_key_and_get_their_own_answer() {
    const CALLS: usize = 40;
    for from_host in [true, false] {
        let (world, _) = two();
        let tenant = |key: &str| {
            let own = Settings {
                api_key: Some(api_key(key)),
                api_key_from_host: from_host,
                ..settings(&world.simulator.http_url())
            };
            connector(own)
        };
        let tenants = [(KEY.to_owned(), tenant(KEY)), (other_key(), tenant(&other_key()))];
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..CALLS {
            for (key, connector) in &tenants {
                let (key, connector) = (key.clone(), connector.clone());
                calls.spawn(async move {
                    let name = format!("{number} of {}", &key[..3]);
                    let mut new = new_ruleset(&name);
                    new.rules = "rule a { condition: false }".to_owned();
                    let created = answered(connector.create_livehunt_ruleset(&new)).await;
                    assert_eq!(created.name, Some(name));
                    let page = answered(
                        connector.get_livehunt_rulesets(&RulesetsQuery { limit: Some(40), ..Default::default() }),
                    )
                    .await;
                    for ruleset in page.items {
                        let name = ruleset.name.expect("a name");
                        assert!(name.ends_with(&key[..3]), "{name} is the other's");
                    }
                });
            }
        }
        within(calls.join_all()).await;
        for request in world.simulator.requests() {
            let key = request.header("x-apikey").expect("a key");
            let body = String::from_utf8_lossy(&request.body).into_owned();
            if request.method == "POST" {
                assert!(body.contains(&format!(" of {}", &key[..3])), "{body} went out with another key");
            }
        }
    }
}

#[tokio::test]
async fn tenants_share_no_connection() {
    let (world, other) = two();
    for _ in 0..3 {
        answered(world.connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
        answered(other.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    }
    assert_eq!(world.simulator.connections(), 2);
    assert_eq!((world.connector.counters().attempts, other.counters().attempts), (3, 3));
}

#[tokio::test]
async fn an_instance_never_shows_another_ones_last_answer() {
    let (world, other) = two();
    let mut mine = within(world.connector.instance()).await.expect("an instance");
    let mut theirs = within(other.instance()).await.expect("an instance");
    answered(mine.create_retrohunt_job(&new_job())).await;
    assert!(within(mine.last_response()).await.is_some());
    assert!(within(theirs.last_response()).await.is_none());
    // Nor does one that takes the place of another in the pool.
    drop(mine);
    let mut fresh = within(other.instance()).await.expect("an instance");
    assert!(within(fresh.last_response()).await.is_none());
}

#[tokio::test]
async fn one_tenants_wrong_key_is_not_the_others_trouble() {
    let (world, other) = two();
    let locked_out = world.tenant(&"ff".repeat(32));
    let mut kinds = HashSet::new();
    for _ in 0..5 {
        kinds.insert(format!("{:?}", refused(locked_out.get_retrohunt_job("1")).await.kind));
        answered(other.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
        answered(world.connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    }
    assert_eq!(kinds, HashSet::from(["ErrorKind::Authentication".to_owned()]));
    assert_eq!(world.connector.counters().failed(), 0);
}
