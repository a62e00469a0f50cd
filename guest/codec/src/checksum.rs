//! The checksum of gzip: CRC-32 as RFC 1952 has it, eight bytes at a time.
//!
//! Of ready ones, a table is either 1 KB and six times slower, or 16 KB of a component that is small otherwise. This one is
//! made when it is needed, which takes less time than a kilobyte takes to check, and no byte of the component.

/// IEEE 802.3's polynomial, its bits from low to high.
const POLYNOMIAL: u32 = 0xedb8_8320;
/// Bytes that are taken at a time, each with a table of its own.
const SLICES: usize = 8;

/// From here on more tables take less time to make than they save.
const MANY: usize = 2 << 10;

/// The checksum of some bytes.
#[must_use]
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    let mut by_1 = [0; 256];
    fill_first(&mut by_1);
    let one_by_one =
        |state, bytes: &[u8]| bytes.iter().fold(state, |state, byte| shifted(&by_1, state ^ u32::from(*byte)));
    if bytes.len() < MANY {
        return !one_by_one(!0, bytes);
    }
    let mut others = [[0; 256]; SLICES - 1];
    fill_others(&by_1, &mut others);
    let [by_2, by_3, by_4, by_5, by_6, by_7, by_8] = &others;
    let (words, rest) = bytes.as_chunks();
    let state = words.iter().fold(!0, |state, [a, b, c, d, e, f, g, h]| {
        let [i, j, k, l] = (state ^ u32::from_le_bytes([*a, *b, *c, *d])).to_le_bytes();
        at(by_8, i)
            ^ at(by_7, j)
            ^ at(by_6, k)
            ^ at(by_5, l)
            ^ at(by_4, *e)
            ^ at(by_3, *f)
            ^ at(by_2, *g)
            ^ at(&by_1, *h)
    });
    !one_by_one(state, rest)
}

/// What becomes of each byte: of a single bit by division, of the others by adding up.
fn fill_first(table: &mut [u32; 256]) {
    let mut state = 1;
    for bit in (0..8).rev() {
        state = state >> 1 ^ POLYNOMIAL & (state & 1u32).wrapping_neg();
        let step = 1 << bit;
        for lower in (0..256).step_by(2 * step) {
            if let Some([entry, .., other]) = table.get_mut(lower..=lower + step) {
                *other = *entry ^ state;
            }
        }
    }
}

/// What becomes of each byte when one follows it, two, and so on.
fn fill_others(first: &[u32; 256], others: &mut [[u32; 256]; SLICES - 1]) {
    let mut before = first;
    for table in others {
        for (entry, state) in table.iter_mut().zip(before) {
            *entry = shifted(first, *state);
        }
        before = table;
    }
}

fn shifted(table: &[u32; 256], state: u32) -> u32 {
    state >> 8 ^ at(table, state as u8)
}

#[allow(clippy::indexing_slicing, reason = "there are as many entries as bytes")]
fn at(table: &[u32; 256], byte: u8) -> u32 {
    table[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::checksum;
    use crc::{CRC_32_ISO_HDLC, Crc};
    use proptest::prelude::*;

    #[test]
    fn the_checksum_of_the_catalogue_is_right() {
        assert_eq!(checksum(b""), 0);
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn any_text_has_the_checksum_that_the_library_gives_it(bytes: Vec<u8>) {
            prop_assert_eq!(checksum(&bytes), Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes));
        }
    }
}
