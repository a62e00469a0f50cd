//! The component goes by what a body is, not by what was asked for or announced, and a bomb stops at the cap.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::types::{Error, ErrorKind};

use crate::support::bare::Bare;
use crate::support::raw_server::{RawServer, answer, response};
use crate::support::world::{World, connector, facing, settings};
use crate::support::{KEY, answered, refused};

const PAGE: &str = r#"{"data":[{"type":"file","id":"a"}],"meta":{"count":1}}"#;
const ENCODED: (&str, &str) = ("content-encoding", "gzip");

pub(crate) fn gzip(plain: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain.as_ref()).expect("memory");
    encoder.finish().expect("memory")
}

async fn items(headers: &[(&str, &str)], body: Vec<u8>) -> usize {
    let (_server, connector) = facing(answer(response(200, headers, body))).await;
    answered(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await.items.len()
}

async fn failure(headers: &[(&str, &str)], body: Vec<u8>) -> Error {
    let (_server, connector) = facing(answer(response(200, headers, body))).await;
    refused(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await
}

#[tokio::test]
async fn gzip_is_inflated_whether_announced_or_not() {
    assert_eq!(items(&[ENCODED], gzip(PAGE)).await, 1);
    assert_eq!(items(&[("content-encoding", "x-gzip")], gzip(PAGE)).await, 1);
    assert_eq!(items(&[], gzip(PAGE)).await, 1);
}

#[tokio::test]
async fn a_plain_body_is_read_although_gzip_was_asked_for_and_announced() {
    assert_eq!(items(&[], PAGE.into()).await, 1);
    assert_eq!(items(&[("content-encoding", "identity")], PAGE.into()).await, 1);
    assert_eq!(items(&[ENCODED], PAGE.into()).await, 1);
}

#[tokio::test]
async fn a_body_of_several_members_is_one_text() {
    let (front, back) = PAGE.split_at(20);
    assert_eq!(items(&[ENCODED], [gzip(front), gzip(""), gzip(back)].concat()).await, 1);
}

#[tokio::test]
async fn the_simulators_pages_come_compressed_and_large_ones_shrink() {
    let world = World::new();
    let query = IocStreamQuery { limit: Some(40), ..Default::default() };
    let page = answered(world.connector.get_ioc_stream_objects(&query)).await;
    let plain: usize = page.items.iter().map(|item| item.json.len()).sum();
    let received = world.connector.counters().bytes_received as usize;
    assert!(received * 3 < plain, "{received} bytes for {plain}");
}

#[tokio::test]
async fn an_error_may_be_compressed_too() {
    let body = gzip(r#"{"error":{"code":"QuotaExceededError","message":"Quota exceeded"}}"#);
    let (_server, connector) = facing(answer(response(429, &[ENCODED], body))).await;
    let error = refused(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::QuotaExceeded, "QuotaExceededError"));
}

#[tokio::test]
async fn a_bomb_is_too_large_at_the_cap() {
    // 64 MiB of spaces are 64 KiB on the wire.
    let bomb = gzip(vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let server = RawServer::start(answer(response(200, &[ENCODED], bomb))).await;
    let capped = Settings { max_response_bytes: 1 << 20, max_memory_bytes: 16 << 20, ..settings(server.url()) };
    let connector = connector(capped);
    let error = refused(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::TooLarge, "ResponseTooLarge", false));
    assert!(error.message.contains("1048576") && error.message.contains("VT_MAX_RESPONSE_BYTES"), "{}", error.message);

    server.play(answer(response(200, &[ENCODED], gzip(PAGE))));
    assert_eq!(answered(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await.items.len(), 1);
}

#[tokio::test]
async fn the_cap_counts_inflated_bytes_and_is_inclusive() {
    let page = format!("{PAGE}{}", " ".repeat(1000));
    let server = RawServer::start(answer(response(200, &[ENCODED], gzip(&page)))).await;
    let with_cap = |bytes| connector(Settings { max_response_bytes: bytes, ..settings(server.url()) });
    let exact = with_cap(page.len() as u64);
    assert_eq!(answered(exact.get_ioc_stream_objects(&IocStreamQuery::default())).await.items.len(), 1);
    let short = with_cap(page.len() as u64 - 1);
    assert_eq!(refused(short.get_ioc_stream_objects(&IocStreamQuery::default())).await.kind, ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_truncated_stream_is_an_incomplete_answer_at_every_length() {
    let whole = gzip(PAGE);
    // From the magic bytes alone to all but the last byte of the checksum.
    for length in [2, 5, 10, 11, whole.len() / 2, whole.len() - 9, whole.len() - 8, whole.len() - 1] {
        let error = failure(&[ENCODED], whole[..length].to_vec()).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "IncompleteResponse"), "{length}");
        assert!(error.retryable, "a GET: {length}");
    }
}

#[tokio::test]
async fn garbage_behind_the_magic_bytes_is_a_protocol_error() {
    let mut checksum = gzip(PAGE);
    let at = checksum.len() - 6;
    checksum[at] ^= 1;
    let mut length = gzip(PAGE);
    let at = length.len() - 1;
    length[at] ^= 1;
    for (name, body) in [
        ("no method", b"\x1f\x8b\x07\0\0\0\0\0\0\x03{}".to_vec()),
        ("plain text behind a header", [b"\x1f\x8b\x08\0\0\0\0\0\0\x03".as_slice(), PAGE.as_bytes()].concat()),
        ("a wrong checksum", checksum),
        ("a wrong length", length),
    ] {
        let error = failure(&[ENCODED], body).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "InvalidResponse"), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn a_host_that_inflates_by_itself_and_leaves_the_headers_is_understood() {
    let mut bare = Bare::answering(&[("VT_APIKEY", KEY)], || {
        let mut response = http::Response::new(bytes::Bytes::from_static(PAGE.as_bytes()));
        let headers = response.headers_mut();
        headers.insert("content-encoding", "gzip".parse().expect("a value"));
        headers.insert("content-length", gzip(PAGE).len().to_string().parse().expect("a value"));
        response
    })
    .await;
    let stream = bare.exports.virustotal_hunting_ioc_stream();
    let result = stream.call_get_ioc_stream_objects(&mut bare.store, &IocStreamQuery::default()).await;
    assert_eq!(result.expect("no trap").expect("a page").items.len(), 1);
}
