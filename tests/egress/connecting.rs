//! Connecting has a time of its own: whoever is not there does not use up the whole call, and nothing was sent.
//!
//! The deadlines are several times what connecting may take of them, so that a busy machine changes nothing.

use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use vt_hunting_host::Settings;
use vt_hunting_host::types::{Error, ErrorKind};

use super::get;
use crate::proxy::{Conduct, Proxy, Speaks};
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, response};
use crate::support::world::{connector, new_job, settings};
use crate::support::{answered, refused};

/// Connecting may take a third of it.
const DEADLINE: Duration = Duration::from_secs(12);

/// Listens, and its queue is full: a connection is neither taken nor refused.
struct Full {
    listener: TcpListener,
    _waiting: TcpStream,
}

impl Full {
    async fn start() -> Full {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let listener = socket.listen(0).expect("nobody else has the port");
        let waiting = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("room for one");
        Full { listener, _waiting: waiting }
    }

    fn authority(&self) -> String {
        self.listener.local_addr().expect("an address").to_string()
    }
}

fn assert_no_connection(error: &Error, to: &str) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Timeout, "DeadlineExceeded"), "{error:?}");
    for part in [to, "No connection to", "within the time for connecting", "Nothing was sent."] {
        assert!(error.message.contains(part), "`{part}` is missing: {}", error.message);
    }
    assert!(error.retryable && !error.is_in_doubt() && !error.message.contains("reconcile"), "{error:?}");
}

#[tokio::test]
async fn a_full_queue_and_a_silent_handshake_end_the_connecting_and_not_the_deadline() {
    let full = Full::start().await;
    let silent = RawServer::start(vec![Step::Stall]).await;
    let mut calls = tokio::task::JoinSet::new();
    for (scheme, authority) in
        [("http", full.authority()), ("https", full.authority()), ("https", silent.authority().to_owned())]
    {
        let url = format!("{scheme}://{authority}");
        let tenant = connector(Settings { timeout: DEADLINE, ..settings(&url) });
        calls.spawn(async move {
            let job = new_job();
            let (read, created) = tokio::join!(refused(get(&tenant)), refused(tenant.create_retrohunt_job(&job)));
            assert_no_connection(&read, &authority);
            assert_no_connection(&created, &authority);
        });
    }
    crate::support::within(calls.join_all()).await;
}

#[tokio::test]
async fn a_proxy_whose_queue_is_full_is_named_and_nothing_was_sent() {
    let full = Full::start().await;
    let mut calls = tokio::task::JoinSet::new();
    for scheme in ["http", "https", "socks5h"] {
        for url in ["http://vt.example", "https://vt.example"] {
            let proxy = format!("{scheme}://{}", full.authority());
            let tenant = connector(Settings {
                http_proxy: Some(proxy.clone()),
                allow_http: true,
                timeout: DEADLINE,
                ..settings(url)
            });
            calls.spawn(async move {
                let error = refused(tenant.create_retrohunt_job(&new_job())).await;
                assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "ConnectionFailed"), "{error:?}");
                for part in [&*proxy, "in time", "`http_proxy`", "Nothing was sent."] {
                    assert!(error.message.contains(part), "`{part}` is missing: {}", error.message);
                }
                assert!(error.retryable && !error.is_in_doubt(), "{error:?}");
            });
        }
    }
    crate::support::within(calls.join_all()).await;
}

#[tokio::test]
async fn a_connection_that_hangs_leaves_time_for_one_that_does_not() {
    let authority = Authority::new();
    let mut calls = tokio::task::JoinSet::new();
    for speaks in [Speaks::Http, Speaks::Https(authority.acceptor("127.0.0.1")), Speaks::Socks] {
        let job = response(200, &[], r#"{"data":{"type":"retrohunt_job","id":"me-1"}}"#);
        let server = RawServer::start_tls(authority.acceptor("127.0.0.1"), answer(job)).await;
        let proxy = Proxy::start(speaks, Conduct::HangsAtFirst, server.authority()).await;
        let tenant = connector(Settings {
            http_proxy: Some(proxy.url()),
            ca_file: Some(authority.file().to_owned()),
            timeout: 2 * DEADLINE,
            retries: 1,
            ..settings(server.url())
        });
        calls.spawn(async move {
            assert_eq!(answered(tenant.create_retrohunt_job(&new_job())).await.id, "me-1");
            assert_eq!((proxy.connections(), server.requests().len()), (2, 1));
        });
    }
    crate::support::within(calls.join_all()).await;
}
