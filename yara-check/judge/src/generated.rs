//! Rules made up by the thousand, which a compiler takes: what is often in real ones and easily mistaken for something else.
//!
//! Two tests hold it, as the table's: the judge's, that the compiler takes them, and the one beside `yara-check`, that it finds
//! no error in them, up to the largest text there may be.

/// What stands between tokens: the spaces that the judge knows (its parser is older by two), line ends and comments.
const SPACES: [&str; 13] = [
    " ",
    " ",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\u{a0}",
    "\u{2003}",
    "\u{200a}",
    "\u{202f}",
    "\u{205f}",
    " /* ü ?? ; “ */ ",
    " // ü ?? ( ;\n",
];

/// What is made up for the tests: a seed, and the size of the text. The last is the largest there may be.
pub const SAMPLES: [(u64, usize); 16] = [
    (1, 2_000),
    (2, 2_000),
    (3, 2_000),
    (4, 5_000),
    (5, 5_000),
    (6, 5_000),
    (7, 10_000),
    (8, 10_000),
    (9, 20_000),
    (10, 20_000),
    (11, 40_000),
    (12, 40_000),
    (13, 80_000),
    (14, 200_000),
    (15, 400_000),
    (16, 1 << 20),
];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth's; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let choice = self.below(choices.len() as u64);
        choices[usize::try_from(choice).unwrap_or_default()]
    }
}

/// Sound rules, of at most so many bytes and nearly so many. The same seed makes the same rules.
pub fn rules(seed: u64, bytes: usize) -> String {
    let mut dice = Dice(seed);
    let mut text = String::from("import \"math\"\nimport \"vt\"\n");
    // What is too long is left out, and the last of the space stays free.
    let (mut number, mut left_out) = (0, 0);
    while left_out < 20 {
        let rule = rule(&mut dice, number, if number % 40 == 39 { 300 } else { 8 });
        if text.len() + rule.len() > bytes {
            left_out += 1;
        } else {
            text.push_str(&rule);
        }
        number += 1;
    }
    text
}

fn rule(dice: &mut Dice, number: usize, strings: u64) -> String {
    let space = |dice: &mut Dice| dice.of(&SPACES);
    let mut rule =
        format!("rule{}made_up_{number}{}{{\n  meta: m = \"“?? ü”\"\n  strings:\n", space(dice), space(dice));
    let count = 1 + dice.below(strings);
    for string in 0..count {
        let made = match dice.below(6) {
            0 => format!(
                "\"made up {number} ?? \\\" {string}\"{}",
                dice.of(&["", " wide", " nocase", " xor(1-9)", " fullword"])
            ),
            1 => format!(
                "/made up{}{string}/{}",
                dice.of(&["", "(a|b| )", "[^x]{1,9}", " \\/ \\R {}", "a.b", ".*", "\\<"]),
                dice.of(&["", "i", "s"])
            ),
            _ => hex(dice),
        };
        rule.push_str(&format!("    $s{string}{}={}{made}\n", space(dice), space(dice)));
    }
    rule.push_str("  condition:\n    any of them");
    for _ in 0..dice.below(5) {
        rule.push_str(space(dice));
        rule.push_str(dice.of(&["and", "or", "and not"]));
        rule.push_str(space(dice));
        let term = match dice.below(8) {
            0 => format!("#s0 in (0..{}) > 2", 10 + dice.below(90)),
            1 => format!("{} == {}", call(dice, 2), dice.below(9)),
            2 => format!("(uint16be(0) == 0x4D5A or ({} > 1))", call(dice, 1)),
            3 => format!("for any i in (1..{}) : ( uint8(i) + i * 2 - {} & 3 == i )", 2 + dice.below(9), call(dice, 1)),
            4 => (0..40).map(|at| format!("uint8({at}) * {at} + ")).collect::<String>() + "1 == filesize",
            5 => "$s0 at 0".to_owned(),
            6 => "with x = filesize, y = x + 1 : ( y > x )".to_owned(),
            _ => format!("vt.metadata.file_name contains \"{}\"", dice.of(&["??", "“", "(", "//"])),
        };
        rule.push_str(&term);
    }
    rule.push_str("\n}\n");
    rule
}

/// A hex string: wildcards in bytes and beside them, jumps, and alternatives that begin after a byte.
fn hex(dice: &mut Dice) -> String {
    let mut hex = String::from("{ 4D 5A 90 ");
    let count = 1 + dice.below(12) * dice.below(12);
    for at in 0..count {
        let last = at + 1 == count;
        let token = match dice.below(9) {
            0 | 1 => dice.of(&["??", "?A", "a?", "~0?", "~FF", "~?1"]),
            2 if !last => dice.of(&["[4]", "[2-4]", "[-]", "[ 1 - ]", "[0x1-0o7]"]),
            3 => dice.of(&["A0( 01 | 02 03 )", "( 01 | ( AB (CD|EF) | ~?3 ) | ?? 04 )", "FF(00|01)"]),
            4 => dice.of(&["/* ?? ; ü */ 00", "// ) ?? ü\n FF", "0F"]),
            _ => dice.of(&["00", "E8", "c3", "7f", "90"]),
        };
        hex.push_str(token);
        if token.starts_with('[') {
            // What follows a jump is looked for by itself.
            hex.push_str(" 7C 8D 9E");
        }
        hex.push_str(dice.of(&SPACES[..11]));
    }
    hex + "}"
}

fn call(dice: &mut Dice, deep: u64) -> String {
    let inner = if deep == 0 { dice.of(&["1", "filesize", "uint8(0)"]).to_owned() } else { call(dice, deep - 1) };
    match dice.below(3) {
        0 => format!("math.min({inner}, {})", dice.below(99)),
        1 => format!("math.abs({inner} - 1)"),
        _ => format!("math.max(1, {inner})"),
    }
}
