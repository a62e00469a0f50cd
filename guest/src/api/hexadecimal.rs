//! Numbers in hexadecimal, of a fixed length. (`core`'s own reading of them knows every radix, in 400 bytes for each type.)

use alloc::string::String;

/// Adds a number in 16 digits.
pub fn push(text: &mut String, number: u64) {
    for place in (0..16).rev() {
        text.extend(char::from_digit((number >> (place * 4)) as u32 & 15, 16));
    }
}

/// Reads so many digits, at most 16.
#[must_use]
pub fn read(text: &str, digits: usize) -> Option<u64> {
    let mut number = None;
    for byte in text.bytes() {
        number = Some(number.unwrap_or(0) << 4 | u64::from(char::from(byte).to_digit(16)?));
    }
    number.filter(|_| text.len() == digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for number in [0, 1, 0xabcdef, u64::MAX, 1 << 63] {
            let mut text = String::new();
            push(&mut text, number);
            assert_eq!((text.len(), read(&text, 16)), (16, Some(number)));
        }
    }

    #[test]
    fn what_is_no_number_of_that_length_is_none() {
        assert_eq!(read("fF", 2), Some(255));
        for text in ["", "f", "fff", "+f", "g0", "\u{e9}"] {
            assert_eq!(read(text, 2), None, "{text}");
        }
    }
}
