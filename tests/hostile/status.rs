//! Statuses the API never has, redirects that would catch the key, and waits nobody can mean.

use vt_hunting_host::types::ErrorKind;

use super::{Case, Server, answers, case};
use crate::support::KEY;
use crate::support::raw_server::{Step, answer, empty_page, response, send};

fn redirect(status: u16) -> Case {
    case(format!("{status} to another server that waits for the key"), Vec::new())
        .server(Server::Redirects(status))
        .fails(&[(ErrorKind::Protocol, "RedirectRefused")], false)
}

fn wait(name: &str, value: &str) -> Case {
    let headers = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", value)];
    answers(format!("429 with a retry-after {name}"), response(429, &headers, ""))
        .fails(&[(ErrorKind::RateLimited, "Http429")], true)
}

fn with_status(status: u16, kinds: &'static [(ErrorKind, &'static str)], retryable: bool) -> Case {
    answers(format!("{status}"), response(status, &[], "<html>")).fails(kinds, retryable)
}

pub(super) fn cases() -> Vec<Case> {
    use ErrorKind as K;
    let line = |status: &str| format!("HTTP/1.1 {status}\r\ncontent-length: 11\r\n\r\n{{\"data\":[]}}");
    let mut cases: Vec<Case> = [300, 301, 302, 303, 305, 306, 307, 308].map(redirect).into();
    cases.extend([
        answers("304", "HTTP/1.1 304 Not Modified\r\n\r\n").unsound(),
        case(
            "100-continue nobody asked for",
            answer([b"HTTP/1.1 100 Continue\r\n\r\n", empty_page().as_slice()].concat()),
        )
        .answered(0),
        case("100-continue and nothing else", vec![Step::Read, send("HTTP/1.1 100 Continue\r\n\r\n"), Step::Stall])
            .ends_with_the_deadline(),
        case("100-continue without end", vec![Step::Read, Step::Repeat("HTTP/1.1 100 Continue\r\n\r\n".into())])
            .ends_with_the_deadline(),
        case(
            "103 early hints first",
            answer([b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", empty_page().as_slice()].concat()),
        )
        .answered(0),
        answers(
            "101 to another protocol",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        )
        .unsound(),
        answers("204 with a body", "HTTP/1.1 204 No Content\r\ncontent-length: 11\r\n\r\n{\"data\":[]}").unsound(),
        answers("205 with a body", line("205 Reset Content")).answered(0),
        answers("206 with a part", line("206 Partial Content")).answered(0),
        answers("a status of two digits", line("99 Odd")).unsound(),
        answers("a status of four digits", line("1000 Odd")).unsound(),
        answers("a status of letters", line("abc Odd")).unsound(),
        answers("status 000", line("000 Odd")).unsound(),
        answers("status 999", line("999 Odd")).fails(&[(K::Other, "Http999")], false),
        answers("a status line without words", line("200")).answered(0),
        answers("407 from no proxy", response(407, &[("proxy-authenticate", "Basic")], ""))
            .fails(&[(K::Other, "Http407")], false),
        with_status(418, &[(K::Other, "Http418")], false),
        with_status(451, &[(K::Other, "Http451")], false),
        with_status(500, &[(K::Unavailable, "Http500")], true),
        with_status(501, &[(K::Unavailable, "Http501")], true),
        with_status(502, &[(K::Unavailable, "Http502")], true),
        with_status(503, &[(K::Unavailable, "Http503")], true),
        with_status(504, &[(K::Timeout, "Http504")], true),
        with_status(599, &[(K::Unavailable, "Http599")], true),
        wait("below zero", "-1"),
        wait("of 10^30 seconds", "1000000000000000000000000000000"),
        wait("in the past", "Sun, 06 Nov 1994 08:00:00 GMT"),
        wait("in the year 9999", "Fri, 31 Dec 9999 23:59:59 GMT"),
        wait("of garbage", "soon; very soon"),
        wait("of nothing", ""),
        answers(
            "an error that repeats the key",
            response(
                401,
                &[("www-authenticate", &format!("Key {KEY}"))],
                r#"{"error":{"code":"WrongCredentialsError","message":"Wrong API key"}}"#,
            ),
        )
        .fails(&[(K::Authentication, "WrongCredentialsError")], false),
        answers(
            "a reason of 60 KB",
            format!("HTTP/1.1 200 {}\r\ncontent-length: 11\r\n\r\n{{\"data\":[]}}", "x".repeat(60_000)),
        )
        .answered(0),
    ]);
    cases
}

#[tokio::test]
async fn statuses_the_api_never_has_are_errors_of_their_own() {
    super::survive(cases()).await;
}
