//! Dates from seconds and back, in UTC: filters name days, quotas renew by month, every answer is dated.

/// Year, month and day of a moment.
pub(crate) fn date_of(epoch: u64) -> (i64, u32, u32) {
    // Days to a civil date after Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is last.
    let z = (epoch / 86_400) as i64 + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// A moment as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(epoch: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = date_of(epoch);
    // The epoch was a Thursday.
    let weekday = DAYS[(epoch / 86_400 % 7) as usize];
    let month = MONTHS[month as usize - 1];
    let (hour, minute, second) = (epoch / 3_600 % 24, epoch / 60 % 60, epoch % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `YYYY-MM-DD`.
pub(crate) fn day_text(epoch: u64) -> String {
    let (year, month, day) = date_of(epoch);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Seconds from `YYYY-MM-DD`, `YYYY-MM-DDThh:mm` or `YYYY-MM-DDThh:mm:ss`.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let date: Vec<&str> = date.split('-').collect();
    let [year, month, day] = date[..] else { return None };
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let days = days_of(number(year)? as i64, number(month)?, number(day)?)?;
    let time: Vec<&str> = time.split(':').collect();
    let (hour, minute, second) = match time[..] {
        [hour, minute] => (number(hour)?, number(minute)?, 0),
        [hour, minute, second] => (number(hour)?, number(minute)?, number(second)?),
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days * 86_400 + u64::from(hour * 3_600 + minute * 60 + second))
}

fn number(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn days_of(year: i64, month: u32, day: u32) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let mp = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    let days = u64::try_from(days).ok()?;
    // A 31st of June would have slipped into July.
    (date_of(days * 86_400) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_and_write_alike() {
        assert_eq!(parse("2021-07-22"), Some(1_626_912_000));
        assert_eq!(day_text(1_626_960_086), "2021-07-22");
        assert_eq!(parse("2024-02-29T12:30:01"), Some(1_709_209_801));
        assert_eq!(day_text(1_709_209_801), "2024-02-29");
    }

    #[test]
    fn http_has_a_form_of_its_own() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(253_402_300_799), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2023-02-29", "2024-06-31", "2024-13-01", "24-01-01", "2024-1-1", "2024-01-01T25:00", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
