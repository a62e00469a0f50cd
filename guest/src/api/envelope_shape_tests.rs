//! Each envelope, and what stands in the place of one.

use super::*;

#[test]
fn the_hash_is_found_only_where_the_notification_names_a_file() {
    let sha256 = "eda35208372a103c1062a8dd853318258c2378f15169cb9b7cca8746fac2d963";
    for (attributes, found) in [
        (format!("{{\"entity_type\":\"file\",\"entity_id\":\"{sha256}\"}}"), true),
        (format!("{{\"entity_id\":\"{sha256}\"}}"), true),
        (format!("{{\"entity_type\":\"url\",\"entity_id\":\"{sha256}\"}}"), false),
        (String::from("{\"entity_type\":\"file\",\"entity_id\":\"x\"}"), false),
        (String::from("{\"entity_type\":\"file\"}"), false),
    ] {
        let body = format!("{{\"data\":{{\"attributes\":{attributes}}}}}");
        assert_eq!(stream_notification(&body).unwrap().file_sha256.is_some(), found, "{body}");
    }
    let body = "{\"data\":[{\"attributes\":{\"tags\":[\"a rule\",\"a ruleset\"]}}]}";
    assert_eq!(notifications(body).unwrap().items[0].file_sha256, None);
}

#[test]
fn what_a_subscription_brought_has_no_hunting_info() {
    for info in ["null", "\"\"", "[]", "true", "1"] {
        let body = format!(
            "{{\"data\":[{{\"id\":\"i\",\"context_attributes\":\
             {{\"hunting_info\":{info},\"origin\":\"subscriptions\",\"sources\":null}}}}]}}"
        );
        let item = &stream(&body).unwrap().items[0];
        assert!(item.hunting_info.is_none() && item.sources.is_empty());
        assert_eq!(item.origin.as_deref(), Some("subscriptions"));
    }
}

#[test]
fn sources_are_read_as_far_as_they_go() {
    let body = "{\"data\":{\"attributes\":{\"sources\":\
        [{\"type\":\"collection\",\"id\":7,\"label\":null},{\"id\":\"x\",\"extra\":[]},{}]}}}";
    let expected = [("7", "collection"), ("x", ""), ("", "")].map(|(id, source_type)| NotificationSource {
        id: String::from(id),
        source_type: String::from(source_type),
        label: None,
    });
    same(stream_notification(body).unwrap().sources, Vec::from(expected));
}

#[test]
fn types_that_drift_are_read_or_absent_and_the_object_comes_through() {
    let object = "{\"type\":\"retrohunt_job\",\"id\":77,\"attributes\":{\"status\":7,\"rules\":null,\
        \"corpus\":[\"main\"],\"creation_date\":\"1598966772\",\"start_date\":1598966777.0,\
        \"finish_date\":\"2020-09-01\",\"progress\":\"62.5\",\"eta_seconds\":-1,\
        \"scanned_bytes\":99999999999999999999,\"num_matches\":{},\"notification_email\":\"\",\
        \"time_range\":{\"start\":\"5\",\"end\":null},\"tomorrow\":[1]},\"links\":null,\"error\":null}";
    let expected = RetrohuntJob {
        status: some("7"),
        creation_date: Some(1_598_966_772),
        start_date: Some(1_598_966_777),
        progress: Some(62.5),
        notification_email: some(""),
        time_range: Some(TimeRange { start: Some(5), end: None }),
        ..bare_job("77", object)
    };
    same(job(&format!("{{\"data\":{object}}}")).unwrap(), expected);
}

#[test]
fn a_time_range_of_nothing_is_none() {
    for range in ["null", "{}", "[]", "\"\"", "{\"start\":null,\"end\":\"x\"}", "[{\"start\":1}]"] {
        let body = format!("{{\"data\":{{\"id\":\"i\",\"attributes\":{{\"time_range\":{range}}}}}}}");
        assert!(job(&body).unwrap().time_range.is_none(), "{body}");
    }
}

#[test]
fn attributes_of_another_type_are_as_good_as_absent() {
    for attributes in ["null", "[]", "\"text\"", "7", "[{\"status\":\"running\"}]"] {
        let object = format!("{{\"id\":\"i\",\"attributes\":{attributes}}}");
        same(job(&format!("{{\"data\":{object}}}")).unwrap(), bare_job("i", &object));
    }
}

#[test]
fn the_documented_create_envelope_counts_only_where_data_has_no_id() {
    let object = "{\"id\":\"inner\",\"links\":{\"self\":\"inner link\"}}";
    let body = format!("{{\"id\":\"outer\",\"links\":{{\"self\":\"outer link\"}},\"data\":{object}}}");
    same(created_ruleset(&body).unwrap(), Ruleset { self_link: some("inner link"), ..bare_ruleset("inner", object) });
}

#[test]
fn a_page_without_meta_and_links_is_the_last() {
    for body in
        ["{\"data\":[]}", "{\"data\":[],\"meta\":null,\"links\":null}", "{\"data\":null}", "{\"meta\":[],\"data\":[]}"]
    {
        let Page { items, page } = rulesets(body).unwrap();
        assert!(items.is_empty());
        same(page, bare_page());
    }
}

#[test]
fn a_cursor_is_a_text_a_number_or_absent_and_never_empty() {
    for (meta, cursor, count) in [
        ("{\"cursor\":\"CuABC-_=\",\"count\":7}", some("CuABC-_="), Some(7)),
        ("{\"cursor\":40,\"count\":\"7\"}", some("40"), Some(7)),
        ("{\"cursor\":\"\",\"count\":-1}", None, None),
        ("{\"cursor\":null,\"count\":null}", None, None),
        ("{\"cursor\":{},\"days_back\":[0]}", None, None),
        ("{\"cursor\":\"first\",\"cursor\":\"last\"}", some("last"), None),
    ] {
        let page = jobs(&format!("{{\"data\":[],\"meta\":{meta}}}")).unwrap().page;
        assert_eq!((page.cursor, page.count), (cursor, count), "{meta}");
    }
}

#[test]
fn an_empty_page_can_have_a_cursor() {
    let page = stream("{\"data\":[],\"meta\":{\"cursor\":\"more\"},\"links\":{\"next\":\"https://…/ui/…\"}}").unwrap();
    assert!(page.items.is_empty());
    assert_eq!((page.page.cursor, page.page.next_link), (some("more"), some("https://…/ui/…")));
}

#[test]
fn an_item_that_is_an_error_stands_in_its_place() {
    let (good, bad) = (
        "{\"id\":\"a\"}",
        "{\"type\":\"file\",\"id\":\"b\",\"error\":{\"code\":\"NotFoundError\",\"message\":\"gone\"}}",
    );
    let items = rulesets(&format!("{{\"data\":[{good},{bad},{good}]}}")).unwrap().items;
    let error = Some(ItemError { code: String::from("NotFoundError"), message: String::from("gone") });
    same(items, vec![bare_ruleset("a", good), Ruleset { error, ..bare_ruleset("b", bad) }, bare_ruleset("a", good)]);
}

#[test]
fn an_items_error_is_read_in_every_kind_of_page() {
    let body = "{\"data\":[{\"id\":\"a\",\"error\":{\"code\":\"X\"}},{\"id\":\"b\",\"error\":\"text\"},\
                {\"id\":\"c\",\"error\":null},{\"id\":\"d\",\"error\":{}}]}";
    let expected = [Some(("X", "")), Some(("", "text")), None, None].map(|error| {
        error.map(|(code, message)| ItemError { code: String::from(code), message: String::from(message) })
    });
    macro_rules! errors {
        ($($page:ident)*) => {
            $(same($page(body).unwrap().items.into_iter().map(|item| item.error).collect::<Vec<_>>(), expected.to_vec());)*
        };
    }
    errors!(rulesets notifications notification_files jobs matches stream);
}

#[test]
fn items_that_are_no_objects_come_through_as_nothing_but_json() {
    let items = jobs("{\"data\":[null,\"text\",[],{}]}").unwrap().items;
    same(items, ["null", "\"text\"", "[]", "{}"].map(|json| bare_job("", json)).to_vec());
}

#[test]
fn an_error_in_the_place_of_one_object_is_that_error() {
    for body in [
        "{\"error\":{\"code\":\"NotFoundError\",\"message\":\"gone\"}}",
        "{\"data\":{\"error\":{\"code\":\"NotFoundError\",\"message\":\"gone\"}}}",
        "{\"data\":{\"id\":\"i\",\"type\":\"t\",\"error\":{\"code\":\"NotFoundError\",\"message\":\"gone\"}}}",
    ] {
        let error = job(body).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::NotFound, "NotFoundError"), "{body}");
        assert!(error.message.contains("gone"), "{}", error.message);
    }
}

#[test]
fn an_error_in_the_place_of_a_page_is_that_error() {
    let error = jobs("{\"error\":{\"code\":\"QuotaExceededError\",\"message\":\"m\"}}").unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::QuotaExceeded, Some(200)));
}

#[test]
fn an_object_that_has_attributes_keeps_its_error_beside_them() {
    let body = "{\"data\":{\"id\":\"i\",\"attributes\":{\"status\":\"aborted\"},\"error\":{\"code\":\"X\"}}}";
    let job = job(body).unwrap();
    assert_eq!((job.status, job.error.unwrap().code), (some("aborted"), String::from("X")));
}

/// Asserts that a body is refused where one object and where a page is due, in these words.
#[track_caller]
fn refused(body: &str, words: &str) {
    for error in [
        job(body).unwrap_err(),
        stream_notification(body).unwrap_err(),
        jobs(body).unwrap_err(),
        stream(body).unwrap_err(),
    ] {
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Protocol, "InvalidResponse"), "{body}");
        assert_eq!((error.status, error.retryable), (Some(200), false));
        assert!(error.message.contains(words), "{}", error.message);
        assert!(error.message.contains("`VT_URL`"), "{}", error.message);
    }
}

#[test]
fn a_body_without_data_is_refused() {
    for body in ["{}", "[]", "null", "true", "7", "\"text\"", "{\"meta\":{}}", "{\"Data\":{}}", "[{\"id\":\"i\"}]"] {
        refused(body, "has no object in `data`");
    }
    for data in ["7", "true"] {
        refused(&format!("{{\"data\":{data}}}"), "has no object in `data`");
    }
    refused(fixture!("hunting_ruleset_editor_check-1.json"), "has no object in `data`");
}

#[test]
fn no_object_where_one_is_due_is_refused() {
    for body in ["{\"data\":null}", "{\"data\":[]}", "{\"data\":[{\"id\":\"i\"}]}"] {
        let error = job(body).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Protocol, "InvalidResponse"), "{body}");
    }
}

#[test]
fn a_text_in_the_place_of_data_is_no_object() {
    refused("{\"data\":\"text\"}", "has no object in `data`");
}

#[test]
fn a_body_that_is_no_json_is_refused_with_its_size_and_kind_and_never_quoted() {
    refused("<!doctype html>\n<title>Log in</title>", "is not JSON (37 bytes of markup, as a web page has). Check");
    refused(" {\"data\":{\"id\":\"i\"}", "is not JSON (18 bytes that begin as JSON does). Check");
    refused("[{}]", "has no object in `data` (4 bytes that begin as JSON does). Check");
    refused("x-apikey: 0123456789abcdef", "is not JSON (26 bytes of text). Check");
    refused("ключ", "is not JSON (8 bytes that are not plain text). Check");
    for body in ["<p>0123456789abcdef", "0123456789abcdef", "{\"0123456789abcdef", "{\"a\":\"0123456789abcdef\"}"] {
        let message = job(body).unwrap_err().message.clone();
        assert!(!message.contains("0123"), "{message}");
    }
    refused("{\"data\":[{\"id\":\"i\"}]}<!-- edge -->", "is not JSON");
    refused("{\"data\":{\"id\":\"i\"}} {}", "is not JSON");
    refused("\u{1b}[31m", "is not JSON");
    refused(fixture!("error-429-edge.html"), "is not JSON");
}

#[test]
fn an_empty_body_is_refused_where_something_is_due() {
    for body in ["", " \r\n"] {
        refused(body, "is empty");
    }
}

#[test]
fn an_unusable_answer_to_a_post_says_that_it_may_have_been_carried_out() {
    for body in ["", "<html>", "{}"] {
        let error = created_ruleset(body).unwrap_err();
        assert!(error.message.contains("`reconcile-livehunt-ruleset`") && !error.retryable, "{}", error.message);
        assert!(!job(body).unwrap_err().message.contains("taken effect"));
    }
}

#[test]
fn a_page_of_absurdly_many_objects_is_too_large() {
    let body = |count| format!("{{\"data\":[{}{{}}]}}", "{},".repeat(count - 1));
    assert_eq!(jobs(&body(MAX_ITEMS)).unwrap().items.len(), MAX_ITEMS);
    let error = jobs(&body(MAX_ITEMS + 1)).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::TooLarge, "ResponseTooLarge"));
    assert!(error.message.contains("10000") && error.message.contains("`limit`"), "{}", error.message);
}
