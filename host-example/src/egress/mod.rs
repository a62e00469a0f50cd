//! Every request that leaves, and nothing else leaves: `wasmtime-wasi-http` is built without a sender of its own, so
//! the compiler proves that this is the only way out.
//!
//! | file | what it decides |
//! |---|---|
//! | `policy` | which hosts may be reached at all (pure) |
//! | `addresses` | which addresses a name may resolve to (pure) |
//! | `resolver` | names to vetted addresses |
//! | `tls` | whom to trust, and as whom to appear |
//! | `proxy` | through whom, and what goes around |
//! | `rate` | when the next request may leave, for all of a tenant's instances |
//! | `client` | the kept connections of one tenant |
//! | `connect` | how long a connection may take, and whether a request got a new one |
//! | `send` | one request, from the guest's to the guest's response |
//! | `body` | the answer's body: time and size |
//! | `errors` | what went wrong, in WASI's words |
//!
//! In this order a request is: refused if it is not a `GET` and the tenant may only read; refused if its host is not listed; refused if its address is not public (or meant);
//! given the API key, if it goes to the configured origin; held back, or refused, if its tenant has sent too many; sent over
//! a kept connection, or a new one to a vetted address or through the proxy. A refused request opens no socket.

pub(crate) mod addresses;
mod body;
mod client;
mod connect;
mod errors;
pub(crate) mod policy;
pub(crate) mod proxy;
mod rate;
mod resolver;
mod send;
#[cfg(test)]
mod tests;
mod tls;

pub use policy::{AllowList, InvalidEntry};

pub(crate) use errors::error_code_of;
pub(crate) use tls::platform as platform_authorities;

use crate::counters::Counters;
use crate::settings::{Access, ApiKey, Origin, REDACTED, Settings, SettingsError};
use client::Clients;
use http::header::{HeaderMap, HeaderValue};
use rate::RateLimit;
use resolver::Vetting;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The way out of one tenant.
pub(crate) struct Egress {
    origin: Origin,
    access: Access,
    allowed: AllowList,
    vetting: Vetting,
    clients: Clients,
    /// To add on the way out, if the guest is not to have it.
    key: Option<ApiKey>,
    /// No timeout that a guest asks for goes beyond.
    timeout: Duration,
    max_response_bytes: u64,
    /// One exchange per call is what the component makes; a component that tries more has to wait.
    exchanges: Arc<Semaphore>,
    /// One for all instances: the service counts a key's requests, not ours.
    rate: Option<RateLimit>,
    counters: Arc<Counters>,
}

impl Egress {
    pub(crate) fn new(settings: &Settings, counters: Arc<Counters>) -> Result<Egress, SettingsError> {
        let origin = settings.origin()?;
        let vetting = Vetting::new(&origin, settings.allow_private);
        Ok(Egress {
            access: settings.access,
            allowed: settings.allow_list()?,
            clients: Clients::new(settings, &origin, &vetting, &counters)?,
            key: settings.api_key.clone().filter(|_| settings.api_key_from_host),
            timeout: settings.timeout,
            max_response_bytes: settings.max_response_bytes,
            exchanges: Arc::new(Semaphore::new(settings.max_concurrent_calls as usize)),
            rate: settings.requests_per_minute.map(|rate| RateLimit::new(rate, Arc::clone(&counters))),
            origin,
            vetting,
            counters,
        })
    }
}

/// What a server says must not hand the key to a guest that is not to have it.
impl Egress {
    /// Leaves out the headers whose name holds the key, and redacts the values that do.
    fn redact_headers(&self, headers: &mut HeaderMap) {
        let Some(redactor) = self.key.as_ref().map(ApiKey::redactor) else { return };
        let named: Vec<_> = headers.keys().filter(|name| redactor.finds(name.as_str().as_bytes())).cloned().collect();
        for name in named {
            headers.remove(name);
        }
        for value in headers.values_mut() {
            if redactor.finds(value.as_bytes()) {
                *value = HeaderValue::from_static(REDACTED);
            }
        }
    }

    /// Redacts the text of an error: the other side's words can be in it (a name in its certificate, why it ends HTTP/2).
    fn redact_error(&self, mut error: Error) -> Error {
        let text = match &mut error {
            Error::InternalError(text)
            | Error::TlsAlertReceived { alert_message: text, .. }
            | Error::DnsError { rcode: text, .. } => text,
            _ => return error,
        };
        if let (Some(key), Some(text)) = (&self.key, text) {
            key.redactor().redact(text);
        }
        error
    }
}

/// What one call sent and got, for its log line.
#[derive(Debug, Default)]
pub(crate) struct CallStats {
    attempts: AtomicU64,
    /// 0 until there is one.
    status: AtomicU16,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
}

pub(crate) struct StatsSnapshot {
    pub(crate) attempts: u64,
    pub(crate) status: Option<u16>,
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_received: u64,
}

impl CallStats {
    pub(crate) fn reset(&self) {
        self.attempts.store(0, Relaxed);
        self.status.store(0, Relaxed);
        self.bytes_sent.store(0, Relaxed);
        self.bytes_received.store(0, Relaxed);
    }

    pub(crate) fn snapshot(&self) -> StatsSnapshot {
        StatsSnapshot {
            attempts: self.attempts.load(Relaxed),
            status: Some(self.status.load(Relaxed)).filter(|status| *status != 0),
            bytes_sent: self.bytes_sent.load(Relaxed),
            bytes_received: self.bytes_received.load(Relaxed),
        }
    }
}

/// The tenant's way out, as one store uses it.
pub(crate) struct CallEgress {
    egress: Arc<Egress>,
    stats: Arc<CallStats>,
}

impl CallEgress {
    pub(crate) fn new(egress: Arc<Egress>, stats: Arc<CallStats>) -> CallEgress {
        CallEgress { egress, stats }
    }
}

type Sent = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for CallEgress {
    /// The client writes it, from the URL that was vetted.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let (egress, stats) = (Arc::clone(&self.egress), Arc::clone(&self.stats));
        Box::new(async move {
            let sent = send::send(Arc::clone(&egress), stats, request, options.unwrap_or_default()).await;
            let response = sent.map_err(|error| egress.redact_error(error))?;
            // The client drives its connections itself; there is nothing left to keep alive.
            let nothing: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(async { Ok(()) });
            Ok((response, nothing))
        })
    }
}
