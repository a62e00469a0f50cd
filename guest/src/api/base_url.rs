//! `VT_URL`: where the API is. A strict reading of `scheme://host[:port][/prefix]`, since everything that is sent,
//! the key first of all, goes where this says.

use super::{error, text};
use crate::contract::Failed;
use alloc::string::String;

/// A checked base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// `https`, not `http`.
    pub https: bool,
    /// `host[:port]`, as given.
    pub authority: String,
    /// A path to put before `/api/v3`, without a slash at its end; often empty.
    pub prefix: String,
}

/// What the URL is when none is given.
pub const DEFAULT: &str = "https://www.virustotal.com";
const VARIABLE: &str = "VT_URL";
const MAX_BYTES: usize = 2048;
const EXAMPLE: &str = "Give it as `https://www.virustotal.com`.";

impl BaseUrl {
    /// Reads a base URL; plain `http` passes to a loopback host, or with `allow_http`.
    ///
    /// # Errors
    /// `configuration`, naming what is wrong. The URL itself is not repeated: it could hold a password.
    pub fn parse(url: &str, allow_http: bool) -> Result<Self, Failed> {
        let wrong = |problem: &str| Err(error::setting("InvalidSetting", VARIABLE, problem, EXAMPLE));
        let url = url.trim_ascii();
        if url.len() > MAX_BYTES {
            return wrong("is longer than 2048 bytes");
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("contains a space, a control character or one outside ASCII");
        }
        let (https, rest) = if let Some(rest) = without_prefix(url, "https://") {
            (true, rest)
        } else if let Some(rest) = without_prefix(url, "http://") {
            (false, rest)
        } else {
            return wrong("does not begin with `https://`");
        };
        if rest.contains(['?', '#', '\\']) {
            return wrong("has a query, a fragment or a backslash");
        }
        let (authority, prefix) = text::cut(rest, b'/').unwrap_or((rest, ""));
        if text::cut(authority, b'@').is_some() {
            return wrong("has a user name or password before the host");
        }
        let Some(host) = host(authority) else {
            return wrong("has no valid host and port");
        };
        let prefix = prefix.trim_matches('/');
        let is_encoded_dot = |window: &[u8]| window.eq_ignore_ascii_case(b"%2e");
        if prefix.split('/').any(|segment| matches!(segment, "." | ".."))
            || prefix.as_bytes().windows(3).any(is_encoded_dot)
        {
            return wrong("has a path with `.` or `..` in it");
        }
        if !https && !allow_http && !is_loopback(host) {
            return Err(error::setting(
                "InvalidSetting",
                VARIABLE,
                "is plain `http` to a host that is not this machine, which would show the API key to the network",
                "Use `https`, or set `VT_ALLOW_HTTP=true` if the network is trusted.",
            ));
        }
        let prefix = if prefix.is_empty() { String::new() } else { ["/", prefix].concat() };
        Ok(Self { https, authority: String::from(authority), prefix })
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The host of a valid `host[:port]`, an IPv6 address without its brackets.
fn host(authority: &str) -> Option<&str> {
    let bytes = authority.as_bytes();
    let (host, behind) = match bytes.strip_prefix(b"[") {
        Some(bracketed) => bracketed.split_at_checked(bracketed.iter().position(|byte| *byte == b']')?)?,
        None => bytes.split_at_checked(bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len()))?,
    };
    let (port, allowed): (_, fn(&u8) -> bool) = match behind {
        [b']', port @ ..] => (port, |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')),
        port => (port, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')),
    };
    let port_is_valid = match port {
        [] => true,
        [b':', digits @ ..] => {
            matches!(digits.len(), 1..=5)
                && digits.iter().all(u8::is_ascii_digit)
                && matches!(digits.iter().fold(0, |port, digit| port * 10 + u32::from(digit - b'0')), 1..=65_535)
        }
        _ => false,
    };
    let is_valid = port_is_valid && matches!(host.len(), 1..=253) && host.iter().all(allowed);
    if is_valid { core::str::from_utf8(host).ok() } else { None }
}

/// Whether a host is this machine: `localhost`, `127.x.y.z` in digits, or `::1`. Four parts, since `127.` is 0.0.0.127 to
/// some parsers. What looks like an address and is none resolves nowhere.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "::1"
        || (host.starts_with("127.")
            && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && host.bytes().filter(|byte| *byte == b'.').count() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ErrorKind;

    #[test]
    fn scheme_authority_and_prefix_are_told_apart() {
        for (url, https, authority, prefix) in [
            (DEFAULT, true, "www.virustotal.com", ""),
            ("https://www.virustotal.com/", true, "www.virustotal.com", ""),
            ("HTTPS://gateway.example:8443/vt/", true, "gateway.example:8443", "/vt"),
            ("http://127.0.0.1:8080", false, "127.0.0.1:8080", ""),
            ("http://[::1]:8080/a/b", false, "[::1]:8080", "/a/b"),
            ("http://localhost", false, "localhost", ""),
        ] {
            let base = BaseUrl::parse(url, false).unwrap();
            assert_eq!(
                (base.https, base.authority.as_str(), base.prefix.as_str()),
                (https, authority, prefix),
                "{url}"
            );
        }
    }

    #[test]
    fn plain_http_leaves_this_machine_only_when_allowed() {
        for url in [
            "http://www.virustotal.com",
            "http://10.0.0.1",
            "http://127.0.0.1.example",
            "http://localhost.example",
            // 0.0.0.127 to a parser that reads one number as a whole address.
            "http://127.",
            "http://127.1",
        ] {
            let error = BaseUrl::parse(url, false).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration, "{url}");
            assert!(error.message.contains("VT_ALLOW_HTTP"), "{}", error.message);
            assert!(BaseUrl::parse(url, true).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        for url in [
            "",
            "www.virustotal.com",
            "ftp://www.virustotal.com",
            "https://",
            "https:///x",
            "https://a b",
            "https://a\nb",
            "https://user:s3cret@host",
            "https://host?q=s3cret",
            "https://host#f",
            "https://host:0",
            "https://host:99999",
            "https://host:",
            "https://[::1",
            "https://[::1]x",
            "https://[nonsense]",
            "https://[]",
            "https://host/a/../b",
            "https://host/a/%2e%2E/b",
            "https://host/.%2e",
            "https://hö.st",
            "https://host\\@evil",
        ] {
            let error = BaseUrl::parse(url, true).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration, "{url}");
            assert!(error.message.contains("VT_URL") && !error.message.contains("s3cret"), "{}", error.message);
        }
    }
}
