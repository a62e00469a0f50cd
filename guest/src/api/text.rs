//! Cutting text at a character of ASCII. (`core`'s own searches are made for long texts and every pattern: 1 KB.)

/// What is before the first of these, and what is behind; `None` when there is none. `at` is ASCII.
#[must_use]
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_text_is_cut_at_the_first() {
        assert_eq!(cut("a:b:c", b':'), Some(("a", "b:c")));
        assert_eq!(cut("\u{e9}:", b':'), Some(("\u{e9}", "")));
        assert_eq!(cut("abc", b':'), None);
        assert_eq!(cut("", b':'), None);
    }
}
