//! Connections that are refused, broken off, silent or endless.

use std::time::Duration;

use vt_hunting_host::types::ErrorKind;

use super::{Case, Server, case};
use crate::support::raw_server::{Step, send};

const START: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":[";
const UNTIL_CLOSED: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":[";

pub(super) fn cases() -> Vec<Case> {
    let spaces = || Step::Repeat(vec![b' '; 16 << 10].into());
    vec![
        case("connection refused", Vec::new())
            .server(Server::IsDeaf)
            .fails(&[(ErrorKind::Transport, "ConnectionRefused")], true),
        case("closed after accept", vec![Step::Close]).fails_to_connect(),
        case("closed before the head", vec![Step::Read, Step::Close]).fails_to_connect(),
        case("closed in the head", vec![Step::Read, send("HTTP/1.1 200 OK\r\ncontent-"), Step::Close])
            .fails_to_connect(),
        case("closed in the body", vec![Step::Read, send(START), Step::Close]).incomplete(),
        case("reset after accept", vec![Step::Reset]).fails_to_connect(),
        case("reset before the head", vec![Step::Read, Step::Reset]).fails_to_connect(),
        // A reset throws away what the client has not read yet, so how far it gets is for the network to say.
        case("reset in the head", vec![Step::Read, send("HTTP/1.1 200 OK\r\ncontent-"), Step::Reset])
            .fails_to_connect(),
        case(
            "reset after the head",
            vec![Step::Read, send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"), Step::Reset],
        )
        .fails(LOST, true),
        case("reset in the body", vec![Step::Read, send(START), Step::Reset]).fails(LOST, true),
        case("silence after accept", vec![Step::Stall]).ends_with_the_deadline(),
        case("silence after the request", vec![Step::Read, Step::Stall]).ends_with_the_deadline(),
        case("silence in the head", vec![Step::Read, send("HTTP/1.1 200 OK\r\n"), Step::Stall])
            .ends_with_the_deadline(),
        case(
            "silence after the head",
            vec![Step::Read, send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"), Step::Stall],
        )
        .ends_with_the_deadline(),
        case("silence in the body", vec![Step::Read, send(START), Step::Stall]).ends_with_the_deadline(),
        case(
            "silence where only the end is missing",
            vec![Step::Read, send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":[]}"), Step::Stall],
        )
        .ends_with_the_deadline(),
        case(
            "one byte a second",
            vec![Step::Read, send(UNTIL_CLOSED), Step::Drip("1,".into(), Duration::from_secs(1))],
        )
        .ends_with_the_deadline(),
        case(
            "one byte at a time, each in time",
            vec![Step::Read, send(UNTIL_CLOSED), Step::Drip("1,".into(), Duration::from_millis(10))],
        )
        .ends_with_the_deadline(),
        case(
            "a head of one byte at a time",
            vec![Step::Read, send("HTTP/1.1 200 OK\r\nx: "), Step::Drip("x".into(), Duration::from_millis(10))],
        )
        .ends_with_the_deadline(),
        case("an endless body", vec![Step::Read, send(UNTIL_CLOSED), spaces()]).capped(1 << 20).too_large(),
        case(
            "an endless body in chunks",
            vec![
                Step::Read,
                send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
                Step::Repeat(format!("1000\r\n{}\r\n", " ".repeat(4096)).repeat(16).into()),
            ],
        )
        .capped(1 << 20)
        .too_large(),
        case(
            "an endless error page",
            vec![Step::Read, send("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n<html>"), spaces()],
        )
        .capped(1 << 20)
        .fails(&[(ErrorKind::NotFound, "Http404")], false),
    ]
}

const LOST: &[(ErrorKind, &str)] =
    &[(ErrorKind::Transport, "ConnectionFailed"), (ErrorKind::Transport, "IncompleteResponse")];

#[tokio::test]
async fn broken_silent_and_endless_connections_end_as_they_should() {
    super::survive(cases()).await;
}
