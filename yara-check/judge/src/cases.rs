//! The table of rules: what `yara-check` finds in each, and what the YARA-X compiler says of it.
//!
//! Two tests hold it: one beside `yara-check`, for its own verdicts, and the judge's, for the compiler's. So the two never
//! have to be built together.

use Hunt::{Domain, File, Ip, Livehunt, Retrohunt, Url};

/// What the rules are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hunt {
    /// A livehunt ruleset, nothing said of what it is matched against.
    Livehunt,
    /// One over files.
    File,
    /// One over URLs.
    Url,
    /// One over domains.
    Domain,
    /// One over IP addresses.
    Ip,
    /// A retrohunt job.
    Retrohunt,
}

/// One row.
#[derive(Debug)]
pub struct Case {
    /// What the rules are for.
    pub hunt: Hunt,
    /// The source text.
    pub source: &'static str,
    /// Every finding: its code and line; warnings with a `?`.
    pub ours: &'static [&'static str],
    /// The line of the compiler's first error, when it is told what is matched; none: it compiles.
    pub theirs: Option<usize>,
    /// Why the verdicts differ, where they do.
    pub differs: &'static str,
}

const fn case(
    hunt: Hunt,
    source: &'static str,
    ours: &'static [&'static str],
    theirs: Option<usize>,
    differs: &'static str,
) -> Case {
    Case { hunt, source, ours, theirs, differs }
}

const SAME: &str = "";
const MODULES: &str = "VirusTotal offers fewer modules";
const INCLUDES: &str = "VirusTotal takes no include";
const OBJECTS: &str = "nothing was said of what is matched; the compiler is told files";
const TYPES: &str = "types, fields and values are the compiler's";
const VARIABLES: &str = "VirusTotal has variables of its own";
const EMPTY: &str = "VirusTotal wants a rule";

/// The table.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    // Sound ones.
    case(Livehunt, "rule a { condition: true }", &[], None, SAME),
    case(Livehunt, "private global rule a : x y { meta: m = 1 n = \"t\" o = true p = -1 q = 1.5 condition: filesize > 1KB }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"x\" wide ascii nocase fullword $b = { 01 ?? [2-4] ( 02 | 03 ) } $c = /ab+c/i condition: all of them }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"x\" $_b = \"y\" condition: #a > 2 and @a[1] < 10 and !a[1] == 1 }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $ = \"x\" $ = \"y\" condition: any of them }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a1 = \"x\" $a2 = \"y\" condition: any of ($a*) }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"x\" condition: for any of ($a) : ( $ at 0 or # > 1 or @ > 2 ) }", &[], None, SAME),
    case(Livehunt, "rule a { condition: for any i in (1..3) : ( uint8(i) == 0 ) }", &[], None, SAME),
    case(Livehunt, "rule a { condition: with x = 1, y = x + 1 : ( x < y ) }", &[], None, SAME),
    case(Livehunt, "rule a { condition: true }\nrule b { condition: a and not a }", &[], None, SAME),
    case(Livehunt, "import \"hash\"\nimport \"math\"\nrule a { condition: hash.md5(0, filesize) == \"x\" or math.entropy(0, 10) > 7.0 }", &[], None, SAME),
    case(Livehunt, "import \"elf\"\nrule a { condition: for any s in elf.sections : ( s.name == \".text\" ) }", &[], None, SAME),
    case(Livehunt, "import \"vt\"\nrule a { condition: vt.metadata.analysis_stats.malicious > 3 }", &[], None, SAME),
    case(Livehunt, "/* é */ rule a { meta: m = \"é\" strings: $a = \"é\" condition: $a } // é", &[], None, SAME),
    case(Url, "import \"vt\"\nrule a { condition: vt.net.url.raw contains \"x\" and vt.net.domain.raw == \"y\" }", &[], None, SAME),
    case(Domain, "import \"vt\"\nrule a { condition: vt.net.domain.raw == \"y\" and vt.net.ip.raw == \"z\" }", &[], None, SAME),
    case(Ip, "import \"vt\"\nrule a { condition: vt.net.ip.raw == \"z\" }", &[], None, SAME),
    case(Retrohunt, "rule a { strings: $a = { AA BB } condition: $a }", &[], None, SAME),
    // Syntax.
    case(Livehunt, "rule a {\n  condition:\n    tru e\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a { condition: }", &["syntax-error 1"], Some(1), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $a = \"x\n  condition:\n    $a\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $a = /x\n  condition:\n    $a\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $a = { 0G }\n  condition:\n    $a\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $a = { 01 ( 02 | }\n  condition:\n    $a\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings:\n  condition:\n    true\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule {\n  condition: true\n}", &["syntax-error 1"], Some(1), SAME),
    case(Livehunt, "rule for { condition: true }", &["syntax-error 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: true", &["syntax-error 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: (1 + 2 }", &["syntax-error 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: 1 + }\n", &["syntax-error 1"], Some(1), SAME),
    case(Livehunt, "import pe\nrule a { condition: true }", &["syntax-error 1", "syntax-error 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: true }\nnonsense\nrule b { condition: true }", &["syntax-error 2"], Some(2), SAME),
    case(Livehunt, "rule a { condition: true }\n/* open", &["syntax-error 2"], Some(2), SAME),
    case(Livehunt, "rule a { condition: }\nrule b { condition: }", &["syntax-error 1", "syntax-error 2"], Some(1), SAME),
    case(Livehunt, "rule a {\n  meta:\n    m = x\n  condition: true\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\"\n  condition: any of $a\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "// é\nrule a {\n  condition: é\n}", &["syntax-error 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"\\q\"\n  condition: $a\n}", &["invalid-escape-sequence 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  condition: filesize > 99999999999999999999\n}", &["invalid-integer 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /x/y\n  condition: $a\n}", &["invalid-regexp-modifier 2"], Some(2), SAME),
    // Names.
    case(Livehunt, "rule a { condition: true }\nrule a { condition: true }", &["duplicate-rule 2"], Some(2), SAME),
    case(Livehunt, "rule a : x x { condition: true }", &["duplicate-tag 1"], Some(1), SAME),
    case(Livehunt, "rule a {\n  condition: b\n}\nrule b { condition: true }", &["rule-used-too-early 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  condition: elf.type == 1\n}", &["module-not-imported 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  condition: elf.type == 1\n}\nimport \"elf\"", &["module-not-imported 2"], Some(2), SAME),
    case(Livehunt, "rule a { condition: for any vt in (1..2) : ( vt == 1 ) }", &[], None, SAME),
    case(Livehunt, "import \"math\"\nimport \"math\"\nrule a { condition: math.min(1, 2) == 1 }", &["?duplicate-import 2"], None, SAME),
    // Strings.
    case(Livehunt, "rule a {\n  strings:\n    $a = \"x\"\n    $b = \"y\"\n  condition: $a\n}", &["unused-string 4"], Some(4), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $ = \"x\"\n  condition: true\n}", &["unused-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $a = \"x\"\n    $a = \"y\"\n  condition: $a\n}", &["duplicate-string 4"], Some(4), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\"\n  condition: $a and\n    $b\n}", &["undefined-string 4"], Some(4), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\"\n  condition: $a and #b > 1\n}", &["undefined-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\"\n  condition: $a and any of ($b*)\n}", &["undefined-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  condition: any of them\n}", &["undefined-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\"\n  condition: $a and $\n}", &["undefined-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\" xor nocase\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xxx\" base64 fullword\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"x\" wide wide\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 } wide\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    // Where VirusTotal is not the compiler.
    case(Livehunt, "include \"other.yar\"\nrule a { condition: true }", &["include-refused 1"], Some(1), INCLUDES),
    case(Livehunt, "import \"cuckoo\"\nrule a { condition: true }", &["unknown-module 1"], Some(1), MODULES),
    case(Livehunt, "import \"nothing\"\nrule a { condition: true }", &["unknown-module 1"], Some(1), SAME),
    case(Livehunt, "", &["no-rules 1"], None, EMPTY),
    case(Livehunt, "// nothing\nimport \"math\"\n", &["no-rules 1"], None, EMPTY),
    case(Livehunt, "rule a { condition: positives > 3 }", &["?unknown-identifier 1"], Some(1), VARIABLES),
    case(Livehunt, "import \"vt\"\nrule a { condition: vt.net.url.raw == \"x\" }", &["?match-object-type 2"], Some(2), OBJECTS),
    case(File, "import \"vt\"\nrule a { condition: vt.net.url.raw == \"x\" }", &["match-object-type 2"], Some(2), SAME),
    case(File, "import \"vt\"\nrule a { condition: with n = vt.net : ( n.url.raw == \"x\" ) }", &["match-object-type 2"], Some(2), SAME),
    case(Url, "import \"vt\"\nrule a { condition: vt.net.url.raw == \"x\" and\n vt.metadata.file_size > 1 }", &["match-object-type 3"], Some(3), SAME),
    case(Domain, "import \"vt\"\nrule a { condition: vt.net.domain.raw == \"x\" and\n vt.behaviour.mutexes_opened[0] == \"x\" }", &["match-object-type 3"], Some(3), SAME),
    case(Ip, "import \"vt\"\nrule a { condition: vt.net.ip.raw == \"x\" and\n vt.net.domain.raw == \"x\" }", &["match-object-type 3"], Some(3), SAME),
    case(Url, "import \"vt\"\nrule a { condition: vt.net.domain.raw == \"x\" }", &["?match-object-type 2"], None, SAME),
    case(Domain, "import \"vt\"\nrule a { condition: vt.net.url.raw == \"x\" }", &["match-object-type 2"], Some(2), SAME),
    case(Ip, "rule a { condition: true }", &["?match-object-type 1"], None, SAME),
    case(Url, "private rule a { condition: true }", &[], None, SAME),
    case(Retrohunt, "import \"vt\"\nrule a { condition: vt.net.ip.raw == \"x\" }", &["match-object-type 2"], Some(2), SAME),
    // What only a compiler sees.
    case(Livehunt, "rule a { condition: \"x\" + 1 == 2 }", &[], Some(1), TYPES),
    case(Livehunt, "import \"elf\"\nrule a { condition: elf.nothing == 1 }", &[], Some(2), TYPES),
    case(Livehunt, "rule a { strings: $a = /(/ condition: $a }", &[], Some(1), TYPES),
    case(Livehunt, "rule a { strings: $a = \"\" condition: $a }", &[], Some(1), TYPES),
    case(Livehunt, "rule a { condition: nothing(1) }", &[], Some(1), TYPES),
    case(Livehunt, "rule a { condition: entrypoint == 0 }", &[], Some(1), TYPES),
];
