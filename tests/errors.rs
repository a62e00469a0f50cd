//! Every error VirusTotal is known to answer becomes the contract's error: kind, code, status, `retry-after`, and
//! whether repeating may help. A body that is not as documented changes none of what the status says.

use vt_hunting_host::retrohunt::RetrohuntJobsQuery;
use vt_hunting_host::types::{Error, ErrorKind};

use crate::support::raw_server::{Step, answer, response, send};
use crate::support::world::{facing, new_job};
use crate::support::{fixture, refused};

const JSON: (&str, &str) = ("content-type", "application/json");

fn body(code: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"What {code} says"}}}}"#)
}

/// What a GET and a POST make of an answer.
async fn both(answer_bytes: Vec<u8>) -> [Error; 2] {
    let (_server, connector) = facing(answer(answer_bytes)).await;
    [
        refused(connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await,
        refused(connector.create_retrohunt_job(&new_job())).await,
    ]
}

#[tokio::test]
async fn every_documented_error_has_its_kind() {
    use ErrorKind as K;
    // Status, code, kind, and whether to repeat a GET and a POST.
    let rows = [
        (400, "BadRequestError", K::InvalidArgument, false, false),
        (400, "InvalidArgumentError", K::InvalidArgument, false, false),
        (400, "NotAvailableYet", K::Unavailable, true, true),
        (400, "UnselectiveContentQueryError", K::InvalidArgument, false, false),
        (400, "UnsupportedContentQueryError", K::InvalidArgument, false, false),
        (401, "AuthenticationRequiredError", K::Authentication, false, false),
        (401, "UserNotActiveError", K::Authentication, false, false),
        (401, "WrongCredentialsError", K::Authentication, false, false),
        (403, "ForbiddenError", K::Forbidden, false, false),
        (404, "NotFoundError", K::NotFound, false, false),
        (409, "AlreadyExistsError", K::Conflict, false, false),
        (424, "FailedDependencyError", K::Other, false, false),
        (429, "QuotaExceededError", K::QuotaExceeded, false, false),
        (429, "TooManyRequestsError", K::RateLimited, true, true),
        (429, "TooManyRequests", K::RateLimited, true, true),
        (503, "TransientError", K::Unavailable, true, false),
        (504, "DeadlineExceededError", K::Timeout, true, false),
    ];
    for (status, code, kind, get, post) in rows {
        let [of_get, of_post] = both(response(status, &[JSON], body(code))).await;
        for (error, retryable) in [(&of_get, get), (&of_post, post)] {
            assert_eq!((error.kind, &*error.code, error.status), (kind, code, Some(status)), "{code}");
            assert_eq!((error.retryable, error.retry_after), (retryable, None), "{code}");
            assert!(error.message.contains(&format!("What {code} says")), "{}", error.message);
        }
        let warns = of_post.message.contains("may have taken effect");
        assert_eq!(warns, status >= 500, "only a server's own failure leaves it open: {}", of_post.message);
    }
}

#[tokio::test]
async fn a_code_is_known_with_and_without_its_suffix_in_any_case() {
    for (status, code, kind) in [
        (400, "BadRequest", ErrorKind::InvalidArgument),
        (404, "NotFound", ErrorKind::NotFound),
        (404, "notfounderror", ErrorKind::NotFound),
        (429, "QuotaExceeded", ErrorKind::QuotaExceeded),
        (401, "WRONGCREDENTIALSERROR", ErrorKind::Authentication),
        (503, "Transient", ErrorKind::Unavailable),
        // The code is the better witness.
        (400, "QuotaExceededError", ErrorKind::QuotaExceeded),
    ] {
        let [error, _] = both(response(status, &[JSON], body(code))).await;
        assert_eq!((error.kind, &*error.code), (kind, code));
    }
}

#[tokio::test]
async fn an_unknown_code_leaves_the_kind_to_the_status() {
    use ErrorKind as K;
    for (status, kind) in [
        (400, K::InvalidArgument),
        (401, K::Authentication),
        (402, K::Other),
        (403, K::Forbidden),
        (404, K::NotFound),
        (405, K::Other),
        (408, K::Timeout),
        (409, K::Conflict),
        (410, K::NotFound),
        (413, K::TooLarge),
        (418, K::Other),
        (422, K::InvalidArgument),
        (429, K::RateLimited),
        (500, K::Unavailable),
        (502, K::Unavailable),
        (503, K::Unavailable),
        (504, K::Timeout),
        (599, K::Unavailable),
    ] {
        let [error, _] = both(response(status, &[JSON], body("NeverSeenBefore"))).await;
        assert_eq!((error.kind, &*error.code, error.status), (kind, "NeverSeenBefore", Some(status)));
    }
}

#[tokio::test]
async fn a_body_that_is_not_as_documented_changes_nothing_of_what_the_status_says() {
    let html = fixture("error-429-edge.html");
    let rows: [(u16, &str, &str, &str, ErrorKind); 12] = [
        (404, "no message", r#"{"error":{"code":"NotFoundError"}}"#, "NotFoundError", ErrorKind::NotFound),
        (403, "no code", r#"{"error":{"message":"Not for you"}}"#, "Http403", ErrorKind::Forbidden),
        (
            404,
            "under data",
            r#"{"data":{"error":{"code":"NotFoundError","message":"x"}}}"#,
            "NotFoundError",
            ErrorKind::NotFound,
        ),
        (
            401,
            "bare under data",
            r#"{"data":{"code":"WrongCredentialsError"}}"#,
            "WrongCredentialsError",
            ErrorKind::Authentication,
        ),
        (429, "the edge's page", &html, "Http429", ErrorKind::RateLimited),
        (429, "broken JSON", r#"{"error":{"code":"QuotaExc"#, "Http429", ErrorKind::RateLimited),
        (503, "nothing", "", "Http503", ErrorKind::Unavailable),
        (500, "null", "null", "Http500", ErrorKind::Unavailable),
        (400, "an array", "[1,2]", "Http400", ErrorKind::InvalidArgument),
        (400, "a text as the error", r#"{"error":"wrong"}"#, "Http400", ErrorKind::InvalidArgument),
        (409, "a number as the code", r#"{"error":{"code":7,"message":null}}"#, "7", ErrorKind::Conflict),
        (404, "an error that is null", r#"{"error":null,"data":null}"#, "Http404", ErrorKind::NotFound),
    ];
    for (status, name, body, code, kind) in rows {
        let [error, _] = both(response(status, &[("content-type", "text/html")], body)).await;
        assert_eq!((error.kind, &*error.code, error.status), (kind, code, Some(status)), "{name}");
        assert!(!error.message.is_empty() && !error.message.contains('<'), "{name}: {}", error.message);
    }
}

#[tokio::test]
async fn a_head_that_says_no_counts_although_its_body_never_ends() {
    let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\n{\"error\"";
    let (_server, connector) = facing(vec![Step::Read, send(head), Step::Close]).await;
    let error = refused(connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(7)));
    assert_eq!((&*error.code, error.status, error.retryable), ("Http429", Some(429), true));
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_or_as_a_date() {
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (value, expected) in [
        ("120", Some(120)),
        ("0", Some(0)),
        ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("1000000000000000000000000000000", Some(31_536_000)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        let [error, _] = both(response(429, &[JSON, date, ("retry-after", value)], body("TooManyRequestsError"))).await;
        assert_eq!(error.retry_after, expected, "{value}");
        assert_eq!(error.message.contains("asks to wait"), expected.is_some(), "{}", error.message);
    }
    let undated = response(503, &[("retry-after", "Sun, 06 Nov 1994 08:51:37 GMT")], "");
    assert_eq!(both(undated).await[0].retry_after, None, "no clock to measure it by");
}

#[tokio::test]
async fn a_forbidden_action_says_that_hunting_needs_a_premium_key() {
    let [error, _] = both(response(403, &[JSON], body("ForbiddenError"))).await;
    assert!(error.message.contains("premium"), "{}", error.message);
}

#[tokio::test]
async fn a_message_without_end_is_cut_and_control_characters_do_not_pass() {
    let long = format!(r#"{{"error":{{"code":"BadRequestError","message":"\u001b[31m{}"}}}}"#, "x".repeat(1 << 20));
    let [error, _] = both(response(400, &[JSON], long)).await;
    assert!(error.message.chars().count() < 2_500, "{}", error.message.len());
    assert!(!error.message.contains('\u{1b}'));
}
