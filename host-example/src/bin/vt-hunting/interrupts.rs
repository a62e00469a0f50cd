//! Ctrl-C and SIGTERM for commands that go on for long: the first asks to end, the second ends at once.

use std::time::Duration;

use crate::failure::Failure;

/// What was heard so far.
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
    asked: bool,
}

/// It was asked for twice.
#[derive(Debug)]
pub(crate) struct AtOnce;

impl Interrupts {
    /// Begins to listen.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| deaf(&error));
        Ok(Self { signals: [listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?], asked: false })
    }

    /// Begins to listen.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self { asked: false })
    }

    /// Whether the end was asked for.
    pub(crate) fn asked(&self) -> bool {
        self.asked
    }

    /// Waits until the end is asked for (again).
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.asked = true;
    }

    /// Lets the work end even if the end is asked for meanwhile; `heard` is told of it.
    pub(crate) async fn while_finishing<T>(
        &mut self,
        work: impl Future<Output = T>,
        heard: impl Fn(),
    ) -> Result<T, AtOnce> {
        let mut work = std::pin::pin!(work);
        loop {
            let again = self.asked;
            tokio::select! {
                biased;
                result = &mut work => return Ok(result),
                () = self.next() => {
                    if again {
                        return Err(AtOnce);
                    }
                    heard();
                }
            }
        }
    }

    /// Sleeps, unless the end is asked for.
    pub(crate) async fn while_sleeping(&mut self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.next() => {}
        }
    }
}

#[cfg(unix)]
fn deaf(error: &std::io::Error) -> Failure {
    let message = format!("The program cannot listen for signals: {error}.");
    Failure::host(crate::exit::Kind::Load, "NoSignals", message, "repeat it in a while")
}
