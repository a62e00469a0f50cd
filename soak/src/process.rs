//! What this process holds on to, as the system counts it: a leak shows here whoever causes it.
//!
//! The simulator runs in the same process, so both ends of every connection are counted, and its made-up world is part
//! of the memory. Systems without `/proc` have no figures, and then nothing is concluded from them.

use anyhow::{Result, ensure};
use tokio::runtime::Handle;

/// The figures at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Process {
    /// Open file descriptors: sockets, above all.
    pub(crate) fds: Option<usize>,
    /// Resident memory in bytes.
    pub(crate) resident: Option<u64>,
    /// The most it ever was.
    pub(crate) peak: Option<u64>,
    /// Tasks of the host's runtime; the simulator has a runtime of its own.
    pub(crate) tasks: usize,
}

impl Process {
    /// Takes them now. Has to be called inside the runtime whose tasks count.
    pub(crate) fn now() -> Process {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Process {
            // Reading the directory is a descriptor too.
            fds: std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1)),
            resident: kilobytes(&status, "VmRSS:"),
            peak: kilobytes(&status, "VmHWM:"),
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// Lets the process have this many descriptors, as far as it may decide that itself.
pub(crate) fn allow_descriptors(wanted: u64) -> Result<()> {
    let allowed = raise_limit(wanted);
    ensure!(
        allowed >= wanted,
        "so many tenants take up to {wanted} file descriptors, and this process may have {allowed}; raise the limit \
         (`ulimit -n {wanted}`) or choose fewer with --tenants"
    );
    Ok(())
}

#[cfg(unix)]
fn raise_limit(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let now = limit.current.unwrap_or(u64::MAX);
    if now >= wanted {
        return now;
    }
    let raised = limit.maximum.map_or(wanted, |most| most.min(wanted));
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }) {
        Ok(()) => raised,
        Err(_) => now,
    }
}

#[cfg(not(unix))]
fn raise_limit(_: u64) -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::kilobytes;

    #[test]
    fn figures_are_read_in_bytes() {
        let status = "Name:\tsoak\nVmHWM:\t  2048 kB\nVmRSS:\t    12 kB\n";
        assert_eq!((kilobytes(status, "VmHWM:"), kilobytes(status, "VmRSS:")), (Some(2 << 20), Some(12 << 10)));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
    }
}
