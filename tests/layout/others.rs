//! Operations, the account, published rules, and snippets.

use vt_hunting_host::account::{
    AccountQuotas, AccountUsage, DailyUsage, EndpointUsage, Quota, UsageQuery, UserAccount,
};
use vt_hunting_host::crowdsourced::{CrowdsourcedYaraRule, CrowdsourcedYaraRulesQuery};
use vt_hunting_host::operations::Operation;
use vt_hunting_host::snippets::{Highlight, Snippet};
use vt_hunting_host::types::ItemError;

use super::{assert_page, list, page_of, plays, some, stage};
use crate::support::answered;

#[tokio::test]
async fn an_operation_is_the_same_begun_and_asked_for() {
    let (server, mut instance) = stage().await;
    let text = r#"{"id":"p-id","type":"operation","attributes":{"status":"p-status"},"links":{"self":"p-self"}}"#;
    let whole =
        Operation { id: "p-id".to_owned(), status: some("p-status"), self_link: some("p-self"), json: text.to_owned() };
    for _ in 0..2 {
        plays(&server, &format!("{{\"data\":{text}}}"));
        assert_eq!(answered(instance.get_operation("1")).await, whole);
        assert_eq!(answered(instance.delete_all_livehunt_rulesets("ann")).await, whole);
        plays(&server, r#"{"data":{"id":"b"}}"#);
        let nothing = Operation { id: "b".to_owned(), status: None, self_link: None, json: r#"{"id":"b"}"#.to_owned() };
        assert_eq!(answered(instance.get_operation("1")).await, nothing);
    }
}

#[tokio::test]
async fn an_account_has_its_fields_in_their_places() {
    let (server, mut instance) = stage().await;
    let text = r#"{"id":"a-id","attributes":{"first_name":"a-first","last_name":"a-last","status":"a-status",
        "user_since":4294967331,
        "privileges":{"a-one":{"granted":true},"a-two":{"granted":false},"a-three":{"granted":true}}},
        "links":{"self":"a-self"}}"#;
    plays(&server, &format!("{{\"data\":{text}}}"));
    let whole = UserAccount {
        id: "a-id".to_owned(),
        first_name: some("a-first"),
        last_name: some("a-last"),
        status: some("a-status"),
        user_since: Some(4_294_967_331),
        privileges: list(&["a-one", "a-three"]),
        self_link: some("a-self"),
        json: text.to_owned(),
    };
    assert_eq!(answered(instance.get_account("ann")).await, whole);
    plays(&server, r#"{"data":{"id":"b"}}"#);
    let nothing = UserAccount {
        id: "b".to_owned(),
        first_name: None,
        last_name: None,
        status: None,
        user_since: None,
        privileges: Vec::new(),
        self_link: None,
        json: r#"{"id":"b"}"#.to_owned(),
    };
    assert_eq!(answered(instance.get_account("ann")).await, nothing);
}

#[tokio::test]
async fn quotas_have_their_fields_in_their_places() {
    let (server, mut instance) = stage().await;
    let text = r#"{"data":{"q-own":{"user":{"allowed":4294967341,"used":4294967340},
        "group":{"allowed":4294967343,"used":4294967344,"inherited_from":"q-from"}},
        "q-bare":{},"q-group":{"user":{"allowed":0,"used":3},"group":{"allowed":20,"used":6}}}}"#;
    plays(&server, text);
    let quota = |name: &str, user: [Option<u64>; 2], group: [Option<u64>; 2], from, remaining| Quota {
        name: name.to_owned(),
        user_allowed: user[0],
        user_used: user[1],
        group_allowed: group[0],
        group_used: group[1],
        inherited_from: from,
        remaining,
    };
    let of_group = [Some(4_294_967_343), Some(4_294_967_344)];
    let expected = AccountQuotas {
        quotas: vec![
            quota("q-own", [Some(4_294_967_341), Some(4_294_967_340)], of_group, some("q-from"), Some(1)),
            quota("q-bare", [None; 2], [None; 2], None, None),
            quota("q-group", [Some(0), Some(3)], [Some(20), Some(6)], None, Some(14)),
        ],
        json: text.to_owned(),
    };
    assert_eq!(answered(instance.get_account_quotas("ann")).await, expected);
    plays(&server, r#"{"data":{}}"#);
    let nothing = AccountQuotas { quotas: Vec::new(), json: r#"{"data":{}}"#.to_owned() };
    assert_eq!(answered(instance.get_account_quotas("ann")).await, nothing);
}

#[tokio::test]
async fn usage_has_its_fields_in_their_places() {
    let (server, mut instance) = stage().await;
    let text = r#"{"data":{"daily":{"2026-10-31":{"u-one":4294967351,"u-two":2},"2026-11-01":{}},
        "total":{"u-one":4294967352}}}"#;
    plays(&server, text);
    let usage = |endpoint: &str, requests| EndpointUsage { endpoint: endpoint.to_owned(), requests };
    let expected = AccountUsage {
        daily: vec![
            DailyUsage {
                date: "2026-10-31".to_owned(),
                endpoints: vec![usage("u-one", 4_294_967_351), usage("u-two", 2)],
            },
            DailyUsage { date: "2026-11-01".to_owned(), endpoints: Vec::new() },
        ],
        total: vec![usage("u-one", 4_294_967_352)],
        json: text.to_owned(),
    };
    assert_eq!(answered(instance.get_account_usage("ann", &UsageQuery::default())).await, expected);
}

const RULE: &str = r#"{"id":"y|id","links":{"self":"y-self"},"attributes":{"name":"y-name","author":"y-author",
    "rule":"y-rule",
    "matches":4294967361,"enabled":true,"tags":["y-tag-1","y-tag-2"],"creation_date":4294967362,
    "modification_date":4294967363,"included_date":4294967364},"error":{"code":"y-code","message":"y-message"}}"#;

#[tokio::test]
async fn a_published_rule_is_the_same_alone_and_in_a_page() {
    let (server, mut instance) = stage().await;
    let whole = CrowdsourcedYaraRule {
        id: "y|id".to_owned(),
        name: some("y-name"),
        author: some("y-author"),
        rule: some("y-rule"),
        matches: Some(4_294_967_361),
        enabled: Some(true),
        tags: list(&["y-tag-1", "y-tag-2"]),
        creation_date: Some(4_294_967_362),
        modification_date: Some(4_294_967_363),
        included_date: Some(4_294_967_364),
        self_link: some("y-self"),
        error: Some(ItemError { code: "y-code".to_owned(), message: "y-message".to_owned() }),
        json: RULE.to_owned(),
    };
    for _ in 0..2 {
        plays(&server, &page_of(RULE));
        let page = answered(instance.get_crowdsourced_yara_rules(&CrowdsourcedYaraRulesQuery::default())).await;
        assert_eq!(page.items, std::slice::from_ref(&whole));
        assert_page(&page.page);
        plays(&server, &format!("{{\"data\":{RULE}}}"));
        assert_eq!(answered(instance.get_crowdsourced_yara_rule("1")).await, whole);
        plays(&server, r#"{"data":{"id":"b"}}"#);
        let bare = answered(instance.get_crowdsourced_yara_rule("1")).await;
        let nothing = CrowdsourcedYaraRule {
            id: "b".to_owned(),
            name: None,
            author: None,
            rule: None,
            matches: None,
            enabled: None,
            tags: Vec::new(),
            creation_date: None,
            modification_date: None,
            included_date: None,
            self_link: None,
            error: None,
            json: r#"{"id":"b"}"#.to_owned(),
        };
        assert_eq!(bare, nothing);
    }
}

#[tokio::test]
async fn a_snippet_has_its_fields_in_their_places() {
    let (_server, mut instance) = stage().await;
    let dump = "00 *begin_highlight*01 02*end_highlight* ff *begin_highlight*fe*end_highlight*\n...";
    let whole = Snippet {
        bytes: vec![0, 1, 2, 255, 254],
        highlights: vec![Highlight { start: 1, end: 3 }, Highlight { start: 4, end: 5 }],
        truncated: true,
    };
    for _ in 0..2 {
        assert_eq!(answered(instance.parse_snippet(dump)).await, whole);
        let nothing = Snippet { bytes: Vec::new(), highlights: Vec::new(), truncated: false };
        assert_eq!(answered(instance.parse_snippet("")).await, nothing);
    }
}
