//! Heads that are no HTTP, too large, or not the one that was asked for.

use super::{Case, answers, case};
use crate::support::KEY;
use crate::support::raw_server::{Step, answer, response, send};

const BODY: &str = "content-length: 11\r\n\r\n{\"data\":[]}";

pub(super) fn cases() -> Vec<Case> {
    let head = |line: &str| format!("HTTP/1.1 200 OK\r\n{line}\r\n{BODY}");
    let closing = |name: &str, bytes: Vec<u8>| case(name, vec![Step::Read, send(bytes), Step::Close]);
    let poison = response(200, &[], r#"{"data":[{"type":"file","id":"poison"}]}"#);
    vec![
        case("endless headers", vec![Step::Read, send("HTTP/1.1 200 OK\r\n"), Step::Repeat("x: y\r\n".into())])
            .unsound(),
        case(
            "one endless header",
            vec![Step::Read, send("HTTP/1.1 200 OK\r\nx: "), Step::Repeat(vec![b'x'; 8192].into())],
        )
        .unsound(),
        answers("10 000 headers", head(&"x: y\r\n".repeat(10_000))).unsound(),
        answers("120 headers", head("x: y\r\n".repeat(120).trim_end())).answered(0),
        answers("one header of 1 MB", head(&format!("x: {}", "y".repeat(1 << 20)))).unsound(),
        answers("one header of 70 KB", head(&format!("x: {}", "y".repeat(70_000)))).unsound(),
        answers("one header of 60 KB", head(&format!("x: {}", "y".repeat(60_000)))).answered(0),
        answers("a header that is not UTF-8", [b"HTTP/1.1 200 OK\r\nx: \xff\xfe\r\n", BODY.as_bytes()].concat())
            .answered(0),
        answers("a header named after the key", head(&format!("x-{KEY}: 1"))).answered(0),
        answers("a header with a part of the key", head(&format!("x: k={}", KEY[20..40].to_uppercase()))).answered(0),
        answers("a header with a NUL", head("x: a\0b")).unsound(),
        answers("a header without a colon", head("no colon here")).unsound(),
        answers("a header without a name", head(": value")).unsound(),
        answers("a space before the colon", head("x : y")).unsound(),
        answers("a header folded over two lines", head("x: a\r\n b")).unsound(),
        answers("lines that end in a line feed alone", format!("HTTP/1.1 200 OK\n{}", BODY.replace("\r\n", "\n")))
            .answered(0),
        closing("HTTP/0.9: a body without a head", b"{\"data\":[]}\r\n\r\n".to_vec()).unsound(),
        closing("HTTP/1.0, ended by closing", b"HTTP/1.0 200 OK\r\n\r\n{\"data\":[]}".to_vec()).answered(0),
        answers("HTTP/3.0 in the status line", format!("HTTP/3.0 200 OK\r\n{BODY}")).unsound(),
        closing("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()).unsound(),
        closing("HTTP/2 frames", b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0d\0\x04\0\x10\0\0\0\x06\0\0@\0".to_vec())
            .unsound(),
        closing("another protocol's greeting", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()).unsound(),
        closing("a TLS alert", b"\x15\x03\x01\0\x02\x02\x28".to_vec()).unsound(),
        closing("a kilobyte of noise", (0..1024u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect())
            .unsound(),
        closing("nothing but line breaks", b"\r\n\r\n\r\n\r\n".to_vec()).fails_to_connect(),
        case("a second answer nobody asked for", answer([response(200, &[], r#"{"data":[]}"#), poison].concat()))
            .answered(0),
    ]
}

#[tokio::test]
async fn heads_that_are_none_or_too_large_are_refused() {
    super::survive(cases()).await;
}
