//! `follow`, run as a program: killed at any moment and started again, nothing is lost, and with an output file nothing
//! comes twice.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use virustotal_hunting_simulator::{EXAMPLE_RULES, Fault, FaultAction, Options, Simulator};

use crate::program;
use crate::support::KEY;
use crate::support::process::{Folder, Process, against, simulator};

/// Enough for a dozen steps.
const HISTORY: usize = 60;

/// Before all of it, and within the 7 days that the service keeps: its clock stands at 1 760 000 000.
const SINCE: &str = "1759500000";

/// A follower's files and arguments.
struct Setup {
    simulator: Simulator,
    folder: Folder,
    state: String,
    output: String,
}

impl Setup {
    fn new() -> Setup {
        let folder = Folder::new();
        let (state, output) = (folder.file("state"), folder.file("out.jsonl"));
        Setup { simulator: simulator(Options { history: HISTORY, ..Options::default() }), folder, state, output }
    }

    /// Following the stream to standard output, five at a time, without pauses.
    fn to_stdout(&self) -> Vec<&str> {
        vec![
            "ioc-stream",
            "follow",
            "--state",
            &self.state,
            "--since",
            SINCE,
            "--descriptors-only",
            "--limit-items",
            "5",
            "--poll-interval-ms",
            "1",
        ]
    }

    fn to_file(&self) -> Vec<&str> {
        let mut arguments = self.to_stdout();
        arguments.extend(["--output-file", &self.output]);
        arguments
    }

    fn once(mut arguments: Vec<&str>) -> Vec<&str> {
        arguments.push("--once");
        arguments
    }

    /// Lets that many requests be answered, and leaves the next one without an answer.
    fn stall_after(&self, requests: u32) {
        self.simulator.clear_requests();
        self.simulator.faults().clear();
        self.simulator.faults().add(Fault::new(FaultAction::Stall).after(requests));
    }

    fn is_stalled(&self) -> bool {
        self.simulator.requests().iter().any(|request| request.status == 0)
    }

    fn state(&self) -> Value {
        let text = std::fs::read_to_string(&self.state).expect("a state file");
        assert!(!text.contains(KEY), "the key is in the state file");
        serde_json::from_str(&text).expect("JSON")
    }
}

/// The notifications in a text of JSON lines; whole lines only.
fn notifications(text: &str) -> Vec<String> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is not whole");
    let id = |line: &str| {
        let item: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        item["notification_id"].as_str().expect("a notification").to_owned()
    };
    text.lines().map(id).collect()
}

fn in_file(path: &str) -> Vec<String> {
    notifications(&std::fs::read_to_string(path).expect("an output file"))
}

/// Each once.
fn assert_whole(ids: &[String], count: usize) {
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), unique.len()), (count, count), "lost or twice");
}

#[test]
fn killed_after_any_number_of_requests_every_item_is_in_the_file_once() {
    let setup = Setup::new();
    // Five at a time at most: the last of these still leaves something to read.
    for requests in 0..=4 {
        setup.stall_after(requests);
        let mut process = Process::start(&setup.simulator, &Setup::once(setup.to_file()));
        process.until("the stall", || setup.is_stalled());
        process.kill();
        let written = in_file(&setup.output).len();
        assert_eq!(setup.state()["checkpoint"].is_null(), requests == 0);
        assert_eq!(written > 0, requests > 0, "items and checkpoint move together");
    }
    setup.simulator.faults().clear();
    let said = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!((said.code, &*said.stdout), (0, ""), "{}", said.stderr);
    assert_whole(&in_file(&setup.output), HISTORY);
}

#[test]
fn killed_while_it_writes_every_item_is_in_the_file_once() {
    let setup = Setup::new();
    let length = || std::fs::metadata(&setup.output).map_or(0, |file| file.len());
    for _ in 0..4 {
        let before = length();
        let mut process = Process::start(&setup.simulator, &setup.to_file());
        // It has just been written, and its state perhaps not.
        let is_full = || std::fs::read_to_string(&setup.output).is_ok_and(|text| text.lines().count() >= HISTORY);
        process.until("it writes", || length() > before || is_full());
        process.kill();
    }
    let said = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_whole(&in_file(&setup.output), HISTORY);
}

#[test]
fn what_was_written_and_not_stored_is_cut_away() {
    let setup = Setup::new();
    setup.stall_after(2);
    let mut process = Process::start(&setup.simulator, &setup.to_file());
    process.until("the stall", || setup.is_stalled());
    process.kill();
    // As if it had been killed a moment later: items in the file, the last of them cut, the state not yet stored.
    let good = std::fs::read_to_string(&setup.output).expect("an output file");
    let first = good.lines().next().expect("an item");
    std::fs::write(&setup.output, format!("{good}{first}\n{}", &first[..20])).expect("a writable file");
    std::fs::write(format!("{}.new", setup.state), "{\"version\":1,").expect("a writable folder");
    setup.simulator.faults().clear();
    let said = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_whole(&in_file(&setup.output), HISTORY);
}

#[test]
fn on_standard_output_nothing_is_lost() {
    let setup = Setup::new();
    let mut process = Process::start(&setup.simulator, &setup.to_stdout());
    let mut lines = BufReader::new(process.child().stdout.take().expect("piped")).lines();
    let mut seen = String::new();
    for _ in 0..12 {
        seen += &lines.next().expect("a line").expect("text");
        seen.push('\n');
    }
    process.kill();
    // What had left the program before it was killed.
    for line in lines {
        seen += &line.expect("text");
        seen.push('\n');
    }
    let said = against(&setup.simulator, &Setup::once(setup.to_stdout()));
    assert_eq!(said.code, 0, "{}", said.stderr);
    let (before, after) = (notifications(&seen), notifications(&said.stdout));
    let unique: HashSet<_> = before.iter().chain(&after).collect();
    assert_eq!(unique.len(), HISTORY, "something is lost");
    assert!(before.len() + after.len() <= HISTORY + 5, "more than one step came again");
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_and_what_it_did_not_see_comes_again() {
    let setup = Setup::new();
    let mut process = Process::start(&setup.simulator, &setup.to_stdout());
    let mut reader = BufReader::new(process.child().stdout.take().expect("piped"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    drop(reader);
    let said = process.said();
    assert_eq!((said.code, &*said.stderr), (0, ""));
}

#[test]
fn once_ends_where_nothing_is_left_and_goes_on_there() {
    let setup = Setup::new();
    let first = against(&setup.simulator, &Setup::once(setup.to_stdout()));
    assert_eq!((first.code, notifications(&first.stdout).len()), (0, HISTORY), "{}", first.stderr);
    let second = against(&setup.simulator, &Setup::once(setup.to_stdout()));
    assert_eq!((second.code, &*second.stdout), (0, ""), "{}", second.stderr);
    setup.simulator.advance_clock(60);
    setup.simulator.advance_feed(20);
    let third = against(&setup.simulator, &Setup::once(setup.to_stdout()));
    let (old, new) = (notifications(&first.stdout), notifications(&third.stdout));
    assert!(!new.is_empty() && new.iter().all(|id| !old.contains(id)), "{}", third.stderr);
}

#[test]
fn livehunt_notifications_are_followed_the_same_way() {
    let setup = Setup::new();
    let rules = setup.folder.with("rules.yar", EXAMPLE_RULES);
    let created =
        against(&setup.simulator, &["livehunt", "create-ruleset", "--name", "all", "--rules", &rules, "--enabled"]);
    assert_eq!(created.code, 0, "{}", created.stderr);
    let made = setup.simulator.advance_feed(120);
    let arguments =
        ["livehunt", "follow", "--state", &setup.state, "--since", "2020-01-01", "--once", "--limit-items", "3"];
    let said = against(&setup.simulator, &arguments);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let ids: HashSet<_> = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].as_str().expect("an id").to_owned())
        .collect();
    assert!(!ids.is_empty() && ids.len() == said.stdout.lines().count() && ids.len() <= made, "{made}");
    assert_eq!(against(&setup.simulator, &arguments).stdout, "");
}

#[test]
fn a_second_follower_is_refused_while_the_first_is_at_work() {
    let setup = Setup::new();
    setup.stall_after(0);
    let mut first = Process::start(&setup.simulator, &setup.to_file());
    first.until("the stall", || setup.is_stalled());
    let second = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!(second.code, 42, "{}", second.stderr);
    assert!(second.stderr.contains("StateInUse"), "{}", second.stderr);
    // The same output under another state is no way around it.
    let other = setup.folder.file("other-state");
    let mut arguments = Setup::once(setup.to_file());
    arguments[3] = &other;
    let third = against(&setup.simulator, &arguments);
    assert!(third.code == 42 && third.stderr.contains("OutputInUse"), "{}", third.stderr);
    assert!(first.runs());
    first.kill();
    setup.simulator.faults().clear();
    assert_eq!(against(&setup.simulator, &Setup::once(setup.to_file())).code, 0);
}

#[test]
fn a_corrupt_state_or_one_of_another_query_is_refused_before_anything_is_sent() {
    let setup = Setup::new();
    assert_eq!(against(&setup.simulator, &Setup::once(setup.to_file())).code, 0);
    let (good, written) = (std::fs::read(&setup.state).expect("a state"), in_file(&setup.output));
    setup.simulator.clear_requests();

    for (extra, says) in
        [(&["--origin", "hunting"][..], "its filter is none"), (&["--tag", "x"], "not `notification_tag:x`")]
    {
        let mut arguments = Setup::once(setup.to_file());
        arguments.extend(extra);
        let said = against(&setup.simulator, &arguments);
        assert!(said.code == 42 && said.stderr.contains(says), "{}", said.stderr);
    }
    let said = against(&setup.simulator, &["livehunt", "follow", "--state", &setup.state, "--once"]);
    assert!(said.code == 42 && said.stderr.contains("it follows ioc-stream"), "{}", said.stderr);

    for bytes in [&good[..good.len() / 2], b"", b"{}", b"\xff"] {
        std::fs::write(&setup.state, bytes).expect("a writable file");
        let said = against(&setup.simulator, &Setup::once(setup.to_file()));
        assert!(said.code == 42 && said.stderr.contains("StateCorrupt"), "{}", said.stderr);
        assert_eq!(std::fs::read(&setup.state).expect("it stays"), bytes);
    }
    assert_eq!(in_file(&setup.output), written, "the output stays as it was");
    assert_eq!(setup.simulator.requests().len(), 0, "nothing was sent");
}

#[test]
fn asked_to_end_it_ends_well() {
    for signal in [Signal::TERM, Signal::INT] {
        let setup = Setup::new();
        let mut arguments = setup.to_file();
        // Once all is read it sleeps for an hour.
        arguments.truncate(arguments.len() - 4);
        arguments.extend(["--interval", "3600", "--output-file", &setup.output]);
        let mut process = Process::start(&setup.simulator, &arguments);
        let state = Path::new(&setup.state);
        process.until("all is stored", || {
            let text = std::fs::read_to_string(state).unwrap_or_default();
            let bytes = std::fs::metadata(&setup.output).map_or(0, |file| file.len());
            // The next step may be writing: what is there by now need not be whole lines.
            let is_all = |text: String| text.ends_with('\n') && text.lines().count() == HISTORY;
            in_state(&text).is_some_and(|stored| stored > 0 && stored == bytes)
                && std::fs::read_to_string(&setup.output).is_ok_and(is_all)
        });
        process.signal(signal);
        let said = process.said();
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert_whole(&in_file(&setup.output), HISTORY);
    }
}

/// How much of the output belongs to the checkpoint.
fn in_state(text: &str) -> Option<u64> {
    serde_json::from_str::<Value>(text).ok()?["output"]["bytes"].as_u64()
}

#[test]
fn asked_twice_it_ends_at_once() {
    let setup = Setup::new();
    setup.stall_after(0);
    let mut process = Process::start(&setup.simulator, &setup.to_file());
    process.until("the stall", || setup.is_stalled());
    let stderr = process.child().stderr.take().expect("piped");
    process.signal(Signal::INT);
    let mut line = String::new();
    BufReader::new(stderr).read_line(&mut line).expect("a line");
    assert!(line.contains("ending after this step"), "{line}");
    process.signal(Signal::INT);
    assert_eq!(process.said().code, 130);
}

#[test]
fn what_may_pass_is_told_and_waited_out_and_what_stays_ends_it() {
    let setup = Setup::new();
    let trouble = |code| FaultAction::Status { code, body: None, headers: Vec::new() };
    setup.simulator.faults().add(Fault::new(trouble(503)).times(2));
    setup.simulator.faults().add(Fault::new(FaultAction::Reset).times(2));
    let mut process = Process::start(&setup.simulator, &setup.to_file());
    let lines = || std::fs::read_to_string(&setup.output).unwrap_or_default().lines().count();
    process.until("all is read", || lines() == HISTORY);
    process.signal(Signal::TERM);
    let said = process.said();
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.matches("Trying again in ").count() >= 3, "{}", said.stderr);

    setup.simulator.faults().add(Fault::new(trouble(503)).times(1));
    assert_eq!(against(&setup.simulator, &Setup::once(setup.to_file())).code, 18, "with --once it ends it");
    setup.simulator.faults().clear();
    setup.simulator.faults().add(trouble(401));
    let said = against(&setup.simulator, &setup.to_file());
    assert_eq!(said.code, 12, "{}", said.stderr);
}

#[cfg(unix)]
/// The program, told where to go, with nothing that trusts it. It is a failure if it waits.
fn ends(simulator: &Simulator, arguments: &[&str]) -> program::Said {
    let url = simulator.https_url();
    let mut process = Process::of(program::command(arguments, &[("VT_APIKEY", KEY), ("VT_URL", &url)]));
    let stderr = process.child().stderr.take().expect("piped");
    let mut text = String::new();
    for line in BufReader::new(stderr).lines() {
        let line = line.expect("text");
        assert!(!line.contains("Trying again"), "it waits: {line}");
        text.push_str(&line);
        text.push('\n');
    }
    program::Said { stderr: text, ..process.said() }
}

#[test]
fn a_certificate_that_is_not_trusted_ends_it_since_waiting_does_not_help() {
    let setup = Setup::new();
    let said = ends(&setup.simulator, &setup.to_stdout());
    assert_eq!(said.code, 20, "{}", said.stderr);
    assert!(said.stderr.contains("error[transport/TlsError]") && said.stderr.contains("--ca-file"), "{}", said.stderr);
    let said = ends(&setup.simulator, &["retrohunt", "wait", "alice-1", "--poll-interval-ms", "1"]);
    assert_eq!(said.code, 20, "{}", said.stderr);
    assert!(setup.simulator.requests().is_empty());
}

#[test]
fn the_files_are_for_their_owner_alone_and_hold_no_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let setup = Setup::new();
    assert_eq!(against(&setup.simulator, &Setup::once(setup.to_file())).code, 0);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(setup.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
        assert!(!std::fs::read_to_string(&path).expect("text").contains(KEY), "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, ["out.jsonl", "state", "state.lock"]);
}

#[test]
fn what_was_deleted_while_it_was_away_is_said_once_and_ends_it_with_a_code_of_its_own() {
    let setup = Setup::new();
    let said = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!((said.code, said.stderr.contains("Lost")), (0, false), "{}", said.stderr);
    // Exactly as long as VirusTotal keeps it.
    setup.simulator.advance_clock(7 * 86_400);
    assert_eq!(against(&setup.simulator, &Setup::once(setup.to_file())).code, 0);
    setup.simulator.advance_clock(7 * 86_400 + 1);
    let new = setup.simulator.add_stream_notifications(7);
    let said = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!(said.code, 43, "{}", said.stderr);
    assert_eq!(said.stderr.matches("note[Lost]").count(), 1, "{}", said.stderr);
    for part in ["after 7 days", "from 2025-10-16 08:53 UTC", "vt-hunting livehunt notifications --since"] {
        assert!(said.stderr.contains(part), "{}", said.stderr);
    }
    // What is there is all the same given, once.
    let written = in_file(&setup.output);
    assert!(written.ends_with(&new), "{written:?}");
    assert_whole(&written, HISTORY + 7);
    let said = against(&setup.simulator, &Setup::once(setup.to_file()));
    assert_eq!((said.code, &*said.stderr), (0, ""), "it is said once");
}

#[test]
fn asked_to_end_a_follower_that_lost_something_ends_with_that_code() {
    let setup = Setup::new();
    let mut arguments = setup.to_file();
    let since = arguments.iter_mut().find(|word| **word == SINCE).expect("where it begins");
    *since = "2020-01-01";
    let mut process = Process::start(&setup.simulator, &arguments);
    process.until("all is written", || {
        std::fs::read_to_string(&setup.output).is_ok_and(|text| text.lines().count() == HISTORY)
    });
    process.signal(Signal::TERM);
    let said = process.said();
    assert_eq!(said.code, 43, "{}", said.stderr);
}

/// The words as a shell reads them.
fn quoted(words: impl IntoIterator<Item = String>) -> String {
    let quoted = words.into_iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    quoted.collect::<Vec<_>>().join(" ")
}

#[test]
fn on_a_terminal_the_first_line_says_what_is_followed_and_elsewhere_there_is_none() {
    let setup = Setup::new();
    let mut arguments = Setup::once(setup.to_file());
    arguments.extend(["--origin", "hunting"]);
    let url = setup.simulator.http_url();
    let command = program::command(&arguments, &[("VT_APIKEY", KEY), ("VT_URL", &url)]);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = quoted(words.map(|word| word.to_str().expect("text").to_owned()));
    let environment = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    // util-linux's `script` gives it a terminal.
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).envs(environment).stdin(std::process::Stdio::null());
    match script.output() {
        Ok(said) => {
            let said = String::from_utf8_lossy(&said.stdout).into_owned();
            let first = said.lines().next().unwrap_or_default();
            let since = "since 2025-10-03 14:00 UTC";
            for part in ["IoC stream", "origin:hunting", since, &setup.output, &setup.state, "nothing more to read"] {
                assert!(first.contains(part), "{part}: {said}");
            }
        }
        Err(_) => eprintln!("skipped: script is not installed"),
    }
    let said = against(&setup.simulator, &arguments);
    assert_eq!((said.code, &*said.stderr), (0, ""), "no terminal");
}
