//! The answer's body on its way to the guest: streamed, bounded in time between bytes and in size, counted.
//!
//! The guest has limits of its own, which explain themselves better; these hold whatever the guest does.

use super::errors::{Destination, body_error};
use super::{CallStats, Egress};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};
use wasmtime_wasi_http::Error;

/// What the host lets through beyond the guest's cap, so that the guest is the one to notice.
const SLACK: u64 = 1 << 20;

pub(super) struct ResponseBody {
    pub(super) inner: reqwest::Body,
    pub(super) between_bytes: Duration,
    pub(super) received: u64,
    pub(super) destination: Destination,
    pub(super) egress: Arc<Egress>,
    pub(super) stats: Arc<CallStats>,
    /// Runs while the guest waits.
    pub(super) patience: Option<Pin<Box<Sleep>>>,
    /// Until the body is read or dropped, the exchange is not over.
    pub(super) _exchange: OwnedSemaphorePermit,
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(mut frame))) => {
                this.patience = None;
                if let Some(trailers) = frame.trailers_mut() {
                    this.egress.redact_headers(trailers);
                }
                if let Some(data) = frame.data_ref() {
                    let length = data.len() as u64;
                    this.received += length;
                    this.stats.bytes_received.fetch_add(length, Relaxed);
                    this.egress.counters.bytes_received.fetch_add(length, Relaxed);
                    if this.received > this.egress.max_response_bytes.saturating_add(SLACK) {
                        return Poll::Ready(Some(Err(Error::HttpResponseBodySize(Some(this.received)))));
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                Poll::Ready(Some(Err(this.egress.redact_error(body_error(&error, &this.destination)))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let between_bytes = this.between_bytes;
                let patience = this.patience.get_or_insert_with(|| Box::pin(sleep(between_bytes)));
                match patience.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(Error::ConnectionReadTimeout))),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
