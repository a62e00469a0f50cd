//! Clocks, and the statistics that a noisy machine allows: medians of runs that take turns, and how far apart they are.

use std::time::{Duration, Instant};

use crate::allocations::{self, Allocated};

/// One run, per call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Wall clock; of calls at the same time the median.
    pub(crate) seconds: f64,
    /// Of calls at the same time, what 99 of 100 stay below.
    pub(crate) tail: Option<f64>,
    /// Processor time of the whole process, all threads. `None` where it cannot be told from somebody else's.
    pub(crate) cpu: Option<f64>,
    /// Blocks and bytes on the heap. `None` for other programs.
    pub(crate) allocations: Option<f64>,
    pub(crate) allocated_bytes: Option<f64>,
    /// What came back, so that nobody is fast by reading less.
    pub(crate) objects: usize,
}

/// Takes the time, the processor's time and the allocations of what happens between start and stop.
pub(crate) struct Watch {
    started: Instant,
    cpu: Option<Duration>,
    allocated: Allocated,
}

impl Watch {
    pub(crate) fn start() -> Watch {
        let (allocated, cpu) = (allocations::so_far(), processor_time());
        Watch { started: Instant::now(), cpu, allocated }
    }

    /// What `times` calls took, per call.
    pub(crate) fn stop(self, times: usize, objects: usize) -> Sample {
        let seconds = self.started.elapsed().as_secs_f64();
        let cpu = processor_time().zip(self.cpu).map(|(now, before)| (now - before).as_secs_f64());
        let allocated = allocations::so_far().since(self.allocated);
        let each = |total: f64| total / times as f64;
        Sample {
            seconds: each(seconds),
            tail: None,
            cpu: cpu.map(each),
            allocations: Some(each(allocated.count as f64)),
            allocated_bytes: Some(each(allocated.bytes as f64)),
            objects: objects / times,
        }
    }
}

/// What this process has used of the processors so far.
#[cfg(unix)]
pub(crate) fn processor_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

/// Not known here.
#[cfg(not(unix))]
pub(crate) fn processor_time() -> Option<Duration> {
    None
}

/// The most memory that a process had at once, in bytes. Linux only.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    status(&process.to_string(), "VmHWM:")
}

/// The memory that this process has now, in bytes. Linux only.
pub(crate) fn memory() -> Option<u64> {
    status("self", "VmRSS:")
}

fn status(process: &str, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// A figure that was measured several times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// The median, and the quartiles around it. `None` of nothing.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Some(Spread { low: quantile(&values, 0.25)?, median: quantile(&values, 0.5)?, high: quantile(&values, 0.75)? })
    }
}

/// The value that this share of sorted values does not exceed, interpolated between neighbours.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_the_quartiles_whatever_the_order() {
        let spread = Spread::of([5.0, 1.0, 3.0, 2.0, 4.0]);
        assert!(matches!(spread, Some(Spread { low: 2.0, median: 3.0, high: 4.0 })), "{spread:?}");
        assert!(Spread::of([]).is_none());
    }

    #[test]
    fn what_is_between_two_values_is_interpolated() {
        assert_eq!(quantile(&[1.0, 2.0], 0.5), Some(1.5));
        assert_eq!(quantile(&[1.0], 0.99), Some(1.0));
    }
}
