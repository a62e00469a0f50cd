//! An adversary on a TCP port of its own: it plays a script of bytes and records what it is sent, byte for byte.
//!
//! Every exchange plays the script that is in force when it begins: on a new connection at once, on a kept one when the
//! next request arrives. So [`RawServer::play`] changes what the next exchange sees, and nothing before.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the adversary does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Reads one whole request and records it.
    Read,
    /// Reads until the client closes, and adds what came to the last recorded request.
    ReadToEnd,
    /// Sends these bytes.
    Send(Bytes),
    /// Sends these bytes over and over, until the client is gone.
    Repeat(Bytes),
    /// Sends these bytes over and over, one at a time, with a pause before each: its tempo, not a test's patience.
    Drip(Bytes, Duration),
    /// Waits until the test says [`RawServer::go_on`].
    Wait,
    /// Closes the connection in order.
    Close,
    /// Closes it with a TCP reset.
    Reset,
    /// Closes the TCP connection without a word; over TLS that lacks TLS's own goodbye.
    Vanish,
    /// Does nothing until the server is dropped, the connection open.
    Stall,
}

/// Sends these bytes.
pub(crate) fn send(bytes: impl Into<Vec<u8>>) -> Step {
    Step::Send(Bytes::from(bytes.into()))
}

/// Reads a request and sends these bytes.
pub(crate) fn answer(bytes: impl Into<Vec<u8>>) -> Vec<Step> {
    vec![Step::Read, send(bytes)]
}

/// A sound response: status line, headers, the right `content-length`, body.
pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} Status\r\n");
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A page without objects: what a good answer looks like.
pub(crate) fn empty_page() -> Vec<u8> {
    response(200, &[("content-type", "application/json")], r#"{"data":[]}"#)
}

/// The adversary. Dropping it ends its connections.
pub(crate) struct RawServer {
    url: String,
    shared: Arc<Shared>,
    /// Until it is opened.
    deaf: Option<TcpSocket>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    script: Mutex<Vec<Step>>,
    tls: Mutex<Option<TlsAcceptor>>,
    requests: Mutex<Vec<Vec<u8>>>,
    read: watch::Sender<usize>,
    connections: AtomicUsize,
    signal: Semaphore,
}

impl RawServer {
    /// Listens on 127.0.0.1.
    pub(crate) async fn start(script: Vec<Step>) -> RawServer {
        let mut server = RawServer::deaf("http");
        server.play(script);
        server.open();
        server
    }

    /// The same behind TLS.
    pub(crate) async fn start_tls(acceptor: TlsAcceptor, script: Vec<Step>) -> RawServer {
        let mut server = RawServer::deaf("https");
        server.play(script);
        server.play_tls(Some(acceptor));
        server.open();
        server
    }

    /// Has a port and does not listen on it: connections are refused until it is opened.
    pub(crate) fn deaf(scheme: &str) -> RawServer {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let url = format!("{scheme}://{}", socket.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            tls: Mutex::default(),
            requests: Mutex::default(),
            read: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
            signal: Semaphore::new(0),
        });
        RawServer { url, shared, deaf: Some(socket), accepting: None }
    }

    /// Listens, if it does not yet.
    pub(crate) fn open(&mut self) {
        if let Some(socket) = self.deaf.take() {
            let listener = socket.listen(1024).expect("nobody else has the port");
            self.accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
        }
    }

    /// `scheme://127.0.0.1:port`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:port`.
    pub(crate) fn authority(&self) -> &str {
        self.url.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// What every exchange plays that begins after this.
    pub(crate) fn play(&self, script: Vec<Step>) {
        *self.shared.script.lock().expect("no panic") = script;
    }

    /// How every connection begins that is accepted after this: with a handshake, or without.
    pub(crate) fn play_tls(&self, acceptor: Option<TlsAcceptor>) {
        *self.shared.tls.lock().expect("no panic") = acceptor;
    }

    /// Lets one [`Step::Wait`] go on.
    pub(crate) fn go_on(&self) {
        self.shared.signal.add_permits(1);
    }

    /// Waits until that many requests were read.
    pub(crate) async fn has_read(&self, requests: usize) {
        let mut read = self.shared.read.subscribe();
        super::within(read.wait_for(|read| *read >= requests)).await.expect("the server lives");
    }

    /// The requests, exactly as they came, oldest first.
    pub(crate) fn requests(&self) -> Vec<Vec<u8>> {
        self.shared.requests.lock().expect("no panic").clone()
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Aborted with this task: a stalled connection ends when its server does.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, shared) = (shared.tls.lock().expect("no panic").clone(), Arc::clone(&shared));
        connections.spawn(async move {
            let wire = match tls {
                None => Wire::Plain(stream),
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => Wire::Tls(Box::new(stream)),
                    Err(_) => return,
                },
            };
            Connection { wire, unread: Vec::new(), shared }.serve().await;
        });
    }
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Wire {
    fn stream(&mut self) -> &mut dyn Stream {
        match self {
            Wire::Plain(stream) => stream,
            Wire::Tls(stream) => stream.as_mut(),
        }
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Wire::Plain(stream) => stream,
            Wire::Tls(stream) => stream.get_ref().0,
        }
    }
}

struct Connection {
    wire: Wire,
    unread: Vec<u8>,
    shared: Arc<Shared>,
}

/// The connection has ended, by the client's doing or the script's.
struct Ended;

impl Connection {
    async fn serve(mut self) {
        loop {
            let script = self.shared.script.lock().expect("no panic").clone();
            for step in script {
                if self.play(step).await.is_err() {
                    return;
                }
            }
            // The next exchange begins with the next byte.
            if self.unread.is_empty() && self.fill().await.is_err() {
                return;
            }
        }
    }

    async fn play(&mut self, step: Step) -> Result<(), Ended> {
        match step {
            Step::Read => {
                let request = self.request().await?;
                self.shared.requests.lock().expect("no panic").push(request);
                self.shared.read.send_modify(|read| *read += 1);
            }
            Step::ReadToEnd => {
                while self.fill().await.is_ok() {}
                let mut requests = self.shared.requests.lock().expect("no panic");
                requests.last_mut().expect("a request was read").append(&mut self.unread);
                drop(requests);
                self.shared.read.send_modify(|read| *read += 1);
                return Err(Ended);
            }
            Step::Send(bytes) => self.send(&bytes).await?,
            Step::Repeat(bytes) => loop {
                self.send(&bytes).await?;
            },
            Step::Drip(bytes, pause) => {
                for byte in bytes.iter().cycle() {
                    tokio::time::sleep(pause).await;
                    self.send(&[*byte]).await?;
                }
            }
            Step::Wait => self.shared.signal.acquire().await.map_err(|_| Ended)?.forget(),
            Step::Close => {
                let _ = self.wire.stream().shutdown().await;
                return Err(Ended);
            }
            Step::Reset => {
                // Zero linger makes the system send RST instead of FIN when the socket is dropped.
                let _ = self.wire.tcp().set_zero_linger();
                return Err(Ended);
            }
            Step::Vanish => return Err(Ended),
            Step::Stall => std::future::pending().await,
        }
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let stream = self.wire.stream();
        stream.write_all(bytes).await.map_err(|_| Ended)?;
        stream.flush().await.map_err(|_| Ended)
    }

    async fn fill(&mut self) -> Result<(), Ended> {
        match self.wire.stream().read_buf(&mut self.unread).await {
            Ok(0) | Err(_) => Err(Ended),
            Ok(_) => Ok(()),
        }
    }

    async fn request(&mut self) -> Result<Vec<u8>, Ended> {
        let length = loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.unread[..end]).to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                break end + 4 + length.unwrap_or(0);
            }
            self.fill().await?;
        };
        while self.unread.len() < length {
            self.fill().await?;
        }
        let rest = self.unread.split_off(length);
        Ok(std::mem::replace(&mut self.unread, rest))
    }
}
