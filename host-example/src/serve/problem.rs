//! What this host itself answers, where the component cannot: problems of RFC 9457, in the form that the gateway's own have.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

const TYPE: &str = "urn:problem-type:virustotal-hunting:";

/// Whose word an answer is: the host's own, with the status and a code for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) detail: String,
    pub(super) retryable: bool,
    /// Seconds.
    pub(super) retry_after: Option<u32>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), retryable: false, retry_after: None }
    }

    pub(super) fn again_after(mut self, seconds: u32) -> Problem {
        (self.retryable, self.retry_after) = (true, Some(seconds));
        self
    }

    pub(super) fn response(&self) -> Response<Bytes> {
        let kind = if self.status.is_client_error() { "request" } else { "host" };
        let document = serde_json::json!({
            "type": format!("{TYPE}{}", kebab(self.code)),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "kind": kind,
            "code": self.code,
            "retryable": self.retryable,
            "retry_after": self.retry_after,
            "upstream_status": null,
        });
        let mut response = Response::new(Bytes::from(document.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// `TooBusy` as it stands in a `type`: `too-busy`.
fn kebab(code: &str) -> String {
    let mut text = String::new();
    for (at, letter) in code.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_gateways_form() {
        let response = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "TooBusy", "No place.").again_after(1).response();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &HeaderValue::from(1)));
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let read: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(read["type"], "urn:problem-type:virustotal-hunting:too-busy");
        assert_eq!(
            (&read["status"], &read["code"], &read["retryable"]),
            (&503.into(), &"TooBusy".into(), &true.into())
        );
    }
}
