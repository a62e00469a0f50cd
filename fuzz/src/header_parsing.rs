//! The headers of an answer. The input is an [`Exchange`]; its first eight bytes are two points in time as well.
//!
//! - `retry-after` in seconds is taken as it is, a date as `httpdate` reads it, never beyond a year.
//! - A body is whole exactly when it has the length that a sound `content-length` announces.

use crate::exchange::{Exchange, settings};
use std::time::{Duration, SystemTime};
use virustotal_hunting::api::answer::Answer;
use virustotal_hunting::api::retry_after::{header, seconds};
use virustotal_hunting::contract::ErrorKind;

const YEAR: u64 = 31_536_000;

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let mut exchange = Exchange::parse(data);
    check_first(&exchange);
    check_retry_after(&exchange);
    exchange.status = 200;
    check_length(&exchange);
    if let Some(&[a, b, c, d, e, f, g, h]) = data.first_chunk() {
        check_dates(u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
    }
}

fn check_first(exchange: &Exchange<'_>) {
    for (name, _) in &exchange.headers {
        let first = exchange.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        let first = first.and_then(|(_, value)| std::str::from_utf8(value).ok());
        assert_eq!(header(&exchange.headers, &name.to_ascii_uppercase()), first);
    }
}

fn check_retry_after(exchange: &Exchange<'_>) {
    let got = seconds(&exchange.headers);
    assert!(got.is_none_or(|got| u64::from(got) <= YEAR));
    let asked = header(&exchange.headers, "retry-after").map(str::trim_ascii);
    let now = header(&exchange.headers, "date").and_then(|date| judged(date.trim_ascii()));
    let Some(asked) = asked else {
        assert_eq!(got, None);
        return;
    };
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        assert_eq!(got.map(u64::from), Some(asked.parse().unwrap_or(YEAR).min(YEAR)));
    } else if let (Some(until), Some(now)) = (judged(asked), now) {
        assert_eq!(got.map(u64::from), Some(until.saturating_sub(now).min(YEAR)), "{asked}");
    }
}

/// The one form that RFC 9110 lets a server send, as `httpdate` reads it.
fn judged(date: &str) -> Option<u64> {
    let is_current_form = date.len() == 29 && date.ends_with("GMT");
    let time = httpdate::parse_http_date(date).ok().filter(|_| is_current_form)?;
    time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

fn check_length(exchange: &Exchange<'_>) {
    let announced = header(&exchange.headers, "content-length").map(str::trim_ascii);
    let is_plain = header(&exchange.headers, "content-encoding").is_none() && !exchange.body.starts_with(&[0x1f, 0x8b]);
    let got = Answer::from_response(exchange.response(), &settings(), 1 << 20, &exchange.request);
    let Some(announced) = announced else { return };
    if is_plain && !announced.is_empty() && announced.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits in 64 bits is more than there is.
        let is_whole = announced.parse() == Ok(exchange.body.len());
        match got {
            Ok(_) => assert!(is_whole, "{announced} bytes announced, {} read", exchange.body.len()),
            Err(error) if is_whole => {
                assert!(error.kind == ErrorKind::Protocol && std::str::from_utf8(exchange.body).is_err(), "{error:?}");
            }
            Err(error) => assert_eq!(error.code, "IncompleteResponse"),
        }
    }
}

fn check_dates(now: u32, until: u32) {
    let shown = |since| httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(since)));
    let headers =
        [("Date", shown(now)), ("Retry-After", shown(until))].map(|(name, date)| (name.to_owned(), date.into_bytes()));
    assert_eq!(seconds(&headers).map(u64::from), Some(u64::from(until.saturating_sub(now)).min(YEAR)));
}
