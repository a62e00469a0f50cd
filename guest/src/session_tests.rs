//! Retries, the deadline they share, and the configured rate.

use crate::api::answer::{Cause, Phase};
use crate::contract::{ErrorKind, Failed};
use crate::driver::run;
use crate::retrohunt::{abort_job, create_job, delete_job, get_job};
use crate::stage::{KEY, Stage};
use crate::{contract::retrohunt::NewRetrohuntJob, livehunt};

const JOB: &str = "{\"data\":{\"id\":\"me-1\",\"type\":\"retrohunt_job\"}}";

fn id() -> String {
    String::from("me-1")
}

/// A job, with retries as they are by default.
fn stage() -> Stage {
    Stage::with(&[("VT_APIKEY", KEY)])
}

fn lost() -> Cause {
    Cause::Connection { detail: String::from("reset"), may_have_arrived: true }
}

fn create(stage: &Stage) -> Failed {
    let new =
        NewRetrohuntJob { rules: String::from("rule r {}"), notification_email: None, corpus: None, time_range: None };
    run(stage, create_job(new)).unwrap_err()
}

#[test]
fn what_may_pass_is_tried_again_and_the_attempts_are_told() {
    let stage = stage().fails(lost(), None).answers(503, &[], "").answers(200, &[], JOB);
    assert_eq!(run(&stage, get_job(id())).unwrap().id, "me-1");
    assert_eq!((stage.sent.borrow().len(), stage.attempts()), (3, Some(3)));
    assert_eq!(stage.waits.borrow().len(), 2);
}

#[test]
fn every_failure_that_may_pass_is_tried_again() {
    for cause in [lost(), Cause::Refused, Cause::Dns, Cause::Incomplete { read: 0 }] {
        let stage = stage().fails(cause.clone(), None).answers(200, &[], JOB);
        assert!(run(&stage, get_job(id())).is_ok(), "{cause:?}");
    }
    for (status, body) in [
        (429, "{\"error\":{\"code\":\"TooManyRequestsError\"}}"),
        (429, "<html>"),
        (503, "{\"error\":{\"code\":\"TransientError\"}}"),
        (504, "{\"error\":{\"code\":\"DeadlineExceededError\"}}"),
    ] {
        let stage = stage().answers(status, &[], body).answers(200, &[], JOB);
        assert!(run(&stage, get_job(id())).is_ok(), "{status} {body}");
    }
}

#[test]
fn what_does_not_pass_is_not_tried_again() {
    for (status, code) in [
        (429, "QuotaExceededError"),
        (400, "BadRequestError"),
        (401, "WrongCredentialsError"),
        (404, "NotFoundError"),
        (500, "x"),
    ] {
        let stage = stage().answers(status, &[], &format!("{{\"error\":{{\"code\":\"{code}\"}}}}"));
        let error = run(&stage, get_job(id())).unwrap_err();
        assert_eq!((stage.sent.borrow().len(), error.message.contains("tried")), (1, false), "{status} {code}");
    }
    let tls = Cause::Tls(String::from("bad"));
    for cause in [tls, Cause::Denied(String::new()), Cause::Deadline(Phase::Answer), Cause::TooLarge { most: 1 }] {
        let stage = stage().fails(cause.clone(), None);
        assert!(run(&stage, get_job(id())).is_err());
        assert_eq!(stage.sent.borrow().len(), 1, "{cause:?}");
    }
}

#[test]
fn an_answer_that_broke_off_is_not_asked_for_again() {
    let head = Some((200, Vec::new()));
    let stage = stage().fails(Cause::Incomplete { read: 5 }, head);
    assert_eq!(run(&stage, get_job(id())).unwrap_err().code, "IncompleteResponse");
    assert_eq!(stage.sent.borrow().len(), 1);
}

#[test]
fn the_last_failure_is_told_with_how_often_it_was_tried() {
    let stage = stage().fails(lost(), None).fails(lost(), None).answers(503, &[], "");
    let error = run(&stage, get_job(id())).unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unavailable, Some(503)));
    assert!(error.message.ends_with("It was tried 3 times."), "{}", error.message);
}

#[test]
fn retries_can_be_turned_off_and_up() {
    for (retries, sent) in [("0", 1), ("1", 2), ("5", 6)] {
        let mut stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_RETRIES", retries)]);
        for _ in 0..10 {
            stage = stage.fails(Cause::Refused, None);
        }
        assert_eq!(run(&stage, get_job(id())).unwrap_err().code, "ConnectionRefused");
        assert_eq!(stage.sent.borrow().len(), sent);
    }
}

#[test]
fn what_creates_or_aborts_is_sent_once_whatever_happens() {
    for cause in [lost(), Cause::Refused, Cause::Dns] {
        let stage = stage().fails(cause, None);
        create(&stage);
        assert_eq!(stage.sent.borrow().len(), 1);
    }
    for status in [429, 503, 504] {
        let stage = stage().answers(status, &[], "");
        create(&stage);
        assert_eq!(stage.sent.borrow().len(), 1, "{status}");
        let stage = self::stage().answers(status, &[], "");
        assert!(run(&stage, abort_job(id())).is_err());
        assert_eq!(stage.sent.borrow().len(), 1, "{status}");
    }
}

#[test]
fn an_ambiguous_create_says_to_reconcile_and_one_that_never_arrived_does_not() {
    assert!(create(&stage().fails(lost(), None)).message.contains("`reconcile-retrohunt-job`"));
    assert!(create(&stage().answers(503, &[], "")).message.contains("`reconcile-retrohunt-job`"));
    assert!(!create(&stage().fails(Cause::Refused, None)).message.contains("reconcile"));
    assert!(!create(&stage().answers(400, &[], "")).message.contains("reconcile"));
}

#[test]
fn what_deletes_more_than_one_thing_is_sent_once() {
    let stage = stage().fails(lost(), None);
    assert!(run(&stage, livehunt::delete_notifications(String::from("everything"))).is_err());
    assert_eq!(stage.sent.borrow().len(), 1);
}

#[test]
fn a_thing_that_is_gone_at_the_second_attempt_was_deleted_by_the_first() {
    let stage = stage().fails(lost(), None).answers(404, &[], "{\"error\":{\"code\":\"NotFoundError\"}}");
    assert!(run(&stage, delete_job(id())).is_ok());
    let stage = self::stage().answers(504, &[], "").answers(404, &[], "");
    assert!(run(&stage, delete_job(id())).is_ok());
    // What answered 503, or never arrived, did nothing: there never was such a thing.
    let stage = self::stage().answers(503, &[], "").answers(404, &[], "");
    assert_eq!(run(&stage, delete_job(id())).unwrap_err().kind, ErrorKind::NotFound);
    let stage = self::stage().fails(Cause::Refused, None).answers(404, &[], "");
    assert_eq!(run(&stage, delete_job(id())).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn retry_after_is_obeyed() {
    let stage = stage().answers(429, &[("retry-after", "7")], "").answers(200, &[], JOB);
    assert!(run(&stage, get_job(id())).is_ok());
    assert_eq!(*stage.waits.borrow(), [7_000_000_000]);
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    let stage = stage().answers(429, &[("retry-after", "61")], "");
    let error = run(&stage, get_job(id())).unwrap_err();
    assert_eq!((error.kind, error.retry_after, error.retryable), (ErrorKind::RateLimited, Some(61), true));
    assert!(stage.waits.borrow().is_empty() && stage.sent.borrow().len() == 1);
}

#[test]
fn every_attempt_has_what_is_left_of_the_deadline() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_TIMEOUT", "10"), ("VT_RETRIES", "10")]);
    stage.takes.set(3_000_000_000);
    let stage = (0..5).fold(stage, |stage, _| stage.fails(Cause::Refused, None));
    assert_eq!(run(&stage, get_job(id())).unwrap_err().code, "ConnectionRefused");
    let left: Vec<u64> = stage.sent.borrow().iter().map(|sent| sent.bounds.0).collect();
    assert_eq!(left[0], 10_000_000_000);
    assert!(left.windows(2).all(|pair| pair[1] <= pair[0] - 3_000_000_000), "{left:?}");
    assert!(left.len() <= 4, "{left:?}");
}

#[test]
fn the_configured_rate_is_waited_for_within_the_deadline() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_REQUESTS_PER_MINUTE", "2"), ("VT_TIMEOUT", "100")]);
    let stage = (0..3).fold(stage, |stage, _| stage.answers(200, &[], JOB));
    for _ in 0..3 {
        run(&stage, get_job(id())).unwrap();
    }
    assert_eq!(*stage.waits.borrow(), [60_000_000_000]);
}

#[test]
fn a_request_that_the_rate_does_not_allow_in_time_is_not_sent() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_REQUESTS_PER_MINUTE", "public"), ("VT_TIMEOUT", "30")]);
    let stage = (0..4).fold(stage, |stage, _| stage.answers(200, &[], JOB));
    for _ in 0..4 {
        run(&stage, get_job(id())).unwrap();
    }
    let error = run(&stage, get_job(id())).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::RateLimited, "RequestsPerMinute"));
    assert_eq!((error.status, error.retry_after, error.retryable), (None, Some(60), true));
    assert_eq!(stage.sent.borrow().len(), 4);
    assert_eq!(stage.attempts(), None);
}

#[test]
fn a_repetition_that_the_rate_does_not_allow_is_left_out_and_the_failure_told() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_REQUESTS_PER_MINUTE", "1"), ("VT_TIMEOUT", "30")]);
    let stage = stage.fails(Cause::Refused, None);
    assert_eq!(run(&stage, get_job(id())).unwrap_err().code, "ConnectionRefused");
    assert_eq!(stage.sent.borrow().len(), 1);
}

#[test]
fn a_host_that_keeps_the_rate_is_understood() {
    let stage = stage().fails(Cause::Rate { code: "RequestsPerDay", seconds: 3600 }, None);
    let error = run(&stage, get_job(id())).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::RateLimited, "RequestsPerDay"));
    assert_eq!((error.retry_after, stage.sent.borrow().len()), (Some(3600), 1));
}

#[test]
fn reading_only_refuses_every_change_before_it_is_sent() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_ACCESS", "read-only")]).answers(200, &[], JOB);
    for error in [
        create(&stage),
        run(&stage, abort_job(id())).unwrap_err(),
        run(&stage, delete_job(id())).unwrap_err(),
        run(&stage, livehunt::delete_all_rulesets(String::from("me"))).unwrap_err(),
        run(&stage, livehunt::transfer_ruleset(id(), String::from("me"))).unwrap_err(),
    ] {
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Forbidden, "ReadOnly"));
    }
    assert!(stage.sent.borrow().is_empty());
    assert!(run(&stage, get_job(id())).is_ok());
}

#[test]
fn a_word_that_is_no_access_is_refused_and_not_taken_for_full() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_ACCESS", "readonly")]);
    assert_eq!(run(&stage, get_job(id())).unwrap_err().kind, ErrorKind::Configuration);
}
