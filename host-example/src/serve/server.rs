//! The listener: how many connections there may be, how slow they may be, and how they end.
//!
//! HTTP/1.1 without TLS: what stands before it (an ingress, a reverse proxy) has both. A client that sends its head too
//! slowly, nothing at all, its body too slowly, or does not read what it gets is cut off.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;

use super::error::StartError;
use super::gateway::Gateway;
use super::request;

/// The most of a request's line and headers together, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How long the listener rests when the system has no connection to give, most likely for want of descriptors.
const REST: Duration = Duration::from_millis(50);
/// The most of a path that a log line shows, in bytes.
const SHOWN_PATH: usize = 200;

/// Where and how to listen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    /// The address; port 0 takes any that is free. Default: 127.0.0.1:8080.
    pub address: SocketAddr,
    /// The most connections at the same time, at least 1; more wait in the system's queue. Each may have a request's
    /// body in memory. Default: 256.
    pub max_connections: u32,
    /// How long a connection may take to send a request's head, and may stay idle between two. Default: 15 s.
    pub header_timeout: Duration,
    /// How long a request's body may take to come. Default: 30 s.
    pub body_timeout: Duration,
    /// How long a client may not read what it is sent. Default: 30 s.
    pub stall_timeout: Duration,
    /// How long what runs may go on when the end is asked for. Default: 30 s.
    pub grace: Duration,
}

impl Default for ServeOptions {
    fn default() -> ServeOptions {
        ServeOptions {
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            max_connections: 256,
            header_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(30),
        }
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything that ran was finished.
    Finished,
    /// The grace was over, and what still ran was cut off.
    CutOff,
}

/// A gateway that listens, and answers once it runs.
#[derive(Debug)]
pub struct Server {
    gateway: Arc<Gateway>,
    options: Arc<ServeOptions>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes the address. Connections wait until [`Server::run`].
    ///
    /// # Errors
    ///
    /// A gateway without a token and an address that other machines reach; an address that cannot be listened on.
    pub async fn bind(gateway: Arc<Gateway>, options: ServeOptions) -> Result<Server, StartError> {
        if !gateway.asks_for_token() && !options.address.ip().is_loopback() {
            return Err(StartError::NotLoopback(options.address));
        }
        let failed = |error| StartError::Listen { address: options.address, error };
        let listener = TcpListener::bind(options.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Server { gateway, options: Arc::new(options), listener, address })
    }

    /// Where it listens: with the port that was chosen, if any was to be.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready. Then it takes no connection any more, lets what runs end within the grace, and
    /// cuts off what does not.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Ended {
        let Server { gateway, options, listener, .. } = self;
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(options.max_connections.max(1) as usize));
        let mut connections = tokio::task::JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            // What has ended is let go of.
            while connections.try_join_next().is_some() {}
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&listener, &places) => accepted,
            };
            match accepted {
                Ok((stream, place)) => {
                    let connection =
                        converse(stream, place, graceful.watcher(), Arc::clone(&gateway), Arc::clone(&options));
                    connections.spawn(connection);
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
        drop(listener);
        let finished = tokio::time::timeout(options.grace, graceful.shutdown()).await;
        // Also what its futures hold: instances, and connections to VirusTotal.
        connections.shutdown().await;
        match finished {
            Ok(()) => Ended::Finished,
            Err(_) => {
                tracing::warn!(grace = ?options.grace, "requests were cut off");
                Ended::CutOff
            }
        }
    }
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // Small answers must not wait for an acknowledgement.
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

async fn converse(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    watcher: Watcher,
    gateway: Arc<Gateway>,
    options: Arc<ServeOptions>,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(options.stall_timeout));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(options.header_timeout).max_buf_size(MAX_HEAD_BYTES);
    let service = service_fn(|request| exchange(request, &gateway, &options));
    let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service);
    if let Err(error) = watcher.watch(connection).await {
        // A client that is slow, hangs up or speaks no HTTP: its business, and nothing of it is repeated here.
        tracing::debug!(
            timeout = error.is_timeout(),
            parse = error.is_parse(),
            incomplete = error.is_incomplete_message(),
            "a connection ended early"
        );
    }
}

async fn exchange(
    request: Request<Incoming>,
    gateway: &Gateway,
    options: &ServeOptions,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut line = Line::new(&request);
    let response = match request::read(request, gateway.max_request_bytes(), options.body_timeout).await {
        Ok(request) => gateway.respond(request).await,
        Err(problem) => problem.response(),
    };
    line.status = Some(response.status().as_u16());
    Ok(response.map(Full::new))
}

/// One line a request, also for one whose client hangs up. Neither headers nor the query are in it.
struct Line {
    method: http::Method,
    path: String,
    started: Instant,
    status: Option<u16>,
}

impl Line {
    fn new(request: &Request<Incoming>) -> Line {
        // A URI is visible ASCII, so the cut is between characters.
        let path = request.uri().path();
        let path = path.get(..SHOWN_PATH).unwrap_or(path).to_owned();
        Line { method: request.method().clone(), path, started: Instant::now(), status: None }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let milliseconds = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (method, path) = (&self.method, &self.path);
        match self.status {
            Some(status) => tracing::info!(%method, %path, status, milliseconds, "answered"),
            None => tracing::info!(%method, %path, milliseconds, "the client hung up"),
        }
    }
}
