//! Cursors: opaque, and good for nothing but the listing they came from.
//!
//! A cursor says after which entry, or at which number of entries, to go on. It is bound by a MAC to endpoint, filter,
//! order and user: altered, made up or taken elsewhere, it answers 400. The length varies, so that some carry `=` padding, as VirusTotal's do.

use sha2::{Digest, Sha256};

use crate::envelope::Place;
use crate::reply::ApiError;
use crate::shared::Shared;

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// The place of the last entry served.
    pub(crate) last: Place,
    /// How many were served.
    pub(crate) served: u64,
    /// How many empty pages were served for it already.
    pub(crate) pauses: u16,
}

/// Where the pauses sit beside the number of entries served, which never comes near them.
const PAUSES: u32 = 48;

const MAC: usize = 16;
const POSITION: usize = 24;

/// Writes a cursor. `binding` names the listing: endpoint, filter, order, user.
pub(crate) fn write(shared: &Shared, binding: &str, position: Position) -> String {
    base64url(&seal(&shared.cursor_secret, binding, position))
}

/// Reads a cursor back.
pub(crate) fn read(shared: &Shared, binding: &str, cursor: &str) -> Result<Position, ApiError> {
    open(&shared.cursor_secret, binding, cursor)
        .ok_or_else(|| ApiError::bad_request(format!("Cursor \"{cursor}\" is not valid")))
}

fn seal(secret: &[u8; 32], binding: &str, position: Position) -> Vec<u8> {
    let mut plain = [0; POSITION];
    let served = position.served | u64::from(position.pauses) << PAUSES;
    for (place, number) in plain.chunks_exact_mut(8).zip([position.last.0, position.last.1, served]) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    let mac = &digest(&[secret, b"mac", binding.as_bytes(), &plain])[..MAC];
    let mut sealed = mac.to_vec();
    let mask = digest(&[secret, b"mask", mac]);
    sealed.extend(plain.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
    // Ballast, part of the check below like the rest, for a length as found in the wild.
    let ballast = 96 + usize::from(mask[31] % 48);
    let mut block = mask;
    while sealed.len() < MAC + POSITION + ballast {
        block = digest(&[secret, b"ballast", &block]);
        let missing = MAC + POSITION + ballast - sealed.len();
        sealed.extend_from_slice(&block[..missing.min(block.len())]);
    }
    sealed
}

fn open(secret: &[u8; 32], binding: &str, cursor: &str) -> Option<Position> {
    let sealed = unbase64url(cursor)?;
    let (mac, rest) = sealed.split_at_checked(MAC)?;
    let masked = rest.get(..POSITION)?;
    let mask = digest(&[secret, b"mask", mac]);
    let plain: Vec<u8> = masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let mut numbers = plain.chunks_exact(8).filter_map(|bytes| bytes.try_into().map(u64::from_be_bytes).ok());
    let (last, served) = ((numbers.next()?, numbers.next()?), numbers.next()?);
    let position = Position { last, served: served & ((1 << PAUSES) - 1), pauses: (served >> PAUSES) as u16 };
    // Sealing is deterministic: what is ours is reproduced byte for byte.
    (seal(secret, binding, position) == sealed).then_some(position)
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            if index <= chunk.len() {
                text.push(char::from(ALPHABET[(word >> (18 - 6 * index)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

fn unbase64url(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 {
        return None;
    }
    for chunk in digits.as_bytes().chunks(4) {
        let mut word = 0;
        for digit in chunk {
            word = word << 6 | ALPHABET.iter().position(|known| known == digit)? as u32;
        }
        word <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&word.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn a_cursor_reads_back_only_where_it_came_from() {
        for last in 0..50 {
            let position = Position { last: (!last, last), served: last * 3, pauses: last as u16 % 3 };
            let cursor = base64url(&seal(&SECRET, "stream|date-|ann", position));
            assert_eq!(open(&SECRET, "stream|date-|ann", &cursor), Some(position));
            assert_eq!(open(&SECRET, "stream|date+|ann", &cursor), None);
            assert_eq!(open(&[8; 32], "stream|date-|ann", &cursor), None);
        }
    }

    #[test]
    fn every_altered_character_is_noticed() {
        let cursor = base64url(&seal(&SECRET, "b", Position { last: (9, 1), served: 2, pauses: 0 }));
        for index in 0..cursor.trim_end_matches('=').len() - 1 {
            let mut altered = cursor.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("still ASCII");
            assert_eq!(open(&SECRET, "b", &altered), None, "character {index}");
        }
        for wrong in ["", "=", "====", "10", &cursor[1..], &format!("{cursor}AAAA")] {
            assert_eq!(open(&SECRET, "b", wrong), None);
        }
    }

    #[test]
    fn some_cursors_are_padded_and_some_are_not() {
        let position = |last| Position { last: (last, last), served: 1, pauses: 0 };
        let cursors: Vec<String> = (0..40).map(|last| base64url(&seal(&SECRET, "b", position(last)))).collect();
        assert!(cursors.iter().any(|cursor| cursor.ends_with("==")));
        assert!(cursors.iter().any(|cursor| !cursor.ends_with('=')));
    }
}
