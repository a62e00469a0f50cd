//! A server that answers each request as the test says, and remembers what arrived.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server does about a request.
#[derive(Clone)]
pub(super) enum Answer {
    /// Sends this and waits for the next request.
    Send(Vec<u8>),
    /// Sends this and closes.
    SendAndClose(Vec<u8>),
    /// Sends this and then nothing.
    SendAndHang(Vec<u8>),
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` gets the number of the connection and of the request on it, both from 0.
    pub(super) async fn start(answer: impl Fn(usize, usize) -> Answer + Send + Sync + 'static) -> Server {
        Server::start_with(async |stream| Some(stream), answer).await
    }

    /// With something before the first request: a TLS or SOCKS handshake.
    pub(super) async fn start_with<S, F>(
        handshake: F,
        answer: impl Fn(usize, usize) -> Answer + Send + Sync + 'static,
    ) -> Server
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: AsyncFn(TcpStream) -> Option<S> + Clone + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Server { address: listener.local_addr().unwrap(), accepted: Arc::default(), requests: Arc::default() };
        let (accepted, requests) = (Arc::clone(&server.accepted), Arc::clone(&server.requests));
        let answer = Arc::new(answer);
        // One thread for all of a test: futures need not be `Send`.
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = accepted.fetch_add(1, Ordering::SeqCst);
                let (handshake, requests, answer) = (handshake.clone(), Arc::clone(&requests), Arc::clone(&answer));
                tokio::task::spawn_local(async move {
                    let Some(stream) = handshake(stream).await else { return };
                    serve(stream, &requests, |request| answer(connection, request)).await;
                });
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Heads and bodies, as they came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    requests: &Mutex<Vec<String>>,
    answer: impl Fn(usize) -> Answer,
) {
    for number in 0.. {
        let Some(request) = read_request(&mut stream).await else { return };
        requests.lock().unwrap().push(request);
        let (bytes, hang, close) = match answer(number) {
            Answer::Send(bytes) => (bytes, false, false),
            Answer::SendAndClose(bytes) => (bytes, false, true),
            Answer::SendAndHang(bytes) => (bytes, true, false),
        };
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        if hang {
            std::future::pending::<()>().await;
        }
        if close {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    request.extend_from_slice(&body);
    Some(String::from_utf8_lossy(&request).into_owned())
}

/// Runs a test on one thread.
pub(super) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}
