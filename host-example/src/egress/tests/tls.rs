use super::server::run;
use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::PathBuf;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority, in a file of its own that goes with it.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = std::env::temp_dir().join(format!("vt-hunting-{name}-{}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).unwrap();
        Authority { issuer, file }
    }

    fn acceptor(&self, host: &str, expired: bool) -> TlsAcceptor {
        self.acceptor_for(host, expired, &[])
    }

    fn acceptor_for(&self, host: &str, expired: bool, protocols: &[&[u8]]) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if expired {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

async fn server(acceptor: TlsAcceptor) -> Server {
    Server::start_with(async move |stream| acceptor.accept(stream).await.ok(), |_, _| Answer::Send(OK.to_vec())).await
}

fn over_tls(server: &Server) -> String {
    format!("https://{}", server.address)
}

#[test]
fn an_authority_from_a_file_is_trusted() {
    run(async {
        let authority = Authority::new("trusted");
        let server = server(authority.acceptor("127.0.0.1", false)).await;
        let tenant = Tenant::new(&Settings { ca_file: Some(authority.file.clone()), ..settings(&over_tls(&server)) });
        for _ in 0..3 {
            tenant.get(&over_tls(&server)).await.unwrap();
        }
        assert_eq!(server.accepted(), 1);
    });
}

#[test]
fn what_is_wrong_with_tls_is_told_apart() {
    run(async {
        let (authority, stranger) = (Authority::new("known"), Authority::new("unknown"));
        let plain = Server::start(|_, _| Answer::Send(OK.to_vec())).await;
        let mute = Server::start_with(async |_| None::<tokio::net::TcpStream>, |_, _| Answer::Send(OK.to_vec())).await;
        let talker = Server::start_with(
            async |mut stream: tokio::net::TcpStream| {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail.example ESMTP\r\n").await;
                Some(stream)
            },
            |_, _| Answer::Send(OK.to_vec()),
        )
        .await;
        for (server, code, says) in [
            (server(stranger.acceptor("127.0.0.1", false)).await, Some(48), "is not trusted"),
            (server(authority.acceptor("other.example", false)).await, Some(42), "for another name"),
            (server(authority.acceptor("127.0.0.1", true)).await, Some(45), "has expired"),
            (talker, Some(50), "does not speak TLS"),
        ] {
            let tenant =
                Tenant::new(&Settings { ca_file: Some(authority.file.clone()), ..settings(&over_tls(&server)) });
            let error = tenant.get(&over_tls(&server)).await.unwrap_err();
            assert!(text(&error).contains(says) && text(&error).contains(&server.address.to_string()), "{error:?}");
            assert!(matches!(error, Error::TlsAlertReceived { alert_id, .. } if alert_id == code), "{error:?}");
        }
        // This may pass, and nothing was sent.
        let tenant = Tenant::new(&Settings { ca_file: Some(authority.file.clone()), ..settings(&over_tls(&mute)) });
        let error = tenant.get(&over_tls(&mute)).await.unwrap_err();
        assert!(
            matches!(&error, Error::InternalError(Some(text)) if text.starts_with("not-sent: ")
                && text.contains("closed the connection during the TLS handshake")),
            "{error:?}"
        );
        // One that waits for a request it can read never answers the handshake.
        let tenant = Tenant::new(&Settings { ca_file: Some(authority.file.clone()), ..settings(&over_tls(&plain)) });
        assert!(matches!(tenant.get(&over_tls(&plain)).await, Err(Error::ConnectionTimeout)));
    });
}

#[test]
fn verify_ssl_false_holds_for_the_origin_only() {
    run(async {
        let stranger = Authority::new("stranger");
        let origin = server(stranger.acceptor("other.example", true)).await;
        let other = server(stranger.acceptor("127.0.0.1", false)).await;
        let tenant = Tenant::new(&Settings {
            verify_ssl: false,
            allowed_hosts: vec![over_tls(&other)],
            allow_private: true,
            ..settings(&over_tls(&origin))
        });
        tenant.get(&over_tls(&origin)).await.unwrap();
        let error = tenant.get(&over_tls(&other)).await.unwrap_err();
        assert!(text(&error).contains("is not trusted"), "{error:?}");
    });
}

#[test]
fn files_that_are_no_good_are_refused_at_the_start() {
    let authority = Authority::new("files");
    let refused = |settings: &Settings| Egress::new(settings, Arc::default()).err().map(|error| error.to_string());
    let with = || settings("https://vt.example");
    let missing = Some(PathBuf::from("/nowhere/ca.pem"));
    assert!(refused(&Settings { ca_file: missing, ..with() }).unwrap().contains("/nowhere/ca.pem"));
    let no_key =
        Settings { client_cert: Some(authority.file.clone()), client_key: Some(authority.file.clone()), ..with() };
    assert!(refused(&no_key).unwrap().contains("no unencrypted private key"));
}

#[test]
fn http2_is_spoken_where_it_is_offered_and_one_connection_carries_many_requests() {
    run(async {
        let authority = Authority::new("http2");
        let acceptor = authority.acceptor_for("127.0.0.1", false, &[b"h2"]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let accepted = std::rc::Rc::new(std::cell::Cell::new(0));
        let counted = std::rc::Rc::clone(&accepted);
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.set(counted.get() + 1);
                let stream = acceptor.accept(stream).await.unwrap();
                let service = hyper::service::service_fn(async |request: hyper::Request<hyper::body::Incoming>| {
                    assert_eq!(request.version(), http::Version::HTTP_2);
                    assert_eq!(request.headers()["x-apikey"], "s3cr3t-k3y-s3cr3t-k3y");
                    assert!(!request.headers().contains_key("host"));
                    Ok::<_, std::convert::Infallible>(hyper::Response::new(Full::new(Bytes::from_static(b"{}"))))
                });
                let server = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
                tokio::spawn(server.serve_connection(hyper_util::rt::TokioIo::new(stream), service));
            }
        });
        let tenant = Tenant::new(&Settings { ca_file: Some(authority.file.clone()), ..settings(&url) });
        tenant.get(&url).await.unwrap();
        let (a, b, c) = tokio::join!(tenant.get(&url), tenant.get(&url), tenant.exchange(post(&url, b"{}")));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(accepted.get(), 1);
    });
}

/// A body that breaks off, once what came before is out: over HTTP/2 its stream is reset, and the connection stays.
struct Cut(Option<Bytes>, std::pin::Pin<Box<tokio::time::Sleep>>);

impl hyper::body::Body for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        if let Some(data) = self.0.take() {
            return std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(data))));
        }
        self.1.as_mut().poll(context).map(|()| Some(Err(std::io::Error::other("cut"))))
    }
}

#[test]
fn an_http2_answer_that_breaks_off_is_incomplete_and_not_unsound() {
    run(async {
        let authority = Authority::new("http2-cut");
        let acceptor = authority.acceptor_for("127.0.0.1", false, &[b"h2"]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stream = acceptor.accept(stream).await.unwrap();
                let service = hyper::service::service_fn(async |request: hyper::Request<hyper::body::Incoming>| {
                    if request.uri().path() == "/no-head" {
                        return Err(std::io::Error::other("cut"));
                    }
                    let pause = Box::pin(tokio::time::sleep(std::time::Duration::from_millis(30)));
                    Ok(hyper::Response::new(Cut(Some(Bytes::from_static(b"{")), pause)))
                });
                let server = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
                tokio::spawn(server.serve_connection(hyper_util::rt::TokioIo::new(stream), service));
            }
        });
        let tenant = Tenant::new(&Settings { ca_file: Some(authority.file.clone()), ..settings(&url) });
        let error = tenant.get(&url).await.unwrap_err();
        assert!(matches!(error, Error::HttpResponseIncomplete), "{error:?}");
        let error = tenant.exchange(post(&format!("{url}/no-head"), b"{}")).await.unwrap_err();
        assert!(matches!(error, Error::ConnectionTerminated), "{error:?}");
    });
}
