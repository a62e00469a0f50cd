//! The listener: how slow connections may be, in which order a request is looked at, and how they end.
//!
//! HTTP/1.1 without TLS: what stands before it (an ingress, a reverse proxy) has both. A client that sends its head too
//! slowly, nothing at all, its body too slowly, or does not read what it gets is cut off.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use virustotal_hunting_gateway_head::{self as head, Problem, Route};

use super::connections::{Connections, Place, Seat};
use super::error::StartError;
use super::gateway::Gateway;
use super::lines::shown;
use super::reply;
use super::request::{self, Bodies, Read};
use super::wire::Wire;

/// The most of a request's line and headers together, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How long the listener rests when the system has no connection to give, most likely for want of descriptors.
const REST: Duration = Duration::from_millis(50);
/// The most headers of a request.
const MAX_HEADERS: usize = 100;

/// Where and how to listen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    /// The address; port 0 takes any that is free. Default: 127.0.0.1:8080.
    pub address: SocketAddr,
    /// The most connections at the same time, at least 1. One more makes the one leave that asked for nothing for the
    /// longest time; where actions are at work on all of them, it gets everything but actions. Default: 256.
    pub max_connections: u32,
    /// The same for the connections from one address (IPv6: one /64 network). `None` is seven eighths of
    /// `max_connections`. Default: `None`.
    pub max_connections_per_peer: Option<u32>,
    /// The most bytes of requests' bodies in memory at the same time, over all connections; there is always room for one
    /// of the largest size. More wait unread, for the tenant's `queue_timeout`. Default: 64 MiB.
    pub max_body_bytes: usize,
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
            max_connections_per_peer: None,
            max_body_bytes: 64 << 20,
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
pub struct Server {
    shared: Arc<Shared>,
    listener: TcpListener,
    address: SocketAddr,
}

/// What all connections have in common.
struct Shared {
    gateway: Arc<Gateway>,
    options: ServeOptions,
    connections: Arc<Connections>,
    bodies: Bodies,
}

/// What a server holds, to be looked at while it runs.
#[derive(Clone)]
pub struct Load(Arc<Shared>);

impl Load {
    /// The connections.
    pub fn connections(&self) -> usize {
        self.0.connections.count()
    }

    /// The bytes that requests' bodies have of the budget, received or not.
    pub fn body_bytes(&self) -> usize {
        self.0.bodies.taken()
    }
}

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut load = f.debug_struct("Load");
        load.field("connections", &self.connections()).field("body_bytes", &self.body_bytes()).finish()
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
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
        let share = options.max_connections_per_peer.unwrap_or(options.max_connections - options.max_connections / 8);
        let connections = Connections::new(options.max_connections, share);
        let bodies = Bodies::new(options.max_body_bytes, gateway.max_request_bytes());
        Ok(Server { shared: Arc::new(Shared { gateway, options, connections, bodies }), listener, address })
    }

    /// What it holds, to be looked at while it runs.
    pub fn load(&self) -> Load {
        Load(Arc::clone(&self.shared))
    }

    /// Where it listens: with the port that was chosen, if any was to be.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready. Then it takes no connection any more, lets what runs end within the grace, and
    /// cuts off what does not.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Ended {
        let Server { shared, listener, .. } = self;
        let graceful = GracefulShutdown::new();
        let mut connections = tokio::task::JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            // What has ended is let go of.
            while connections.try_join_next().is_some() {}
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&listener, &shared.connections) => accepted,
            };
            match accepted {
                Ok((stream, seat)) => {
                    connections.spawn(converse(stream, seat, graceful.watcher(), Arc::clone(&shared)));
                }
                Err(error) => {
                    tracing::warn!(error = shown(error.to_string()), "no connection can be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
        drop(listener);
        shared.connections.all_may_leave();
        let finished = tokio::time::timeout(shared.options.grace, graceful.shutdown()).await;
        // Also what its futures hold: instances, and connections to VirusTotal.
        connections.shutdown().await;
        match finished {
            Ok(()) => Ended::Finished,
            Err(_) => {
                tracing::warn!(grace = ?shared.options.grace, "requests were cut off");
                Ended::CutOff
            }
        }
    }
}

async fn accept(listener: &TcpListener, connections: &Arc<Connections>) -> std::io::Result<(TcpStream, Seat)> {
    let (stream, peer) = listener.accept().await?;
    // Small answers must not wait for an acknowledgement.
    stream.set_nodelay(true)?;
    let seat = connections.seat(peer.ip()).await;
    Ok((stream, seat))
}

async fn converse(stream: TcpStream, seat: Seat, watcher: Watcher, shared: Arc<Shared>) {
    let place = &seat.place;
    let wire = Wire::new(stream, Arc::clone(place), shared.options.stall_timeout);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(shared.options.header_timeout);
    http.max_buf_size(MAX_HEAD_BYTES).max_header_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let service = service_fn(|request| exchange(request, &shared, place));
    let connection = http.serve_connection(TokioIo::new(wire), service);
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
    shared: &Shared,
    place: &Arc<Place>,
) -> Result<Response<Given>, Infallible> {
    place.answers();
    let (parts, body) = request.into_parts();
    let mut line = Line::new(&parts);
    // What has no body is whole as it is.
    let mut whole = body.is_end_stream();
    let mut response = match request::head(&parts) {
        Err(problem) => reply::response(problem.reply()),
        Ok(head) => {
            let answered = answer(&head, parts, body, shared, place, &mut whole).await;
            shared.gateway.finish(answered, &head)
        }
    };
    place.answered(whole);
    if !whole || place.is_reserve() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    line.status = Some(response.status().as_u16());
    Ok(response.map(|body| Given { body: Full::new(body), place: Arc::clone(place) }))
}

/// Judges the head; reads the body only where there is a use for it.
async fn answer(
    head: &head::Request,
    parts: http::request::Parts,
    body: Incoming,
    shared: &Shared,
    place: &Place,
    whole: &mut bool,
) -> Result<Response<Bytes>, Problem> {
    let gateway = &shared.gateway;
    let route = match gateway.judge(head) {
        Ok(route) => route,
        Err(refusal) => return Ok(reply::response(refusal)),
    };
    if route.is_open() {
        return gateway.open(route).await;
    }
    if place.is_reserve() {
        let detail = "On as many connections as --max-connections and --max-connections-per-peer allow, actions are at \
                      work. Nothing was sent; ask again later.";
        return Err(Problem::host(503, "TooBusy", detail).again_after(1));
    }
    place.acts();
    // Its share of the budget is held until there is an answer.
    let read: Option<Read> = if matches!(route, Route::Action(_)) {
        let (limit, queue) = (gateway.max_request_bytes(), gateway.settings().queue_timeout);
        let read = shared.bodies.read(body, limit, queue, shared.options.body_timeout).await?;
        *whole = true;
        Some(read)
    } else {
        None
    };
    let bytes = read.as_ref().map(|read| read.bytes.clone()).unwrap_or_default();
    gateway.run(parts, bytes).await
}

/// An answer's body, which says when the connection has taken all of it.
struct Given {
    body: Full<Bytes>,
    place: Arc<Place>,
}

impl http_body::Body for Given {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.place.given();
    }
}

/// One line a request, also for one whose client hangs up. Neither headers nor the query are in it.
struct Line {
    method: String,
    path: String,
    started: Instant,
    status: Option<u16>,
}

impl Line {
    fn new(request: &http::request::Parts) -> Line {
        let (method, path) = (shown(request.method.as_str()), shown(request.uri.path()));
        Line { method, path, started: Instant::now(), status: None }
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
