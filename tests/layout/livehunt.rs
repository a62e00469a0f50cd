//! Rulesets, notifications, and files with their notifications.

use vt_hunting_host::livehunt::{
    Descriptor, Notification, NotificationFile, NotificationFilesQuery, NotificationsPoll, NotificationsQuery, Ruleset,
    RulesetChanges, RulesetEditorsQuery, RulesetNotificationFilesQuery, RulesetsQuery, UserOrGroup,
};
use vt_hunting_host::types::{ItemError, PollBudget};

use super::{assert_page, list, page_of, plays, some, stage};
use crate::support::answered;
use crate::support::world::new_ruleset;

const RULESET: &str = r#"{"id":"r-id","type":"hunting_ruleset","links":{"self":"r-self"},"attributes":{"name":"r-name",
    "rules":"r-rules","enabled":true,"limit":4294967301,"creation_date":4294967302,
    "modification_date":4294967303,"notification_emails":["r-mail-1","r-mail-2"],"number_of_rules":4294967304,
    "rule_names":["r-rule-1","r-rule-2","r-rule-3"],"match_object_type":"r-kind","tags":["r-tag"],"rate_limited":false,"rate_limited_ratio":0.625,
    "scheduled_disable_date":4294967305,"scheduled_disable_reason":"r-reason"},
    "relationships":{"owner":{"data":{"type":"r-owner-type","id":"r-owner"}},"editors":{"data":[{"type":"r-editor-type-1","id":"r-editor-1"},
    {"type":"r-editor-type-2","id":"r-editor-2"}]}},"error":{"code":"r-code","message":"r-message"}}"#;

fn ruleset() -> Ruleset {
    Ruleset {
        id: "r-id".to_owned(),
        name: some("r-name"),
        rules: some("r-rules"),
        enabled: Some(true),
        limit: Some(4_294_967_301),
        creation_date: Some(4_294_967_302),
        modification_date: Some(4_294_967_303),
        notification_emails: list(&["r-mail-1", "r-mail-2"]),
        number_of_rules: Some(4_294_967_304),
        rule_names: list(&["r-rule-1", "r-rule-2", "r-rule-3"]),
        match_object_type: some("r-kind"),
        tags: list(&["r-tag"]),
        rate_limited: Some(false),
        rate_limited_ratio: Some(0.625),
        scheduled_disable_date: Some(4_294_967_305),
        scheduled_disable_reason: some("r-reason"),
        owner: Some(descriptor("r-owner-type", "r-owner")),
        editors: Some(vec![descriptor("r-editor-type-1", "r-editor-1"), descriptor("r-editor-type-2", "r-editor-2")]),
        self_link: some("r-self"),
        error: Some(ItemError { code: "r-code".to_owned(), message: "r-message".to_owned() }),
        json: RULESET.to_owned(),
    }
}

fn descriptor(object_type: &str, id: &str) -> Descriptor {
    Descriptor { object_type: object_type.to_owned(), id: id.to_owned() }
}

/// With an id and nothing else.
fn bare_ruleset(json: &str) -> Ruleset {
    Ruleset {
        id: "b".to_owned(),
        name: None,
        rules: None,
        enabled: None,
        limit: None,
        creation_date: None,
        modification_date: None,
        notification_emails: Vec::new(),
        number_of_rules: None,
        rule_names: Vec::new(),
        match_object_type: None,
        tags: Vec::new(),
        rate_limited: None,
        rate_limited_ratio: None,
        scheduled_disable_date: None,
        scheduled_disable_reason: None,
        owner: None,
        editors: None,
        self_link: None,
        error: None,
        json: json.to_owned(),
    }
}

#[tokio::test]
async fn a_ruleset_is_the_same_wherever_it_comes_from() {
    let (server, mut instance) = stage().await;
    let bare = r#"{"id":"b"}"#;
    for _ in 0..2 {
        plays(&server, &page_of(RULESET));
        let page = answered(instance.get_livehunt_rulesets(&RulesetsQuery::default())).await;
        assert_eq!(page.items, [ruleset()]);
        assert_page(&page.page);
        plays(&server, &format!("{{\"data\":{RULESET}}}"));
        assert_eq!(answered(instance.get_livehunt_ruleset("1")).await, ruleset());
        assert_eq!(answered(instance.create_livehunt_ruleset(&new_ruleset("any"))).await, ruleset());
        let changes = RulesetChanges { enabled: Some(true), ..Default::default() };
        assert_eq!(answered(instance.update_livehunt_ruleset("1", &changes)).await, ruleset());
        plays(&server, &format!("{{\"data\":{bare}}}"));
        assert_eq!(answered(instance.get_livehunt_ruleset("1")).await, bare_ruleset(bare));
    }
}

#[tokio::test]
async fn a_reconciled_ruleset_is_a_whole_one() {
    let (server, mut instance) = stage().await;
    let other = r#"{"id":"other","attributes":{"name":"other","rules":"r-rules"}}"#;
    plays(&server, &format!("{{\"data\":[{RULESET},{other},{RULESET}]}}"));
    let mut sought = new_ruleset("r-name");
    sought.rules = "r-rules".to_owned();
    let found = answered(instance.reconcile_livehunt_ruleset(&sought, 4_294_967_302)).await;
    assert_eq!(found, [ruleset(), ruleset()]);
    assert!(answered(instance.reconcile_livehunt_ruleset(&sought, 4_294_967_303)).await.is_empty());
}

#[tokio::test]
async fn a_user_or_group_is_the_same_alone_and_in_a_page() {
    let (server, mut instance) = stage().await;
    let text =
        r#"{"type":"u-type","id":"u-id","links":{"self":"u-self"},"error":{"code":"u-code","message":"u-message"}}"#;
    let whole = UserOrGroup {
        object_type: "u-type".to_owned(),
        id: "u-id".to_owned(),
        self_link: some("u-self"),
        error: Some(ItemError { code: "u-code".to_owned(), message: "u-message".to_owned() }),
        json: text.to_owned(),
    };
    let bare_text = r#"{"id":"b","type":"group"}"#;
    let bare = UserOrGroup {
        object_type: "group".to_owned(),
        id: "b".to_owned(),
        self_link: None,
        error: None,
        json: bare_text.to_owned(),
    };
    for _ in 0..2 {
        plays(&server, &page_of(&format!("{text},{bare_text}")));
        let page = answered(instance.get_livehunt_ruleset_editors("1", &RulesetEditorsQuery::default())).await;
        assert_eq!(page.items, [whole.clone(), bare.clone()]);
        assert_page(&page.page);
        plays(&server, &format!("{{\"data\":{bare_text}}}"));
        assert_eq!(answered(instance.get_livehunt_ruleset_owner("1")).await, bare);
    }
}

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

const NOTIFICATION: &str = r#"{"id":"n-id","links":{"self":"n-self"},"attributes":{"date":4294967306,
    "match_in_subfile":true,"rule_name":"n-rule","rule_tags":["n-rule-tag-1","n-rule-tag-2"],"snippet":"n-snippet","source_country":"n-country",
    "source_key":"n-key","tags":["n-tag","9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]},
    "error":{"code":"n-code","message":"n-message"}}"#;

fn notification() -> Notification {
    Notification {
        id: "n-id".to_owned(),
        date: Some(4_294_967_306),
        file_sha256: some(SHA256),
        match_in_subfile: Some(true),
        rule_name: some("n-rule"),
        rule_tags: list(&["n-rule-tag-1", "n-rule-tag-2"]),
        snippet: some("n-snippet"),
        source_country: some("n-country"),
        source_key: some("n-key"),
        tags: list(&["n-tag", SHA256]),
        self_link: some("n-self"),
        error: Some(ItemError { code: "n-code".to_owned(), message: "n-message".to_owned() }),
        json: NOTIFICATION.to_owned(),
    }
}

#[tokio::test]
async fn a_notification_is_the_same_alone_in_a_page_and_in_a_batch() {
    let (server, mut instance) = stage().await;
    let bare = r#"{"id":"b"}"#;
    for _ in 0..2 {
        plays(&server, &page_of(NOTIFICATION));
        let page = answered(instance.get_livehunt_notifications(&NotificationsQuery::default())).await;
        assert_eq!(page.items, [notification()]);
        assert_page(&page.page);
        let query = NotificationsPoll { since: Some(4_294_967_306), ..Default::default() };
        let one = PollBudget { items: Some(1), requests: Some(1), milliseconds: None };
        let batch = answered(instance.poll_livehunt_notifications(None, &query, &one)).await;
        assert_eq!((batch.items, batch.more, batch.incomplete), (vec![notification()], true, None));
        assert!(batch.checkpoint.starts_with("vc1."), "{}", batch.checkpoint);
        plays(&server, &format!("{{\"data\":{NOTIFICATION}}}"));
        assert_eq!(answered(instance.get_livehunt_notification("1")).await, notification());
        plays(&server, &format!("{{\"data\":{bare}}}"));
        let nothing = Notification {
            id: "b".to_owned(),
            date: None,
            file_sha256: None,
            match_in_subfile: None,
            rule_name: None,
            rule_tags: Vec::new(),
            snippet: None,
            source_country: None,
            source_key: None,
            tags: Vec::new(),
            self_link: None,
            error: None,
            json: bare.to_owned(),
        };
        assert_eq!(answered(instance.get_livehunt_notification("1")).await, nothing);
    }
}

const FILE: &str = r#"{"id":"f-id","type":"file","links":{"self":"f-self"},"attributes":{"sha256":"not this"},
    "context_attributes":{"match_in_subfile":false,"notification_date":4294967307,"notification_id":"f-notification",
    "notification_snippet":"f-snippet","notification_source_country":"f-country","notification_source_key":"f-key",
    "notification_tags":["f-tag-1","f-tag-2"],"rule_name":"f-rule","rule_tags":["f-rule-tag"],"ruleset_id":"f-ruleset",
    "ruleset_name":"f-ruleset-name"},"error":{"code":"f-code","message":"f-message"}}"#;

fn file() -> NotificationFile {
    NotificationFile {
        id: "f-id".to_owned(),
        match_in_subfile: Some(false),
        notification_date: Some(4_294_967_307),
        notification_id: some("f-notification"),
        notification_snippet: some("f-snippet"),
        notification_source_country: some("f-country"),
        notification_source_key: some("f-key"),
        notification_tags: list(&["f-tag-1", "f-tag-2"]),
        rule_name: some("f-rule"),
        rule_tags: list(&["f-rule-tag"]),
        ruleset_id: some("f-ruleset"),
        ruleset_name: some("f-ruleset-name"),
        self_link: some("f-self"),
        error: Some(ItemError { code: "f-code".to_owned(), message: "f-message".to_owned() }),
        json: FILE.to_owned(),
    }
}

#[tokio::test]
async fn a_notification_file_is_the_same_of_all_rulesets_and_of_one() {
    let (server, mut instance) = stage().await;
    for _ in 0..2 {
        plays(&server, &page_of(FILE));
        let page = answered(instance.get_livehunt_notification_files(&NotificationFilesQuery::default())).await;
        assert_eq!(page.items, [file()]);
        assert_page(&page.page);
        let query = RulesetNotificationFilesQuery::default();
        let page = answered(instance.get_livehunt_ruleset_notification_files("1", &query)).await;
        assert_eq!(page.items, [file()]);
        assert_page(&page.page);
        let bare = r#"{"id":"b"}"#;
        plays(&server, &format!("{{\"data\":[{bare}]}}"));
        let page = answered(instance.get_livehunt_ruleset_notification_files("1", &query)).await;
        let nothing = NotificationFile {
            id: "b".to_owned(),
            match_in_subfile: None,
            notification_date: None,
            notification_id: None,
            notification_snippet: None,
            notification_source_country: None,
            notification_source_key: None,
            notification_tags: Vec::new(),
            rule_name: None,
            rule_tags: Vec::new(),
            ruleset_id: None,
            ruleset_name: None,
            self_link: None,
            error: None,
            json: bare.to_owned(),
        };
        assert_eq!(page.items, [nothing]);
        assert_eq!((page.page.cursor, page.page.count, page.page.self_link), (None, None, None));
    }
}
