//! Retries, the deadline they share, and the configured rate.

use crate::api::answer::{Cause, Failure, Headers, Phase, Response};
use crate::api::outcome::Outcome;
use crate::api::request::{Method, Request};
use crate::contract::{ErrorKind, Failed};
use crate::driver::run;
use crate::retrohunt::{abort_job, create_job, delete_job, get_job};
use crate::session::Session;
use crate::stage::{KEY, Stage, raw};
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
    for cause in [
        lost(),
        Cause::Refused,
        Cause::Dns(String::new()),
        Cause::Incomplete { read: 0 },
        Cause::Deadline(Phase::Connect),
    ] {
        let stage = stage().fails(cause.clone(), None).answers(200, &[], JOB);
        assert!(run(&stage, get_job(id())).is_ok(), "{cause:?}");
    }
    for (status, body) in [
        (429, "{\"error\":{\"code\":\"TooManyRequestsError\"}}"),
        (429, "<html>"),
        (500, ""),
        (500, "{\"error\":{\"code\":\"InternalError\"}}"),
        (502, "<html>"),
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
        (500, "QuotaExceededError"),
        (501, "x"),
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

/// Every way an answer is known to have broken off.
fn broken_off() -> Vec<Stage> {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab];
    let gzip = Response { status: 200, headers: Vec::new(), body: gzip.to_vec() };
    vec![
        stage().fails(Cause::Incomplete { read: 5 }, Some((200, Vec::new()))),
        stage().answers(200, &[("content-length", "500")], "{\"data\":"),
        stage().plays(gzip),
    ]
}

#[test]
fn an_answer_that_broke_off_is_asked_for_again() {
    for stage in broken_off() {
        let stage = stage.answers(200, &[], JOB);
        assert_eq!(run(&stage, get_job(id())).unwrap().id, "me-1");
        assert_eq!(stage.sent.borrow().len(), 2);
    }
    for stage in broken_off() {
        let error = create(&stage);
        assert_eq!((error.code.as_str(), stage.sent.borrow().len()), ("IncompleteResponse", 1));
        assert!(error.message.contains("`reconcile-retrohunt-job`"), "{}", error.message);
    }
}

#[test]
fn what_was_read_of_an_answer_that_is_no_use_counts_against_the_cap() {
    let most = |stage: &Stage| stage.sent.borrow().iter().map(|sent| sent.bounds.1).collect::<Vec<_>>();
    let limits = [("VT_APIKEY", KEY), ("VT_MAX_RESPONSE_BYTES", "100000")];
    let stage = Stage::with(&limits)
        .fails(Cause::Incomplete { read: 60_000 }, Some((200, Vec::new())))
        .answers(502, &[], &"x".repeat(30_000))
        .answers(200, &[], JOB);
    assert!(run(&stage, get_job(id())).is_ok());
    assert_eq!(most(&stage), [100_000, 40_000, 10_000]);
    // Nor does anything wrap around.
    let stage = Stage::with(&limits)
        .fails(Cause::Incomplete { read: u64::MAX }, Some((200, Vec::new())))
        .fails(Cause::TooLarge { most: 0 }, Some((200, Vec::new())));
    assert_eq!(run(&stage, get_job(id())).unwrap_err().kind, ErrorKind::TooLarge);
    assert_eq!(most(&stage), [100_000, 0]);
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

/// Every way an exchange can end but well.
fn endings() -> Vec<Result<Response, Failure>> {
    let detail = || String::from("x");
    let causes = [
        Cause::Dns(detail()),
        Cause::Refused,
        Cause::Connection { detail: detail(), may_have_arrived: true },
        Cause::Connection { detail: detail(), may_have_arrived: false },
        Cause::Tls(detail()),
        Cause::Deadline(Phase::Start),
        Cause::Deadline(Phase::Connect),
        Cause::Deadline(Phase::Answer),
        Cause::Deadline(Phase::Body),
        Cause::Incomplete { read: 3 },
        Cause::TooLarge { most: 3 },
        Cause::Denied(detail()),
        Cause::Protocol(detail()),
        Cause::Unsendable("path"),
        Cause::Rate { code: "RequestsPerDay", seconds: 1 },
    ];
    let heads: [Option<(u16, Headers)>; 4] = [None, Some((200, vec![])), Some((429, vec![])), Some((503, vec![]))];
    let mut all: Vec<Result<Response, Failure>> = Vec::new();
    for cause in causes {
        // What never left has no head of an answer.
        let had_left = Outcome::of_cause(&cause) == Outcome::Unknown;
        let heads = heads.iter().filter(|head| head.is_none() || had_left);
        all.extend(heads.map(|head| Err(Failure { cause: cause.clone(), head: head.clone() })));
    }
    for status in [200, 302, 400, 401, 403, 404, 408, 409, 413, 429, 500, 501, 502, 503, 504, 599] {
        for body in
            ["", "<html>", "{\"error\":{\"code\":\"TransientError\"}}", "{\"error\":{\"code\":\"QuotaExceededError\"}}"]
        {
            let headers = raw(&[("content-length", &body.len().to_string())]);
            all.push(Ok(Response { status, headers, body: Vec::from(body) }));
        }
    }
    let headers = raw(&[("content-length", "50")]);
    all.push(Ok(Response { status: 200, headers, body: Vec::from("{") }));
    all
}

fn outcome(ending: &Result<Response, Failure>) -> Outcome {
    match ending {
        Ok(response) => Outcome::of_status(response.status),
        Err(failure) => failure.outcome(),
    }
}

/// The property: what reaches VirusTotal more than once is what may be repeated, a GET and the DELETE of one thing, and
/// nothing else. The error says what became of it, in one voice with that.
#[test]
fn what_arrives_twice_is_what_may_be_repeated_and_nothing_else() {
    let mut repeated = 0;
    for index in 0..endings().len() {
        for (method, is_once) in [
            (Method::Get, false),
            (Method::Delete, false),
            (Method::Post, true),
            (Method::Patch, true),
            (Method::Delete, true),
        ] {
            let request = Request::new(method, &["things"]);
            let request = if is_once { request.once("look") } else { request };
            let outcome = outcome(&endings()[index]);
            let stage = stage().served_by(move |_| endings().swap_remove(index));
            let result = Session::open(&stage).unwrap().ask(&request);
            let sent = stage.sent.borrow().len();
            assert!(sent == 1 || sent == 3, "{sent}");
            repeated += usize::from(sent > 1);
            if is_once && outcome != Outcome::NotSent {
                assert_eq!(sent, 1, "{method:?} {index}: {outcome:?}");
            }
            // An answer whose body is for the decoder to judge is none of the session's failures.
            let Err(error) = result else { continue };
            let in_doubt = is_once && outcome == Outcome::Unknown;
            assert_eq!(error.message.contains("may have taken effect"), in_doubt, "{method:?}: {}", error.message);
            let never_left = outcome == Outcome::NotSent;
            assert_eq!(error.message.contains("Nothing was sent"), never_left, "{method:?}: {}", error.message);
            assert!(!(in_doubt && error.retryable), "{method:?}: {}", error.message);
        }
    }
    assert!(repeated > 20, "{repeated}");
}

#[test]
fn what_creates_or_aborts_is_sent_once_whatever_happens() {
    let stage = stage().fails(lost(), None);
    create(&stage);
    assert_eq!(stage.sent.borrow().len(), 1);
    for status in [429, 500, 502, 503, 504] {
        let stage = self::stage().answers(status, &[], "");
        create(&stage);
        assert_eq!(stage.sent.borrow().len(), 1, "{status}");
        let stage = self::stage().answers(status, &[], "");
        assert!(run(&stage, abort_job(id())).is_err());
        assert_eq!(stage.sent.borrow().len(), 1, "{status}");
    }
}

#[test]
fn a_create_that_never_left_is_tried_again_until_one_leaves() {
    let unopened = || Cause::Connection { detail: String::from("it cannot be reached"), may_have_arrived: false };
    for cause in [Cause::Refused, Cause::Dns(String::new()), unopened(), Cause::Deadline(Phase::Connect)] {
        let stage = stage().fails(cause.clone(), None).fails(cause.clone(), None).answers(200, &[], JOB);
        let new = NewRetrohuntJob {
            rules: String::from("rule r {}"),
            notification_email: None,
            corpus: None,
            time_range: None,
        };
        assert_eq!(run(&stage, create_job(new)).unwrap().id, "me-1", "{cause:?}");
        // The second left, and what became of it is not known: that is the end.
        let stage = self::stage().fails(cause.clone(), None).fails(lost(), None);
        let error = create(&stage);
        assert_eq!((stage.sent.borrow().len(), error.retryable), (2, false), "{cause:?}");
        assert!(error.message.contains("`reconcile-retrohunt-job`"), "{}", error.message);
        // None of them left.
        let stage = (0..3).fold(self::stage(), |stage, _| stage.fails(cause.clone(), None));
        let error = create(&stage);
        assert!(error.retryable && error.message.contains("Nothing was sent."), "{}", error.message);
        assert!(error.message.ends_with("It was tried 3 times."), "{}", error.message);
    }
}

#[test]
fn an_ambiguous_create_says_to_reconcile_and_one_that_never_arrived_does_not() {
    assert!(create(&stage().fails(lost(), None)).message.contains("`reconcile-retrohunt-job`"));
    assert!(create(&stage().answers(503, &[], "")).message.contains("`reconcile-retrohunt-job`"));
    let refused = (0..3).fold(stage(), |stage, _| stage.fails(Cause::Refused, None));
    assert!(!create(&refused).message.contains("reconcile"));
    assert!(!create(&stage().answers(400, &[], "")).message.contains("reconcile"));
}

#[test]
fn nothing_is_said_to_be_unsent_when_an_attempt_before_was_sent() {
    let stage = stage().fails(lost(), None).fails(Cause::Refused, None).fails(Cause::Refused, None);
    let error = run(&stage, delete_job(id())).unwrap_err();
    assert_eq!(error.code, "ConnectionRefused");
    assert!(!error.message.contains("Nothing was sent"), "{}", error.message);
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
    for status in [500, 502, 504] {
        let stage = self::stage().answers(status, &[], "").answers(404, &[], "");
        assert!(run(&stage, delete_job(id())).is_ok(), "{status}");
    }
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
fn connecting_has_a_third_of_what_is_left_and_ten_seconds_at_most() {
    for (timeout, times) in [("60", [10, 10]), ("9", [3, 2])] {
        let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_TIMEOUT", timeout), ("VT_RETRIES", "1")]);
        // As long as the first attempt may take to connect.
        stage.takes.set(times[0] * 1_000_000_000);
        let stage = (0..2).fold(stage, |stage, _| stage.fails(Cause::Deadline(Phase::Connect), None));
        let error = run(&stage, get_job(id())).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Timeout, "DeadlineExceeded"));
        assert!(error.message.contains("within the time for connecting"), "{}", error.message);
        assert!(error.message.ends_with("It was tried 2 times."), "{}", error.message);
        let sent = stage.sent.borrow();
        // The wait before the second takes some of its time.
        assert_eq!(sent[0].connecting, times[0] * 1_000_000_000);
        assert_eq!(sent[1].connecting, (sent[1].bounds.0 / 3).min(10_000_000_000));
        assert_eq!(sent[1].connecting.div_ceil(1_000_000_000), times[1]);
        assert!(sent.iter().all(|sent| sent.connecting < sent.bounds.0));
    }
}

#[test]
fn a_request_for_which_no_time_is_left_was_not_sent() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_TIMEOUT", "2")]);
    stage.takes.set(2_000_000_000);
    let stage = stage.answers(200, &[], JOB);
    let mut session = Session::open(&stage).unwrap();
    assert!(session.ask(&Request::new(Method::Get, &["things"])).is_ok());
    let error = session.ask(&Request::new(Method::Post, &["things"])).unwrap_err();
    assert_eq!((error.kind, error.retryable, stage.sent.borrow().len()), (ErrorKind::Timeout, true, 1));
    assert!(
        error.message.contains("passed before `www.virustotal.com` was asked. Nothing was sent."),
        "{}",
        error.message
    );
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
