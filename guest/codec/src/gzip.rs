//! Inflating gzip (RFC 1952) within a cap, so that a bomb stops at the cap.
//!
//! Goes by the magic bytes, not by headers: VirusTotal sends errors uncompressed although compression was asked for.

use crate::checksum::checksum;
use alloc::boxed::Box;
use alloc::vec::Vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Why a body could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It inflates to more than the cap.
    TooLarge,
    /// It ends too early.
    Truncated,
    /// It is no gzip, or its checksum is wrong.
    Corrupt,
}

/// How much the output grows by at least.
const MIN_GROWTH: usize = 4 << 10;
/// Deflate never expands beyond this (RFC 1951's longest match for the shortest code).
const MAX_RATIO: usize = 1032;

/// Whether a body begins like gzip. JSON never does.
#[must_use]
pub fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b])
}

/// Inflates a gzip body of one or more members to at most `most` bytes.
///
/// # Errors
/// A [`Fault`]; nothing beyond `most` was allocated.
#[inline(never)]
pub fn inflate(mut body: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let mut output = Vec::new();
    let mut state = Box::<DecompressorOxide>::default();
    loop {
        let start = output.len();
        body = member(skip_header(body)?, &mut state, &mut output, most)?;
        let (trailer, rest) = body.split_at_checked(8).ok_or(Fault::Truncated)?;
        let inflated = output.get(start..).unwrap_or_default();
        let checksum = checksum(inflated);
        let (sum, size) = trailer.split_at(4);
        if sum != checksum.to_le_bytes() || size != (inflated.len() as u32).to_le_bytes() {
            return Err(Fault::Corrupt);
        }
        body = rest;
        // Zeros after the last member are padding; anything else there is ignored, as gzip itself does.
        if !is_gzip(body) {
            return Ok(output);
        }
    }
}

/// Inflates one member's deflate stream onto `output`; gives what comes behind it.
fn member<'a>(
    mut input: &'a [u8],
    state: &mut DecompressorOxide,
    output: &mut Vec<u8>,
    most: usize,
) -> Result<&'a [u8], Fault> {
    state.init();
    let mut written = output.len();
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    // One byte beyond the cap, so that an output of exactly the cap can end.
    let limit = most.saturating_add(1);
    // A first guess that is right for the usual body, which is one member: the size that it ends with.
    let announced = input.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let mut room = grown(written, announced, input.len(), limit);
    loop {
        output.reserve_exact(room - output.len());
        output.resize(room, 0);
        let (status, read, wrote) = decompress(state, input, output, written, flags);
        input = input.get(read..).unwrap_or_default();
        written += wrote;
        match status {
            TINFLStatus::Done => {
                output.truncate(written);
                return if written > most { Err(Fault::TooLarge) } else { Ok(input) };
            }
            TINFLStatus::HasMoreOutput if room == limit => return Err(Fault::TooLarge),
            TINFLStatus::HasMoreOutput => room = grown(written, written, input.len(), limit),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => return Err(Fault::Truncated),
            _ => return Err(Fault::Corrupt),
        }
    }
}

/// The output's next size: more by `wanted`, but not beyond what the input can give, nor beyond the cap.
fn grown(written: usize, wanted: usize, input: usize, most: usize) -> usize {
    let possible = input.saturating_mul(MAX_RATIO).saturating_add(MIN_GROWTH);
    written.saturating_add(wanted.max(MIN_GROWTH).min(possible)).min(most)
}

/// Skips a member's header: ten fixed bytes, then what the flags announce.
fn skip_header(body: &[u8]) -> Result<&[u8], Fault> {
    const EXTRA: u8 = 1 << 2;
    const NAME: u8 = 1 << 3;
    const COMMENT: u8 = 1 << 4;
    const CHECKSUM: u8 = 1 << 1;
    let (fixed, mut rest) = body.split_at_checked(10).ok_or(Fault::Truncated)?;
    // The three highest flags are reserved: what they would announce is unknown (RFC 1952, 2.3.1.2).
    let &[0x1f, 0x8b, 8, flags @ 0..0x20, ..] = fixed else { return Err(Fault::Corrupt) };
    if flags & EXTRA != 0 {
        let (length, behind) = rest.split_first_chunk::<2>().ok_or(Fault::Truncated)?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..).ok_or(Fault::Truncated)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0).ok_or(Fault::Truncated)?;
            rest = rest.get(end + 1..).ok_or(Fault::Truncated)?;
        }
    }
    if flags & CHECKSUM != 0 {
        rest = rest.get(2..).ok_or(Fault::Truncated)?;
    }
    Ok(rest)
}

#[cfg(test)]
#[path = "gzip_tests.rs"]
mod tests;
