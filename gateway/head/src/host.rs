//! The host that a request names: in its target, in the header `host`, or in both, and then the same.

use http::uri::Authority;

use crate::problem::Problem;
use crate::request::Request;

/// The host and port that the request names. `None` where it names none, which is the business of whoever speaks HTTP.
///
/// # Errors
///
/// It names several, two that differ, or what is not a host.
pub fn name(request: &Request) -> Result<Option<String>, Problem> {
    let mut headers = request.headers.iter().filter(|(name, _)| name == "host").map(|(_, value)| value.as_slice());
    let header = match (headers.next(), headers.next()) {
        (_, Some(_)) => return Err(invalid("The request has the header `host` more than once. Send it once.")),
        (Some(value), None) => Some(parse(value)?),
        (None, None) => None,
    };
    let target = request.authority.as_ref().map(|authority| parse(authority.as_bytes())).transpose()?;
    match (target, header) {
        (Some(target), Some(header)) if !is_same(&target, &header) => {
            Err(invalid("The request's target and its header `host` name different hosts. Send the same in both."))
        }
        (target, header) => Ok(target.or(header).map(|authority| authority.as_str().to_owned())),
    }
}

fn parse(bytes: &[u8]) -> Result<Authority, Problem> {
    usable(bytes).ok_or_else(|| {
        invalid("The request's `host` is not a host. Send a name or an address, and a port if need be, such as localhost:8080.")
    })
}

/// What `http` takes for an authority, without user information, and with a port that is one.
fn usable(bytes: &[u8]) -> Option<Authority> {
    let text = std::str::from_utf8(bytes).ok()?;
    let authority: Authority = text.parse().ok()?;
    let host = authority.host();
    let rest = text.strip_prefix(host)?;
    let port_is_one = rest.is_empty()
        || rest.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && (port.is_empty() || port.parse::<u16>().is_ok())
        });
    let host_is_one = match host.strip_prefix('[') {
        Some(address) => address.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
    };
    (host_is_one && port_is_one).then_some(authority)
}

/// A port that is absent is the one of `http`.
fn is_same(one: &Authority, other: &Authority) -> bool {
    let port = |authority: &Authority| authority.port_u16().unwrap_or(80);
    one.host().eq_ignore_ascii_case(other.host()) && port(one) == port(other)
}

fn invalid(detail: &str) -> Problem {
    Problem::request(400, "InvalidHost", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(target: Option<&str>, headers: &[&[u8]]) -> Result<Option<String>, u16> {
        let request = Request {
            authority: target.map(str::to_owned),
            headers: headers.iter().map(|value| ("host".to_owned(), value.to_vec())).collect(),
            ..Request::default()
        };
        name(&request).map_err(|problem| problem.status)
    }

    #[test]
    fn a_name_an_address_and_a_port_are_a_host() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "vt.example",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:65535",
            "a",
            "a.",
            "a:",
            "x_y.example:0",
            "xn--mller-kva.example",
        ] {
            assert_eq!(named(None, &[host.as_bytes()]), Ok(Some(host.to_owned())));
            assert_eq!(named(Some(host), &[]), Ok(Some(host.to_owned())));
            assert_eq!(named(Some(host), &[host.as_bytes()]), Ok(Some(host.to_owned())));
        }
        assert_eq!(named(None, &[]), Ok(None));
    }

    #[test]
    fn what_is_not_a_host_is_refused_wherever_it_stands() {
        for host in [
            "",
            " ",
            "a b",
            "a/b",
            "/",
            "a?b",
            "a#b",
            "a\\b",
            "user@a",
            "user:password@a",
            "@a",
            "a@",
            "a:b",
            "a:80:80",
            "a:65536",
            "a:99999999999",
            "a:-1",
            "a:+1",
            "a: 80",
            ":80",
            ":",
            "::1",
            "[::1",
            "::1]",
            "[]",
            "[a]",
            "[::1]a",
            "[::1]:a",
            "[::g]",
            "[fe80::1%25eth0]",
            "[127.0.0.1]",
            "a,b",
            "a%",
            "a%41",
            "a%zz",
            "<a>",
            "\"a\"",
            "{a}",
            "a|b",
            "a^b",
            "a`b",
            "a;b",
            "a*b",
            "a\tb",
            "ä.example",
            "a\u{202e}b",
            "http://a",
            "a\u{0}",
            "a\u{7f}",
            "a\u{85}",
        ] {
            assert_eq!(named(None, &[host.as_bytes()]), Err(400), "{host:?}");
            assert_eq!(named(Some(host), &[]), Err(400), "{host:?}");
            assert_eq!(named(Some("a"), &[host.as_bytes()]), Err(400), "{host:?}");
        }
        for host in [&b"\xff"[..], b"a\xff", b"\xc3\x28", b"\x80"] {
            assert_eq!(named(None, &[host]), Err(400), "{host:?}");
        }
    }

    #[test]
    fn every_other_character_in_a_name_is_refused() {
        for byte in 0..=u8::MAX {
            let is_good = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            assert_eq!(named(None, &[&[b'a', byte, b'a']]).is_ok(), is_good, "{byte:#x}");
        }
    }

    #[test]
    fn several_are_refused_the_same_one_as_well() {
        assert_eq!(named(None, &[b"a", b"a"]), Err(400));
        assert_eq!(named(Some("a"), &[b"a", b"b"]), Err(400));
        assert_eq!(named(None, &[b"a", b"b", b"c"]), Err(400));
    }

    #[test]
    fn a_target_and_a_header_that_differ_are_refused() {
        for (target, header) in [("a", "b"), ("a:80", "a:81"), ("a", "a:8080"), ("[::1]", "127.0.0.1")] {
            assert_eq!(named(Some(target), &[header.as_bytes()]), Err(400), "{target} {header}");
        }
        for (target, header) in [("a", "A"), ("a:80", "a"), ("a", "a:80"), ("a:", "a")] {
            assert!(named(Some(target), &[header.as_bytes()]).is_ok(), "{target} {header}");
        }
    }
}
