//! Rules checked before they are uploaded: the real component in the real host, and through the command line.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Instant;

use vt_hunting_host::RulesChecker;
use vt_hunting_host::rules_check::{CheckOptions, Hunt, MatchObjectType, Report, Severity};

use super::program::{self, Said};
use super::support::{self, KEY, world::World};

static CHECKER: LazyLock<RulesChecker> = LazyLock::new(|| match RulesChecker::load(component()) {
    Ok(checker) => checker,
    Err(error) => panic!("{error}"),
});

fn component() -> PathBuf {
    RulesChecker::beside(support::component())
}

const LIVEHUNT: CheckOptions = CheckOptions { hunt: Hunt::Livehunt, match_object_type: None, gti: false };

async fn check(source: &str, options: CheckOptions) -> Report {
    match support::within(CHECKER.check(source, options)).await {
        Ok(report) => report,
        Err(error) => panic!("{error}"),
    }
}

/// Codes in the order of the text.
fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[tokio::test]
async fn good_rules_have_no_finding() {
    let report = check("import \"pe\"\nrule a { strings: $x = \"x\" condition: pe.is_dll() and $x }", LIVEHUNT).await;
    assert_eq!((report.number_of_rules, report.rule_names, report.imports), (1, vec!["a".into()], vec!["pe".into()]));
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn a_mistake_is_marked_in_its_line() {
    let report = check("rule a {\n  condition:\n    tru e\n}\n", LIVEHUNT).await;
    let finding = report.findings.first().expect("a finding");
    assert_eq!((finding.severity, finding.code.as_str()), (Severity::Error, "syntax-error"));
    assert_eq!((finding.line, finding.column, finding.end_line, finding.end_column), (3, 9, 3, 10));
    assert_eq!(finding.excerpt, "    tru e\n        ^");
    assert_eq!(finding.rule.as_deref(), Some("a"));
    assert!(report.has_errors());
}

#[tokio::test]
async fn the_options_decide_what_goes() {
    let source = "import \"vt\"\nrule a { condition: vt.net.domain.raw == \"a\" }";
    let of = |hunt, match_object_type| check(source, CheckOptions { hunt, match_object_type, gti: false });
    assert_eq!(codes(&of(Hunt::Livehunt, Some(MatchObjectType::Domain)).await), [""; 0]);
    assert!(!of(Hunt::Livehunt, None).await.has_errors());
    assert!(of(Hunt::Livehunt, Some(MatchObjectType::Ip)).await.has_errors());
    assert!(of(Hunt::Retrohunt, Some(MatchObjectType::Domain)).await.has_errors());
}

/// Whatever is nested, repeated or unfinished: the component ends by itself, within the stack that every host gives it.
#[tokio::test]
async fn no_source_makes_the_component_break_off() {
    let condition = |text: String| format!("rule a {{ condition: {text} }}");
    let nested = |open: &str, inside: &str, close: &str, times: usize| {
        condition(open.repeat(times) + inside + &close.repeat(times))
    };
    let sources = [
        nested("(", "true", ")", 100_000),
        nested("(", "1", ")", 100_000),
        nested("(", "", "", 100_000),
        nested("not ", "true", "", 100_000),
        nested("-", "1", "", 100_000),
        nested("~", "1", "", 100_000),
        nested("a[", "1", "]", 100_000),
        nested("f(", "1", ")", 100_000),
        nested("any of (", "true", ")", 40_000),
        nested("for any i in (1..2) : (", "true", ")", 30_000),
        nested("for any of them : (", "true", ")", 30_000),
        nested("with a = 1 : (", "true", ")", 30_000),
        nested("1 & ", "1", "", 200_000),
        nested("1==", "1", "", 200_000),
        nested("1+1-", "1", "", 100_000),
        nested("a.", "b", "", 50_000),
        "\0".repeat(1 << 20),
        nested("$a or ", "true", "", 170_000),
        format!(
            "rule a {{ strings: $a = {{ 00 {} 00 {} }} condition: $a }}",
            "( 00 | 01 ".repeat(80_000),
            ")".repeat(80_000)
        ),
        "é ".repeat(300_000),
        "\"".repeat(1 << 20),
        "/*".repeat(1 << 19),
        "{".repeat(1 << 20),
        "rule ".repeat(50_000),
        "rule a{condition:}\n".repeat(20_000),
        "import \"".repeat(100_000),
    ];
    for source in sources {
        assert!(!ended(&source).await.findings.is_empty());
    }
    // Just within what the parser takes: the deepest trees, and what it reads in the most ways.
    let accepted = [
        nested("(", "true", ")", 490),
        nested("(", "1", ")", 490),
        nested("not ", "true", "", 990),
        nested("-", "1", "", 990),
        nested("a[", "1", "]", 320),
        nested("for any i in (1..2) : (", "true", ")", 320),
        nested("1 & ", "1", "", 1_990),
        nested("f(", "1", ")", 12),
        nested("f(", "1", ")", 150),
        nested("any of (f(", "1", "))", 60),
        nested("for f(", "1", ") i in (1..2) : (true)", 60),
        nested("a[f(", "1", ")]", 100),
    ];
    for source in accepted {
        ended(&source).await;
    }
}

async fn ended(source: &str) -> Report {
    let begun = Instant::now();
    let report = check(source, LIVEHUNT).await;
    let start: String = source.chars().take(60).collect();
    println!("{:?} {:?} {start:?}", begun.elapsed(), codes(&report).first());
    report
}

/// A file with this text, removed when it is dropped.
struct RulesFile(PathBuf);

impl RulesFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vt-hunting-{}-{name}.yar", std::process::id()));
        std::fs::write(&path, text).expect("it can be written");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }
}

impl Drop for RulesFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Without a key, and without an address that anybody answers at.
fn rules_check(arguments: &[&str], input: &str) -> Said {
    let nowhere = [("VT_URL", "http://127.0.0.1:1")];
    program::run(&[&["rules", "check"], arguments].concat(), &nowhere, input)
}

const GOOD: &str = "rule good { condition: true }\n";
const BAD: &str = "rule bad {\n  condition:\n    tru e\n}\n";

#[test]
fn the_command_line_shows_findings_as_compilers_do() {
    let file = RulesFile::new("shown", BAD);
    let said = rules_check(&["--output", "table", file.path()], "");
    let expected = format!(" --> {}:3:9 in rule bad\n  |\n3 |     tru e\n  |         ^\n", file.path());
    assert!(said.stdout.starts_with("error[syntax-error]: Syntax error: "), "{}", said.stdout);
    assert!(said.stdout.contains(&expected), "{}\n{expected}", said.stdout);
    assert!(!said.stdout.contains('\u{1b}'), "{}", said.stdout);
    assert!(said.stderr.contains("RulesInvalid"), "{}", said.stderr);
    assert_eq!(said.code, 10);
}

#[test]
fn the_command_line_reads_files_and_standard_input_and_writes_json() {
    let file = RulesFile::new("good", GOOD);
    let said = rules_check(&["--output", "json", file.path(), "-"], BAD);
    assert_eq!(said.code, 10, "{}", said.stderr);
    let answer: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(answer["items"][0]["file"], file.path());
    assert_eq!(answer["items"][0]["ok"], true);
    assert_eq!(answer["items"][0]["rule_names"][0], "good");
    assert_eq!(answer["items"][1]["file"], "standard input");
    assert_eq!(answer["items"][1]["findings"][0]["code"], "syntax-error");
    assert_eq!(answer["items"][1]["findings"][0]["line"], 3);
    let failure: serde_json::Value = serde_json::from_str(&said.stderr).expect("JSON");
    assert_eq!(failure["error"]["code"], "RulesInvalid");

    let said = rules_check(&["--output", "jsonl", file.path()], "");
    assert_eq!((said.code, said.stdout.lines().count(), said.stderr.as_str()), (0, 1, ""));
}

#[test]
fn what_the_rules_are_for_can_be_said() {
    let url = "import \"vt\"\nrule a { condition: vt.net.url.raw contains \"x\" }";
    assert_eq!(rules_check(&["-", "--match-object-type", "url"], url).code, 0);
    assert_eq!(rules_check(&["-", "--match-object-type", "ip"], url).code, 10);
    assert_eq!(rules_check(&["-"], url).code, 0);
    let many: String = (0..301).map(|i| format!("rule r{i} {{ condition: true }}\n")).collect();
    assert_eq!(rules_check(&["-", "--for", "retrohunt"], &many).code, 10);
    assert_eq!(rules_check(&["-", "--for", "livehunt"], &many).code, 0);
    assert_eq!(rules_check(&["-", "-"], "").code, 10);
    assert_eq!(rules_check(&[], "").code, 2);
}

/// Runs a command against this simulator.
fn act(world: &World, arguments: &[&str], input: &str) -> Said {
    let url = world.simulator.http_url();
    program::run(arguments, &[("VT_URL", url.as_str()), ("VT_APIKEY", KEY)], input)
}

#[test]
fn rules_with_errors_are_refused_before_anything_is_sent() {
    let world = World::new();
    for arguments in [
        &["livehunt", "create-ruleset", "--name", "a", "--rules", "-"][..],
        &["livehunt", "update-ruleset", "0123456789", "--rules", "-"],
        &["retrohunt", "create-job", "--rules", "-"],
    ] {
        let said = act(&world, arguments, BAD);
        assert_eq!(said.code, 10, "{}", said.stderr);
        assert!(said.stderr.contains("RulesInvalid") && said.stderr.contains("    tru e\n"), "{}", said.stderr);
        assert_eq!(said.stdout, "");
        let said = act(&world, &[arguments, &["--output", "json"]].concat(), BAD);
        let lines: Vec<serde_json::Value> =
            said.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines[0]["finding"]["code"], "syntax-error");
        assert_eq!(lines[1]["error"]["exit_code"], 10);
    }
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn without_the_check_virustotal_decides() {
    let world = World::new();
    let said = act(&world, &["livehunt", "create-ruleset", "--name", "a", "--rules", "-", "--no-check"], BAD);
    assert_eq!(said.code, 10, "{}", said.stderr);
    assert!(said.stderr.contains("BadRequestError"), "{}", said.stderr);
    assert_eq!(world.simulator.requests().len(), 1);
}

#[test]
fn warnings_are_told_and_hold_nothing_up() {
    let world = World::new();
    let warned = "import \"math\"\nimport \"math\"\nrule a { condition: math.min(1, 2) == 1 }";
    let said = act(&world, &["livehunt", "create-ruleset", "--name", "a", "--rules", "-"], warned);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("warning[duplicate-import]"), "{}", said.stderr);
    let said = act(&world, &["livehunt", "create-ruleset", "--name", "b", "--rules", "-"], GOOD);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
}

#[test]
fn without_the_component_rules_are_uploaded_unchecked() {
    let alone = std::env::temp_dir().join(format!("vt-hunting-alone-{}", std::process::id()));
    std::fs::create_dir_all(&alone).expect("a folder");
    let component = alone.join("virustotal_hunting.wasm");
    std::fs::copy(support::component(), &component).expect("a copy");
    let component = component.to_str().expect("text");

    let world = World::new();
    let create = ["livehunt", "create-ruleset", "--name", "a", "--rules", "-", "--component", component];
    assert!(act(&world, &create, BAD).stderr.contains("BadRequestError"));
    assert_eq!(world.simulator.requests().len(), 1);
    let said = rules_check(&["-", "--component", component], GOOD);
    assert_eq!(said.code, 33, "{}", said.stderr);
    assert!(said.stderr.contains("cargo xtask build"), "{}", said.stderr);
    let _ = std::fs::remove_dir_all(&alone);
}
