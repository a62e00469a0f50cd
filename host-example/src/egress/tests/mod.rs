//! The sender against servers on loopback that do what servers should not.

mod exchange;
mod proxied;
mod server;
mod tls;

use super::*;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use server::{Answer, Server};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Far beyond what an exchange on loopback takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A tenant, and its figures.
struct Tenant {
    egress: Arc<Egress>,
    counters: Arc<Counters>,
}

fn settings(url: &str) -> Settings {
    Settings { url: url.to_owned(), timeout: PATIENCE, ..Settings::new(ApiKey::new("s3cr3t-k3y-s3cr3t-k3y").unwrap()) }
}

impl Tenant {
    fn new(settings: &Settings) -> Tenant {
        let counters = Arc::new(Counters::default());
        Tenant { egress: Arc::new(Egress::new(settings, Arc::clone(&counters)).unwrap()), counters }
    }

    async fn send(&self, request: http::Request<WasiBody>) -> Result<http::Response<WasiBody>, Error> {
        let stats = Arc::new(CallStats::default());
        send::send(Arc::clone(&self.egress), stats, request, RequestOptions::default()).await
    }

    /// Sends it and reads the answer whole.
    async fn exchange(&self, request: http::Request<WasiBody>) -> Result<(http::response::Parts, Bytes), Error> {
        let (parts, body) = self.send(request).await?.into_parts();
        Ok((parts, body.collect().await?.to_bytes()))
    }

    async fn get(&self, url: &str) -> Result<(http::response::Parts, Bytes), Error> {
        self.exchange(get(url)).await
    }
}

/// A port that nobody listens on, and that nobody else can have as long as the socket is held.
fn deaf() -> (tokio::net::TcpSocket, std::net::SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn get(url: &str) -> http::Request<WasiBody> {
    http::Request::get(url).body(Empty::new().map_err(|never| match never {}).boxed_unsync()).unwrap()
}

fn post(url: &str, body: &'static [u8]) -> http::Request<WasiBody> {
    let request = http::Request::post(url).header("content-length", body.len());
    request.body(Full::from(body).map_err(|never| match never {}).boxed_unsync()).unwrap()
}

/// What a guest would show.
fn text(error: &Error) -> &str {
    match error {
        Error::InternalError(Some(text)) | Error::TlsAlertReceived { alert_message: Some(text), .. } => text,
        other => panic!("{other:?} has no text"),
    }
}
