//! The ends of a connection that faults need to reach: the socket, to reset it, and the body, to cut or to drip it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// How long a cut body waits before it breaks the connection, so that what came before is flushed.
const FLUSH: Duration = Duration::from_millis(30);

/// A flag that turns the close of a socket into a reset.
pub(crate) type ResetFlag = Arc<AtomicBool>;

/// A TCP stream that, once flagged, fails every write and closes with a reset.
pub(crate) struct Wire {
    stream: TcpStream,
    reset: ResetFlag,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, reset: ResetFlag) -> Self {
        Self { stream, reset }
    }

    fn check(&self) -> io::Result<()> {
        if self.reset.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            // Zero linger is what makes the system send RST instead of FIN; if it fails, a plain close is left.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A shutdown would send FIN first, and the reset would no longer be seen as one.
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A response body: whole, cut short, or in drips.
pub(crate) struct ReplyBody {
    rest: Bytes,
    /// Break the connection when `rest` is out.
    cut: bool,
    /// Piece size and pause.
    drip: Option<(usize, Duration)>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl ReplyBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { rest: bytes, cut: false, drip: None, pause: None }
    }

    pub(crate) fn cut(bytes: Bytes) -> Self {
        Self { cut: true, ..Self::whole(bytes) }
    }

    pub(crate) fn dripping(bytes: Bytes, piece: usize, every: Duration) -> Self {
        Self { drip: Some((piece.max(1), every)), ..Self::whole(bytes) }
    }

    /// Waits out the current pause, starting one of `length` if there is none.
    fn wait(&mut self, length: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(length)));
        let ready = pause.as_mut().poll(cx);
        if ready.is_ready() {
            self.pause = None;
        }
        ready
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = &mut *self;
        if !body.rest.is_empty() {
            if let Some((piece, every)) = body.drip {
                if body.wait(every, cx).is_pending() {
                    return Poll::Pending;
                }
                let piece = body.rest.split_to(piece.min(body.rest.len()));
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut body.rest)))));
        }
        if body.cut {
            if body.wait(FLUSH, cx).is_pending() {
                return Poll::Pending;
            }
            return Poll::Ready(Some(Err(io::Error::other("the simulator cut this body short"))));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        if self.cut { SizeHint::default() } else { SizeHint::with_exact(self.rest.len() as u64) }
    }
}
