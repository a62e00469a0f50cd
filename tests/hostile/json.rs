//! Bodies that are no JSON, or JSON that nobody should have to read.

use vt_hunting_host::types::ErrorKind;

use super::{Case, answers, body};
use crate::support::KEY;
use crate::support::raw_server::response;

/// A page with one object that has this among its `context_attributes`.
fn attribute(name: &str, value: &str) -> Case {
    body(name, format!(r#"{{"data":[{{"type":"file","id":"a","context_attributes":{value}}}]}}"#)).answered(1)
}

fn nested(open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(100_000), close.repeat(100_000))
}

pub(super) fn cases() -> Vec<Case> {
    let millions = || format!("[{}0]", "0,".repeat(10_000_000 - 1));
    let long_key = format!(r#"{{"{}":1}}"#, "k".repeat(4 << 20));
    vec![
        body("invalid UTF-8 in a text", b"{\"data\":[{\"id\":\"\xff\xc0\x80\"}]}").unsound(),
        body(
            "UTF-16",
            [0xff, 0xfe].into_iter().chain("{\"data\":[]}".bytes().flat_map(|byte| [byte, 0])).collect::<Vec<_>>(),
        )
        .unsound(),
        answers(
            "invalid UTF-8 in an error",
            response(404, &[], b"{\"error\":{\"code\":\"NotFoundError\",\"message\":\"\xff\"}}"),
        )
        .fails(&[(ErrorKind::NotFound, "NotFoundError")], false),
        body("a byte order mark", "\u{feff}{\"data\":[]}").answered(0),
        body("two byte order marks", "\u{feff}\u{feff}{\"data\":[]}").unsound(),
        body("arrays nested 100 000 deep as the data", format!("{{\"data\":{}}}", nested("[", "]"))).answered(1),
        body("objects nested 100 000 deep as an object", format!("{{\"data\":[{}]}}", nested("{\"a\":", "}")))
            .answered(1),
        attribute("arrays nested 100 000 deep in an attribute", &format!("{{\"tags\":{}}}", nested("[", "]"))),
        attribute(
            "objects nested 100 000 deep in an attribute",
            &format!("{{\"hunting_info\":{}}}", nested("{\"rule_name\":", "}")),
        ),
        body("arrays nested 100 000 deep and never closed", "[".repeat(100_000)).unsound(),
        answers(
            "an error nested 100 000 deep",
            response(400, &[], format!("{{\"error\":{}}}", nested("{\"message\":", "}"))),
        )
        .fails(&[(ErrorKind::InvalidArgument, "Http400")], false),
        body("a page of 10 million objects", format!("{{\"data\":{}}}", millions())).too_large(),
        body("a page of 10 000 objects", format!("{{\"data\":[{}null]}}", "null,".repeat(9_999))).answered(10_000),
        attribute("an attribute of 10 million elements", &format!("{{\"tags\":{}}}", millions())),
        attribute("a key of 4 MB", &long_key),
        attribute("an attribute given twice", r#"{"tags":["a"],"tags":null,"origin":"x","origin":7}"#),
        body("data given twice", r#"{"data":[{"id":"a"}],"data":[{"id":"b"}]}"#).answered(1),
        attribute(
            "numbers beyond every type",
            &format!(r#"{{"notification_date":1e999999999,"notification_id":{}}}"#, "9".repeat(100_000)),
        ),
        attribute("a number that is less than zero", r#"{"notification_date":-1}"#),
        attribute("a lone surrogate", r#"{"origin":"\ud800","tags":["\udc00\ud800","fine"]}"#),
        attribute("a NUL in a text", r#"{"origin":"a\u0000b"}"#),
        attribute("an attribute of another type", r#"{"tags":{"a":1},"sources":"x","hunting_info":[1],"origin":null}"#),
        body("a control character in a text", "{\"data\":[{\"id\":\"a\nb\"}]}").unsound(),
        body("a number that is no JSON", r#"{"data":[{"x":NaN}]}"#).unsound(),
        body("a number with a leading zero", r#"{"data":[{"x":01}]}"#).unsound(),
        body("a trailing comma", r#"{"data":[],}"#).unsound(),
        body("single quotes", "{'data':[]}").unsound(),
        body("two texts in a row", r#"{"data":[]}{"data":[]}"#).unsound(),
        body("a text cut in the middle", r#"{"data":[{"id":"a"#).unsound(),
        body("nothing but spaces", " ".repeat(1 << 20)).unsound(),
        body("a sign-in page", "<!doctype html><title>Sign in</title>").unsound(),
        body("a page that repeats the key", format!("<pre>x-apikey: {KEY}</pre>")).unsound(),
        body("the key, in upper case and cut", &KEY.to_uppercase()[..50]).unsound(),
        body("JSON of nobody's that repeats the key", format!(r#"{{"headers":{{"x-apikey":"{KEY}"}}}}"#)).unsound(),
        body(
            "an object that repeats the key",
            format!(r#"{{"data":[{{"id":"{KEY}","attributes":{{"a":"{KEY}"}}}}]}}"#),
        )
        .answered(1),
        body("an error where the data should be", r#"{"error":{"code":"TransientError"}}"#)
            .fails(&[(ErrorKind::Unavailable, "TransientError")], true),
        answers(
            "an error message of 8 MB",
            response(400, &[], format!(r#"{{"error":{{"code":"Odd","message":"{}"}}}}"#, "x".repeat(8 << 20))),
        )
        .fails(&[(ErrorKind::InvalidArgument, "Odd")], false),
    ]
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_much_of_it_are_survived() {
    super::survive(cases()).await;
}
