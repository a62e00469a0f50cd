use super::*;
use crate::api::request::LOOK_FIRST;
use ErrorKind::*;

/// What an error body with this code becomes, for a request that may be repeated.
fn coded(status: u16, code: &str) -> Failed {
    from_answer(status, &[], &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"why\"}}}}"), None)
}

fn get(status: u16, body: &str) -> Failed {
    from_answer(status, &[], body, None)
}

fn waiting(headers: &[(&str, &str)]) -> Failed {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (String::from(*name), Vec::from(*value))).collect();
    from_answer(429, &headers, "", None)
}

/// Status, code, kind; whether a GET and a POST may be repeated.
const ROWS: [(u16, &str, ErrorKind, bool, bool); 17] = [
    (400, "BadRequestError", InvalidArgument, false, false),
    (400, "InvalidArgumentError", InvalidArgument, false, false),
    (400, "NotAvailableYet", Unavailable, true, true),
    (400, "UnselectiveContentQueryError", InvalidArgument, false, false),
    (400, "UnsupportedContentQueryError", InvalidArgument, false, false),
    (401, "AuthenticationRequiredError", Authentication, false, false),
    (401, "UserNotActiveError", Authentication, false, false),
    (401, "WrongCredentialsError", Authentication, false, false),
    (403, "ForbiddenError", Forbidden, false, false),
    (404, "NotFoundError", NotFound, false, false),
    (409, "AlreadyExistsError", Conflict, false, false),
    (424, "FailedDependencyError", Other, false, false),
    (429, "QuotaExceededError", QuotaExceeded, false, false),
    (429, "TooManyRequestsError", RateLimited, true, true),
    (429, "TooManyRequests", RateLimited, true, true),
    (503, "TransientError", Unavailable, true, false),
    (504, "DeadlineExceededError", Timeout, true, false),
];

#[test]
fn every_documented_code_has_its_kind_and_says_whether_to_repeat() {
    for (status, code, kind, get, post) in ROWS {
        let body = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"why\"}}}}");
        for (doubt, retryable) in [(None, get), (Some(LOOK_FIRST), post)] {
            let error = from_answer(status, &[], &body, doubt);
            assert_eq!((error.kind, error.code.as_str()), (kind, code));
            assert_eq!((error.status, error.retry_after), (Some(status), None), "{code}");
            assert_eq!(error.retryable, retryable, "{code}, doubt: {doubt:?}");
        }
    }
}

#[test]
fn a_post_that_a_server_failed_at_is_not_repeated_whatever_the_code_says() {
    for (_, code, ..) in ROWS {
        let body = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"why\"}}}}");
        let error = from_answer(503, &[], &body, Some(LOOK_FIRST));
        assert!(!error.retryable && error.message.contains(LOOK_FIRST), "{code}: {}", error.message);
    }
}

#[test]
fn the_code_decides_whatever_the_status_says() {
    for (_, code, kind, ..) in ROWS {
        assert_eq!(coded(418, code).kind, kind, "{code}");
    }
}

#[test]
fn a_code_is_known_with_or_without_its_suffix_and_in_any_case() {
    for (_, code, kind, ..) in ROWS {
        let bare = code.trim_end_matches("Error");
        for spelling in [bare.into(), format!("{bare}Error"), code.to_lowercase(), code.to_uppercase()] {
            let error = coded(418, &spelling);
            assert_eq!((error.kind, &error.code), (kind, &spelling));
        }
    }
}

#[test]
fn a_code_that_is_unknown_leaves_it_to_the_status() {
    for code in ["SomethingNewError", "", "Error", "error", "é", "NotFoundErrorError"] {
        assert_eq!(coded(403, code).kind, Forbidden, "{code}");
    }
    assert_eq!(coded(403, "SomethingNewError").code, "SomethingNewError");
}

#[test]
fn a_status_without_a_code_has_its_kind_and_is_named_in_the_code() {
    for (status, kind, retryable) in [
        (400, InvalidArgument, false),
        (401, Authentication, false),
        (402, Other, false),
        (403, Forbidden, false),
        (404, NotFound, false),
        (408, Timeout, true),
        (409, Conflict, false),
        (410, NotFound, false),
        (413, TooLarge, false),
        (422, InvalidArgument, false),
        (424, Other, false),
        (429, RateLimited, true),
        (500, Unavailable, true),
        (502, Unavailable, true),
        (503, Unavailable, true),
        (504, Timeout, true),
        (599, Unavailable, true),
        (600, Other, false),
    ] {
        let error = get(status, "");
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{status}");
        assert_eq!((error.code, error.status), (format!("Http{status}"), Some(status)));
    }
}

#[test]
fn every_fixture_of_an_error_is_read() {
    for (status, body, kind, code, said) in [
        (
            400,
            include_str!("../../../tests/fixtures/error-400-limit.json"),
            InvalidArgument,
            "BadRequestError",
            "Limit can't be larger than 40",
        ),
        (
            401,
            include_str!("../../../tests/fixtures/error-401.json"),
            Authentication,
            "AuthenticationRequiredError",
            "X-Apikey header is missing",
        ),
        (
            404,
            include_str!("../../../tests/fixtures/error-404.json"),
            NotFound,
            "NotFoundError",
            "URL \"thisurlidmakesnosenseatall\" not found",
        ),
        (429, include_str!("../../../tests/fixtures/error-429-edge.html"), RateLimited, "Http429", "429"),
        (
            429,
            include_str!("../../../tests/fixtures/error-429-quota.json"),
            QuotaExceeded,
            "QuotaExceededError",
            "Quota exceeded",
        ),
    ] {
        let error = get(status, body);
        assert_eq!((error.kind, error.code.as_str(), error.status), (kind, code, Some(status)));
        assert!(error.message.contains(said), "{}", error.message);
    }
}

#[test]
fn irregular_bodies_keep_what_can_be_read_of_them() {
    for (body, code, said) in [
        ("{\"error\":{\"code\":\"QuotaExceededError\"}}", "QuotaExceededError", ""),
        ("{\"error\":{\"message\":\"why\"}}", "Http429", ": why."),
        ("{\"error\":\"why\"}", "Http429", ": why."),
        ("{\"error\":{\"code\":77,\"message\":null}}", "77", ""),
        ("{\"error\":{\"code\":[1],\"message\":{}}}", "Http429", ""),
        ("{\"data\":{\"error\":{\"code\":\"TransientError\",\"message\":\"why\"}}}", "TransientError", ": why."),
        ("{\"data\":{\"code\":\"TransientError\",\"message\":\"why\"}}", "TransientError", ": why."),
        ("{\"error\":null,\"data\":{\"error\":{\"code\":\"NotFound\"}}}", "NotFound", ""),
        (
            "{\"error\":{\"code\":\"QuotaExceededError\",\"message\":\"why\"}}<!-- edge -->",
            "QuotaExceededError",
            ": why.",
        ),
        ("{\"error\":{\"code\":\"QuotaExceededError\",\"mess", "Http429", ""),
        ("<html><title>429</title></html>", "Http429", ""),
        ("\"why\"", "Http429", ""),
        ("[{\"error\":{\"code\":\"NotFoundError\"}}]", "Http429", ""),
        ("null", "Http429", ""),
        ("\0\u{fffd}", "Http429", ""),
    ] {
        let error = get(429, body);
        assert_eq!(error.code, code, "{body}");
        assert!(error.message.starts_with("VirusTotal answered 429 Too Many Requests"), "{}", error.message);
        assert!(error.message.contains(said), "{}", error.message);
    }
}

#[test]
fn the_wait_that_is_asked_for_is_in_the_record_and_in_the_message() {
    let error = waiting(&[("Retry-After", "60")]);
    assert_eq!(error.retry_after, Some(60));
    assert!(error.message.ends_with(" VirusTotal asks to wait 60 s."), "{}", error.message);
    let error = waiting(&[("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]);
    assert_eq!(error.retry_after, Some(30));
}

#[test]
fn a_wait_that_cannot_be_read_is_none() {
    for headers in [&[][..], &[("retry-after", "soon")], &[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]] {
        let error = waiting(headers);
        assert_eq!(error.retry_after, None);
        assert!(!error.message.contains("asks to wait"));
    }
}

#[test]
fn the_message_tells_what_happened_and_the_next_step() {
    assert_eq!(
        coded(404, "NotFoundError").message,
        "VirusTotal answered 404 Not Found, NotFoundError: why. \
         Check the id; it may have been deleted, or belong to another user."
    );
    for (status, code, next) in [
        (400, "BadRequestError", "Correct the request"),
        (401, "WrongCredentialsError", "`VT_APIKEY`"),
        (403, "ForbiddenError", "premium"),
        (409, "AlreadyExistsError", "choose another name"),
        (413, "X", "Ask for less"),
        (429, "QuotaExceededError", "wait until it is renewed"),
        (429, "TooManyRequestsError", "wait before the next one"),
        (503, "TransientError", "try again later"),
        (504, "DeadlineExceededError", "try again"),
        (418, "X", "See the code"),
    ] {
        let message = coded(status, code).message;
        assert!(message.contains(next), "{message}");
    }
}

#[test]
fn a_sentence_that_has_its_stop_gets_no_second_one() {
    for said in ["why.", "why!", "why?"] {
        let message = get(404, &format!("{{\"error\":{{\"message\":\"{said}\"}}}}")).message;
        assert!(message.contains(&format!("Not Found: {said} Check")), "{message}");
    }
}

#[test]
fn a_post_that_may_have_been_carried_out_says_so() {
    for (status, ambiguous) in
        [(400, false), (401, false), (404, false), (429, false), (500, true), (503, true), (504, true)]
    {
        assert_eq!(from_answer(status, &[], "", Some(LOOK_FIRST)).message.contains(LOOK_FIRST), ambiguous, "{status}");
        assert!(!get(status, "").message.contains(LOOK_FIRST), "{status}");
    }
}

#[test]
fn compiler_errors_keep_their_lines_and_stand_on_lines_of_their_own() {
    for line_break in ["\\n", "\\r\\n", "\\r"] {
        let said = ["error: unknown `x`", " --> line:3:5\\u0007", "", "3 |\\tx", "  |\\t^"].join(line_break);
        let error =
            get(400, &format!("{{\"error\":{{\"code\":\"BadRequestError\",\"message\":\"{said}{line_break}\"}}}}"));
        assert_eq!(
            error.message,
            "VirusTotal answered 400 Bad Request, BadRequestError:\nerror: unknown `x`\n --> line:3:5 \n\n3 |\tx\n  |\t^\n\
             Correct the request and send it again."
        );
    }
}

#[test]
fn what_follows_lines_has_a_line_of_its_own() {
    let error = from_answer(503, &[], "{\"error\":{\"message\":\"one\\ntwo\"}}", Some(LOOK_FIRST));
    assert!(error.message.contains("\ntwo\nIt may have taken effect"), "{}", error.message);
}

#[test]
fn what_a_server_says_is_bounded_wherever_it_is_shown() {
    let long = "é".repeat(100_000);
    let body = format!("{{\"error\":{{\"code\":\"{long}\",\"message\":\"{long}\"}}}}");
    let error = get(400, &body);
    assert!(error.message.contains('…'));
    assert!(error.message.len() < 10_000, "the message has {} bytes", error.message.len());
    assert!(error.code.len() < 1000, "the code has {} bytes", error.code.len());
}

#[test]
fn an_excerpt_is_cut_between_characters_and_says_that_it_was() {
    assert_eq!(excerpt("  abc\r\n", 3), "abc");
    assert_eq!(excerpt("ééé", 6), "ééé");
    assert_eq!(excerpt("ééé", 5), "éé…");
    assert_eq!(excerpt("a\0b\u{1b}c\r\nd\te\rf\n\rg", 99), "a b c\nd\te\nf\n\ng");
    assert_eq!(excerpt("ab\r\ncd", 3), "ab\n…");
    assert_eq!(excerpt("", 3), "");
}

#[test]
fn an_excerpt_is_cut_between_words_so_that_no_half_of_a_key_is_left() {
    for most in 0..40 {
        let shown = excerpt("the key 0123456789abcdef is wrong, 0123456789abcdef", most);
        let whole = shown.replace("0123456789abcdef", "");
        assert!(!whole.contains(char::is_numeric), "{most}: {shown}");
    }
    assert_eq!(excerpt("the key 0123456789abcdef", 12), "the key …");
    assert_eq!(excerpt("ключ=0123456789abcdef", 12), "ключ…");
    assert_eq!(excerpt("0123456789abcdef", 12), "…");
}

#[test]
fn what_is_too_long_for_a_code_is_not_one() {
    let long = "X".repeat(MAX_CODE_BYTES + 1);
    assert_eq!(get(418, &format!("{{\"error\":{{\"code\":\"{long}\"}}}}")).code, "Http418");
    assert_eq!(get(418, &format!("{{\"error\":{{\"code\":\"{}\"}}}}", &long[1..])).code, long[1..]);
}

#[test]
fn an_argument_is_named_with_its_limit_and_length_but_not_repeated() {
    let error = too_long("filter", 9000, 8192, "Shorten it.");
    assert_eq!(error.message, "`filter` is 9000 bytes long, at most 8192 are taken. Shorten it.");
    let error = invalid_argument("id", "is empty", 0, "Give the object's id.");
    assert_eq!(error.message, "`id` is empty (0 bytes). Give the object's id.");
    let error = out_of_range("limit", 0, "at least 1", "Leave it out.");
    assert_eq!(error.message, "`limit` is 0, it must be at least 1. Leave it out.");
    let error = reversed_range("time-range", 2, 1);
    assert_eq!(error.message, "`time-range.end` (1) is before `time-range.start` (2). Exchange them.");
}
