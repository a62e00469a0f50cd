//! The next page of a table is a short handle, for every list; what it stands for is kept where only its owner can read it.

use serde_json::Value;
use virustotal_hunting_simulator::{Options, Simulator};

use crate::program::{self, Said};
use crate::support::KEY;
use crate::support::process::{Folder, simulator};

/// A simulator with something in every list, and a folder for the program's state.
struct World {
    simulator: Simulator,
    folder: Folder,
    ruleset: String,
    job: String,
}

impl World {
    fn new() -> World {
        let folder = Folder::new();
        let rules = folder.with("rules.yar", "rule everything { condition: true }");
        let mut world =
            World { simulator: simulator(Options::default()), folder, ruleset: String::new(), job: String::new() };
        for name in ["one", "two", "three"] {
            world.ruleset = world.id(&format!("livehunt create-ruleset --name {name} --rules {rules} --enabled"));
            world.job = world.id(&format!("retrohunt create-job --rules {rules} --no-quota-check"));
        }
        assert!(world.simulator.advance_feed(60) > 3);
        world.simulator.advance_clock(7_200);
        world
    }

    fn run(&self, line: &str) -> Said {
        let words = shell_words(line);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let (url, state) = (self.simulator.http_url(), self.folder.file("state"));
        let environment = [("VT_APIKEY", KEY), ("VT_URL", &*url), ("XDG_STATE_HOME", &*state)];
        let said = program::run(&words, &environment, "");
        assert!(!said.stdout.contains(KEY) && !said.stderr.contains(KEY), "{line} says the key");
        said
    }

    fn id(&self, line: &str) -> String {
        let said = self.run(&format!("{line} --output json"));
        assert_eq!(said.code, 0, "{line}: {}", said.stderr);
        let value: Value = serde_json::from_str(&said.stdout).expect("JSON");
        value["id"].as_str().expect("an id").to_owned()
    }

    fn lists(&self) -> [String; 8] {
        [
            "livehunt rulesets".to_owned(),
            "livehunt notifications --tag everything".to_owned(),
            "livehunt notification-files --filter everything".to_owned(),
            format!("livehunt ruleset-notification-files {}", self.ruleset),
            "retrohunt jobs".to_owned(),
            format!("retrohunt matches {}", self.job),
            "ioc-stream objects --descriptors-only --since 2020-01-01".to_owned(),
            "crowdsourced yara-rules".to_owned(),
        ]
    }

    fn kept(&self) -> std::path::PathBuf {
        self.folder.path().join("state/vt-hunting/next")
    }
}

fn shell_words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// The command that the last line of a table gives, without the program's name.
fn next(said: &Said) -> Option<String> {
    let line = said.stdout.lines().last()?;
    let command = line.strip_prefix("next page: ").or_else(|| line.strip_prefix("next step: "))?;
    // A cursor alone has some 300.
    assert!(line.chars().count() <= 100, "{line}");
    Some(command.strip_prefix("vt-hunting ").expect("the program").to_owned())
}

/// The rows of a table of one object a page.
fn row(said: &Said) -> String {
    assert_eq!(said.code, 0, "{}", said.stderr);
    // How wide a column is depends on the other rows.
    said.stdout.lines().nth(1).expect("a row").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_next_page_of_every_list_is_a_short_command_and_goes_on_with_the_same_query() {
    let world = World::new();
    for list in world.lists() {
        let first = world.run(&format!("{list} --limit 1 --output table"));
        let command = next(&first).unwrap_or_else(|| panic!("{list}: {}{}", first.stdout, first.stderr));
        world.simulator.clear_requests();
        let second = world.run(&command);
        assert_ne!(row(&second), row(&first), "{list}");
        let request = world.simulator.requests().pop().expect("a request");
        assert!(request.query.contains("limit=1") && request.query.contains("cursor="), "{list}: {}", request.query);
        // The limit alone may be another.
        let more = world.run(&format!("{command} --limit 2"));
        assert_eq!(row(&more), row(&second), "{list}");
        assert_eq!(more.stdout.lines().take_while(|line| !line.is_empty()).count(), 3, "{list}: {}", more.stdout);
    }
}

#[test]
fn a_list_ends_however_many_handles_it_takes() {
    let world = World::new();
    let (mut said, mut rows) = (world.run("retrohunt jobs --limit 1 --output table"), Vec::new());
    // A service may give a cursor with nothing after it.
    while !said.stdout.starts_with("no jobs") {
        rows.push(row(&said));
        assert!(rows.len() <= 3, "{rows:?}");
        let Some(command) = next(&said) else { break };
        said = world.run(&command);
    }
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_step_of_following_goes_on_by_a_handle_too() {
    let world = World::new();
    for feed in ["ioc-stream poll --descriptors-only", "livehunt poll"] {
        let first = world.run(&format!("{feed} --since 2020-01-01 --limit-items 1 --output table"));
        let second = world.run(&next(&first).expect("a next step"));
        assert_ne!(row(&second), row(&first), "{feed}");
    }
}

#[test]
fn what_was_set_for_every_command_is_in_the_next_one_and_not_in_the_file() {
    let world = World::new();
    let proxy = "http://me:s3cr3t-passw0rd@proxy.example:3128";
    let said = world.run(&format!("retrohunt jobs --limit 1 --output table --wide --timeout 50 --http-proxy {proxy}"));
    assert_ne!(said.code, 0, "there is no such proxy");
    let said = world.run("retrohunt jobs --limit 1 --output table --wide --timeout 50");
    let command = next(&said).expect("a next page");
    assert!(command.starts_with("--output=table --wide --timeout=50 retrohunt jobs --next "), "{command}");
    assert_eq!(world.run(&command).code, 0);
    for file in std::fs::read_dir(world.kept()).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        assert!(!text.contains(KEY) && !text.contains("timeout") && text.contains("retrohunt jobs"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    next(&world.run("retrohunt jobs --limit 1 --output table")).expect("a next page");
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&world.kept()), 0o700);
    let file = std::fs::read_dir(world.kept()).expect("a folder").next().expect("a file").expect("a file").path();
    assert_eq!(mode(&file), 0o600);

    // What others may write, and a link, stand for nothing.
    let handle = file.file_name().expect("a name").to_str().expect("text").to_owned();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).expect("it is ours");
    let said = world.run(&format!("retrohunt jobs --next {handle}"));
    assert!(said.code == 10 && said.stderr.contains("NextDamaged"), "{}", said.stderr);
    let elsewhere = world.folder.file("elsewhere");
    std::fs::rename(&file, &elsewhere).expect("it is ours");
    std::os::unix::fs::symlink(&elsewhere, &file).expect("a link");
    let said = world.run(&format!("retrohunt jobs --next {handle}"));
    assert!(said.code == 10 && said.stderr.contains("NextDamaged"), "{}", said.stderr);
}

#[test]
fn a_handle_that_stands_for_nothing_says_why_and_sends_nothing() {
    let world = World::new();
    let command = next(&world.run("retrohunt jobs --limit 1 --output table")).expect("a next page");
    let handle = command.rsplit(' ').next().expect("a handle");
    world.simulator.clear_requests();
    for (line, code, says) in [
        ("retrohunt jobs --next 00000000".to_owned(), 10, "NextUnknown"),
        ("retrohunt jobs --next ../../../etc/passwd".to_owned(), 10, "NextUnknown"),
        ("retrohunt jobs --next=".to_owned(), 10, "NextUnknown"),
        (format!("livehunt rulesets --next {handle}"), 10, "belongs to `retrohunt jobs`"),
        (format!("retrohunt jobs --next {handle} --status running"), 2, "whole query"),
        (format!("retrohunt matches job --next {handle}"), 2, "whole query"),
    ] {
        let said = world.run(&line);
        assert_eq!((said.code, &*said.stdout), (code, ""), "{line}: {}", said.stderr);
        assert!(said.stderr.contains(says), "{line}: {}", said.stderr);
    }

    let file = world.kept().join(handle);
    let text = std::fs::read_to_string(&file).expect("a file");
    let mut kept: Value = serde_json::from_str(&text).expect("JSON");
    kept["created"] = (kept["created"].as_u64().expect("a time") - 7 * 86_400 - 60).into();
    std::fs::write(&file, kept.to_string()).expect("it is ours");
    let said = world.run(&format!("retrohunt jobs --next {handle}"));
    assert!(said.code == 10 && said.stderr.contains("NextExpired"), "{}", said.stderr);
    std::fs::write(&file, "{").expect("it is ours");
    let said = world.run(&format!("retrohunt jobs --next {handle}"));
    assert!(said.code == 10 && said.stderr.contains("NextDamaged"), "{}", said.stderr);
    assert!(world.simulator.requests().is_empty());
}

#[test]
fn json_has_the_cursor_itself_and_keeps_nothing() {
    let world = World::new();
    let said = world.run("retrohunt jobs --limit 1 --output json");
    let value: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let cursor = value["page"]["cursor"].as_str().expect("a cursor");
    assert_eq!(world.run(&format!("retrohunt jobs --limit 1 --cursor={cursor}")).code, 0);
    assert!(!world.kept().exists());
}

#[test]
fn where_nothing_can_be_kept_the_command_has_the_cursor() {
    let world = World::new();
    let url = world.simulator.http_url();
    let words = ["retrohunt", "jobs", "--limit", "1", "--output", "table"];
    let said = program::run(&words, &[("VT_APIKEY", KEY), ("VT_URL", &url)], "");
    let line = said.stdout.lines().last().expect("a line");
    assert!(line.starts_with("next page: vt-hunting --output=table retrohunt jobs --cursor "), "{line}");
    assert!(line.ends_with(" --limit=1"), "{line}");
}
