//! Objects of the stream and its notifications, with what brought them there.

use vt_hunting_host::ioc_stream::{
    HuntingInfo, IocStreamNotification, IocStreamObject, IocStreamPoll, IocStreamQuery, NotificationSource, StreamGap,
};
use vt_hunting_host::types::{ItemError, PollBudget};

use super::{assert_page, list, page_of, plays, some, stage};
use crate::support::answered;
use crate::support::raw_server::{answer, response};

const SOURCES: &str = r#"[{"id":"s-id-1","type":"s-type-1","label":"s-label"},{"type":"s-type-2","id":"s-id-2"}]"#;
const INFO: &str = r#"{"rule_name":"h-rule","rule_tags":["h-tag-1","h-tag-2"],"match_source":"h-source",
    "snippet":"h-snippet","source_country":"h-country","source_key":"h-key","match_in_subfile":true}"#;

fn sources() -> Vec<NotificationSource> {
    vec![
        NotificationSource { id: "s-id-1".to_owned(), source_type: "s-type-1".to_owned(), label: some("s-label") },
        NotificationSource { id: "s-id-2".to_owned(), source_type: "s-type-2".to_owned(), label: None },
    ]
}

fn info() -> HuntingInfo {
    HuntingInfo {
        rule_name: some("h-rule"),
        rule_tags: list(&["h-tag-1", "h-tag-2"]),
        match_source: some("h-source"),
        snippet: some("h-snippet"),
        source_country: some("h-country"),
        source_key: some("h-key"),
        match_in_subfile: Some(true),
    }
}

fn object_text() -> String {
    format!(
        r#"{{"id":"o-id","type":"o-type","links":{{"self":"o-self"}},
            "context_attributes":{{"notification_id":"o-notification","notification_date":4294967321,"origin":"o-origin","sources":{SOURCES},"tags":["o-tag-1","o-tag-2"],
            "hunting_info":{INFO}}},"error":{{"code":"o-code","message":"o-message"}}}}"#
    )
}

fn object() -> IocStreamObject {
    IocStreamObject {
        id: "o-id".to_owned(),
        object_type: "o-type".to_owned(),
        notification_id: some("o-notification"),
        notification_date: Some(4_294_967_321),
        origin: some("o-origin"),
        sources: sources(),
        tags: list(&["o-tag-1", "o-tag-2"]),
        hunting_info: Some(info()),
        self_link: some("o-self"),
        error: Some(ItemError { code: "o-code".to_owned(), message: "o-message".to_owned() }),
        json: object_text(),
    }
}

fn bare_object(json: &str) -> IocStreamObject {
    IocStreamObject {
        id: "b".to_owned(),
        object_type: "t".to_owned(),
        notification_id: None,
        notification_date: None,
        origin: None,
        sources: Vec::new(),
        tags: Vec::new(),
        hunting_info: None,
        self_link: None,
        error: None,
        json: json.to_owned(),
    }
}

#[tokio::test]
async fn an_object_is_the_same_in_a_page_and_in_a_batch() {
    let (server, mut instance) = stage().await;
    let bare = r#"{"id":"b","type":"t","context_attributes":{"hunting_info":null}}"#;
    let both = format!("{},{bare}", object_text());
    for _ in 0..2 {
        plays(&server, &page_of(&both));
        let page = answered(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!(page.items, [object(), bare_object(bare)]);
        assert_page(&page.page);
        let query = IocStreamPoll { since: Some(1), ..Default::default() };
        let one = PollBudget { items: None, requests: Some(1), milliseconds: None };
        let batch = answered(instance.poll_ioc_stream(None, &query, &one)).await;
        assert_eq!((batch.items, batch.more, batch.incomplete), (vec![object(), bare_object(bare)], true, None));
        assert!(batch.checkpoint.starts_with("vc1."), "{}", batch.checkpoint);
        assert_eq!(batch.gap, None, "an answer without a date");
        let response = response(200, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")], page_of(&both));
        server.play(answer(response));
        let batch = answered(instance.poll_ioc_stream(None, &query, &one)).await;
        assert_eq!((batch.items, batch.more, batch.incomplete), (vec![object(), bare_object(bare)], true, None));
        assert_eq!(batch.gap, Some(StreamGap { since: 1, until: 784_111_777 - 7 * 86_400 }));
        plays(&server, &format!("{{\"data\":[{bare}]}}"));
        let page = answered(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!(page.items, [bare_object(bare)]);
    }
}

#[tokio::test]
async fn a_notification_of_the_stream_has_its_fields_in_their_places() {
    const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let (server, mut instance) = stage().await;
    let text = format!(
        r#"{{"id":"i-id","links":{{"self":"i-self"}},"attributes":{{"date":4294967322,"entity_type":"file",
            "entity_id":"{SHA256}","origin":"i-origin","sources":{SOURCES},"tags":["i-tag"],"hunting_info":{INFO}}}}}"#
    );
    let whole = IocStreamNotification {
        id: "i-id".to_owned(),
        date: Some(4_294_967_322),
        entity_type: some("file"),
        entity_id: some(SHA256),
        file_sha256: some(SHA256),
        origin: some("i-origin"),
        sources: sources(),
        tags: list(&["i-tag"]),
        hunting_info: Some(info()),
        self_link: some("i-self"),
        json: text.clone(),
    };
    let other = text.replace("\"file\"", "\"domain\"");
    for _ in 0..2 {
        plays(&server, &format!("{{\"data\":{text}}}"));
        assert_eq!(answered(instance.get_ioc_stream_notification("1")).await, whole);
        plays(&server, &format!("{{\"data\":{other}}}"));
        let notification = answered(instance.get_ioc_stream_notification("1")).await;
        let expected = IocStreamNotification {
            entity_type: some("domain"),
            file_sha256: None,
            json: other.clone(),
            ..whole.clone()
        };
        assert_eq!(notification, expected);
        let bare = r#"{"id":"b"}"#;
        plays(&server, &format!("{{\"data\":{bare}}}"));
        let nothing = IocStreamNotification {
            id: "b".to_owned(),
            date: None,
            entity_type: None,
            entity_id: None,
            file_sha256: None,
            origin: None,
            sources: Vec::new(),
            tags: Vec::new(),
            hunting_info: None,
            self_link: None,
            json: bare.to_owned(),
        };
        assert_eq!(answered(instance.get_ioc_stream_notification("1")).await, nothing);
    }
}
