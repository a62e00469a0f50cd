//! Rulesets, notifications and their files.

use reqwest::Method;
use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_RULES, EXAMPLE_URL_RULES, EXAMPLE_VT_RULES, Options};

use crate::client::{Answer, Api, answer};

const RULESETS: &str = "/intelligence/hunting_rulesets";

fn patch_body(id: &str, attributes: Value) -> Value {
    json!({"data": {"type": "hunting_ruleset", "id": id, "attributes": attributes}})
}

async fn patch(api: &Api, id: &str, attributes: Value) -> Answer {
    api.send(Method::PATCH, &format!("{RULESETS}/{id}"), &patch_body(id, attributes)).await
}

#[tokio::test]
async fn a_ruleset_is_created_changed_listed_and_deleted() {
    let api = Api::start().await;
    let id = api.ruleset("My Loaders", EXAMPLE_RULES, json!({"notification_emails": ["a@b.example"]})).await;
    let path = format!("{RULESETS}/{id}");
    let got = api.get(&path).await.json();
    let attributes = &got["data"]["attributes"];
    assert_eq!(attributes["rule_names"], json!(["Simulated_Loader"]));
    assert_eq!(attributes["number_of_rules"], 1);
    assert_eq!(attributes["creation_date"], api.simulator.now());
    assert!(attributes.get("match_object_type").is_none(), "absent unless it was given");

    api.simulator.advance_clock(50);
    let changes = json!({"enabled": false, "limit": 0, "notification_emails": []});
    let changed = api.send(Method::PATCH, &path, &patch_body(&id, changes)).await.json();
    let attributes = &changed["data"]["attributes"];
    assert_eq!((&attributes["enabled"], &attributes["limit"]), (&json!(false), &json!(0)));
    assert_eq!((&attributes["notification_emails"], &attributes["name"]), (&json!([]), &json!("My Loaders")));
    assert_eq!(attributes["modification_date"], api.simulator.now());
    for read_only in [
        "creation_date",
        "modification_date",
        "number_of_rules",
        "rule_names",
        "rate_limited",
        "rate_limited_ratio",
        "scheduled_disable_date",
        "scheduled_disable_reason",
    ] {
        let refused = api.send(Method::PATCH, &path, &patch_body(&id, json!({"name": "x", read_only: null}))).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "InvalidArgumentError"), "{read_only}");
    }
    assert_eq!(api.get(&path).await.json()["data"]["attributes"]["name"], "My Loaders", "nothing was changed");

    assert_eq!(api.get(&format!("{RULESETS}?filter=name%3Aloaders")).await.items().len(), 1);
    assert_eq!(api.get(&format!("{RULESETS}?filter=name%3Aload")).await.items().len(), 0, "whole words only");
    assert_eq!(api.get(&format!("{RULESETS}?filter=enabled%3Atrue")).await.items().len(), 0);
    assert_eq!(api.delete(&path).await.status, 200);
    assert_eq!(api.delete(&path).await.status, 404);
}

#[tokio::test]
async fn rulesets_sort_by_name_and_dates_either_way() {
    let api = Api::start().await;
    for name in ["beta", "Alpha", "gamma"] {
        api.ruleset(name, EXAMPLE_RULES, json!({})).await;
        api.simulator.advance_clock(1);
    }
    for (order, expected) in [
        ("name", ["Alpha", "beta", "gamma"]),
        ("name-", ["gamma", "beta", "Alpha"]),
        ("creation_date%2B", ["beta", "Alpha", "gamma"]),
    ] {
        let items = api.get(&format!("{RULESETS}?order={order}")).await.items();
        let names: Vec<&str> = items.iter().filter_map(|item| item["attributes"]["name"].as_str()).collect();
        assert_eq!(names, expected, "{order}");
    }
}

#[tokio::test]
async fn the_feed_makes_notifications_with_snippets_and_files_and_stream_entries() {
    let api = Api::start().await;
    api.ruleset("My Loaders", EXAMPLE_RULES, json!({})).await;
    let made = api.simulator.advance_feed(60);
    assert!(made > 10, "{made}");
    let page = api.get("/intelligence/hunting_notifications?limit=40").await;
    assert_eq!(page.json()["meta"]["count"], made);
    let first = page.items()[0].clone();
    let attributes = &first["attributes"];
    assert_eq!(attributes["rule_name"], "Simulated_Loader");
    assert_eq!(attributes["rule_tags"], json!(["loader", "pe"]));
    let tags: Vec<&str> = attributes["tags"].as_array().expect("tags").iter().filter_map(Value::as_str).collect();
    assert_eq!((tags[0].len(), &tags[1..]), (64, &["my loaders", "simulated_loader"][..]));
    let snippet = attributes["snippet"].as_str().expect("a snippet");
    assert!(snippet.contains("*begin_highlight*") && snippet.contains("*end_highlight*"), "{snippet}");

    let id = first["id"].as_str().expect("an id");
    let path = format!("/intelligence/hunting_notifications/{id}");
    assert_eq!(api.get(&path).await.json()["data"]["id"], id);
    let files = api.get(&format!("/intelligence/hunting_notification_files?filter={}", tags[0])).await.items();
    assert_eq!((&files[0]["id"], &files[0]["context_attributes"]["notification_id"]), (&json!(tags[0]), &json!(id)));
    let stream = api.get("/ioc_stream?filter=notification_tag%3Asimulated_loader&limit=1").await.json();
    assert_eq!(stream["meta"]["count"], made);
    assert_eq!(stream["data"][0]["context_attributes"]["sources"][0]["label"], "My Loaders");
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!((api.get(&path).await.status, api.delete(&path).await.status), (404, 404));
}

#[tokio::test]
async fn notifications_are_found_by_tag_owner_and_date() {
    let api = Api::start().await;
    api.ruleset("first", EXAMPLE_RULES, json!({})).await;
    let early = api.simulator.advance_feed(24);
    api.simulator.advance_clock(1_000);
    let now = api.simulator.now();
    let late = api.simulator.advance_feed(24);
    let count = async |filter: String| {
        api.get(&format!("/intelligence/hunting_notifications?filter={filter}")).await.json()["meta"]["count"].clone()
    };
    assert_eq!(count(format!("date%3A{now}%2B")).await, late);
    assert_eq!(count(format!("date%3A{}-", now - 1)).await, early);
    assert_eq!(count("tag%3Afirst%20owner%3Anight-shift_lab".into()).await, early + late);
    assert_eq!(count("owner%3Asomebody".into()).await, 0);
    assert_eq!(api.delete("/intelligence/hunting_notifications?tag=other").await.status, 200);
    assert_eq!(count("tag%3Afirst".into()).await, early + late);
    let hash = api.get("/intelligence/hunting_notifications?limit=1").await.items()[0]["attributes"]["tags"][0].clone();
    let tagged = count(format!("tag%3A{}", hash.as_str().expect("a hash"))).await.as_u64().expect("a number") as usize;
    let path = format!("/intelligence/hunting_notifications?tag={}", hash.as_str().expect("a hash"));
    assert_eq!(api.delete(&path).await.status, 200);
    assert_eq!(count("tag%3Afirst".into()).await, early + late - tagged);
    assert_eq!(api.delete("/intelligence/hunting_notifications").await.status, 200);
    assert_eq!(count("tag%3Afirst".into()).await, 0);
}

#[tokio::test]
async fn at_its_limit_a_ruleset_is_disabled_and_its_matches_are_never_delivered() {
    let api = Api::start().await;
    let id = api.ruleset("limited", EXAMPLE_RULES, json!({"limit": 3})).await;
    let limited = async || {
        let attributes = api.get(&format!("{RULESETS}/{id}")).await.json()["data"]["attributes"].clone();
        (attributes["rate_limited"].clone(), attributes["rate_limited_ratio"].clone())
    };
    assert_eq!(limited().await, (Value::Null, Value::Null));
    assert_eq!(api.simulator.advance_feed(40), 3);
    assert_eq!(limited().await, (json!(true), json!(0.0)));
    api.simulator.advance_clock(6 * 3600);
    assert_eq!(api.simulator.advance_feed(40), 0);
    assert_eq!(limited().await, (json!(true), json!(0.25)), "six hours of lost matches");
    api.simulator.advance_clock(18 * 3600);
    assert_eq!(limited().await, (json!(false), json!(1.0)));
    // What was ignored does not come later.
    let count = api.get("/intelligence/hunting_notifications?limit=1").await.json()["meta"]["count"].clone();
    assert_eq!(count, 3);
    assert_eq!(api.simulator.advance_feed(40), 3);
}

#[tokio::test]
async fn a_higher_limit_lets_a_ruleset_run_again_at_once() {
    let api = Api::start().await;
    let id = api.ruleset("limited", EXAMPLE_RULES, json!({"limit": 3})).await;
    assert_eq!(api.simulator.advance_feed(40), 3);
    api.simulator.advance_clock(3600);
    let changed = patch(&api, &id, json!({"limit": 5})).await.json()["data"]["attributes"].clone();
    assert_eq!((&changed["rate_limited"], &changed["rate_limited_ratio"]), (&json!(false), &json!(3600.0 / 86_400.0)));
    assert_eq!(api.simulator.advance_feed(40), 2);
    let changed = patch(&api, &id, json!({"limit": 0})).await;
    assert_eq!((changed.status, api.simulator.advance_feed(40)), (200, 0));
}

#[tokio::test]
async fn each_rule_of_an_enabled_ruleset_costs_one_and_a_disabled_one_costs_nothing() {
    let api = Api::with(Options { hunting_rules_quota: 3, ..Options::default() }).await;
    let rules = |count: usize| {
        let each = (0..count).map(|number| format!("rule r{number} {{ condition: true }}"));
        each.collect::<Vec<_>>().join(" ")
    };
    let used = async || {
        let quotas = api.get("/users/night-shift_lab/overall_quotas").await.json();
        quotas["data"]["intelligence_hunting_rules"]["user"]["used"].clone()
    };
    let off = api.ruleset("off", &rules(300), json!({"enabled": false})).await;
    assert_eq!(used().await, 0);
    let on = api.ruleset("on", &rules(2), json!({"enabled": true})).await;
    assert_eq!(used().await, 2);
    let body = |attributes: Value| json!({"data": {"type": "hunting_ruleset", "attributes": attributes}});
    let too_many = body(json!({"name": "more", "rules": rules(2), "enabled": true}));
    assert_eq!(api.post(RULESETS, &too_many).await.code(), "QuotaExceededError");
    // Enabling one counts as well, and so do more rules in one that is enabled; what is refused changes nothing.
    for (id, attributes) in [(&off, json!({"enabled": true})), (&on, json!({"rules": rules(4)}))] {
        let refused = patch(&api, id, attributes).await;
        assert_eq!((refused.status, refused.code()), (429, "QuotaExceededError".to_owned()));
        assert_eq!(used().await, 2);
    }
    assert_eq!(patch(&api, &on, json!({"rules": rules(3)})).await.status, 200);
    assert_eq!(used().await, 3);
    assert_eq!(patch(&api, &on, json!({"enabled": false})).await.status, 200);
    assert_eq!(used().await, 0);
}

#[tokio::test]
async fn disabled_rulesets_are_silent_and_url_rulesets_see_urls_only() {
    let api = Api::start().await;
    api.ruleset("off", EXAMPLE_RULES, json!({"enabled": false})).await;
    assert_eq!(api.simulator.advance_feed(40), 0);
    api.ruleset("urls", EXAMPLE_URL_RULES, json!({"match_object_type": "url"})).await;
    assert!(api.simulator.advance_feed(80) > 3);
    let items = api.get("/ioc_stream?filter=notification_tag%3Aurls&limit=40").await.items();
    assert!(!items.is_empty() && items.iter().all(|item| item["type"] == "url"));
    assert!(api.get("/intelligence/hunting_notifications").await.items().is_empty());
}

#[tokio::test]
async fn rules_on_metadata_match_with_an_empty_snippet() {
    let api = Api::start().await;
    api.ruleset("reputation", EXAMPLE_VT_RULES, json!({})).await;
    assert!(api.simulator.advance_feed(24) > 3);
    let items = api.get("/intelligence/hunting_notifications").await.items();
    assert!(items.iter().all(|item| item["attributes"]["snippet"] == ""));
}

#[tokio::test]
async fn two_keys_are_two_users_with_data_of_their_own() {
    let second = "cd".repeat(32);
    let api = Api::with(Options { additional_keys: vec![second.clone()], ..Options::default() }).await;
    let id = api.ruleset("mine", EXAMPLE_RULES, json!({})).await;
    let other = async |method: Method, path: String, body: Option<Value>| {
        let request = api.client.request(method, format!("{}/api/v3{path}", api.simulator.http_url()));
        let request = request.header("x-apikey", &second);
        answer(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()).send().await,
            None => request.send().await,
        })
        .await
    };
    let path = format!("{RULESETS}/{id}");
    assert_eq!(other(Method::GET, path.clone(), None).await.status, 404);

    let editors = format!("{path}/relationships/editors");
    let user = json!({"data": [{"type": "user", "id": "night-shift_lab-2"}]});
    assert_eq!(api.post(&editors, &user).await.status, 200);
    assert_eq!(api.post(&editors, &user).await.code(), "AlreadyExistsError");
    assert_eq!(api.post(&editors, &json!({"data": [{"type": "user", "id": "nobody"}]})).await.status, 404);
    assert_eq!(api.get(&format!("{editors}/night-shift_lab-2")).await.json(), json!({"data": true}));
    let listed = api.get(&format!("{editors}?limit=40")).await.json();
    assert_eq!((&listed["data"], &listed["meta"]["count"]), (&user["data"], &json!(1)));
    let owner = api.get(&format!("{path}/relationships/owner")).await.json();
    assert_eq!(owner, json!({"data": {"type": "user", "id": "night-shift_lab"}}));
    let with = async |query: &str| api.get(&format!("{RULESETS}?relationships={query}")).await;
    let related = with("owner%2Ceditors").await.items()[0]["relationships"].clone();
    assert_eq!((&related["owner"]["data"], &related["editors"]["data"]), (&owner["data"], &user["data"]));
    assert_eq!(with("owner").await.items()[0]["relationships"]["editors"], Value::Null);
    assert_eq!(api.get(RULESETS).await.items()[0]["relationships"], Value::Null);
    assert_eq!((with("readers").await.status, api.get(&format!("{editors}?order=id")).await.status), (400, 400));
    let changed = other(Method::PATCH, path.clone(), Some(patch_body(&id, json!({"name": "ours"})))).await;
    assert_eq!(changed.json()["data"]["attributes"]["name"], "ours");
    assert_eq!(other(Method::DELETE, path.clone(), None).await.status, 403);
    assert_eq!(api.delete(&format!("{editors}/night-shift_lab-2")).await.status, 200);
    assert_eq!(other(Method::GET, path.clone(), None).await.status, 404);

    let owner = json!({"data": {"type": "user", "id": "night-shift_lab-2"}});
    assert_eq!(api.post(&format!("{path}/relationships/owner"), &owner).await.status, 200);
    assert_eq!(api.get(&path).await.status, 404);
    assert_eq!(other(Method::GET, path, None).await.status, 200);
}

#[tokio::test]
async fn files_of_one_ruleset_come_as_objects_or_as_descriptors() {
    let api = Api::start().await;
    let id = api.ruleset("mine", EXAMPLE_RULES, json!({})).await;
    api.simulator.advance_feed(16);
    let objects = api.get(&format!("{RULESETS}/{id}/hunting_notification_files")).await.items();
    let descriptors = api.get(&format!("{RULESETS}/{id}/relationships/hunting_notification_files")).await.items();
    assert_eq!(objects.len(), descriptors.len());
    assert!(objects[0]["attributes"].is_object() && descriptors[0].get("attributes").is_none());
    assert!(descriptors[0]["context_attributes"]["notification_id"].is_string());
    for path in ["hunting_notification_files", "relationships/hunting_notification_files"] {
        assert_eq!(api.get(&format!("{RULESETS}/{id}/{path}?limit=40")).await.status, 200);
        assert_eq!(api.get(&format!("{RULESETS}/{id}/{path}?limit=41")).await.status, 400);
    }
}
