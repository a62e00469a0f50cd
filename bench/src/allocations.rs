//! Counts what this process allocates: the one figure of the host's side that no noise touches.

#![allow(unsafe_code, reason = "a global allocator is an unsafe trait; this one passes every call on as it came")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, counted.
pub(crate) struct Counting;

fn count(bytes: usize) {
    COUNT.fetch_add(1, Relaxed);
    BYTES.fetch_add(bytes as u64, Relaxed);
}

// SAFETY: every method hands its arguments to the system's allocator unchanged, and gives back what that gives.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps to `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps to `GlobalAlloc::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // A block that grows is one more, of what it grew by.
        count(new_size.saturating_sub(layout.size()));
        // SAFETY: the caller keeps to `GlobalAlloc::realloc`.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps to `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

/// What was allocated since the process started, all threads together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allocated {
    /// Blocks; one that grows in place or moves counts again.
    pub(crate) count: u64,
    /// Bytes asked for.
    pub(crate) bytes: u64,
}

/// The figures now.
pub(crate) fn so_far() -> Allocated {
    Allocated { count: COUNT.load(Relaxed), bytes: BYTES.load(Relaxed) }
}

impl Allocated {
    /// What came since `before`.
    pub(crate) fn since(self, before: Allocated) -> Allocated {
        Allocated { count: self.count - before.count, bytes: self.bytes - before.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_counted_with_its_size() {
        let before = so_far();
        let block = std::hint::black_box(vec![0_u8; 12_345]);
        let since = so_far().since(before);
        assert!(since.count >= 1 && since.bytes >= block.len() as u64, "{since:?}");
    }
}
