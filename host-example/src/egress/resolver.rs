//! Names to addresses, and only to addresses that may be connected to.
//!
//! The client connects to what this returns and looks nothing up again, so the address that was vetted is the address
//! of the connection: a name server that answers differently the second time changes nothing. A name that resolves to
//! good and bad addresses keeps the good ones.
//!
//! Hosts that are written as an address never come here; `send` vets them with the same [`Vetting`].

use super::addresses::{self, Kind};
use crate::settings::{self, Origin};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// Which kinds of addresses are good.
#[derive(Clone, Debug)]
pub(crate) struct Vetting {
    allow_private: bool,
    /// The configured origin's host: an operator who writes `http://127.0.0.1:8080` or `http://localhost` means it.
    origin_host: String,
    origin_kind: Option<Kind>,
}

impl Vetting {
    pub(crate) fn new(origin: &Origin, allow_private: bool) -> Vetting {
        let origin_kind = match origin.address() {
            Some(address) => Some(addresses::classify(address)),
            None if origin.is_localhost() => Some(Kind::Loopback),
            None => None,
        };
        Vetting { allow_private, origin_host: origin.host.clone(), origin_kind }
    }

    /// Whether `host` may be reached at `address`, or what speaks against it.
    pub(crate) fn check(&self, host: &str, address: IpAddr) -> Result<(), Kind> {
        let kind = addresses::classify(address);
        // Documentation and benchmark addresses (reserved) do occur inside closed networks.
        let good =
            kind == Kind::Public || self.allow_private || (host == self.origin_host && self.origin_kind == Some(kind));
        if good && !kind.is_never_good() { Ok(()) } else { Err(kind) }
    }
}

/// Why a name led nowhere.
#[derive(Debug)]
pub(crate) enum ResolveError {
    /// It resolves, only to addresses that may not be connected to.
    Prohibited { host: String, address: IpAddr, kind: Kind },
    /// It does not resolve.
    Failed { host: String, error: std::io::Error },
    /// It resolves to no address at all.
    Empty { host: String },
}

impl fmt::Display for ResolveError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResolveError::Prohibited { host, address, kind } => {
                write!(formatter, "{host} resolves to {address}, which is {}", kind.describe())
            }
            ResolveError::Failed { host, error } => write!(formatter, "{host} does not resolve: {error}"),
            ResolveError::Empty { host } => write!(formatter, "{host} has no address"),
        }
    }
}

impl std::error::Error for ResolveError {}

/// The system's resolver, its answers vetted.
pub(crate) struct VettingResolver {
    /// `None` for the client of a proxy: the only name it looks up is the proxy's own, which the operator chose. It may be at
    /// any address but those that are never good.
    pub(crate) vetting: Option<Vetting>,
}

impl Resolve for VettingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = settings::canonical_host(&name.as_str().to_ascii_lowercase());
        let vetting = self.vetting.clone();
        Box::pin(async move {
            let found = look_up(&host).await.map_err(|error| ResolveError::Failed { host: host.clone(), error })?;
            let check = |address: IpAddr| match &vetting {
                Some(vetting) => vetting.check(&host, address),
                None => Some(addresses::classify(address)).filter(|kind| kind.is_never_good()).map_or(Ok(()), Err),
            };
            let mut refused = None;
            let mut good = Vec::with_capacity(found.len());
            for address in found {
                match check(address.ip()) {
                    Ok(()) => good.push(address),
                    Err(kind) => refused = Some((address.ip(), kind)),
                }
            }
            match (good.is_empty(), refused) {
                (false, _) => Ok(Box::new(good.into_iter()) as Addrs),
                (true, Some((address, kind))) => Err(ResolveError::Prohibited { host, address, kind }.into()),
                (true, None) => Err(ResolveError::Empty { host }.into()),
            }
        })
    }
}

async fn look_up(host: &str) -> std::io::Result<Vec<SocketAddr>> {
    if settings::is_localhost(host) {
        // RFC 6761, 6.3: resolve it to loopback without asking anyone, or a name server could point it elsewhere.
        return Ok(vec![([127, 0, 0, 1], 0).into(), (std::net::Ipv6Addr::LOCALHOST, 0).into()]);
    }
    // Port 0 is replaced by the port of the request.
    Ok(tokio::net::lookup_host((host, 0)).await?.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vetting(url: &str, allow_private: bool) -> Vetting {
        Vetting::new(&Origin::of(&url::Url::parse(url).unwrap()).unwrap(), allow_private)
    }

    fn good(vetting: &Vetting, host: &str, address: &str) -> bool {
        vetting.check(host, address.parse().unwrap()).is_ok()
    }

    #[test]
    fn a_public_name_may_not_resolve_to_an_inner_address() {
        let vetting = vetting("https://vt.example", false);
        assert!(good(&vetting, "vt.example", "8.8.8.8"));
        for inner in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0"] {
            assert!(!good(&vetting, "vt.example", inner), "{inner}");
        }
    }

    #[test]
    fn an_origin_written_as_an_inner_address_reaches_that_kind_and_nothing_else_does() {
        let vetting = vetting("http://127.0.0.1:8080", false);
        assert!(good(&vetting, "127.0.0.1", "127.0.0.1"));
        assert!(!good(&vetting, "other.example", "127.0.0.1"));
        assert!(!good(&vetting, "127.0.0.1", "10.0.0.1"));
    }

    #[test]
    fn localhost_as_the_origin_means_loopback() {
        let vetting = vetting("http://localhost:8080", false);
        assert!(good(&vetting, "localhost", "127.0.0.1") && good(&vetting, "localhost", "::1"));
        assert!(!good(&vetting, "localhost", "10.0.0.1"));
    }

    #[test]
    fn allow_private_never_opens_the_metadata_service() {
        let vetting = vetting("https://vt.example", true);
        assert!(good(&vetting, "vt.example", "10.0.0.1") && good(&vetting, "vt.example", "127.0.0.1"));
        assert!(!good(&vetting, "vt.example", "169.254.169.254"));
        assert!(!good(&vetting, "vt.example", "::ffff:169.254.169.254"));
        assert!(!good(&vetting, "vt.example", "0.0.0.0"));
    }

    #[test]
    fn what_is_never_good_is_not_even_for_an_origin_that_is_written_so() {
        for address in ["169.254.169.254", "100.100.100.200", "224.0.0.1", "255.255.255.255", "0.0.0.0"] {
            for allow_private in [false, true] {
                let vetting = vetting(&format!("http://{address}"), allow_private);
                assert!(!good(&vetting, address, address), "{address}");
            }
        }
    }

    #[tokio::test]
    async fn a_proxy_may_be_anywhere_but_where_nothing_is_ever_sent() {
        let resolver = VettingResolver { vetting: None };
        for (name, expected) in
            [("127.0.0.1", true), ("10.0.0.1", true), ("169.254.169.254", false), ("0.0.0.0", false)]
        {
            let resolved = resolver.resolve(name.parse().unwrap()).await;
            assert_eq!(resolved.is_ok(), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn what_resolves_to_a_prohibited_address_gives_no_address() {
        let resolver = VettingResolver { vetting: Some(vetting("https://vt.example", false)) };
        let Err(error) = resolver.resolve("localhost".parse().unwrap()).await else { panic!("resolved") };
        assert!(matches!(error.downcast_ref(), Some(ResolveError::Prohibited { kind: Kind::Loopback, .. })));
    }
}
