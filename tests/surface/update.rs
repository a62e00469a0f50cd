//! Changing a ruleset: what is given is sent and nothing else is, and what is not given stays as it was.

use virustotal_hunting_simulator::{EXAMPLE_BAD_RULES, EXAMPLE_URL_RULES};
use vt_hunting_host::livehunt::{MatchObjectType, NewRuleset, Ruleset, RulesetChanges};
use vt_hunting_host::types::ErrorKind;

use super::{assert_sent, only_request};
use crate::support::world::{World, new_ruleset};
use crate::support::{answered, refused};

/// A ruleset in which nothing is as VirusTotal has it by default.
async fn ruleset(world: &World) -> Ruleset {
    let new = NewRuleset {
        limit: Some(77),
        notification_emails: vec!["soc@lab.example".to_owned(), "night@lab.example".to_owned()],
        match_object_type: Some(MatchObjectType::File),
        ..new_ruleset("before")
    };
    let ruleset = answered(world.connector.create_livehunt_ruleset(&new)).await;
    world.simulator.advance_clock(100);
    world.simulator.clear_requests();
    ruleset
}

/// Changes it; asserts the bytes that arrive, and that the answer is the ruleset as it is now.
async fn changed(world: &World, id: &str, changes: &RulesetChanges, attributes: &str) -> Ruleset {
    let answer = answered(world.connector.update_livehunt_ruleset(id, changes)).await;
    let body = format!(r#"{{"data":{{"type":"hunting_ruleset","id":"{id}","attributes":{{{attributes}}}}}}}"#);
    assert_sent(world, "PATCH", &format!("intelligence/hunting_rulesets/{id}"), "", &body);
    let now = answered(world.connector.get_livehunt_ruleset(id)).await;
    assert_sent(world, "GET", &format!("intelligence/hunting_rulesets/{id}"), "", "");
    assert_eq!(answer, now);
    now
}

/// The same but for its dates and its text.
fn with(before: &Ruleset, now: &Ruleset, change: impl Fn(&mut Ruleset)) -> Ruleset {
    let mut expected = before.clone();
    expected.modification_date = now.modification_date;
    expected.json.clone_from(&now.json);
    change(&mut expected);
    expected
}

#[tokio::test]
async fn each_attribute_alone_is_set_and_the_others_stay() {
    let world = World::new();
    let first = ruleset(&world).await;
    let id = &first.id;

    let name = RulesetChanges { name: Some("näch \"ster\"".to_owned()), ..Default::default() };
    let named = changed(&world, id, &name, r#""name":"näch \"ster\"""#).await;
    assert_eq!(named, with(&first, &named, |r| r.name = Some("näch \"ster\"".to_owned())));
    assert_eq!(named.modification_date, first.modification_date.map(|date| date + 100));

    let off = RulesetChanges { enabled: Some(false), ..Default::default() };
    let disabled = changed(&world, id, &off, r#""enabled":false"#).await;
    assert_eq!(disabled, with(&named, &disabled, |r| r.enabled = Some(false)));

    let none = RulesetChanges { limit: Some(0), ..Default::default() };
    let silent = changed(&world, id, &none, r#""limit":0"#).await;
    assert_eq!(silent, with(&disabled, &silent, |r| r.limit = Some(0)));

    let rules = "rule other : new { condition: true }";
    let text = RulesetChanges { rules: Some(rules.to_owned()), ..Default::default() };
    let rewritten = changed(&world, id, &text, &format!(r#""rules":"{rules}""#)).await;
    let expected = with(&silent, &rewritten, |r| {
        r.rules = Some(rules.to_owned());
        r.rule_names = vec!["other".to_owned()];
        r.number_of_rules = Some(1);
    });
    assert_eq!(rewritten, expected);

    let emails = RulesetChanges { notification_emails: Some(vec!["one@lab.example".to_owned()]), ..Default::default() };
    let mailed = changed(&world, id, &emails, r#""notification_emails":["one@lab.example"]"#).await;
    assert_eq!(mailed, with(&rewritten, &mailed, |r| r.notification_emails = vec!["one@lab.example".to_owned()]));

    let nobody = RulesetChanges { notification_emails: Some(Vec::new()), ..Default::default() };
    let unmailed = changed(&world, id, &nobody, r#""notification_emails":[]"#).await;
    assert_eq!(unmailed, with(&mailed, &unmailed, |r| r.notification_emails.clear()));

    let on = RulesetChanges { enabled: Some(true), ..Default::default() };
    let enabled = changed(&world, id, &on, r#""enabled":true"#).await;
    assert_eq!(enabled, with(&unmailed, &enabled, |r| r.enabled = Some(true)));
}

#[tokio::test]
async fn every_kind_of_object_to_match_has_its_own_word() {
    let world = World::new();
    let id = ruleset(&world).await.id;
    for (kind, word) in [
        (MatchObjectType::Url, "url"),
        (MatchObjectType::Domain, "domain"),
        (MatchObjectType::Ip, "ip"),
        (MatchObjectType::File, "file"),
    ] {
        let changes = RulesetChanges { match_object_type: Some(kind), ..Default::default() };
        let now = changed(&world, &id, &changes, &format!(r#""match_object_type":"{word}""#)).await;
        assert_eq!(now.match_object_type.as_deref(), Some(word));
    }
}

#[tokio::test]
async fn all_attributes_at_once_go_in_one_body() {
    let world = World::new();
    let before = ruleset(&world).await;
    let changes = RulesetChanges {
        name: Some("after".to_owned()),
        rules: Some(EXAMPLE_URL_RULES.to_owned()),
        enabled: Some(false),
        limit: Some(u64::MAX),
        notification_emails: Some(vec!["a@lab.example".to_owned(), "b@lab.example".to_owned()]),
        match_object_type: Some(MatchObjectType::Url),
    };
    let rules = serde_json::to_string(EXAMPLE_URL_RULES).expect("JSON");
    let attributes = format!(
        r#""name":"after","enabled":false,"limit":18446744073709551615,"rules":{rules},{}"#,
        r#""notification_emails":["a@lab.example","b@lab.example"],"match_object_type":"url""#
    );
    let now = changed(&world, &before.id, &changes, &attributes).await;
    assert_eq!((now.id.as_str(), now.name.as_deref()), (before.id.as_str(), Some("after")));
    assert_eq!((now.rules.as_deref(), now.limit), (Some(EXAMPLE_URL_RULES), Some(u64::MAX)));
    assert_eq!((now.enabled, now.notification_emails.len()), (Some(false), 2));
}

#[tokio::test]
async fn what_virustotal_refuses_changes_nothing() {
    let world = World::new();
    let before = ruleset(&world).await;
    let bad = RulesetChanges {
        name: Some("lost".to_owned()),
        rules: Some(EXAMPLE_BAD_RULES.to_owned()),
        ..Default::default()
    };
    let error = refused(world.connector.update_livehunt_ruleset(&before.id, &bad)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, Some(400)));
    assert_eq!(answered(world.connector.get_livehunt_ruleset(&before.id)).await, before);
    let error = refused(world.connector.update_livehunt_ruleset("0000000000000000", &bad)).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NotFoundError"));
    let error = refused(world.connector.get_livehunt_ruleset("0000000000000000")).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NotFoundError"));
}

#[tokio::test]
async fn no_changes_and_empty_texts_are_refused_before_anything_is_sent() {
    let world = World::new();
    let id = ruleset(&world).await.id;
    let text = |value: &str| Some(value.to_owned());
    for (changes, names) in [
        (RulesetChanges::default(), "`changes`"),
        (RulesetChanges { name: text(" "), ..Default::default() }, "`name`"),
        (RulesetChanges { rules: text(""), enabled: Some(true), ..Default::default() }, "`rules`"),
        (RulesetChanges { rules: Some("r".repeat((1 << 20) + 1)), ..Default::default() }, "1048577"),
    ] {
        let error = refused(world.connector.update_livehunt_ruleset(&id, &changes)).await;
        assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::InvalidArgument, "InvalidArgument", None));
        assert!(error.message.contains(names), "{}", error.message);
    }
    let changes = RulesetChanges { enabled: Some(true), ..Default::default() };
    refused(world.connector.update_livehunt_ruleset("..", &changes)).await;
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn a_change_announces_a_body_of_json() {
    let world = World::new();
    let id = ruleset(&world).await.id;
    let changes = RulesetChanges { enabled: Some(false), ..Default::default() };
    answered(world.connector.update_livehunt_ruleset(&id, &changes)).await;
    let request = only_request(&world);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("content-length"), Some(&*request.body.len().to_string()));
}
