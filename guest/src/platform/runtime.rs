//! What a `no_std` component has to bring itself: an allocator, a panic handler, the canonical ABI's allocation
//! function, the C library's memory functions, and a place for the two values that outlive a call.
//!
//! All `unsafe` of the component that is not generated is in this file and in `canonical.rs`.
#![allow(unsafe_code, reason = "each use says why")]

use alloc::alloc::{GlobalAlloc, Layout, alloc, handle_alloc_error, realloc};
use core::arch::wasm32::memory_grow;
use core::cell::{Cell, RefCell, UnsafeCell};
use core::ptr;
use dlmalloc::Dlmalloc;

/// dlmalloc over [`Pages`].
struct Heap(UnsafeCell<Dlmalloc<Pages>>);

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new({
    let mut heap = Dlmalloc::new_with_allocator(Pages(Cell::new(false)));
    // Less than a page, so that what is left of the first memory is enough for a request.
    heap.set_granularity(4 << 10);
    heap
}));

// SAFETY: an instance of a component has one thread.
unsafe impl Sync for Heap {}

// SAFETY: dlmalloc keeps the promises; it calls nothing that allocates, so each of these is the only one at work.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { (*self.0.get()).malloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { (*self.0.get()).free(pointer, layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { (*self.0.get()).calloc(layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe { (*self.0.get()).realloc(pointer, layout.size(), layout.align(), size) }
    }
}

/// Where the heap's memory comes from: first what the linker left over of the memory that an instance begins with, then more
/// pages. dlmalloc's own source leaves that first part alone on this target, so that even a small call has to grow the memory,
/// which costs a host two changes to its page tables.
struct Pages(Cell<bool>);

const PAGE: usize = 64 << 10;

unsafe extern "C" {
    /// The linker's: where the heap may begin, and where the memory of a new instance ends.
    static __heap_base: u8;
    static __heap_end: u8;
}

// SAFETY: what is handed out is nobody else's: the linker places nothing behind `__heap_base`, and a grown memory is new.
unsafe impl dlmalloc::Allocator for Pages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let (start, end) = (&raw const __heap_base, &raw const __heap_end);
        let left = end.addr() - start.addr();
        if left >= size && !self.0.replace(true) {
            return (start.cast_mut(), left, 0);
        }
        let pages = size.div_ceil(PAGE);
        match memory_grow::<0>(pages) {
            usize::MAX => (ptr::null_mut(), 0, 0),
            // The last bytes of the address space stay unused: no object may end behind them.
            before => (
                ptr::with_exposed_provenance_mut(before * PAGE),
                (pages * PAGE).min((before * PAGE).wrapping_neg() - 16),
                0,
            ),
        }
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

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
