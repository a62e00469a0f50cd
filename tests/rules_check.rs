//! Rules checked before they are uploaded: the real component in the real host, and through the command line.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use vt_hunting_host::RulesChecker;
use vt_hunting_host::rules_check::{CheckOptions, Hunt, MatchObjectType, Report, Severity};

use super::program::{self, Said};
use super::support::{self, KEY, world::World};

static CHECKER: LazyLock<RulesChecker> = LazyLock::new(|| match RulesChecker::load(component()) {
    // However busy the machine is: what a source makes of the component is asked here, and not how fast.
    Ok(checker) => checker.with_timeout(Duration::from_secs(600)),
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
    let report = check("import \"pe\"\nrule a { strings: $x = \"xyz\" condition: pe.is_dll() and $x }", LIVEHUNT).await;
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
    let said = rules_check(&[file.path()], "");
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

/// How many rulesets were to be created.
fn posted(world: &World) -> usize {
    world.simulator.requests().iter().filter(|request| request.method == "POST").count()
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
    assert_eq!(posted(&world), 1);
}

#[test]
fn what_virustotal_says_on_several_lines_is_shown_line_by_line() {
    let world = World::new();
    let create = ["livehunt", "create-ruleset", "--name", "a", "--rules", "-", "--no-check"];
    let said = serde_json::json!({"error": {"code": "BadRequestError",
        "message": "error: x\r\n --> line:3:5\n  |\u{1b}^ here\u{2028}\nhint: made up"}});
    world.respond(400, &[("content-type", "application/json")], said.to_string());
    let shown = act(&world, &create, GOOD).stderr;
    let expected = ":\n  error: x\n   --> line:3:5\n    | ^ here\\u{2028}\n  hint: made up\n  Correct the request";
    assert!(shown.contains(expected), "{shown}");
    let shown = act(&world, &[&create[..], &["--output", "json"]].concat(), GOOD).stderr;
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("one line of JSON");
    let message = shown["error"]["message"].as_str().expect("a text");
    assert!(message.contains(":\nerror: x\n --> line:3:5\n  | ^ here\u{2028}\nhint: made up\n"), "{message:?}");
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
    assert_eq!(posted(&world), 1);
    let said = rules_check(&["-", "--component", component], GOOD);
    assert_eq!(said.code, 33, "{}", said.stderr);
    assert!(said.stderr.contains("cargo xtask build"), "{}", said.stderr);
    let _ = std::fs::remove_dir_all(&alone);
}

/// A folder, removed with what is in it when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vt-hunting-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("it can be written");
        self
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const UTF_16: &[u8] = b"\xff\xfer\0u\0l\0e\0 \0a\0";

#[test]
fn a_folder_is_searched_and_every_file_in_it_is_reported() {
    let folder = Folder::new("folder")
        .with("b.yar", GOOD)
        .with("a.YARA", BAD)
        .with("deep/er/c.yar", "\u{feff}import \"pe\"\nrule c { condition: pe.is_pe }")
        .with("deep/utf-16.yar", UTF_16)
        .with("deep/compiled.yar", b"YARA-X\0\0\xff\xfe")
        .with("latin-1.yar", b"rule a {\n  meta: m = \"\xe4\"\n condition: true }")
        .with("README.md", "no rules");
    let said = rules_check(&["--output", "json", folder.path()], "");
    assert_eq!(said.code, 10, "{}", said.stderr);
    let answer: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    let items = answer["items"].as_array().expect("items");
    let names: Vec<&str> = items
        .iter()
        .map(|item| item["file"].as_str().expect("a file").trim_start_matches(folder.path()).trim_start_matches('/'))
        .collect();
    assert_eq!(names, ["a.YARA", "b.yar", "deep/compiled.yar", "deep/er/c.yar", "deep/utf-16.yar", "latin-1.yar"]);
    let ok: Vec<bool> = items.iter().map(|item| item["ok"] == true).collect();
    assert_eq!(ok, [false, true, false, true, false, false]);
    assert_eq!(items[3]["imports"][0], "pe");
    for (item, why) in [(2, "compiled rules"), (4, "UTF-16"), (5, "line 2")] {
        let unreadable = items[item]["unreadable"].as_str().expect("why");
        assert!(unreadable.contains(why), "{unreadable}");
    }
    assert_eq!(items[0]["findings"][0]["code"], "syntax-error");

    let said = rules_check(&[folder.path()], "");
    assert!(said.stdout.contains("b.yar: 1 rule, nothing found\n"), "{}", said.stdout);
    assert!(said.stdout.contains("UTF-16") && said.stdout.contains("compiled rules"), "{}", said.stdout);
    assert!(said.stderr.contains("4 of 6 files"), "{}", said.stderr);
}

#[test]
fn one_file_that_cannot_be_read_hides_no_other() {
    let good = RulesFile::new("readable", GOOD);
    let said = rules_check(&["/nowhere/x.yar", good.path()], "");
    assert_eq!(said.code, 10, "{}", said.stderr);
    assert!(said.stdout.contains("/nowhere/x.yar") && said.stdout.contains("1 rule, nothing found"), "{}", said.stdout);
    let empty = Folder::new("empty");
    let said = rules_check(&[empty.path()], "");
    assert_eq!(said.code, 10, "{}", said.stderr);
    assert!(said.stdout.contains(".yar or .yara"), "{}", said.stdout);
}

#[test]
fn findings_are_text_unless_json_is_asked_for() {
    let said = rules_check(&["-"], BAD);
    assert!(said.stdout.starts_with("error[syntax-error]"), "{}", said.stdout);
    let said = rules_check(&["-", "--output", "jsonl"], BAD);
    assert!(said.stdout.starts_with("{\"file\":"), "{}", said.stdout);
}

#[test]
fn typographic_quotes_are_named() {
    let said = rules_check(&["-"], "rule a {\n  meta:\n    author = “me”\n  condition: true\n}\n");
    assert_eq!(said.code, 10);
    assert!(said.stdout.contains("typographic quotes") && said.stdout.contains("-->"), "{}", said.stdout);
}

#[test]
fn what_a_licence_is_for_has_to_be_asked_for() {
    let rules = "import \"vt\"\nrule a { condition: vt.metadata.gti_assessment.threat_score.value > 3 }";
    assert_eq!(rules_check(&["-"], rules).code, 10);
    assert_eq!(rules_check(&["-", "--gti"], rules).code, 0);
    let world = World::new();
    let said = act(&world, &["retrohunt", "create-job", "--rules", "-", "--no-quota-check"], rules);
    assert!(said.code == 10 && said.stderr.contains("--gti"), "{}", said.stderr);
    assert_eq!(world.simulator.requests().len(), 0);
}

const URL_RULE: &str = "import \"vt\"\nrule made_up {\n  meta:\n    target_entity = \"url\"\n  condition:\n    \
                        vt.net.url.new_url and vt.net.url.path contains \"made-up\"\n}\n";

/// What the last ruleset that was sent is to be matched against.
fn sent_type(world: &World) -> Option<String> {
    let requests = world.simulator.requests();
    let sent = requests.iter().rev().find(|request| request.method == "POST" || request.method == "PATCH")?;
    let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    body["data"]["attributes"]["match_object_type"].as_str().map(str::to_owned)
}

#[test]
fn a_ruleset_is_matched_against_what_its_rules_say() {
    let world = World::new();
    let create = ["livehunt", "create-ruleset", "--name", "urls", "--rules", "-"];
    let said = act(&world, &create, URL_RULE);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(sent_type(&world).as_deref(), Some("url"));
    // Without the check too.
    let said = act(&world, &[&create[..], &["--no-check", "--if-exists", "create"]].concat(), URL_RULE);
    assert_eq!((said.code, sent_type(&world).as_deref()), (0, Some("url")), "{}", said.stderr);
    // Nothing says it: VirusTotal takes files, and so does the check.
    let unsaid = URL_RULE.replace("target_entity", "other");
    let said = act(&world, &["livehunt", "create-ruleset", "--name", "other", "--rules", "-"], &unsaid);
    assert!(said.code == 10 && said.stderr.contains("match-object-type"), "{}", said.stderr);
}

#[test]
fn both_spellings_of_an_ip_address_are_taken() {
    let world = World::new();
    let rule = "import \"vt\"\nrule a { meta: target_entity = \"ip_address\" condition: vt.net.ip.raw == \"1.2.3.4\" }";
    for (name, flag) in
        [("a", &[][..]), ("b", &["--match-object-type", "ip"]), ("c", &["--match-object-type", "ip_address"])]
    {
        let create = [&["livehunt", "create-ruleset", "--name", name, "--rules", "-"], flag].concat();
        let said = act(&world, &create, rule);
        assert_eq!((said.code, sent_type(&world).as_deref()), (0, Some("ip")), "{name}: {}", said.stderr);
    }
}

#[test]
fn a_contradiction_names_the_flag_and_the_meta() {
    let world = World::new();
    let create = ["livehunt", "create-ruleset", "--name", "a", "--rules", "-", "--match-object-type", "domain"];
    let said = act(&world, &create, URL_RULE);
    assert_eq!(said.code, 10, "{}", said.stderr);
    for word in ["--match-object-type", "target_entity", "`url`", "`domain`", "meta"] {
        assert!(said.stderr.contains(word), "{word}: {}", said.stderr);
    }
    let two = format!("{URL_RULE}rule other {{ meta: target_entity = \"domain\" condition: true }}\n");
    let said = act(&world, &["livehunt", "create-ruleset", "--name", "a", "--rules", "-"], &two);
    assert!(said.code == 10 && said.stderr.contains("made_up") && said.stderr.contains("`domain`"), "{}", said.stderr);
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn a_name_that_exists_is_refused_updated_or_taken_again() {
    let world = World::new();
    let create = |name: &str, more: &[&str]| {
        act(&world, &[&["livehunt", "create-ruleset", "--name", name, "--rules", "-"], more].concat(), GOOD)
    };
    assert_eq!(create("loader", &[]).code, 0);
    // Words of a name, and other cases of it, are other names.
    for other in ["loader two", "Loader"] {
        assert_eq!(create(other, &[]).code, 0, "{other}");
    }
    let said = create("loader", &[]);
    assert_eq!(said.code, 15, "{}", said.stderr);
    assert!(said.stderr.contains("NameExists") && said.stderr.contains("--if-exists"), "{}", said.stderr);
    assert_eq!(posted(&world), 3);

    let said = create("loader", &["--if-exists", "update", "--limit", "7", "--output", "json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let updated: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!((&updated["name"], &updated["limit"]), (&"loader".into(), &7.into()));
    assert_eq!(posted(&world), 3);

    assert_eq!(create("loader", &["--if-exists", "create"]).code, 0);
    assert_eq!(posted(&world), 4);
    let said = create("loader", &["--if-exists", "update"]);
    assert!(said.code == 15 && said.stderr.contains("2 rulesets"), "{}", said.stderr);
}

#[test]
fn a_name_is_looked_for_on_every_page() {
    let world = World::new();
    let create = |name: &str, more: &[&str]| {
        act(&world, &[&["livehunt", "create-ruleset", "--name", name, "--rules", "-"], more].concat(), GOOD)
    };
    assert_eq!(create("first", &[]).code, 0);
    for number in 0..45 {
        assert_eq!(create(&format!("r{number}"), &["--if-exists", "create"]).code, 0);
    }
    assert_eq!(create("first", &[]).code, 15);
}
