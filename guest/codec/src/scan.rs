//! Walking JSON text without building anything: where each value begins and ends is all that is asked.
//!
//! A page of 40 files is a megabyte of which the contract reads a few dozen short fields; everything else is handed on
//! as it came. `serde_json` can do that by `RawValue`, but goes over every object once per level it is found at, and its
//! reading half is 12 KB of a component that may have 200. It writes the request bodies, and it is the judge in the
//! tests: this walk, and what the component reads with it, are held to its verdict on any text.
//!
//! The grammar is RFC 8259's, whole: what is skipped is checked too. Nesting costs a bit a level and no recursion.

use alloc::vec::Vec;

/// A place in a JSON text.
#[derive(Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The first byte of what comes next, white space apart.
    #[inline(always)]
    pub fn peek(&mut self) -> Option<u8> {
        let byte = *self.text.as_bytes().get(self.at)?;
        if byte > b' ' { Some(byte) } else { self.peek_behind_blanks() }
    }

    #[inline(never)]
    fn peek_behind_blanks(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let blank = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))?;
        self.at += blank;
        rest.get(blank).copied()
    }

    /// Takes the byte that comes next, whatever it is, white space apart.
    pub fn skip(&mut self) {
        self.at += usize::from(self.peek().is_some());
    }

    /// Whether nothing but white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Where it stands, white space apart; for [`Self::since`].
    pub fn position(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// The text from a position to here.
    #[must_use]
    pub fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Walks an object; `visit` is given each key as it stands between its quotes, and takes the value.
    /// `None` when the text is no sound object, or `visit` gives up.
    pub fn object(&mut self, visit: &mut dyn FnMut(&'a str, &mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        if self.accept(b'}') {
            return Some(());
        }
        loop {
            let start = self.position();
            self.string()?;
            let key = self.text.get(start + 1..self.at - 1)?;
            self.expect(b':')?;
            visit(key, self)?;
            if self.ends(b'}')? {
                return Some(());
            }
        }
    }

    /// Walks an array; `visit` takes each value. `None` when the text is no sound array, or `visit` gives up.
    pub fn array(&mut self, visit: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.accept(b']') {
            return Some(());
        }
        loop {
            visit(self)?;
            if self.ends(b']')? {
                return Some(());
            }
        }
    }

    /// Takes one value of any kind, as its text. `None` when it is not sound.
    pub fn value(&mut self) -> Option<&'a str> {
        let start = self.position();
        let mut open = Nesting::default();
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' => {
                    self.at += 1;
                    if !self.accept(b'}') {
                        self.skip_key()?;
                        open.push(true);
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if !self.accept(b']') {
                        open.push(false);
                        continue;
                    }
                }
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => self.number()?,
            }
            // A value has ended; so may what it is in.
            loop {
                let Some(in_object) = open.last() else { return Some(self.since(start)) };
                if !self.ends(if in_object { b'}' } else { b']' })? {
                    if in_object {
                        self.skip_key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    fn skip_key(&mut self) -> Option<()> {
        self.peek()?;
        self.string()?;
        self.expect(b':')
    }

    /// Takes what comes behind a value: the bracket that ends what it is in, or a comma.
    fn ends(&mut self, bracket: u8) -> Option<bool> {
        let next = self.peek()?;
        self.at += 1;
        (next == bracket || next == b',').then_some(next == bracket)
    }

    #[inline(always)]
    fn accept(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.accept(byte).then_some(())
    }

    // This and what follows is rare beside texts, and kept out of the walk for its size.
    #[inline(never)]
    fn literal(&mut self, word: &str) -> Option<()> {
        let is_next = self.text.as_bytes().get(self.at..)?.starts_with(word.as_bytes());
        self.at += word.len();
        is_next.then_some(())
    }

    fn string(&mut self) -> Option<()> {
        if self.text.as_bytes().get(self.at) != Some(&b'"') {
            return None;
        }
        self.at += 1;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let plain = plain_length(rest);
            self.at += plain + 1;
            match rest.get(plain)? {
                b'"' => return Some(()),
                b'\\' => match rest.get(plain + 1)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                    b'u' => {
                        let digits = rest.get(plain + 2..plain + 6)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        self.at += 5;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    #[inline(never)]
    fn number(&mut self) -> Option<()> {
        let first = *self.text.as_bytes().get(self.at)?;
        self.at += usize::from(first == b'-');
        match self.digits() {
            0 => return None,
            1 => {}
            // Several digits do not begin with a zero.
            several if self.text.as_bytes().get(self.at - several) == Some(&b'0') => return None,
            _ => {}
        }
        if self.text.as_bytes().get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return None;
            }
        }
        if matches!(self.text.as_bytes().get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.as_bytes().get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return None;
            }
        }
        Some(())
    }

    #[inline(never)]
    fn digits(&mut self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        digits
    }
}

/// How many bytes of a string come before a quote, a backslash or a control character: most of a page is in strings,
/// so eight at a time.
#[must_use]
#[inline(never)]
pub fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    // A byte's high bit is set where the byte is below `limit`, or may be set behind such a byte; `limit` ≤ 128.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGHS;
    let equals = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut plain = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let stops = below(word, 0x20) | equals(word, b'"') | equals(word, b'\\');
        if stops != 0 {
            // The lowest is of a byte that has none behind it, and right.
            return plain + (stops.trailing_zeros() / 8) as usize;
        }
        plain += 8;
    }
    plain + rest.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')).unwrap_or(rest.len())
}

/// Which brackets are open, a bit each: a bracket that is a brace is 1.
#[derive(Default)]
struct Nesting {
    depth: usize,
    innermost: u64,
    outer: Vec<u64>,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        if self.depth.is_multiple_of(64) && self.depth > 0 {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(is_object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.innermost >>= 1;
        self.depth = self.depth.saturating_sub(1);
        if self.depth.is_multiple_of(64) {
            self.innermost = self.outer.pop().unwrap_or_default();
        }
    }

    fn last(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.innermost & 1 == 1)
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
