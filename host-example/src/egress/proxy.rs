//! The way through a proxy, and what goes around it.
//!
//! - Schemes: `http://`, `https://` (TLS to the proxy itself) and `socks5h://`. A request for `https` is tunnelled
//!   (CONNECT), one for `http` goes out in absolute form, through SOCKS both are plain streams.
//! - Names are resolved by the proxy, never here: behind a proxy the local resolver often knows nothing, and a local
//!   look-up would tell others where a tenant connects. Hence no `socks5://`, which means local resolution.
//! - A target that `NO_PROXY` does not list goes through the proxy or nowhere. The client for proxied requests cannot
//!   open a direct connection to a target; a proxy that refuses, hangs or demands authentication is an error naming it.
//!
//! `NO_PROXY`, separated by commas or white space: `*`; `vt.example` or `.vt.example` (that name and all below it);
//! `192.0.2.7`, `2001:db8::7`, `[2001:db8::7]`; `10.0.0.0/8`; a name or bracketed or IPv4 address with `:port` counts for
//! that port only. Addresses match requests that name them as addresses: nothing is resolved for this decision.

use crate::settings::{Origin, Secret, SettingsError, canonical_host};
use std::fmt;
use std::net::IpAddr;

/// A proxy that can be used: its address checked, its credentials apart.
#[derive(Clone)]
pub(crate) struct ProxyTarget {
    /// `scheme://host:port`, nothing else.
    address: String,
    user: Option<String>,
    password: Secret,
}

const EXPECTED: &str =
    "expected `http://`, `https://` or `socks5h://`, a host and a port, as in `http://proxy.example:3128`";

impl ProxyTarget {
    pub(crate) fn parse(
        text: &str,
        user: Option<&str>,
        password: Option<&Secret>,
    ) -> Result<ProxyTarget, SettingsError> {
        let refused = |reason: &str| SettingsError::refused("http_proxy", reason);
        // Without a scheme it is http, as everywhere else.
        let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = url::Url::parse(&text).map_err(|_| refused(EXPECTED))?;
        let default_port = match url.scheme() {
            "http" => 80,
            "https" => 443,
            "socks5h" => 1080,
            "socks5" => {
                return Err(refused("`socks5` would resolve names here; write `socks5h`, so that the proxy does"));
            }
            _ => return Err(refused(EXPECTED)),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refused(EXPECTED))?;
        // `socks5h` is no scheme whose addresses the parser knows: it is asked again as one that it does.
        let address = url::Url::parse(&format!("http://{host}")).ok().as_ref().and_then(Origin::of);
        if let Some(kind) = address.and_then(|origin| origin.never_good()) {
            return Err(SettingsError::refused(
                "http_proxy",
                format!("{host} is {}, and never a proxy", kind.describe()),
            ));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refused(EXPECTED));
        }
        let in_url = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
        let url_user = Some(in_url(url.username())).filter(|user| !user.is_empty());
        Ok(ProxyTarget {
            address: format!("{}://{host}:{}", url.scheme(), url.port().unwrap_or(default_port)),
            user: user.map(str::to_owned).or(url_user),
            password: match (password, url.password()) {
                (Some(password), _) => password.clone(),
                (None, Some(password)) => Secret::new(in_url(password)),
                (None, None) => Secret::new(""),
            },
        })
    }

    /// For the client that sends proxied requests: everything goes this way.
    pub(crate) fn to_reqwest(&self) -> reqwest::Result<reqwest::Proxy> {
        let proxy = reqwest::Proxy::all(&self.address)?;
        Ok(match &self.user {
            Some(user) => proxy.basic_auth(user, self.password.expose()),
            None => proxy,
        })
    }

    pub(crate) fn is_socks(&self) -> bool {
        self.address.starts_with("socks")
    }
}

/// Never the credentials.
impl fmt::Display for ProxyTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.address)
    }
}

impl fmt::Debug for ProxyTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.address)
    }
}

/// What goes around the proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoProxy {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    target: Target,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Target {
    Everything,
    Name(String),
    Address(IpAddr),
    Network(IpAddr, u8),
}

impl NoProxy {
    /// As every other program does, this takes what it understands and leaves the rest: the variable belongs to the
    /// whole machine. A rule it does not understand sends more through the proxy, never less.
    pub(crate) fn parse(list: &str) -> NoProxy {
        let items = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|item| !item.is_empty());
        NoProxy { rules: items.filter_map(Rule::parse).collect() }
    }

    pub(crate) fn covers(&self, origin: &Origin) -> bool {
        self.rules.iter().any(|rule| rule.covers(origin))
    }
}

impl Rule {
    fn parse(item: &str) -> Option<Rule> {
        if item == "*" {
            return Some(Rule { target: Target::Everything, port: None });
        }
        if let Ok(address) = item.parse() {
            return Some(Rule { target: Target::Address(address), port: None });
        }
        if let Some((network, bits)) = item.split_once('/') {
            let (network, bits): (IpAddr, u8) = (network.parse().ok()?, bits.parse().ok()?);
            let most = if network.is_ipv4() { 32 } else { 128 };
            return (bits <= most).then_some(Rule { target: Target::Network(network, bits), port: None });
        }
        let (host, port) = match item.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (item, None),
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse() {
            return Some(Rule { target: Target::Address(address), port });
        }
        let name = host.strip_prefix("*.").or_else(|| host.strip_prefix('.')).unwrap_or(host);
        // Through `url`, so that it is written as the origin's host is.
        let url = url::Url::parse(&format!("http://{name}")).ok()?;
        Some(Rule { target: Target::Name(canonical_host(url.host_str()?)), port })
    }

    fn covers(&self, origin: &Origin) -> bool {
        if self.port.is_some_and(|port| port != origin.port) {
            return false;
        }
        match &self.target {
            Target::Everything => true,
            Target::Name(name) => {
                origin.host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Target::Address(address) => {
                origin.address().is_some_and(|own| own.to_canonical() == address.to_canonical())
            }
            Target::Network(network, bits) => {
                origin.address().is_some_and(|own| in_network(own.to_canonical(), *network, *bits))
            }
        }
    }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::of(&url::Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn credentials_come_from_the_address_or_beside_it_and_are_never_shown() {
        let proxy = ProxyTarget::parse("http://me:pa%40ss@proxy:3128", None, None).unwrap();
        assert_eq!((proxy.user.as_deref(), proxy.password.expose()), (Some("me"), "pa@ss"));
        assert_eq!(format!("{proxy} {proxy:?}"), "http://proxy:3128 http://proxy:3128");

        let beside = ProxyTarget::parse("socks5h://proxy", Some("you"), Some(&Secret::new("p/w"))).unwrap();
        assert_eq!((beside.user.as_deref(), beside.password.expose()), (Some("you"), "p/w"));
        assert_eq!(beside.to_string(), "socks5h://proxy:1080");
        assert!(beside.is_socks() && beside.to_reqwest().is_ok());
    }

    #[test]
    fn a_proxy_without_a_scheme_is_http() {
        assert_eq!(ProxyTarget::parse("proxy:3128", None, None).unwrap().to_string(), "http://proxy:3128");
        assert_eq!(ProxyTarget::parse("proxy", None, None).unwrap().to_string(), "http://proxy:80");
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_instead_of_ignored() {
        for text in [
            "",
            "ftp://proxy",
            "socks4://proxy",
            "socks5://proxy",
            "http://",
            "http://proxy:99999",
            "http://proxy/x",
            "http://proxy?x",
            "http://a b",
        ] {
            assert!(ProxyTarget::parse(text, None, None).is_err(), "{text}");
        }
    }

    #[test]
    fn no_proxy_knows_names_suffixes_addresses_networks_and_ports() {
        let covers = |list: &str, url: &str| NoProxy::parse(list).covers(&origin(url));
        assert!(covers("vt.example", "https://vt.example"));
        assert!(covers("vt.example", "https://a.vt.example"));
        assert!(covers(".vt.example", "https://vt.example"));
        assert!(covers("*.vt.example", "https://a.vt.example"));
        assert!(covers("other, VT.Example.", "https://vt.example"));
        assert!(covers("vt.example:8443", "https://vt.example:8443"));
        assert!(covers("*", "https://anything.example"));
        assert!(covers("10.0.0.0/8", "https://10.1.2.3"));
        assert!(covers("0.0.0.0/0", "https://10.1.2.3"));
        assert!(covers("127.0.0.1", "http://127.0.0.1:8080"));
        assert!(covers("127.0.0.1:8080", "http://127.0.0.1:8080"));
        assert!(covers("[::1]:8080", "http://[::1]:8080"));
        assert!(covers("::1", "http://[::1]"));
        assert!(covers("2001:db8::/32", "http://[2001:db8::7]"));

        assert!(!covers("", "https://vt.example"));
        assert!(!covers("vt.example", "https://xvt.example"));
        assert!(!covers("vt.example:8443", "https://vt.example"));
        assert!(!covers("10.0.0.0/8", "https://11.0.0.1"));
        assert!(!covers("10.0.0.0/8", "https://vt.example"));
        assert!(!covers("10.0.0.0/33,vt.example:x,http://", "https://vt.example"));
    }
}
