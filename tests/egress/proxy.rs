//! Through the proxy or not at all, and a proxy that is to blame is named.

use std::sync::Arc;

use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{Connector, Secret, Settings};

use super::get;
use crate::proxy::{Conduct, PASSWORD, PASSWORD_IN_URL, Proxy, Speaks, USER};
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response};
use crate::support::world::{connector, new_job, settings};
use crate::support::{KEY, answered, long_enough, refused, refused_in_time};

/// What each kind of proxy speaks.
fn kinds(authority: &Authority) -> [Speaks; 3] {
    [Speaks::Http, Speaks::Https(authority.acceptor("127.0.0.1")), Speaks::Socks]
}

/// An origin on loopback which could be reached directly, if anything tried; over TLS or not.
async fn origins(authority: &Authority) -> [RawServer; 2] {
    let page = || vec![Step::Read, Step::Send(empty_page().into()), Step::Close];
    [RawServer::start(page()).await, RawServer::start_tls(authority.acceptor("127.0.0.1"), page()).await]
}

/// A tenant that trusts this authority and goes through this proxy.
fn through(proxy: &str, authority: &Authority, url: &str) -> Settings {
    Settings {
        http_proxy: Some(proxy.to_owned()),
        ca_file: Some(authority.file().to_owned()),
        allow_http: true,
        ..settings(url)
    }
}

/// The failure that a proxy is to blame for.
fn assert_blames(error: &Error, proxy: &str, says: &str) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "ConnectionFailed"), "{error:?}");
    assert!(error.message.contains(&format!("the proxy {proxy}")), "{}", error.message);
    assert!(error.message.contains(says), "`{says}` is missing: {}", error.message);
    assert!(!error.message.contains(PASSWORD) && !error.message.contains(PASSWORD_IN_URL), "{}", error.message);
    assert!(!error.message.contains(USER), "{}", error.message);
    assert_eq!(error.status, None);
}

/// Nothing reached the service, and a POST may simply be repeated: nobody is sent to look for what it made.
fn assert_never_left(error: &Error) {
    assert!(error.message.contains("Nothing was sent."), "{}", error.message);
    assert!(!error.message.contains("may have taken effect") && !error.message.contains("reconcile"), "{error:?}");
    assert!(error.retryable && !error.is_in_doubt(), "{error:?}");
}

/// A POST's failure, which the same proxy is to blame for, and which never left.
async fn assert_a_post_never_left(tenant: &Connector, proxy: &str, says: &str) {
    let error = refused(tenant.create_retrohunt_job(&new_job())).await;
    assert_blames(&error, proxy, says);
    assert_never_left(&error);
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_the_name_is_for_the_proxy_to_resolve() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        let acceptor = authority.acceptor("vt.example");
        let server = RawServer::start_tls(acceptor, answer(empty_page())).await;
        let proxy = Proxy::start(speaks, Conduct::Serves, server.authority()).await;
        let connector = connector(through(&proxy.url(), &authority, "https://vt.example"));
        for _ in 0..3 {
            answered(get(&connector)).await;
        }
        answered(connector.get_livehunt_rulesets(&Default::default())).await;
        let asked = if proxy.url().starts_with("socks") { "SOCKS vt.example:443" } else { "CONNECT vt.example:443" };
        // The tunnel is kept as any connection is.
        assert_eq!((proxy.asked(), server.connections()), (vec![asked.to_owned()], 1));
        let requests: Vec<_> =
            server.requests().into_iter().map(|bytes| String::from_utf8(bytes).expect("text")).collect();
        assert_eq!(requests.len(), 4);
        assert!(requests.iter().all(|request| request.contains(KEY) && request.starts_with("GET /api/v3/")));
        // What opens the tunnel is for the proxy, and the key is not.
        assert!(!proxy.heads().contains("x-apikey") && !proxy.heads().contains(KEY), "{}", proxy.heads());
    }
}

#[tokio::test]
async fn plain_http_goes_out_in_absolute_form_or_as_a_plain_stream() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        let [server, _] = origins(&authority).await;
        let proxy = Proxy::start(speaks, Conduct::Serves, server.authority()).await;
        let connector = connector(through(&proxy.url(), &authority, "http://vt.example:8080"));
        answered(get(&connector)).await;
        let expected = if proxy.url().starts_with("socks") {
            "SOCKS vt.example:8080"
        } else {
            "GET http://vt.example:8080/api/v3/ioc_stream"
        };
        let asked = proxy.asked().join("\n");
        assert!(asked.starts_with(expected), "{asked}");
        let request = String::from_utf8(server.requests().remove(0)).expect("text");
        assert!(request.starts_with("GET /api/v3/ioc_stream") && request.contains(KEY), "{request}");
    }
}

#[tokio::test]
async fn user_and_password_stand_in_the_address_or_beside_it() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        for server in origins(&authority).await {
            let proxy = Proxy::start(speaks.clone(), Conduct::WantsCredentials, server.authority()).await;
            let in_address = proxy.url_with(&format!("{USER}:{PASSWORD_IN_URL}"));
            answered(get(&connector(through(&in_address, &authority, server.url())))).await;
            let beside = Settings {
                proxy_user: Some(USER.to_owned()),
                proxy_password: Some(Secret::new(PASSWORD)),
                ..through(&proxy.url(), &authority, server.url())
            };
            answered(get(&connector(beside))).await;
            assert_eq!((server.requests().len(), proxy.asked().len()), (2, 2));
            // They are the proxy's, and go no further.
            let requests = String::from_utf8(server.requests().concat()).expect("text").to_ascii_lowercase();
            assert!(!requests.contains("proxy-auth"), "{requests}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_demands_authentication_is_named_and_never_its_password() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        for server in origins(&authority).await {
            let proxy = Proxy::start(speaks.clone(), Conduct::WantsCredentials, server.authority()).await;
            let wrong = proxy.url_with(&format!("{USER}:wr0ng{PASSWORD_IN_URL}"));
            for address in [proxy.url(), wrong] {
                let tenant = connector(through(&address, &authority, server.url()));
                let error = refused(get(&tenant)).await;
                assert_blames(&error, &proxy.url(), "`proxy_password`");
                assert_never_left(&error);
                assert_a_post_never_left(&tenant, &proxy.url(), "`proxy_password`").await;
                assert!(!error.message.contains("wr0ng"), "{}", error.message);
            }
            assert_eq!(server.connections(), 0);
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        for server in origins(&authority).await {
            let proxy = Proxy::start(speaks.clone(), Conduct::Refuses, server.authority()).await;
            let tenant = connector(through(&proxy.url(), &authority, server.url()));
            let error = refused(get(&tenant)).await;
            if server.url().starts_with("http:") && !proxy.url().starts_with("socks") {
                // The absolute form has one kind of answer: nobody can tell whose a 403 is.
                assert_eq!((error.kind, error.status), (ErrorKind::Forbidden, Some(403)), "{error:?}");
            } else {
                assert_blames(&error, &proxy.url(), "opened no way to 127.0.0.1");
                assert_never_left(&error);
                assert_a_post_never_left(&tenant, &proxy.url(), "opened no way to 127.0.0.1").await;
            }
            assert_eq!(server.connections(), 0);
        }
    }
}

#[tokio::test]
async fn a_proxy_that_closes_or_is_not_there_is_named() {
    let authority = Authority::new();
    let server = RawServer::start_tls(authority.acceptor("127.0.0.1"), answer(empty_page())).await;
    for speaks in kinds(&authority) {
        let proxy = Proxy::start(speaks, Conduct::Closes, server.authority()).await;
        let tenant = connector(through(&proxy.url(), &authority, server.url()));
        assert_blames(&refused(get(&tenant)).await, &proxy.url(), "`http_proxy`");
        assert_a_post_never_left(&tenant, &proxy.url(), "`http_proxy`").await;
    }
    let dead = RawServer::deaf("http");
    for scheme in ["http", "https", "socks5h"] {
        for host in [dead.authority(), "proxy.invalid:3128"] {
            let address = format!("{scheme}://{USER}:{PASSWORD_IN_URL}@{host}");
            let tenant = connector(through(&address, &authority, server.url()));
            let error = refused(get(&tenant)).await;
            assert_blames(&error, &format!("{scheme}://{host}"), "`http_proxy`");
            assert_never_left(&error);
            assert_a_post_never_left(&tenant, &format!("{scheme}://{host}"), "`http_proxy`").await;
        }
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_never_left_is_tried_again_for_a_post_as_well_and_arrives_once() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        let job = response(200, &[], r#"{"data":{"type":"retrohunt_job","id":"me-1"}}"#);
        let server = RawServer::start_tls(authority.acceptor("127.0.0.1"), answer(job)).await;
        let proxy = Proxy::start(speaks, Conduct::ClosesAtFirst, server.authority()).await;
        let tenant = connector(Settings { retries: 1, ..through(&proxy.url(), &authority, server.url()) });
        assert_eq!(answered(tenant.create_retrohunt_job(&new_job())).await.id, "me-1");
        assert_eq!((proxy.connections(), server.requests().len()), (2, 1));
    }
}

#[tokio::test]
async fn what_a_proxy_passed_on_may_have_arrived_although_no_answer_came() {
    let authority = Authority::new();
    for speaks in kinds(&authority) {
        let close = vec![Step::Read, Step::Close];
        for server in
            [RawServer::start(close.clone()).await, RawServer::start_tls(authority.acceptor("127.0.0.1"), close).await]
        {
            let proxy = Proxy::start(speaks.clone(), Conduct::Serves, server.authority()).await;
            let tenant = connector(Settings { retries: 2, ..through(&proxy.url(), &authority, server.url()) });
            let error = refused(tenant.create_retrohunt_job(&new_job())).await;
            assert!(error.is_in_doubt() && !error.retryable, "{error:?}");
            assert!(error.message.contains("`reconcile-retrohunt-job`"), "{}", error.message);
            assert!(!error.message.contains("Nothing was sent"), "{}", error.message);
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_proxy_that_hangs_is_named_before_the_deadline_is_over() {
    let authority = Arc::new(Authority::new());
    let (local, mut calls) = (tokio::task::LocalSet::new(), tokio::task::JoinSet::new());
    for speaks in kinds(&authority) {
        for server in origins(&authority).await {
            let (speaks, authority) = (speaks.clone(), Arc::clone(&authority));
            let call = async move {
                let (error, proxy) = long_enough(async |timeout| {
                    let proxy = Proxy::start(speaks.clone(), Conduct::Hangs, server.authority()).await;
                    let settings = Settings { timeout, ..through(&proxy.url(), &authority, server.url()) };
                    let error = refused_in_time(get(&connector(settings))).await?;
                    (proxy.connections() == 1 && error.message.contains("in time")).then_some((error, proxy))
                })
                .await;
                assert_blames(&error, &proxy.url(), "in time");
                // Where the proxy is asked for a way, nothing left; the absolute form is the request itself.
                let is_whole_request = server.url().starts_with("http:") && !proxy.url().starts_with("socks");
                assert_eq!(error.message.contains("Nothing was sent."), !is_whole_request, "{}", error.message);
                assert_eq!((proxy.connections(), server.connections()), (1, 0));
            };
            calls.spawn_local_on(call, &local);
        }
    }
    local.run_until(crate::support::within(calls.join_all())).await;
}

#[tokio::test]
async fn an_https_proxy_is_checked_even_where_the_origin_is_not() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let server = RawServer::start_tls(stranger.acceptor("other.example"), answer(empty_page())).await;
    let proxy = Proxy::start(Speaks::Https(stranger.acceptor("127.0.0.1")), Conduct::Serves, server.authority()).await;
    let unverified = Settings { verify_ssl: false, ..through(&proxy.url(), &known, "https://vt.example") };
    let error = refused(get(&connector(unverified.clone()))).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Transport, "TlsError"), "{error:?}");
    assert!(error.message.contains(&proxy.url()) && error.message.contains("not trusted"), "{}", error.message);
    assert!(proxy.asked().is_empty());

    let sound = Proxy::start(Speaks::Https(known.acceptor("127.0.0.1")), Conduct::Serves, server.authority()).await;
    answered(get(&connector(Settings { http_proxy: Some(sound.url()), ..unverified }))).await;
}

#[tokio::test]
async fn no_proxy_goes_around_for_what_it_lists_and_for_nothing_else() {
    let authority = Authority::new();
    let [server, _] = origins(&authority).await;
    let port = server.authority().rsplit(':').next().expect("a port");
    let by_name = format!("http://vt.localhost:{port}");
    let proxy = Proxy::start(Speaks::Http, Conduct::Serves, server.authority()).await;
    for (url, list, is_direct) in [
        (server.url(), "127.0.0.1", true),
        (server.url(), "other.example, 127.0.0.1", true),
        (server.url(), &format!("127.0.0.1:{port}"), true),
        (server.url(), "127.0.0.0/8", true),
        (server.url(), "*", true),
        (&by_name, ".localhost", true),
        (&by_name, "localhost", true),
        (&by_name, "vt.localhost", true),
        (&by_name, &format!(".localhost:{port}"), true),
        (server.url(), "", false),
        (server.url(), "127.0.0.1:1", false),
        (server.url(), "128.0.0.0/8", false),
        (server.url(), "localhost", false),
        (&by_name, "127.0.0.1", false),
        (&by_name, "t.localhost", false),
        (&by_name, "a.vt.localhost", false),
    ] {
        let before = (server.connections(), proxy.asked().len());
        let listed = Settings { no_proxy: Some(list.to_owned()), ..through(&proxy.url(), &authority, url) };
        answered(get(&connector(listed))).await;
        let since = (server.connections() - before.0, proxy.asked().len() - before.1);
        assert_eq!(since, (1, usize::from(!is_direct)), "{url} with `{list}`");
    }
}
