//! Only what is listed is reached, and a refused request opens no socket.

use vt_hunting_host::Settings;
use vt_hunting_host::types::{Error, ErrorKind};

use super::{get, turned_to};
use crate::rogue;
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, answer, empty_page, response};
use crate::support::world::{connector, settings};
use crate::support::{KEY, answered, refused};

/// `127.0.0.1:port` by another name.
fn named(host: &str, server: &RawServer) -> String {
    server.authority().replace("127.0.0.1", host)
}

fn assert_denied(error: &Error, host: &str) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Forbidden, "RequestDenied"), "{error:?}");
    assert!(error.message.contains(host), "{}", error.message);
    assert_eq!((error.status, error.retryable), (None, false));
}

#[tokio::test]
async fn a_host_that_is_not_listed_is_refused_before_connecting() {
    let origin = RawServer::start(answer(empty_page())).await;
    let other = RawServer::start(answer(empty_page())).await;
    let rogue = turned_to(other.url(), Settings { allow_private: true, ..settings(origin.url()) });
    for _ in 0..3 {
        assert_denied(&refused(get(&rogue)).await, other.authority());
    }
    let counters = rogue.counters();
    assert_eq!((counters.denied, counters.attempts, counters.connections_opened), (3, 0, 0));
    assert_eq!(counters.failures, [("forbidden", 3)]);
    assert_eq!((origin.connections(), other.connections()), (0, 0));
    // The list of nothing else denies everything else, and not the origin.
    answered(get(&connector(settings(origin.url())))).await;
}

#[tokio::test]
async fn the_origins_scheme_host_and_port_all_count() {
    let origin = RawServer::start(answer(empty_page())).await;
    for url in [format!("https://{}", origin.authority()), format!("http://{}", named("localhost", &origin))] {
        let rogue = turned_to(&url, Settings { allow_private: true, ..settings(origin.url()) });
        assert_denied(&refused(get(&rogue)).await, url.split_once("://").expect("a scheme").1);
    }
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn an_entry_that_is_nearly_right_opens_nothing() {
    let origin = RawServer::start(answer(empty_page())).await;
    let other = RawServer::start(answer(empty_page())).await;
    let (host, port) = other.authority().split_once(':').expect("a port");
    let rogue = rogue::turned_to(other.url());
    for entry in [
        host.to_owned(),
        format!("{host}:{port}"),
        format!("https://{host}:{port}"),
        format!("http://{host}"),
        format!("http://{host}:{}", origin.authority().split_once(':').expect("a port").1),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.2:{port}"),
        format!("http://*.{host}.example:{port}"),
    ] {
        let listed = Settings { allowed_hosts: vec![entry.clone()], allow_private: true, ..settings(origin.url()) };
        let rogue = rogue.connector(listed).unwrap_or_else(|error| panic!("{entry}: {error}"));
        assert_denied(&refused(get(&rogue)).await, other.authority());
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn an_entry_of_each_form_lets_its_host_be_reached_without_the_key() {
    let authority = Authority::new();
    let origin = RawServer::start(answer(empty_page())).await;
    let plain = RawServer::start(answer(empty_page())).await;
    let encrypted = RawServer::start_tls(authority.acceptor("localhost"), answer(empty_page())).await;
    let by_name = named("localhost", &encrypted);
    let below = named("a.b.localhost", &plain);
    for (server, url, entries) in [
        (&plain, plain.url().to_owned(), vec![plain.url().to_owned()]),
        (
            &plain,
            format!("http://{below}"),
            vec![
                format!("http://{below}"),
                format!("HTTP://A.B.LOCALHOST.:{}", below.rsplit(':').next().expect("a port")),
                format!("http://*.{}", below.split_once('.').expect("a label").1),
            ],
        ),
        (&encrypted, format!("https://{by_name}"), vec![by_name.clone(), format!("https://{by_name}")]),
    ] {
        let rogue = rogue::turned_to(&url);
        for (entry, api_key_from_host) in entries.iter().flat_map(|entry| [(entry, true), (entry, false)]) {
            let listed = Settings {
                allowed_hosts: vec!["other.example".to_owned(), entry.clone()],
                allow_private: true,
                allow_http: true,
                ca_file: Some(authority.file().to_owned()),
                api_key_from_host,
                ..settings(origin.url())
            };
            let before = server.requests().len();
            answered(get(&rogue.connector(listed).expect("good settings"))).await;
            let request = server.requests().pop().expect("a request");
            let request = String::from_utf8(request).expect("text").to_ascii_lowercase();
            assert_eq!(server.requests().len(), before + 1, "{entry}");
            assert!(!request.contains("x-apikey") && !request.contains(KEY), "{entry}: {request}");
        }
    }
    assert_eq!(origin.connections(), 0);
}

#[tokio::test]
async fn a_redirect_takes_the_key_nowhere() {
    let trap = RawServer::start(answer(empty_page())).await;
    let elsewhere = [trap.url().to_owned(), format!("//{}", trap.authority()), "https://vt.example".to_owned()];
    for (status, to) in
        [301, 302, 303, 307, 308].into_iter().flat_map(|status| elsewhere.each_ref().map(|to| (status, to)))
    {
        let origin = RawServer::start(answer(response(status, &[("location", to)], ""))).await;
        for allowed_hosts in [Vec::new(), vec![trap.url().to_owned(), "vt.example".to_owned()]] {
            let open = Settings { allowed_hosts, allow_private: true, ..settings(origin.url()) };
            let connector = connector(open);
            let error = refused(get(&connector)).await;
            assert_eq!((error.kind, error.status), (ErrorKind::Protocol, Some(status)), "{error:?}");
            assert_eq!(connector.counters().attempts, 1);
        }
    }
    assert_eq!(trap.connections(), 0);
}
