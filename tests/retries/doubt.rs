//! Whether a create may have been carried out is said in one voice: by the message, by `retryable`, by the host, and by the
//! hint of the command line.

use std::time::Duration;

use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{Access, Settings};

use super::{fails, patient, status};
use crate::program;
use crate::support::process::Folder;
use crate::support::raw_server::{RawServer, Step, answer, response, send};
use crate::support::world::{World, connector, new_job, settings};
use crate::support::{KEY, long_enough, refused, refused_in_time};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    NotSent,
    Refused,
    Unknown,
}

use Outcome::{NotSent, Refused, Unknown};

/// A row as the command line's own table has it (hint.rs).
fn assert_row(error: &Error, kind: ErrorKind, code: &str, answered: Option<u16>, retryable: bool, outcome: Outcome) {
    assert_eq!((error.kind, &*error.code, error.status), (kind, code, answered), "{error:?}");
    assert_eq!(error.retryable, retryable, "{error:?}");
    assert_eq!(error.is_in_doubt(), outcome == Unknown, "{error:?}");
    assert_eq!(error.message.contains("may have taken effect"), outcome == Unknown, "{}", error.message);
    assert_eq!(error.message.contains("reconcile-retrohunt-job"), outcome == Unknown, "{}", error.message);
    if outcome != NotSent {
        assert!(!error.message.contains("Nothing was sent"), "{}", error.message);
    }
}

#[tokio::test]
async fn what_virustotal_answered_says_whether_it_was_carried_out() {
    use ErrorKind::*;

    let world = World::new();
    let coded = |code: u16, name: &str| FaultAction::Status {
        code,
        body: Some(format!(r#"{{"error":{{"code":"{name}","message":"why"}}}}"#)),
        headers: Vec::new(),
    };
    for (action, kind, code, answered, retryable, outcome) in [
        (coded(400, "BadRequestError"), InvalidArgument, "BadRequestError", 400, false, Refused),
        (coded(400, "NotAvailableYet"), Unavailable, "NotAvailableYet", 400, true, Refused),
        (coded(401, "WrongCredentialsError"), Authentication, "WrongCredentialsError", 401, false, Refused),
        (coded(403, "ForbiddenError"), Forbidden, "ForbiddenError", 403, false, Refused),
        (coded(404, "NotFoundError"), NotFound, "NotFoundError", 404, false, Refused),
        (coded(408, ""), Timeout, "Http408", 408, true, Refused),
        (coded(409, "AlreadyExistsError"), Conflict, "AlreadyExistsError", 409, false, Refused),
        (coded(413, ""), TooLarge, "Http413", 413, false, Refused),
        (coded(424, "FailedDependencyError"), Other, "FailedDependencyError", 424, false, Refused),
        (coded(429, "QuotaExceededError"), QuotaExceeded, "QuotaExceededError", 429, false, Refused),
        (coded(429, "TooManyRequestsError"), RateLimited, "TooManyRequestsError", 429, true, Refused),
        (coded(500, ""), Unavailable, "Http500", 500, false, Unknown),
        (coded(502, ""), Unavailable, "Http502", 502, false, Unknown),
        (coded(503, "TransientError"), Unavailable, "TransientError", 503, false, Unknown),
        (coded(503, "QuotaExceededError"), QuotaExceeded, "QuotaExceededError", 503, false, Unknown),
        (coded(504, "DeadlineExceededError"), Timeout, "DeadlineExceededError", 504, false, Unknown),
        (FaultAction::Garbage(b"<html>".to_vec()), Protocol, "InvalidResponse", 200, false, Unknown),
        (FaultAction::Truncate(1), Transport, "IncompleteResponse", 200, false, Unknown),
        (status(302, None), Protocol, "RedirectRefused", 302, false, Unknown),
    ] {
        fails(&world, action.clone(), 9);
        let error = refused(patient(&world, 2).create_retrohunt_job(&new_job())).await;
        assert_row(&error, kind, code, Some(answered), retryable, outcome);
        assert_eq!(world.simulator.requests().len(), 1, "{action:?}");
    }
}

#[tokio::test]
async fn without_an_answer_it_depends_on_whether_anything_was_sent() {
    use ErrorKind::*;

    let long = Duration::from_secs(60);
    let https = |server: &RawServer| format!("https://{}", server.authority());
    let deaf = RawServer::deaf("http");
    let closing = RawServer::start(vec![Step::Read, Step::Close]).await;
    let hanging_up = RawServer::start(vec![Step::Close]).await;
    let silent = RawServer::start(vec![Step::Read, Step::Stall]).await;
    let stuck = RawServer::start(vec![Step::Stall]).await;
    let plain = RawServer::start(vec![send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Close]).await;
    let head = send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
    let endless = RawServer::start(vec![Step::Read, head, Step::Repeat(vec![b' '; 16 << 10].into())]).await;
    for (url, timeout, kind, code, answered, retryable, outcome) in [
        (deaf.url().to_owned(), long, Transport, "ConnectionRefused", None, true, NotSent),
        ("https://virustotal.invalid".to_owned(), long, Transport, "DnsError", None, true, NotSent),
        (https(&hanging_up), long, Transport, "ConnectionFailed", None, true, NotSent),
        (https(&plain), long, Transport, "TlsError", None, false, NotSent),
        (closing.url().to_owned(), long, Transport, "ConnectionFailed", None, false, Unknown),
        (endless.url().to_owned(), long, TooLarge, "ResponseTooLarge", Some(200), false, Unknown),
    ] {
        let tenant = connector(Settings { timeout, max_response_bytes: 1 << 20, ..settings(&url) });
        let error = refused(tenant.create_retrohunt_job(&new_job())).await;
        assert_row(&error, kind, code, answered, retryable, outcome);
        if outcome == NotSent {
            assert!(error.message.contains("Nothing was sent."), "{}", error.message);
        }
    }
    for (url, arrived, retryable, outcome) in [
        (https(&stuck), &(|| stuck.connections()) as &dyn Fn() -> usize, true, NotSent),
        (silent.url().to_owned(), &|| silent.requests().len(), false, Unknown),
    ] {
        let error = long_enough(async |timeout| {
            let before = arrived();
            let tenant = connector(Settings { timeout, ..settings(&url) });
            let error = refused_in_time(tenant.create_retrohunt_job(&new_job())).await?;
            (arrived() > before).then_some(error)
        })
        .await;
        assert_row(&error, Timeout, "DeadlineExceeded", None, retryable, outcome);
        assert_eq!(error.message.contains("Nothing was sent."), outcome == NotSent, "{}", error.message);
    }
    let world = World::new();
    let reader = connector(Settings { access: Access::ReadOnly, ..settings(&world.simulator.http_url()) });
    let error = refused(reader.create_retrohunt_job(&new_job())).await;
    assert_row(&error, Forbidden, "ReadOnly", None, false, NotSent);
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_sends_whoever_must_look_first_there_and_nobody_else() {
    let folder = Folder::new();
    let rules = folder.with("rules.yar", "rule r { condition: true }");
    let large = response(201, &[], " ".repeat(1 << 20));
    let closing = vec![Step::Read, Step::Close];
    for (script, says, is_open) in [
        (Some(answer(large)), "error[too-large/ResponseTooLarge]", true),
        (Some(answer(response(200, &[], "<html>"))), "error[protocol/InvalidResponse]", true),
        (Some(answer(response(500, &[], ""))), "error[unavailable/Http500]", true),
        (Some(closing), "error[transport/ConnectionFailed]", true),
        (Some(answer(response(413, &[], ""))), "error[too-large/Http413]", false),
        (Some(answer(response(429, &[], ""))), "error[rate-limited/Http429]", false),
        (None, "error[transport/ConnectionRefused]", false),
    ] {
        let mut server = RawServer::deaf("http");
        if let Some(script) = script {
            server.play(script);
            server.open();
        }
        let environment = [("VT_APIKEY", KEY), ("VT_URL", server.url()), ("VT_MAX_RESPONSE_BYTES", "65536")];
        let arguments = ["retrohunt", "create-job", "--rules", &rules, "--no-quota-check"];
        let said = tokio::task::block_in_place(|| program::run(&arguments, &environment, ""));
        assert!(said.stderr.contains(says), "{}", said.stderr);
        let hint = said.stderr.lines().find(|line| line.starts_with("hint: ")).expect("a hint");
        assert_eq!(hint.contains("vt-hunting retrohunt reconcile-job"), is_open, "{says}: {hint}");
        assert_eq!(hint.contains("send less"), says.contains("413"), "{says}: {hint}");
    }
}
