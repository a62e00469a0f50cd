//! The contract's error record: one constructor per way to fail, and the table from VirusTotal's codes to kinds.
//!
//! Messages are joined from parts, not formatted: without `core::fmt` there is no number formatting to link.

use super::outcome::Outcome;
use super::request::Doubt;
use super::{json, retry_after, status};
use crate::contract::{Error, ErrorKind, Failed};
use alloc::string::String;
use alloc::vec::Vec;

/// The most of a server's own text that goes into a message.
const MAX_DETAIL_BYTES: usize = 2000;
/// The most of a server's own code: what is longer is not a code. The longest documented one has 29.
const MAX_CODE_BYTES: usize = 100;

/// A number as text.
pub(crate) fn decimal(number: u64) -> String {
    String::from(itoa::Buffer::new().format(number))
}

/// A failure that has nothing to do with an answer and that repeating does not mend.
fn local(kind: ErrorKind, code: &str, parts: &[&str]) -> Failed {
    Failed::new(Error {
        kind,
        code: String::from(code),
        message: parts.concat(),
        status: None,
        retry_after: None,
        retryable: false,
    })
}

/// An argument whose text is wrong; `problem` is a predicate ("is empty").
pub(crate) fn invalid_argument(field: &str, problem: &str, bytes: usize, advice: &str) -> Failed {
    let bytes = decimal(bytes as u64);
    local(
        ErrorKind::InvalidArgument,
        "InvalidArgument",
        &["`", field, "` ", problem, " (", &bytes, " bytes). ", advice],
    )
}

/// An argument that is longer than the limit.
pub(crate) fn too_long(field: &str, bytes: usize, limit: usize, advice: &str) -> Failed {
    let (bytes, limit) = (decimal(bytes as u64), decimal(limit as u64));
    let parts = ["`", field, "` is ", &bytes, " bytes long, at most ", &limit, " are taken. ", advice];
    local(ErrorKind::InvalidArgument, "InvalidArgument", &parts)
}

/// A number outside its range.
pub(crate) fn out_of_range(field: &str, value: u64, range: &str, advice: &str) -> Failed {
    let value = decimal(value);
    let parts = ["`", field, "` is ", &value, ", it must be ", range, ". ", advice];
    local(ErrorKind::InvalidArgument, "InvalidArgument", &parts)
}

/// A span whose end lies before its start.
pub(crate) fn reversed_range(field: &str, start: u64, end: u64) -> Failed {
    let (start, end) = (decimal(start), decimal(end));
    let parts = ["`", field, ".end` (", &end, ") is before `", field, ".start` (", &start, "). Exchange them."];
    local(ErrorKind::InvalidArgument, "InvalidArgument", &parts)
}

/// A cursor that cannot be used.
pub(crate) fn cursor(problem: &str) -> Failed {
    local(ErrorKind::InvalidArgument, "InvalidArgument", &["`cursor` ", problem, "."])
}

/// A checkpoint that cannot be used.
pub(crate) fn checkpoint(problem: &str) -> Failed {
    local(ErrorKind::InvalidArgument, "InvalidArgument", &["`checkpoint` ", problem, "."])
}

/// A server that goes round in circles.
pub(crate) fn repeated_cursor() -> Failed {
    endless("RepeatedCursor", "gave a cursor a second time")
}

/// A server that has a cursor and nothing behind it, again and again.
pub(crate) fn empty_pages() -> Failed {
    endless("EmptyPages", "gave more than 10 empty pages in a row")
}

fn endless(code: &str, problem: &str) -> Failed {
    let parts = ["VirusTotal ", problem, ": it would never come to an end, so reading stopped here. Try again later."];
    local(ErrorKind::Protocol, code, &parts)
}

/// A list that was looked through without a certain end.
pub(crate) fn undecided(before: &str, what: &str, behind: &str) -> Failed {
    let parts = [before, what, behind, ", so it is not certain whether it arrived: list them by hand, newest first."];
    local(ErrorKind::Other, "Undecided", &parts)
}

/// A change, where the settings allow reading only.
pub(crate) fn read_only() -> Failed {
    let message = "`VT_ACCESS` is `read-only`, and this would change something. Nothing was sent: use a connector that \
                   may, if that is meant.";
    local(ErrorKind::Forbidden, "ReadOnly", &[message])
}

/// A deletion of more than one thing that was not confirmed.
pub(crate) fn unconfirmed(field: &str, advice: &str) -> Failed {
    let parts = ["`", field, "` does not say clearly what to delete. Nothing was sent: ", advice];
    local(ErrorKind::InvalidArgument, "ConfirmationMissing", &parts)
}

/// The configured rate does not allow another request in time; `seconds` from now it does.
pub(crate) fn rate(code: &str, seconds: u32) -> Failed {
    let shown = decimal(u64::from(seconds));
    let parts = [
        "The configured rate (`VT_REQUESTS_PER_MINUTE`) allows the next request in ",
        &shown,
        " s, which is \
         beyond the deadline. Nothing was sent: wait, or raise `VT_TIMEOUT`.",
    ];
    let mut error = local(ErrorKind::RateLimited, code, &parts);
    error.retry_after = Some(seconds);
    error.retryable = true;
    error
}

/// A setting that is wrong.
pub(crate) fn setting(code: &str, variable: &str, problem: &str, advice: &str) -> Failed {
    local(ErrorKind::Configuration, code, &["`", variable, "` ", problem, ". ", advice])
}

/// A body that could not be written as JSON.
pub(crate) fn unencodable(object_type: &str) -> Failed {
    local(ErrorKind::Other, "Unencodable", &["The ", object_type, " could not be written as JSON. Nothing was sent."])
}

/// An answer that came, and that cannot be used.
pub(crate) fn unusable(kind: ErrorKind, code: &str, status: u16, parts: &[&str]) -> Failed {
    let mut error = local(kind, code, parts);
    error.status = Some(status);
    error
}

/// An answer outside 2xx: what VirusTotal said, as kind, code and advice.
pub fn from_answer(status: u16, headers: &[(String, Vec<u8>)], body: &str, doubt: Doubt) -> Failed {
    let said = json::service_error(body).unwrap_or_default();
    from_service_error(status, retry_after::seconds(headers), &said, doubt)
}

/// What VirusTotal said went wrong, as kind, code and advice.
///
/// The code decides, tolerantly (case and the suffix `Error` do not matter); an unknown one leaves it to the status.
pub(crate) fn from_service_error(
    status: u16,
    retry_after: Option<u32>,
    said: &json::ServiceError,
    doubt: Doubt,
) -> Failed {
    let kind = kind_of_code(&said.code).unwrap_or_else(|| kind_of_status(status));
    // The status says whether it was carried out, whatever the code says.
    let outcome = Outcome::of_status(status);
    let may_pass = matches!(kind, ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Timeout);
    let retryable = may_pass && outcome.is_safe_to_repeat(doubt);
    let shown_status = decimal(u64::from(status));
    let said_code = if said.code.len() > MAX_CODE_BYTES { String::new() } else { excerpt(&said.code, MAX_CODE_BYTES) };
    let code = if said_code.is_empty() { ["Http", &shown_status].concat() } else { said_code.clone() };
    let wait = retry_after.map(|seconds| decimal(u64::from(seconds)));
    let detail = excerpt(&said.message, MAX_DETAIL_BYTES);
    let mut message = String::new();
    for part in ["VirusTotal answered ", &shown_status, " ", status::reason(status)] {
        message.push_str(part);
    }
    if !said_code.is_empty() {
        message.push_str(", ");
        message.push_str(&said_code);
    }
    // Text of several lines, as a compiler's is, keeps its lines and its columns: nothing is put before or after them.
    let has_lines = detail.contains('\n');
    let (before, after) = match detail.as_str() {
        "" => ("", "."),
        _ if has_lines => (":\n", ""),
        _ if detail.ends_with(['.', '!', '?']) => (": ", ""),
        _ => (": ", "."),
    };
    for part in [before, &detail, after] {
        message.push_str(part);
    }
    let mut next = String::new();
    if outcome.in_doubt(doubt).is_none() {
        next.push_str(advice(kind));
    }
    outcome.push_doubt(&mut next, doubt);
    if let Some(wait) = wait {
        for part in [" VirusTotal asks to wait ", &wait, " s."] {
            next.push_str(part);
        }
    }
    message.push(if has_lines { '\n' } else { ' ' });
    message.push_str(next.trim_ascii_start());
    Failed::new(Error { kind, code, message, status: Some(status), retry_after, retryable })
}

fn kind_of_code(code: &str) -> Option<ErrorKind> {
    let bare = match code.len().checked_sub(5).and_then(|at| code.split_at_checked(at)) {
        Some((bare, suffix)) if suffix.eq_ignore_ascii_case("error") => bare,
        _ => code,
    };
    CODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(bare)).map(|(_, kind)| *kind)
}

/// VirusTotal's codes without their suffix.
const CODES: [(&str, ErrorKind); 18] = [
    ("BadRequest", ErrorKind::InvalidArgument),
    ("InvalidArgument", ErrorKind::InvalidArgument),
    ("UnselectiveContentQuery", ErrorKind::InvalidArgument),
    ("UnsupportedContentQuery", ErrorKind::InvalidArgument),
    // A 400, yet nothing is wrong with the request: what it asks for is not ready.
    ("NotAvailableYet", ErrorKind::Unavailable),
    ("AuthenticationRequired", ErrorKind::Authentication),
    ("UserNotActive", ErrorKind::Authentication),
    ("WrongCredentials", ErrorKind::Authentication),
    ("Forbidden", ErrorKind::Forbidden),
    ("NotFound", ErrorKind::NotFound),
    ("AlreadyExists", ErrorKind::Conflict),
    ("FailedDependency", ErrorKind::Other),
    ("QuotaExceeded", ErrorKind::QuotaExceeded),
    ("TooManyRequests", ErrorKind::RateLimited),
    ("Transient", ErrorKind::Unavailable),
    ("DeadlineExceeded", ErrorKind::Timeout),
    ("ServiceUnavailable", ErrorKind::Unavailable),
    ("Internal", ErrorKind::Unavailable),
];

fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        400 | 422 => ErrorKind::InvalidArgument,
        401 => ErrorKind::Authentication,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        413 => ErrorKind::TooLarge,
        429 => ErrorKind::RateLimited,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Other,
    }
}

fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "Correct the request and send it again.",
        ErrorKind::Authentication => "Check the API key (`VT_APIKEY`): repeating with the same key will not help.",
        ErrorKind::Forbidden => "The key is valid and lacks the privilege: hunting needs a premium VirusTotal key.",
        ErrorKind::NotFound => "Check the id; it may have been deleted, or belong to another user.",
        ErrorKind::Conflict => "It exists already: use that one, or choose another name.",
        ErrorKind::QuotaExceeded => {
            "A quota of the key or its group is used up: wait until it is renewed, or raise it."
        }
        ErrorKind::RateLimited => "Send fewer requests: wait before the next one.",
        ErrorKind::Unavailable => "The service cannot answer now: try again later.",
        ErrorKind::Timeout => "The service took too long: try again, with a smaller `limit` or a narrower `filter`.",
        ErrorKind::TooLarge => "Ask for less, or send less, at a time.",
        _ => "See the code and the status.",
    }
}

/// A server's text made fit for a message: bounded, on printable characters, tabs and line breaks, which are `\n` whether they
/// were sent as `\r\n`, `\r` or `\n`. It is cut between words: half of one may be half of a key, which nobody could find any
/// more.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let text = text.trim_ascii();
    let end = text.floor_char_boundary(most);
    let (shown, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let shown = if rest.is_empty() { shown } else { shown.trim_end_matches(|last: char| last.is_ascii_graphic()) };
    let mut characters = shown.chars().peekable();
    let mut shown = String::with_capacity(shown.len());
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => shown.push('\n'),
            '\n' | '\t' => shown.push(character),
            _ => shown.push(if character.is_control() { ' ' } else { character }),
        }
    }
    if !rest.is_empty() {
        shown.push('…');
    }
    shown
}

/// Bytes as text; where they are not UTF-8, whatever is not ASCII is replaced.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) => String::from(text),
        Err(_) => bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' }).collect(),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
