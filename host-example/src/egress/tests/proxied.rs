use super::server::run;
use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn through(proxy: &str, url: &str) -> Settings {
    Settings { http_proxy: Some(proxy.to_owned()), allow_http: true, ..settings(url) }
}

#[test]
fn plain_http_goes_out_in_absolute_form_with_credentials() {
    run(async {
        let proxy = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let settings = Settings {
            proxy_user: Some("me".into()),
            proxy_password: Some(crate::Secret::new("pa55")),
            ..through(&proxy.url(), "http://vt.invalid")
        };
        // The name resolves nowhere: it is the proxy's to resolve.
        Tenant::new(&settings).get("http://vt.invalid/api?x").await.unwrap();
        let request = &proxy.requests()[0];
        assert!(request.starts_with("GET http://vt.invalid/api?x HTTP/1.1\r\n"), "{request}");
        assert!(request.to_ascii_lowercase().contains("proxy-authorization: basic bwu6cge1nq==\r\n"), "{request}");
    });
}

#[test]
fn https_asks_the_proxy_for_a_tunnel() {
    run(async {
        for (answer, says) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", "authorization required"),
            ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "unsuccessful"),
            ("", "unexpected end of file"),
        ] {
            let proxy = Server::start(move |_, _| Answer::SendAndClose(answer.into())).await;
            let with_password = format!("http://me:pa55@{}", proxy.address);
            let error = Tenant::new(&through(&with_password, "https://vt.invalid"))
                .get("https://vt.invalid")
                .await
                .unwrap_err();
            let said = text(&error);
            assert!(said.contains(&proxy.url()) && said.contains("vt.invalid:443") && said.contains(says), "{said}");
            assert!(!said.contains("pa55"));
            let request = &proxy.requests()[0];
            assert!(request.starts_with("CONNECT vt.invalid:443 HTTP/1.1\r\n"), "{request}");
            assert!(!request.contains("s3cr3t"), "{request}");
        }
    });
}

#[test]
fn a_proxy_that_fails_is_named_and_nothing_goes_around_it() {
    run(async {
        let target = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let (_held, closed) = deaf();
        let wants = Server::start(|_, _| {
            Answer::Send(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".to_vec())
        })
        .await;
        let hangs = Server::start(|_, _| Answer::SendAndHang(Vec::new())).await;
        for (proxy, url, says) in [
            (format!("http://{closed}"), target.url(), "refused the connection"),
            (format!("socks5h://{closed}"), target.url(), "opened no way"),
            (wants.url(), target.url(), "demands authentication"),
            (hangs.url(), "https://vt.invalid".to_owned(), "in time"),
            ("http://proxy.invalid:3128".to_owned(), target.url(), "cannot be found"),
        ] {
            // Only what hangs needs so short a time.
            let timeout = if says == "in time" { Duration::from_millis(700) } else { PATIENCE };
            let settings = Settings { timeout, ..through(&proxy, &url) };
            let error = Tenant::new(&settings).get(&url).await.unwrap_err();
            assert!(text(&error).contains(&proxy) && text(&error).contains(says), "{proxy}: {error:?}");
        }
        assert_eq!(target.accepted(), 0);
    });
}

#[test]
fn no_proxy_goes_around_the_proxy() {
    run(async {
        let target = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let proxy = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let around = Settings { no_proxy: Some(target.address.to_string()), ..through(&proxy.url(), &target.url()) };
        Tenant::new(&around).get(&target.url()).await.unwrap();
        assert_eq!((target.accepted(), proxy.accepted()), (1, 0));
    });
}

#[test]
fn socks_gets_the_name_and_not_an_address() {
    run(async {
        let proxy = Server::start_with(
            async |mut stream: tokio::net::TcpStream| {
                let mut greeting = [0; 2];
                stream.read_exact(&mut greeting).await.ok()?;
                let mut methods = vec![0; greeting[1].into()];
                stream.read_exact(&mut methods).await.ok()?;
                stream.write_all(&[5, 0]).await.ok()?;
                let mut request = [0; 5];
                stream.read_exact(&mut request).await.ok()?;
                assert_eq!(request[3], 3, "a name");
                let mut name = vec![0; usize::from(request[4]) + 2];
                stream.read_exact(&mut name).await.ok()?;
                assert_eq!(name, b"vt.invalid\x00\x50");
                stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
                Some(stream)
            },
            |_, _| Answer::Send(OK.to_vec()),
        )
        .await;
        let url = format!("socks5h://{}", proxy.address);
        Tenant::new(&through(&url, "http://vt.invalid")).get("http://vt.invalid/x").await.unwrap();
        assert!(proxy.requests()[0].starts_with("GET /x HTTP/1.1\r\n"));
    });
}
