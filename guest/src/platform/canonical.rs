//! The canonical ABI's way out: results laid out in memory for the host to read.
//!
//! `wit-bindgen` lifts a function's arguments and calls the `Guest` trait; [`give`] then lays the result out here, once
//! per type and not once per function, and returns nothing worth lowering. The symbol the host calls (`symbol!`, written
//! by `build.rs`) answers with what was laid out, and traps where a function returned without [`give`]: what lies there then
//! belongs to the result before, and is freed. Why: see `build.rs`.

use crate::api::listing::Page;
use crate::contract::{Error, ErrorKind, Failed, PageInfo, ResponseInfo, bindings::exports::virustotal::hunting::*};
use crate::follow::{Batch, Retained};
use alloc::alloc::{Layout, dealloc};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem::ManuallyDrop;

/// The most bytes that a result takes, of what is not behind a pointer: the contract's largest record has 280.
const AREA: usize = 1024;

/// Where results are laid out, and what hangs from the one that is there.
struct Area {
    bytes: UnsafeCell<Bytes>,
    /// Whether the call that runs has given its result.
    is_given: UnsafeCell<bool>,
    /// Buffers that the host reads, and that are freed at the next call.
    lent: UnsafeCell<Vec<(*mut u8, Layout)>>,
}

type Bytes = [u64; AREA / 8];

// SAFETY: an instance of a component has one thread.
unsafe impl Sync for Area {}

static RESULT: Area =
    Area { bytes: UnsafeCell::new([0; AREA / 8]), is_given: UnsafeCell::new(false), lent: UnsafeCell::new(Vec::new()) };

/// A value of the contract, as the host reads it.
///
/// # Safety
/// `SIZE` and `ALIGN` are the canonical ABI's, and `lower` writes nothing beyond.
pub(crate) unsafe trait Lower {
    /// Bytes in memory.
    const SIZE: usize;
    /// Where it may begin.
    const ALIGN: usize;
    /// Writes the value to `at`, which is aligned and has room.
    unsafe fn lower(self, at: *mut u8);
}

/// What a function returns once its result is laid out: the cheapest value there is.
pub(crate) trait Nothing {
    /// That.
    const NOTHING: Self;
}

/// A value with the layout of a function's result: the result itself, or what the driver has in its place.
///
/// # Safety
/// `Self` is laid out as `R` is.
pub(crate) unsafe trait LaidOutAs<R: Nothing>: Lower {}

/// Lays out a function's result, for [`laid_out`] to answer with.
#[inline(always)]
pub(crate) fn give<R: Nothing, T: LaidOutAs<R>>(result: T) -> R {
    lay_out(result);
    R::NOTHING
}

#[inline(never)]
fn lay_out<T: Lower>(result: T) {
    const { assert!(T::SIZE <= AREA && T::ALIGN <= 8) };
    // SAFETY: the area has room, checked above, and no other result is in it: the host has read the one before, since
    // it calls one function at a time and lets it end.
    unsafe { result.lower(RESULT.bytes.get().cast()) }
    // SAFETY: one thread.
    unsafe { RESULT.is_given.get().write(true) }
}

/// Begins a call: nothing is given, and nothing is left of the call before.
fn begin() {
    // SAFETY: one thread.
    unsafe { RESULT.is_given.get().write(false) }
    free();
}

/// The result of the call that ends.
fn laid_out() -> *mut u8 {
    // SAFETY: one thread.
    if !unsafe { RESULT.is_given.get().read() } {
        core::arch::wasm32::unreachable()
    }
    RESULT.bytes.get().cast()
}

/// Frees what hangs from the result before, which the host has read. It is done at the beginning of a call, not by a
/// function of its own after it: an instance's memory never shrinks, so nothing is gained by hurry, and the names of 41
/// such functions are 6 KB.
fn free() {
    // SAFETY: one thread; and nothing else holds the list while the host calls.
    let lent = unsafe { &mut *RESULT.lent.get() };
    for (pointer, layout) in lent.drain(..) {
        // SAFETY: it came from a `Vec` with this layout, which was given up to the list.
        unsafe { dealloc(pointer, layout) }
    }
}

/// Leaves a buffer to the host until [`free`]: its address and length at `at`.
///
/// # Safety
/// `at` has room for both.
unsafe fn lend<T>(buffer: Vec<T>, at: *mut u8) {
    let mut buffer = ManuallyDrop::new(buffer);
    let pointer = buffer.as_mut_ptr().cast::<u8>();
    if let Ok(layout) = Layout::array::<T>(buffer.capacity())
        && layout.size() > 0
    {
        // SAFETY: as in `free`.
        unsafe { (*RESULT.lent.get()).push((pointer, layout)) };
    }
    // SAFETY: the caller's.
    unsafe {
        at.cast::<*mut u8>().write(pointer);
        at.cast::<usize>().add(1).write(buffer.len());
    }
}

const fn align_up(offset: usize, align: usize) -> usize {
    offset.next_multiple_of(align)
}

const fn larger(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

macro_rules! plain {
    ($($type:ty)*) => {$(
        // SAFETY: the canonical ABI stores a number as it is, little-endian, as does this machine.
        unsafe impl Lower for $type {
            const SIZE: usize = size_of::<$type>();
            const ALIGN: usize = size_of::<$type>();
            unsafe fn lower(self, at: *mut u8) {
                // SAFETY: the caller's.
                unsafe { at.cast::<$type>().write(self) }
            }
        }
    )*};
}
plain!(u8 u16 u32 u64 f64);

// SAFETY: a boolean is a byte.
unsafe impl Lower for bool {
    const SIZE: usize = 1;
    const ALIGN: usize = 1;
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe { at.write(u8::from(self)) }
    }
}

// SAFETY: nothing is nothing.
unsafe impl Lower for () {
    const SIZE: usize = 0;
    const ALIGN: usize = 1;
    unsafe fn lower(self, _: *mut u8) {}
}

// SAFETY: address and length.
unsafe impl Lower for String {
    const SIZE: usize = 8;
    const ALIGN: usize = 4;
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe { lend(self.into_bytes(), at) }
    }
}

// SAFETY: address and length of the elements, each a multiple of its alignment long.
unsafe impl<T: Lower> Lower for Vec<T> {
    const SIZE: usize = 8;
    const ALIGN: usize = 4;
    #[inline(never)]
    unsafe fn lower(self, at: *mut u8) {
        // Words, since no element is aligned to more than 8 bytes.
        let mut elements: Vec<u64> = Vec::with_capacity((self.len() * T::SIZE).div_ceil(8));
        let (count, first) = (self.len(), elements.as_mut_ptr().cast::<u8>());
        for (index, element) in self.into_iter().enumerate() {
            // SAFETY: there is room for `count` elements.
            unsafe { element.lower(first.add(index * T::SIZE)) }
        }
        // SAFETY: the caller's.
        unsafe {
            lend(elements, at);
            at.cast::<usize>().add(1).write(count);
        }
    }
}

// SAFETY: a byte that says whether, then the value where its alignment has it.
unsafe impl<T: Lower> Lower for Option<T> {
    const ALIGN: usize = T::ALIGN;
    const SIZE: usize = align_up(align_up(1, T::ALIGN) + T::SIZE, Self::ALIGN);
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            at.write(u8::from(self.is_some()));
            if let Some(value) = self {
                value.lower(at.add(align_up(1, T::ALIGN)));
            }
        }
    }
}

// SAFETY: a byte that says which, then the value where the larger alignment has it.
unsafe impl<T: Lower> Lower for Result<T, Failed> {
    const ALIGN: usize = larger(T::ALIGN, Error::ALIGN);
    const SIZE: usize = align_up(align_up(1, Self::ALIGN) + larger(T::SIZE, Error::SIZE), Self::ALIGN);
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            at.write(u8::from(self.is_err()));
            let payload = at.add(align_up(1, Self::ALIGN));
            match self {
                Ok(value) => value.lower(payload),
                Err(error) => error.lower(payload),
            }
        }
    }
}

// SAFETY: a box is what is in it.
unsafe impl<T: Lower> Lower for Box<T> {
    const SIZE: usize = T::SIZE;
    const ALIGN: usize = T::ALIGN;
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe { (*self).lower(at) }
    }
}

// SAFETY: a record `{items, page}`, as every page of the contract is.
unsafe impl<T: Lower> Lower for Page<T> {
    const SIZE: usize = 8 + PageInfo::SIZE;
    const ALIGN: usize = PageInfo::ALIGN;
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            self.items.lower(at);
            self.page.lower(at.add(8));
        }
    }
}

// SAFETY: a record `{items, checkpoint, more, incomplete}`, as every batch of the contract is.
unsafe impl<T: Lower> Lower for Batch<T> {
    const SIZE: usize = INCOMPLETE + Option::<Error>::SIZE;
    const ALIGN: usize = Error::ALIGN;
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            self.items.lower(at);
            self.checkpoint.lower(at.add(8));
            self.more.lower(at.add(16));
            self.incomplete.lower(at.add(INCOMPLETE));
        }
    }
}

/// Where `incomplete` is in a batch.
const INCOMPLETE: usize = align_up(17, Error::ALIGN);

// SAFETY: the record of a batch with one field more, `gap`.
unsafe impl<T: Lower> Lower for Retained<T> {
    const SIZE: usize = align_up(GAP + Option::<ioc_stream::StreamGap>::SIZE, Self::ALIGN);
    const ALIGN: usize = ioc_stream::StreamGap::ALIGN;
    unsafe fn lower(mut self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            self.0.gap.take().lower(at.add(GAP));
            self.0.lower(at);
        }
    }
}

/// Where `gap` is in a batch that has it.
const GAP: usize = align_up(INCOMPLETE + Option::<Error>::SIZE, ioc_stream::StreamGap::ALIGN);

// SAFETY: a box is what is in it.
unsafe impl<T: Lower> LaidOutAs<Result<T, Error>> for Result<T, Failed> {}
// SAFETY: the same type.
unsafe impl LaidOutAs<Self> for Option<ResponseInfo> {}
// SAFETY: the same type.
unsafe impl LaidOutAs<Self> for snippets::Snippet {}

/// The contract's pages and batches, which are what the driver's are.
macro_rules! pages {
    ($($ours:ident<$interface:ident::$item:ident> $record:ident;)*) => {$(
        // SAFETY: the same fields in the same order.
        unsafe impl LaidOutAs<Result<$interface::$record, Error>> for Result<$ours<$interface::$item>, Failed> {}
        const _: () = assert!($ours::<$interface::$item>::SIZE == $interface::$record::SIZE);
    )*};
}
pages! {
    Page<livehunt::Ruleset> RulesetPage;
    Page<livehunt::UserOrGroup> UserOrGroupPage;
    Page<livehunt::Notification> NotificationPage;
    Page<livehunt::NotificationFile> NotificationFilePage;
    Page<retrohunt::RetrohuntJob> RetrohuntJobPage;
    Page<retrohunt::MatchFile> MatchPage;
    Page<ioc_stream::IocStreamObject> IocStreamPage;
    Page<crowdsourced::CrowdsourcedYaraRule> CrowdsourcedYaraRulePage;
    Batch<livehunt::Notification> NotificationBatch;
    Retained<ioc_stream::IocStreamObject> IocStreamBatch;
}

// SAFETY: a tuple is a record.
unsafe impl Lower for (String, String) {
    const SIZE: usize = 16;
    const ALIGN: usize = 4;
    unsafe fn lower(self, at: *mut u8) {
        // SAFETY: the caller's.
        unsafe {
            self.0.lower(at);
            self.1.lower(at.add(8));
        }
    }
}

impl<T> Nothing for Result<T, Error> {
    const NOTHING: Self = Err(Error {
        kind: ErrorKind::Other,
        code: String::new(),
        message: String::new(),
        status: None,
        retry_after: None,
        retryable: false,
    });
}

impl Nothing for Option<ResponseInfo> {
    const NOTHING: Self = None;
}

impl Nothing for snippets::Snippet {
    const NOTHING: Self = Self { bytes: Vec::new(), highlights: Vec::new(), truncated: false };
}

/// A choice among at most 256.
macro_rules! enumeration {
    ($interface:ident::$enumeration:ident) => {
        // SAFETY: a byte; the cases count from 0 in order, as `wit-bindgen` declares them.
        unsafe impl Lower for $interface::$enumeration {
            const SIZE: usize = 1;
            const ALIGN: usize = 1;
            unsafe fn lower(self, at: *mut u8) {
                // SAFETY: the caller's.
                unsafe { at.write(self as u8) }
            }
        }
    };
}

/// How a record is laid out.
macro_rules! record {
    ($interface:ident::$record:ident { $($field:ident @ $offset:literal,)* } $size:literal, $align:literal) => {
        // SAFETY: wit-parser's layout.
        unsafe impl Lower for $interface::$record {
            const SIZE: usize = $size;
            const ALIGN: usize = $align;
            #[inline(never)]
            unsafe fn lower(self, at: *mut u8) {
                let Self { $($field),* } = self;
                // SAFETY: the caller's.
                unsafe { $($field.lower(at.add($offset));)* }
            }
        }
    };
}

/// What the host calls.
macro_rules! symbol {
    ($interface:ident::$cabi:ident $name:literal ($($parameter:ident: $type:ty,)*)) => {
        const _: () = {
            /// # Safety
            /// As the canonical ABI calls it.
            #[unsafe(export_name = $name)]
            unsafe extern "C" fn call($($parameter: $type),*) -> *mut u8 {
                begin();
                // SAFETY: the arguments are the host's, for this very function.
                let _ = unsafe { $interface::$cabi::<crate::exports::Connector>($($parameter),*) };
                laid_out()
            }
        };
    };
}

include!(concat!(env!("OUT_DIR"), "/symbols.rs"));
