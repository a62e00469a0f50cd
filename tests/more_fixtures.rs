//! Functions beyond the twelve actions read and write the fixtures of their endpoints: the typed fields are what stands
//! there, the bodies are theirs, and `json` is the object byte for byte.

use serde_json::Value;
use vt_hunting_host::livehunt::{Descriptor, MatchObjectType, RulesetChanges, RulesetEditorsQuery, RulesetsQuery};
use vt_hunting_host::types::ErrorKind;

use crate::fixtures::{assert_body_is, assert_verbatim, data, serving, text, texts};
use crate::support::raw_server::{RawServer, answer, response};
use crate::support::world::{connector, settings};
use crate::support::{answered, fixture, refused};

/// The changes that make the body of the request's fixture.
fn changes() -> RulesetChanges {
    RulesetChanges {
        name: Some("rul".to_owned()),
        rules: Some("rule yik {condition: false}".to_owned()),
        enabled: Some(true),
        limit: Some(10),
        notification_emails: Some(vec!["jjzmqcwywlnli@fjaf.com".to_owned()]),
        match_object_type: None,
    }
}

#[tokio::test]
async fn update_livehunt_ruleset_sends_what_the_request_fixture_holds() {
    let server = serving("hunting_ruleset-1.json").await;
    answered(connector(settings(server.url())).update_livehunt_ruleset("{jg}", &changes())).await;
    assert_body_is(&server, "hunting_ruleset_patch_request-1.json");
    let request = String::from_utf8(server.requests().remove(0)).expect("text");
    assert!(request.starts_with("PATCH /api/v3/intelligence/hunting_rulesets/%7Bjg%7D HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn update_and_get_livehunt_ruleset_read_a_ruleset() {
    let name = "hunting_ruleset-1.json";
    let server = serving(name).await;
    let tenant = connector(settings(server.url()));
    let changes = RulesetChanges { match_object_type: Some(MatchObjectType::File), ..changes() };
    let updated = answered(tenant.update_livehunt_ruleset("0c87043296586fee", &changes)).await;
    let ruleset = answered(tenant.get_livehunt_ruleset("0c87043296586fee")).await;
    assert_eq!(updated, ruleset);
    let object = data(name).remove(0);
    let attributes = &object["attributes"];
    assert_verbatim(name, &object, &ruleset.json);
    assert_eq!(ruleset.id, object["id"]);
    assert_eq!(ruleset.name, text(&attributes["name"]));
    assert_eq!(ruleset.rules, text(&attributes["rules"]));
    assert_eq!(ruleset.enabled, Some(false));
    assert_eq!(ruleset.limit, attributes["limit"].as_u64());
    assert_eq!(ruleset.creation_date, attributes["creation_date"].as_u64());
    assert_eq!(ruleset.modification_date, attributes["modification_date"].as_u64());
    assert_eq!(ruleset.number_of_rules, attributes["number_of_rules"].as_u64());
    assert_eq!(ruleset.rule_names, texts(&attributes["rule_names"]));
    assert_eq!(ruleset.self_link, text(&object["links"]["self"]));
    assert!(ruleset.notification_emails.is_empty() && ruleset.tags.is_empty());
    assert_eq!((ruleset.rate_limited, ruleset.rate_limited_ratio), (None, None));
}

#[tokio::test]
async fn get_livehunt_notification_reads_its_fixture() {
    let name = "hunting_notification-1.json";
    let server = serving(name).await;
    let notification = answered(connector(settings(server.url())).get_livehunt_notification("a-b-c")).await;
    let object = data(name).remove(0);
    let attributes = &object["attributes"];
    assert_verbatim(name, &object, &notification.json);
    assert_eq!(notification.id, object["id"]);
    assert_eq!(notification.date, attributes["date"].as_u64());
    assert_eq!(notification.rule_name, text(&attributes["rule_name"]));
    assert_eq!(notification.tags, texts(&attributes["tags"]));
    assert_eq!(notification.source_country, text(&attributes["source_country"]));
    assert_eq!(notification.source_key, text(&attributes["source_key"]));
}

#[tokio::test]
async fn check_livehunt_ruleset_editor_reads_its_fixture_and_nothing_else_is_yes() {
    let server = serving("hunting_ruleset_editor_check-1.json").await;
    assert!(answered(connector(settings(server.url())).check_livehunt_ruleset_editor("1", "ann")).await);
    for (body, is_editor) in [(r#"{"data":false}"#, false), (" {\"meta\":{},\"data\" : true}\n", true)] {
        let server = RawServer::start(answer(response(200, &[], body))).await;
        let tenant = connector(settings(server.url()));
        assert_eq!(answered(tenant.check_livehunt_ruleset_editor("1", "ann")).await, is_editor, "{body}");
    }
    for body in ["", "true", "{}", r#"{"data":null}"#, r#"{"data":[]}"#, r#"{"data":{"type":"user"}}"#, "<html>"] {
        let server = RawServer::start(answer(response(200, &[], body))).await;
        let error = refused(connector(settings(server.url())).check_livehunt_ruleset_editor("1", "ann")).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "InvalidResponse"), "{body}");
    }
}

#[tokio::test]
async fn editors_and_owner_read_their_fixtures() {
    let name = "hunting_ruleset_editors-1.json";
    let server = serving(name).await;
    let query = RulesetEditorsQuery::default();
    let page = answered(connector(settings(server.url())).get_livehunt_ruleset_editors("1", &query)).await;
    let objects = data(name);
    assert_eq!((page.items.len(), page.page.count), (objects.len(), Some(2)));
    for (editor, object) in page.items.iter().zip(&objects) {
        assert_verbatim(name, object, &editor.json);
        assert_eq!(
            (editor.id.as_str(), editor.object_type.as_str()),
            (object["id"].as_str().unwrap(), object["type"].as_str().unwrap())
        );
    }
    let name = "hunting_ruleset_owner-1.json";
    let server = serving(name).await;
    let owner = answered(connector(settings(server.url())).get_livehunt_ruleset_owner("1")).await;
    assert_verbatim(name, &data(name)[0], &owner.json);
    assert_eq!((&*owner.id, &*owner.object_type, owner.self_link), ("day-shift", "user", None));
}

#[tokio::test]
async fn get_livehunt_rulesets_reads_who_owns_and_edits_each_from_its_fixture() {
    let name = "hunting_rulesets_relationships-1.json";
    let server = serving(name).await;
    let page = answered(connector(settings(server.url())).get_livehunt_rulesets(&RulesetsQuery::default())).await;
    let (ruleset, object) = (&page.items[0], &data(name)[0]);
    assert_verbatim(name, object, &ruleset.json);
    let descriptor = |kind: &str, id: &str| Descriptor { object_type: kind.to_owned(), id: id.to_owned() };
    assert_eq!(ruleset.owner, Some(descriptor("user", "day-shift")));
    let editors = vec![descriptor("user", "night-shift"), descriptor("group", "blue_team")];
    assert_eq!(ruleset.editors, Some(editors));
    assert_eq!((ruleset.rate_limited, ruleset.rate_limited_ratio), (Some(true), Some(0.25)));
}

#[tokio::test]
async fn get_operation_and_delete_all_read_the_operations_fixture() {
    let name = "operation-1.json";
    let server = serving(name).await;
    let tenant = connector(settings(server.url()));
    let object = data(name).remove(0);
    let asked = answered(tenant.get_operation("77c539e473090379913d6f7b4411a25f")).await;
    let begun = answered(tenant.delete_all_livehunt_rulesets("ann")).await;
    assert_eq!(asked, begun);
    assert_verbatim(name, &object, &asked.json);
    assert_eq!(asked.id, object["id"]);
    assert_eq!(asked.status.as_deref(), Some("finished"));
    assert_eq!(asked.self_link, text(&object["links"]["self"]));
}

#[tokio::test]
async fn get_account_quotas_reads_its_fixture() {
    let name = "user_overall_quotas-1.json";
    let server = serving(name).await;
    let quotas = answered(connector(settings(server.url())).get_account_quotas("ann")).await;
    assert_eq!(quotas.json, fixture(name).trim(), "the whole answer as it came");
    let body: Value = serde_json::from_str(&fixture(name)).expect("JSON");
    let expected = body["data"].as_object().expect("an object");
    assert_eq!(quotas.quotas.len(), expected.len());
    for quota in &quotas.quotas {
        let Value::Object(of) = &expected[&quota.name] else { panic!("{} is not there", quota.name) };
        let (user, group) = (&of["user"], &of["group"]);
        assert_eq!(quota.user_allowed, user["allowed"].as_u64());
        assert_eq!(quota.user_used, user["used"].as_u64());
        assert_eq!(quota.group_allowed, group["allowed"].as_u64());
        assert_eq!(quota.group_used, group["used"].as_u64());
        assert_eq!(quota.inherited_from, text(&group["inherited_from"]));
        assert_eq!(quota.remaining, Some(quota.user_allowed.unwrap() - quota.user_used.unwrap()));
    }
}
