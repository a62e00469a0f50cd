//! Moments as people write them: the contract takes seconds since 1970, and days of usage as `20261031`.

use std::sync::OnceLock;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// The last second of the year 9999. Beyond it somebody passed milliseconds.
const LATEST: u64 = 253_402_300_799;

const DAY: u64 = 86_400;

const NO_MOMENT: &str = "not a moment: give seconds since 1970 (1626960086), a date (2021-07-22), a date and time \
                         (2021-07-22T10:00:00Z), how long ago it is (45s, 90m, 2h, 3d, 1w), now, today or yesterday";

/// Reads a moment: seconds since 1970, a date (its first second), a date and time, how long ago it is, or `now`, `today`
/// and `yesterday`; UTC where no offset is given.
pub(crate) fn moment(text: &str) -> Result<u64, String> {
    moment_at(text, start())
}

/// Reads a day for the contract: `20261031`, or any moment, of which it is the day.
pub(crate) fn day(text: &str) -> Result<String, String> {
    day_at(text, start())
}

/// This moment. A clock that stands before 1970 is as good as none.
pub(crate) fn now() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0)
}

/// The moment that arguments are relative to: one for the whole run, so that a `2h` read again is the same moment.
fn start() -> u64 {
    static START: OnceLock<u64> = OnceLock::new();
    *START.get_or_init(now)
}

/// The flags whose value is a moment.
const FLAGS: [&str; 5] = ["--since", "--until", "--start", "--end", "--created-since"];

/// The arguments with moments in place of what is relative to this run: typed again later they mean the same.
pub(crate) fn pinned(words: Vec<String>) -> Vec<String> {
    pinned_at(words, start())
}

fn pinned_at(words: Vec<String>, now: u64) -> Vec<String> {
    let pin = |text: &str| {
        let seconds = moment_at(text, now).ok()?;
        // A day later it is another moment.
        (moment_at(text, now + DAY) != Ok(seconds)).then(|| seconds.to_string())
    };
    let mut is_value = false;
    let word = |word: String| {
        let pinned = if is_value { pin(&word) } else { None };
        is_value = FLAGS.contains(&word.as_str());
        let joined = || {
            let (flag, value) = word.split_once('=').filter(|(flag, _)| FLAGS.contains(flag))?;
            Some(format!("{flag}={}", pin(value)?))
        };
        pinned.or_else(joined).unwrap_or(word)
    };
    words.into_iter().map(word).collect()
}

fn moment_at(text: &str, now: u64) -> Result<u64, String> {
    let seconds = match text {
        "now" => now,
        "today" => now - now % DAY,
        "yesterday" => (now - now % DAY).saturating_sub(DAY),
        _ if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => plain_seconds(text)?,
        _ => match ago(text) {
            Some(ago) => ago.and_then(|ago| now.checked_sub(ago)).ok_or_else(|| "before 1970".to_owned())?,
            None => calendar(text)?,
        },
    };
    if seconds > LATEST {
        return Err("beyond the year 9999: seconds are due, not milliseconds".to_owned());
    }
    Ok(seconds)
}

fn plain_seconds(text: &str) -> Result<u64, String> {
    if text.len() == 8 && text.parse::<DateTime>().is_ok() {
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        return Err(format!("is it a date? Then write {year}-{month}-{day}; as seconds it would be in 1970"));
    }
    text.parse::<u64>().map_err(|_| "too large for seconds since 1970".to_owned())
}

/// `2h`: the seconds, or nothing within if they are beyond counting. Absent: it is written otherwise.
fn ago(text: &str) -> Option<Option<u64>> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let count = text.get(..text.len() - 1)?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(count.parse::<u64>().ok().and_then(|count| count.checked_mul(unit)))
}

fn calendar(text: &str) -> Result<u64, String> {
    // A zone's name would need a database of zones.
    let timestamp = if text.contains('[') {
        None
    } else {
        text.parse::<Timestamp>().ok().or_else(|| {
            let civil = text.parse::<DateTime>().ok()?;
            Offset::UTC.to_timestamp(civil).ok()
        })
    };
    let timestamp = timestamp.ok_or(NO_MOMENT)?;
    u64::try_from(timestamp.as_second()).map_err(|_| "before 1970".to_owned())
}

fn day_at(text: &str, now: u64) -> Result<String, String> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let day = text.parse::<DateTime>().map(|_| text.to_owned());
        return day.map_err(|_| format!("there is no day {text}"));
    }
    let seconds = moment_at(text, now)?;
    let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(timestamp.ok_or(NO_MOMENT)?.strftime("%Y%m%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2021-07-22T13:21:26Z
    const NOW: u64 = 1_626_960_086;
    const MIDNIGHT: u64 = 1_626_912_000;

    #[test]
    fn what_is_relative_to_this_run_is_pinned_and_nothing_else_is() {
        let typed =
            "vt-hunting ioc-stream objects --since 1h --until=now --start 2021-07-22 --tag 2h --created-since 5 1h";
        let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
        assert_eq!(
            pinned_at(words, 1_700_000_000).join(" "),
            "vt-hunting ioc-stream objects --since 1699996400 --until=1700000000 --start 2021-07-22 --tag 2h \
             --created-since 5 1h"
        );
    }

    #[test]
    fn a_moment_is_seconds_a_date_or_a_date_and_time() {
        for (text, seconds) in [
            ("1626960086", NOW),
            ("0", 0),
            ("2021-07-22", MIDNIGHT),
            ("2021-07-22T13:21:26Z", NOW),
            ("2021-07-22T15:21:26+02:00", NOW),
            ("2021-07-22T13:21:26", NOW),
            ("2021-07-22 13:21:26", NOW),
        ] {
            assert_eq!(moment_at(text, 5), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn a_moment_can_be_so_long_ago_or_a_word() {
        for (text, seconds) in [
            ("now", NOW),
            ("today", MIDNIGHT),
            ("yesterday", MIDNIGHT - DAY),
            ("45s", NOW - 45),
            ("90m", NOW - 5_400),
            ("2h", NOW - 7_200),
            ("3d", NOW - 3 * DAY),
            ("1w", NOW - 7 * DAY),
            ("0s", NOW),
        ] {
            assert_eq!(moment_at(text, NOW), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn a_moment_that_can_be_misread_is_refused() {
        for (text, says) in [
            ("20210722", "write 2021-07-22"),
            ("1626960086000", "milliseconds"),
            ("99999999999999999999999", "too large"),
            ("1969-12-31", "before 1970"),
            ("99999w", "before 1970"),
            ("99999999999999999999999w", "before 1970"),
            ("tomorrow", "not a moment"),
            ("Today", "not a moment"),
            ("h", "not a moment"),
            ("2 h", "not a moment"),
            ("-2h", "not a moment"),
            ("2h30m", "not a moment"),
            ("1y", "not a moment"),
            ("", "not a moment"),
            ("-5", "not a moment"),
            ("2021-02-30", "not a moment"),
            ("2021-07-22T10:00:00[Europe/Paris]", "not a moment"),
            ("2\u{e9}", "not a moment"),
        ] {
            let error = moment_at(text, NOW).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_day_is_written_as_the_contract_takes_it() {
        for (text, written) in [
            ("20261031", "20261031"),
            ("2026-10-31", "20261031"),
            ("2026-10-31T23:00:00Z", "20261031"),
            ("yesterday", "20210721"),
            ("30d", "20210622"),
            ("1626960086", "20210722"),
        ] {
            assert_eq!(day_at(text, NOW).as_deref(), Ok(written), "{text}");
        }
        assert!(day_at("20261332", NOW).is_err_and(|error| error.contains("no day 20261332")));
        assert!(day_at("soon", NOW).is_err());
    }
}
