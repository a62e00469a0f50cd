//! How much of a source text is worth parsing.
//!
//! Two things cost the parser far more than their length. Whatever is not a token of YARA makes it look at all the text that
//! follows. And it reads what stands in the brackets of a call up to three times, calls inside calls so many times again: of
//! more than about fifteen it does not see the end, since it counts its steps and gives up (the compiler with it). This finds
//! both beforehand, token by token as the parser's own tokenizer does, so that nothing is counted that a compiler takes.

/// So many places that are not YARA are enough.
const MOST_UNKNOWN: usize = 200;

/// So many steps the parser takes in one text before it gives up.
const MOST_STEPS: u64 = 100_000_000;

/// The steps that a term costs before it is read itself: what else it could have been is tried first.
const STEPS_OF_A_TERM: u64 = 7;

/// How often a term is read: as the number in `… % of`, as the one in `… of`, and as itself.
const READ: u64 = 3;

/// Words after which a term begins that may be anything.
const BEFORE_A_TERM: [&str; 4] = ["and", "defined", "not", "or"];

/// Further words that are not a function where a bracket follows.
const KEYWORDS: [&str; 18] = [
    "at",
    "base64",
    "base64wide",
    "contains",
    "endswith",
    "for",
    "icontains",
    "iendswith",
    "iequals",
    "in",
    "istartswith",
    "matches",
    "none",
    "of",
    "startswith",
    "them",
    "with",
    "xor",
];

/// Why a text is cut off, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It has too many places that are not YARA at all.
    Unknown(usize),
    /// Its calls are nested too deep, or too often.
    Calls(usize),
}

/// What the tokenizer takes for a token: the parser changes it after the `{` of a hex string and the `[` of a jump, and it
/// changes back by itself at what it does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Normal,
    Hex,
    Jump,
}

/// Where the text has to be cut off, if it has to.
pub(crate) fn cut(source: &str) -> Option<Cut> {
    let mut unknown = 0_usize;
    let mut calls = Calls::default();
    let mut mode = Mode::Normal;
    // Whether the token before was `=`, after which a `{` begins a hex string.
    let mut assigned = false;
    let mut comments_close = true;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let at = source.len() - rest.len();
        let mut trivia = false;
        let length = match first {
            c if is_space(c) => {
                trivia = true;
                Some(c.len_utf8())
            }
            '/' if mode != Mode::Jump && rest.starts_with("//") => {
                trivia = true;
                rest.find('\n').or(Some(rest.len()))
            }
            '/' if mode != Mode::Jump && rest.starts_with("/*") => {
                // Looked for in vain once, it need not be looked for again.
                let end = if comments_close { rest.get(2..).and_then(|inside| inside.find("*/")) } else { None };
                comments_close = end.is_some();
                trivia = comments_close;
                end.map(|end| end + 4)
            }
            c => match mode {
                Mode::Normal => match c {
                    '"' => text(rest),
                    '/' => closed(rest, 1, '/', true),
                    c if c.is_ascii_alphanumeric() || c == '_' => {
                        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                        calls.word(rest.get(..end).unwrap_or_default());
                        Some(end)
                    }
                    c if "$#@!<>=&*\\:,.+-%|^~{}()[]".contains(c) => {
                        calls.sign(c);
                        if c == '{' && assigned {
                            mode = Mode::Hex;
                        }
                        Some(if "!<=>".contains(c) && rest.get(1..).is_some_and(|next| next.starts_with('=')) {
                            2
                        } else {
                            1
                        })
                    }
                    _ => None,
                },
                Mode::Hex => hex_length(rest),
                Mode::Jump => (c == '-' || c.is_ascii_alphanumeric()).then_some(1),
            },
        };
        if length.is_none() && mode != Mode::Normal {
            // Not a token here, but perhaps one around it.
            mode = if mode == Mode::Jump { Mode::Hex } else { Mode::Normal };
            continue;
        }
        if mode == Mode::Normal && matches!(first, '"' | '/') && !trivia {
            calls.literal();
        }
        if !trivia {
            assigned = mode == Mode::Normal && first == '=' && length == Some(1);
        }
        if mode == Mode::Hex && first == '[' {
            mode = Mode::Jump;
        }
        let length = length.unwrap_or_else(|| {
            unknown += 1;
            // As far as the parser takes it for one.
            match rest.find(char::is_whitespace) {
                None => rest.len(),
                Some(0) => first.len_utf8(),
                Some(end) => end,
            }
        });
        if unknown > MOST_UNKNOWN {
            return Some(Cut::Unknown(at));
        }
        if calls.steps() > MOST_STEPS {
            return Some(Cut::Calls(at));
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

/// What the tokenizer takes for white space: Unicode's spaces among it, but not every one.
fn is_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// The length of a hex string's next token: `4D`, `4?`, `~??`, or a sign.
fn hex_length(rest: &str) -> Option<usize> {
    let negated = usize::from(rest.starts_with('~'));
    let digits = rest.as_bytes().get(negated..negated + 2);
    if digits.is_some_and(|digits| digits.iter().all(|digit| digit.is_ascii_hexdigit() || *digit == b'?')) {
        return Some(negated + 2);
    }
    rest.starts_with(['|', '(', ')', '[', ']']).then_some(1)
}

/// How many steps the parser takes at least for the calls so far.
///
/// A lower bound, exact for calls inside calls: a text that is cut off for it exhausts the parser, and the compiler.
#[derive(Default)]
struct Calls {
    /// The brackets that are open.
    open: Vec<Bracket>,
    /// The steps of all rules before this one.
    before: u64,
    /// The steps so far inside the innermost bracket, each counted once.
    inside: u64,
    at: At,
    /// Whether the word before may be a function, and whether the sign before is a dot.
    function: bool,
    dot: bool,
    /// Whether the word before is `of`.
    of: bool,
}

struct Bracket {
    /// What was counted around it, and where it stands.
    outside: u64,
    at: At,
    /// Whether a comma in it begins a term that may be anything.
    terms: bool,
}

/// Where the next token stands.
#[derive(Clone, Copy, Default)]
enum At {
    /// At the beginning of a term that is read so often.
    Term(u64),
    /// In a term that began with a name; it is read so often, and cost so many steps the first time.
    Path(u64, u64),
    /// Where everything is read once.
    #[default]
    Other,
}

impl Calls {
    fn steps(&self) -> u64 {
        self.before.saturating_add(self.inside)
    }

    fn word(&mut self, word: &str) {
        let after_dot = std::mem::take(&mut self.dot);
        if after_dot && matches!(self.at, At::Path(..)) {
            self.function = true;
            return;
        }
        self.end_path(word);
        self.of = word == "of";
        self.function = !KEYWORDS.contains(&word) && !BEFORE_A_TERM.contains(&word);
        self.at = match self.at {
            _ if BEFORE_A_TERM.contains(&word) => At::Term(READ),
            _ if word == "for" => At::Term(READ - 1),
            At::Term(times) if self.function => At::Path(times, 1),
            _ => At::Other,
        };
    }

    /// A text or a regular expression.
    fn literal(&mut self) {
        self.end_path("");
        self.at = At::Other;
        self.function = false;
        self.of = false;
    }

    fn sign(&mut self, sign: char) {
        let function = std::mem::take(&mut self.function);
        let of = std::mem::take(&mut self.of);
        self.dot = sign == '.';
        match sign {
            '.' if matches!(self.at, At::Path(..)) => {}
            '(' if function => self.begin(true, At::Term(READ)),
            '(' => {
                self.end_path("");
                // What a bracket is of is not known before its end; the least is counted.
                let term = matches!(self.at, At::Term(_));
                self.begin(
                    of,
                    if of {
                        At::Term(READ)
                    } else if term {
                        At::Term(1)
                    } else {
                        At::Other
                    },
                );
            }
            '[' => self.begin(false, At::Other),
            ')' | ']' => self.end(),
            ',' => {
                self.end_path("");
                let terms = self.open.last().is_some_and(|bracket| bracket.terms);
                self.at = if terms { At::Term(READ) } else { At::Other };
            }
            ':' => {
                self.end_path("");
                self.at = At::Term(READ);
            }
            // A rule begins or ends, and with it all that was left open.
            '{' | '}' => {
                self.end_path("");
                let open = self.open.iter().fold(0_u64, |sum, bracket| sum.saturating_add(bracket.outside));
                let before = self.steps().saturating_add(open);
                *self = Calls { before, ..Calls::default() };
            }
            _ => {
                self.end_path(if sign == '%' { "%" } else { "" });
                self.at = At::Other;
            }
        }
    }

    fn begin(&mut self, terms: bool, inside: At) {
        self.open.push(Bracket { outside: self.inside, at: self.at, terms });
        self.inside = 0;
        self.at = inside;
    }

    fn end(&mut self) {
        self.end_path("");
        let Some(bracket) = self.open.pop() else { return };
        let inside = std::mem::replace(&mut self.inside, bracket.outside);
        self.at = match bracket.at {
            At::Path(times, steps) => At::Path(times, steps.saturating_add(inside).saturating_add(1)),
            _ => {
                self.inside = self.inside.saturating_add(inside);
                At::Other
            }
        };
    }

    /// A term that began with a name ends before this word or sign, which tells how often it was read.
    fn end_path(&mut self, before: &str) {
        if let At::Path(times, steps) = self.at {
            let times = match before {
                "%" => 1,
                "of" => times.min(READ - 1),
                _ => times,
            };
            let term = if times == READ { STEPS_OF_A_TERM } else { 0 };
            self.inside = self.inside.saturating_add(steps.saturating_mul(times)).saturating_add(term);
            self.at = At::Other;
        }
    }
}

/// The length of the text in quotes that this begins with, if it is closed.
fn text(rest: &str) -> Option<usize> {
    if rest.starts_with("\"\"\"") {
        // Over several lines; if it does not end, its first two quotes are an empty text.
        let end =
            closed(rest, 3, '"', false).filter(|end| rest.get(end - 1..).is_some_and(|end| end.starts_with("\"\"\"")));
        return Some(end.map_or(2, |end| end + 2));
    }
    closed(rest, 1, '"', true)
}

/// The length up to and with the closing character, on the same line if `one_line`; what a backslash stands before is passed over.
fn closed(rest: &str, from: usize, closing: char, one_line: bool) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.get(from..)?.char_indices() {
        match c {
            '\n' if one_line || escaped => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == closing => return Some(from + at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[path = "lexical_tests.rs"]
mod tests;
