//! Every action answers through the served gateway.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_RULES, Options};

use super::{Served, TOKEN, client};
use crate::support::world::{World, settings};

const COLLEAGUE: &str = "07e207e207e207e207e207e207e207e207e207e207e207e207e207e207e207e2";

/// A gateway, and which actions answered so far.
struct Round {
    served: Served,
    answered: BTreeSet<String>,
}

impl Round {
    async fn act(&mut self, action: &str, arguments: Value) -> Value {
        let envelope = self.served.envelope(action, arguments).await;
        let mut body = envelope["json_body"].clone();
        if action == "parse-snippet" {
            assert_eq!(envelope["status_code"], Value::Null, "it sends nothing");
        } else {
            assert!(envelope["status_code"].as_u64().is_some_and(|status| status < 300), "{action}: {envelope}");
            assert!(envelope["response_headers"]["server"].is_string(), "{action}: {envelope}");
        }
        assert!(body.is_object(), "{action}: {envelope}");
        assert_eq!(envelope.get("incomplete"), None, "{action}");
        self.answered.insert(action.to_owned());
        body["data"].take()
    }

    /// The id of the object, or of the first of several.
    async fn id(&mut self, action: &str, arguments: Value) -> String {
        let data = self.act(action, arguments).await;
        let object = if data.is_array() { &data[0] } else { &data };
        object["id"].as_str().unwrap_or_else(|| panic!("{action} has no id: {data}")).to_owned()
    }

    async fn context(&mut self, action: &str, arguments: Value, attribute: &str) -> String {
        let data = self.act(action, arguments).await;
        let id = &data[0]["context_attributes"][attribute];
        id.as_str().unwrap_or_else(|| panic!("{action} has no {attribute}: {data}")).to_owned()
    }
}

#[tokio::test]
async fn every_action_answers_through_the_served_gateway() {
    let world = World::with(Options { additional_keys: vec![COLLEAGUE.to_owned()], ..Options::default() });
    let user = world.simulator.user();
    let colleague = world.simulator.user_of(COLLEAGUE).expect("a user");
    let since = world.simulator.now() - 60;
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let mut round = Round { served, answered: BTreeSet::new() };

    let rules = json!({"name": "one", "rules": EXAMPLE_RULES, "enabled": true});
    let ruleset = round.id("create-livehunt-ruleset", rules.clone()).await;
    let mut lost = rules.clone();
    lost["created_since"] = json!(since);
    assert_eq!(round.id("reconcile-livehunt-ruleset", lost).await, ruleset);
    assert_eq!(round.id("get-livehunt-rulesets", json!({})).await, ruleset);
    assert_eq!(round.id("get-livehunt-ruleset", json!({"id": ruleset})).await, ruleset);
    world.simulator.advance_feed(30);
    let hit = round.id("get-livehunt-notifications", json!({"limit": 1})).await;
    round.id("get-livehunt-notification", json!({"id": hit})).await;
    round.id("get-livehunt-notification-files", json!({"limit": 1})).await;
    round.id("get-livehunt-ruleset-notification-files", json!({"id": ruleset, "limit": 1})).await;
    round.id("poll-livehunt-notifications", json!({"since": since, "budget": {"items": 5}})).await;
    round.act("delete-livehunt-notification", json!({"id": hit})).await;
    round.act("delete-livehunt-notifications", json!({"selection": "everything"})).await;
    let editor = json!({"id": ruleset, "editors": [{"editor_type": "user", "id": colleague}]});
    round.act("add-livehunt-ruleset-editors", editor).await;
    let who = json!({"id": ruleset, "editor": colleague});
    assert_eq!(round.act("check-livehunt-ruleset-editor", who.clone()).await, json!(true));
    assert_eq!(round.id("get-livehunt-ruleset-editors", json!({"id": ruleset})).await, colleague);
    assert_eq!(round.id("get-livehunt-ruleset-owner", json!({"id": ruleset})).await, user);
    round.act("remove-livehunt-ruleset-editor", who).await;
    round.act("update-livehunt-ruleset", json!({"id": ruleset, "enabled": false})).await;
    round.act("transfer-livehunt-ruleset", json!({"id": ruleset, "user": colleague})).await;
    let second = round.id("create-livehunt-ruleset", rules.clone()).await;
    round.act("delete-livehunt-ruleset", json!({"id": second})).await;
    round.act("create-livehunt-ruleset", rules).await;
    let operation = round.id("delete-all-livehunt-rulesets", json!({"confirm_user": user})).await;
    round.id("get-operation", json!({"id": operation})).await;

    let job = round.id("create-retrohunt-job", json!({"rules": EXAMPLE_RULES})).await;
    round.id("reconcile-retrohunt-job", json!({"rules": EXAMPLE_RULES, "created_since": since})).await;
    round.act("abort-retrohunt-job", json!({"id": job})).await;
    let job = round.id("create-retrohunt-job", json!({"rules": EXAMPLE_RULES})).await;
    world.simulator.advance_clock(100_000);
    round.id("check-retrohunt-job", json!({"id": job})).await;
    round.id("get-retrohunt-job", json!({"id": job})).await;
    round.id("get-retrohunt-jobs", json!({})).await;
    round.id("get-retrohunt-job-matches", json!({"id": job, "limit": 1})).await;
    round.act("delete-retrohunt-job", json!({"id": job})).await;

    let notification = round.context("get-ioc-stream-objects", json!({"limit": 1}), "notification_id").await;
    round.id("get-ioc-stream-notification", json!({"id": notification})).await;
    round.id("poll-ioc-stream", json!({"since": 1, "budget": {"items": 5, "requests": 1}})).await;
    round.act("delete-ioc-stream-notification", json!({"id": notification})).await;
    round.act("delete-ioc-stream-objects", json!({"selection": "everything"})).await;

    round.id("get-account", json!({"user": user})).await;
    for action in ["get-account-quotas", "get-account-usage"] {
        round.act(action, json!({"user": user})).await;
    }
    let rule = round.id("get-crowdsourced-yara-rules", json!({"limit": 1})).await;
    assert_eq!(round.id("get-crowdsourced-yara-rule", json!({"id": rule})).await, rule);
    let bytes = round.act("parse-snippet", json!({"dump": "4D 5A *begin_highlight*90 00*end_highlight* 61"})).await;
    assert!(bytes.is_object(), "{bytes}");

    // None was forgotten: the gateway itself says which there are.
    let catalogue = client::get(round.served.address, "/v1/actions", Some(TOKEN)).await.json();
    let names = catalogue["actions"].as_array().expect("a list").iter();
    let names: BTreeSet<String> = names.map(|action| action["name"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(round.answered, names);
    let counters = round.served.gateway.counters();
    assert_eq!((counters.running, counters.failed), (0, 0));
}
