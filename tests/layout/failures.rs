//! Errors, as results and inside of pages and batches, and what is told of the last answer.

use vt_hunting_host::Instance;
use vt_hunting_host::diagnostics::ResponseInfo;
use vt_hunting_host::ioc_stream::{IocStreamPoll, IocStreamQuery};
use vt_hunting_host::livehunt::NotificationsPoll;
use vt_hunting_host::types::{Error, ErrorKind, PollBudget};

use super::{plays, some, stage};
use crate::support::raw_server::{RawServer, answer, response};
use crate::support::world::new_job;
use crate::support::{answered, refused, within};

/// Every field other than the others.
fn busy() -> Error {
    Error {
        kind: ErrorKind::RateLimited,
        code: "TooManyRequestsError".to_owned(),
        message:
            "VirusTotal answered 429 Too Many Requests, TooManyRequestsError: e-message. Send fewer requests: wait \
                  before the next one. VirusTotal asks to wait 77 s."
                .to_owned(),
        status: Some(429),
        retry_after: Some(77),
        retryable: true,
    }
}

fn is_busy() -> Vec<u8> {
    response(429, &[("retry-after", "77")], r#"{"error":{"code":"TooManyRequestsError","message":"e-message"}}"#)
}

/// Has it answered with this once, and from then on with an error.
fn first_then_busy(server: &RawServer, body: &str) {
    let mut script = answer(response(200, &[], body));
    script.extend(answer(is_busy()));
    server.play(script);
}

/// The errors of calls whose results differ in size and alignment.
async fn errors(instance: &mut Instance) -> [Error; 8] {
    [
        refused(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await,
        refused(instance.delete_retrohunt_job("1")).await,
        refused(instance.check_livehunt_ruleset_editor("1", "ann")).await,
        refused(instance.get_operation("1")).await,
        refused(instance.check_retrohunt_job("1")).await,
        refused(instance.reconcile_retrohunt_job(&new_job(), 0)).await,
        refused(instance.get_account_quotas("ann")).await,
        refused(instance.poll_ioc_stream(None, &IocStreamPoll::default(), &PollBudget::default())).await,
    ]
}

#[tokio::test]
async fn an_error_has_its_fields_in_their_places_whatever_the_result_beside_it() {
    let (server, mut instance) = stage().await;
    server.play(answer(is_busy()));
    for error in errors(&mut instance).await {
        assert_eq!(error, busy());
    }
}

#[tokio::test]
async fn what_an_error_lacks_is_absent_whatever_was_there_before() {
    let (server, mut instance) = stage().await;
    server.play(answer(is_busy()));
    assert_eq!(refused(instance.get_retrohunt_job("1")).await, busy());
    let error = refused(instance.get_retrohunt_job("")).await;
    let expected = Error {
        kind: ErrorKind::InvalidArgument,
        code: "InvalidArgument".to_owned(),
        message: "`id` is empty (0 bytes). Give the object's id.".to_owned(),
        status: None,
        retry_after: None,
        retryable: false,
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn every_kind_of_failure_is_told_as_itself() {
    let (server, mut instance) = stage().await;
    for (status, code, kind) in [
        (400, "BadRequestError", ErrorKind::InvalidArgument),
        (401, "WrongCredentialsError", ErrorKind::Authentication),
        (403, "ForbiddenError", ErrorKind::Forbidden),
        (404, "NotFoundError", ErrorKind::NotFound),
        (409, "AlreadyExistsError", ErrorKind::Conflict),
        (429, "QuotaExceededError", ErrorKind::QuotaExceeded),
        (429, "TooManyRequestsError", ErrorKind::RateLimited),
        (503, "TransientError", ErrorKind::Unavailable),
        (504, "DeadlineExceededError", ErrorKind::Timeout),
        (413, "", ErrorKind::TooLarge),
        (424, "FailedDependencyError", ErrorKind::Other),
        (302, "", ErrorKind::Protocol),
    ] {
        server.play(answer(response(status, &[], format!(r#"{{"error":{{"code":"{code}"}}}}"#))));
        let error = refused(instance.get_operation("1")).await;
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{error:?}");
    }
}

#[tokio::test]
async fn an_incomplete_page_and_an_incomplete_batch_hold_the_error() {
    let (server, mut instance) = stage().await;
    let first = r#"{"data":[{"id":"a","type":"t","context_attributes":{"notification_date":9}}],
        "meta":{"cursor":"next","count":12},"links":{"self":"s","next":"n"}}"#;
    first_then_busy(&server, first);
    let query = IocStreamQuery { limit: Some(2), ..Default::default() };
    let page = answered(instance.get_ioc_stream_objects(&query)).await;
    assert_eq!((page.items.len(), page.page.count, page.page.incomplete), (1, Some(12), Some(busy())));
    assert!(page.page.cursor.is_some_and(|cursor| cursor.ends_with(".next")));
    assert_eq!((page.page.self_link, page.page.next_link), (some("s"), some("n")));

    let (server, mut instance) = stage().await;
    first_then_busy(&server, first);
    let query = IocStreamPoll { since: Some(9), ..Default::default() };
    let batch = answered(instance.poll_ioc_stream(None, &query, &PollBudget::default())).await;
    assert_eq!((batch.items.len(), batch.more, batch.incomplete), (1, true, Some(busy())));
    assert!(batch.checkpoint.starts_with("vc1."), "{}", batch.checkpoint);

    let (server, mut instance) = stage().await;
    let first = r#"{"data":[{"id":"a","attributes":{"date":9}}],"meta":{"cursor":"next"}}"#;
    first_then_busy(&server, first);
    let query = NotificationsPoll { since: Some(9), ..Default::default() };
    let batch = answered(instance.poll_livehunt_notifications(None, &query, &PollBudget::default())).await;
    assert_eq!((batch.items.len(), batch.more, batch.incomplete), (1, true, Some(busy())));
}

#[tokio::test]
async fn the_last_answer_has_its_fields_in_their_places() {
    let (server, mut instance) = stage().await;
    let headers = [("x-one", "first"), ("x-one", "second"), ("x-two", "")];
    server.play(answer(response(202, &headers, r#"{"data":{"id":"b"}}"#)));
    answered(instance.get_operation("1")).await;
    let expected = ResponseInfo {
        status_code: 202,
        reason: "Accepted".to_owned(),
        headers: [("x-one", "first"), ("x-one", "second"), ("x-two", ""), ("content-length", "19")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        attempts: 1,
    };
    assert_eq!(within(instance.last_response()).await, Some(expected));
    refused(instance.get_operation("")).await;
    assert_eq!(within(instance.last_response()).await, None);
    plays(&server, r#"{"data":true}"#);
    assert!(answered(instance.check_livehunt_ruleset_editor("1", "ann")).await);
    assert_eq!(within(instance.last_response()).await.map(|info| info.status_code), Some(200));
}
