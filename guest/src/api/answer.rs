//! What came back: sorts a response, or the lack of one, into an answer to decode or the error to give.

use super::outcome::Outcome;
use super::request::{Doubt, Request};
use super::retry_after::{header, http_date, is_digits};
use super::settings::Settings;
use super::{error, gzip, json, status};
use crate::contract::{ErrorKind, Failed};
use alloc::string::String;
use alloc::vec::Vec;

/// Header names and values as they came: values are bytes, not text.
pub type Headers = Vec<(String, Vec<u8>)>;

/// A whole response.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// A 2xx answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, inflated.
    pub body: String,
    /// What to do in doubt about the request, for the errors a decoder may find.
    pub doubt: Doubt,
    /// The server's clock, in seconds since 1970, where it told.
    pub date: Option<u64>,
}

impl Answer {
    /// Sorts a response, of which so many bytes are taken after inflating.
    ///
    /// # Errors
    /// VirusTotal's own error for a status outside 2xx; `protocol` for a redirect and for what is no text;
    /// `transport` for a body shorter than announced; `too-large` beyond the cap.
    pub fn from_response(
        response: Response,
        settings: &Settings,
        most: usize,
        request: &Request,
    ) -> Result<Self, Failed> {
        let Response { status, headers, body } = response;
        let host = &settings.base.authority;
        if status < 200 || (300..400).contains(&status) {
            return Err(not_an_answer(status, &headers, host, request));
        }
        let is_error = status >= 400;
        let body = match whole(&headers, body, status, most) {
            Ok(body) => body,
            // The status says enough: a 429 with a broken body is a 429.
            Err(_) if is_error => Vec::new(),
            Err(cause) => {
                let failure = Failure { cause, head: Some((status, headers)) };
                return Err(failure.into_error(settings, request, Outcome::Unknown));
            }
        };
        if is_error {
            let mut body = error::lossy(&body);
            settings.redact_body(&mut body);
            let body = body.trim_start_matches('\u{feff}');
            return Err(error::from_answer(status, &headers, body, request.doubt));
        }
        let date = header(&headers, "date").and_then(|date| http_date(date.trim_ascii()));
        let Ok(mut body) = String::from_utf8(body) else {
            return Err(invalid(status, host, "is not UTF-8 text", "", request.doubt));
        };
        if body.starts_with('\u{feff}') {
            body.remove(0);
        }
        settings.redact_body(&mut body);
        Ok(Self { status, body, doubt: request.doubt, date })
    }
}

/// The whole body, inflated: checked against the announced length, and against the cap.
fn whole(headers: &Headers, body: Vec<u8>, status: u16, most: usize) -> Result<Vec<u8>, Cause> {
    let is_gzip = gzip::is_gzip(&body);
    // A host that inflates by itself leaves both headers as they were.
    let inflated_by_host = !is_gzip && header(headers, "content-encoding").is_some();
    // A number that does not fit is no length of anything either.
    if let Some(announced) = header(headers, "content-length").map(str::trim_ascii)
        && is_digits(announced)
        && json::number(Some(announced)) != Some(body.len() as u64)
        && status != 204
        && !inflated_by_host
    {
        return Err(Cause::Incomplete { read: body.len() as u64 });
    }
    if !is_gzip {
        return Ok(body);
    }
    gzip::inflate(&body, most).map_err(|fault| match fault {
        gzip::Fault::TooLarge => Cause::TooLarge { most },
        gzip::Fault::Truncated => Cause::Incomplete { read: body.len() as u64 },
        gzip::Fault::Corrupt => Cause::Protocol(String::from("its gzip compression is corrupt")),
    })
}

/// A status that no API answer has. A redirect is never followed: the key must not go where it points.
fn not_an_answer(status: u16, headers: &Headers, host: &str, request: &Request) -> Failed {
    let shown = error::decimal(u64::from(status));
    let is_redirect = header(headers, "location").is_some() || matches!(status, 301 | 302 | 303 | 307 | 308);
    let code = if is_redirect { "RedirectRefused" } else { "InvalidResponse" };
    let advice = if is_redirect {
        "It was not followed, since the API key must not go elsewhere. Set `VT_URL` to the address of the API itself."
    } else {
        "Check that `VT_URL` is the address of VirusTotal's API."
    };
    let parts = ["`", host, "` answered ", &shown, " ", status::reason(status), ", which the API never does. ", advice];
    in_doubt(error::unusable(ErrorKind::Protocol, code, status, &parts), request.doubt)
}

/// A 2xx answer that is not the API's. Nothing of its body is quoted: whoever answers in VirusTotal's place may repeat what
/// it was sent, the key too.
pub(crate) fn invalid(status: u16, what: &str, problem: &str, body: &str, doubt: Doubt) -> Failed {
    let (shown, bytes) = (error::decimal(u64::from(status)), error::decimal(body.len() as u64));
    let looks = match body.trim_ascii_start().bytes().next() {
        None => "",
        Some(b'<') => " bytes of markup, as a web page has",
        Some(b'{' | b'[') => " bytes that begin as JSON does",
        Some(b' '..=b'~') => " bytes of text",
        Some(_) => " bytes that are not plain text",
    };
    let size: &[&str] = if looks.is_empty() { &[] } else { &[" (", &bytes, looks, ")"] };
    let parts = [
        what,
        " answered ",
        &shown,
        " with a body that ",
        problem,
        &size.concat(),
        ". Check that `VT_URL` is VirusTotal's API, and that no proxy or login page answers in its place.",
    ];
    in_doubt(error::unusable(ErrorKind::Protocol, "InvalidResponse", status, &parts), doubt)
}

/// An answer that cannot be used was one all the same.
fn in_doubt(mut error: Failed, doubt: Doubt) -> Failed {
    Outcome::Unknown.push_doubt(&mut error.message, doubt);
    error
}

/// An exchange that broke.
#[derive(Debug)]
pub struct Failure {
    /// What broke it.
    pub cause: Cause,
    /// Status and headers, if they had come.
    pub head: Option<(u16, Headers)>,
}

/// What can break an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name does not resolve; with what the host says of it, in brackets.
    Dns(String),
    /// Nobody listens.
    Refused,
    /// The connection could not be made, or broke before an answer; with what is known.
    Connection {
        /// What the host says of it.
        detail: String,
        /// Whether the request may have been read.
        may_have_arrived: bool,
    },
    /// No trusted TLS connection; with what is known.
    Tls(String),
    /// The deadline passed, doing what.
    Deadline(Phase),
    /// The body broke off.
    Incomplete {
        /// Bytes that had come.
        read: u64,
    },
    /// The answer is larger than the cap.
    TooLarge {
        /// The cap.
        most: usize,
    },
    /// The host's policy refused the request; with what the host says.
    Denied(String),
    /// It is not HTTP, or not sound; with what is known.
    Protocol(String),
    /// The host cannot send such a request at all; with the part it refused.
    Unsendable(&'static str),
    /// The rate that the host keeps does not allow it in time. Nothing was sent.
    Rate {
        /// Which rate.
        code: &'static str,
        /// When it does, in seconds.
        seconds: u32,
    },
}

/// What an exchange was doing when the deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing yet: it had passed before.
    Start,
    /// Connecting, which has a time of its own.
    Connect,
    /// Sending, or waiting for the head of the answer.
    Answer,
    /// Reading the body.
    Body,
}

impl Failure {
    /// What became of the request.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.head {
            Some((status, _)) => Outcome::of_status(*status),
            None => Outcome::of_cause(&self.cause),
        }
    }

    /// How many bytes of an answer had come.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self.cause {
            Cause::Incomplete { read } => usize::try_from(read).unwrap_or(usize::MAX),
            _ => 0,
        }
    }

    /// The error to give, with what to do next; `before` is what became of the attempts before this one.
    #[must_use]
    pub fn into_error(self, settings: &Settings, request: &Request, before: Outcome) -> Failed {
        let host = settings.base.authority.as_str();
        let status = self.head.as_ref().map(|(status, _)| *status);
        // A head that already said no is the better reason.
        if let Some((status, headers)) = &self.head {
            if *status >= 400 {
                return error::from_answer(*status, headers, "", request.doubt);
            }
            if !(200..300).contains(status) {
                return not_an_answer(*status, headers, host, request);
            }
        }
        if let Cause::Rate { code, seconds } = self.cause {
            return error::rate(code, seconds);
        }
        let outcome = before.max(self.outcome());
        // Neither less nor a smaller page can be asked for where something is created.
        let is_once = !request.is_repeatable();
        let seconds = error::decimal(settings.timeout_nanoseconds.div_ceil(1_000_000_000));
        let number;
        let (kind, code, what, advice): (_, _, [&str; 5], _) = match &self.cause {
            Cause::Dns(detail) => (
                ErrorKind::Transport,
                "DnsError",
                ["The name of `", host, "` could not be resolved", detail, "."],
                "Check `VT_URL`, and the host's DNS.",
            ),
            Cause::Refused => (
                ErrorKind::Transport,
                "ConnectionRefused",
                ["`", host, "` refused the connection.", "", ""],
                "Check `VT_URL`, and that its service runs.",
            ),
            Cause::Connection { detail, .. } => (
                ErrorKind::Transport,
                "ConnectionFailed",
                ["The connection to `", host, "` failed: ", detail, "."],
                "Check the network between, and try again.",
            ),
            Cause::Tls(detail) => (
                ErrorKind::Transport,
                "TlsError",
                ["There is no trusted TLS connection to `", host, "`: ", detail, "."],
                "Check `VT_URL`.",
            ),
            Cause::Deadline(Phase::Start) => (
                ErrorKind::Timeout,
                "DeadlineExceeded",
                ["The deadline of ", &seconds, " s passed before `", host, "` was asked."],
                "Try again, raise `VT_TIMEOUT`, or ask for less.",
            ),
            Cause::Deadline(Phase::Connect) => (
                ErrorKind::Timeout,
                "DeadlineExceeded",
                [
                    "No connection to `",
                    host,
                    "` within the time for connecting: a third of what is left of the deadline of ",
                    &seconds,
                    " s, at most 10 s.",
                ],
                "Check `VT_URL` and the network between, and try again.",
            ),
            Cause::Deadline(phase) => (
                ErrorKind::Timeout,
                "DeadlineExceeded",
                [
                    if *phase == Phase::Body { "No complete answer from `" } else { "No answer from `" },
                    host,
                    "` within the deadline of ",
                    &seconds,
                    " s.",
                ],
                if is_once { "Raise `VT_TIMEOUT`." } else { "Try again, raise `VT_TIMEOUT`, or ask for less." },
            ),
            Cause::Incomplete { read } => {
                number = error::decimal(*read);
                (
                    ErrorKind::Transport,
                    INCOMPLETE,
                    ["The answer of `", host, "` broke off after ", &number, " bytes."],
                    "Try again.",
                )
            }
            Cause::TooLarge { .. } => {
                // The cap is over the whole call; what was left of it would tell nobody what to do.
                number = error::decimal(settings.max_response_bytes as u64);
                (
                    ErrorKind::TooLarge,
                    "ResponseTooLarge",
                    ["The answers of `", host, "` are larger than ", &number, " bytes."],
                    if is_once {
                        "Raise `VT_MAX_RESPONSE_BYTES`."
                    } else {
                        "Use a smaller `limit` or descriptors, or raise `VT_MAX_RESPONSE_BYTES`."
                    },
                )
            }
            Cause::Denied(detail) => (
                ErrorKind::Forbidden,
                "RequestDenied",
                ["The host's egress policy refused a request to `", host, "`", detail, "."],
                "Allow it there, or check `VT_URL`.",
            ),
            Cause::Protocol(detail) => (
                ErrorKind::Protocol,
                "InvalidResponse",
                ["The answer of `", host, "` is not sound: ", detail, "."],
                "Check that `VT_URL` is VirusTotal's API.",
            ),
            // Sorted out above.
            Cause::Rate { code, .. } => (ErrorKind::RateLimited, *code, [""; 5], ""),
            Cause::Unsendable(part) => (
                ErrorKind::Configuration,
                "InvalidSetting",
                ["The host cannot send a request to `", host, "`: it refused the ", part, "."],
                "Check `VT_URL`.",
            ),
        };
        let mut error = error::unusable(kind, code, 0, &what);
        outcome.push_certainty(&mut error.message);
        error.message.push(' ');
        error.message.push_str(advice);
        outcome.push_doubt(&mut error.message, request.doubt);
        error.status = status;
        error.retryable = self.cause.may_pass() && outcome.is_safe_to_repeat(request.doubt);
        error
    }
}

/// The code of an answer that broke off.
pub(crate) const INCOMPLETE: &str = "IncompleteResponse";

impl Cause {
    /// Whether it may be gone the next time.
    pub(crate) fn may_pass(&self) -> bool {
        !matches!(
            self,
            Self::Tls(_) | Self::TooLarge { .. } | Self::Denied(_) | Self::Protocol(_) | Self::Unsendable(_)
        )
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
