use super::*;
use crate::api::answer::{Cause, Phase};
use crate::api::request::Method;
use crate::contract::ErrorKind;
use crate::contract::retrohunt::{NewRetrohuntJob, RetrohuntJob};
use crate::retrohunt;
use crate::stage::{KEY, Sent, Stage, owned, raw};

const JOB: &str = "{\"data\":{\"id\":\"me-1\",\"type\":\"retrohunt_job\"}}";

impl Stage {
    fn get_job(&self) -> Result<RetrohuntJob, Failed> {
        run(self, retrohunt::get_job(String::from("me-1")))
    }

    fn create_job(&self) -> Result<RetrohuntJob, Failed> {
        let rules = String::from("rule r {}");
        run(
            self,
            retrohunt::create_job(NewRetrohuntJob { rules, notification_email: None, corpus: None, time_range: None }),
        )
    }
}

#[test]
fn a_get_has_exactly_these_headers_and_no_body() {
    let stage = Stage::with_key().answers(200, &[], JOB);
    assert_eq!(stage.get_job().unwrap().id, "me-1");
    let user_agent = concat!("virustotal-hunting/", env!("CARGO_PKG_VERSION"), " (gzip)");
    let sent = Sent {
        method: Method::Get,
        origin: String::from("https://www.virustotal.com"),
        target: String::from("/api/v3/intelligence/retrohunt_jobs/me-1"),
        headers: owned(&[
            ("x-apikey", KEY),
            ("accept", "application/json"),
            ("accept-encoding", "gzip"),
            ("user-agent", user_agent),
        ]),
        body: None,
        bounds: (60_000_000_000, 64 << 20),
        connecting: 10_000_000_000,
    };
    assert_eq!(*stage.sent.borrow(), [sent]);
}

#[test]
fn a_post_has_type_and_length_of_its_body_as_well() {
    let stage = Stage::with_key().answers(200, &[], JOB);
    stage.create_job().unwrap();
    let sent = &stage.sent.borrow()[0];
    let body = "{\"data\":{\"type\":\"retrohunt_job\",\"attributes\":{\"rules\":\"rule r {}\"}}}";
    assert_eq!((sent.method, sent.body.as_deref()), (Method::Post, Some(body)));
    let names: Vec<_> = sent.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-apikey", "accept", "accept-encoding", "user-agent", "content-type", "content-length"]);
    assert_eq!(sent.headers[4..], owned(&[("content-type", "application/json"), ("content-length", "68")]));
}

#[test]
fn a_post_without_a_body_announces_none() {
    let stage = Stage::with_key().answers(200, &[], "");
    run(&stage, retrohunt::abort_job(String::from("me-1"))).unwrap();
    let sent = &stage.sent.borrow()[0];
    assert_eq!((sent.method, &sent.body, sent.headers.len()), (Method::Post, &None, 4));
}

#[test]
fn the_settings_shape_the_message() {
    let stage = Stage::with(&[
        ("VT_APIKEY", KEY),
        ("VT_URL", "http://localhost:8080/vt/"),
        ("VT_TIMEOUT", "2"),
        ("VT_MAX_RESPONSE_BYTES", "1000"),
    ])
    .answers(200, &[], JOB);
    stage.get_job().unwrap();
    let sent = &stage.sent.borrow()[0];
    assert_eq!(sent.origin, "http://localhost:8080");
    assert_eq!(sent.target, "/vt/api/v3/intelligence/retrohunt_jobs/me-1");
    assert_eq!(sent.bounds, (2_000_000_000, 1000));
}

#[test]
fn a_key_of_the_host_leaves_the_header_to_the_host() {
    let stage = Stage::with(&[("VT_APIKEY_FROM_HOST", "true"), ("VT_APIKEY", KEY)]).answers(200, &[], JOB);
    stage.get_job().unwrap();
    let sent = &stage.sent.borrow()[0];
    assert_eq!(sent.headers[0].0, "accept");
    assert!(!format!("{sent:?}").contains(KEY));
}

#[test]
fn the_key_is_sent_in_its_header_only() {
    let stage = Stage::with_key().answers(200, &[], JOB);
    stage.create_job().unwrap();
    assert_eq!(format!("{:?}", stage.sent.borrow()).matches(KEY).count(), 1);
}

#[test]
fn a_rotated_key_works_at_once() {
    let stage = Stage::with(&[("VT_APIKEY", "the-old-key-of-one")]).answers(200, &[], JOB).answers(200, &[], JOB);
    stage.get_job().unwrap();
    stage.set(&[("VT_APIKEY", "the-new-key-of-one")]);
    stage.get_job().unwrap();
    stage.set(&[]);
    assert_eq!(stage.get_job().unwrap_err().code, "MissingApiKey");
    let keys: Vec<_> = stage.sent.borrow().iter().map(|sent| sent.headers[0].1.clone()).collect();
    assert_eq!(keys, ["the-old-key-of-one", "the-new-key-of-one"]);
}

#[test]
fn the_last_response_is_kept_for_good_answers_and_bad_ones() {
    let headers = [("set-cookie", "a"), ("Set-Cookie", "b"), ("x-quota", "7")];
    for (status, reason, body) in [
        (200, "OK", JOB),
        (200, "OK", "<html>"),
        (302, "Found", ""),
        (404, "Not Found", ""),
        (429, "Too Many Requests", "{\"error\":{\"code\":\"QuotaExceededError\"}}"),
        (418, "I'm a teapot", ""),
        (599, "", ""),
    ] {
        let stage = Stage::with_key().answers(status, &headers, body);
        let _ = stage.get_job();
        assert_eq!(stage.last(), Some((status, String::from(reason), owned(&headers))));
    }
}

#[test]
fn the_last_response_is_kept_where_only_its_head_came() {
    let stage = Stage::with_key().fails(Cause::Deadline(Phase::Body), Some((200, raw(&[("a", "b")]))));
    let error = stage.get_job().unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Timeout, Some(200)));
    assert_eq!(stage.last(), Some((200, String::from("OK"), owned(&[("a", "b")]))));
}

#[test]
fn the_last_response_of_the_call_before_is_forgotten() {
    let good = || {
        let stage = Stage::with_key().answers(200, &[], JOB);
        stage.get_job().unwrap();
        assert!(stage.last().is_some());
        stage
    };
    let stage = good().fails(Cause::Refused, None);
    assert_eq!(stage.get_job().unwrap_err().code, "ConnectionRefused");
    assert_eq!(stage.last(), None);

    let stage = good();
    let error = run(&stage, retrohunt::get_job(String::new())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert_eq!(stage.last(), None);

    let stage = good();
    stage.set(&[]);
    assert_eq!(stage.get_job().unwrap_err().kind, ErrorKind::Configuration);
    assert_eq!(stage.last(), None);

    let stage = good();
    compute(&stage, || ());
    assert_eq!(stage.last(), None);
}

#[test]
fn nothing_is_sent_with_wrong_arguments_or_settings() {
    let stage = Stage::with(&[("VT_APIKEY", KEY), ("VT_HTTP_PROXY", "http://proxy:3128")]);
    assert_eq!(stage.get_job().unwrap_err().code, "HostOnlySetting");
    let stage = Stage::with_key();
    assert_eq!(run(&stage, retrohunt::get_job(String::new())).unwrap_err().code, "InvalidArgument");
    assert!(stage.sent.borrow().is_empty());
}

#[test]
fn a_request_line_no_server_takes_is_refused_before_it_is_sent() {
    let stage = Stage::with_key();
    let query = crate::contract::livehunt::RulesetsQuery {
        limit: None,
        filter: Some("é".repeat(4096)),
        order: Some("é".repeat(4096)),
        cursor: Some("é".repeat(4096)),
        relationships: None,
    };
    let error = list(&stage, crate::livehunt::get_rulesets(query)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(error.message.contains("60000"), "{}", error.message);
    assert!(stage.sent.borrow().is_empty());
}

#[test]
fn an_echoed_key_does_not_come_back_in_an_error() {
    let echo = format!("{{\"error\":{{\"code\":\"{KEY}\",\"message\":\"bad key {KEY}, {KEY}\"}}}}");
    for (status, body) in [(401, echo.as_str()), (200, echo.as_str())] {
        let error = Stage::with_key().answers(status, &[], body).get_job().unwrap_err();
        assert_eq!(error.code, "[redacted]");
        assert!(error.message.contains("bad key [redacted], [redacted]"), "{}", error.message);
    }
}

#[test]
fn an_echoed_key_does_not_come_back_in_the_beginning_of_a_strange_body() {
    for before in ["", "<pre>x-apikey: ", "<html><body><pre>GET / HTTP/1.1 with x-apikey "] {
        let error = Stage::with_key().answers(200, &[], &format!("{before}{KEY}</pre>")).get_job().unwrap_err();
        assert!(error.message.contains("is not JSON ("), "{}", error.message);
        assert!(!error.message.contains(&KEY[..4]), "{}", error.message);
    }
}

#[test]
fn an_echoed_key_does_not_come_back_where_a_long_message_is_cut() {
    for before in 1900..2010 {
        let body = format!("{{\"error\":{{\"code\":\"E\",\"message\":\"{} {KEY}\"}}}}", "ü".repeat(before / 2));
        let error = Stage::with_key().answers(400, &[], &body).get_job().unwrap_err();
        assert!(error.message.contains("E: ü") && !error.message.contains(&KEY[..4]), "{}", error.message);
    }
}

#[test]
fn an_echoed_key_does_not_come_back_in_what_the_host_says() {
    let cause = Cause::Connection { detail: format!("reset after x-apikey: {KEY}"), may_have_arrived: true };
    let error = Stage::with_key().fails(cause, None).get_job().unwrap_err();
    assert!(error.message.contains("x-apikey: [redacted]."), "{}", error.message);
}

#[test]
fn an_echoed_key_does_not_come_back_in_an_object() {
    let job = JOB.replacen("\"id\":\"", &format!("\"echo\":\"{KEY}\",\"id\":\"{KEY}"), 1);
    assert_ne!(job, JOB);
    let given = Stage::with_key().answers(200, &[], &job).get_job().unwrap();
    assert!(given.id.starts_with("[redacted]") && given.json.contains("\"echo\":\"[redacted]\""), "{}", given.json);
    assert!(!given.json.contains(&KEY[..4]), "{}", given.json);
}

#[test]
fn an_echoed_key_does_not_come_back_in_a_header() {
    let echo = format!("key={KEY}");
    let stage = Stage::with_key().answers(200, &[("x-echo", &echo), ("x-other", "kept")], JOB);
    stage.get_job().unwrap();
    let headers = stage.last().unwrap().2;
    assert_eq!(headers, owned(&[("x-echo", "[redacted]"), ("x-other", "kept")]));
}

#[test]
fn a_failed_post_is_sent_once() {
    let stage = Stage::with_key().fails(Cause::Incomplete { read: 0 }, None);
    assert!(!stage.create_job().unwrap_err().retryable);
    assert_eq!(stage.sent.borrow().len(), 1);
}
