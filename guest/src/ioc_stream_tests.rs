use super::*;
use crate::contract::ErrorKind;
use crate::stage::first;

/// A request as one text: method and target; these have no body.
fn sent<T>(action: Result<Action<T>, Failed>) -> String {
    let Request { method, path_and_query, body, .. } = action.unwrap().request;
    assert_eq!(body, None);
    format!("{method:?} {path_and_query}")
}

/// Asserts that an action is refused before anything is sent, with a message that has all these parts.
#[track_caller]
fn refused<T>(action: Result<T, Failed>, parts: &[&str]) {
    let error = action.err().expect("it should be refused");
    assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::InvalidArgument, None, false));
    for part in parts {
        assert!(error.message.contains(part), "{part} is not in: {}", error.message);
    }
}

fn text(value: &str) -> Option<String> {
    Some(String::from(value))
}

fn query() -> IocStreamQuery {
    IocStreamQuery { limit: None, descriptors_only: None, filter: None, order: None, cursor: None }
}

#[test]
fn getting_objects_is_a_get_with_what_was_asked() {
    assert_eq!(first(get_objects(query())), "Get /api/v3/ioc_stream");
    let query = IocStreamQuery {
        limit: Some(40),
        descriptors_only: Some(true),
        filter: text("date:1626960086+ origin:hunting"),
        order: text("date+"),
        cursor: text("Df7T-_Y=="),
    };
    assert_eq!(
        first(get_objects(query)),
        "Get /api/v3/ioc_stream?limit=40&descriptors_only=true\
         &filter=date%3A1626960086%2B%20origin%3Ahunting&order=date%2B&cursor=Df7T-_Y%3D%3D"
    );
}

#[test]
fn full_objects_asked_for_in_so_many_words_are_asked_for() {
    let query = IocStreamQuery { descriptors_only: Some(false), ..query() };
    assert_eq!(first(get_objects(query)), "Get /api/v3/ioc_stream?descriptors_only=false");
}

#[test]
fn getting_a_notification_is_a_get_of_that_one() {
    assert_eq!(sent(get_notification(String::from("2467348644"))), "Get /api/v3/ioc_stream_notifications/2467348644");
    assert_eq!(sent(get_notification(String::from("1/../2?x"))), "Get /api/v3/ioc_stream_notifications/1%2F..%2F2%3Fx");
}

#[test]
fn a_limit_of_nothing_is_refused() {
    refused(get_objects(IocStreamQuery { limit: Some(0), ..query() }), &["`limit`", "0", "at least 1"]);
}

#[test]
fn a_filter_order_or_cursor_that_is_too_long_is_refused() {
    let long = || Some("x".repeat(8193));
    refused(get_objects(IocStreamQuery { filter: long(), ..query() }), &["`filter`", "8193", "8192"]);
    refused(get_objects(IocStreamQuery { order: long(), ..query() }), &["`order`", "8193", "8192"]);
    let cursor = Some("x".repeat(8257));
    refused(get_objects(IocStreamQuery { cursor, ..query() }), &["`cursor`", "8257", "8256"]);
}

#[test]
fn an_id_that_names_no_notification_is_refused() {
    for (id, length) in [("", "0 bytes"), ("\t", "1 bytes"), (".", "1 bytes"), ("..", "2 bytes")] {
        refused(get_notification(String::from(id)), &["`id`", length]);
    }
    refused(get_notification("i".repeat(1025)), &["`id`", "1025", "1024"]);
}

#[test]
fn a_selection_is_a_filter_term_by_term_or_the_word_everything() {
    let sent = |selection: &str| {
        let action = delete_objects(String::from(selection)).map_err(|error| error.code.clone());
        action.map(|action| (action.request.path_and_query, action.request.doubt.is_none()))
    };
    let bare = String::from("/api/v3/ioc_stream");
    assert_eq!(sent("everything"), Ok((bare.clone(), false)));
    for (filter, encoded) in [
        ("source_id:1", "source_id%3A1"),
        ("origin:hunting date:1+", "origin%3Ahunting%20date%3A1%2B"),
        ("notification_tag:\"a b\"", "notification_tag%3A%22a%20b%22"),
    ] {
        assert_eq!(sent(filter), Ok((format!("{bare}?filter={encoded}"), false)));
    }
    for unclear in [
        "",
        " ",
        "Everything",
        "everything!",
        "everything:x",
        "all",
        "source_id:",
        "source_id: entity_type:file",
        "origin:hunting foo",
        "tag:foo",
        "notification_tag:\"\"",
        "notification_tag:\"a b",
        "source_id:\u{a0}",
        "filter=",
    ] {
        assert_eq!(sent(unclear), Err(String::from("ConfirmationMissing")), "{unclear:?}");
    }
}
