//! A stand-in for VirusTotal's hunting API: livehunt, retrohunt and the IoC stream, for tests and demonstrations.
//!
//! It is strict where VirusTotal is strict and irregular where VirusTotal is irregular, and it is stateful: rules are
//! compiled and scanned by a real YARA engine over a made-up corpus, jobs move through their states on a clock that the
//! caller moves, notifications appear when the caller advances the feed. It listens on 127.0.0.1 and never speaks to
//! the outside.
//!
//! ```
//! # async fn example() -> std::io::Result<()> {
//! use virustotal_hunting_simulator::{FaultAction, Options, Simulator};
//!
//! let simulator = Simulator::start(Options::default()).await?;
//! println!("{} accepts {}", simulator.http_url(), simulator.key());
//! simulator.advance_clock(60);
//! simulator.faults().add(FaultAction::Quota);
//! // … send requests, then look at what arrived:
//! for request in simulator.requests() {
//!     println!("{} {} {}", request.method, request.path, request.status);
//! }
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod arrivals;
mod auth;
mod body;
mod calendar;
mod clock;
mod compression;
mod control;
mod corpus;
mod crowdsourced;
mod cursor;
mod envelope;
mod examples;
mod faults;
mod filter;
mod ioc_stream;
mod livehunt;
mod operations;
mod options;
mod query;
mod record;
mod reply;
mod retrohunt;
mod router;
mod seed;
mod server;
mod shared;
mod tls;
mod wire;
mod world;
mod yara;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use examples::{EXAMPLE_BAD_RULES, EXAMPLE_RULES, EXAMPLE_URL_RULES, EXAMPLE_VT_RULES};
pub use faults::{Fault, FaultAction, Faults};
pub use http::Method;
pub use options::{Cursors, Options};
pub use record::RecordedRequest;

use shared::Shared;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A running simulator. Dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    http_port: u16,
    https_port: u16,
    ca_pem: String,
    /// Its own threads, so that a test which blocks its runtime does not block the simulator.
    runtime: Option<Runtime>,
}

impl Simulator {
    /// Starts a simulator on threads of its own.
    ///
    /// # Errors
    /// A port that is taken, or a key that is not 64 hexadecimal digits ([`io::ErrorKind::InvalidInput`]).
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::start_blocking(options)
    }

    /// The same without a runtime. It takes milliseconds: nothing is read from disk or network.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_blocking(options: Options) -> io::Result<Self> {
        let (acceptor, ca_pem) = tls::prepare()?;
        let http = bind(options.http_port)?;
        let https = bind(options.https_port)?;
        let (http_port, https_port) = (http.local_addr()?.port(), https.local_addr()?.port());
        let shared = Arc::new(Shared::new(options)?);
        if shared.options.seeded {
            seed::plant(&shared)?;
        }

        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("vt-simulator")
            .enable_all()
            .build()?;
        {
            let _inside = runtime.enter();
            let (http, https) = (TcpListener::from_std(http)?, TcpListener::from_std(https)?);
            runtime.spawn(server::listen(http, shared.clone(), None));
            runtime.spawn(server::listen(https, shared.clone(), Some(acceptor)));
        }
        Ok(Self { shared, http_port, https_port, ca_pem, runtime: Some(runtime) })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    /// `https://localhost:PORT`. The certificate also names 127.0.0.1 and ::1, and is signed by [`ca_pem`](Self::ca_pem).
    pub fn https_url(&self) -> String {
        format!("https://localhost:{}", self.https_port)
    }

    /// The certificate of this simulator's own authority, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The (first) API key it accepts.
    pub fn key(&self) -> &str {
        &self.shared.keys[0]
    }

    /// The name of the (first) key's user.
    pub fn user(&self) -> String {
        world::user_name(0)
    }

    /// The name of that key's user; `None` if the key is not one of those it accepts.
    pub fn user_of(&self, key: &str) -> Option<String> {
        self.shared.number_of(key).map(world::user_name)
    }

    /// Name and key of every user, the first key's first.
    pub fn users(&self) -> Vec<(String, String)> {
        let keys = self.shared.keys.iter().enumerate();
        keys.map(|(number, key)| (world::user_name(number), key.clone())).collect()
    }

    /// How many TCP connections were accepted so far, on both ports.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many TCP connections are open now, on both ports.
    pub fn open_connections(&self) -> usize {
        Arc::strong_count(&self.shared.open) - 1
    }

    /// Every request so far, oldest first; the control API's own are not among them.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.recorder.all()
    }

    /// The recorded requests, which are forgotten: none is lost or given twice while more arrive.
    pub fn take_requests(&self) -> Vec<RecordedRequest> {
        self.shared.recorder.take()
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.shared.recorder.clear();
    }

    /// Moves the clock forward.
    pub fn advance_clock(&self, seconds: u64) {
        self.shared.clock.advance(seconds);
    }

    /// Sets the clock back, as NTP does it to a service whose clock was fast: everything made from now on has the earlier
    /// dates. Jobs, operations and deletions do not come back from where they are, and no allowance is given back.
    pub fn rewind_clock(&self, seconds: u64) {
        self.shared.clock.rewind(seconds);
    }

    /// Sets the clock to that many seconds since the Unix epoch: forward as [`advance_clock`](Self::advance_clock) does
    /// it, back as [`rewind_clock`](Self::rewind_clock) does.
    pub fn set_clock(&self, seconds: u64) {
        self.shared.clock.set(seconds);
    }

    /// The simulated time, in seconds since the Unix epoch; every answer's `date` header says the same.
    pub fn now(&self) -> u64 {
        self.shared.clock.now()
    }

    /// Lets that many samples arrive: every enabled ruleset scans each of them (and the URLs, domains and addresses that
    /// come along), and every user's subscriptions move on.
    ///
    /// Returns how many livehunt notifications that made, for all users together; subscriptions are not counted.
    pub fn advance_feed(&self, samples: usize) -> usize {
        livehunt::advance_feed(&self.shared, samples)
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not the waiting kind of shutdown, which panics when a simulator is dropped inside another runtime.
            runtime.shutdown_background();
        }
    }
}

fn bind(port: u16) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
