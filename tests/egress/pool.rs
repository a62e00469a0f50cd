//! Kept connections: as few as possible, each of one tenant, and never a request sent twice that must not be.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{Barrier, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::HandshakeKind;
use virustotal_hunting_simulator::{Options, Simulator};
use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{Connector, Settings};

use super::get;
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, send};
use crate::support::world::{connector, new_job, new_ruleset, settings};
use crate::support::{KEY, answered, refused, within};

#[tokio::test]
async fn a_thousand_calls_in_a_row_use_one_connection_plain_or_encrypted() {
    let simulator = Simulator::start_blocking(Options { key: Some(KEY.to_owned()), ..Options::default() });
    let simulator = simulator.expect("the simulator starts");
    let file = Authority::new().file().with_extension("pool.pem");
    std::fs::write(&file, simulator.ca_pem()).expect("a writable temporary directory");
    for (already, url) in [(0, simulator.http_url()), (1, simulator.https_url())] {
        let tenant = connector(Settings { ca_file: Some(file.clone()), ..settings(&url) });
        for _ in 0..1000 {
            answered(tenant.get_retrohunt_jobs(&Default::default())).await;
        }
        assert_eq!(simulator.connections(), already + 1, "{url}");
        let counters = tenant.counters();
        assert_eq!((counters.calls, counters.attempts, counters.connections_opened), (1000, 1000, 1));
    }
    std::fs::remove_file(file).expect("it was there");
    assert_eq!(simulator.requests().len(), 2000);
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_and_a_burst_shares_one_connection() {
    const BURST: usize = 50;
    let authority = Authority::new();
    let acceptor = authority.acceptor_offering("127.0.0.1", &[b"h2", b"http/1.1"]);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let (connections, versions) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    // Nobody of a burst is answered before all of it has arrived.
    let all_are_here = Arc::new(Barrier::new(BURST));
    let (counted, seen) = (Arc::clone(&connections), Arc::clone(&versions));
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let stream = acceptor.accept(stream).await.expect("a handshake");
            let (seen, all_are_here) = (Arc::clone(&seen), Arc::clone(&all_are_here));
            let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let is_first = seen.lock().expect("no panic").is_empty();
                seen.lock().expect("no panic").push(request.version());
                let all_are_here = Arc::clone(&all_are_here);
                async move {
                    if !is_first {
                        all_are_here.wait().await;
                    }
                    Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from_static(br#"{"data":[]}"#))))
                }
            });
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
    let tenant = connector(Settings { ca_file: Some(authority.file().to_owned()), ..settings(&url) });
    answered(get(&tenant)).await;
    let mut burst = tokio::task::JoinSet::new();
    for _ in 0..BURST {
        let tenant = tenant.clone();
        burst.spawn(async move { answered(get(&tenant)).await });
    }
    within(burst.join_all()).await;
    serving.abort();
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert_eq!(*versions.lock().expect("no panic"), vec![http::Version::HTTP_2; BURST + 1]);
}

/// Counts what is opened and what the other side closes; answers when told.
struct Counting {
    url: String,
    opened: watch::Receiver<usize>,
    closed: watch::Receiver<usize>,
}

impl Counting {
    /// Answers as soon as that many requests wait.
    async fn start(together: usize) -> Counting {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let ((open, opened), (close, closed)) = (watch::channel(0), watch::channel(0));
        let (close, together) = (Arc::new(close), Arc::new(Barrier::new(together)));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                open.send_modify(|count| *count += 1);
                let (close, together) = (Arc::clone(&close), Arc::clone(&together));
                tokio::spawn(async move {
                    let mut read = Vec::new();
                    while stream.read_buf(&mut read).await.is_ok_and(|length| length > 0) {
                        if read.ends_with(b"\r\n\r\n") {
                            read.clear();
                            together.wait().await;
                            stream.write_all(&empty_page()).await.expect("a client");
                        }
                    }
                    close.send_modify(|count| *count += 1);
                });
            }
        });
        Counting { url, opened, closed }
    }

    async fn has_closed(&mut self, count: usize) {
        within(self.closed.wait_for(|closed| *closed >= count)).await.expect("the server lives");
    }
}

#[tokio::test]
async fn no_more_idle_connections_are_kept_than_allowed() {
    const TOGETHER: usize = 6;
    let mut server = Counting::start(TOGETHER).await;
    let tenant = connector(Settings { pool_max_idle: 2, ..settings(&server.url) });
    let burst = async || {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..TOGETHER {
            let tenant = tenant.clone();
            calls.spawn(async move { answered(get(&tenant)).await });
        }
        within(calls.join_all()).await;
    };
    burst().await;
    server.has_closed(TOGETHER - 2).await;
    assert_eq!((*server.opened.borrow(), *server.closed.borrow()), (TOGETHER, TOGETHER - 2));
    // The two that were kept are used.
    burst().await;
    assert_eq!(*server.opened.borrow(), TOGETHER + TOGETHER - 2);
}

#[tokio::test]
async fn a_connection_that_was_idle_too_long_is_closed_without_another_call() {
    let mut server = Counting::start(1).await;
    let tenant = connector(Settings { pool_idle_timeout: Duration::from_millis(1), ..settings(&server.url) });
    answered(get(&tenant)).await;
    server.has_closed(1).await;
    answered(get(&tenant)).await;
    assert_eq!(*server.opened.borrow(), 2);
}

#[tokio::test]
async fn a_connection_the_server_closed_is_replaced_without_the_caller_noticing() {
    // It closes after every answer and announces nothing: sometimes before the next request, sometimes under it.
    let server = RawServer::start(vec![Step::Read, send(empty_page()), Step::Close]).await;
    let tenant = connector(settings(server.url()));
    for _ in 0..100 {
        answered(get(&tenant)).await;
    }
    assert_eq!((server.requests().len(), tenant.counters().failed()), (100, 0));
}

/// A tenant with a kept connection, on which the server reads the next request, waits, and closes.
async fn with_a_doomed_connection() -> (RawServer, Connector) {
    let server = RawServer::start(answer(empty_page())).await;
    let tenant = connector(settings(server.url()));
    answered(get(&tenant)).await;
    server.play(vec![Step::Read, Step::Wait, Step::Close]);
    (server, tenant)
}

/// Once the doomed request has arrived, others would be answered.
async fn doom(server: &RawServer) {
    server.has_read(2).await;
    server.play(answer(empty_page()));
    server.go_on();
}

#[tokio::test]
async fn a_get_whose_kept_connection_closes_under_it_is_sent_again() {
    let (server, tenant) = with_a_doomed_connection().await;
    tokio::join!(answered(get(&tenant)), doom(&server));
    assert_eq!((server.requests().len(), server.connections()), (3, 2));
    assert_eq!((tenant.counters().calls, tenant.counters().attempts, tenant.counters().failed()), (2, 3, 0));
}

#[tokio::test]
async fn what_acts_is_never_sent_twice() {
    let (job, ruleset) = (new_job(), new_ruleset("n"));
    for action in ["create job", "abort job", "create ruleset", "delete ruleset"] {
        let (server, tenant) = with_a_doomed_connection().await;
        let call = async {
            match action {
                "create job" => refused(tenant.create_retrohunt_job(&job)).await,
                "abort job" => refused(tenant.abort_retrohunt_job("a-1")).await,
                "create ruleset" => refused(tenant.create_livehunt_ruleset(&ruleset)).await,
                _ => refused(tenant.delete_livehunt_ruleset("1")).await,
            }
        };
        let (error, ()) = tokio::join!(call, doom(&server));
        assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "ConnectionFailed"), "{action}");
        // Whether the caller may repeat it is another matter: deleting twice does no more than deleting once.
        assert_eq!(error.retryable, action == "delete ruleset");
        let requests = server.requests();
        assert_eq!((requests.len(), server.connections()), (2, 1), "{action}");
        assert!(!requests[1].starts_with(b"GET "), "{action}");
    }
}

#[tokio::test]
async fn what_acts_arrives_at_most_once_however_the_server_closes() {
    // As above with nothing to wait for: whether a request meets the close or a new connection is chance.
    let server = RawServer::start(vec![Step::Read, send(empty_page()), Step::Close]).await;
    let tenant = connector(settings(server.url()));
    for number in 0..100 {
        let name = format!("ruleset number {number}.");
        let _ = within(tenant.create_livehunt_ruleset(&new_ruleset(&name))).await;
        let mut arrived = server.requests();
        arrived.retain(|request| String::from_utf8_lossy(request).contains(&name));
        assert!(arrived.len() <= 1, "{name} arrived twice");
    }
}

/// A server that closes after each answer, and what kind of handshake each connection began with.
async fn watched(acceptor: TlsAcceptor) -> (String, Arc<Mutex<Vec<HandshakeKind>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&kinds);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = acceptor.accept(stream).await.expect("a handshake");
            seen.lock().expect("no panic").push(stream.get_ref().1.handshake_kind().expect("it is over"));
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.expect("a request");
            }
            let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";
            stream.write_all(answer.as_bytes()).await.expect("a client");
            let _ = stream.shutdown().await;
        }
    });
    (url, kinds)
}

#[tokio::test]
async fn tenants_share_neither_connections_nor_tls_sessions() {
    let authority = Authority::new();
    let (url, kinds) = watched(authority.acceptor("127.0.0.1")).await;
    let tenant = || connector(Settings { ca_file: Some(authority.file().to_owned()), ..settings(&url) });
    let (one, two) = (tenant(), tenant());
    for tenant in [&one, &one, &two, &one, &two] {
        answered(get(tenant)).await;
    }
    // Each tenant's first is a full one, although the other has a ticket; its own tickets are used.
    use HandshakeKind::{Full, Resumed};
    assert_eq!(*kinds.lock().expect("no panic"), [Full, Resumed, Full, Resumed, Resumed]);

    let server = RawServer::start(answer(empty_page())).await;
    let (one, two) = (connector(settings(server.url())), connector(settings(server.url())));
    for tenant in [&one, &two, &one, &one.clone(), &two] {
        answered(get(tenant)).await;
    }
    assert_eq!(server.connections(), 2);
}
