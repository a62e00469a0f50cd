//! `VT_URL`. The input is its text.
//!
//! What is taken, the `url` crate takes too, with the same scheme, host and port and without a user: two parsers that
//! disagree about a host are how a key ends up elsewhere. Plain `http` stays on this machine unless allowed.
//!
//! Not asked for: that a host is more than its characters. `[::::]`, `1.2.3.4.5` and punycode of nothing are taken, and
//! refused by whatever is to connect; `12` and `0x7f.1` are taken, and are the same address to all that take them.

use url::{Host, Url};
use virustotal_hunting::api::base_url::BaseUrl;
use virustotal_hunting::contract::ErrorKind;

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for allow_http in [false, true] {
        match BaseUrl::parse(text, allow_http) {
            Ok(base) => check_base(text.trim_ascii(), &base, allow_http),
            Err(error) => assert!(error.kind == ErrorKind::Configuration && error.message.len() < 500, "{error:?}"),
        }
    }
}

fn check_base(text: &str, base: &BaseUrl, allow_http: bool) {
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::IdnaError | url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address) => {
            // Nowhere to go, so nothing to send there in the clear.
            return;
        }
        Err(error) => panic!("taken, although: {error}"),
    };
    assert_eq!(url.scheme(), if base.https { "https" } else { "http" });
    assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none());

    let (host, port) = match base.authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().expect("a port"))),
        _ => (base.authority.as_str(), None),
    };
    assert_eq!(url.port_or_known_default(), port.or(Some(if base.https { 443 } else { 80 })));
    match url.host().expect("it has a host") {
        Host::Domain(name) => assert!(name.eq_ignore_ascii_case(host), "{host} is {name}"),
        Host::Ipv4(address) => {
            let is_number = |label: &str| label.starts_with(|first: char| first.is_ascii_digit());
            let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
            assert!(address.to_string() == host || labels.iter().all(|label| is_number(label)), "{host} is {address}");
        }
        Host::Ipv6(address) => {
            assert_eq!(host.trim_matches(['[', ']']).parse(), Ok(address));
        }
    }
    if !base.https && !allow_http {
        let is_this_machine = match url.host().expect("it has a host") {
            // Digits and dots that are no address are a name that nobody can have.
            Host::Domain(name) => name == "localhost" || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        assert!(is_this_machine, "plain http to {host}");
    }

    // What a URL parser on the way makes of the prefix is below the same segments.
    let joined = format!("{}://{}{}/api/v3/x", url.scheme(), base.authority, base.prefix);
    let joined = Url::parse(&joined).expect("the whole is a URL");
    let depth = base.prefix.matches('/').count();
    assert_eq!(joined.path_segments().map(Iterator::count), Some(depth + 3), "{joined} folds {}", base.prefix);
    assert!(joined.path().ends_with("/api/v3/x") && joined.host() == url.host());
}
