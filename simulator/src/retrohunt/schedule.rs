//! Where a job stands at a moment.

use crate::clock::Moment;

/// The states of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Starting,
    Running,
    Finished,
    Aborting,
    Aborted,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Aborting => "aborting",
            Self::Aborted => "aborted",
        }
    }

    /// Whether it counts against the number of jobs at once.
    pub(super) fn is_active(self) -> bool {
        !matches!(self, Self::Finished | Self::Aborted)
    }
}

/// When a job was created, how long it runs, and when it was aborted, if it was.
///
/// It moves by the time that passes; its dates are those of a clock that nobody set back meanwhile.
#[derive(Debug)]
pub(super) struct Schedule {
    /// The date of its creation.
    pub(super) created: u64,
    /// The uptime at its creation.
    born: u64,
    duration: u64,
    /// How long it takes to start, and to stop when it is aborted.
    transition: u64,
    /// How many seconds after its creation.
    aborted: Option<u64>,
}

impl Schedule {
    pub(super) fn new(at: Moment, transition: u64, duration: u64) -> Self {
        Self { created: at.now, born: at.uptime, duration: duration.max(1), transition, aborted: None }
    }

    fn age(&self, uptime: u64) -> u64 {
        uptime.saturating_sub(self.born)
    }

    /// The age at which it is done.
    fn end(&self) -> u64 {
        self.duration.saturating_add(self.transition)
    }

    pub(super) fn stage(&self, uptime: u64) -> Stage {
        let age = self.age(uptime);
        match self.aborted {
            Some(when) if age >= when + self.transition => Stage::Aborted,
            Some(_) => Stage::Aborting,
            None if age < self.transition => Stage::Starting,
            None if age < self.end() => Stage::Running,
            None => Stage::Finished,
        }
    }

    /// For how long it has been doing something, its start included.
    fn worked(&self, uptime: u64) -> u64 {
        let age = self.age(uptime);
        self.aborted.map_or(age, |when| when.min(age))
    }

    /// How much of the corpus is scanned, from 0 to 1.
    pub(super) fn fraction(&self, uptime: u64) -> f64 {
        let ran = self.worked(uptime).saturating_sub(self.transition).min(self.duration);
        ran as f64 / self.duration as f64
    }

    pub(super) fn remaining(&self, uptime: u64) -> u64 {
        self.end().saturating_sub(self.age(uptime))
    }

    /// The date it started, once it has.
    pub(super) fn started(&self, uptime: u64) -> Option<u64> {
        (self.worked(uptime) >= self.transition).then_some(self.created + self.transition)
    }

    /// The date it came to its end, once it has.
    pub(super) fn finished(&self, uptime: u64) -> Option<u64> {
        match self.stage(uptime) {
            Stage::Finished => Some(self.created.saturating_add(self.end())),
            Stage::Aborted => self.aborted.map(|when| self.created + when + self.transition),
            _ => None,
        }
    }

    /// Aborts a job that starts or runs; another cannot be.
    pub(super) fn abort(&mut self, uptime: u64) -> bool {
        let possible = matches!(self.stage(uptime), Stage::Starting | Stage::Running);
        if possible {
            self.aborted = Some(self.age(uptime));
        }
        possible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIRTH: Moment = Moment { now: 1_000, uptime: 300 };

    #[test]
    fn a_job_starts_runs_and_finishes() {
        let schedule = Schedule::new(BIRTH, 5, 120);
        assert_eq!(schedule.stage(304), Stage::Starting);
        assert_eq!((schedule.started(304), schedule.finished(304)), (None, None));
        assert_eq!(schedule.stage(365), Stage::Running);
        assert!((schedule.fraction(365) - 0.5).abs() < 1e-9);
        assert_eq!(schedule.remaining(365), 60);
        assert_eq!(schedule.stage(425), Stage::Finished);
        assert_eq!((schedule.started(9_999), schedule.finished(9_999)), (Some(1_005), Some(1_125)));
    }

    #[test]
    fn an_aborted_job_keeps_what_it_found() {
        let mut schedule = Schedule::new(BIRTH, 5, 100);
        assert!(schedule.abort(330));
        assert_eq!(schedule.stage(331), Stage::Aborting);
        assert_eq!(schedule.stage(335), Stage::Aborted);
        assert!((schedule.fraction(5_000) - 0.25).abs() < 1e-9);
        assert!(!schedule.abort(340));
        assert_eq!(schedule.finished(340), Some(1_035));
    }

    #[test]
    fn a_job_without_an_end_never_finishes() {
        let schedule = Schedule::new(BIRTH, 5, u64::MAX);
        assert_eq!((schedule.stage(1 << 40), schedule.finished(1 << 40)), (Stage::Running, None));
    }

    #[test]
    fn a_job_that_takes_no_time_to_start_runs_at_once() {
        let mut schedule = Schedule::new(BIRTH, 0, 10);
        assert_eq!((schedule.stage(300), schedule.remaining(300)), (Stage::Running, 10));
        assert!(schedule.abort(304));
        assert_eq!(schedule.stage(304), Stage::Aborted);
    }
}
