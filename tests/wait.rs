//! `retrohunt wait`, run as a program: it sees a job to its end, outlives a network that goes, and can be ended at any time.

use std::io::{BufRead as _, BufReader};

use rustix::process::Signal;
use serde_json::Value;
use virustotal_hunting_simulator::{EXAMPLE_RULES, Fault, FaultAction, Options, Simulator};

use crate::support::fixture;
use crate::support::process::{Folder, Process, against, simulator};

/// A job, and the arguments to wait for it without pauses.
fn job(simulator: &Simulator) -> String {
    let folder = Folder::new();
    let rules = folder.with("rules.yar", EXAMPLE_RULES);
    let said =
        against(simulator, &["retrohunt", "create-job", "--rules", &rules, "--no-quota-check", "--output", "json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let job: Value = serde_json::from_str(&said.stdout).expect("JSON");
    simulator.clear_requests();
    job["id"].as_str().expect("an id").to_owned()
}

fn wait<'a>(id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["retrohunt", "wait", id, "--poll-interval-ms", "1"];
    arguments.extend(more);
    arguments
}

/// Moves the clock on between the program's looks, until it ends.
fn through(simulator: &Simulator, mut process: Process) -> crate::program::Said {
    while process.runs() {
        if !simulator.take_requests().is_empty() {
            simulator.advance_clock(10);
        }
        std::thread::yield_now();
    }
    process.said()
}

#[test]
fn it_waits_until_the_job_has_finished_and_shows_it() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    let said = through(&simulator, Process::start(&simulator, &wait(&id, &[])));
    assert_eq!(said.code, 0, "{}", said.stderr);
    let shown: Value = serde_json::from_str(&said.stdout).expect("one document");
    assert_eq!((shown["id"].as_str(), shown["status"].as_str()), (Some(&*id), Some("finished")));
    assert!(said.stderr.lines().count() > 2, "{}", said.stderr);
    assert!(said.stderr.lines().all(|line| line.ends_with(&format!(", {id}"))), "{}", said.stderr);
    assert!(said.stderr.contains(" left, 4.1 %, running, "), "{}", said.stderr);
    assert!(said.stderr.contains("100 %, finished, "), "{}", said.stderr);
    // Again, it is there at once, and shown as `job` shows it.
    let again = against(&simulator, &wait(&id, &["--output", "table"]));
    let job = against(&simulator, &["retrohunt", "job", &id, "--output", "table"]);
    assert_eq!((again.code, again.stdout), (0, job.stdout));
    let envelope = against(&simulator, &wait(&id, &["--envelope"]));
    let envelope: Value = serde_json::from_str(&envelope.stdout).expect("one document");
    assert_eq!(envelope["status_code"], 200);
    assert_eq!(envelope["json_body"]["data"]["id"], *id);
}

#[test]
fn an_aborted_job_is_shown_and_has_an_exit_code_of_its_own() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    assert_eq!(against(&simulator, &["retrohunt", "abort-job", &id]).code, 0);
    let said = through(&simulator, Process::start(&simulator, &wait(&id, &[])));
    assert_eq!(said.code, 40, "{}", said.stderr);
    let shown: Value = serde_json::from_str(&said.stdout).expect("one document");
    assert_eq!(shown["status"], "aborted");
    assert!(said.stderr.contains("error[aborted/JobAborted]"), "{}", said.stderr);
}

#[test]
fn a_network_that_is_gone_for_a_while_is_waited_out() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    simulator.faults().add(Fault::new(FaultAction::Reset).after(1).times(3));
    simulator.faults().add(Fault::new(FaultAction::RateLimit { retry_after: None }).times(1));
    let said = through(&simulator, Process::start(&simulator, &wait(&id, &[])));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.matches("Trying again in ").count() >= 2, "{}", said.stderr);
}

#[test]
fn what_stays_wrong_ends_it() {
    let simulator = simulator(Options::default());
    let said = against(&simulator, &wait("nobody-1", &[]));
    assert_eq!((said.code, &*said.stdout), (14, ""), "{}", said.stderr);
}

#[test]
fn the_time_for_waiting_has_an_end() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    let said = against(&simulator, &wait(&id, &["--timeout-total", "0"]));
    assert_eq!((said.code, &*said.stdout), (41, ""), "{}", said.stderr);
    assert!(said.stderr.contains(&format!("wait on: vt-hunting retrohunt wait {id}")), "{}", said.stderr);
    assert_eq!(simulator.requests().len(), 1, "it looked once");
}

#[test]
fn ctrl_c_ends_the_waiting_and_says_how_to_resume() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    let mut process = Process::start(&simulator, &["retrohunt", "wait", &id]);
    process.until("a look", || !simulator.requests().is_empty());
    process.signal(Signal::INT);
    let said = process.said();
    assert_eq!((said.code, &*said.stdout), (130, ""), "{}", said.stderr);
    assert!(said.stderr.contains(&format!("vt-hunting retrohunt wait {id}")), "{}", said.stderr);
    assert!(simulator.requests().iter().all(|request| request.method == "GET"), "the job goes on");
}

#[test]
fn ctrl_c_aborts_the_job_where_that_is_wanted() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    let mut process = Process::start(&simulator, &["retrohunt", "wait", &id, "--abort-on-interrupt"]);
    process.until("a look", || !simulator.requests().is_empty());
    process.signal(Signal::INT);
    let said = process.said();
    assert_eq!(said.code, 130, "{}", said.stderr);
    let aborts = simulator.requests().into_iter().filter(|request| request.path.ends_with("/abort")).count();
    assert_eq!(aborts, 1, "{}", said.stderr);
}

#[test]
fn ctrl_c_is_heard_while_a_look_has_no_answer() {
    let simulator = simulator(Options::default());
    let id = job(&simulator);
    simulator.faults().add(FaultAction::Stall);
    let mut process = Process::start(&simulator, &["retrohunt", "wait", &id]);
    process.until("a look", || !simulator.requests().is_empty());
    let stderr = process.child().stderr.take().expect("piped");
    process.signal(Signal::INT);
    let mut line = String::new();
    BufReader::new(stderr).read_line(&mut line).expect("a line");
    assert!(line.contains("the job goes on"), "{line}");
    assert_eq!(process.said().code, 130);
}

#[test]
fn lost_matches_are_warned_of() {
    let simulator = simulator(Options::default());
    let mut job: Value = serde_json::from_str(&fixture("retrohunt_job-1.json")).expect("JSON");
    job["data"]["attributes"]["status"] = "finished".into();
    job["data"]["attributes"]["num_matches"] = 10_000.into();
    let respond = FaultAction::Respond { status: 200, headers: Vec::new(), body: job.to_string().into_bytes() };
    simulator.faults().add(respond);
    let said = against(&simulator, &wait("alice-1", &[]));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("note[Truncated]") && said.stderr.contains("are lost"), "{}", said.stderr);
}
