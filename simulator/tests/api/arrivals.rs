//! What arrives and what goes without a request: the collections move while a client reads them.

use std::collections::HashSet;

use serde_json::json;
use virustotal_hunting_simulator::{EXAMPLE_RULES, EXAMPLE_URL_RULES, Options};

use crate::client::{Api, object_ids, stream_ids};

const UP: &str = "/ioc_stream?limit=40&descriptors_only=true&order=date%2B";

#[tokio::test]
async fn thousands_of_entries_arrive_in_one_second_and_a_walk_sees_each_once() {
    let api = Api::with(Options { history: 0, ..Options::default() }).await;
    let made = api.simulator.add_stream_notifications(3_000);
    assert_eq!(made.iter().collect::<HashSet<_>>().len(), 3_000);
    let now = api.simulator.now();
    let ids = api.simulator.stream_notification_ids();
    assert!(ids.iter().all(|(_, date)| *date == now));
    assert!(ids.iter().map(|(id, _)| id).eq(&made));
    let walked = stream_ids(&api.walk(&format!("{UP}&filter=date%3A{now}%2B")).await);
    assert_eq!(walked, made);
    let kinds: HashSet<String> = api.get(UP).await.items().iter().map(|item| item["type"].to_string()).collect();
    assert_eq!(kinds.len(), 4, "every type: {kinds:?}");
}

#[tokio::test]
async fn livehunt_notifications_name_the_first_enabled_ruleset_for_files() {
    let api = Api::start().await;
    api.ruleset("off", EXAMPLE_RULES, json!({"enabled": false})).await;
    api.ruleset("urls", EXAMPLE_URL_RULES, json!({"match_object_type": "url"})).await;
    let id = api.ruleset("on", EXAMPLE_RULES, json!({"limit": 1})).await;
    let made = api.simulator.add_hunting_notifications(5);
    let notification = api.get(&format!("/intelligence/hunting_notifications/{}", made[4])).await.json();
    assert_eq!(notification["data"]["attributes"]["rule_name"], "Simulated_Loader");
    assert_eq!(notification["data"]["attributes"]["date"], api.simulator.now());
    let files = api.get(&format!("/intelligence/hunting_rulesets/{id}/hunting_notification_files")).await.items();
    assert_eq!(files.len(), 5, "the limit does not hold them up");
    assert_eq!(files[0]["context_attributes"]["ruleset_name"], "on");
    let stream = api.get(&format!("/ioc_stream?filter=source_id%3A{id}")).await.items();
    assert_eq!(stream.len(), 5, "as always they are in the stream too");
    let listed = api.simulator.hunting_notification_ids();
    assert_eq!(listed, made.into_iter().map(|id| (id, api.simulator.now())).collect::<Vec<_>>());
}

#[tokio::test]
async fn without_a_ruleset_they_come_from_one_that_is_no_longer_there() {
    let api = Api::start().await;
    let made = api.simulator.add_hunting_notifications(300);
    let page = api.get("/intelligence/hunting_notifications?limit=40").await;
    assert_eq!(page.json()["meta"]["count"], 200, "counted up to the limit");
    let page = api.get("/intelligence/hunting_notifications?limit=40&count_limit=10000").await;
    assert_eq!(page.json()["meta"]["count"], 300);
    assert_eq!(page.items()[0]["attributes"]["rule_name"], "Retired_Rule");
    let mut walked = object_ids(&api.walk("/intelligence/hunting_notifications?limit=40").await);
    walked.reverse();
    assert_eq!(walked, made);
    let nothing = Api::with(Options { samples: 0, ..Options::default() }).await;
    assert!(nothing.simulator.add_hunting_notifications(3).is_empty(), "there is no file to notify about");
    assert_eq!(nothing.simulator.add_stream_notifications(3).len(), 3);
}

#[tokio::test]
async fn what_is_added_for_a_key_is_its_users_alone() {
    let other = "ef".repeat(32);
    let api = Api::with(Options { additional_keys: vec![other.clone()], history: 0, ..Options::default() }).await;
    assert_eq!(api.simulator.user(), "night-shift_lab");
    assert_eq!(api.simulator.user_of(api.simulator.key()).as_deref(), Some("night-shift_lab"));
    assert_eq!(api.simulator.user_of(&other).as_deref(), Some("night-shift_lab-2"));
    assert_eq!(api.simulator.user_of("unknown"), None);

    api.simulator.add_stream_notifications_for(&other, 4);
    api.simulator.add_hunting_notifications_for(&other, 2);
    assert_eq!(api.simulator.stream_notification_ids_for(&other).len(), 6);
    assert_eq!(api.simulator.hunting_notification_ids_for(&other).len(), 2);
    assert!(api.simulator.stream_notification_ids().is_empty() && api.simulator.hunting_notification_ids().is_empty());
    assert!(api.get("/ioc_stream").await.items().is_empty());
}

#[tokio::test]
async fn what_another_client_deletes_is_gone_and_shifts_no_walk() {
    let api = Api::with(Options { history: 0, ..Options::default() }).await;
    let made = api.simulator.add_stream_notifications(10);
    let path = "/ioc_stream?limit=4&descriptors_only=true&order=date%2B";
    let first = api.get(path).await;
    // Two that were served, the last of them the one that the cursor stands behind, and one that was not yet.
    for gone in [&made[0], &made[3], &made[5]] {
        assert!(api.simulator.delete_stream_notification(gone));
        assert!(!api.simulator.delete_stream_notification(gone), "once only");
        assert_eq!(api.get(&format!("/ioc_stream_notifications/{gone}")).await.status, 404);
    }
    let second = api.after(path, &first).await;
    assert_eq!(stream_ids(&[second]), [&made[4], &made[6], &made[7], &made[8]].map(String::clone));

    let made = api.simulator.add_hunting_notifications(2);
    assert!(api.simulator.delete_hunting_notification(&made[0]));
    assert!(!api.simulator.delete_hunting_notification(&made[0]));
    assert_eq!(object_ids(&[api.get("/intelligence/hunting_notifications").await]), made[1..]);
}

#[tokio::test]
async fn a_ruleset_that_goes_or_is_changed_between_pages_shifts_no_walk() {
    let api = Api::start().await;
    let mut ids = Vec::new();
    for name in ["alpha", "beta", "delta", "gamma", "omega"] {
        ids.push(api.ruleset(name, EXAMPLE_RULES, json!({})).await);
        api.simulator.advance_clock(1);
    }
    let by_name = "/intelligence/hunting_rulesets?limit=2&order=name";
    let by_change = "/intelligence/hunting_rulesets?limit=2&order=modification_date-";
    let (first_by_name, first_by_change) = (api.get(by_name).await, api.get(by_change).await);
    let body = json!({"data": {"type": "hunting_ruleset", "id": ids[3], "attributes": {"limit": 5}}});
    let path = format!("/intelligence/hunting_rulesets/{}", ids[3]);
    assert_eq!(api.send(reqwest::Method::PATCH, &path, &body).await.status, 200);
    assert_eq!(object_ids(&[api.after(by_change, &first_by_change).await]), [ids[2].clone(), ids[1].clone()]);
    assert_eq!(api.delete(&format!("/intelligence/hunting_rulesets/{}", ids[1])).await.status, 200);
    assert_eq!(object_ids(&[api.after(by_name, &first_by_name).await]), ids[2..4]);
}
