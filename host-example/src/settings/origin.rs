//! Scheme, host and port: what "the configured origin" means, and what a request is compared with.
//!
//! The host is kept in the form that every comparison uses: lower case, IDNA-encoded, without a trailing dot, an IPv6
//! address in brackets and shortest form, an IPv4 address as four decimals (`0x7f.1` is `127.0.0.1`). The `url` crate
//! does that, so two ways to write one host are one origin.

use crate::egress::addresses::{self, Kind};
use std::fmt;
use std::net::IpAddr;

/// The two schemes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn parse(text: &str) -> Option<Scheme> {
        match text {
            "http" => Some(Scheme::Http),
            "https" => Some(Scheme::Https),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    pub(crate) fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an absolute URL.
    pub(crate) fn of(url: &url::Url) -> Option<Origin> {
        let scheme = Scheme::parse(url.scheme())?;
        Some(Origin {
            scheme,
            host: canonical_host(url.host_str()?),
            port: url.port().unwrap_or_else(|| scheme.default_port()),
        })
    }

    /// The address, where the host is one.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// What kind of address the host is, where that is one that nothing is ever sent to.
    pub(crate) fn never_good(&self) -> Option<Kind> {
        self.address().map(addresses::classify).filter(|kind| kind.is_never_good())
    }

    /// `localhost` and its subdomains are loopback by definition (RFC 6761, 6.3).
    pub(crate) fn is_localhost(&self) -> bool {
        is_localhost(&self.host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}:{}", self.scheme.as_str(), self.host, self.port)
    }
}

/// Whether the name is `localhost` or below it.
pub(crate) fn is_localhost(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// `url` has already lowered and encoded the host; what is left is the root's dot, which names the same host.
pub(crate) fn canonical_host(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_owned()
}
