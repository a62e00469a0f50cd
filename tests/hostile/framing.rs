//! Lengths that lie and chunks that are broken.

use super::{Case, answers, case};
use crate::support::raw_server::{Step, send};

const PAGE: &str = "{\"data\":[]}";

pub(super) fn cases() -> Vec<Case> {
    let length = |length: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{PAGE}");
    let chunked = |body: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}");
    let closing = |name: &str, bytes: String| case(name, vec![Step::Read, send(bytes), Step::Close]);
    let twice = |second: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n{second}\r\n\r\n{PAGE}");
    vec![
        closing("a body shorter than announced", length("100")).incomplete(),
        closing("a body longer than announced", length("5")).unsound(),
        answers("a content-length of 0 before a body", length("0")).unsound(),
        answers("a negative content-length", length("-1")).unsound(),
        answers("a content-length of +11", length("+11")).unsound(),
        answers("a content-length that is no number", length("eleven")).unsound(),
        answers("a content-length in hexadecimal", length("0xb")).unsound(),
        answers("a content-length of 2^32", length("4294967296")).too_large(),
        answers("a content-length of 2^63 - 1", length("9223372036854775807")).too_large(),
        answers("a content-length of 2^64 - 1", length("18446744073709551615")).unsound(),
        answers("a content-length of 10^30", length("1000000000000000000000000000000")).unsound(),
        answers("the same content-length twice", twice("content-length: 11")).answered(0),
        answers("two content-lengths that differ", twice("content-length: 12")).unsound(),
        answers("the same content-length as a list", length("11, 11")).answered(0),
        answers("a list of content-lengths that differ", length("11, 12")).unsound(),
        // RFC 9112, 6.3: such a message "might indicate an attempt to perform request smuggling or response splitting
        // [...] and ought to be handled as an error".
        answers(
            "chunks and a content-length that differs",
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{PAGE}\r\n0\r\n\r\n"
            ),
        )
        .incomplete(),
        closing(
            "a transfer coding nobody knows, on JSON",
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: rot13\r\n\r\n{PAGE}"),
        )
        .answered(0),
        closing(
            "a transfer coding nobody knows, in use",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: rot13\r\n\r\n{\"qngn\":[}".to_owned(),
        )
        .unsound(),
        answers("a chunk size that is no number", chunked("zz\r\n")).unsound(),
        answers("a negative chunk size", chunked("-b\r\n")).unsound(),
        answers("a chunk size beyond 64 bits", chunked("fffffffffffffffff\r\n")).unsound(),
        closing("a chunk size of 2^64 - 1", chunked(&format!("ffffffffffffffff\r\n{PAGE}"))).incomplete(),
        answers("a chunk longer than its size", chunked(&format!("5\r\n{PAGE}\r\n0\r\n\r\n"))).unsound(),
        closing("a chunk shorter than its size", chunked(&format!("64\r\n{PAGE}"))).incomplete(),
        closing("no last chunk", chunked(&format!("b\r\n{PAGE}\r\n"))).incomplete(),
        case(
            "an endless chunk extension",
            vec![Step::Read, send(chunked("b;")), Step::Repeat(vec![b'x'; 8192].into())],
        )
        .unsound(),
        case(
            "endless trailers",
            vec![
                Step::Read,
                send(chunked(&format!("b\r\n{PAGE}\r\n0\r\n"))),
                Step::Repeat("x: y\r\n".repeat(1000).into()),
            ],
        )
        .unsound(),
        answers(
            "a body of one-byte chunks",
            chunked(&{
                let bytes = PAGE.chars().map(|byte| format!("1\r\n{byte}\r\n"));
                bytes.chain(["0\r\n\r\n".to_owned()]).collect::<String>()
            }),
        )
        .answered(0),
    ]
}

#[tokio::test]
async fn lengths_that_lie_and_broken_chunks_are_noticed() {
    super::survive(cases()).await;
}
