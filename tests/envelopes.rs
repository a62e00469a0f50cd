//! Whatever envelope an object comes in, it comes through; only what is no JSON or has no `data` is refused.

use vt_hunting_host::ioc_stream::{IocStreamPage, IocStreamQuery};
use vt_hunting_host::livehunt::Ruleset;
use vt_hunting_host::retrohunt::RetrohuntJob;
use vt_hunting_host::types::{Error, ErrorKind};

use crate::support::raw_server::{answer, response};
use crate::support::world::{facing, new_ruleset};
use crate::support::{answered, refused};

async fn page(body: &str) -> IocStreamPage {
    let (_server, connector) = facing(answer(response(200, &[], body))).await;
    answered(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await
}

async fn no_page(body: &str) -> Error {
    let (_server, connector) = facing(answer(response(200, &[], body))).await;
    refused(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await
}

async fn job(body: &str) -> RetrohuntJob {
    let (_server, connector) = facing(answer(response(200, &[], body))).await;
    answered(connector.get_retrohunt_job("1")).await
}

async fn created(status: u16, body: &str) -> Ruleset {
    let (_server, connector) = facing(answer(response(status, &[], body))).await;
    answered(connector.create_livehunt_ruleset(&new_ruleset("any"))).await
}

/// VirusTotal's own cursor within the one that is handed out.
fn theirs(cursor: Option<&str>) -> Option<&str> {
    cursor?.strip_prefix("vh1.")?.splitn(4, '.').nth(3)
}

#[tokio::test]
async fn a_page_needs_neither_meta_nor_links() {
    let bare = page(r#"{"data":[{"type":"file","id":"a"},{"type":"url","id":"b"}]}"#).await;
    assert_eq!(bare.items.len(), 2);
    assert!(bare.page.cursor.is_none() && bare.page.count.is_none());
    assert!(bare.page.self_link.is_none() && bare.page.next_link.is_none() && bare.page.incomplete.is_none());
    let nulls = page(r#"{"data":null,"meta":null,"links":null}"#).await;
    assert!(nulls.items.is_empty() && nulls.page.cursor.is_none());
    let odd = page(r#"{"data":[],"meta":[1],"links":"none"}"#).await;
    assert!(odd.items.is_empty() && odd.page.cursor.is_none());
}

#[tokio::test]
async fn meta_may_hold_other_keys_and_other_types() {
    let full = page(r#"{"data":[],"meta":{"days_back":7,"count":"12","cursor":42,"x":{"cursor":"no"}}}"#).await;
    assert_eq!((full.page.count, theirs(full.page.cursor.as_deref())), (Some(12), Some("42")));
    assert_eq!(page(r#"{"data":[],"meta":{"cursor":""}}"#).await.page.cursor, None, "an empty cursor leads nowhere");
    assert_eq!(page(r#"{"data":[],"meta":{"cursor":null,"count":-1}}"#).await.page.count, None);
}

#[tokio::test]
async fn an_empty_page_can_have_a_cursor() {
    let empty = page(r#"{"data":[],"meta":{"cursor":"eJx/+=="},"links":{"self":"s","next":"n"}}"#).await;
    assert!(empty.items.is_empty());
    assert_eq!(theirs(empty.page.cursor.as_deref()), Some("eJx/+=="));
    assert_eq!((empty.page.self_link.as_deref(), empty.page.next_link.as_deref()), (Some("s"), Some("n")));
}

#[tokio::test]
async fn one_object_that_failed_does_not_fail_the_page() {
    let mixed = page(
        r#"{"data":[{"type":"file","id":"a","error":{"code":"NotFoundError","message":"gone"}},
                    {"type":"file","id":"b","error":{"code":"TransientError"}},
                    {"type":"file","id":"c","attributes":{"size":1}}]}"#,
    )
    .await;
    let errors: Vec<_> = mixed.items.iter().map(|item| item.error.as_ref()).collect();
    let first = errors[0].expect("an error");
    assert_eq!((&*first.code, &*first.message), ("NotFoundError", "gone"));
    assert_eq!(errors[1].expect("an error").message, "");
    assert!(errors[2].is_none());
}

#[tokio::test]
async fn an_item_of_any_shape_comes_through_as_json() {
    let odd = page(r#"{"data":[null,7,"text",[1],{},{"id":9,"type":null,"context_attributes":"none"}]}"#).await;
    let texts: Vec<_> = odd.items.iter().map(|item| &*item.json).collect();
    assert_eq!(
        texts,
        ["null", "7", "\"text\"", "[1]", "{}", "{\"id\":9,\"type\":null,\"context_attributes\":\"none\"}"]
    );
    assert_eq!((&*odd.items[5].id, &*odd.items[5].object_type), ("9", ""));
}

#[tokio::test]
async fn json_keeps_every_byte_of_the_object() {
    let object = "{ \"type\" : \"file\",\n\t\"id\":\"a\", \"new\\u0041\": 1e400, \"attributes\":{\"x\":1.10,\"x\":2} }";
    let spaced = page(&format!("\u{feff} \r\n{{\"data\": [ {object} ]}} ")).await;
    assert_eq!(spaced.items[0].json, object);
}

#[tokio::test]
async fn drifting_types_are_read_or_left_out() {
    let drifted =
        job(r#"{"data":{"type":"retrohunt_job","id":17,"attributes":{"status":5,"rules":null,"corpus":["main"],
            "creation_date":"1598966772","start_date":1598966777.0,"finish_date":"soon","progress":"62.5",
            "eta_seconds":-1,"scanned_bytes":18446744073709551615,"num_matches":1e3,"notification_email":"",
            "time_range":{"start":"5","end":null}}}}"#)
        .await;
    assert_eq!((&*drifted.id, drifted.status.as_deref()), ("17", Some("5")));
    assert_eq!((drifted.rules, drifted.corpus), (None, None));
    assert_eq!(drifted.creation_date, Some(1_598_966_772));
    assert_eq!(drifted.start_date, Some(1_598_966_777));
    assert_eq!((drifted.finish_date, drifted.eta_seconds), (None, None));
    assert_eq!((drifted.progress, drifted.num_matches), (Some(62.5), Some(1000)));
    assert_eq!(drifted.scanned_bytes, Some(u64::MAX));
    assert_eq!(drifted.notification_email.as_deref(), Some(""));
    let range = drifted.time_range.expect("a range");
    assert_eq!((range.start, range.end), (Some(5), None));
    for attributes in ["null", "[]", "7", "\"x\"", "{}"] {
        let bare = job(&format!(r#"{{"data":{{"id":"a","attributes":{attributes}}}}}"#)).await;
        assert_eq!((&*bare.id, bare.status), ("a", None));
    }
}

#[tokio::test]
async fn a_created_ruleset_may_stand_in_either_envelope_under_any_2xx() {
    let real = r#"{"data":{"type":"hunting_ruleset","id":"7","links":{"self":"s"},"attributes":{"name":"n"}}}"#;
    let documented = r#"{"type":"hunting_ruleset","id":"7","links":{"self":"s"},"data":{"attributes":{"name":"n"}}}"#;
    for status in [200, 201, 202] {
        for (body, json) in [(real, &real[8..real.len() - 1]), (documented, documented)] {
            let ruleset = created(status, body).await;
            assert_eq!((&*ruleset.id, ruleset.name.as_deref()), ("7", Some("n")));
            assert_eq!((ruleset.self_link.as_deref(), &*ruleset.json), (Some("s"), json));
        }
    }
}

#[tokio::test]
async fn deleting_and_aborting_succeed_with_any_json_or_none() {
    let no_content = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    let with = |status, body| response(status, &[], body);
    for bytes in [no_content, with(200, ""), with(200, "{}"), with(201, "{}"), with(202, "null"), with(200, " \n")] {
        let (_server, connector) = facing(answer(bytes)).await;
        answered(connector.delete_livehunt_ruleset("1")).await;
        answered(connector.abort_retrohunt_job("1")).await;
    }
}

#[tokio::test]
async fn deleting_and_aborting_fail_where_a_sign_in_page_says_yes() {
    for body in ["<html>", "{\"da", "welcome"] {
        let (_server, connector) = facing(answer(response(200, &[], body))).await;
        let error = refused(connector.delete_livehunt_ruleset("1")).await;
        assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::Protocol, "InvalidResponse", false));
        let error = refused(connector.abort_retrohunt_job("1")).await;
        assert!(error.kind == ErrorKind::Protocol && error.message.contains("may have taken effect"), "{error:?}");
    }
}

#[tokio::test]
async fn an_error_inside_a_good_answer_is_that_error() {
    let error = no_page(r#"{"error":{"code":"NotFoundError","message":"gone"}}"#).await;
    assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::NotFound, "NotFoundError", Some(200)));
    let (_server, connector) =
        facing(answer(response(200, &[], r#"{"data":{"id":"1","error":{"code":"TransientError"}}}"#))).await;
    let error = refused(connector.get_retrohunt_job("1")).await;
    assert_eq!((error.kind, error.retryable), (ErrorKind::Unavailable, true));
}

#[tokio::test]
async fn what_is_not_the_api_is_a_protocol_error_that_says_what_it_looks_like() {
    for (body, says) in [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("<!doctype html><title>Sign in</title>", "is not JSON (37 bytes of markup"),
        ("{\"data\":[", "is not JSON"),
        ("{\"data\":[]} trailing", "is not JSON"),
        ("{}", "no object in `data`"),
        ("[]", "no object in `data`"),
        ("{\"data\":true}", "no object in `data`"),
        ("{\"data\":7}", "no object in `data`"),
    ] {
        let error = no_page(body).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "InvalidResponse"), "{body}");
        assert_eq!((error.status, error.retryable), (Some(200), false), "{body}");
        assert!(error.message.contains(says), "{body}: {}", error.message);
    }
}

#[tokio::test]
async fn one_object_is_required_where_one_is_due() {
    for body in [r#"{"data":[]}"#, r#"{"data":null}"#, r#"{"data":true}"#, r#"{"meta":{}}"#] {
        let (_server, connector) = facing(answer(response(200, &[], body))).await;
        let error = refused(connector.get_ioc_stream_notification("1")).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "InvalidResponse"), "{body}");
        let error = refused(connector.create_livehunt_ruleset(&new_ruleset("any"))).await;
        assert!(error.message.contains("may have taken effect") && !error.retryable, "{}", error.message);
    }
}
