//! What a `no_std` component has to bring itself: an allocator, a panic handler, the canonical ABI's allocation
//! function, the C library's memory functions, and a place for the two values that outlive a call.
//!
//! All `unsafe` of the component that is not generated is in this file and in `canonical.rs`.
#![allow(unsafe_code, reason = "each use says why")]

use alloc::alloc::{Layout, alloc, handle_alloc_error, realloc};
use core::cell::RefCell;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// `memcpy`, `memset` and their like are wasi-libc's; nothing else of it is linked.
#[link(name = "c")]
unsafe extern "C" {}

/// A panic has no way to say anything: it traps. The crate's lints keep it from happening.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The canonical ABI's allocation function, which the host calls to pass strings and lists. `wit-bindgen` does not
/// export it on this target.
///
/// # Safety
/// As the canonical ABI calls it: `old` and `old_size` are zero, or an earlier result and its size.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    // SAFETY: the canonical ABI gives a power of two for `align`, and sizes that fit the address space.
    let layout = |size| unsafe { Layout::from_size_align_unchecked(size, align) };
    let pointer = if old_size > 0 {
        // SAFETY: `old` came from here with this layout.
        unsafe { realloc(old, layout(old_size), new_size) }
    } else if new_size > 0 {
        // SAFETY: the size is not zero.
        unsafe { alloc(layout(new_size)) }
    } else {
        return core::ptr::without_provenance_mut(align);
    };
    if pointer.is_null() {
        handle_alloc_error(layout(new_size));
    }
    pointer
}

/// A value kept between calls.
pub(super) struct Slot<T>(RefCell<Option<T>>);

// SAFETY: an instance of a component has one thread.
unsafe impl<T> Sync for Slot<T> {}

impl<T: Clone> Slot<T> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(None))
    }

    pub(super) fn get(&self) -> Option<T> {
        self.0.try_borrow().ok().and_then(|value| value.clone())
    }

    pub(super) fn set(&self, value: Option<T>) {
        if let Ok(mut slot) = self.0.try_borrow_mut() {
            *slot = value;
        }
    }

    /// Uses the value where it is; the first time, a new one.
    pub(super) fn update(&self, use_it: &mut dyn FnMut(&mut T))
    where
        T: Default,
    {
        if let Ok(mut slot) = self.0.try_borrow_mut() {
            use_it(slot.get_or_insert_default());
        }
    }
}
