//! The host's allow-list. The input is lines: the first a URL, the others entries.
//!
//! - A list permits what one of its entries permits, and nothing else.
//! - What an entry permits has its scheme and port, and its host or one below its suffix: read here from the entry's text
//!   alone. No entry permits two strangers.
//! - An entry without `*` permits the origin it spells.
//!
//! The three pure files are included by path: as a dependency the host would bring wasmtime and a TLS stack into a build
//! where every crate is instrumented, minutes for nothing.

use policy::AllowList;
use url::Url;

#[path = "../../host-example/src/egress/policy.rs"]
#[allow(dead_code, unreachable_pub, reason = "the targets use a part of it")]
mod policy;

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let candidate = lines.next().unwrap_or_default();
    let entries: Vec<&str> = lines.collect();

    let lists: Vec<_> = entries.iter().map(|entry| AllowList::parse(&[*entry])).collect();
    match AllowList::parse(&entries) {
        Ok(list) => {
            let one_permits = lists.iter().any(|one| one.as_ref().is_ok_and(|one| one.permits(candidate)));
            assert_eq!(list.permits(candidate), one_permits);
        }
        Err(error) => {
            assert!(lists.iter().any(Result::is_err));
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }
    for (entry, list) in entries.iter().zip(&lists) {
        if let Ok(list) = list {
            check_entry(entry, list, candidate);
        }
    }
    assert!(!AllowList::default().permits(candidate));
}

fn check_entry(entry: &str, list: &AllowList, candidate: &str) {
    assert!(!(list.permits("https://a.example") && list.permits("https://b.test")));
    let (scheme, rest) = match entry.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".to_owned(), entry),
    };
    assert!(matches!(&*scheme, "http" | "https"), "{entry}");
    let (is_suffix, rest) = match rest.strip_prefix("*.") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    // The entry's own spelling of host and port, by hand.
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let standard = if scheme == "http" { 80 } else { 443 };
    let port = port.map_or(standard, |port| port.parse::<u16>().unwrap_or_else(|_| panic!("{entry} has no port")));
    assert!(port > 0 && !host.is_empty() && !host.contains(['/', '?', '#', '@', '*', ' ', '\\']), "{entry}");
    let canonical = Url::parse(&format!("{scheme}://{host}/")).unwrap_or_else(|error| panic!("{entry}: {error}"));
    let canonical = canonical.host_str().unwrap_or_default();
    let canonical = canonical.strip_suffix('.').unwrap_or(canonical);
    assert!(!canonical.ends_with('.'), "{entry} has an empty label");
    if is_suffix {
        assert!(canonical.contains('.') && list.permits(&format!("{scheme}://a.{canonical}:{port}/x")), "{entry}");
        assert!(!list.permits(&format!("{scheme}://{canonical}:{port}/x")), "{entry}");
        assert!(!list.permits(&format!("{scheme}://a{canonical}:{port}/x")), "{entry}");
    } else {
        assert!(list.permits(&format!("{scheme}://{canonical}:{port}/x")), "{entry}");
        assert!(!list.permits(&format!("{scheme}://a.{canonical}:{port}/x")), "{entry}");
    }

    if list.permits(candidate) {
        let url = Url::parse(candidate).unwrap_or_else(|error| panic!("{candidate}: {error}"));
        assert_eq!((url.scheme(), url.port_or_known_default()), (&*scheme, Some(port)), "{entry}: {candidate}");
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_suffix('.').unwrap_or(host);
        if is_suffix {
            assert!(
                host.strip_suffix(canonical).is_some_and(|labels| labels.len() > 1 && labels.ends_with('.')),
                "{host}"
            );
        } else {
            assert_eq!(host, canonical);
        }
    }
}
