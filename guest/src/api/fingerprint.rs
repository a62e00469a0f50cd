//! Short names for long texts: FNV-1a, 64 bits. Not for secrets: it tells apart what is different by chance.

/// The texts' name; where one ends and the next begins is part of it.
#[must_use]
pub fn fingerprint(texts: &[&str]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    // 0xff is in no UTF-8 text.
    texts.iter().fold(OFFSET, |hash, text| step(text.bytes().fold(hash, step), 0xff))
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn texts_are_told_apart_and_so_is_where_they_end() {
        assert_eq!(fingerprint(&["ab", "c"]), fingerprint(&["ab", "c"]));
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_ne!(fingerprint(&["ab"]), fingerprint(&["ab", ""]));
        assert_ne!(fingerprint(&["date:1+"]), fingerprint(&["date:1-"]));
    }
}
