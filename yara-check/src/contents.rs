//! What strings are made of: too short, never to be found, or so common that VirusTotal refuses them as slow.

use std::ops::Range;

use yara_x_parser::ast::{HexSubPattern, HexToken, Pattern, PatternModifier, Rule, WithSpan as _};

use crate::findings::Findings;
use crate::regexps;

/// Checks what a string is made of. Where it is `anchored`, it is looked for at one offset alone, and is never slow.
pub(crate) fn check<'s>(rule: &Rule<'s>, pattern: &Pattern<'s>, anchored: bool, findings: &mut Findings<'s>) {
    let name = Some(rule.identifier.name);
    let has = |text: &str| pattern.modifiers().iter().any(|modifier| modifier.as_text() == text);
    // With these it is something else that is looked for.
    let disguised = ["xor", "fullword", "base64", "base64wide"].iter().any(|text| has(text));
    let literal = match pattern {
        Pattern::Text(text) => {
            let bytes: &[u8] = &text.text.value;
            let encoded = pattern.modifiers().iter().find(|modifier| {
                matches!(modifier, PatternModifier::Base64 { .. } | PatternModifier::Base64Wide { .. })
            });
            if let Some(modifier) = encoded.filter(|_| bytes.len() < 3) {
                let message = format!(
                    "The string `{}` has {} bytes; with `{}` it needs at least 3. Make it longer, or take the modifier out.",
                    text.identifier.name,
                    bytes.len(),
                    modifier.as_text()
                );
                findings.error("invalid-string", text.text.span().range(), name, message);
            } else if bytes.is_empty() {
                let message = format!("The string `{}` is empty. Write what is to be found.", text.identifier.name);
                findings.error("invalid-string", text.text.span().range(), name, message);
            }
            Some(bytes.to_vec())
        }
        Pattern::Hex(hex) => {
            let mut look = Hex { rule, pattern, findings };
            look.check(&hex.sub_patterns);
            let literal = plain(&hex.sub_patterns);
            if literal.is_none() && separate_bytes(&hex.sub_patterns) {
                slow(rule, pattern, "has no two bytes in a row", findings);
            }
            literal
        }
        Pattern::Regexp(regexp) => {
            let nocase = has("nocase");
            match regexps::check_string(&regexp.regexp, rule, pattern, nocase, findings) {
                Ok(bytes) => bytes,
                Err(regexps::Refused) => return,
            }
        }
    };
    if let Some(bytes) = literal
        && !anchored
        && !disguised
        && let Some(what) = common(&bytes)
    {
        slow(rule, pattern, what, findings);
    }
}

/// Why these bytes are found nearly everywhere.
fn common(bytes: &[u8]) -> Option<&'static str> {
    let all = |byte: u8| bytes.iter().all(|other| *other == byte);
    match bytes {
        [] => None,
        [_] => Some("is a single byte"),
        _ if all(0x00) => Some("is nothing but the byte 00"),
        _ if all(0x90) => Some("is nothing but the byte 90"),
        _ if all(0xff) => Some("is nothing but the byte FF"),
        _ => None,
    }
}

fn slow<'s>(rule: &Rule<'s>, pattern: &Pattern<'s>, what: &str, findings: &mut Findings<'s>) {
    let message = format!(
        "The string `{}` {what}: it slows down the search, and VirusTotal refuses slow rules. Make it longer, or look for it in \
         the condition, such as `uint8(0) == 0x4D`.",
        pattern.identifier().name
    );
    findings.error("slow-string", pattern.span().range(), Some(rule.identifier.name), message);
}

/// The bytes of a hex string that is nothing else.
fn plain(tokens: &HexSubPattern) -> Option<Vec<u8>> {
    let byte = |token: &HexToken| match token {
        HexToken::Byte(byte) if byte.mask == 0xff => Some(byte.value),
        _ => None,
    };
    tokens.iter().map(byte).collect()
}

/// Whether there is a single byte alone between jumps of varying length, everywhere in a hex string.
fn separate_bytes(tokens: &HexSubPattern) -> bool {
    let mut alone = 0;
    for token in tokens.iter() {
        match token {
            HexToken::Jump(jump) if jump.start != jump.end || jump.end.is_none() => alone = 0,
            HexToken::Byte(byte) if byte.mask == 0xff => alone += 1,
            HexToken::NotByte(byte) if byte.mask == 0xff => alone += 1,
            _ => return false,
        }
        if alone > 1 {
            return false;
        }
    }
    true
}

/// Goes through a hex string and the alternatives in it.
struct Hex<'f, 'a, 's> {
    rule: &'a Rule<'s>,
    pattern: &'a Pattern<'s>,
    findings: &'f mut Findings<'s>,
}

impl<'s> Hex<'_, '_, 's> {
    fn check(&mut self, tokens: &HexSubPattern) {
        let mut left = vec![tokens];
        while let Some(tokens) = left.pop() {
            let mut tokens = tokens.iter().peekable();
            while let Some(token) = tokens.next() {
                match token {
                    HexToken::NotByte(byte) if byte.mask == 0 => {
                        self.error("invalid-string", token.span().range(), "`~??` is no byte at all. Take it out");
                    }
                    HexToken::Byte(_) | HexToken::NotByte(_) => {}
                    HexToken::Alternative(alternative) => left.extend(&alternative.alternatives),
                    HexToken::Jump(jump) => {
                        // Jumps in a row are one.
                        let mut span = token.span().range();
                        let (mut start, mut end) = (u64::from(jump.start.unwrap_or(0)), jump.end.map(u64::from));
                        while let Some(HexToken::Jump(next)) = tokens.peek() {
                            start += u64::from(next.start.unwrap_or(0));
                            end = end.zip(next.end).map(|(end, next)| end + u64::from(next));
                            span.end = next.span().end();
                            tokens.next();
                        }
                        match end {
                            Some(0) if start == 0 => {
                                self.error("invalid-string", span, "A jump of 0 bytes is none. Take it out");
                            }
                            Some(end) if start > end => {
                                let message = format!(
                                    "The jump ends before it begins: {start} is greater than {end}. Exchange the two"
                                );
                                self.error("invalid-range", span, &message);
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    fn error(&mut self, code: &'static str, span: Range<usize>, message: &str) {
        let message = format!("{message}; it is in the string `{}`.", self.pattern.identifier().name);
        self.findings.error(code, span, Some(self.rule.identifier.name), message);
    }
}
