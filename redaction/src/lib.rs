//! Takes an API key out of texts: the one redactor of component, host and command line.
//!
//! What is taken out is the key, and any [`SHORTEST_PART`] or more characters of it in a row, in upper or lower case. What
//! is not: shorter parts, and the key in another form (base64, percent-encoded or escaped, reversed, with something between
//! its characters).
//!
//! Texts are redacted before they are cut, so that no cut leaves a part that is too short to be found.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

extern crate alloc;
// What is derived names this crate, also in its own tests.
#[cfg(test)]
extern crate self as virustotal_hunting_redaction;

#[cfg(feature = "derive")]
pub use virustotal_hunting_redaction_derive::Redact;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// The fewest characters of a key that count as a part of it. Of a shorter key the whole counts.
pub const SHORTEST_PART: usize = 12;

/// The fewest characters of a key. VirusTotal's have 64; what is shorter than this is not a key, its parts could not be found,
/// and as a whole it may stand in any word: component and host refuse it.
pub const SHORTEST_KEY: usize = 16;

/// How many characters are looked up at a time.
const GRAM: usize = 4;

/// Finds a key and its parts. It borrows the key, so that there is no second copy to wipe, and is quick to make.
///
/// It does not go over a text character by character. A part of `SHORTEST_PART` characters has `SHORTEST_PART - GRAM + 1`
/// places where a gram begins, one after the other, so looking at every ninth place of a text meets every part.
#[derive(Clone)]
pub struct Redactor<'k> {
    key: &'k [u8],
    /// The fewest characters to take out.
    shortest: usize,
    /// The length of a gram: `GRAM`, less for a key that is shorter.
    gram: usize,
    /// Which grams are in the key, by their hash.
    known: [u64; 64],
}

impl<'k> Redactor<'k> {
    /// Looks for this key.
    #[must_use]
    pub fn new(key: &'k str) -> Self {
        let key = key.as_bytes();
        let gram = GRAM.min(key.len());
        let mut known = [0; 64];
        if gram > 0 {
            for gram in key.windows(gram) {
                let (word, bit) = place(gram);
                if let Some(word) = known.get_mut(word) {
                    *word |= bit;
                }
            }
        }
        Self { key, shortest: SHORTEST_PART.min(key.len()), gram, known }
    }

    /// Whether the key is long enough for its parts to be looked for. A shorter one is not VirusTotal's, and may stand in
    /// any word: it is taken out of errors and headers, and not out of objects.
    #[must_use]
    pub fn finds_parts(&self) -> bool {
        self.key.len() >= SHORTEST_PART
    }

    /// Whether the key, or a part of it, is in a text.
    #[must_use]
    pub fn finds(&self, text: &[u8]) -> bool {
        self.find(text, 0).is_some()
    }

    /// The text with [`REDACTED`] in place of the key and its parts.
    pub fn redact(&self, text: &mut String) {
        let mut found = self.find(text.as_bytes(), 0);
        if found.is_none() {
            return;
        }
        let mut clean = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(Range { start, end }) = found {
            // The key is ASCII, so both ends lie between characters.
            clean.push_str(text.get(from..start).unwrap_or_default());
            clean.push_str(REDACTED);
            from = end;
            found = self.find(text.as_bytes(), from);
        }
        clean.push_str(text.get(from..).unwrap_or_default());
        *text = clean;
    }

    /// The same for bytes that need not be text.
    pub fn redact_bytes(&self, bytes: &mut Vec<u8>) {
        let mut found = self.find(bytes, 0);
        if found.is_none() {
            return;
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut from = 0;
        while let Some(Range { start, end }) = found {
            clean.extend_from_slice(bytes.get(from..start).unwrap_or_default());
            clean.extend_from_slice(REDACTED.as_bytes());
            from = end;
            found = self.find(bytes, from);
        }
        clean.extend_from_slice(bytes.get(from..).unwrap_or_default());
        *bytes = clean;
    }

    /// The first part of the key in the text at or after a place.
    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        if self.gram == 0 {
            return None;
        }
        let stride = self.shortest - self.gram + 1;
        let mut at = from + stride - 1;
        loop {
            let gram = text.get(at..at + self.gram)?;
            let (word, bit) = place(gram);
            if self.known.get(word).is_some_and(|word| word & bit != 0)
                && let Some(part) = self.part_through(text, from, at)
            {
                return Some(part);
            }
            at += stride;
        }
    }

    /// The part of the key that the text has around a place, no earlier than `from`; of several that overlap there, all.
    fn part_through(&self, text: &[u8], from: usize, at: usize) -> Option<Range<usize>> {
        let (before, behind) = text.split_at_checked(at)?;
        let before = before.get(from..)?;
        let mut found: Option<Range<usize>> = None;
        let gram = packed(behind.get(..self.gram)?);
        for (split, window) in self.key.windows(self.gram).enumerate() {
            // Most places are met by chance: what is cheap to compare is compared first.
            if packed(window) != gram {
                continue;
            }
            let (head, tail) = self.key.split_at_checked(split)?;
            let right = equal(behind.iter(), tail.iter());
            if right >= self.gram {
                let left = equal(before.iter().rev(), head.iter().rev());
                if left + right >= self.shortest {
                    let other = found.unwrap_or(at..at);
                    found = Some(other.start.min(at - left)..other.end.max(at + right));
                }
            }
        }
        found
    }
}

/// How many bytes are equal from the beginning of both, ignoring case.
fn equal<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
}

/// A gram as a number, the same for both cases of a letter.
fn packed(gram: &[u8]) -> u32 {
    match gram.first_chunk::<GRAM>() {
        Some(four) => u32::from_be_bytes(*four) | 0x2020_2020,
        // Of a key that is shorter than a gram.
        None => gram.iter().fold(0, |packed, byte| packed << 8 | u32::from(byte | 0x20)),
    }
}

/// Where a gram's bit is among the known ones.
fn place(gram: &[u8]) -> (usize, u64) {
    // Fibonacci hashing, to twelve bits.
    let hash = packed(gram).wrapping_mul(0x9E37_79B1) >> 20;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// What a key can be taken out of, in all its texts.
pub trait Redact {
    /// Puts [`REDACTED`] in place of the key and its parts.
    fn redact(&mut self, redactor: &Redactor<'_>);
}

impl Redact for String {
    fn redact(&mut self, redactor: &Redactor<'_>) {
        redactor.redact(self);
    }
}

impl<T: Redact> Redact for Option<T> {
    fn redact(&mut self, redactor: &Redactor<'_>) {
        self.iter_mut().for_each(|value| value.redact(redactor));
    }
}

impl<T: Redact> Redact for Vec<T> {
    fn redact(&mut self, redactor: &Redactor<'_>) {
        self.iter_mut().for_each(|value| value.redact(redactor));
    }
}

impl<T: Redact> Redact for Box<T> {
    fn redact(&mut self, redactor: &Redactor<'_>) {
        (**self).redact(redactor);
    }
}

impl<A: Redact, B: Redact> Redact for (A, B) {
    fn redact(&mut self, redactor: &Redactor<'_>) {
        self.0.redact(redactor);
        self.1.redact(redactor);
    }
}

/// What has no text.
macro_rules! without_text {
    ($($type:ty)*) => {$(
        impl Redact for $type {
            fn redact(&mut self, _: &Redactor<'_>) {}
        }
    )*};
}
without_text!(() bool char u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);

#[cfg(test)]
mod tests;
