//! A little proxy on loopback, strict about its protocol: HTTP (CONNECT, and the absolute form), the same behind TLS,
//! and SOCKS5 with names. Whatever it is asked for, it connects to the one server it knows, and keeps a record.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

pub(crate) const USER: &str = "proxy-user";
pub(crate) const PASSWORD: &str = "pr0xy:p@ss/word";
/// The password as an address has to write it.
pub(crate) const PASSWORD_IN_URL: &str = "pr0xy%3Ap%40ss%2Fword";
/// Both as RFC 7617 has them.
pub(crate) const BASIC: &str = "Basic cHJveHktdXNlcjpwcjB4eTpwQHNzL3dvcmQ=";

/// What it speaks.
#[derive(Clone)]
pub(crate) enum Speaks {
    Http,
    Https(TlsAcceptor),
    Socks,
}

/// What becomes of those who come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    Serves,
    /// Only those who know [`USER`] and [`PASSWORD`].
    WantsCredentials,
    /// Says no to everything.
    Refuses,
    /// Takes the connection and says nothing.
    Hangs,
    /// Takes the connection and closes it.
    Closes,
    /// Closes the first connection, and serves those after it.
    ClosesAtFirst,
    /// Says nothing on the first connection, and serves those after it.
    HangsAtFirst,
}

pub(crate) struct Proxy {
    scheme: &'static str,
    authority: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    speaks: Speaks,
    conduct: Conduct,
    server: String,
    connections: AtomicUsize,
    asked: Mutex<Vec<String>>,
    heads: Mutex<String>,
}

impl Proxy {
    /// A proxy in front of `server`, which is `host:port`.
    pub(crate) async fn start(speaks: Speaks, conduct: Conduct, server: &str) -> Proxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let authority = listener.local_addr().expect("an address").to_string();
        let scheme = match speaks {
            Speaks::Http => "http",
            Speaks::Https(_) => "https",
            Speaks::Socks => "socks5h",
        };
        let shared = Arc::new(Shared {
            speaks,
            conduct,
            server: server.to_owned(),
            connections: AtomicUsize::new(0),
            asked: Mutex::default(),
            heads: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Proxy { scheme, authority, shared, accepting }
    }

    /// `scheme://host:port`.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// The same with something before the host.
    pub(crate) fn url_with(&self, credentials: &str) -> String {
        format!("{}://{credentials}@{}", self.scheme, self.authority)
    }

    /// What it was asked for, oldest first: `CONNECT host:port`, `GET http://…`, `SOCKS host:port`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().expect("no panic").clone()
    }

    /// All heads of requests that it could read.
    pub(crate) fn heads(&self) -> String {
        self.shared.heads.lock().expect("no panic").clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let is_first = shared.connections.fetch_add(1, Ordering::SeqCst) == 0;
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            match shared.conduct {
                Conduct::ClosesAtFirst if is_first => return,
                Conduct::HangsAtFirst if is_first => std::future::pending().await,
                _ => {}
            }
            // How a connection ends is the client's business.
            let _ = match shared.speaks.clone() {
                Speaks::Http => shared.http(stream).await,
                Speaks::Https(tls) => match tls.accept(stream).await {
                    Ok(stream) => shared.http(stream).await,
                    Err(error) => Err(error),
                },
                Speaks::Socks => shared.socks(stream).await,
            };
        });
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Shared {
    fn asked_for(&self, what: String) {
        self.asked.lock().expect("no panic").push(what);
    }

    async fn http(&self, mut client: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        match self.conduct {
            Conduct::Hangs => std::future::pending().await,
            Conduct::Closes => return Ok(()),
            _ => {}
        }
        let mut read = Vec::new();
        let end = loop {
            if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if read.len() > 64 << 10 || client.read_buf(&mut read).await? == 0 {
                return Err(wrong("no head"));
            }
        };
        let head = String::from_utf8(read[..end].to_vec()).map_err(|_| wrong("a head that is no text"))?;
        self.heads.lock().expect("no panic").push_str(&format!("{head}\n"));
        let mut lines = head.lines();
        let request = lines.next().ok_or_else(|| wrong("no request line"))?;
        let mut words = request.split(' ');
        let (Some(method), Some(target), Some("HTTP/1.1"), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return answer(client, "400 Bad Request", "").await;
        };
        let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
        let header =
            |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
        self.asked_for(format!("{method} {target}"));
        if self.conduct == Conduct::WantsCredentials && header("proxy-authorization") != Some(BASIC) {
            let realm = "proxy-authenticate: Basic realm=\"loopback\"\r\n";
            return answer(client, "407 Proxy Authentication Required", realm).await;
        }
        if self.conduct == Conduct::Refuses {
            return answer(client, "403 Forbidden", "").await;
        }

        if method == "CONNECT" {
            // RFC 9110, 9.3.6: the target is host and port, and nothing else.
            let is_authority = target.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            if !is_authority || target.contains(['/', '@']) || header("host") != Some(target) {
                return answer(client, "400 Bad Request", "").await;
            }
            let mut server = TcpStream::connect(&self.server).await?;
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            client.flush().await?;
            copy_bidirectional(&mut client, &mut server).await?;
            return Ok(());
        }

        // RFC 9112, 3.2.2: the absolute form, whose authority the host header repeats.
        let origin = target.strip_prefix("http://").and_then(|rest| rest.find('/').map(|slash| rest.split_at(slash)));
        let Some((authority, path)) = origin.filter(|(authority, _)| header("host") == Some(*authority)) else {
            return answer(client, "400 Bad Request", "").await;
        };
        let mut forwarded = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
        for (name, value) in &headers {
            let name = name.to_ascii_lowercase();
            if !matches!(name.as_str(), "host" | "connection" | "proxy-authorization" | "proxy-connection") {
                forwarded.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        forwarded.push_str("\r\n");
        let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = read.split_off(end + 4);
        while body.len() < length {
            if client.read_buf(&mut body).await? == 0 {
                return Err(wrong("half a body"));
            }
        }
        let mut server = TcpStream::connect(&self.server).await?;
        server.write_all(forwarded.as_bytes()).await?;
        server.write_all(&body).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        Ok(())
    }

    /// RFC 1928, and RFC 1929 for the credentials.
    async fn socks(&self, mut client: TcpStream) -> io::Result<()> {
        match self.conduct {
            Conduct::Hangs => std::future::pending().await,
            Conduct::Closes => return Ok(()),
            _ => {}
        }
        let [version, methods] = read(&mut client).await?;
        let mut offered = vec![0; methods.into()];
        client.read_exact(&mut offered).await?;
        let wanted = if self.conduct == Conduct::WantsCredentials { 2 } else { 0 };
        if version != 5 || !offered.contains(&wanted) {
            return client.write_all(&[5, 0xff]).await;
        }
        client.write_all(&[5, wanted]).await?;
        if wanted == 2 {
            let [version] = read(&mut client).await?;
            let (user, password) = (text(&mut client).await?, text(&mut client).await?);
            let is_known = version == 1 && (user.as_str(), password.as_str()) == (USER, PASSWORD);
            client.write_all(&[1, u8::from(!is_known)]).await?;
            if !is_known {
                return Ok(());
            }
        }
        let [version, command, _, kind] = read(&mut client).await?;
        let reply = |code| [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
        if (version, command) != (5, 1) {
            return client.write_all(&reply(7)).await;
        }
        let host = match kind {
            1 => std::net::Ipv4Addr::from(read::<4>(&mut client).await?).to_string(),
            3 => text(&mut client).await?,
            _ => return client.write_all(&reply(8)).await,
        };
        let port = u16::from_be_bytes(read(&mut client).await?);
        self.asked_for(format!("SOCKS {host}:{port}"));
        if self.conduct == Conduct::Refuses {
            return client.write_all(&reply(2)).await;
        }
        let mut server = TcpStream::connect(&self.server).await?;
        client.write_all(&reply(0)).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        Ok(())
    }
}

async fn answer(mut client: impl AsyncWrite + Unpin, status: &str, headers: &str) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: 0\r\n\r\n");
    client.write_all(head.as_bytes()).await?;
    client.shutdown().await
}

async fn read<const LENGTH: usize>(stream: &mut TcpStream) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn text(stream: &mut TcpStream) -> io::Result<String> {
    let [length] = read(stream).await?;
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await?;
    String::from_utf8(bytes).map_err(|_| wrong("no text"))
}
