//! A connection's bytes: what it says of itself to its [`Place`], how it leaves when it is asked to, and how it ends.
//!
//! Who is refused in the middle of a body is still sending it. If the connection were closed at once, the system would
//! answer with a reset, and the refusal could be lost with it. So at the end what still comes is read and dropped, for a
//! while.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_io_timeout::TimeoutStream;

use super::connections::Place;

/// How much of what still comes is dropped.
const DROPPED: usize = 32 << 20;
/// How long what still comes is waited for.
const LINGER: Duration = Duration::from_secs(3);

pub(super) struct Wire {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    place: Arc<Place>,
    ending: Option<Ending>,
}

struct Ending {
    end: Pin<Box<Sleep>>,
    dropped: usize,
}

impl Wire {
    /// `patience` is how long the client may not read.
    pub(super) fn new(stream: TcpStream, place: Arc<Place>, patience: Duration) -> Wire {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(patience));
        Wire { stream: Box::pin(stream), place, ending: None }
    }

    /// Whether the system has bytes that nobody was woken for yet.
    fn has_input(&self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        SockRef::from(self.stream.get_ref()).peek(&mut byte).is_ok_and(|count| count > 0)
    }

    fn written(&self, context: &Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if result.is_pending() && self.place.leaves_while_answering(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        result
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = self.stream.as_mut().poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.place.received();
        }
        if result.is_pending() && self.place.leaves_while_waiting(context) && !self.has_input() {
            // As if the client had ended it.
            return Poll::Ready(Ok(()));
        }
        result
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = self.stream.as_mut().poll_write(context, bytes);
        self.written(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self.stream.as_mut().poll_write_vectored(context, bytes);
        self.written(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream.as_mut().poll_flush(context))?;
        self.place.sent();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        if wire.ending.is_none() {
            ready!(wire.stream.as_mut().poll_shutdown(context))?;
            if !wire.place.has_unread() {
                return Poll::Ready(Ok(()));
            }
        }
        let ending = wire.ending.get_or_insert_with(|| {
            wire.place.given();
            wire.place.sent();
            Ending { end: Box::pin(tokio::time::sleep(LINGER)), dropped: 0 }
        });
        let mut scratch = [MaybeUninit::uninit(); 8 << 10];
        while ending.dropped < DROPPED {
            let mut buffer = ReadBuf::uninit(&mut scratch);
            match wire.stream.as_mut().poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => ending.dropped += buffer.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending if wire.place.leaves_while_waiting(context) => break,
                Poll::Pending => {
                    ready!(ending.end.as_mut().poll(context));
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}
