use super::*;
use crate::contract::ErrorKind;
use crate::contract::livehunt::{NotificationFilesQuery, NotificationsQuery, RulesetEditorsQuery};
use crate::stage::{Stage, first};

/// A request as one text: method, target, body.
fn sent<T>(action: Result<Action<T>, Failed>) -> String {
    let Request { method, path_and_query, body, .. } = action.unwrap().request;
    let body = body.map(|body| format!(" {}", String::from_utf8(body).unwrap())).unwrap_or_default();
    format!("{method:?} {path_and_query}{body}")
}

/// Asserts that an action is refused before anything is sent, with a message that has all these parts.
#[track_caller]
fn refused<T>(action: Result<T, Failed>, parts: &[&str]) {
    let error = action.err().expect("it should be refused");
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidArgument, "InvalidArgument"));
    assert_eq!((error.status, error.retry_after, error.retryable), (None, None, false));
    for part in parts {
        assert!(error.message.contains(part), "{part} is not in: {}", error.message);
    }
}

fn text(value: &str) -> Option<String> {
    Some(String::from(value))
}

fn bytes(count: usize) -> Option<String> {
    Some("x".repeat(count))
}

fn rulesets_query() -> RulesetsQuery {
    RulesetsQuery { limit: None, filter: None, order: None, cursor: None, relationships: None }
}

fn notifications_query() -> NotificationsQuery {
    NotificationsQuery { limit: None, filter: None, order: None, cursor: None, count_limit: None }
}

fn files_query() -> NotificationFilesQuery {
    NotificationFilesQuery { limit: None, filter: None, cursor: None, count_limit: None }
}

fn new_ruleset() -> NewRuleset {
    NewRuleset {
        name: String::from("n"),
        rules: String::from("rule r { condition: true }"),
        enabled: None,
        limit: None,
        notification_emails: Vec::new(),
        match_object_type: None,
    }
}

#[test]
fn listing_rulesets_is_a_get_with_what_was_asked() {
    assert_eq!(first(get_rulesets(rulesets_query())), "Get /api/v3/intelligence/hunting_rulesets");
    let query = RulesetsQuery {
        limit: Some(20),
        filter: text("enabled:true name:foo"),
        order: text("creation_date+"),
        cursor: text("A3+/=&x"),
        relationships: Some(vec![
            RulesetRelationship::Editors,
            RulesetRelationship::Owner,
            RulesetRelationship::Editors,
        ]),
    };
    assert_eq!(
        first(get_rulesets(query)),
        "Get /api/v3/intelligence/hunting_rulesets?limit=20&filter=enabled%3Atrue%20name%3Afoo\
         &order=creation_date%2B&relationships=owner%2Ceditors&cursor=A3%2B%2F%3D%26x"
    );
    let query = RulesetsQuery { relationships: Some(Vec::new()), ..rulesets_query() };
    assert_eq!(first(get_rulesets(query)), "Get /api/v3/intelligence/hunting_rulesets");
}

#[test]
fn who_owns_and_edits_a_ruleset_is_read_where_the_answer_has_it() {
    let read = |relationships: &str| {
        let body = format!("{{\"data\":{{\"type\":\"hunting_ruleset\",\"id\":\"1\"{relationships}}}}}");
        let stage = Stage::with_key().answers(200, &[], &body);
        let ruleset = crate::driver::run(&stage, get_ruleset(String::from("1"))).unwrap();
        let name = |found: Descriptor| format!("{} {}", found.object_type, found.id);
        (ruleset.owner.map(name), ruleset.editors.map(|found| found.into_iter().map(name).collect::<Vec<_>>()))
    };
    let both = r#","relationships":{"owner":{"data":{"type":"user","id":"ann"},"links":{"self":"x"}},
        "editors":{"meta":{"cursor":"c","count":3},"data":[{"type":"user","id":"bob"},{"id":"soc","type":"group"}]}}"#;
    let editors = vec![String::from("user bob"), String::from("group soc")];
    assert_eq!(read(both), (Some(String::from("user ann")), Some(editors)));
    assert_eq!(read(r#","relationships":{"editors":{"data":[]}}"#), (None, Some(Vec::new())));
    // What is absent, null or of another kind is absent.
    for none in [
        "",
        r#","relationships":null"#,
        r#","relationships":{}"#,
        r#","relationships":[1]"#,
        r#","relationships":{"owner":null,"editors":null}"#,
        r#","relationships":{"owner":{"data":"ann"},"editors":{"data":7}}"#,
        r#","relationships":{"owner":{},"editors":{}}"#,
    ] {
        assert_eq!(read(none), (None, None), "{none}");
    }
    assert_eq!(read(r#","relationships":{"owner":{"data":null}}"#), (None, None));
}

#[test]
fn editors_and_owner_are_asked_for_as_descriptors() {
    let query = || RulesetEditorsQuery { limit: None, cursor: None };
    let path = "Get /api/v3/intelligence/hunting_rulesets/a%2Fb/relationships";
    assert_eq!(first(get_editors(String::from("a/b"), query())), format!("{path}/editors"));
    let page = RulesetEditorsQuery { limit: Some(3), cursor: text("c") };
    assert_eq!(first(get_editors(String::from("a/b"), page)), format!("{path}/editors?limit=3&cursor=c"));
    let owner = get_owner(String::from("a/b")).unwrap().request;
    assert_eq!(format!("{:?} {}", owner.method, owner.path_and_query), format!("{path}/owner"));
    assert!(get_editors(String::new(), query()).is_err() && get_owner(String::from("..")).is_err());
}

#[test]
fn empty_texts_of_a_query_are_not_sent() {
    let query = RulesetsQuery { filter: text(""), order: text(""), cursor: text(""), ..rulesets_query() };
    assert_eq!(first(get_rulesets(query)), "Get /api/v3/intelligence/hunting_rulesets");
}

#[test]
fn creating_a_ruleset_posts_only_what_was_given() {
    assert_eq!(
        sent(create_ruleset(new_ruleset())),
        "Post /api/v3/intelligence/hunting_rulesets {\"data\":{\"type\":\"hunting_ruleset\",\
         \"attributes\":{\"name\":\"n\",\"rules\":\"rule r { condition: true }\"}}}"
    );
}

#[test]
fn off_and_zero_are_posted_since_they_are_not_the_defaults() {
    let ruleset = NewRuleset { enabled: Some(false), limit: Some(0), ..new_ruleset() };
    assert!(sent(create_ruleset(ruleset)).contains("\"enabled\":false,\"limit\":0,"));
}

#[test]
fn creating_a_ruleset_posts_the_documented_body() {
    let ruleset = NewRuleset {
        name: String::from("diqpgv"),
        rules: String::from("rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }"),
        enabled: Some(true),
        limit: Some(100),
        notification_emails: vec![String::from("izfbhb@fjaf.com"), String::from("khcvuru@fjaf.com")],
        match_object_type: Some(MatchObjectType::File),
    };
    let body = create_ruleset(ruleset).unwrap().request.body.unwrap();
    let documented = include_str!("../../tests/fixtures/hunting_ruleset_create_request-1.json");
    let value = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap();
    assert_eq!(value(&body), value(documented.as_bytes()));
}

#[test]
fn every_object_type_has_the_name_virustotal_gives_it() {
    for (kind, name) in [
        (MatchObjectType::File, "file"),
        (MatchObjectType::Url, "url"),
        (MatchObjectType::Domain, "domain"),
        (MatchObjectType::Ip, "ip"),
    ] {
        let ruleset = NewRuleset { match_object_type: Some(kind), ..new_ruleset() };
        assert!(sent(create_ruleset(ruleset)).contains(&format!("\"match_object_type\":\"{name}\"}}")));
    }
}

#[test]
fn rules_of_any_text_arrive_as_they_were_written() {
    let rules = "/* \"ü\\🦀\u{1}\u{7f} */\r\n\trule r { condition: true }";
    let body =
        create_ruleset(NewRuleset { rules: String::from(rules), ..new_ruleset() }).unwrap().request.body.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body.pointer("/data/attributes/rules").unwrap(), rules);
}

#[test]
fn deleting_a_ruleset_is_a_delete_of_that_one_without_a_body() {
    assert_eq!(
        sent(delete_ruleset(String::from("0c87043296586fee"))),
        "Delete /api/v3/intelligence/hunting_rulesets/0c87043296586fee"
    );
}

#[test]
fn an_id_cannot_leave_its_segment_so_that_no_other_endpoint_is_deleted() {
    for (id, encoded) in [
        ("../users/x", "..%2Fusers%2Fx"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("%2e%2e", "%252e%252e"),
        ("a\r\nb\0", "a%0D%0Ab%00"),
        ("{jg}", "%7Bjg%7D"),
    ] {
        assert_eq!(
            sent(delete_ruleset(String::from(id))),
            format!("Delete /api/v3/intelligence/hunting_rulesets/{encoded}")
        );
    }
}

#[test]
fn listing_notifications_is_a_get_with_what_was_asked() {
    assert_eq!(first(get_notifications(notifications_query())), "Get /api/v3/intelligence/hunting_notifications");
    let query = NotificationsQuery {
        limit: Some(40),
        filter: text("tag:\"a b\" date:1626960086+ date:2021-07-22-"),
        order: text("date-"),
        cursor: text("7"),
        count_limit: Some(10_000),
    };
    assert_eq!(
        first(get_notifications(query)),
        "Get /api/v3/intelligence/hunting_notifications?limit=40\
         &filter=tag%3A%22a%20b%22%20date%3A1626960086%2B%20date%3A2021-07-22-&order=date-&count_limit=10000&cursor=7"
    );
}

#[test]
fn listing_notification_files_is_a_get_with_what_was_asked() {
    assert_eq!(first(get_notification_files(files_query())), "Get /api/v3/intelligence/hunting_notification_files");
    let query =
        NotificationFilesQuery { limit: Some(1), filter: text("käse"), cursor: text("c"), count_limit: Some(1) };
    assert_eq!(
        first(get_notification_files(query)),
        "Get /api/v3/intelligence/hunting_notification_files?limit=1&filter=k%C3%A4se&count_limit=1&cursor=c"
    );
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let parts = ["`limit`", "0", "at least 1"];
    refused(get_rulesets(RulesetsQuery { limit: Some(0), ..rulesets_query() }), &parts);
    refused(get_notifications(NotificationsQuery { limit: Some(0), ..notifications_query() }), &parts);
    refused(get_notification_files(NotificationFilesQuery { limit: Some(0), ..files_query() }), &parts);
}

#[test]
fn a_limit_above_what_virustotal_gives_at_once_is_asked_for_in_pages() {
    let query = RulesetsQuery { limit: Some(u32::MAX), ..rulesets_query() };
    assert_eq!(first(get_rulesets(query)), "Get /api/v3/intelligence/hunting_rulesets?limit=40");
}

#[test]
fn a_count_limit_out_of_range_is_refused() {
    for count in [0, 10_001, u32::MAX] {
        let shown = count.to_string();
        let parts = ["`count-limit`", shown.as_str(), "1 to 10000"];
        let count_limit = Some(count);
        refused(get_notifications(NotificationsQuery { count_limit, ..notifications_query() }), &parts);
        refused(get_notification_files(NotificationFilesQuery { count_limit, ..files_query() }), &parts);
    }
}

#[test]
fn a_filter_order_or_cursor_that_is_too_long_is_refused() {
    let length = ["8193", "8192"];
    let named = |field| [field, length[0], length[1]];
    refused(get_rulesets(RulesetsQuery { filter: bytes(8193), ..rulesets_query() }), &named("`filter`"));
    refused(get_rulesets(RulesetsQuery { order: bytes(8193), ..rulesets_query() }), &named("`order`"));
    // This component's own part of a cursor comes on top.
    let cursor = ["`cursor`", "8257", "8256"];
    refused(get_rulesets(RulesetsQuery { cursor: bytes(8257), ..rulesets_query() }), &cursor);
    let query = notifications_query();
    refused(get_notifications(NotificationsQuery { filter: bytes(8193), ..query }), &named("`filter`"));
    let query = notifications_query();
    refused(get_notifications(NotificationsQuery { order: bytes(8193), ..query }), &named("`order`"));
    let query = notifications_query();
    refused(get_notifications(NotificationsQuery { cursor: bytes(8257), ..query }), &cursor);
    refused(
        get_notification_files(NotificationFilesQuery { filter: bytes(8193), ..files_query() }),
        &named("`filter`"),
    );
    refused(get_notification_files(NotificationFilesQuery { cursor: bytes(8257), ..files_query() }), &cursor);
    assert!(get_rulesets(RulesetsQuery { filter: bytes(8192), ..rulesets_query() }).is_ok());
}

#[test]
fn a_ruleset_without_a_name_is_refused() {
    refused(create_ruleset(NewRuleset { name: String::new(), ..new_ruleset() }), &["`name`", "empty", "0 bytes"]);
    refused(
        create_ruleset(NewRuleset { name: String::from(" \t\n"), ..new_ruleset() }),
        &["`name`", "empty", "3 bytes"],
    );
}

#[test]
fn a_ruleset_without_rules_is_refused() {
    refused(
        create_ruleset(NewRuleset { rules: String::from("\n"), ..new_ruleset() }),
        &["`rules`", "empty", "1 bytes"],
    );
}

#[test]
fn rules_beyond_one_megabyte_are_refused_and_one_megabyte_is_not() {
    let rules = |count| NewRuleset { rules: "r".repeat(count), ..new_ruleset() };
    refused(create_ruleset(rules((1 << 20) + 1)), &["`rules`", "1048577", "1048576"]);
    assert!(create_ruleset(rules(1 << 20)).is_ok());
}

#[test]
fn an_id_that_names_nothing_is_refused_before_it_becomes_delete_all() {
    for (id, length) in [("", "0 bytes"), (" ", "1 bytes"), (".", "1 bytes"), ("..", "2 bytes")] {
        refused(delete_ruleset(String::from(id)), &["`id`", length]);
    }
    refused(delete_ruleset("i".repeat(1025)), &["`id`", "1025", "1024"]);
}

#[test]
fn a_sha_256_is_64_hexadecimal_digits() {
    let digits = "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCD";
    assert!(is_sha256(digits));
    for other in ["", &digits[1..], &format!("{digits}0"), &digits.replace('0', "g"), &"é".repeat(32)] {
        assert!(!is_sha256(other), "{other}");
    }
}

#[test]
fn a_selection_of_notifications_is_a_tag_or_the_word_everything() {
    let sent = |selection: &str| {
        let action = delete_notifications(String::from(selection)).map_err(|error| error.code.clone());
        action.map(|action| (action.request.path_and_query, action.request.doubt.is_none()))
    };
    let bare = String::from("/api/v3/intelligence/hunting_notifications");
    assert_eq!(sent(" everything "), Ok((bare.clone(), false)));
    assert_eq!(sent("tag:everything"), Ok((format!("{bare}?tag=everything"), false)));
    assert_eq!(sent("tag:a b"), Ok((format!("{bare}?tag=a%20b"), false)));
    for unclear in ["", "Everything", "tag:", "tag: ", "tag:\u{a0}", "tag:\u{b}", "foo", "tag=foo"] {
        assert_eq!(sent(unclear), Err(String::from("ConfirmationMissing")), "{unclear:?}");
    }
}
