//! Where a job stands at a moment.

/// How long a job takes to start, and to stop when it is aborted.
const TRANSITION: u64 = 5;

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
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) created: u64,
    duration: u64,
    aborted: Option<u64>,
}

impl Schedule {
    pub(super) fn new(created: u64, duration: u64) -> Self {
        Self { created, duration: duration.max(1), aborted: None }
    }

    fn start(&self) -> u64 {
        self.created + TRANSITION
    }

    fn end(&self) -> u64 {
        self.start() + self.duration
    }

    pub(super) fn stage(&self, now: u64) -> Stage {
        match self.aborted {
            Some(when) if now >= when + TRANSITION => Stage::Aborted,
            Some(_) => Stage::Aborting,
            None if now < self.start() => Stage::Starting,
            None if now < self.end() => Stage::Running,
            None => Stage::Finished,
        }
    }

    /// How much of the corpus is scanned, from 0 to 1.
    pub(super) fn fraction(&self, now: u64) -> f64 {
        let until = self.aborted.map_or(now, |when| when.min(now));
        let ran = until.saturating_sub(self.start()).min(self.duration);
        ran as f64 / self.duration as f64
    }

    pub(super) fn remaining(&self, now: u64) -> u64 {
        self.end().saturating_sub(now)
    }

    pub(super) fn started(&self, now: u64) -> Option<u64> {
        let began = self.aborted.map_or(now, |when| when.min(now)) >= self.start();
        began.then_some(self.start())
    }

    pub(super) fn finished(&self, now: u64) -> Option<u64> {
        match self.stage(now) {
            Stage::Finished => Some(self.end()),
            Stage::Aborted => self.aborted.map(|when| when + TRANSITION),
            _ => None,
        }
    }

    /// Aborts a job that starts or runs; another cannot be.
    pub(super) fn abort(&mut self, now: u64) -> bool {
        let possible = matches!(self.stage(now), Stage::Starting | Stage::Running);
        if possible {
            self.aborted = Some(now);
        }
        possible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_starts_runs_and_finishes() {
        let schedule = Schedule::new(1_000, 120);
        assert_eq!(schedule.stage(1_004), Stage::Starting);
        assert_eq!((schedule.started(1_004), schedule.finished(1_004)), (None, None));
        assert_eq!(schedule.stage(1_065), Stage::Running);
        assert!((schedule.fraction(1_065) - 0.5).abs() < 1e-9);
        assert_eq!(schedule.remaining(1_065), 60);
        assert_eq!(schedule.stage(1_125), Stage::Finished);
        assert_eq!((schedule.started(9_999), schedule.finished(9_999)), (Some(1_005), Some(1_125)));
    }

    #[test]
    fn an_aborted_job_keeps_what_it_found() {
        let mut schedule = Schedule::new(1_000, 100);
        assert!(schedule.abort(1_030));
        assert_eq!(schedule.stage(1_031), Stage::Aborting);
        assert_eq!(schedule.stage(1_035), Stage::Aborted);
        assert!((schedule.fraction(5_000) - 0.25).abs() < 1e-9);
        assert!(!schedule.abort(1_040));
        assert_eq!(schedule.finished(1_040), Some(1_035));
    }
}
