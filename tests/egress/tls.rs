//! Whom the host trusts, what it says of those it does not, and as whom it appears.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use vt_hunting_host::Settings;
use vt_hunting_host::types::{Error, ErrorKind};

use super::{get, turned_to};
use crate::logs::Logs;
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, send};
use crate::support::world::{World, connector, settings};
use crate::support::{RUNTIME, answered, refused, within};

fn trusting(authority: &Authority, url: &str) -> Settings {
    Settings { ca_file: Some(authority.file().to_owned()), ..settings(url) }
}

fn assert_tls(error: &Error, says: &str) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "TlsError"), "{error:?}");
    assert!(error.message.contains(says), "{}", error.message);
    assert_eq!((error.status, error.retryable), (None, false));
}

#[tokio::test]
async fn an_authority_in_ca_file_is_trusted_and_only_with_it() {
    let world = World::new();
    let file = Authority::new().file().with_extension("simulator.pem");
    std::fs::write(&file, world.simulator.ca_pem()).expect("a writable temporary directory");
    let with = Settings { ca_file: Some(file.clone()), ..settings(&world.simulator.https_url()) };
    answered(get(&connector(with))).await;
    std::fs::remove_file(file).expect("it was there");
    assert_eq!(world.simulator.requests().len(), 1);

    let error = refused(get(&connector(settings(&world.simulator.https_url())))).await;
    assert_tls(&error, "not trusted");
    assert!(error.message.contains("`ca_file`"), "{}", error.message);
    // Nor does it replace the authorities of another file.
    let stranger = Authority::new();
    assert_tls(&refused(get(&connector(trusting(&stranger, &world.simulator.https_url())))).await, "not trusted");
    assert_eq!(world.simulator.requests().len(), 1);
}

#[tokio::test]
async fn each_way_tls_can_fail_has_its_own_words() {
    const OTHERS: &[&str] = &[
        "its issuer is unknown",
        "is for another name",
        "has expired",
        "is not valid yet",
        "does not speak TLS",
        "refused the TLS handshake",
    ];
    let (known, stranger) = (Authority::new(), Authority::new());
    let host = "127.0.0.1";
    let alert = vec![send(*b"\x15\x03\x03\0\x02\x02\x28"), Step::Close];
    for (acceptor, script, says) in [
        (Some(stranger.acceptor(host)), answer(empty_page()), OTHERS[0]),
        (Some(known.acceptor("vt.example")), answer(empty_page()), OTHERS[1]),
        (Some(known.expired_acceptor(host)), answer(empty_page()), OTHERS[2]),
        (Some(known.early_acceptor(host)), answer(empty_page()), OTHERS[3]),
        (None, vec![send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Close], OTHERS[4]),
        (None, vec![send("220 mail.example ESMTP\r\n"), Step::Stall], OTHERS[4]),
        (None, alert, OTHERS[5]),
    ] {
        let server = RawServer::start(script).await;
        server.play_tls(acceptor);
        let error = refused(get(&connector(trusting(&known, &format!("https://{}", server.authority()))))).await;
        assert_tls(&error, says);
        assert!(error.message.contains(server.authority()), "{}", error.message);
        for other in OTHERS.iter().filter(|other| **other != says) {
            assert!(!error.message.contains(other), "`{other}` in {}", error.message);
        }
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn verify_ssl_false_is_for_the_origin_alone() {
    let stranger = Authority::new();
    let origin = RawServer::start_tls(stranger.expired_acceptor("other.example"), answer(empty_page())).await;
    // The same host on another port, and the same machine by name.
    let beside = RawServer::start_tls(stranger.acceptor("127.0.0.1"), answer(empty_page())).await;
    let named = RawServer::start_tls(stranger.acceptor("localhost"), answer(empty_page())).await;
    let by_name = named.url().replace("127.0.0.1", "localhost");
    let unverified = Settings {
        verify_ssl: false,
        allowed_hosts: vec![beside.url().to_owned(), by_name.clone()],
        allow_private: true,
        ..settings(origin.url())
    };
    answered(get(&connector(unverified.clone()))).await;
    for url in [beside.url(), &by_name] {
        assert_tls(&refused(get(&turned_to(url, unverified.clone()))).await, "not trusted");
    }
    let requests = [&origin, &beside, &named].map(|server| server.requests().len());
    assert_eq!(requests, [1, 0, 0]);
}

#[tokio::test]
async fn verify_ssl_false_is_said_out_loud_when_a_tenant_starts() {
    let logs = Logs::start();
    connector(settings("https://vt.example"));
    assert!(!logs.text().contains("WARN"), "{}", logs.text());
    connector(Settings { verify_ssl: false, ..settings("https://vt.example:8443") });
    let warning = logs.lines().into_iter().find(|line| line["level"] == "WARN").expect("a warning");
    let text = warning["fields"]["message"].as_str().expect("text");
    for part in ["verify_ssl is false", "https://vt.example:8443", "NOT checked", "API key", "ca_file"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks() {
    let authority = Authority::new();
    let identity = authority.identity("tenant");
    let acceptor = authority.acceptor_asking_clients("127.0.0.1", true);
    let server = RawServer::start_tls(acceptor, answer(empty_page())).await;

    let error = refused(get(&connector(trusting(&authority, server.url())))).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "TlsError"), "{error:?}");
    assert!(error.message.contains("`client_cert`"), "{}", error.message);
    assert!(server.requests().is_empty());

    let identified = Settings {
        client_cert: Some(identity.certificate.clone()),
        client_key: Some(identity.key.clone()),
        ..trusting(&authority, server.url())
    };
    answered(get(&connector(identified))).await;
    assert_eq!(server.requests().len(), 1);
}

/// Answers one request, and says how many certificates its client showed.
async fn shown(listener: TcpListener, acceptor: TlsAcceptor) -> usize {
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut stream = acceptor.accept(stream).await.expect("a handshake");
    let count = stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len);
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        tokio::io::AsyncReadExt::read_buf(&mut stream, &mut request).await.expect("a request");
    }
    stream.write_all(&empty_page()).await.expect("an answer");
    let _ = stream.shutdown().await;
    count
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_nobody_but_the_origin() {
    let authority = Authority::new();
    let identity = authority.identity("tenant");
    for is_origin in [true, false] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let identified = Settings {
            client_cert: Some(identity.certificate.clone()),
            client_key: Some(identity.key.clone()),
            allowed_hosts: vec![url.clone()],
            allow_private: true,
            ..trusting(&authority, if is_origin { &url } else { "https://vt.example" })
        };
        let tenant = turned_to(&url, identified);
        let asks = shown(listener, authority.acceptor_asking_clients("127.0.0.1", false));
        let (shown, ()) = tokio::join!(within(asks), answered(get(&tenant)));
        assert_eq!(shown, usize::from(is_origin));
    }
}

#[tokio::test]
async fn files_that_are_no_good_are_heard_of_before_the_first_call() {
    let authority = Authority::new();
    let (one, two) = (authority.identity("one"), authority.identity("two"));
    let missing = || Some("/nowhere/at-all.pem".into());
    let at = || settings("https://vt.example");
    for (bad, name) in [
        (Settings { ca_file: missing(), ..at() }, "ca_file"),
        (Settings { ca_file: Some(one.key.clone()), ..at() }, "ca_file"),
        (Settings { client_cert: missing(), client_key: Some(one.key.clone()), ..at() }, "client_cert"),
        (Settings { client_cert: Some(one.certificate.clone()), client_key: missing(), ..at() }, "client_key"),
        (Settings { client_cert: Some(one.certificate.clone()), ..at() }, "client_key"),
        (
            Settings { client_cert: Some(one.certificate.clone()), client_key: Some(two.key.clone()), ..at() },
            "client_key",
        ),
    ] {
        let error = RUNTIME.connector(bad).expect_err(name).to_string();
        assert!(error.contains(name) && !error.contains("PRIVATE KEY"), "{error}");
    }
}
