//! Servers that are not who they should be, or speak no TLS.

use vt_hunting_host::types::ErrorKind;

use super::{Case, Handshake, Server, case};
use crate::support::raw_server::{Step, answer, empty_page, send};

const UNTRUSTED: &[(ErrorKind, &str)] = &[(ErrorKind::Transport, "TlsError")];

fn over_tls(name: &str, handshake: Handshake, script: Vec<Step>) -> Case {
    case(name, Vec::new()).server(Server::SpeaksTls(handshake, script)).fails(UNTRUSTED, false)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        over_tls("a certificate for another name", Handshake::OtherName, answer(empty_page())),
        over_tls("a certificate whose time is over", Handshake::Expired, answer(empty_page())),
        over_tls("a certificate of an unknown authority", Handshake::UnknownAuthority, answer(empty_page())),
        over_tls(
            "plain HTTP where TLS is due",
            Handshake::None,
            vec![send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Close],
        ),
        over_tls("closed in the handshake", Handshake::None, vec![Step::Close]).fails_to_connect(),
        over_tls("reset in the handshake", Handshake::None, vec![Step::Reset]).fails_to_connect(),
        over_tls("an alert in the handshake", Handshake::None, vec![send(*b"\x15\x03\x03\0\x02\x02\x28"), Step::Close]),
        over_tls("silence in the handshake", Handshake::None, vec![Step::Stall]).ends_with_the_deadline(),
        over_tls(
            "a record of 64 KB in the handshake",
            Handshake::None,
            vec![send(*b"\x16\x03\x03\xff\xff"), Step::Repeat(vec![0; 8192].into())],
        ),
        over_tls(
            "cut off without TLS's goodbye",
            Handshake::Sound,
            vec![Step::Read, send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":[]}"), Step::Vanish],
        )
        .incomplete(),
        over_tls(
            "a body shorter than announced over TLS",
            Handshake::Sound,
            vec![Step::Read, send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":[]}"), Step::Close],
        )
        .incomplete(),
        over_tls(
            "silence after the head over TLS",
            Handshake::Sound,
            vec![Step::Read, send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"), Step::Stall],
        )
        .ends_with_the_deadline(),
    ]
}

#[tokio::test]
async fn servers_that_are_not_who_they_should_be_get_no_request() {
    super::survive(cases()).await;
}
