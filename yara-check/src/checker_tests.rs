use proptest::prelude::*;

use super::{MAX_BYTES, check};
use crate::contract::{CheckOptions, Finding, Hunt, MatchObjectType, Report, Severity};

#[path = "../judge/src/cases.rs"]
#[allow(dead_code, unreachable_pub, reason = "the judge reads the other half of the table")]
mod cases;

#[path = "../judge/src/generated.rs"]
#[allow(unreachable_pub, clippy::indexing_slicing, reason = "as above")]
mod generated;

const LIVEHUNT: CheckOptions = CheckOptions { hunt: Hunt::Livehunt, match_object_type: None, gti: false };
const RETROHUNT: CheckOptions = CheckOptions { hunt: Hunt::Retrohunt, match_object_type: None, gti: false };

fn options(hunt: cases::Hunt) -> CheckOptions {
    let match_object_type = match hunt {
        cases::Hunt::Livehunt | cases::Hunt::Retrohunt => None,
        cases::Hunt::File | cases::Hunt::Gti => Some(MatchObjectType::File),
        cases::Hunt::Url => Some(MatchObjectType::Url),
        cases::Hunt::Domain => Some(MatchObjectType::Domain),
        cases::Hunt::Ip => Some(MatchObjectType::Ip),
    };
    CheckOptions {
        hunt: if hunt == cases::Hunt::Retrohunt { Hunt::Retrohunt } else { Hunt::Livehunt },
        match_object_type,
        gti: hunt == cases::Hunt::Gti,
    }
}

/// Code and line, a warning with a `?`.
fn short(finding: &Finding) -> String {
    let mark = if finding.severity == Severity::Warning { "?" } else { "" };
    format!("{mark}{} {}", finding.code, finding.line)
}

fn found(source: &str, options: CheckOptions) -> Vec<String> {
    check(source, options).findings.iter().map(short).collect()
}

#[test]
fn every_case_of_the_table_is_found_as_it_says() {
    let mut wrong = Vec::new();
    for case in cases::CASES {
        let found = found(case.source, options(case.hunt));
        if found != case.ours {
            wrong.push(format!("{}\nexpected {:?}, found {found:?}", case.source, case.ours));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The compiler takes them: `cargo xtask test --only yara-x` holds that.
#[test]
fn no_error_is_found_in_rules_that_the_compiler_takes() {
    for (seed, bytes) in generated::SAMPLES {
        let source = generated::rules(seed, bytes);
        assert!(source.len() > bytes / 2, "{seed}: {}", source.len());
        let report = check(&source, CheckOptions { match_object_type: Some(MatchObjectType::File), ..LIVEHUNT });
        let error = report.findings.iter().find(|finding| finding.severity == Severity::Error);
        assert_eq!(error, None, "{seed}");
        assert!(report.number_of_rules > 0);
    }
}

#[test]
fn what_follows_hundreds_of_wildcards_is_read_too() {
    let wildcards: String = (0..201).map(|at| format!("$w{at} = {{ 4D 5A ?? {at:02X} }}\n")).collect();
    let rule =
        format!("rule a {{ strings:\n{wildcards}condition: any of them and $nothing }}\nrule b {{ condition: c }}");
    assert_eq!(found(&rule, LIVEHUNT), ["undefined-string 203", "undefined-identifier 204"]);
    let one = format!("rule a {{ strings: $w = {{ 4D 5A {} 90 }} condition: $w }}", "?? ".repeat(400));
    assert_eq!(found(&one, LIVEHUNT), [""; 0]);
}

#[test]
fn a_long_row_of_operators_is_no_deep_one() {
    let row: String = (0..5000).map(|at| format!("uint8({at}) * 2 + ")).collect();
    assert_eq!(found(&format!("rule a {{ condition: {row} 1 == 2 }}"), LIVEHUNT), [""; 0]);
}

#[test]
fn what_is_no_source_is_named() {
    for (source, code) in [
        ("YARA-X\0\0\u{1}rules", "compiled-rules"),
        ("YARA\u{3}\0\u{c}\0\0\0", "compiled-rules"),
        ("r\0u\0l\0e\0 \0a\0", "utf-16"),
        ("\0r\0u\0l\0e\0 \0a", "utf-16"),
    ] {
        assert_eq!(found(source, LIVEHUNT), [format!("{code} 1")]);
    }
    assert_eq!(found("YARA { }", LIVEHUNT), ["syntax-error 1"]);
}

#[test]
fn strange_characters_are_named() {
    for (source, said) in [
        ("rule a { meta: a = “me” condition: true }", "typographic quotes"),
        ("rule a { meta: a = ‘me’ condition: true }", "typographic quotes"),
        ("rule a { strings: $a = „xyz“ condition: $a }", "typographic quotes"),
        ("import «pe»\nrule a { condition: true }", "typographic quotes"),
        ("rule a { condition: 2 – 1 == 1 }", "typographic dash"),
        ("rule a { condition: true }\n\u{feff}rule b { condition: true }", "byte order mark"),
        ("rule a\u{200b} { condition: true }", "not to be seen"),
        ("rule a { condition: tr\0ue }", "zero byte"),
    ] {
        let findings = check(source, LIVEHUNT).findings;
        assert!(findings.iter().any(|finding| finding.message.contains(said)), "{source}: {findings:?}");
    }
}

#[test]
fn what_the_rules_say_they_are_matched_against_is_in_the_report() {
    let target = |meta: &str| check(&format!("rule a {{ meta: {meta} condition: true }}"), LIVEHUNT).target_entity;
    assert_eq!(target("target_entity = \"url\""), Some(MatchObjectType::Url));
    assert_eq!(target("x = 1 target_entity = \"ip_address\""), Some(MatchObjectType::Ip));
    assert_eq!(target("target_entity = \"ip\""), Some(MatchObjectType::Ip));
    assert_eq!(target("target_entity = 3"), None);
    assert_eq!(target("m = 1"), None);
}

#[test]
fn the_report_knows_rules_and_imports_of_broken_texts_too() {
    let source =
        "import \"pe\"\nimport \"vt\"\nimport \"pe\"\nrule a { condition: ( }\nrule b { strings: $a = \"rule c {\" }\n";
    let report = check(source, LIVEHUNT);
    assert_eq!(report.number_of_rules, 2);
    assert_eq!(report.rule_names, ["a", "b"]);
    assert_eq!(report.imports, ["pe", "vt"]);
}

#[test]
fn a_finding_has_its_place_and_its_rule() {
    let report = check("rule é_ { condition: true }\nrule b {\n\tcondition: \"é\" == $x\n}", LIVEHUNT);
    let finding = report.findings.last().expect("a finding");
    assert_eq!((finding.line, finding.column, finding.end_line, finding.end_column), (3, 20, 3, 22));
    assert_eq!(finding.rule.as_deref(), Some("b"));
    assert_eq!(finding.excerpt, " condition: \"é\" == $x\n                   ^^");
}

#[test]
fn three_hundred_rules_are_enough_for_retrohunt() {
    let rules = |count: usize| (0..count).map(|i| format!("rule r{i} {{ condition: true }}\n")).collect::<String>();
    assert_eq!(found(&rules(300), RETROHUNT), [""; 0]);
    assert_eq!(found(&rules(301), RETROHUNT), ["too-many-rules 301"]);
    assert_eq!(found(&rules(301), LIVEHUNT), [""; 0]);
}

#[test]
fn a_megabyte_is_enough() {
    let filled = |bytes: usize| {
        let rule = "rule a { condition: true }\n";
        format!("{rule}{}", " ".repeat(bytes - rule.len()))
    };
    assert_eq!(found(&filled(MAX_BYTES), LIVEHUNT), [""; 0]);
    let report = check(&filled(MAX_BYTES + 1), LIVEHUNT);
    assert_eq!(report.findings.iter().map(short).collect::<Vec<_>>(), ["source-too-large 2"]);
    assert!(report.findings[0].message.contains("1048577"), "{}", report.findings[0].message);
    assert_eq!(report.number_of_rules, 0);
}

#[test]
fn more_than_a_hundred_findings_are_counted_and_errors_come_first() {
    let warned = (0..150).map(|i| format!("rule w{i} {{ condition: positives > 1 }}\n")).collect::<String>();
    let report = check(&(warned + "rule b { condition: pe.x }"), LIVEHUNT);
    assert_eq!((report.findings.len(), report.findings_left_out), (100, 51));
    let last = report.findings.last().map(short);
    assert_eq!(last.as_deref(), Some("module-not-imported 151"));
}

#[test]
fn messages_say_what_and_what_next() {
    for case in cases::CASES {
        for finding in check(case.source, options(case.hunt)).findings {
            let message = &finding.message;
            assert!(message.ends_with('.') && message.matches(['.', ';', ':']).count() >= 2, "{message}");
        }
    }
}

#[test]
fn what_is_nested_is_refused_and_never_followed() {
    for (source, code) in [
        (format!("rule a {{ condition: {}true{} }}", "(".repeat(100_000), ")".repeat(100_000)), "nested-too-deep"),
        (format!("rule a {{ condition: {}true }}", "not ".repeat(100_000)), "nested-too-deep"),
        (format!("rule a {{ condition: {}1 }}", "1 & ".repeat(100_000)), "nested-too-deep"),
        (format!("rule a {{ condition: {}1{} }}", "f(".repeat(30), ")".repeat(30)), "too-complex"),
        ("é ".repeat(100_000), "too-many-errors"),
    ] {
        let findings = in_a_large_stack(move || found(&source, LIVEHUNT));
        assert!(findings.iter().any(|finding| finding.starts_with(code)), "{code}: {findings:?}");
    }
}

/// Unoptimised code needs several times the stack of the component's, and a test's thread has little.
fn in_a_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread").join().expect("it ends")
}

/// Whatever the text: the report is sound.
fn is_sound(source: &str, report: &Report) -> Result<(), TestCaseError> {
    prop_assert!(report.findings.len() <= 100);
    prop_assert_eq!(report.number_of_rules as usize, report.rule_names.len());
    let lines = source.split('\n').count();
    for finding in &report.findings {
        prop_assert!(finding.line >= 1 && finding.column >= 1);
        prop_assert!((finding.line as usize) <= lines && (finding.end_line as usize) <= lines);
        prop_assert!((finding.line, finding.column) <= (finding.end_line, finding.end_column));
        let (_, mark) = finding.excerpt.split_once('\n').expect("two lines");
        prop_assert!(mark.trim_start_matches(' ').chars().all(|c| c == '^') && mark.ends_with('^'));
        prop_assert!(!finding.excerpt.chars().any(|c| c.is_control() && c != '\n'));
        prop_assert!(!finding.message.is_empty());
    }
    let in_order =
        report.findings.windows(2).all(|pair| (pair[0].line, pair[0].column) <= (pair[1].line, pair[1].column));
    prop_assert!(in_order);
    Ok(())
}

fn any_options() -> impl Strategy<Value = CheckOptions> {
    let kinds = [None, Some(MatchObjectType::File), Some(MatchObjectType::Url), Some(MatchObjectType::Domain)];
    (prop::sample::select(vec![Hunt::Livehunt, Hunt::Retrohunt]), prop::sample::select(kinds.to_vec()), any::<bool>())
        .prop_map(|(hunt, match_object_type, gti)| CheckOptions { hunt, match_object_type, gti })
}

/// Pieces of YARA, whole and torn, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "rule a",
        "rule b",
        " : t t",
        "{",
        "}",
        "meta:",
        "m = \"é\"",
        "m = -9223372036854775808",
        "strings:",
        "$a = \"x\"",
        "$a",
        "$b*",
        "$ = /r/i",
        "$h = { 01 ?? [2-] ( 02 | ~03 ) }",
        "condition:",
        "true",
        "any of them",
        "for all of ($a*) : (",
        "for any i, j in",
        "(1..2)",
        "with x = 1 :",
        "(",
        ")",
        "[",
        "]",
        "vt.net.url.raw",
        "pe.f(1, $a)",
        "a[1].b(2)[3].c",
        "#a in (0..1)",
        "@a[",
        "!a",
        "and",
        "or",
        "not",
        "==",
        "&",
        "-",
        "~",
        "%",
        "of",
        "import \"vt\"",
        "include \"x\"",
        "\"",
        "\"\"\"",
        "/",
        "/*",
        "*/",
        "//",
        "\n",
        "\\",
        "0x",
        "1KB",
        "99999999999999999999",
        "1.5",
        "\"\\q\"",
        "\"\\xff\"",
        "é",
        "\u{2028}",
        "\u{0}",
        "private",
        "global",
        "xor(1-300)",
        "base64(\"a\")",
        "wide",
        "nocase",
        " ",
        "matches /x/",
        "contains",
        "defined",
        "entrypoint",
        "$x = \"\"",
        "1 of ($a, $b)",
        "50% of them",
        ": (",
        "{ 0",
        "..",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1500)))]

    #[test]
    fn any_text_gets_a_sound_report(source in "\\PC*|[ -~\n\t]{0,200}|(?s).{0,200}", options in any_options()) {
        is_sound(&source, &check(&source, options))?;
    }

    #[test]
    fn any_bytes_read_as_text_get_a_sound_report(bytes in prop::collection::vec(any::<u8>(), 0..200), options in any_options()) {
        let source = String::from_utf8_lossy(&bytes);
        is_sound(&source, &check(&source, options))?;
    }

    #[test]
    fn any_pieces_of_yara_get_a_sound_report(source in pieces(), options in any_options()) {
        is_sound(&source, &check(&source, options))?;
    }

    #[test]
    fn a_sound_rule_with_one_character_lost_or_doubled_gets_a_sound_report(
        case in prop::sample::select(cases::CASES.iter().map(|case| case.source).collect::<Vec<_>>()),
        at in any::<prop::sample::Index>(),
        doubled in any::<bool>(),
        options in any_options(),
    ) {
        let mut characters: Vec<char> = case.chars().collect();
        if !characters.is_empty() {
            let at = at.index(characters.len());
            let character = characters.remove(at);
            if doubled {
                characters.splice(at..at, [character, character]);
            }
        }
        let source: String = characters.into_iter().collect();
        is_sound(&source, &check(&source, options))?;
    }
}
