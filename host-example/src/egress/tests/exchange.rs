use super::server::run;
use super::*;

#[test]
fn a_thousand_sequential_requests_use_one_connection() {
    run(async {
        let server = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let tenant = Tenant::new(&settings(&server.url()));
        for _ in 0..1000 {
            tenant.get(&server.url()).await.unwrap();
        }
        assert_eq!(server.accepted(), 1);
        assert_eq!(tenant.counters.snapshot().connections_opened, 1);
        assert_eq!(tenant.counters.snapshot().attempts, 1000);
        assert_eq!(tenant.counters.snapshot().bytes_received, 2000);
    });
}

#[test]
fn two_tenants_share_no_connection() {
    run(async {
        let server = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        for _ in 0..2 {
            Tenant::new(&settings(&server.url())).get(&server.url()).await.unwrap();
        }
        assert_eq!(server.accepted(), 2);
    });
}

#[test]
fn a_denied_request_opens_no_socket() {
    run(async {
        let configured = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let other = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let tenant = Tenant::new(&settings(&configured.url()));
        let port = configured.address.port();
        for url in [other.url(), format!("https://127.0.0.1:{port}"), format!("http://localhost:{port}")] {
            assert!(matches!(tenant.get(&url).await, Err(Error::HttpRequestDenied)), "{url}");
        }
        let user = get(&format!("http://me@127.0.0.1:{port}/"));
        assert!(matches!(tenant.send(user).await, Err(Error::HttpRequestDenied)));
        assert_eq!((configured.accepted(), other.accepted()), (0, 0));
        assert_eq!(tenant.counters.snapshot().denied, 4);
    });
}

#[test]
fn a_listed_host_at_an_inner_address_needs_consent_all_the_same() {
    run(async {
        let server = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let port = server.address.port();
        let by_address = format!("http://127.0.0.1:{port}");
        let by_name = format!("http://localhost:{port}");
        let closed =
            Settings { allowed_hosts: vec![by_address.clone(), by_name.clone()], ..settings("https://vt.example") };
        let tenant = Tenant::new(&closed);
        for url in [&by_address, &by_name] {
            assert!(matches!(tenant.get(url).await, Err(Error::DestinationIpProhibited)), "{url}");
        }
        assert_eq!(server.accepted(), 0);

        let tenant = Tenant::new(&Settings { allow_private: true, ..closed });
        for url in [&by_address, &by_name] {
            tenant.get(url).await.unwrap();
        }
    });
}

#[test]
fn the_key_goes_to_the_configured_origin_and_nowhere_else() {
    run(async {
        let origin = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let other = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let listed = Settings { allowed_hosts: vec![other.url()], allow_private: true, ..settings(&origin.url()) };
        for from_host in [true, false] {
            let tenant = Tenant::new(&Settings { api_key_from_host: from_host, ..listed.clone() });
            for url in [origin.url(), other.url()] {
                let mut request = get(&url);
                if !from_host {
                    request.headers_mut().insert("x-apikey", "s3cr3t-k3y-s3cr3t-k3y".parse().unwrap());
                }
                tenant.exchange(request).await.unwrap();
            }
        }
        assert!(origin.requests().iter().all(|request| request.contains("x-apikey: s3cr3t-k3y-s3cr3t-k3y\r\n")));
        assert!(other.requests().iter().all(|request| !request.contains("s3cr3t")));
        assert_eq!((origin.requests().len(), other.requests().len()), (2, 2));
    });
}

#[test]
fn the_request_arrives_as_the_guest_wrote_it_and_with_nothing_else() {
    run(async {
        let server = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let tenant = Tenant::new(&settings(&server.url()));
        let path = "/api/v3/x%2Fy?filter=a%2Bb%20c&cursor=%C3%BC";
        let mut request = get(&format!("{}{path}", server.url()));
        request.headers_mut().insert("user-agent", "guest (gzip)".parse().unwrap());
        request.headers_mut().insert("accept", "application/json".parse().unwrap());
        tenant.exchange(request).await.unwrap();
        let address = server.address;
        let expected = format!(
            "GET {path} HTTP/1.1\r\nuser-agent: guest (gzip)\r\naccept: application/json\r\nx-apikey: s3cr3t-k3y-s3cr3t-k3y\r\nhost: {address}\r\n\r\n"
        );
        assert_eq!(server.requests()[0], expected);

        tenant.exchange(post(&server.url(), b"{\"data\":1}")).await.unwrap();
        let sent = &server.requests()[1];
        assert!(sent.contains("content-length: 10\r\n") && sent.ends_with("\r\n\r\n{\"data\":1}"), "{sent}");
        assert!(!sent.contains("transfer-encoding"), "{sent}");
    });
}

#[test]
fn where_only_reading_is_allowed_no_method_but_get_leaves() {
    run(async {
        let server = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let reading = Settings { access: Access::ReadOnly, ..settings(&server.url()) };
        let tenant = Tenant::new(&reading);
        let methods = ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "GETS", "PURGE"];
        for method in methods {
            for mut request in [get(&server.url()), post(&server.url(), b"{}")] {
                *request.method_mut() = method.parse().unwrap();
                let result = tenant.exchange(request).await;
                assert!(matches!(result, Err(Error::HttpRequestDenied)), "{method}");
            }
        }
        for header in ["x-http-method-override", "X-HTTP-Method", "x-method-override"] {
            let mut request = get(&server.url());
            request.headers_mut().insert(http::HeaderName::try_from(header).unwrap(), "DELETE".parse().unwrap());
            assert!(matches!(tenant.exchange(request).await, Err(Error::HttpRequestDenied)), "{header}");
        }
        assert_eq!((server.accepted(), tenant.counters.snapshot().denied), (0, 25));
        tenant.get(&server.url()).await.unwrap();
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn a_path_that_would_become_another_one_is_not_sent() {
    run(async {
        let server = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let tenant = Tenant::new(&settings(&server.url()));
        for path in ["/a/../b", "/a/%2e%2e/b", "/a/./b", "/a/%2E"] {
            let result = tenant.get(&format!("{}{path}", server.url())).await;
            assert!(matches!(result, Err(Error::HttpRequestUriInvalid)), "{path}");
        }
        assert_eq!(server.accepted(), 0);
    });
}

#[test]
fn a_get_on_a_kept_connection_that_was_closed_is_sent_again() {
    run(async {
        let server = Server::start(|connection, request| match (connection, request) {
            (0, 1) => Answer::SendAndClose(Vec::new()),
            _ => Answer::Send(OK.to_vec()),
        })
        .await;
        let tenant = Tenant::new(&settings(&server.url()));
        tenant.get(&server.url()).await.unwrap();
        tenant.get(&server.url()).await.unwrap();
        assert_eq!((server.accepted(), server.requests().len()), (2, 3));
        assert_eq!(tenant.counters.snapshot().attempts, 3);
    });
}

#[test]
fn a_post_or_delete_is_sent_once_whatever_happens() {
    run(async {
        let server = Server::start(|_, request| match request {
            0 => Answer::Send(OK.to_vec()),
            _ => Answer::SendAndClose(Vec::new()),
        })
        .await;
        let delete = || {
            let mut request = get(&server.url());
            *request.method_mut() = http::Method::DELETE;
            request
        };
        for request in [post(&server.url(), b"{}"), delete()] {
            let tenant = Tenant::new(&settings(&server.url()));
            tenant.get(&server.url()).await.unwrap();
            let before = server.requests().len();
            assert!(matches!(tenant.exchange(request).await, Err(Error::ConnectionTerminated)));
            assert_eq!(server.requests().len(), before + 1);
        }
    });
}

#[test]
fn a_get_on_a_new_connection_that_was_closed_is_not_repeated() {
    run(async {
        let server = Server::start(|_, _| Answer::SendAndClose(Vec::new())).await;
        let tenant = Tenant::new(&settings(&server.url()));
        assert!(matches!(tenant.get(&server.url()).await, Err(Error::ConnectionTerminated)));
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn a_connection_closed_while_idle_is_replaced_for_every_method() {
    run(async {
        let server = Server::start(|_, _| Answer::SendAndClose(OK.to_vec())).await;
        let tenant = Tenant::new(&settings(&server.url()));
        let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        for _ in 0..3 {
            tenant.exchange(post(&server.url(), b"{}")).await.unwrap();
            // Until the connection's task has seen the end, and only the pool's own is left.
            while tasks() > 1 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!((server.accepted(), server.requests().len()), (3, 3));
    });
}

#[test]
fn silence_ends_with_the_timeout() {
    run(async {
        let mute = Server::start(|_, _| Answer::SendAndHang(Vec::new())).await;
        let stalled =
            Server::start(|_, _| Answer::SendAndHang(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec()))
                .await;
        // A machine that is too busy to get there in so little time has twice as much.
        let ends = async |server: &Server, is_there: fn(&Error) -> bool| {
            let mut timeout = Duration::from_millis(500);
            loop {
                let settings = Settings { timeout, ..settings(&server.url()) };
                match Tenant::new(&settings).get(&server.url()).await.unwrap_err() {
                    error if is_there(&error) => return,
                    error => assert!(timeout < PATIENCE, "{error:?}"),
                }
                timeout *= 2;
            }
        };
        ends(&mute, |error| matches!(error, Error::HttpResponseTimeout)).await;
        ends(&stalled, |error| matches!(error, Error::ConnectionReadTimeout)).await;
    });
}

#[test]
fn broken_answers_are_told_apart() {
    run(async {
        let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "a: b\r\n".repeat(10_000));
        let large = format!("HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: 0\r\n\r\n", "b".repeat(1 << 20));
        let middling = format!("HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: 0\r\n\r\n", "b".repeat(100_000));
        type Case = (&'static str, Vec<u8>, fn(&Error) -> bool);
        let cases: Vec<Case> = vec![
            ("short body", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec(), |e| {
                matches!(e, Error::HttpResponseIncomplete)
            }),
            ("short chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\nhalf".to_vec(), |e| {
                matches!(e, Error::HttpResponseIncomplete)
            }),
            ("bad chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n".to_vec(), |e| {
                matches!(e, Error::HttpResponseTransferCoding(_))
            }),
            ("half a head", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(), |e| matches!(e, Error::ConnectionTerminated)),
            ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec(), |e| matches!(e, Error::HttpProtocolError)),
            ("negative length", b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n".to_vec(), |e| {
                matches!(e, Error::HttpProtocolError)
            }),
            ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}".to_vec(), |e| {
                matches!(e, Error::HttpProtocolError)
            }),
            ("many headers", many.into_bytes(), |e| matches!(e, Error::HttpResponseHeaderSectionSize(_))),
            ("a large header", large.into_bytes(), |e| matches!(e, Error::HttpResponseHeaderSectionSize(_))),
            ("a middling header", middling.into_bytes(), |e| matches!(e, Error::HttpResponseHeaderSectionSize(_))),
        ];
        for (name, answer, expected) in cases {
            let server = Server::start(move |_, _| Answer::SendAndClose(answer.clone())).await;
            let error = Tenant::new(&settings(&server.url())).get(&server.url()).await.expect_err(name);
            assert!(expected(&error), "{name}: {error:?}");
        }
    });
}

#[test]
fn a_refused_connection_says_so() {
    run(async {
        let (_held, address) = deaf();
        let url = format!("http://{address}");
        let error = Tenant::new(&settings(&url)).get(&url).await.unwrap_err();
        assert!(matches!(error, Error::ConnectionRefused), "{error:?}");
    });
}

#[test]
fn a_redirect_is_handed_back_and_not_followed() {
    run(async {
        let trap = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let location = trap.url();
        let server = Server::start(move |_, _| {
            Answer::Send(format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into())
        })
        .await;
        let allowed = Settings { allowed_hosts: vec![trap.url()], allow_private: true, ..settings(&server.url()) };
        let (parts, _) = Tenant::new(&allowed).get(&server.url()).await.unwrap();
        assert_eq!(parts.status, 302);
        assert_eq!(trap.accepted(), 0);
    });
}

#[test]
fn an_answer_arrives_as_it_came() {
    run(async {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nset-cookie: a=b\r\nx: \xff\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08";
        let server = Server::start(|_, _| Answer::Send(answer.to_vec())).await;
        let tenant = Tenant::new(&settings(&server.url()));
        for _ in 0..2 {
            let (parts, body) = tenant.get(&server.url()).await.unwrap();
            assert_eq!(
                (&parts.headers["content-encoding"], parts.headers["x"].as_bytes()),
                (&"gzip".parse().unwrap(), &b"\xff"[..])
            );
            assert_eq!(body, &b"\x1f\x8b\x08"[..]);
        }
        assert!(!server.requests()[1].contains("cookie"));
    });
}

#[test]
fn a_key_that_the_server_echoes_in_a_header_does_not_reach_the_guest() {
    run(async {
        let server = Server::start(|_, _| {
            Answer::Send(b"HTTP/1.1 200 OK\r\nx: key=s3cr3t-k3y-s3cr3t-k3y!\r\ncontent-length: 0\r\n\r\n".to_vec())
        })
        .await;
        let (parts, _) = Tenant::new(&settings(&server.url())).get(&server.url()).await.unwrap();
        assert_eq!(parts.headers["x"], REDACTED_HEADER);
    });
}

const REDACTED_HEADER: &str = crate::settings::REDACTED;

#[test]
fn an_answer_far_beyond_the_cap_is_cut_off() {
    run(async {
        let server = Server::start(|_, _| {
            let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n".to_vec();
            answer.resize(3_000_000, b'x');
            Answer::Send(answer)
        })
        .await;
        let small = Settings { max_response_bytes: 1000, ..settings(&server.url()) };
        let error = Tenant::new(&small).get(&server.url()).await.unwrap_err();
        assert!(matches!(error, Error::HttpResponseBodySize(Some(_))), "{error:?}");
    });
}
