//! A layer around every new connection.
//!
//! It knows three things the client does not say: how long this request lets a connection take, whether this request
//! got a new connection or a kept one (which decides whether it may be replayed, see `send`), and that a failure
//! happened before anything was sent.
//!
//! The client opens a connection inside the task that needs it, so a task-local variable tells the layer whose it is. A
//! connection that comes up after another one became free belongs to nobody and goes to the pool.

use crate::counters::Counters;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

type BoxError = Box<dyn StdError + Send + Sync>;

tokio::task_local! {
    /// What the request that is being sent wants of a connection, and learns of it.
    pub(super) static CONNECTION: Arc<Connection>;
}

/// One request's view of its connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) timeout: Duration,
    started: AtomicBool,
    ended: AtomicBool,
}

impl Connection {
    pub(super) fn new(timeout: Duration) -> Arc<Connection> {
        Arc::new(Connection { timeout, started: AtomicBool::new(false), ended: AtomicBool::new(false) })
    }

    /// The request went out on a kept connection.
    pub(super) fn is_reused(&self) -> bool {
        !self.started.load(Relaxed)
    }

    /// A new connection is under way.
    pub(super) fn is_pending(&self) -> bool {
        self.started.load(Relaxed) && !self.ended.load(Relaxed)
    }
}

/// Why there is no connection. Nothing of the request was sent.
#[derive(Debug)]
pub(super) enum ConnectError {
    /// The source says why.
    Failed(BoxError),
    /// It took longer than it may.
    TimedOut,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConnectError::Failed(_) => "no connection",
            ConnectError::TimedOut => "no connection in time",
        })
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            ConnectError::Failed(error) => Some(error.as_ref()),
            ConnectError::TimedOut => None,
        }
    }
}

#[derive(Clone)]
pub(super) struct WatchConnections {
    pub(super) counters: Arc<Counters>,
    /// For connections that belong to nobody.
    pub(super) timeout: Duration,
}

impl<S> Layer<S> for WatchConnections {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched { inner, watch: self.clone() }
    }
}

#[derive(Clone)]
pub(super) struct Watched<S> {
    inner: S,
    watch: WatchConnections,
}

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        self.watch.counters.connections.fetch_add(1, Relaxed);
        let connection = CONNECTION.try_with(Arc::clone).ok();
        if let Some(connection) = &connection {
            connection.started.store(true, Relaxed);
        }
        let timeout = connection.as_ref().map_or(self.watch.timeout, |connection| connection.timeout);
        let connecting = self.inner.call(target);
        Box::pin(async move {
            let result = tokio::time::timeout(timeout, connecting).await;
            if let Some(connection) = &connection {
                connection.ended.store(true, Relaxed);
            }
            match result {
                Ok(Ok(connected)) => Ok(connected),
                Ok(Err(error)) => Err(ConnectError::Failed(error).into()),
                Err(_) => Err(ConnectError::TimedOut.into()),
            }
        })
    }
}
