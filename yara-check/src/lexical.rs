//! How much of a source text is worth parsing.
//!
//! Two things cost the parser far more than their length. Whatever is no token of YARA makes it look at all the text behind
//! it. And it reads what stands in the brackets of a call three or four times over, calls inside calls so many times again:
//! a dozen nested ones take it half a minute. This finds both beforehand, by the parser's own rules for comments, texts and
//! regular expressions, and says where there is more than anybody would want to read about or wait for.

/// So many places that are no YARA are enough.
const MOST_UNKNOWN: usize = 200;

/// How often words inside calls may be read in all. Nine calls inside each other stay below, and tens of thousands of calls
/// beside each other.
const MOST_READ: u64 = 400_000;

/// How often the parser reads what is in a call, at most.
const READ: u64 = 4;

/// Words that are no function where a bracket follows.
const KEYWORDS: [&str; 20] = [
    "and",
    "at",
    "base64",
    "base64wide",
    "contains",
    "defined",
    "endswith",
    "icontains",
    "iendswith",
    "iequals",
    "in",
    "istartswith",
    "matches",
    "none",
    "not",
    "of",
    "or",
    "startswith",
    "them",
    "xor",
];

/// Why a text is cut off, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It has too many places that are no YARA at all.
    Unknown(usize),
    /// Its calls are nested too deep, or too often.
    Calls(usize),
}

/// Where the text has to be cut off, if it has to.
pub(crate) fn cut(source: &str) -> Option<Cut> {
    let mut unknown = 0_usize;
    let mut calls = Calls::default();
    let mut comments_close = true;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let at = source.len() - rest.len();
        let length = match first {
            '"' => text(rest),
            '/' if rest.starts_with("//") => rest.find('\n').or(Some(rest.len())),
            '/' if rest.starts_with("/*") => {
                // Looked for in vain once, it need not be looked for again.
                let end = if comments_close { rest.get(2..).and_then(|inside| inside.find("*/")) } else { None };
                comments_close = end.is_some();
                end.map(|end| end + 4)
            }
            '/' => closed(rest, 1, '/', true),
            c if c.is_ascii_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                calls.word(rest.get(..end).unwrap_or_default());
                Some(end)
            }
            c if c.is_ascii_whitespace() => Some(1),
            c if "$#@!<>=&*\\:,.+-%|^~{}()[]".contains(c) => {
                calls.sign(c);
                Some(1)
            }
            _ => None,
        };
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
        if calls.read > MOST_READ {
            return Some(Cut::Calls(at));
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

/// How often the parser reads the words so far.
#[derive(Default)]
struct Calls {
    read: u64,
    /// The open brackets: whether each is a call's.
    open: Vec<bool>,
    /// How many of them are.
    depth: u32,
    /// Whether the word before may be a function.
    function: bool,
}

impl Calls {
    fn word(&mut self, word: &str) {
        if self.depth > 0 {
            self.read = self.read.saturating_add(READ.saturating_pow(self.depth));
        }
        self.function = !KEYWORDS.contains(&word);
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '(' => {
                self.open.push(self.function);
                self.depth += u32::from(self.function);
            }
            ')' => self.depth -= u32::from(self.open.pop().unwrap_or_default()),
            // A rule begins or ends, and with it all that was left open.
            '{' | '}' => {
                self.open.clear();
                self.depth = 0;
            }
            _ => {}
        }
        self.function = false;
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
mod tests {
    use super::*;

    #[test]
    fn yara_is_not_cut() {
        let rules = "// ü ü\n/* ü ; */ rule a { meta: m = \"ü ; \\\" ü\" m = \"\"\"ü\n;\"\"\" strings: $a = /ü\\/;/ \
                     $b = { 01 ?? } condition: $a and f(g(h(1))) }\n";
        assert_eq!(cut(&rules.repeat(200)), None);
        assert_eq!(cut(""), None);
    }

    #[test]
    fn what_is_no_yara_is_cut_where_it_is_too_much() {
        assert_eq!(cut(&"ü ".repeat(MOST_UNKNOWN)), None);
        assert_eq!(cut(&"ü ".repeat(MOST_UNKNOWN + 5)), Some(Cut::Unknown(3 * MOST_UNKNOWN)));
        for nothing in ["; ", "\" \n", "/ \n", "\u{0} ", "\u{2028}", "/* "] {
            assert!(matches!(cut(&nothing.repeat(MOST_UNKNOWN + 1)), Some(Cut::Unknown(_))), "{nothing:?}");
        }
    }

    #[test]
    fn calls_may_be_many_or_nested_but_not_both() {
        let nested = |depth: usize| "f(".repeat(depth) + "1" + &")".repeat(depth);
        assert_eq!(cut(&nested(9)), None);
        assert!(matches!(cut(&nested(11)), Some(Cut::Calls(_))));
        assert_eq!(cut(&"f(1) and ".repeat(50_000)), None);
        assert!(matches!(cut(&(nested(7) + " and ").repeat(100)), Some(Cut::Calls(_))));
        // Brackets that are no call's are read once.
        assert_eq!(cut(&("not (".repeat(1000) + &")".repeat(1000))), None);
        assert_eq!(cut(&("any of (".repeat(1000) + "true" + &")".repeat(1000))), None);
    }

    #[test]
    fn a_large_text_takes_no_time() {
        for source in ["/*", "\"", "/", "\"\\", "\"\"\"", "\\\"", "a\"\n", "é", "f(", "("] {
            cut(&source.repeat((1 << 20) / source.len()));
        }
    }
}
