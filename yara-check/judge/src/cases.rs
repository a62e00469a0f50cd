//! The table of rules: what `yara-check` finds in each, and what the YARA-X compiler says of it.
//!
//! Two tests hold it: one beside `yara-check`, for its own verdicts, and the judge's, for the compiler's. So the two never
//! have to be built together. The compiler has VirusTotal's settings: expressions as YARA takes them, slow patterns and loops as
//! errors, and in livehunt the legacy variables.

use Hunt::{Domain, File, Gti, Ip, Livehunt, Retrohunt, Url};

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
    /// One over files, of an account with a licence of Google Threat Intelligence.
    Gti,
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
const MARK: &str = "VirusTotal takes a text without the mark that an editor put before it";
const TARGET: &str = "the compiler knows nothing of `target_entity`";
const EMPTY: &str = "VirusTotal wants a rule";

/// The table.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    // Sound ones.
    case(Livehunt, "rule a { condition: true }", &[], None, SAME),
    case(Livehunt, "private global rule a : x y { meta: m = 1 n = \"t\" o = true p = -1 q = 1.5 condition: filesize > 1KB }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\" wide ascii nocase fullword $b = { 01 02 ?? [2-4] ( 02 03 | 04 05 ) } $c = /ab+c/i condition: all of them }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\" $_b = \"yes\" condition: #a > 2 and @a[1] < 10 and !a[1] == 1 }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $ = \"xyz\" $ = \"yes\" condition: any of them }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a1 = \"xyz\" $a2 = \"yes\" condition: any of ($a*) }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\" condition: for any of ($a) : ( $ at 0 or # > 1 or @ > 2 ) }", &[], None, SAME),
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
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\"\n  condition: any of $a\n}", &["syntax-error 3"], Some(3), SAME),
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
    case(Livehunt, "rule a {\n  strings:\n    $a = \"xyz\"\n    $b = \"yes\"\n  condition: $a\n}", &["unused-string 4"], Some(4), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $ = \"xyz\"\n  condition: true\n}", &["unused-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings:\n    $a = \"xyz\"\n    $a = \"yes\"\n  condition: $a\n}", &["duplicate-string 4"], Some(4), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\"\n  condition: $a and\n    $b\n}", &["undefined-string 4"], Some(4), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\"\n  condition: $a and #b > 1\n}", &["undefined-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\"\n  condition: $a and any of ($b*)\n}", &["undefined-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  condition: any of them\n}", &["undefined-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\"\n  condition: $a and $\n}", &["undefined-string 3"], Some(3), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\" xor nocase\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xxx\" base64 fullword\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"xyz\" wide wide\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 02 } wide\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    // Where VirusTotal is not the compiler.
    case(Livehunt, "include \"other.yar\"\nrule a { condition: true }", &["include-refused 1"], Some(1), INCLUDES),
    case(Livehunt, "import \"cuckoo\"\nrule a { condition: cuckoo.network.http_request(/x/) > 0 }", &["?legacy-module 1"], Some(1), MODULES),
    case(Livehunt, "import \"nothing\"\nrule a { condition: true }", &["unknown-module 1"], Some(1), SAME),
    case(Livehunt, "", &["no-rules 1"], None, EMPTY),
    case(Livehunt, "// nothing\nimport \"math\"\n", &["no-rules 1"], None, EMPTY),
    case(Livehunt, "import \"console\"\nrule a { condition: true }", &["unknown-module 1"], Some(1), SAME),
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
    // Names.
    case(Livehunt, "rule a {\n  strings: $a = \"made up\"\n  condition: $a and\n    filename matches /evil/\n}", &["undefined-identifier 4"], Some(4), SAME),
    case(Livehunt, "rule a { condition: nothing(1) }", &["undefined-identifier 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: filepath == \"x\" or filepath == \"y\" }", &["undefined-identifier 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: for any i in (1..n) : ( i == 2 ) }", &["undefined-identifier 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: for any i in (1..3) : ( i == 2 ) and i == 1 }", &["undefined-identifier 1"], Some(1), SAME),
    case(Livehunt, "import \"math\"\nrule a { condition: with f = math.min, n = 3 : ( f(n, 4) == 3 ) }", &[], None, SAME),
    case(Livehunt, "rule a { condition: uint8(0) == 1 and int64be(1) == 2 and float32(3) > 1.5 }", &[], None, SAME),
    case(Livehunt, "rule a { condition: new_file and positives > 3 and tags contains \"x\" }", &["?legacy-variable 1", "?legacy-variable 1", "?legacy-variable 1"], None, SAME),
    case(Retrohunt, "rule a { condition: new_file and positives > 3 }", &["undefined-identifier 1", "undefined-identifier 1"], Some(1), SAME),
    case(Retrohunt, "rule md5 { condition: true }\nrule b { condition: md5 }", &[], None, SAME),
    case(Livehunt, "rule md5 { condition: true }", &["name-taken 1"], Some(1), SAME),
    case(Livehunt, "import \"math\"\nrule math { condition: true }", &["name-taken 2"], Some(2), SAME),
    case(Livehunt, "rule math { condition: true }", &[], None, SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 55 8B EC }\n  condition:\n    $a at entrypoint\n}", &["entrypoint-refused 4"], Some(4), SAME),
    case(Livehunt, "rule a { condition: entrypoint == 0 }", &["entrypoint-refused 1"], Some(1), SAME),
    // What strings are made of.
    case(Livehunt, "rule a {\n  strings: $a = /made up/ xor\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /made up/ wide base64\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /made up/ base64wide\n  condition: $a\n}", &["invalid-modifier 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"made up\" xor(9-3)\n  condition: $a\n}", &["invalid-range 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"made up\" xor(3-9) $b = \"x\" xor(7) condition: any of them }", &[], None, SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"ab\" base64\n  condition: $a\n}", &["invalid-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"ab\" base64wide\n  condition: $a\n}", &["invalid-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"\"\n  condition: $a\n}", &["invalid-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"abc\" base64(\"abc\")\n  condition: $a\n}", &["invalid-alphabet 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"abc\" base64(\"!@#$%^&*(){}[].,|ABCDEFGHIJ=LMNOPQRSTUVWXYZabcdefghijklmnopqrstu\") condition: $a }", &["invalid-alphabet 1"], Some(1), SAME),
    case(Livehunt, "rule a { strings: $a = \"abc\" base64(\"!@#$%^&*(){}[].,|ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu\") condition: $a }", &[], None, SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 02 ~?? }\n  condition: $a\n}", &["invalid-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 02 ( 03 | ~?? ) }\n  condition: $a\n}", &["invalid-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 02 [8-2] 03 }\n  condition: $a\n}", &["invalid-range 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 02 [1-2][3-1] 03 }\n  condition: $a\n}", &["invalid-range 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = { 01 02 [8-2][0-9] 03 04 } condition: $a }", &[], None, SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 02 [0] 03 }\n  condition: $a\n}", &["invalid-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"a\"\n  condition: $a\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"a\" wide nocase\n  condition: #a > 3\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 00 00 00 }\n  condition: $a\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"\\x90\\x90\"\n  condition: $a\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /\\xff\\xff/\n  condition: $a\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = { 01 [1-2] 02 }\n  condition: $a\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = \"a\"\n  condition: $a at 0 or $a at 4\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $_a = \"a\"\n  condition: true\n}", &["slow-string 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"a\" fullword $b = \"b\" xor $c = { 00 00 } condition: any of ($a, $b) and $c at 3 }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = { 01 ?? } $b = { ?1 } $c = /a.b/ condition: any of them }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"a\" condition: any of ($a*) at 7 }", &[], None, SAME),
    // Regular expressions.
    case(Livehunt, "rule a {\n  strings: $a = /ONE|Two|/\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /(a|b)*/\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = /foo(bar|)baz/ condition: $a }", &[], None, SAME),
    case(Livehunt, "rule a {\n  strings: $a = /abc(/\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /abc[z-a]/\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /abc[é]/\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /abc.*def.*?ghi/\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a {\n  strings: $a = /.*abc/s\n  condition: $a\n}", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = /ab\\Rc{}d{,5}\\<x\\/y/i $b = /é+abc/ condition: any of them }", &[], None, SAME),
    case(Livehunt, "import \"vt\"\nrule a { condition: vt.metadata.file_name matches /(x/ }", &["invalid-regexp 2"], Some(2), SAME),
    case(Livehunt, "import \"vt\"\nrule a { condition: vt.metadata.file_name matches /a.*b.*?c|/ }", &[], None, SAME),
    // Numbers and loops.
    case(Livehunt, "rule a { strings: $a = \"xyz\"\n condition: $a in (9..2) }", &["invalid-range 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\"\n condition: #a in (4 + 5..2) == 1 }", &["invalid-range 2"], Some(2), SAME),
    case(Livehunt, "rule a { condition: for any i in (9..2) : ( i == 1 ) }", &["invalid-range 1"], Some(1), SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\" condition: $a in (filesize..2) and $a in (filesize - 10..filesize) }", &[], None, SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\"\n condition: $a at -1 }", &["invalid-number 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\"\n condition: @a[0] == 1 }", &["invalid-number 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\"\n condition: 101% of them }", &["invalid-number 2"], Some(2), SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\"\n condition: -1 of them }", &["invalid-number 2"], Some(2), SAME),
    case(Livehunt, "rule a { condition: 1 << -1 == 0 }", &["invalid-number 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: for any k, v in (1..2) : ( k == v ) }", &["invalid-loop 1"], Some(1), SAME),
    case(Livehunt, "rule a { condition: for any i in (1..filesize) : ( uint8(i) == 0 ) }", &["slow-loop 1"], Some(1), SAME),
    case(Livehunt, "rule a { strings: $a = \"xyz\" condition: for any i in (1..#a) : ( @a[i] == 0 ) }", &["slow-loop 1"], Some(1), SAME),
    case(Livehunt, "import \"math\"\nrule a { condition: for any i in (1..math.min(filesize, 100)) : ( uint8(i) == 0 ) }", &[], None, SAME),
    case(Livehunt, "rule a { condition: for any i in (filesize - 9..filesize) : ( uint8(i) == 0 ) }", &[], None, SAME),
    // Who may use what of `vt`.
    case(Livehunt, "import \"vt\"\nrule a { condition: vt.metadata.submitter.country == \"x\" }", &[], None, SAME),
    case(Retrohunt, "import \"vt\"\nrule a { condition: vt.metadata.submitter.country == \"x\" }", &["restricted-field 2"], Some(2), SAME),
    case(Retrohunt, "import \"vt\"\nrule a { condition: with m = vt.metadata, s = m.submitter : ( s.country == \"x\" ) }", &["restricted-field 2"], Some(2), SAME),
    case(Ip, "import \"vt\"\nrule a { condition: vt.net.ip.first_whois or vt.net.ip.new_whois }", &[], None, SAME),
    case(Url, "import \"vt\"\nrule a { condition: vt.net.url.new_url and\n vt.net.ip.new_whois }", &["restricted-field 3"], Some(3), SAME),
    case(Domain, "import \"vt\"\nrule a { condition: vt.net.domain.first_whois }", &[], None, SAME),
    case(File, "import \"vt\"\nrule a { condition: vt.metadata.itw.ip.first_whois }", &["restricted-field 2"], Some(2), SAME),
    case(File, "import \"vt\"\nrule a { condition: vt.metadata.gti_assessment.threat_score.value > 3 }", &["restricted-field 2"], Some(2), SAME),
    case(Gti, "import \"vt\"\nrule a { condition: vt.metadata.gti_assessment.threat_score.value > 3 }", &[], None, SAME),
    case(Url, "import \"vt\"\nrule a { condition: vt.net.url.gti_assessment.threat_score.value > 3 }", &["restricted-field 2"], Some(2), SAME),
    case(Livehunt, "import \"vt\"\nrule a { condition: for any c in vt.behaviour.command_executions : ( c contains \"made up\" ) }", &[], None, SAME),
    // What the rules say themselves.
    case(Livehunt, "import \"vt\"\nrule a { meta: target_entity = \"url\" condition: vt.net.url.new_url }", &[], Some(2), OBJECTS),
    case(Ip, "import \"vt\"\nrule a { meta: target_entity = \"ip_address\" condition: vt.net.ip.raw == \"x\" }", &[], None, SAME),
    case(Ip, "import \"vt\"\nrule a { meta: target_entity = \"ip\" condition: vt.net.ip.raw == \"x\" }", &[], None, SAME),
    case(Domain, "import \"vt\"\nrule a {\n meta: target_entity = \"ip\"\n condition: vt.net.domain.raw == \"x\" }", &["target-entity 3"], None, TARGET),
    case(Livehunt, "rule a { meta: target_entity = \"file\" condition: true }\nrule b { meta: target_entity = \"url\" condition: true }", &["target-entity 2"], None, TARGET),
    case(File, "rule a { meta: target_entity = \"planet\" condition: true }", &["?target-entity 1"], None, SAME),
    case(Retrohunt, "rule a { meta: target_entity = \"url\" condition: true }", &["?target-entity 1"], None, SAME),
    // What is not YARA as it was meant.
    case(Livehunt, "\u{feff}import \"math\"\nrule a { condition: math.min(1, 2) == 1 }", &[], Some(2), MARK),
    case(Livehunt, "rule a {\n  meta:\n    author = “me”\n  strings:\n    $a = \"xyz\"\n  condition: $a\n}", &["syntax-error 3"], Some(3), SAME),
    // What only a compiler sees.
    case(Livehunt, "rule a { condition: \"x\" + 1 == 2 }", &[], Some(1), TYPES),
    case(Livehunt, "import \"elf\"\nrule a { condition: elf.nothing == 1 }", &[], Some(2), TYPES),
];
