//! Failures of the contract as problems.
//!
//! 401 is the gateway's own: it asks for the gateway's token. When VirusTotal does not accept the key, that is the
//! operator's to mend, not the caller's: 502.

use virustotal_hunting_gateway_head::{Kind, Problem};

use crate::contract::{ErrorKind, Failure};

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let (kind, status) = kind_and_status(&failure);
        Self {
            status,
            detail: failure.message,
            kind: Kind::Contract(kind),
            code: failure.code,
            retryable: failure.retryable,
            retry_after: failure.retry_after,
            upstream_status: failure.status,
            pointer: None,
        }
    }
}

/// The table of docs/gateway.md.
fn kind_and_status(failure: &Failure) -> (&'static str, u16) {
    match failure.kind {
        ErrorKind::InvalidArgument => ("invalid-argument", 422),
        ErrorKind::Configuration => ("configuration", 500),
        ErrorKind::Authentication => ("authentication", 502),
        // The host's own way out refused: nothing the caller asked for is forbidden to the caller.
        ErrorKind::Forbidden if failure.code == "RequestDenied" => ("forbidden", 502),
        ErrorKind::Forbidden => ("forbidden", 403),
        ErrorKind::NotFound => ("not-found", 404),
        ErrorKind::Conflict => ("conflict", 409),
        ErrorKind::QuotaExceeded => ("quota-exceeded", 429),
        ErrorKind::RateLimited => ("rate-limited", 429),
        ErrorKind::Unavailable => ("unavailable", 503),
        ErrorKind::Timeout => ("timeout", 504),
        ErrorKind::Transport => ("transport", 502),
        ErrorKind::Protocol => ("protocol", 502),
        // VirusTotal refused the size of the request; otherwise its answer was beyond the cap.
        ErrorKind::TooLarge if failure.status == Some(413) => ("too-large", 413),
        ErrorKind::TooLarge => ("too-large", 502),
        ErrorKind::Other => ("other", 502),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind, code: &str, status: Option<u16>) -> Failure {
        Failure {
            kind,
            code: code.to_owned(),
            message: "It went wrong.".to_owned(),
            status,
            retry_after: Some(7),
            retryable: true,
        }
    }

    fn status(kind: ErrorKind, code: &str, status: Option<u16>) -> u16 {
        Problem::from(failure(kind, code, status)).status
    }

    #[test]
    fn a_key_that_virustotal_refuses_is_not_the_gateways_own_401() {
        assert_eq!(status(ErrorKind::Authentication, "WrongCredentialsError", Some(401)), 502);
    }

    #[test]
    fn who_can_mend_it_decides_the_status() {
        assert_eq!(status(ErrorKind::Forbidden, "ReadOnly", None), 403);
        assert_eq!(status(ErrorKind::Forbidden, "RequestDenied", None), 502);
        assert_eq!(status(ErrorKind::TooLarge, "Http413", Some(413)), 413);
        assert_eq!(status(ErrorKind::TooLarge, "ResponseTooLarge", None), 502);
        assert_eq!(status(ErrorKind::Configuration, "MissingApiKey", None), 500);
        assert_eq!(status(ErrorKind::InvalidArgument, "InvalidArgument", None), 422);
    }

    #[test]
    fn a_problem_has_the_standards_members_and_ours() {
        let problem = Problem::from(failure(ErrorKind::QuotaExceeded, "QuotaExceededError", Some(429)));
        let reply = problem.reply();
        assert_eq!(
            String::from_utf8_lossy(&reply.body),
            "{\"type\":\"urn:problem-type:virustotal-hunting:quota-exceeded\",\"title\":\"Too Many Requests\",\
             \"status\":429,\"detail\":\"It went wrong.\",\"kind\":\"quota-exceeded\",\"code\":\"QuotaExceededError\",\
             \"retryable\":true,\"retry_after\":7,\"upstream_status\":429}"
        );
        assert!(reply.headers.contains(&("retry-after", "7".to_owned())), "{:?}", reply.headers);
    }

    #[test]
    fn the_documentation_has_the_status_of_every_kind() {
        let documentation = include_str!("../../docs/gateway.md");
        for kind in [
            ErrorKind::InvalidArgument,
            ErrorKind::Configuration,
            ErrorKind::Authentication,
            ErrorKind::Forbidden,
            ErrorKind::NotFound,
            ErrorKind::Conflict,
            ErrorKind::QuotaExceeded,
            ErrorKind::RateLimited,
            ErrorKind::Unavailable,
            ErrorKind::Timeout,
            ErrorKind::Transport,
            ErrorKind::Protocol,
            ErrorKind::TooLarge,
            ErrorKind::Other,
        ] {
            let (name, status) = kind_and_status(&failure(kind, "", None));
            assert!(
                documentation.contains(&format!("| `{name}` | {status} |")),
                "docs/gateway.md lacks {name}, {status}"
            );
            // The name is the contract's.
            assert_eq!(serde_json::to_value(kind).ok(), Some(name.into()));
        }
    }
}
