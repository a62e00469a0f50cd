//! The `retry-after` header: seconds, or an HTTP date.
//!
//! The component has no wall clock, so a date is measured against the answer's own `date` header (RFC 9110, 10.2.3
//! and 6.6.1): both are the server's clock, which is what the server meant.

use alloc::string::String;
use alloc::vec::Vec;

/// Nobody waits longer: a year.
const MAX_SECONDS: u64 = 31_536_000;

/// How long the server asks to wait. `None` when it does not ask, or unreadably; a date gone by is 0.
#[must_use]
pub fn seconds(headers: &[(String, Vec<u8>)]) -> Option<u32> {
    let asked = header(headers, "retry-after")?.trim_ascii();
    let seconds = if is_digits(asked) {
        asked.parse().unwrap_or(MAX_SECONDS)
    } else {
        let until = http_date(asked)?;
        let now = http_date(header(headers, "date")?.trim_ascii())?;
        until.saturating_sub(now)
    };
    u32::try_from(seconds.min(MAX_SECONDS)).ok()
}

/// A header's first value, as text.
#[must_use]
pub fn header<'a>(headers: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a str> {
    let (_, value) = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    core::str::from_utf8(value).ok()
}

/// Whether a value is a whole number, of whatever size.
pub(crate) fn is_digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form RFC 9110 lets a server send, as seconds since the epoch.
pub(crate) fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let [
        _,
        _,
        _,
        b',',
        b' ',
        d1,
        d2,
        b' ',
        middle @ ..,
        b' ',
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
        b' ',
        b'G',
        b'M',
        b'T',
    ] = text.as_bytes()
    else {
        return None;
    };
    let [month @ .., b' ', y1, y2, y3, y4] = middle else { return None };
    let month = MONTHS.iter().position(|known| known == &month)? as u64 + 1;
    let (day, hour, minute, second) = (two(*d1, *d2)?, two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?);
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    if year < 1970 || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since the epoch in the proleptic Gregorian calendar, with years that begin in March so that the leap day
    // comes last.
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let days = 365 * shifted_year + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + day_of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

fn two(tens: u8, ones: u8) -> Option<u64> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| u64::from(tens - b'0') * 10 + u64::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(retry_after: &str, date: Option<&str>) -> Option<u32> {
        let mut headers = alloc::vec![(String::from("Retry-After"), Vec::from(retry_after))];
        headers.extend(date.map(|date| (String::from("date"), Vec::from(date))));
        seconds(&headers)
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(asked("120", None), Some(120));
        assert_eq!(asked(" 0 ", None), Some(0));
    }

    #[test]
    fn a_date_is_measured_against_the_answers_own_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:37 GMT", date), Some(60));
        assert_eq!(asked("Mon, 07 Nov 1994 08:49:37 GMT", date), Some(86_400));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:37 GMT", None), None);
    }

    #[test]
    fn a_date_gone_by_is_no_wait_at_all() {
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT", Some("Sun, 06 Nov 1994 08:49:37 GMT")), Some(0));
    }

    #[test]
    fn absurd_values_are_bounded_or_ignored() {
        assert_eq!(asked("1000000000000000000000000000000", None), Some(31_536_000));
        for garbage in ["-1", "soon", "", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT"] {
            assert_eq!(asked(garbage, Some("Sun, 06 Nov 1994 08:49:37 GMT")), None, "{garbage}");
        }
    }

    #[test]
    fn dates_count_from_the_epoch() {
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
    }
}
