//! A client of HTTP/1.1 that does what it is told: a connection for each request, and what comes as it comes.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::within;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Answer {
    fn read(bytes: Vec<u8>) -> Answer {
        let text = String::from_utf8(bytes).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let answer = Answer { status, head: head.to_owned(), body: body.to_owned() };
        let length: usize = answer.header("content-length").expect("a length").parse().expect("a number");
        assert_eq!(answer.body.len(), length, "half an answer");
        answer
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (other, value) = line.split_once(':')?;
            other.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body, as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Whether it says this anywhere.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.head.contains(text) || self.body.contains(text)
    }
}

/// Sends these bytes on a connection of its own.
pub(super) async fn begin(address: SocketAddr, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = within(TcpStream::connect(address)).await.expect("it listens");
    within(stream.write_all(bytes.as_ref())).await.expect("it reads");
    stream
}

/// What is answered to these bytes, until the connection ends: the status, 0 if nothing is, and all of it.
pub(super) async fn raw(address: SocketAddr, bytes: impl AsRef<[u8]>) -> (u16, String) {
    let said = String::from_utf8_lossy(&rest(begin(address, bytes).await).await).into_owned();
    (said.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), said)
}

/// What comes until the connection ends.
pub(super) async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = within(stream.read_to_end(&mut bytes)).await;
    bytes
}

/// The answer to these bytes, which end with `connection: close`.
pub(super) async fn send(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Answer {
    Answer::read(rest(begin(address, bytes).await).await)
}

/// The answer that comes on this connection.
pub(super) async fn answer(stream: TcpStream) -> Answer {
    Answer::read(rest(stream).await)
}

/// A request as text.
pub(super) fn request(method: &str, path: &str, host: &str, token: Option<&str>, body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    if let Some(token) = token {
        text.push_str(&format!("authorization: Bearer {token}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    text + "\r\n" + body
}

pub(super) async fn get(address: SocketAddr, path: &str, token: Option<&str>) -> Answer {
    send(address, &request("GET", path, &address.to_string(), token, "")).await
}

pub(super) async fn post(address: SocketAddr, path: &str, token: Option<&str>, body: &str) -> Answer {
    send(address, &request("POST", path, &address.to_string(), token, body)).await
}
