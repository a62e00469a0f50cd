//! What two checks of a job say together, and how long to wait for the next. No clock in it, and nothing that waits.

use std::time::Duration;

use vt_hunting_host::retrohunt::JobCheck;

use crate::output::text::{duration, percent, plain, size};

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Watch {
    /// When the last check was, and how much had been scanned.
    last: Option<(Duration, u64)>,
}

/// How a job stands, for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: String,
    /// 0 to 100.
    pub(crate) progress: f64,
    pub(crate) matches: Option<u64>,
    /// Bytes scanned in a second, since the check before.
    pub(crate) rate: Option<u64>,
    pub(crate) eta_seconds: Option<u64>,
}

impl Watch {
    /// Takes in another check. `at` is how long the waiting lasts.
    pub(crate) fn see(&mut self, at: Duration, check: &JobCheck) -> Seen {
        let job = &check.job;
        let rate = match (self.last, job.scanned_bytes) {
            (Some((before, then)), Some(now)) if at > before && now > then => {
                let per_second = (now - then) as f64 / (at - before).as_secs_f64();
                // Saturates.
                Some(per_second as u64)
            }
            _ => None,
        };
        self.last = job.scanned_bytes.map(|bytes| (at, bytes));
        Seen {
            status: job.status.clone().unwrap_or_default(),
            progress: job.progress.unwrap_or(if check.done { 100.0 } else { 0.0 }).clamp(0.0, 100.0),
            matches: job.num_matches,
            rate,
            eta_seconds: job.eta_seconds.filter(|_| !check.done),
        }
    }
}

/// What a line of a terminal holds.
const WIDTH: usize = 80;

impl Seen {
    /// How long it takes, as far as VirusTotal says.
    pub(crate) fn left(&self) -> String {
        self.eta_seconds.map_or_else(|| "time left unknown".to_owned(), |eta| format!("{} left", duration(eta)))
    }

    /// What else is known, the most telling first.
    pub(crate) fn known(&self) -> String {
        let mut known = format!("{}, {}", percent(self.progress), plain(&self.status));
        if let Some(matches) = self.matches {
            known += &format!(", {matches} match{}", if matches == 1 { "" } else { "es" });
        }
        if let Some(rate) = self.rate {
            known += &format!(", {}/s", size(rate));
        }
        known
    }

    /// All of it on a line of its own, the job last: what does not fit is cut.
    pub(crate) fn line(&self, id: &str) -> String {
        let left = self.eta_seconds.map(|_| self.left() + ", ").unwrap_or_default();
        let line = format!("{left}{}, {id}", self.known());
        if line.chars().count() <= WIDTH {
            return line;
        }
        line.chars().take(WIDTH - 1).chain(['…']).collect()
    }
}

/// How long to pause before the next check, never beyond the limit; nothing if that is reached.
pub(crate) fn pause(wanted: Duration, waited: Duration, limit: Option<Duration>) -> Option<Duration> {
    match limit {
        Some(limit) if waited >= limit => None,
        Some(limit) => Some(wanted.min(limit - waited)),
        None => Some(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;

    fn check(scanned_bytes: Option<u64>, done: bool) -> JobCheck {
        let job = vt_hunting_host::retrohunt::RetrohuntJob { scanned_bytes, ..samples::job() };
        JobCheck { job, next_check_in_seconds: 60, done, truncated: false }
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_rate_is_between_two_checks() {
        let mut watch = Watch::default();
        assert_eq!(watch.see(seconds(0), &check(Some(1_000), false)).rate, None);
        assert_eq!(watch.see(seconds(10), &check(Some(21_000), false)).rate, Some(2_000));
        assert_eq!(watch.see(seconds(20), &check(Some(21_000), false)).rate, None, "nothing new");
        assert_eq!(watch.see(seconds(30), &check(None, false)).rate, None);
        assert_eq!(watch.see(seconds(40), &check(Some(50_000), false)).rate, None, "nothing to compare with");
        assert_eq!(watch.see(seconds(40), &check(Some(60_000), false)).rate, None, "no time has passed");
    }

    #[test]
    fn a_line_says_what_is_known() {
        let mut watch = Watch::default();
        watch.see(seconds(0), &check(Some(0), false));
        let seen = watch.see(seconds(10), &check(Some(12_000_000_000), false));
        assert_eq!(seen.line("alice-1"), "13 h 10 min left, 62 %, running, 53 matches, 1.2 GB/s, alice-1");
        assert_eq!(Seen { status: "queued".into(), ..Seen::default() }.line("alice-1"), "0 %, queued, alice-1");
    }

    #[test]
    fn a_line_fits_eighty_columns_with_the_time_left_first() {
        let seen = Seen {
            status: "running".to_owned(),
            progress: 99.9,
            matches: Some(10_000),
            rate: Some(999_900_000_000),
            eta_seconds: Some(359_999),
        };
        for id in ["alice-1598966772", "night-shift_lab-of-the-south-1760000000"] {
            let line = seen.line(id);
            assert!(line.chars().count() <= 80, "{line}");
            assert!(line.starts_with("99 h 59 min left, 99.9 %, running, 10000 matches"), "{line}");
        }
    }

    #[test]
    fn waiting_ends_at_its_limit_and_not_before() {
        assert_eq!(pause(seconds(60), seconds(0), None), Some(seconds(60)));
        assert_eq!(pause(seconds(60), seconds(0), Some(seconds(90))), Some(seconds(60)));
        assert_eq!(pause(seconds(60), seconds(60), Some(seconds(90))), Some(seconds(30)));
        assert_eq!(pause(seconds(60), seconds(90), Some(seconds(90))), None);
    }
}
