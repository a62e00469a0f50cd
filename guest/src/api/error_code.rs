//! `wasi:http`'s error codes as causes, with what the caller needs to know: is it the name, the connection, TLS, time,
//! the host's policy, or the answer?

use super::answer::{Cause, Phase};
use super::rate;
use alloc::string::String;
use wasi::http::types::ErrorCode;

/// What begins the text of an `internal-error` whose host knows that nothing was sent. `wasi:http` has no code that says so
/// and carries a text, which a failure at a proxy needs: it has to name the proxy.
const NOT_SENT: &str = "not-sent: ";

/// What an error before the answer's body means.
#[must_use]
pub fn cause(code: &ErrorCode) -> Cause {
    let unread = |detail: &str| Cause::Connection { detail: String::from(detail), may_have_arrived: false };
    let read = |detail: &str| Cause::Connection { detail: String::from(detail), may_have_arrived: true };
    let tls = |detail: &str| Cause::Tls(String::from(detail));
    let unsound = |detail: &str| Cause::Protocol(String::from(detail));
    match code {
        ErrorCode::DnsError(payload) => Cause::Dns(in_brackets(payload.rcode.as_deref())),
        ErrorCode::DnsTimeout | ErrorCode::DestinationNotFound => Cause::Dns(String::new()),
        ErrorCode::ConnectionRefused => Cause::Refused,
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => unread("it cannot be reached"),
        ErrorCode::ConnectionLimitReached => unread("the host has no connection to spare"),
        ErrorCode::LoopDetected => unread("the host detected a loop"),
        ErrorCode::ConfigurationError => unread("the host is not configured for it"),
        ErrorCode::DestinationIpProhibited => Cause::Denied(String::from(" (its address is not allowed)")),
        ErrorCode::HttpRequestDenied => Cause::Denied(String::new()),
        ErrorCode::ConnectionTerminated => read("it was closed before an answer came"),
        ErrorCode::ConnectionTimeout => Cause::Deadline(Phase::Connect),
        ErrorCode::ConnectionReadTimeout | ErrorCode::ConnectionWriteTimeout | ErrorCode::HttpResponseTimeout => {
            Cause::Deadline(Phase::Answer)
        }
        ErrorCode::TlsProtocolError => tls("what answers there does not speak TLS, or only versions not accepted"),
        ErrorCode::TlsCertificateError => tls(
            "its certificate is not trusted, not valid now, or for another name; behind a TLS-inspecting network give the \
             host that network's CA certificate",
        ),
        ErrorCode::TlsAlertReceived(alert) => match &alert.alert_message {
            Some(message) => tls(message),
            None => tls("it broke off the handshake"),
        },
        ErrorCode::HttpRequestMethodInvalid => Cause::Unsendable("method"),
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestUriTooLong => Cause::Unsendable("path"),
        ErrorCode::HttpRequestLengthRequired | ErrorCode::HttpRequestBodySize(_) => Cause::Unsendable("body"),
        ErrorCode::HttpRequestHeaderSectionSize(_) | ErrorCode::HttpRequestHeaderSize(_) => {
            Cause::Unsendable("headers")
        }
        ErrorCode::HttpRequestTrailerSectionSize(_) | ErrorCode::HttpRequestTrailerSize(_) => {
            Cause::Unsendable("trailers")
        }
        ErrorCode::HttpResponseIncomplete => Cause::Incomplete { read: 0 },
        ErrorCode::HttpResponseHeaderSectionSize(_) | ErrorCode::HttpResponseHeaderSize(_) => {
            unsound("its headers are larger than the host takes")
        }
        ErrorCode::HttpResponseBodySize(_) => unsound("its body is larger than the host takes"),
        ErrorCode::HttpResponseTrailerSectionSize(_) | ErrorCode::HttpResponseTrailerSize(_) => {
            unsound("its trailers are larger than the host takes")
        }
        ErrorCode::HttpResponseTransferCoding(_) => unsound("its transfer coding is broken or unknown"),
        ErrorCode::HttpResponseContentCoding(_) => unsound("its content coding is broken or unknown"),
        ErrorCode::HttpUpgradeFailed => unsound("it asks for an upgrade"),
        ErrorCode::HttpProtocolError => unsound("it does not keep to HTTP"),
        ErrorCode::InternalError(detail) => {
            let detail = detail.as_deref().unwrap_or("the host does not say why");
            match (rate::of_host(detail), detail.strip_prefix(NOT_SENT)) {
                (Some((code, seconds)), _) => Cause::Rate { code, seconds },
                (None, Some(detail)) => unread(detail),
                // What went wrong inside a host says nothing of what it had sent by then.
                (None, None) => read(detail),
            }
        }
    }
}

fn in_brackets(detail: Option<&str>) -> String {
    match detail {
        Some(detail) if !detail.is_empty() => [" (", detail, ")"].concat(),
        _ => String::new(),
    }
}

/// What an error in the midst of the body means, after so many bytes of it.
#[must_use]
pub fn cause_in_body(code: Option<&ErrorCode>, read: u64) -> Cause {
    match code.map(cause) {
        Some(Cause::Deadline(_)) => Cause::Deadline(Phase::Body),
        Some(Cause::Protocol(detail)) => Cause::Protocol(detail),
        // However the connection ended, the answer did not.
        _ => Cause::Incomplete { read },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::outcome::Outcome;
    use wasi::http::types::DnsErrorPayload;

    #[test]
    fn a_name_a_refusal_tls_time_and_policy_are_told_apart() {
        assert_eq!(cause(&ErrorCode::DnsTimeout), Cause::Dns(String::new()));
        assert_eq!(cause(&ErrorCode::ConnectionRefused), Cause::Refused);
        assert!(matches!(cause(&ErrorCode::TlsCertificateError), Cause::Tls(_)));
        assert_eq!(cause(&ErrorCode::ConnectionTimeout), Cause::Deadline(Phase::Connect));
        assert!(matches!(cause(&ErrorCode::HttpRequestDenied), Cause::Denied(_)));
    }

    /// Every code that `wasi:http` has for what ends before a byte of the request leaves, and every other.
    #[test]
    fn what_never_left_is_told_from_what_may_have_arrived() {
        let text = |text: &str| Some(String::from(text));
        let dns = DnsErrorPayload { rcode: text("no such name"), info_code: None };
        for code in [
            ErrorCode::DnsTimeout,
            ErrorCode::DnsError(dns),
            ErrorCode::DestinationNotFound,
            ErrorCode::DestinationUnavailable,
            ErrorCode::DestinationIpProhibited,
            ErrorCode::DestinationIpUnroutable,
            ErrorCode::ConnectionRefused,
            ErrorCode::ConnectionTimeout,
            ErrorCode::ConnectionLimitReached,
            ErrorCode::TlsProtocolError,
            ErrorCode::TlsCertificateError,
            ErrorCode::HttpRequestDenied,
            ErrorCode::HttpRequestUriInvalid,
            ErrorCode::ConfigurationError,
            ErrorCode::InternalError(text("RequestsPerDay 9")),
            ErrorCode::InternalError(text("not-sent: the proxy http://proxy:3128 refused the connection")),
        ] {
            assert_eq!(Outcome::of_cause(&cause(&code)), Outcome::NotSent, "{code:?}");
        }
        for code in [
            ErrorCode::ConnectionTerminated,
            ErrorCode::ConnectionReadTimeout,
            ErrorCode::ConnectionWriteTimeout,
            ErrorCode::HttpResponseTimeout,
            ErrorCode::HttpResponseIncomplete,
            ErrorCode::HttpProtocolError,
            ErrorCode::InternalError(None),
            ErrorCode::InternalError(text("the proxy http://proxy:3128 refused the connection")),
            ErrorCode::InternalError(text("it is said to be not-sent: who knows")),
        ] {
            assert_eq!(Outcome::of_cause(&cause(&code)), Outcome::Unknown, "{code:?}");
        }
    }

    #[test]
    fn what_a_host_says_of_a_name_or_of_a_proxy_is_kept() {
        let text = |text: &str| Some(String::from(text));
        let dns = DnsErrorPayload { rcode: text("no such name"), info_code: None };
        assert_eq!(cause(&ErrorCode::DnsError(dns)), Cause::Dns(String::from(" (no such name)")));
        let detail = String::from("the proxy http://proxy:3128 refused the connection");
        let code = ErrorCode::InternalError(Some([NOT_SENT, &detail].concat()));
        assert_eq!(cause(&code), Cause::Connection { detail, may_have_arrived: false });
    }

    #[test]
    fn a_connection_lost_in_the_body_is_an_incomplete_answer() {
        assert_eq!(cause_in_body(Some(&ErrorCode::ConnectionTerminated), 7), Cause::Incomplete { read: 7 });
        assert_eq!(cause_in_body(None, 7), Cause::Incomplete { read: 7 });
        assert_eq!(cause_in_body(Some(&ErrorCode::ConnectionReadTimeout), 7), Cause::Deadline(Phase::Body));
    }
}
