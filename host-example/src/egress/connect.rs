//! A layer around every new connection.
//!
//! It knows three things the client does not say: how long this request lets a connection take, whether this request
//! got a new connection or a kept one (which decides whether it may be replayed, see `send`), and that a failure
//! happened before anything was sent. One timer is over all there is to connecting: looking up the name, TCP, the way
//! through a proxy, TLS.
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

/// How long connecting may take of the time that is left: a third, so that whoever asks again has some, and 10 s. Always
/// less than what is left, so that it is certain which of the two timers ends first. The component counts the same way.
pub(super) fn connecting(left: Duration) -> Duration {
    (left / 3).min(Duration::from_secs(10))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    /// A connector that takes so long.
    #[derive(Clone)]
    struct Slow(Duration);

    impl Service<()> for Slow {
        type Response = ();
        type Error = BoxError;
        type Future = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            let takes = self.0;
            Box::pin(async move {
                tokio::time::sleep(takes).await;
                Ok(())
            })
        }
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// What a request with so much time for connecting gets of such a connector, after how long, and whether the
    /// connection is still pending.
    async fn connect(takes: Duration, may_take: Duration) -> (Result<(), BoxError>, Duration, bool) {
        let watch = WatchConnections { counters: Arc::default(), timeout: seconds(3600) };
        let mut service = watch.layer(Slow(takes));
        let connection = Connection::new(may_take);
        let began = Instant::now();
        let result = CONNECTION.scope(Arc::clone(&connection), async { service.call(()).await }).await;
        (result, began.elapsed(), connection.is_pending())
    }

    #[test]
    fn connecting_takes_a_third_of_what_is_left_and_ten_seconds_at_most() {
        for (left, most) in [(0, 0), (3, 1), (9, 3), (30, 10), (31, 10), (3600, 10)] {
            assert_eq!(connecting(seconds(left)), seconds(most));
        }
        assert!(connecting(Duration::from_millis(2)) < Duration::from_millis(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_does_not_come_up_ends_at_its_own_time_and_one_that_does_is_given() {
        let (result, after, is_pending) = connect(seconds(11), seconds(10)).await;
        assert!(matches!(result.unwrap_err().downcast_ref(), Some(ConnectError::TimedOut)));
        assert!(after >= seconds(10) && after < seconds(11) && !is_pending, "{after:?}");
        let (result, after, is_pending) = connect(seconds(9), seconds(10)).await;
        assert!(result.is_ok() && after < seconds(10) && !is_pending, "{after:?}");
    }
}
