//! An answer that says no. The input is an [`Exchange`]: `POST 503`, header lines, an empty line, the body.
//!
//! - The error's kind is one an answer can have, and only what may pass is retryable.
//! - A POST that a server failed at (5xx) is never retryable: it may have been carried out, and costs quota.
//! - Code and message are bounded and printable. Twelve or more characters of the key in a row are in neither, should the
//!   server have echoed them.

use crate::exchange::{Exchange, KEY, settings};
use virustotal_hunting::api::answer::{Answer, Cause, Failure};
use virustotal_hunting::api::error::from_answer;
use virustotal_hunting::api::outcome::Outcome;
use virustotal_hunting::api::retry_after;
use virustotal_hunting::contract::{ErrorKind, Failed};

/// The fewest characters of a key that count as a part of it.
const SHORTEST_PART: usize = 12;

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let exchange = Exchange::parse(data);
    let settings = settings();

    let body = String::from_utf8_lossy(exchange.body);
    let error = from_answer(exchange.status, &exchange.headers, &body, exchange.request.doubt);
    check_error(&exchange, &error);
    assert!(!matches!(error.kind, ErrorKind::Configuration | ErrorKind::Transport | ErrorKind::Protocol), "{error:?}");
    assert_eq!(error.status, Some(exchange.status));
    assert_eq!(error.retry_after, retry_after::seconds(&exchange.headers));
    check_redacted(&settings.redact(error));

    if let Err(error) =
        Answer::from_response(exchange.response(), &settings, settings.max_response_bytes, &exchange.request)
    {
        check_error(&exchange, &error);
        check_redacted(&settings.redact(error));
    }

    let head = Some((exchange.status, exchange.headers.clone()));
    let failure = Failure { cause: Cause::Incomplete { read: exchange.body.len() as u64 }, head };
    let error = failure.into_error(&settings, &exchange.request, Outcome::NotSent);
    check_error(&exchange, &error);
}

fn check_error(exchange: &Exchange<'_>, error: &Failed) {
    let may_pass = matches!(
        error.kind,
        ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Transport
    );
    assert!(may_pass || !error.retryable, "{error:?}");
    if !exchange.request.is_repeatable() && exchange.status >= 500 {
        assert!(!error.retryable, "{error:?}");
    }
    assert!(!error.code.is_empty() && error.code.len() <= 103, "{} bytes of code", error.code.len());
    assert!(!error.message.is_empty() && error.message.len() <= 3000, "{} bytes of message", error.message.len());
    for text in [&error.code, &error.message] {
        assert!(!text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t')), "{text:?}");
    }
}

fn check_redacted(error: &Failed) {
    for text in [&error.code, &error.message] {
        let text = text.to_lowercase();
        let part = KEY.as_bytes().windows(SHORTEST_PART).find(|part| text.contains(&*String::from_utf8_lossy(part)));
        assert_eq!(part, None, "{text}");
    }
}
