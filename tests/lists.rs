//! What the lists of the command line select and show, and what is said to somebody who asks for what there is not.

use serde_json::{Value, json};
use virustotal_hunting_simulator::{FaultAction, Options, Simulator};

use crate::program::{self, Said};
use crate::support::KEY;
use crate::support::process::{against, simulator};
use crate::support::raw_server::RawServer;

fn run(simulator: &Simulator, line: &str) -> Said {
    against(simulator, &line.split(' ').collect::<Vec<_>>())
}

/// Has every request answered with objects that have these dates, newest first, and a cursor.
fn answering(simulator: &Simulator, object: impl Fn(usize, u64) -> Value, dates: &[u64]) {
    let objects: Vec<_> = dates.iter().enumerate().map(|(index, date)| object(index, *date)).collect();
    let body = json!({"data": objects, "meta": {"cursor": "more", "count": 99}}).to_string().into_bytes();
    simulator.faults().clear();
    simulator.faults().add(FaultAction::Respond { status: 200, headers: Vec::new(), body });
}

#[test]
fn since_ends_a_list_at_the_first_that_is_older() {
    let simulator = simulator(Options::default());
    type Object = fn(usize, u64) -> Value;
    let ruleset: Object = |index, date| json!({"type": "hunting_ruleset", "id": index.to_string(), "attributes": {"modification_date": date}});
    let job: Object =
        |index, date| json!({"type": "retrohunt_job", "id": index.to_string(), "attributes": {"creation_date": date}});
    let file: Object = |index, date| json!({"type": "file", "id": index.to_string(), "context_attributes": {"notification_date": date}});
    let rule: Object =
        |index, date| json!({"type": "yara_rule", "id": index.to_string(), "attributes": {"modification_date": date}});
    for (list, object, order) in [
        ("livehunt rulesets", ruleset, "order=modification_date-"),
        ("retrohunt jobs", job, ""),
        ("livehunt notification-files", file, ""),
        ("livehunt ruleset-notification-files r", file, ""),
        ("crowdsourced yara-rules", rule, "order=modification_date-"),
    ] {
        answering(&simulator, object, &[1_700_000_900, 1_700_000_500, 1_700_000_100]);
        for (since, ids, cursor) in [(1_700_000_500, 2, false), (1_700_000_100, 3, true), (1_800_000_000, 0, false)] {
            simulator.clear_requests();
            let said = run(&simulator, &format!("{list} --limit 3 --since {since} --output json"));
            assert_eq!(said.code, 0, "{list}: {}", said.stderr);
            let value: Value = serde_json::from_str(&said.stdout).expect("JSON");
            assert_eq!(value["items"].as_array().map(Vec::len), Some(ids), "{list} {since}");
            assert_eq!(value["page"]["cursor"].is_string(), cursor, "{list} {since}");
            let requests = simulator.requests();
            assert_eq!(requests.len(), 1, "{list}");
            assert!(requests[0].query.contains(order), "{list}: {}", requests[0].query);
        }
    }
}

#[test]
fn since_where_nothing_has_a_date_is_an_error_that_says_so_and_recommends_nothing_else() {
    let simulator = simulator(Options::default());
    let said = run(&simulator, "retrohunt matches x --since 3d");
    assert_eq!(said.code, 2, "{}", said.stderr);
    assert!(said.stderr.contains("has no date") && !said.stderr.contains("--insecure"), "{}", said.stderr);
    assert!(simulator.requests().is_empty());
}

#[test]
fn snippets_where_nothing_has_one_is_an_error_and_where_none_came_it_says_so() {
    let simulator = simulator(Options::default());
    for line in ["retrohunt jobs", "retrohunt matches x", "livehunt rulesets", "account quotas x", "config"] {
        let said = run(&simulator, &format!("{line} --snippets"));
        assert_eq!(said.code, 2, "{line}: {}", said.stderr);
        assert!(
            said.stderr.contains("--snippets") && said.stderr.contains("livehunt notifications"),
            "{}",
            said.stderr
        );
    }
    assert!(simulator.requests().is_empty());
    let notification = |index: usize, date| json!({"type": "hunting_notification", "id": index.to_string(), "attributes": {"date": date, "rule_name": "a"}});
    answering(&simulator, notification, &[5, 4]);
    let said = run(&simulator, "livehunt notifications --snippets --output table");
    assert!(said.code == 0 && said.stdout.contains("no snippets"), "{}{}", said.stdout, said.stderr);
}

#[test]
fn a_table_of_notifications_has_their_ids_and_rulesets() {
    let simulator = simulator(Options::default());
    let hash = "6a935f53b40d3be314b4e819c21a5e587a2066148ab3061513e05dc1323a9b18";
    let notification = |index: usize, date| {
        let tags = [hash, "the hunt", "loader"];
        let attributes = json!({"date": date, "rule_name": "Loader", "rule_tags": [], "tags": tags});
        json!({"type": "hunting_notification", "id": format!("10425-4847-{index}"), "attributes": attributes})
    };
    answering(&simulator, notification, &[5, 4]);
    let said = run(&simulator, "livehunt notifications --output table");
    for part in ["RULESET", "ID", "10425-4847-0", "10425-4847-1", "the hunt"] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
}

#[test]
fn a_user_who_is_not_there_and_a_quota_that_is_used_up_have_hints_of_their_own() {
    let simulator = simulator(Options::default());
    let answer = |status: u16, code: &str, message: &str| {
        let body = json!({"error": {"code": code, "message": message}}).to_string().into_bytes();
        simulator.faults().clear();
        simulator.faults().add(FaultAction::Respond { status, headers: Vec::new(), body });
    };
    answer(404, "NotFoundError", "User \"bob\" not found");
    for line in ["livehunt transfer-ruleset r bob", "livehunt add-editors r --user bob", "account quotas bob"] {
        let said = run(&simulator, line);
        assert_eq!(said.code, 14, "{line}: {}", said.stderr);
        assert!(
            said.stderr.contains("check the name") && !said.stderr.contains("livehunt rulesets"),
            "{}",
            said.stderr
        );
    }
    answer(429, "QuotaExceededError", "Quota exceeded");
    let said = run(&simulator, "retrohunt jobs");
    assert!(said.stderr.contains("`vt-hunting account quotas USER`"), "{}", said.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_only_other_programs_read_is_named_where_nothing_is_reached_and_in_config() {
    let nobody = RawServer::deaf("http");
    let run = |words: &[&str], more: &[(&str, &str)]| {
        let environment = [&[("VT_APIKEY", KEY), ("VT_URL", nobody.url())], more].concat();
        tokio::task::block_in_place(|| program::run(words, &environment, ""))
    };
    let proxy = "http://proxy.example:3128";
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let says = format!("{name} is set, and is not read here: --proxy URL");
        for words in [&["retrohunt", "jobs"][..], &["config"]] {
            let said = run(words, &[(name, proxy)]);
            assert!(said.stderr.contains(&says), "{words:?}: {}", said.stderr);
            let said = run(words, &[]);
            assert!(!said.stderr.contains("is not read"), "{words:?}: {}", said.stderr);
        }
        let said = run(&["config", "--proxy", proxy], &[(name, proxy)]);
        assert!(!said.stderr.contains("is not read") && said.stdout.contains("proxy.example:3128"), "{}", said.stderr);
    }
}

#[test]
fn a_key_that_is_too_short_to_be_one_is_refused_and_no_word_is_redacted_for_it() {
    let simulator = simulator(Options::default());
    let url = simulator.http_url();
    let said = program::run(&["retrohunt", "job", "x"], &[("VT_APIKEY", "k"), ("VT_URL", &url)], "");
    assert_eq!(said.code, 11, "{}", said.stderr);
    assert!(said.stderr.contains("fewer than 16 characters") && !said.stderr.contains("[redacted]"), "{}", said.stderr);
    assert!(simulator.requests().is_empty());
}
