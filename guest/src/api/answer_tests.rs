use super::*;
use crate::api::outcome::Outcome;
use crate::api::request::LOOK_FIRST;
use crate::api::request::Method;
use ErrorKind::*;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;

const OBJECT: &[u8] = b"{\"data\":{\"id\":\"1\"}}";
const NOT_FOUND: &[u8] = b"{\"error\":{\"code\":\"NotFoundError\",\"message\":\"why\"}}";

fn settings(most: usize) -> Settings {
    let most = most.to_string();
    Settings::read(|name| match name {
        "VT_APIKEY" => Some(String::from("k3y-of-sixteen-or-more")),
        "VT_URL" => Some(String::from("https://vt.example:8443/prefix")),
        "VT_TIMEOUT" => Some(String::from("1.5")),
        "VT_MAX_RESPONSE_BYTES" => Some(most.clone()),
        _ => None,
    })
    .unwrap()
}

fn request(method: Method) -> Request {
    let mut request = Request::new(method, &["things"]);
    request.add("filter", "s3cret");
    request
}

/// Sorts a response to a method.
fn to(method: Method, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Failed> {
    let headers = headers.iter().map(|(name, value)| (String::from(*name), Vec::from(*value))).collect();
    let response = Response { status, headers, body: Vec::from(body) };
    Answer::from_response(response, &settings(1000), 1000, &request(method))
}

fn get(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Failed> {
    to(Method::Get, status, headers, body)
}

fn failed(method: Method, cause: Cause) -> Failed {
    Failure { cause, head: None }.into_error(&settings(1000), &request(method), Outcome::NotSent)
}

fn gzipped(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn assert_says(error: &crate::contract::Error, parts: &[&str]) {
    for part in parts {
        assert!(error.message.contains(part), "{part} is not in: {}", error.message);
    }
    for secret in ["k3y-of-sixteen-or-more", "s3cret"] {
        assert!(!error.message.contains(secret), "{}", error.message);
    }
}

#[test]
fn every_2xx_is_an_answer() {
    for status in [200, 201, 202, 203, 204, 206, 299] {
        for method in [Method::Get, Method::Post, Method::Delete] {
            let answer = to(method, status, &[], OBJECT).unwrap();
            assert_eq!((answer.status, answer.body.as_bytes()), (status, OBJECT));
            assert_eq!(answer.doubt.is_none(), method != Method::Post);
        }
    }
}

#[test]
fn an_empty_body_is_an_answer_and_enough_where_nothing_is_due() {
    for status in [200, 201, 202, 204] {
        for headers in [&[][..], &[("content-length", "0")]] {
            let answer = to(Method::Delete, status, headers, b"").unwrap();
            assert_eq!(answer.body, "");
            assert!(crate::api::nothing(&answer).is_ok());
        }
    }
    assert!(crate::api::nothing(&to(Method::Post, 200, &[], b"{}").unwrap()).is_ok());
}

#[test]
fn a_204_may_announce_the_length_of_what_it_leaves_out() {
    assert!(to(Method::Delete, 204, &[("content-length", "120")], b"").is_ok());
}

#[test]
fn a_redirect_is_refused_and_where_it_points_is_not_repeated() {
    let location = ("Location", "https://evil.example/?q=s3cret");
    for (status, headers) in [
        (301, &[location][..]),
        (302, &[location]),
        (303, &[location]),
        (307, &[location]),
        (308, &[location]),
        (308, &[]),
        (300, &[location]),
    ] {
        let error = get(status, headers, b"").unwrap_err();
        assert_eq!((error.kind, error.code.as_str(), error.status), (Protocol, "RedirectRefused", Some(status)));
        assert!(!error.retryable);
        assert_says(&error, &["`vt.example:8443`", &status.to_string(), "not followed", "`VT_URL`"]);
        assert!(!error.message.contains("evil"), "{}", error.message);
    }
}

#[test]
fn a_status_the_api_never_has_is_no_answer() {
    for status in [0, 100, 101, 199, 300, 304, 399] {
        let error = get(status, &[], OBJECT).unwrap_err();
        assert_eq!((error.kind, error.code.as_str(), error.status), (Protocol, "InvalidResponse", Some(status)));
        assert_says(&error, &["`vt.example:8443`", &status.to_string(), "`VT_URL`"]);
    }
}

#[test]
fn an_error_status_is_virustotals_own_error() {
    let error = get(404, &[], NOT_FOUND).unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.status), (NotFound, "NotFoundError", Some(404)));
    let error = get(429, &[("retry-after", "7")], b"<title>429</title>429 Too Many Requests").unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.retry_after), (RateLimited, "Http429", Some(7)));
    let error = get(999, &[], b"").unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.status), (Other, "Http999", Some(999)));
}

#[test]
fn a_post_answered_5xx_is_not_to_be_repeated() {
    assert!(get(503, &[], b"").unwrap_err().retryable);
    let error = to(Method::Post, 503, &[], b"").unwrap_err();
    assert!(!error.retryable);
    assert_says(&error, &[LOOK_FIRST]);
}

#[test]
fn a_body_of_another_length_than_announced_is_incomplete() {
    for announced in ["18", "20", " 1000000000000 ", "99999999999999999999999"] {
        let error = get(200, &[("Content-Length", announced)], OBJECT).unwrap_err();
        assert_eq!((error.kind, error.code.as_str(), error.status), (Transport, "IncompleteResponse", Some(200)));
        assert!(error.retryable);
        assert_says(&error, &["`vt.example:8443`", "19 bytes"]);
    }
    assert!(get(200, &[("content-length", "19")], OBJECT).is_ok());
    assert!(get(200, &[("content-length", "many")], OBJECT).is_ok());
}

#[test]
fn an_incomplete_answer_to_a_post_says_that_it_may_have_been_carried_out() {
    let error = to(Method::Post, 200, &[("content-length", "20")], OBJECT).unwrap_err();
    assert!(!error.retryable);
    assert_says(&error, &[LOOK_FIRST]);
}

#[test]
fn gzip_is_inflated_whatever_the_headers_say() {
    let body = gzipped(OBJECT);
    let length = body.len().to_string();
    for headers in [
        &[][..],
        &[("content-encoding", "gzip")],
        &[("content-encoding", "identity")],
        &[("content-encoding", "gzip"), ("content-length", &length)],
    ] {
        assert_eq!(get(200, headers, &body).unwrap().body.as_bytes(), OBJECT);
    }
}

#[test]
fn a_host_that_inflates_by_itself_and_leaves_the_headers_is_understood() {
    assert!(get(200, &[("content-encoding", "gzip"), ("content-length", "7")], OBJECT).is_ok());
    let error = get(404, &[("content-encoding", "gzip"), ("content-length", "7")], NOT_FOUND).unwrap_err();
    assert_eq!(error.code, "NotFoundError");
}

#[test]
fn errors_are_read_with_and_without_gzip() {
    for (headers, body) in
        [(&[("content-encoding", "gzip")][..], gzipped(NOT_FOUND)), (&[], gzipped(NOT_FOUND)), (&[], NOT_FOUND.into())]
    {
        assert_eq!(get(404, headers, &body).unwrap_err().code, "NotFoundError");
    }
}

#[test]
fn the_status_says_enough_where_the_body_of_an_error_is_broken() {
    let short = gzipped(NOT_FOUND)[..20].to_vec();
    let bomb = gzipped(&[b' '; 1001]);
    for (headers, body) in [
        (&[][..], &short[..]),
        (&[], &bomb[..]),
        (&[], b"\x1f\x8bnonsense"),
        (&[("content-length", "1000")], NOT_FOUND),
        (&[], b"\xff\xfe"),
    ] {
        let error = get(429, headers, body).unwrap_err();
        assert_eq!((error.kind, error.code.as_str(), error.status), (RateLimited, "Http429", Some(429)));
        assert!(error.retryable);
    }
}

#[test]
fn an_error_with_bytes_that_are_no_text_is_read_all_the_same() {
    let error = get(400, &[], b"{\"error\":{\"code\":\"BadRequestError\",\"message\":\"caf\xe9\"}}").unwrap_err();
    assert_eq!(error.code, "BadRequestError");
    assert_says(&error, &["caf\u{fffd}"]);
}

#[test]
fn broken_gzip_is_told_apart_by_what_is_wrong_with_it() {
    let whole = gzipped(OBJECT);
    let error = get(200, &[], &whole[..whole.len() - 1]).unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.retryable), (Transport, "IncompleteResponse", true));

    let mut corrupt = whole;
    *corrupt.last_mut().unwrap() ^= 1;
    let error = get(200, &[], &corrupt).unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.retryable), (Protocol, "InvalidResponse", false));
    assert_says(&error, &["`vt.example:8443`", "gzip"]);

    let error = get(200, &[], &gzipped(&[b' '; 1001])).unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.retryable), (TooLarge, "ResponseTooLarge", false));
    assert_says(&error, &["1000 bytes", "`limit`", "`VT_MAX_RESPONSE_BYTES`"]);
    assert_eq!(error.status, Some(200));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_body() {
    let marked = [b"\xef\xbb\xbf", OBJECT].concat();
    assert_eq!(get(200, &[], &marked).unwrap().body.as_bytes(), OBJECT);
    assert_eq!(get(200, &[], &gzipped(&marked)).unwrap().body.as_bytes(), OBJECT);
    assert_eq!(get(200, &[], b"\xef\xbb\xbf").unwrap().body, "");
    let marked = [b"\xef\xbb\xbf", NOT_FOUND].concat();
    assert_eq!(get(404, &[], &marked).unwrap_err().code, "NotFoundError");
}

#[test]
fn a_body_that_is_no_text_is_no_answer() {
    for body in [&b"\xff\xfe\0"[..], b"{\"data\":\"caf\xe9\"}", &gzipped(b"\xff")] {
        let error = get(200, &[], body).unwrap_err();
        assert_eq!((error.kind, error.code.as_str(), error.status), (Protocol, "InvalidResponse", Some(200)));
        assert_says(&error, &["vt.example:8443", "UTF-8", "`VT_URL`"]);
    }
}

#[test]
fn every_failure_has_its_kind_and_code_and_says_whether_to_repeat() {
    let connection =
        |may_have_arrived| Cause::Connection { detail: String::from("it cannot be reached"), may_have_arrived };
    // Cause, kind, code; whether a GET and a POST may be repeated; whether a POST may have been carried out; the text.
    for (cause, kind, code, get, post, ambiguous, parts) in [
        (Cause::Dns(String::new()), Transport, "DnsError", true, true, false, ["could not be resolved", "`VT_URL`"]),
        (Cause::Refused, Transport, "ConnectionRefused", true, true, false, ["refused the connection", "`VT_URL`"]),
        (connection(false), Transport, "ConnectionFailed", true, true, false, ["it cannot be reached", "try again"]),
        (connection(true), Transport, "ConnectionFailed", true, false, true, ["it cannot be reached", "try again"]),
        (Cause::Tls("it expired".into()), Transport, "TlsError", false, false, false, ["it expired", "`VT_URL`"]),
        (
            Cause::Deadline(Phase::Connect),
            Timeout,
            "DeadlineExceeded",
            true,
            true,
            false,
            ["No connection to", "a third of what is left of the deadline of 2 s"],
        ),
        (
            Cause::Deadline(Phase::Start),
            Timeout,
            "DeadlineExceeded",
            true,
            true,
            false,
            ["The deadline of 2 s passed before", "raise `VT_TIMEOUT`"],
        ),
        (
            Cause::Deadline(Phase::Answer),
            Timeout,
            "DeadlineExceeded",
            true,
            false,
            true,
            ["No answer from", "`VT_TIMEOUT`"],
        ),
        (
            Cause::Deadline(Phase::Body),
            Timeout,
            "DeadlineExceeded",
            true,
            false,
            true,
            ["No complete answer from", "`VT_TIMEOUT`"],
        ),
        (
            Cause::Incomplete { read: 77 },
            Transport,
            "IncompleteResponse",
            true,
            false,
            true,
            ["after 77 bytes", "Try again"],
        ),
        (
            Cause::TooLarge { most: 77 },
            TooLarge,
            "ResponseTooLarge",
            false,
            false,
            true,
            ["larger than 1000 bytes", "`VT_MAX_RESPONSE_BYTES`"],
        ),
        (
            Cause::Denied(" (its address is not allowed)".into()),
            Forbidden,
            "RequestDenied",
            false,
            false,
            false,
            ["egress policy", " (its address is not allowed). Nothing was sent. Allow it there"],
        ),
        (
            Cause::Protocol("it asks for an upgrade".into()),
            Protocol,
            "InvalidResponse",
            false,
            false,
            true,
            ["it asks for an upgrade", "`VT_URL`"],
        ),
        (
            Cause::Unsendable("path"),
            Configuration,
            "InvalidSetting",
            false,
            false,
            false,
            ["refused the path", "`VT_URL`"],
        ),
    ] {
        for (method, retryable) in [(Method::Get, get), (Method::Delete, get), (Method::Post, post)] {
            let error = failed(method, cause.clone());
            assert_eq!((error.kind, error.code.as_str(), error.status), (kind, code, None), "{cause:?}");
            assert_eq!(error.retryable, retryable, "{cause:?} of a {method:?}");
            assert_says(&error, &["`vt.example:8443`"]);
            assert_says(&error, &parts);
            let says_ambiguous = error.message.contains(LOOK_FIRST);
            assert_eq!(says_ambiguous, ambiguous && method == Method::Post, "{cause:?} of a {method:?}");
            assert_eq!(error.message.contains(". Nothing was sent. "), !ambiguous, "{}", error.message);
        }
    }
}

#[test]
fn a_change_is_not_told_to_ask_for_less() {
    for cause in [Cause::TooLarge { most: 7 }, Cause::Deadline(Phase::Answer), Cause::Deadline(Phase::Body)] {
        let error = failed(Method::Post, cause.clone());
        assert!(!error.message.contains("limit`") && !error.message.contains("for less"), "{}", error.message);
        assert!(failed(Method::Get, cause).message.contains("less") || error.kind == TooLarge);
    }
}

#[test]
fn what_a_host_says_of_a_name_is_shown() {
    let error = failed(Method::Get, Cause::Dns(String::from(" (no such host)")));
    assert_says(&error, &["could not be resolved (no such host). Nothing was sent. Check"]);
}

#[test]
fn a_failure_after_a_good_head_keeps_its_status() {
    let failure = Failure { cause: Cause::Deadline(Phase::Body), head: Some((200, Vec::new())) };
    let error = failure.into_error(&settings(1000), &request(Method::Get), Outcome::NotSent);
    assert_eq!((error.code.as_str(), error.status), ("DeadlineExceeded", Some(200)));
}

#[test]
fn a_failure_after_a_bad_head_is_what_the_head_said() {
    let headers = vec![(String::from("retry-after"), b"9".to_vec())];
    let failure = Failure { cause: Cause::Incomplete { read: 3 }, head: Some((429, headers)) };
    let error = failure.into_error(&settings(1000), &request(Method::Post), Outcome::NotSent);
    assert_eq!((error.kind, error.code.as_str(), error.status), (RateLimited, "Http429", Some(429)));
    assert_eq!(error.retry_after, Some(9));
}

#[test]
fn a_failure_after_the_head_of_a_redirect_is_still_a_redirect_refused() {
    let failure = Failure { cause: Cause::Incomplete { read: 3 }, head: Some((302, Vec::new())) };
    let error = failure.into_error(&settings(1000), &request(Method::Get), Outcome::NotSent);
    assert_eq!((error.kind, error.code.as_str(), error.status), (Protocol, "RedirectRefused", Some(302)));
    assert!(!error.retryable);
}

#[test]
fn an_error_in_a_good_answer_is_not_taken_for_a_deletion() {
    let body = String::from("{\"error\":{\"code\":\"NotFoundError\",\"message\":\"no such job\"}}");
    let error = crate::api::nothing(&Answer { status: 200, body, doubt: None, date: None }).unwrap_err();
    assert_eq!((error.kind, error.code.as_str(), error.status), (ErrorKind::NotFound, "NotFoundError", Some(200)));
}

#[test]
fn a_login_page_is_not_taken_for_a_deletion() {
    for (body, is_success) in [("", true), (" \n", true), ("{}", true), ("<html>Sign in</html>", false)] {
        let answer = Answer { status: 200, body: String::from(body), doubt: Some(LOOK_FIRST), date: None };
        let outcome = crate::api::nothing(&answer);
        assert_eq!(outcome.is_ok(), is_success, "{body:?}");
        if let Err(error) = outcome {
            assert_eq!(error.kind, ErrorKind::Protocol);
            assert!(error.message.contains("may have taken effect"), "{}", error.message);
        }
    }
}
