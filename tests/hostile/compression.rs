//! Compression that explodes, breaks off or is none.

use super::{Case, answers};
use crate::gzip::gzip;
use crate::support::raw_server::response;
use vt_hunting_host::types::ErrorKind;

const PAGE: &str = "{\"data\":[]}";

fn encoded(name: &str, body: impl AsRef<[u8]>) -> Case {
    answers(name, response(200, &[("content-encoding", "gzip")], body))
}

fn altered(mut body: Vec<u8>, from_end: usize) -> Vec<u8> {
    let at = body.len() - from_end;
    body[at] ^= 0x55;
    body
}

pub(super) fn cases() -> Vec<Case> {
    let whole = gzip(PAGE);
    let header = &whole[..10];
    let bomb = gzip(vec![b' '; 64 << 20]);
    let named = [b"\x1f\x8b\x08\x08\0\0\0\0\0\x03", vec![b'n'; 1 << 20].as_slice()].concat();
    vec![
        encoded("a gzip bomb", &bomb).capped(1 << 20).too_large(),
        answers("a gzip bomb that is not announced", response(200, &[], &bomb)).capped(1 << 20).too_large(),
        encoded("a gzip bomb in two layers", gzip(&bomb)).capped(1 << 20).unsound(),
        encoded("a gzip bomb of a thousand members", gzip(vec![b' '; 64 << 10]).repeat(1000))
            .capped(1 << 20)
            .too_large(),
        answers("a gzip bomb as an error page", response(404, &[("content-encoding", "gzip")], &bomb))
            .capped(1 << 20)
            .fails(&[(ErrorKind::NotFound, "Http404")], false),
        encoded("ten thousand empty members", [gzip("").repeat(10_000), gzip(PAGE)].concat()).answered(0),
        encoded("truncated gzip", &whole[..whole.len() / 2]).incomplete(),
        encoded("gzip without its checksum", &whole[..whole.len() - 8]).incomplete(),
        encoded("the magic bytes of gzip alone", &whole[..2]).incomplete(),
        encoded("gzip with a wrong checksum", altered(whole.clone(), 6)).unsound(),
        encoded("gzip with a wrong length", altered(whole.clone(), 2)).unsound(),
        encoded("gzip with a flipped bit", altered(gzip(PAGE.repeat(50)), 30)).unsound(),
        encoded("a gzip header on plain text", [header, PAGE.as_bytes()].concat()).unsound(),
        encoded("a gzip header with a name of 1 MB and no end", named).incomplete(),
        encoded("gzip with garbage behind it", [whole.as_slice(), b"garbage"].concat()).answered(0),
        encoded("gzip of what is not text", gzip([0xff, 0xfe, 0x00])).unsound(),
        answers(
            "brotli nobody asked for",
            response(200, &[("content-encoding", "br")], b"\x0b\x05\x80{\"data\":[]}\x03"),
        )
        .unsound(),
        encoded("plain text announced as gzip", PAGE).answered(0),
        encoded("nothing announced as gzip", "").unsound(),
    ]
}

#[tokio::test]
async fn compression_that_explodes_breaks_off_or_is_none_is_contained() {
    super::survive(cases()).await;
}
