//! What the program says people may type can be typed: a shell hands on the very words, whatever the service calls things.

use serde_json::{Value, json};
use virustotal_hunting_simulator::{FaultAction, Options, Simulator};

use crate::program::Said;
use crate::support::process::{Folder, against, simulator};

/// Ids that would run something, become a flag, or look like something else, if they were printed as they are.
const HOSTILE: [&str; 12] = [
    "alice-1&touch${IFS}x",
    "alice-1;touch x",
    "$(touch x)",
    "`touch x`",
    "a|b>c<d",
    "it's \"quoted\" \\ here",
    "!!",
    "*",
    "~",
    "--apikey-file=x",
    "a\u{202e}b\u{1b}[2J\u{9b}c",
    "a\nb",
];

/// Has every request answered with this object.
fn answering(simulator: &Simulator, object: Value) {
    simulator.faults().clear();
    let body = json!({ "data": object }).to_string().into_bytes();
    simulator.faults().add(FaultAction::Respond { status: 200, headers: Vec::new(), body });
}

/// The words of the command behind a text, as a shell reads them.
fn suggested(said: &Said, behind: &str) -> Vec<String> {
    let all = format!("{}{}", said.stdout, said.stderr);
    let line = all.lines().find_map(|line| line.split_once(behind)).unwrap_or_else(|| panic!("no {behind}: {all}")).1;
    let arguments = line.strip_prefix("vt-hunting ").unwrap_or_else(|| panic!("{line}"));
    let script = format!("PATH=/nowhere; printf '%s\\0' {arguments}");
    let shell = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(shell.status.success(), "{line}: {}", String::from_utf8_lossy(&shell.stderr));
    let words = String::from_utf8(shell.stdout).expect("text");
    words.trim_end_matches('\0').split('\0').map(str::to_owned).collect()
}

fn assert_suggests(said: &Said, behind: &str, command: &str, id: &str) {
    let mut words: Vec<_> = command.split(' ').collect();
    words.extend(id.starts_with('-').then_some("--"));
    words.push(id);
    assert_eq!(suggested(said, behind), words, "{}{}", said.stdout, said.stderr);
    for c in ['\u{1b}', '\u{9b}', '\u{202e}'] {
        assert!(!said.stdout.contains(c) && !said.stderr.contains(c), "{}{}", said.stdout, said.stderr);
    }
}

fn job(id: &str, status: &str) -> Value {
    json!({"type": "retrohunt_job", "id": id, "attributes": {"status": status, "num_matches": 3}})
}

#[test]
fn a_command_about_what_the_service_named_is_quoted_for_a_shell() {
    let simulator = simulator(Options::default());
    let folder = Folder::new();
    let rules = folder.with("rules.yar", "rule a { condition: true }");
    let run = |line: &str| {
        let words: Vec<_> = line.split(' ').chain(["--output", "table"]).collect();
        against(&simulator, &words)
    };
    for id in HOSTILE {
        answering(&simulator, job(id, "running"));
        let said = run(&format!("retrohunt create-job --no-check --no-quota-check --rules {rules}"));
        assert_suggests(&said, "Wait for it: ", "retrohunt wait", id);
        assert_suggests(&run("retrohunt job x"), "Its matches: ", "retrohunt matches", id);

        answering(&simulator, json!({"type": "hunting_ruleset", "id": id, "attributes": {"enabled": false}}));
        let said = run(&format!("livehunt create-ruleset --no-check --name a --rules {rules}"));
        assert_suggests(&said, "does not run: ", "livehunt update-ruleset --enabled true", id);

        answering(&simulator, json!({"type": "operation", "id": id, "attributes": {"status": "running"}}));
        let said = run("livehunt delete-all-rulesets --confirm-user a");
        assert_suggests(&said, "It takes a while: ", "operation", id);
    }
}

#[test]
fn a_command_about_what_was_typed_is_quoted_for_a_shell() {
    let simulator = simulator(Options::default());
    for id in HOSTILE {
        answering(&simulator, job(id, "aborted"));
        let said = against(&simulator, &["retrohunt", "abort-job", "--output", "table", "--", id]);
        assert_suggests(&said, "It stops after a while: ", "retrohunt job", id);
        let said = against(&simulator, &["retrohunt", "wait", "--output", "table", "--", id]);
        assert_suggests(&said, "its matches until then stay: ", "retrohunt matches", id);
    }
}

#[test]
fn an_answer_shows_no_character_that_could_drive_a_terminal_in_any_format() {
    let simulator = simulator(Options::default());
    let hostile = "a\u{7f}b\u{85}c\u{9b}31m\u{ad}d\u{202e}e\u{2066}f\u{200b}g\u{2028}h\u{2029}i\u{feff}j\u{e0001}k";
    let is_unseen = |c: char| c != '\n' && (c.is_control() || hostile.contains(c) && !c.is_ascii_alphanumeric());
    let object = json!({
        "type": "retrohunt_job",
        "id": hostile,
        "attributes": {"status": hostile, "rules": hostile, "corpus": hostile, hostile: [hostile]},
    });
    answering(&simulator, object);
    for format in [&["--output", "table"][..], &["--output", "json"], &["--output", "jsonl"], &["--envelope"]] {
        let said = against(&simulator, &[&["retrohunt", "job", "x", "-vv"], format].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        let shown = format!("{}{}", said.stdout, said.stderr);
        assert!(!shown.contains(is_unseen), "{format:?}: {:?}", shown.chars().find(|c| is_unseen(*c)));
        if format != ["--output", "table"] {
            let read: Value = serde_json::from_str(&said.stdout).expect("one document");
            let object = if read["json"].is_null() { &read["json_body"]["data"] } else { &read["json"] };
            assert_eq!(object["attributes"][hostile][0], hostile, "{format:?} keeps it");
        }
    }

    let body = json!({"error": {"code": hostile, "message": hostile}}).to_string().into_bytes();
    simulator.faults().clear();
    simulator.faults().add(FaultAction::Respond { status: 400, headers: Vec::new(), body });
    for format in [&["--output", "table"][..], &["--output", "json"], &["--envelope"]] {
        let said = against(&simulator, &[&["retrohunt", "jobs", "-vv", "--log-format", "json"], format].concat());
        assert_ne!(said.code, 0);
        let shown = format!("{}{}", said.stdout, said.stderr);
        assert!(!shown.contains(is_unseen), "{format:?}: {:?}", shown.chars().find(|c| is_unseen(*c)));
    }
}
