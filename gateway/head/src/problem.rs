//! Refusals and failures as RFC 9457 problems: whose fault it is decides the status, and `kind` and `code` say what it was.

use serde::Serialize;

use crate::reply::Reply;

/// The prefix of every `type`.
const TYPE: &str = "urn:problem-type:virustotal-hunting:";

/// Whose word a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something is wrong with the request, which the caller can fix.
    Request,
    /// Something is wrong with the gateway's settings, which only the operator can fix.
    Gateway,
    /// The host that runs the gateway cannot answer.
    Host,
    /// A failure of the contract, by its kind.
    Contract(&'static str),
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Request => "request",
            Kind::Gateway => "gateway",
            Kind::Host => "host",
            Kind::Contract(name) => name,
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The status of the reply.
    pub status: u16,
    /// What is wrong and what to do, for people.
    pub detail: String,
    /// Whose word it is.
    pub kind: Kind,
    /// What is wrong, for programs.
    pub code: String,
    /// Whether the same request may work later, and may be repeated.
    pub retryable: bool,
    /// In how many seconds.
    pub retry_after: Option<u32>,
    /// VirusTotal's status, where it answered.
    pub upstream_status: Option<u16>,
    /// Which part of the body it is about (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Problem {
    /// Something wrong with the request, which the caller can fix.
    pub fn request(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self::new(status, Kind::Request, code, detail.into())
    }

    /// Something wrong with the gateway's settings, which only the operator can fix.
    pub fn gateway(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self::new(status, Kind::Gateway, code, detail.into())
    }

    /// What the host that runs the gateway cannot do.
    pub fn host(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self::new(status, Kind::Host, code, detail.into())
    }

    fn new(status: u16, kind: Kind, code: &str, detail: String) -> Self {
        Self {
            status,
            detail,
            kind,
            code: code.to_owned(),
            retryable: false,
            retry_after: None,
            upstream_status: None,
            pointer: None,
        }
    }

    /// Which part of the body it is about.
    #[must_use]
    pub fn at(mut self, pointer: String) -> Self {
        self.pointer = Some(pointer).filter(|pointer| !pointer.is_empty());
        self
    }

    /// The same request may work in so many seconds.
    #[must_use]
    pub fn again_after(mut self, seconds: u32) -> Self {
        (self.retryable, self.retry_after) = (true, Some(seconds));
        self
    }

    /// The reply.
    pub fn reply(&self) -> Reply {
        #[derive(Serialize)]
        struct Document<'a> {
            #[serde(rename = "type")]
            ty: String,
            title: &'static str,
            #[serde(flatten)]
            problem: &'a Problem,
        }
        // What is refused here is told apart by its code, a failure of the contract by its kind.
        let ty = match self.kind {
            Kind::Contract(name) => format!("{TYPE}{name}"),
            _ => format!("{TYPE}{}", kebab(&self.code)),
        };
        let body = serde_json::to_vec(&Document { ty, title: title(self.status), problem: self }).unwrap_or_default();
        let mut reply = Reply::new(self.status, "application/problem+json", body);
        if let Some(seconds) = self.retry_after {
            reply.header("retry-after", seconds.to_string());
        }
        reply
    }
}

/// The words of the status, as the registry of status codes has them today.
fn title(status: u16) -> &'static str {
    match status {
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        _ => http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default(),
    }
}

/// `UnknownAction` as `unknown-action`.
fn kebab(code: &str) -> String {
    let mut kebab = String::new();
    for letter in code.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_standards_members_and_ours() {
        let problem = Problem::host(503, "TooBusy", "No place.").again_after(7);
        let reply = problem.reply();
        assert_eq!(
            String::from_utf8_lossy(&reply.body),
            "{\"type\":\"urn:problem-type:virustotal-hunting:too-busy\",\"title\":\"Service Unavailable\",\
             \"status\":503,\"detail\":\"No place.\",\"kind\":\"host\",\"code\":\"TooBusy\",\
             \"retryable\":true,\"retry_after\":7,\"upstream_status\":null}"
        );
        assert!(reply.headers.contains(&("retry-after", "7".to_owned())), "{:?}", reply.headers);
    }
}
