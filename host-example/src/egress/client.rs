//! The kept HTTP clients of one tenant.
//!
//! Kept means: connections are reused, over HTTP/2 where the server offers it (ALPN), and belong to this tenant alone.
//! A client does as it is told and nothing more: no redirects (the API key must not follow one), no cookies, no
//! `referer`, no decompression (the guest counts what it inflates), no headers of its own beyond `host` (and `accept: */*`
//! where the guest says nothing), no proxy from the
//! environment, and no retries of its own.
//!
//! About that last point: below `reqwest`'s retries, which are off, `hyper-util` puts a request on another connection
//! when the kept one turned out closed *before the first byte of the request was handed to it*: the request comes back
//! untouched from the connection's queue. That is not a replay, and holds for every method. Anything later is an error,
//! and what may be done about it is decided in `send`.
//!
//! There are up to three clients, because what differs cannot differ within one: whether certificates are checked (only
//! the origin's may go unchecked), whether a client certificate is shown, and whether there is a proxy. A client with
//! a proxy has no other way: a direct connection cannot happen by accident.

use super::connect::{WatchConnections, connecting};
use super::proxy::{NoProxy, ProxyTarget};
use super::resolver::{Vetting, VettingResolver};
use super::tls::Tls;
use crate::counters::Counters;
use crate::settings::{Origin, Settings, SettingsError};
use reqwest::{Client, redirect};
use std::sync::Arc;
use std::time::Duration;

/// Far above the twenty or so that VirusTotal sends.
const MAX_HEADERS: usize = 128;

/// All headers of a response together, as HTTP/2 counts them.
pub(super) const MAX_HEADER_BYTES: u32 = 64 << 10;

/// While a request waits: how often the other side is asked whether it is there, and how long it may take to answer.
const HTTP2_PING: Duration = Duration::from_secs(10);

pub(super) struct Clients {
    proxy: Option<ProxyTarget>,
    no_proxy: NoProxy,
    origin: Origin,
    to_origin: Client,
    /// `None` when nothing but the origin is allowed.
    to_others: Option<Others>,
}

struct Others {
    direct: Client,
    proxied: Option<Client>,
}

impl Clients {
    pub(super) fn new(
        settings: &Settings,
        origin: &Origin,
        vetting: &Vetting,
        counters: &Arc<Counters>,
    ) -> Result<Clients, SettingsError> {
        let proxy = settings.http_proxy.as_deref().map(|address| {
            ProxyTarget::parse(address, settings.proxy_user.as_deref(), settings.proxy_password.as_ref())
        });
        let proxy = proxy.transpose()?;
        let no_proxy = NoProxy::parse(settings.no_proxy.as_deref().unwrap_or_default());
        let tls = Tls::new(settings, origin)?;
        let make =
            |for_origin, proxy: Option<&ProxyTarget>| client(settings, &tls, for_origin, proxy, vetting, counters);

        let to_others = if settings.allowed_hosts.is_empty() {
            None
        } else {
            let proxied = proxy.as_ref().map(|proxy| make(false, Some(proxy))).transpose()?;
            Some(Others { direct: make(false, None)?, proxied })
        };
        Ok(Clients {
            to_origin: make(true, proxy.as_ref().filter(|_| !no_proxy.covers(origin)))?,
            to_others,
            origin: origin.clone(),
            no_proxy,
            proxy,
        })
    }

    /// The client for this target, and the proxy it goes through.
    pub(super) fn route(&self, target: &Origin) -> Option<(&Client, Option<&ProxyTarget>)> {
        let proxy = self.proxy.as_ref().filter(|_| !self.no_proxy.covers(target));
        if *target == self.origin {
            return Some((&self.to_origin, proxy));
        }
        let others = self.to_others.as_ref()?;
        Some(match proxy {
            Some(proxy) => (others.proxied.as_ref()?, Some(proxy)),
            None => (&others.direct, None),
        })
    }
}

fn client(
    settings: &Settings,
    tls: &Tls,
    for_origin: bool,
    proxy: Option<&ProxyTarget>,
    vetting: &Vetting,
    counters: &Arc<Counters>,
) -> Result<Client, SettingsError> {
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .tls_backend_preconfigured(tls.config(for_origin)?)
        .pool_max_idle_per_host(settings.pool_max_idle as usize)
        .pool_idle_timeout(settings.pool_idle_timeout)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        // A connection of HTTP/1 ends with the call that found it dead; one of HTTP/2 is shared and would stay.
        .http2_keep_alive_interval(HTTP2_PING)
        .http2_keep_alive_timeout(HTTP2_PING)
        // Divided among the addresses of a name, so that a dead one does not use up the time of the others. The
        // request's own is in `connect`, and is shorter: of two timers that end together either could say what happened.
        .connect_timeout(connecting(settings.timeout).mul_f64(1.125))
        .dns_resolver(VettingResolver { vetting: proxy.is_none().then(|| vetting.clone()) })
        .connector_layer(WatchConnections { counters: Arc::clone(counters), timeout: connecting(settings.timeout) });
    if let Some(proxy) = proxy {
        let proxy = proxy.to_reqwest().map_err(|_| SettingsError::refused("http_proxy", "it is no usable address"))?;
        builder = builder.proxy(proxy);
    }
    // The error's source is never a secret, but its text could name one.
    builder.build().map_err(|_| SettingsError::Tls("the HTTP client cannot be made".to_owned()))
}
