//! Where following stands: small enough to store beside the items, and exact.
//!
//! Dates are whole seconds and several notifications share one, a service's clock can step back, and some are dated late.
//! So a date alone does not say what was given; the ids of the last few hundred do. The rule that everything rests on:
//! **whatever was given and is dated `floor` or later is known by its id.** Reading never asks for what is older.
//!
//! As text it is `vc1.` and base64url of: the query's name, the dates as variable-length numbers, the known ids newest
//! first, and a check sum, since half a checkpoint must not count as a whole one.

use super::{base64url, error};
use crate::contract::Failed;
use alloc::string::String;
use alloc::vec::Vec;
use crc::{CRC_32_ISCSI, Crc};

/// What begins a checkpoint of this component.
const PREFIX: &str = "vc1.";
/// How many ids are kept of what is older than every step looks at again.
const MAX_OLDER: usize = 512;
/// How many ids are kept of what every step looks at again, but for the newest second, which is kept whole.
const MAX_RECENT: usize = 10_000;
/// When the newest is this much older by the server's clock than what is looked at again, nothing more is going to be
/// dated as it is. In seconds.
const SETTLED: u64 = 600;
/// How many known ones may be read again at every step all the same: they come with one request.
const A_PAGE: usize = 30;
/// The longest checkpoint that is read.
const MAX_BYTES: usize = 4 << 20;
const CHECK: Crc<u32, crc::NoTable> = Crc::<u32, crc::NoTable>::new(&CRC_32_ISCSI);

/// Where following stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the query it belongs to.
    pub query: u64,
    /// The newest date there was.
    pub newest: u64,
    /// The earliest that the server's clock was while the last listing was read, or until when everything is deleted; 0
    /// while unknown. Whatever was made since is dated then or later.
    pub clock: u64,
    /// What was given and is dated here or later is known.
    pub floor: u64,
    /// Date and mark of what was given, newest first.
    known: Vec<(u64, u64)>,
    /// In the midst of which listing, if a budget ended the step before the listing ended.
    pub reading: Option<Reading>,
}

/// A listing being read: everything since a date, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Since when.
    pub from: u64,
    /// The earliest that the server's clock was meanwhile; 0 while unknown.
    pub clock: u64,
    /// The page; absent: the first.
    pub cursor: Option<String>,
    /// Whether it has brought anything new yet.
    pub found: bool,
}

impl Reading {
    /// From a date on.
    #[must_use]
    pub fn from(from: u64) -> Self {
        Self { from, clock: 0, cursor: None, found: false }
    }

    /// The same listing, from a date on.
    #[must_use]
    pub fn at(&self, from: u64) -> Self {
        Self { clock: self.clock, ..Self::from(from) }
    }

    /// Takes note of the server's clock; whether it is the first time.
    pub fn observe(&mut self, clock: u64) -> bool {
        let is_first = self.clock == 0;
        self.clock = if is_first { clock } else { self.clock.min(clock) };
        is_first
    }
}

impl Checkpoint {
    /// Before everything of a date.
    #[must_use]
    pub fn since(query: u64, date: u64) -> Self {
        Self { query, newest: date, floor: date, ..Self::default() }
    }

    /// Where a listing begins: so many seconds before the newest, or before the server's clock should that have stepped
    /// back behind it.
    #[must_use]
    pub fn resume(&self, clock: u64, overlap: u64) -> u64 {
        let now = if clock == 0 { self.newest } else { self.newest.min(clock) };
        let from = now.saturating_sub(overlap).max(self.floor);
        let known = self.known.partition_point(|(date, _)| *date >= from);
        if known > A_PAGE && clock >= self.newest.saturating_add(overlap).saturating_add(SETTLED) {
            // Thousands that are known are not read again for ever.
            return self.newest.saturating_add(1).max(self.floor);
        }
        from
    }

    /// Until when everything was given: the time of the last listing that was read to its end, however old the newest of it
    /// was, or how far the one under way has come.
    #[must_use]
    pub fn reached(&self) -> u64 {
        match &self.reading {
            Some(reading) => reading.from.max(self.clock),
            None if self.clock == 0 => self.newest,
            None => self.clock,
        }
    }

    /// Whether this was given.
    #[must_use]
    pub fn knows(&self, mark: u64) -> bool {
        self.known.iter().any(|(_, known)| *known == mark)
    }

    /// It is given now.
    pub fn learn(&mut self, date: u64, mark: u64) {
        self.newest = self.newest.max(date);
        let place = self.known.partition_point(|(known, _)| *known > date);
        self.known.insert(place, (date, mark));
    }

    /// Forgets the oldest whole seconds until few enough are known: of `recent` and later many are kept, of what is older a
    /// few hundred, and nothing of `reading` and later is forgotten.
    pub fn forget_before(&mut self, recent: u64, reading: u64) {
        let keep = recent.min(self.newest);
        let recent = self.known.partition_point(|(date, _)| *date >= keep);
        // Unless the newest second alone is more than that: half of it would be of no use.
        let newest = self.known.partition_point(|(date, _)| *date >= self.newest);
        let most = recent.min(MAX_RECENT).max(newest) + MAX_OLDER;
        if let Some((oldest, _)) = self.known.get(most).copied() {
            let first_kept = oldest.saturating_add(1).min(self.newest).min(reading);
            self.known.retain(|(date, _)| *date >= first_kept);
            self.floor = self.floor.max(first_kept);
        }
    }

    /// As text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut bytes = Vec::with_capacity(64 + self.known.len() * 9);
        bytes.extend_from_slice(&self.query.to_le_bytes());
        for date in [self.newest, self.clock, self.floor] {
            push_number(&mut bytes, date);
        }
        match &self.reading {
            None => bytes.push(0),
            Some(Reading { from, clock, cursor, found }) => {
                bytes.push(1 | u8::from(*found) << 1 | u8::from(cursor.is_some()) << 2);
                push_number(&mut bytes, *from);
                push_number(&mut bytes, *clock);
                if let Some(cursor) = cursor {
                    push_number(&mut bytes, cursor.len() as u64);
                    bytes.extend_from_slice(cursor.as_bytes());
                }
            }
        }
        let mut before = self.newest;
        for (date, mark) in &self.known {
            push_number(&mut bytes, before.saturating_sub(*date));
            before = *date;
            bytes.extend_from_slice(&mark.to_le_bytes());
        }
        bytes.extend_from_slice(&CHECK.checksum(&bytes).to_le_bytes());
        let mut text = String::from(PREFIX);
        base64url::push(&mut text, &bytes);
        text
    }

    /// Reads the text back.
    ///
    /// # Errors
    /// `invalid-argument` for what is no whole checkpoint, or belongs to another query.
    pub fn read(text: &str, query: u64) -> Result<Self, Failed> {
        let checkpoint = text
            .strip_prefix(PREFIX)
            .filter(|encoded| encoded.len() <= MAX_BYTES)
            .and_then(base64url::read)
            .and_then(|bytes| Self::parse(&bytes));
        match checkpoint {
            None => Err(error::checkpoint("is not whole. Give it exactly as the step before had it, or begin anew")),
            Some(checkpoint) if checkpoint.query != query => {
                Err(error::checkpoint("belongs to another query. Give it with the filter it came with, or begin anew"))
            }
            Some(checkpoint) => Ok(checkpoint),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (bytes, check) = bytes.split_last_chunk()?;
        if CHECK.checksum(bytes) != u32::from_le_bytes(*check) {
            return None;
        }
        let mut bytes = bytes;
        let query = u64::from_le_bytes(*take_chunk(&mut bytes)?);
        let (newest, clock, floor) = (take_number(&mut bytes)?, take_number(&mut bytes)?, take_number(&mut bytes)?);
        let [flags] = *take_chunk(&mut bytes)?;
        let reading = if flags & 1 == 0 {
            None
        } else {
            let (from, clock) = (take_number(&mut bytes)?, take_number(&mut bytes)?);
            let cursor = if flags & 4 == 0 {
                None
            } else {
                let length = usize::try_from(take_number(&mut bytes)?).ok()?;
                let (cursor, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Some(String::from(core::str::from_utf8(cursor).ok()?))
            };
            Some(Reading { from, clock, cursor, found: flags & 2 != 0 })
        };
        let mut known = Vec::new();
        let mut date = newest;
        while !bytes.is_empty() {
            date = date.checked_sub(take_number(&mut bytes)?)?;
            known.push((date, u64::from_le_bytes(*take_chunk(&mut bytes)?)));
        }
        Some(Self { query, newest, clock, floor, known, reading })
    }
}

fn take_chunk<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (chunk, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(chunk)
}

/// Seven bits a byte, lowest first, the eighth saying that more follow.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for place in 0..10 {
        let [byte] = *take_chunk(bytes)?;
        number |= u64::from(byte & 0x7f).checked_shl(place * 7)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
