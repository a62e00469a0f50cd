//! How much one instance may grow.
//!
//! A component asks for memory; this says no at the tenant's cap, and the component traps. Tables and instances have
//! fixed, small caps: the component's own numbers are known and do not depend on data.

use wasmtime::ResourceLimiter;

/// Far above what the component's one table needs (a few hundred entries).
const MAX_TABLE_ELEMENTS: usize = 10_000;

#[derive(Debug)]
pub(crate) struct InstanceLimits {
    max_memory: usize,
    /// Whether memory was refused, so that the trap that follows can be explained.
    pub(crate) memory_refused: bool,
}

impl InstanceLimits {
    pub(crate) fn new(max_memory: u64) -> InstanceLimits {
        InstanceLimits { max_memory: usize::try_from(max_memory).unwrap_or(usize::MAX), memory_refused: false }
    }
}

impl ResourceLimiter for InstanceLimits {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = desired <= self.max_memory;
        self.memory_refused |= !granted;
        Ok(granted)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        16
    }

    fn memories(&self) -> usize {
        2
    }

    fn tables(&self) -> usize {
        8
    }
}
