//! The IoC stream: following it, filtering it, deleting from it.

use std::collections::HashSet;

use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_RULES, Options};

use crate::client::{Answer, Api, stream_ids as ids};

#[tokio::test]
async fn a_walk_sees_everything_once_in_either_order() {
    let api = Api::start().await;
    let down = ids(&api.walk("/ioc_stream?limit=7&descriptors_only=true").await);
    let mut up = ids(&api.walk("/ioc_stream?limit=40&descriptors_only=true&order=date%2B").await);
    assert_eq!(down.iter().collect::<HashSet<_>>().len(), 96);
    up.reverse();
    assert_eq!(down, up);
}

#[tokio::test]
async fn entries_that_arrive_during_a_walk_do_not_shift_it() {
    let api = Api::start().await;
    let first = api.get("/ioc_stream?limit=10&descriptors_only=true").await;
    api.simulator.advance_clock(60);
    api.simulator.advance_feed(80);
    let second = api.after("/ioc_stream?limit=10&descriptors_only=true", &first).await;
    let seen: HashSet<String> = ids(&[first, second]).into_iter().collect();
    assert_eq!(seen.len(), 20);
}

#[tokio::test]
async fn following_by_date_brings_the_last_second_again_and_then_what_is_new() {
    let api = Api::start().await;
    let last = api.get("/ioc_stream?limit=1").await.items()[0]["context_attributes"]["notification_date"].clone();
    let follow = format!("/ioc_stream?order=date%2B&descriptors_only=true&limit=40&filter=date%3A{last}%2B");
    let before = ids(&api.walk(&follow).await);
    assert_eq!(before.len(), 3, "three share the last second");
    api.ruleset("new", EXAMPLE_RULES, json!({})).await;
    api.simulator.advance_clock(60);
    let made = api.simulator.advance_feed(16);
    let after = ids(&api.walk(&follow).await);
    assert_eq!(after[..3], before[..]);
    assert_eq!(after.len(), 3 + made + 2, "hunting and the two subscriptions of sixteen samples");
}

#[tokio::test]
async fn a_notification_of_seven_days_is_there_and_an_older_one_is_gone_for_good() {
    let api = Api::with(Options { history: 0, ..Options::default() }).await;
    let id = api.simulator.add_stream_notifications(1).remove(0);
    let path = format!("/ioc_stream_notifications/{id}");
    let there = async || api.get("/ioc_stream").await.items().len();
    api.simulator.advance_clock(7 * 86_400);
    assert_eq!((there().await, api.get(&path).await.status), (1, 200));
    api.simulator.advance_clock(1);
    assert_eq!((there().await, api.get(&path).await.status), (0, 404));
    api.simulator.rewind_clock(86_400);
    assert_eq!(there().await, 0);
}

#[tokio::test]
async fn every_filter_narrows() {
    let api = Api::start().await;
    let all = api.walk("/ioc_stream?limit=40").await;
    let items: Vec<Value> = all.iter().flat_map(Answer::items).collect();
    let count = async |filter: &str| {
        let page = api.get(&format!("/ioc_stream?limit=1&filter={filter}")).await;
        page.json()["meta"]["count"].as_u64().expect("a count") as usize
    };
    let having = |test: &dyn Fn(&Value) -> bool| items.iter().filter(|item| test(item)).count();
    let source = |item: &Value, kind: &str| {
        item["context_attributes"]["sources"].as_array().expect("sources").iter().any(|source| source["type"] == kind)
    };
    for kind in ["file", "url", "domain", "ip_address"] {
        assert_eq!(count(&format!("entity_type%3A{kind}")).await, having(&|item| item["type"] == kind));
    }
    for kind in ["hunting_ruleset", "retrohunt_job", "collection", "threat_actor", "threat_profile"] {
        let expected = having(&|item| source(item, kind));
        assert!(expected > 0, "{kind}");
        assert_eq!(count(&format!("source_type%3A{kind}")).await, expected);
    }
    let hunting = having(&|item| item["context_attributes"]["origin"] == "hunting");
    assert_eq!(count("origin%3Ahunting").await, hunting);
    assert_eq!(count("origin%3Asubscriptions").await, 96 - hunting);
    let id = items[0]["id"].as_str().expect("an id");
    assert!(count(&format!("entity_id%3A{id}")).await > 0);
    assert!(count("source_id%3A68239285162%20origin%3Ahunting").await > 0);
}

#[tokio::test]
async fn a_notification_is_there_by_its_id_until_it_is_deleted() {
    let api = Api::start().await;
    let item = api.get("/ioc_stream?limit=1&filter=origin%3Ahunting").await.items()[0].clone();
    let id = item["context_attributes"]["notification_id"].as_str().expect("an id");
    let path = format!("/ioc_stream_notifications/{id}");
    let notification = api.get(&path).await.json()["data"].clone();
    assert_eq!(notification["type"], "ioc_stream_notification");
    assert_eq!(notification["attributes"]["entity_id"], item["id"]);
    assert_eq!(notification["attributes"]["entity_type"], item["type"]);
    assert!(notification["attributes"]["date"].is_u64());
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_deletion_runs_for_a_while_and_alone() {
    let api = Api::start().await;
    assert_eq!(api.delete("/ioc_stream?filter=origin%3Ahunting").await.status, 202);
    assert_eq!(api.delete("/ioc_stream").await.status, 429);
    assert_eq!(api.get("/ioc_stream?limit=1").await.json()["meta"]["count"], 96);
    api.simulator.advance_clock(5);
    let hunting = api.get("/ioc_stream?limit=1&filter=origin%3Ahunting").await.json();
    assert_eq!(hunting["meta"]["count"], 0);
    assert_eq!(api.get("/ioc_stream?limit=1").await.json()["meta"]["count"], 64);
    assert_eq!(api.delete("/ioc_stream").await.status, 202);
}
