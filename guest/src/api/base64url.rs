//! Bytes as text that a file, a header and an address all take: base64url of RFC 4648 without padding. (The smallest crate
//! for it is 1.5 KB larger, since it takes care that its timing tells nothing of the bytes; these are no secret.)

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Adds bytes to a text.
pub fn push(text: &mut String, bytes: &[u8]) {
    let (mut held, mut bits) = (0u32, 0);
    // Two zero bytes behind the last give its remaining bits; what is only of them is left out.
    let digits = (bytes.len() * 4).div_ceil(3);
    let mut padded = bytes.iter().copied().chain([0, 0]);
    for _ in 0..digits {
        if bits < 6 {
            held = held << 8 | u32::from(padded.next().unwrap_or(0));
            bits += 8;
        }
        bits -= 6;
        let digit = held >> bits & 63;
        text.extend(ALPHABET.get(digit as usize).map(|digit| char::from(*digit)));
    }
}

/// Reads a text back; `None` for what was not written so.
#[must_use]
pub fn read(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut held, mut bits) = (0u32, 0);
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        held = held << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    // A lone digit is no byte, and the bits that are left are none.
    (bits < 6 && held & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(bytes: &[u8]) -> String {
        let mut text = String::new();
        push(&mut text, bytes);
        text
    }

    #[test]
    fn the_examples_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")]
        {
            assert_eq!(written(bytes.as_bytes()), text);
        }
        assert_eq!(written(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn what_was_not_written_so_is_refused() {
        for text in ["Z", "Zh", "Zm9", "Zg==", "Zm9v\n", "+/8", "\u{e9}", "Zm9vY"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_read_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(read(&written(&bytes)), Some(bytes));
        }
    }
}
