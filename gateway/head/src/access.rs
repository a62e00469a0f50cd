//! Who is let in.

use subtle::ConstantTimeEq as _;

use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Request;
use crate::settings::{Access, Settings};

/// The refusal, if there is one.
pub(crate) fn refusal(request: &Request, host: Option<&str>, settings: &Settings) -> Option<Reply> {
    match &settings.access {
        Access::Token(token) => match bearer(request) {
            Some(given) if bool::from(given.as_bytes().ct_eq(token.as_bytes())) => None,
            given => Some(unauthorized(given.is_some())),
        },
        // A page of another site can have its own name resolved to this machine, and is then of the same origin.
        Access::Loopback if host.is_some_and(is_loopback) => None,
        Access::Loopback => Some(
            Problem::request(
                403,
                "HostRefused",
                "Without a token the gateway answers only requests to this machine: ask for http://127.0.0.1 or \
                 http://localhost, or set GATEWAY_TOKEN.",
            )
            .reply(),
        ),
    }
}

/// The token of `authorization: Bearer …`. Its length can be learned from the time a comparison takes, nothing else.
fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized(given: bool) -> Reply {
    let (detail, challenge) = if given {
        ("The token is not the gateway's.", "Bearer realm=\"virustotal-hunting\", error=\"invalid_token\"")
    } else {
        (
            "The gateway asks for its token: send the header `authorization: Bearer <GATEWAY_TOKEN>`.",
            "Bearer realm=\"virustotal-hunting\"",
        )
    };
    let mut reply = Problem::request(401, "TokenRequired", detail).reply();
    reply.header("www-authenticate", challenge);
    reply
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        // Not the last colon of an address in brackets.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_this_machine_and_what_only_looks_like_it() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8080", "127.8.9.1:2"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "127.0.0.1.example:80", "10.0.0.1", "[::2]:1", "", ":80", "127.0.0.1:x"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
