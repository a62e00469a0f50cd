//! A connection that fails says how and to which host, and never shows the key or the query.

use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{Connector, Settings};

use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, send};
use crate::support::world::{World, connector, facing, new_job, settings};
use crate::support::{answered, refused, within};

/// What only the query holds.
const NEEDLE: &str = "needle";

/// The failure of a request whose filter and cursor are secrets too.
async fn failure(connector: &Connector) -> Error {
    let query = IocStreamQuery {
        filter: Some(format!("notification_tag:{NEEDLE}")),
        cursor: Some(format!("{NEEDLE}=")),
        ..Default::default()
    };
    let error = refused(connector.get_ioc_stream_objects(&query)).await;
    assert!(!format!("{error:?}").contains(NEEDLE), "{error:?}");
    error
}

fn assert_transport(error: &Error, code: &str, host: &str) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, code), "{error:?}");
    assert!(error.message.contains(host), "{}", error.message);
    assert_eq!(error.retry_after, None);
}

/// For a POST as well nothing was sent, so even this one may be repeated, and there is nothing to look for.
async fn assert_never_left(connector: &Connector) {
    let error = refused(connector.create_retrohunt_job(&new_job())).await;
    assert!(error.retryable && !error.is_in_doubt(), "{error:?}");
    assert!(error.message.contains("Nothing was sent."), "{}", error.message);
    assert!(!error.message.contains("reconcile"), "{}", error.message);
}

#[tokio::test]
async fn a_dead_port_refuses_the_connection() {
    let dead = RawServer::deaf("http");
    let connector = connector(settings(dead.url()));
    let error = failure(&connector).await;
    assert_transport(&error, "ConnectionRefused", dead.authority());
    assert_eq!((error.status, error.retryable), (None, true));
    assert_never_left(&connector).await;
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_dns_error() {
    let connector = connector(settings("https://virustotal.invalid"));
    let error = failure(&connector).await;
    assert_transport(&error, "DnsError", "virustotal.invalid");
    assert!(error.retryable);
    assert_never_left(&connector).await;
}

#[tokio::test]
async fn what_does_not_speak_tls_is_a_tls_error() {
    // What an HTTP server says to a client hello.
    let server = RawServer::start(vec![send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Close]).await;
    let url = format!("https://{}", server.authority());
    let error = failure(&connector(settings(&url))).await;
    assert_transport(&error, "TlsError", server.authority());
    assert!(error.message.contains("does not speak TLS") && !error.retryable, "{}", error.message);
}

#[tokio::test]
async fn a_connection_that_ends_in_the_handshake_never_carried_a_request() {
    for end in [Step::Close, Step::Reset] {
        let server = RawServer::start(vec![end]).await;
        let connector = connector(settings(&format!("https://{}", server.authority())));
        let error = failure(&connector).await;
        assert_transport(&error, "ConnectionFailed", server.authority());
        assert!(error.message.contains("during the TLS handshake") && error.retryable, "{}", error.message);
        assert_never_left(&connector).await;
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_a_tls_error_until_it_is_known() {
    let world = World::new();
    let authority = world.simulator.https_url().replace("https://", "");
    let error = failure(&connector(settings(&world.simulator.https_url()))).await;
    assert_transport(&error, "TlsError", &authority);
    assert!(error.message.contains("not trusted") && error.message.contains("ca_file"), "{}", error.message);
    assert!(world.simulator.requests().is_empty(), "nothing may be sent before the certificate is trusted");

    let unverified = Settings { verify_ssl: false, ..settings(&world.simulator.https_url()) };
    answered(connector(unverified).get_ioc_stream_objects(&IocStreamQuery::default())).await;
}

#[tokio::test]
async fn a_certificate_is_checked_for_its_name_its_time_and_its_authority() {
    let (known, stranger) = (Authority::new(), Authority::new());
    for (acceptor, says) in [
        (known.acceptor("other.example"), "another name"),
        (known.expired_acceptor("127.0.0.1"), "expired"),
        (stranger.acceptor("127.0.0.1"), "not trusted"),
    ] {
        let server = RawServer::start_tls(acceptor, answer(empty_page())).await;
        let trusting = Settings { ca_file: Some(known.file().to_owned()), ..settings(server.url()) };
        let error = failure(&connector(trusting)).await;
        assert_transport(&error, "TlsError", server.authority());
        assert!(error.message.contains(says), "{}", error.message);
        assert!(server.requests().is_empty());
    }
    let server = RawServer::start_tls(known.acceptor("127.0.0.1"), answer(empty_page())).await;
    let trusting = Settings { ca_file: Some(known.file().to_owned()), ..settings(server.url()) };
    answered(connector(trusting).get_ioc_stream_objects(&IocStreamQuery::default())).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_incomplete_answer() {
    let start = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":[";
    let chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{\"data\":[";
    for (part, end) in [(start, Step::Close), (start, Step::Reset), (chunk, Step::Close)] {
        let (server, connector) = facing(vec![Step::Read, send(part), Step::Wait, end.clone()]).await;
        // The body has to be under way before a reset, or the head is lost with it.
        let under_way = async {
            server.has_read(1).await;
            while connector.counters().bytes_received < 9 {
                tokio::task::yield_now().await;
            }
            server.go_on();
        };
        let (error, ()) = within(async { tokio::join!(failure(&connector), under_way) }).await;
        assert_transport(&error, "IncompleteResponse", server.authority());
        assert_eq!((error.status, error.retryable), (Some(200), true));
        assert!(error.message.contains("9 bytes"), "{end:?}: {}", error.message);
    }
}

#[tokio::test]
async fn a_post_whose_connection_breaks_is_sent_once_and_not_to_be_repeated() {
    for end in [Step::Close, Step::Reset] {
        let (server, connector) = facing(vec![Step::Read, end]).await;
        let error = refused(connector.create_retrohunt_job(&new_job())).await;
        assert_transport(&error, "ConnectionFailed", server.authority());
        assert!(!error.retryable && error.message.contains("may have taken effect"), "{}", error.message);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_closes_before_an_answer_may_be_tried_again_for_a_get() {
    for script in [vec![Step::Close], vec![Step::Read, Step::Close], vec![Step::Read, Step::Reset]] {
        let (server, connector) = facing(script).await;
        let error = failure(&connector).await;
        assert_transport(&error, "ConnectionFailed", server.authority());
        assert!(error.retryable);
    }
}
