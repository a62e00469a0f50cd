//! Where VirusTotal refuses, the simulator refuses, in the same words.

use reqwest::Method;
use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_BAD_RULES, EXAMPLE_RULES, Options, Simulator};

use crate::client::{Api, answer};

#[tokio::test]
async fn a_missing_key_and_a_wrong_key_are_told_apart() {
    let api = Api::start().await;
    let url = format!("{}/api/v3/ioc_stream", api.simulator.http_url());
    let missing = answer(api.client.get(&url).send().await).await;
    assert_eq!(missing.status, 401);
    let expected = json!({"error": {"code": "AuthenticationRequiredError", "message": "X-Apikey header is missing"}});
    assert_eq!(missing.json(), expected);
    let wrong = answer(api.client.get(&url).header("x-apikey", "0".repeat(64)).send().await).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "WrongCredentialsError"));
}

#[tokio::test]
async fn limits_beyond_forty_zero_and_words_answer_400() {
    let api = Api::start().await;
    for path in [
        "/ioc_stream",
        "/intelligence/hunting_rulesets",
        "/intelligence/hunting_notifications",
        "/intelligence/hunting_notification_files",
        "/intelligence/retrohunt_jobs",
    ] {
        let large = api.get(&format!("{path}?limit=41")).await;
        let expected = json!({"error": {"code": "BadRequestError", "message": "Limit can't be larger than 40"}});
        assert_eq!((large.status, large.json()), (400, expected));
        for wrong in ["0", "ten", "-3", ""] {
            assert_eq!(api.get(&format!("{path}?limit={wrong}")).await.status, 400, "{path} limit={wrong}");
        }
        assert_eq!(api.get(&format!("{path}?limit=40")).await.status, 200);
    }
    assert_eq!(api.get("/intelligence/hunting_notifications?count_limit=10001").await.status, 400);
    assert_eq!(api.get("/intelligence/hunting_notifications?count_limit=10000").await.status, 200);
}

#[tokio::test]
async fn a_bad_filter_value_lists_the_valid_ones() {
    let api = Api::start().await;
    let bad = api.get("/ioc_stream?filter=origin%3Ax").await;
    assert_eq!(bad.status, 400);
    assert_eq!(bad.message(), "origin \"x\" is not valid. Valid origins are: hunting,subscriptions");
    for wrong in ["foo%3Abar", "bareword", "entity_type%3Aip", "source_type%3Arule", "date%3A1", "date%3Asoon%2B"] {
        assert_eq!(api.get(&format!("/ioc_stream?filter={wrong}")).await.status, 400, "{wrong}");
    }
    assert_eq!(api.get("/intelligence/retrohunt_jobs?filter=status%3Aqueued").await.status, 400);
    assert_eq!(api.get("/intelligence/hunting_rulesets?filter=enabled%3Amaybe").await.status, 400);
}

#[tokio::test]
async fn an_unescaped_plus_is_a_space_and_makes_dates_and_orders_fail() {
    let api = Api::start().await;
    for wrong in ["filter=date:1+", "order=date+", "order=name-", "order=-date", "order=date"] {
        assert_eq!(api.get(&format!("/ioc_stream?{wrong}")).await.status, 400, "{wrong}");
    }
    for right in ["filter=date:1%2B", "order=date%2B", "order=date-", "filter=date%3A2020-01-01%2B%20origin%3Ahunting"]
    {
        assert_eq!(api.get(&format!("/ioc_stream?{right}")).await.status, 200, "{right}");
    }
}

#[tokio::test]
async fn unknown_and_repeated_query_parameters_answer_400() {
    let api = Api::start().await;
    assert_eq!(api.get("/ioc_stream?count_limit=5").await.status, 400);
    assert_eq!(api.get("/intelligence/retrohunt_jobs?order=date-").await.status, 400);
    assert_eq!(api.get("/ioc_stream?limit=1&limit=2").await.status, 400);
    assert_eq!(api.get("/ioc_stream?descriptors_only=yes").await.status, 400);
}

#[tokio::test]
async fn a_cursor_is_good_only_for_its_listing_filter_order_and_user() {
    let other = "ab".repeat(32);
    let api = Api::with(Options { additional_keys: vec![other.clone()], ..Options::default() }).await;
    let cursor = api.get("/ioc_stream?limit=5").await.cursor().expect("more than five entries").replace('=', "%3D");
    let ask = async |path: String| api.get(&path).await;
    assert_eq!(ask(format!("/ioc_stream?limit=5&cursor={cursor}")).await.status, 200);
    assert_eq!(ask(format!("/ioc_stream?limit=7&cursor={cursor}")).await.status, 200);
    let altered = format!("{}{}", if cursor.starts_with('A') { 'B' } else { 'A' }, &cursor[1..]);
    for foreign in [
        format!("/ioc_stream?filter=origin%3Ahunting&cursor={cursor}"),
        format!("/ioc_stream?order=date%2B&cursor={cursor}"),
        format!("/intelligence/hunting_rulesets?cursor={cursor}"),
        format!("/ioc_stream?cursor={altered}"),
        "/ioc_stream?cursor=10".to_owned(),
    ] {
        let refused = ask(foreign).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "BadRequestError"));
    }
    let url = format!("{}/api/v3/ioc_stream?cursor={cursor}", api.simulator.http_url());
    let others = answer(api.client.get(url).header("x-apikey", other).send().await).await;
    assert_eq!(others.status, 400);
}

#[tokio::test]
async fn bodies_are_refused_for_every_irregularity() {
    let api = Api::start().await;
    let good = json!({"name": "a", "rules": EXAMPLE_RULES});
    let wrap = |attributes: Value| json!({"data": {"type": "hunting_ruleset", "attributes": attributes}});
    let with = |name: &str, value: Value| {
        let mut attributes = good.clone();
        attributes[name] = value;
        wrap(attributes)
    };
    for (wrong, why) in [
        (json!({"data": {"type": "ruleset", "attributes": good}}), "wrong type"),
        (json!({"data": {"attributes": good}}), "no type"),
        (json!({"data": {"type": "hunting_ruleset", "attributes": good, "extra": 1}}), "unknown field in data"),
        (json!({"data": {"type": "hunting_ruleset", "attributes": good}, "extra": 1}), "unknown field"),
        (json!({"data": {"type": "hunting_ruleset", "id": "x", "attributes": good}}), "id of a new object"),
        (json!([]), "no object"),
        (wrap(json!({"name": "a"})), "no rules"),
        (wrap(json!({"rules": EXAMPLE_RULES})), "no name"),
        (with("creation_date", json!(1)), "read-only"),
        (with("owner", json!("x")), "unknown attribute"),
        (with("enabled", json!("yes")), "enabled no boolean"),
        (with("limit", json!(-1)), "negative limit"),
        (with("notification_emails", json!("a@b.c")), "emails no list"),
        (with("match_object_type", json!("ip_address")), "unknown object type"),
    ] {
        let refused = api.post("/intelligence/hunting_rulesets", &wrong).await;
        assert_eq!(refused.status, 400, "{why}: {refused:?}");
    }
    let text = api.request(Method::POST, "/intelligence/hunting_rulesets").body(wrap(good.clone()).to_string());
    assert_eq!(answer(text.send().await).await.status, 400, "no content type");
    let body = api.request(Method::GET, "/ioc_stream").body("{}");
    assert_eq!(answer(body.send().await).await.status, 400, "a body on GET");
    assert!(api.get("/intelligence/hunting_rulesets").await.items().is_empty(), "nothing was created");
}

#[tokio::test]
async fn a_rule_that_does_not_compile_answers_400_with_the_compilers_message_and_line() {
    let api = Api::start().await;
    let ruleset = json!({"data": {"type": "hunting_ruleset", "attributes": {"name": "a", "rules": EXAMPLE_BAD_RULES}}});
    let job = crate::client::job_body(json!({"rules": EXAMPLE_BAD_RULES}));
    for (path, body) in [("/intelligence/hunting_rulesets", ruleset), ("/intelligence/retrohunt_jobs", job)] {
        let refused = api.post(path, &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "BadRequestError"));
        assert!(refused.message().starts_with("6:"), "{}", refused.message());
    }
}

#[tokio::test]
async fn deleting_all_rulesets_needs_the_user_name_in_a_header() {
    let api = Api::start().await;
    api.ruleset("a", EXAMPLE_RULES, json!({})).await;
    assert_eq!(api.delete("/intelligence/hunting_rulesets").await.status, 400);
    let confirmed = async |name: &str| {
        let request = api.request(Method::DELETE, "/intelligence/hunting_rulesets").header("x-confirm-delete", name);
        answer(request.send().await).await
    };
    for wrong in ["", "yes", "Night-Shift_Lab", "night-shift_lab-2", api.key.as_str()] {
        assert_eq!(confirmed(wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(api.get("/intelligence/hunting_rulesets").await.items().len(), 1);
    let operation = confirmed(&api.simulator.user()).await.json();
    assert_eq!(operation["data"]["type"], "operation");
    assert_eq!(operation["data"]["attributes"]["status"], "running");
    let id = operation["data"]["id"].as_str().expect("an id").to_owned();
    api.simulator.advance_clock(10);
    let operation = api.get(&format!("/operations/{id}")).await.json();
    assert_eq!(operation["data"]["attributes"]["status"], "finished");
    assert!(api.get("/intelligence/hunting_rulesets").await.items().is_empty());
}

#[tokio::test]
async fn what_is_not_there_answers_404_and_a_wrong_method_405() {
    let api = Api::start().await;
    for path in [
        "/intelligence/hunting_rulesets/nope",
        "/intelligence/hunting_notifications/nope",
        "/intelligence/retrohunt_jobs/nope",
        "/intelligence/retrohunt_jobs/nope/matching_files",
        "/ioc_stream_notifications/1",
        "/operations/1",
        "/nowhere",
    ] {
        let missing = api.get(path).await;
        assert_eq!((missing.status, missing.code().as_str()), (404, "NotFoundError"), "{path}");
    }
    for path in [
        "/ioc_stream",
        "/operations/1",
        "/users/night-shift_lab",
        "/users/night-shift_lab/overall_quotas",
        "/users/night-shift_lab/api_usage",
        "/yara_rules",
        "/yara_rules/0122a7f913%7CSim_Loader_Generic",
    ] {
        assert_eq!(api.post(path, &json!({})).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn a_key_that_is_no_key_stops_the_start() {
    let error = Simulator::start(Options { key: Some("short".into()), ..Options::default() }).await;
    assert_eq!(error.expect_err("64 hex digits are needed").kind(), std::io::ErrorKind::InvalidInput);
}
