//! Heads as nobody should send them: the host, the size, and what a log line shows of them.

use serde_json::Value;

use super::{Served, TOKEN, client};
use crate::support::world::{World, settings};

/// A head with exactly these lines.
fn head(lines: &[&[u8]]) -> Vec<u8> {
    let mut head = lines.join(&b"\r\n"[..]);
    head.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    head
}

#[tokio::test]
async fn a_host_that_is_none_is_a_bad_request_before_the_token_is_looked_at() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let token = format!("authorization: Bearer {TOKEN}");
    let path = b"/v1/actions";
    let hosts: [&[u8]; 31] = [
        b"",
        b" ",
        b"a b",
        b"a/b",
        b"/",
        b"a?b",
        b"a#b",
        b"a\\b",
        b"user@a",
        b"u:p@a",
        b"@",
        b"a:b",
        b"a:80:80",
        b"a:65536",
        b"a:-1",
        b":80",
        b":",
        b"::1",
        b"[::1",
        b"[]",
        b"[a]",
        b"[::1]a",
        b"a%41",
        b"<a>",
        b"{a}",
        b"a,b",
        b"a;b",
        b"http://a",
        b"\xff",
        b"\xc3\xa4.example",
        b"a\xe2\x80\xaeb",
    ];
    let mut heads: Vec<Vec<u8>> = Vec::new();
    for host in hosts {
        let line = [&b"host: "[..], host].concat();
        for method in [&b"GET /v1/actions HTTP/1.1"[..], b"GET /healthz HTTP/1.1", b"GET /v1/actions HTTP/1.0"] {
            heads.push(head(&[method, &line]));
            heads.push(head(&[method, &line, token.as_bytes()]));
        }
    }
    for doubled in
        [[&b"host: a"[..], b"host: a"], [b"host: a", b"HOST: b"], [b"host:", b"host: a"], [b"host: a", b"Host: "]]
    {
        heads.push(head(&[b"GET /v1/actions HTTP/1.1", doubled[0], token.as_bytes(), doubled[1]]));
    }
    heads.push(head(&[b"GET /v1/actions HTTP/1.1", token.as_bytes()]));
    heads.push(head(&[b"GET /healthz HTTP/1.1"]));
    for (target, host) in [
        (&b"http://b"[..], &b"host: a"[..]),
        (b"http://a:81", b"host: a"),
        (b"http://a", b"host: a:8080"),
        (b"http://u@a", b"host: a"),
        (b"http://u@a", b"host: u@a"),
        (b"ftp://a", b"host: a"),
        (b"http://a", b"host: a b"),
        (b"http://a:99999", b"host: a:99999"),
    ] {
        heads.push(head(&[&[b"GET ", target, path, b" HTTP/1.1"].concat(), host, token.as_bytes()]));
    }
    for head in heads {
        let (status, said) = client::raw(served.address, &head).await;
        assert_eq!(status, 400, "{}: {said}", String::from_utf8_lossy(&head));
    }
    let counters = served.gateway.counters();
    assert_eq!((counters.requests, counters.failed), (0, 0), "the component saw one");
}

#[tokio::test]
async fn a_target_in_full_that_agrees_with_the_host_is_as_good_as_a_path() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let token = format!("authorization: Bearer {TOKEN}");
    for (target, host) in
        [("http://a/v1/actions", "a"), ("http://a:80/v1/actions", "A"), ("HTTP://[::1]:9/v1/actions", "[::1]:9")]
    {
        let (line, host) = (format!("GET {target} HTTP/1.1"), format!("host: {host}"));
        let (status, said) =
            client::raw(served.address, head(&[line.as_bytes(), host.as_bytes(), token.as_bytes()])).await;
        assert_eq!(status, 200, "{line}: {said}");
    }
    assert_eq!(served.gateway.counters().failed, 0);
}

/// The most of a head, as docs/serverless.md has it.
const LARGEST: usize = 64 << 10;

#[tokio::test]
async fn a_head_of_64_kib_is_read_and_one_byte_more_is_refused_wherever_it_is() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let path = |size: usize| {
        let rest = " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        format!("GET /{}{rest}", "a".repeat(size - rest.len() - "GET /".len()))
    };
    let method = |size: usize| {
        let rest = " /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        format!("{}{rest}", "M".repeat(size - rest.len()))
    };
    let header = |size: usize| {
        let begin = "GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: ";
        format!("{begin}{}\r\n\r\n", "a".repeat(size - begin.len() - 4))
    };
    let headers = |size: usize| {
        let mut head = "GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n".to_owned();
        for number in 0..60 {
            head.push_str(&format!("x-{number}: {}\r\n", "a".repeat(1000)));
        }
        let rest = size - head.len() - "x: \r\n\r\n".len();
        format!("{head}x: {}\r\n\r\n", "a".repeat(rest))
    };
    let heads: [&dyn Fn(usize) -> String; 4] = [&path, &method, &header, &headers];
    for (number, head) in heads.iter().enumerate() {
        for (size, status) in [(LARGEST - 1, 404), (LARGEST, 404), (LARGEST + 1, 431), (100_000, 431), (1 << 20, 431)] {
            let bytes = head(size);
            assert_eq!(bytes.len(), size);
            let (got, said) = client::raw(served.address, bytes).await;
            assert_eq!(got, status, "{number}, {size}: {said:.300}");
        }
    }
}

#[tokio::test]
async fn a_hundred_headers_are_read_and_one_more_is_refused() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    for (count, status) in [(99, 404), (100, 404), (101, 431), (10_000, 431)] {
        // `host` and `connection` are two.
        let more: String = (2..count).map(|number| format!("x{}: a\r\n", number % 7)).collect();
        let head = format!("GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{more}\r\n");
        assert_eq!(client::raw(served.address, head).await.0, status, "{count}");
    }
}

#[tokio::test]
async fn a_log_line_shows_visible_ascii_and_no_more_than_200_characters_of_a_field() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let logs = crate::logs::Logs::start();
    let mut targets: Vec<Vec<u8>> = Vec::new();
    // All bytes that are no end of a target, and what they are together.
    for byte in (1..=u8::MAX).filter(|byte| !b" ?#\t\r\n\x0b\x0c".contains(byte)) {
        targets.push(vec![b'/', byte]);
    }
    for text in ["\u{85}", "\u{9b}31m", "\u{202e}", "\u{2066}", "\u{2028}", "\u{feff}", "\u{e0041}", "é", "\u{1f600}"]
    {
        targets.push(format!("/{text}").into_bytes());
        for before in 190..205 {
            targets.push(format!("/{}{text}{text}", "a".repeat(before)).into_bytes());
        }
        targets.push(format!("/{}", text.repeat(5000)).into_bytes());
    }
    targets.push([b"/", &b"a".repeat(60_000)[..]].concat());
    for target in targets {
        client::raw(served.address, head(&[&[b"GET ", &target[..], b" HTTP/1.1"].concat(), b"host: a"])).await;
    }
    for method in ["M".repeat(60_000), "!#$%&'*+-.^_`|~".repeat(100)] {
        client::raw(served.address, head(&[format!("{method} / HTTP/1.1").as_bytes(), b"host: a"])).await;
    }
    let lines: Vec<Value> = logs.lines();
    let lines: Vec<_> =
        lines.iter().filter(|line| line["target"].as_str().is_some_and(|target| target.contains("::serve"))).collect();
    assert!(lines.len() > 150, "{} lines", lines.len());
    for line in lines {
        for (name, value) in line["fields"].as_object().expect("fields") {
            let Some(value) = value.as_str().filter(|_| name != "message") else { continue };
            assert!(value.len() <= 200 && value.bytes().all(|byte| byte.is_ascii_graphic()), "{name}: {value:?}");
        }
    }
}
