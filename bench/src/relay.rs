//! A link between a client and the simulator that is as slow as one wants, and that counts what passes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// What a link does to what passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// From one end to the other.
    delay: Duration,
    /// Bytes a second in each direction. `None`: as fast as it goes.
    rate: Option<f64>,
}

impl Link {
    /// Nothing: for counting.
    pub(crate) const PLAIN: Link = Link { delay: Duration::ZERO, rate: None };
    /// 50 ms there and back, 20 Mbit/s.
    pub(crate) const SLOW: Link = Link { delay: Duration::from_millis(25), rate: Some(20e6 / 8.0) };
}

/// More under way than the slow link can hold (125 KB) would only be memory.
const UNDER_WAY: usize = 64;
const PIECE: usize = 16 << 10;

/// A running relay, on a thread of its own; dropping it ends it.
pub(crate) struct Relay {
    port: u16,
    passed: Arc<AtomicU64>,
    _end: oneshot::Sender<()>,
}

impl Relay {
    /// Listens on a free port of this machine and passes every connection on to `target`.
    pub(crate) fn start(target: SocketAddr, link: Link) -> Result<Relay> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("no port for the relay")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let passed = Arc::new(AtomicU64::new(0));
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let counter = Arc::clone(&passed);
        std::thread::Builder::new().name("relay".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                tokio::select! {
                    () = accept(listener, target, link, counter) => {}
                    _ = ended => {}
                }
            });
        })?;
        Ok(Relay { port, passed, _end: end })
    }

    /// `url` with this relay's port in place of the target's.
    pub(crate) fn instead_of(&self, url: &str) -> Result<String> {
        let (origin, _) = url.rsplit_once(':').with_context(|| format!("{url} names no port"))?;
        Ok(format!("{origin}:{}", self.port))
    }

    /// Bytes that have passed so far, both ways together, TLS included where there is any.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Relaxed)
    }
}

/// The address that a simulator's URL stands for.
pub(crate) fn address_of(url: &str) -> Result<SocketAddr> {
    let port = url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    Ok(SocketAddr::from(([127, 0, 0, 1], port.with_context(|| format!("{url} names no port"))?)))
}

async fn accept(listener: TcpListener, target: SocketAddr, link: Link, passed: Arc<AtomicU64>) {
    loop {
        let Ok((near, _)) = listener.accept().await else { return };
        let passed = Arc::clone(&passed);
        tokio::spawn(async move {
            let Ok(far) = TcpStream::connect(target).await else { return };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            let ((near_out, near_in), (far_out, far_in)) = (near.into_split(), far.into_split());
            tokio::join!(pass(near_out, far_in, link, &passed), pass(far_out, near_in, link, &passed));
        });
    }
}

/// One direction, until it ends.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, link: Link, passed: &AtomicU64) {
    let (send, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let reading = async move {
        let mut line_is_free = Instant::now();
        let mut piece = vec![0; PIECE];
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            passed.fetch_add(read as u64, Relaxed);
            let on_the_line = link.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(read as f64 / rate));
            line_is_free = line_is_free.max(Instant::now()) + on_the_line;
            if send.send((line_is_free + link.delay, piece[..read].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let writing = async move {
        while let Some((when, piece)) = arriving.recv().await {
            if when > Instant::now() {
                sleep_until(when).await;
            }
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(reading, writing);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_link_takes_its_time_and_counts_what_passes() -> Result<()> {
        let echo = TcpListener::bind(("127.0.0.1", 0)).await?;
        let target = echo.local_addr()?;
        tokio::spawn(async move {
            let (mut stream, _) = echo.accept().await?;
            let (mut read, mut write) = stream.split();
            tokio::io::copy(&mut read, &mut write).await
        });
        let relay = Relay::start(target, Link::SLOW)?;
        let mut stream = TcpStream::connect(("127.0.0.1", relay.port)).await?;
        let started = std::time::Instant::now();
        stream.write_all(&[7; 50_000]).await?;
        let mut back = vec![0; 50_000];
        stream.read_exact(&mut back).await?;
        // 20 ms of line and 25 of way, twice; that it is no less is what the link promises.
        assert!(started.elapsed() >= Duration::from_millis(70), "{:?}", started.elapsed());
        assert_eq!(relay.passed(), 100_000);
        Ok(())
    }
}
