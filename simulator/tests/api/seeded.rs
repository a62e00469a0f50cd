//! A service in the middle of a hunt, for whoever tries things out: what is there, and how it moves.

use serde_json::Value;
use virustotal_hunting_simulator::Options;

use crate::client::{Answer, Api, object_ids};

const NOTIFICATIONS: &str = "/intelligence/hunting_notifications?limit=40&count_limit=10000";

fn items(pages: &[Answer]) -> Vec<Value> {
    pages.iter().flat_map(Answer::items).collect()
}

/// Five seconds pass with each request, and with them a sample arrives.
fn options() -> Options {
    Options { seeded: true, seconds_per_request: 5, feed_seconds: Some(5), ..Options::default() }
}

#[tokio::test]
async fn a_newcomer_finds_rulesets_notifications_jobs_and_a_stream() {
    let api = Api::with(options()).await;
    let rulesets = api.get("/intelligence/hunting_rulesets").await.items();
    let mut names: Vec<&str> = rulesets.iter().filter_map(|one| one["attributes"]["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["bots", "flagged", "loaders", "login pages"]);
    let losing = |one: &&Value| one["attributes"]["rate_limited"] == true;
    assert_eq!(rulesets.iter().filter(losing).count(), 1, "one has reached its limit");

    let notifications = items(&api.walk(NOTIFICATIONS).await);
    assert!(notifications.len() > 40, "more than a page: {}", notifications.len());
    let recent = |one: &&Value| one["attributes"]["date"].as_u64() > Some(api.simulator.now() - 3_700);
    assert!(notifications.iter().any(|one| recent(&one)), "some came in the last hour");

    let jobs = [api.get("/intelligence/retrohunt_jobs").await];
    assert_eq!(object_ids(&jobs), ["night-shift_lab-1760003600", "night-shift_lab-1760000000"]);
    assert!(items(&jobs).iter().all(|job| job["attributes"]["status"] == "finished"));
    let stream = api.walk("/ioc_stream?limit=40&descriptors_only=true&filter=origin%3Ahunting").await;
    assert!(items(&stream).len() > 40);
}

#[tokio::test]
async fn the_second_user_has_a_ruleset_that_the_first_may_edit() {
    let mut api = Api::with(options()).await;
    let [(first, first_key), (second, second_key)] = &api.simulator.users()[..] else { panic!("two users") };
    assert_eq!((&**first, &**second), ("night-shift_lab", "night-shift_lab-2"));
    api.key = second_key.clone();
    let theirs = api.get("/intelligence/hunting_rulesets").await.items();
    api.key = first_key.clone();
    let id = theirs[0]["id"].as_str().expect("an id");
    let shared = api.get(&format!("/intelligence/hunting_rulesets/{id}")).await;
    assert_eq!(shared.json()["data"]["attributes"]["name"], "droppers");
}

#[tokio::test]
async fn the_feed_moves_by_itself_as_the_clock_does_and_dates_what_comes_when_it_was_due() {
    let api = Api::with(options()).await;
    let before = items(&api.walk(NOTIFICATIONS).await).len();
    let then = api.simulator.now();
    api.simulator.advance_clock(300);
    let after = items(&api.walk(NOTIFICATIONS).await);
    assert!(after.len() > before, "{before} notifications stayed {}", after.len());
    let dates: std::collections::HashSet<u64> =
        after.iter().filter_map(|one| one["attributes"]["date"].as_u64()).filter(|date| *date > then).collect();
    assert!(dates.len() > 3, "not all in one second: {dates:?}");
    assert!(dates.iter().all(|date| *date <= api.simulator.now()));
}

#[tokio::test]
async fn the_same_requests_meet_the_same_service() {
    async fn story() -> Vec<String> {
        let api = Api::with(options()).await;
        api.simulator.advance_clock(100);
        let mut ids = object_ids(&[api.get("/intelligence/hunting_rulesets").await]);
        ids.extend(object_ids(&api.walk(NOTIFICATIONS).await));
        ids
    }
    assert_eq!(story().await, story().await);
}

#[tokio::test]
async fn the_whole_month_is_left() {
    let api = Api::with(options()).await;
    let quotas = api.get(&format!("/users/{}/overall_quotas", api.simulator.user())).await.json();
    assert_eq!(quotas["data"]["intelligence_retrohunt_jobs_monthly"]["user"]["used"], 0);
    // Each rule of the enabled rulesets; the disabled one costs nothing.
    assert_eq!(quotas["data"]["intelligence_hunting_rules"]["user"]["used"], 3);
}
