//! Which hosts may be reached at all: the allow-list.
//!
//! # An empty list denies everything
//!
//! There is no way to write "everywhere". What is not listed is refused before a name is resolved or a socket opened.
//! (A tenant's list always holds the configured origin besides the entries.)
//!
//! # Accepted forms
//!
//! | entry | allows | does not allow |
//! |---|---|---|
//! | `vt.example` | `https://vt.example` on port 443 | port 8443, plain http, `a.vt.example` |
//! | `vt.example:8443` | `https://vt.example:8443` | port 443 |
//! | `https://vt.example` | the same as `vt.example` | |
//! | `http://vt.example:8080` | plain http, port 8080 | https on that port |
//! | `*.vt.example` | `https://a.vt.example`, `https://a.b.vt.example`, port 443 | `https://vt.example` itself, `xvt.example` |
//! | `*.vt.example:8443` | the same on port 8443 | |
//! | `http://*.vt.example` | the same with plain http, port 80 | |
//! | `192.0.2.7:8443`, `[2001:db8::7]` | an address, for requests that name it as an address | names that resolve to it |
//!
//! # Matching
//!
//! - Scheme and port always count. Without a scheme it is `https`; without a port it is the scheme's own.
//! - Hosts are compared in their canonical form: lower case, IDNA (`bücher.example` is `xn--bcher-kva.example`), without
//!   the root's trailing dot, IPv4 as four decimals however written, IPv6 in shortest form.
//! - `*` stands for one or more whole labels, only as the first label, and never in front of an address, or of a suffix
//!   of a single label (`*.com` is refused, as is `*`).
//! - Refused as entries: a path, a query, a user, a port out of 1 to 65535, white space, any other scheme.
//!
//! ```
//! use vt_hunting_host::egress::AllowList;
//!
//! let allowed = AllowList::parse(&["vt.example", "*.cdn.example:8443"])?;
//! assert!(allowed.permits("https://VT.example./api/v3"));
//! assert!(allowed.permits("https://eu.cdn.example:8443"));
//! assert!(!allowed.permits("http://vt.example"));
//! assert!(!allowed.permits("https://cdn.example:8443"));
//!
//! assert!(!AllowList::default().permits("https://vt.example"));
//! # Ok::<(), vt_hunting_host::egress::InvalidEntry>(())
//! ```

use crate::settings::{Origin, Scheme};
use std::fmt;

/// The parsed list. Parsed once, so that the request path has nothing left that can fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    scheme: Scheme,
    host: Pattern,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Exactly(String),
    /// With the leading dot: `.vt.example`.
    Below(String),
}

/// An entry that is none of the accepted forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEntry {
    entry: String,
    reason: &'static str,
}

impl fmt::Display for InvalidEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = crate::settings::without_credentials(&self.entry);
        write!(
            formatter,
            "`{}`: {}; write `host[:port]`, `scheme://host[:port]` or `*.suffix`",
            entry.escape_debug(),
            self.reason
        )
    }
}

impl std::error::Error for InvalidEntry {}

impl AllowList {
    /// Parses all entries.
    ///
    /// # Errors
    ///
    /// The first entry that is none of the accepted forms.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<AllowList, InvalidEntry> {
        let entries = entries.iter().map(|entry| Entry::parse(entry.as_ref())).collect::<Result<_, _>>()?;
        Ok(AllowList { entries })
    }

    /// Whether a request to this absolute URL may leave. Anything that is no `http` or `https` URL may not.
    pub fn permits(&self, url: &str) -> bool {
        url::Url::parse(url).ok().and_then(|url| Origin::of(&url)).is_some_and(|origin| self.permits_origin(&origin))
    }

    pub(crate) fn permits_origin(&self, origin: &Origin) -> bool {
        self.entries.iter().any(|entry| entry.matches(origin))
    }

    pub(crate) fn add_origin(&mut self, origin: &Origin) {
        self.entries.push(Entry {
            scheme: origin.scheme,
            host: Pattern::Exactly(origin.host.clone()),
            port: origin.port,
        });
    }
}

impl Entry {
    fn parse(entry: &str) -> Result<Entry, InvalidEntry> {
        let invalid = |reason| InvalidEntry { entry: entry.to_owned(), reason };
        if entry.is_empty() {
            return Err(invalid("it is empty"));
        }
        // `url` trims and drops white space and control characters where the platform's browsers do.
        if entry.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(invalid("there is white space, a control character or a backslash in it"));
        }
        let (scheme, rest) = match entry.split_once("://") {
            Some((scheme, rest)) => (
                Scheme::parse(&scheme.to_ascii_lowercase())
                    .ok_or_else(|| invalid("the scheme is not http or https"))?,
                rest,
            ),
            None => (Scheme::Https, entry),
        };
        if rest.contains(['/', '?', '#', '@']) {
            return Err(invalid("there is more in it than a host and a port"));
        }
        let (wildcard, rest) = match rest.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if rest.contains('*') {
            return Err(invalid("`*` stands only for the first labels, as in `*.vt.example`"));
        }
        // A host with a dot in front would be read as one with an empty label.
        if rest.starts_with('.') {
            return Err(invalid("the host starts with a dot"));
        }
        if rest.ends_with(':') || rest.ends_with(":0") {
            return Err(invalid("the port is not 1 to 65535"));
        }
        let url = url::Url::parse(&format!("{}://{rest}", scheme.as_str())).map_err(|error| {
            invalid(match error {
                url::ParseError::InvalidPort => "the port is not 1 to 65535",
                url::ParseError::EmptyHost => "there is no host in it",
                _ => "the host is not a name or an address",
            })
        })?;
        let origin = Origin::of(&url).filter(|origin| origin.port != 0 && !origin.host.is_empty());
        let origin = origin.ok_or_else(|| invalid("the host is not a name or an address"))?;
        // One dot at the end is gone by now: `vt.example..` still has one.
        if origin.host.contains("..") || origin.host.ends_with('.') {
            return Err(invalid("the host has an empty label"));
        }
        let host = if wildcard {
            if origin.address().is_some() {
                return Err(invalid("`*.` in front of an address means nothing"));
            }
            if !origin.host.contains('.') {
                return Err(invalid("`*.` needs a suffix of at least two labels"));
            }
            Pattern::Below(format!(".{}", origin.host))
        } else {
            Pattern::Exactly(origin.host)
        };
        Ok(Entry { scheme, host, port: origin.port })
    }

    fn matches(&self, origin: &Origin) -> bool {
        self.scheme == origin.scheme
            && self.port == origin.port
            && match &self.host {
                Pattern::Exactly(host) => *host == origin.host,
                Pattern::Below(suffix) => {
                    origin.host.len() > suffix.len()
                        && origin.host.ends_with(suffix.as_str())
                        && origin.address().is_none()
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn permits(entry: &str, url: &str) -> bool {
        AllowList::parse(&[entry]).expect(entry).permits(url)
    }

    #[test]
    fn an_empty_list_denies_everything() {
        assert!(!AllowList::default().permits("https://www.virustotal.com"));
        assert!(!AllowList::parse::<&str>(&[]).unwrap().permits("http://127.0.0.1"));
    }

    #[test]
    fn scheme_and_port_count() {
        assert!(permits("vt.example", "https://vt.example/x?y"));
        assert!(permits("vt.example", "https://vt.example:443"));
        assert!(!permits("vt.example", "https://vt.example:8443"));
        assert!(!permits("vt.example", "http://vt.example"));
        assert!(!permits("vt.example", "http://vt.example:443"));
        assert!(permits("http://vt.example:8080", "http://vt.example:8080"));
        assert!(!permits("http://vt.example:8080", "https://vt.example:8080"));
        assert!(permits("HTTPS://vt.example", "https://vt.example"));
    }

    #[test]
    fn two_ways_to_write_a_host_are_one_host() {
        assert!(permits("VT.Example", "https://vt.example"));
        assert!(permits("vt.example.", "https://vt.example"));
        assert!(permits("vt.example", "https://vt.example."));
        assert!(permits("bücher.example", "https://xn--bcher-kva.example"));
        assert!(permits("127.0.0.1", "https://0x7f.1"));
        assert!(permits("[::1]:8443", "https://[0:0:0:0:0:0:0:1]:8443"));
        assert!(permits("[::ffff:1.2.3.4]", "https://[::ffff:102:304]"));
    }

    #[test]
    fn a_wildcard_stands_for_whole_labels_in_front() {
        assert!(permits("*.vt.example", "https://a.vt.example"));
        assert!(permits("*.vt.example", "https://a.b.vt.example"));
        assert!(permits("*.vt.example:8443", "https://a.vt.example:8443"));
        assert!(permits("http://*.vt.example", "http://a.vt.example"));
        assert!(!permits("*.vt.example", "https://vt.example"));
        assert!(!permits("*.vt.example", "https://xvt.example"));
        assert!(!permits("*.vt.example", "https://vt.example.evil.example"));
    }

    #[test]
    fn tricks_in_an_url_do_not_reach_another_host() {
        for url in [
            "https://vt.example@evil.example",
            "https://evil.example#vt.example",
            "https://evil.example/vt.example",
            "https://evil.example?vt.example",
            "https://vt.example.evil.example",
            "https://evil.example\\@vt.example",
            "vt.example",
            "//vt.example",
            "file://vt.example/x",
            "javascript:vt.example",
            "",
        ] {
            assert!(!permits("vt.example", url), "{url}");
        }
    }

    #[test]
    fn entries_of_no_accepted_form_are_refused() {
        for entry in [
            "",
            "*",
            "*.",
            "*.com",
            "*.*.com",
            "a.*.com",
            "*vt.example",
            "ftp://vt.example",
            "vt.example/",
            "vt.example/x",
            "https://vt.example?x",
            "me@vt.example",
            "https://me:pw@vt.example",
            "vt.example:0",
            "vt.example:65536",
            "vt.example:",
            "vt.example:x",
            " vt.example",
            "vt.example\n",
            "vt..example",
            "vt.example..",
            "*.1.2.3.4",
            "[::1",
            "::1",
            "*.[::1]",
            "vt..example",
            "vt.example..",
            ".vt.example",
            "https://",
            "://x",
            "vt.example\\x",
            "vt.example#x",
            "*.localhost",
        ] {
            let error = AllowList::parse(&[entry]).expect_err(entry).to_string();
            assert!(error.contains("; write `host[:port]`") && !error.contains("pw"), "{error}");
        }
    }

    /// Labels that need no encoding.
    fn host() -> impl Strategy<Value = String> {
        "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9]{0,8}){1,3}"
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_never_allows_everything(entry in ".{0,40}") {
            if let Ok(list) = AllowList::parse(&[&entry]) {
                prop_assert!(!(list.permits("https://a.example") && list.permits("https://b.test")));
            }
        }

        #[test]
        fn an_entry_allows_its_own_host_and_no_other(host in host(), other in host(), port in 1u16..) {
            let list = AllowList::parse(&[format!("{host}:{port}")]).unwrap();
            let own = format!("https://{host}:{port}/");
            prop_assert!(list.permits(&own));
            let others = format!("https://{other}:{port}/");
            prop_assert_eq!(list.permits(&others), other == host);
            let (plain, sub) = (format!("http://{host}:{port}/"), format!("https://sub.{host}:{port}/"));
            prop_assert!(!list.permits(&plain));
            prop_assert!(!list.permits(&sub));
        }

        #[test]
        fn a_wildcard_allows_exactly_what_lies_below(suffix in host(), label in "[a-z]{1,8}") {
            let list = AllowList::parse(&[format!("*.{suffix}")]).unwrap();
            let (below, itself, beside) =
                (format!("https://{label}.{suffix}"), format!("https://{suffix}"), format!("https://{label}{suffix}"));
            prop_assert!(list.permits(&below));
            prop_assert!(!list.permits(&itself));
            prop_assert!(!list.permits(&beside));
        }

        #[test]
        fn case_and_the_roots_dot_never_matter(host in host()) {
            let list = AllowList::parse(&[host.to_ascii_uppercase()]).unwrap();
            let dotted = format!("https://{host}.");
            prop_assert!(list.permits(&dotted));
        }
    }
}
