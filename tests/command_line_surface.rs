//! The command line's surface: each command that came beside the twelve does its work against the simulator, and what
//! deletes or spends is refused without being told in so many words.

use serde_json::Value;
use virustotal_hunting_simulator::{EXAMPLE_RULES, Fault, FaultAction, Method, Options, Simulator};

use crate::program::{self, Said};
use crate::support::KEY;
use crate::support::process::{Folder, against, simulator};

const USER: &str = "night-shift_lab";
const RULE: &str = "rule everything { condition: true }";

/// A simulator, and rules to send to it.
struct World {
    simulator: Simulator,
    folder: Folder,
    rules: String,
}

impl World {
    fn new() -> World {
        World::with(Options::default())
    }

    fn with(options: Options) -> World {
        let folder = Folder::new();
        let rules = folder.with("rules.yar", RULE);
        World { simulator: simulator(options), folder, rules }
    }

    fn run(&self, line: &str) -> Said {
        let words = line.replace("RULES", &self.rules);
        against(&self.simulator, &words.split(' ').collect::<Vec<_>>())
    }

    /// What a command gives, as JSON.
    fn json(&self, line: &str) -> Value {
        let said = self.run(&format!("{line} --output json"));
        assert_eq!(said.code, 0, "{line}: {}", said.stderr);
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{line}: {error}: {}", said.stdout))
    }

    fn id(&self, line: &str) -> String {
        self.json(line)["id"].as_str().expect("an id").to_owned()
    }

    fn ruleset(&self, name: &str) -> String {
        self.id(&format!("livehunt create-ruleset --name {name} --rules RULES --enabled"))
    }

    /// How a command fails, as JSON, and that nothing was sent.
    fn refused(&self, line: &str, exit_code: i32) -> String {
        self.simulator.clear_requests();
        let said = self.run(line);
        assert_eq!((said.code, &*said.stdout), (exit_code, ""), "{line}: {}", said.stderr);
        assert!(self.simulator.requests().is_empty(), "{line} was sent");
        said.stderr
    }

    fn last(&self) -> (String, String) {
        let request = self.simulator.requests().pop().expect("a request");
        (request.method, request.path)
    }
}

#[test]
fn a_ruleset_is_shown_changed_and_found_again() {
    let world = World::new();
    let id = world.ruleset("one");
    assert_eq!(world.json(&format!("livehunt ruleset {id}"))["name"], "one");

    let changed = world.json(&format!(
        "livehunt update-ruleset {id} --name two --enabled false --limit 0 --notification-email soc@lab.example"
    ));
    assert_eq!(world.last().0, "PATCH");
    assert_eq!((&changed["name"], &changed["enabled"], &changed["limit"]), (&"two".into(), &false.into(), &0.into()));
    assert_eq!(changed["notification_emails"][0], "soc@lab.example");
    assert_eq!(changed["rules"], RULE, "what is not given stays");
    let changed = world.json(&format!("livehunt update-ruleset {id} --no-notification-emails"));
    assert_eq!((&changed["notification_emails"], &changed["name"]), (&Value::Array(Vec::new()), &"two".into()));
    let other = world.folder.with("other.yar", "rule other { condition: false }");
    let changed = world.json(&format!("livehunt update-ruleset {id} --rules {other}"));
    assert_eq!(changed["rule_names"][0], "other");
    world.refused(&format!("livehunt update-ruleset {id}"), 2);

    let found =
        world.json(&format!("livehunt reconcile-ruleset --name two --rules {other} --created-since 2020-01-01"));
    assert_eq!((found["items"].as_array().map(Vec::len), &found["items"][0]["id"]), (Some(1), &id.clone().into()));
    let found = world.json("livehunt reconcile-ruleset --name two --rules RULES --created-since 2020-01-01");
    assert_eq!(found["items"], Value::Array(Vec::new()));
}

#[test]
fn a_ruleset_is_shared_and_given_away() {
    let other = "7".repeat(64);
    let world = World::with(Options { additional_keys: vec![other], ..Options::default() });
    let (id, second) = (world.ruleset("one"), format!("{USER}-2"));
    assert_eq!(world.json(&format!("livehunt check-editor {id} {second}"))["may_edit"], false);
    let added = world.json(&format!("livehunt add-editors {id} --user {second}"));
    assert_eq!(added["editors_added"], true);
    let editors = world.json(&format!("livehunt editors {id}"));
    assert_eq!(
        (&editors["items"][0]["id"], &editors["items"][0]["object_type"]),
        (&second.clone().into(), &"user".into())
    );
    assert!(editors["page"]["cursor"].is_null() && editors["items"].as_array().is_some_and(|all| all.len() == 1));
    assert_eq!(world.json(&format!("livehunt owner {id}"))["id"], USER);
    assert!(world.last().1.ends_with("/relationships/owner"));
    let listed = world.json("livehunt rulesets --relationships owner,editors");
    assert_eq!(listed["items"][0]["owner"], serde_json::json!({"object_type": "user", "id": USER}));
    assert_eq!(listed["items"][0]["editors"][0]["id"], second.as_str());
    let listed = world.json("livehunt rulesets");
    assert!(listed["items"][0]["owner"].is_null() && listed["items"][0]["editors"].is_null());
    world.refused("livehunt rulesets --relationships readers", 2);
    assert_eq!(world.json(&format!("livehunt check-editor {id} {second}"))["may_edit"], true);
    assert_eq!(world.json(&format!("livehunt remove-editor {id} {second}"))["editor_removed"], true);
    assert_eq!(world.json(&format!("livehunt check-editor {id} {second}"))["may_edit"], false);
    assert_eq!(world.json(&format!("livehunt transfer-ruleset {id} {second}"))["transferred"], true);
    assert!(world.last().1.ends_with("/relationships/owner"));
    world.refused(&format!("livehunt add-editors {id}"), 2);
}

#[test]
fn notifications_are_chosen_shown_and_deleted() {
    let world = World::new();
    let id = world.ruleset("one");
    assert!(world.simulator.advance_feed(60) > 3);
    let files = world.json(&format!("livehunt ruleset-notification-files {id} --limit 3"));
    assert_eq!(files["items"].as_array().map(Vec::len), Some(3));
    let descriptors = world.json(&format!("livehunt ruleset-notification-files {id} --limit 1 --descriptors-only"));
    assert!(descriptors["items"][0]["json"]["attributes"].is_null());

    let since = world.json("livehunt notifications --tag everything --since 2025-01-01 --limit 2");
    assert_eq!(since["items"].as_array().map(Vec::len), Some(2));
    let until = world.json("livehunt notifications --until 2020-01-01");
    assert_eq!(until["items"], Value::Array(Vec::new()));

    let id = since["items"][0]["id"].as_str().expect("an id");
    assert_eq!(world.json(&format!("livehunt notification {id}"))["rule_name"], "everything");
    assert_eq!(world.json(&format!("livehunt delete-notification {id}"))["deleted"], true);
    assert_eq!(world.run(&format!("livehunt notification {id}")).code, 14);

    let batch = world.json("livehunt poll --since 2020-01-01 --limit-items 2 --no-raw");
    assert_eq!((batch["items"].as_array().map(Vec::len), &batch["more"]), (Some(2), &true.into()));
    let checkpoint = batch["checkpoint"].as_str().expect("a checkpoint");
    let next = world.json(&format!("livehunt poll --checkpoint {checkpoint} --limit-items 2 --no-raw"));
    assert_ne!(next["items"][0]["id"], batch["items"][0]["id"]);

    world.refused("livehunt delete-notifications", 2);
    world.refused("livehunt delete-notifications --tag=", 10);
    world.run("livehunt delete-notifications --tag nothing");
    assert_ne!(world.json("livehunt notifications")["items"], Value::Array(Vec::new()));
    assert_eq!(world.json("livehunt delete-notifications --everything")["deleted"], true);
    assert_eq!(world.json("livehunt notifications")["items"], Value::Array(Vec::new()));
}

#[test]
fn all_rulesets_are_deleted_only_with_their_users_name() {
    let world = World::new();
    world.ruleset("one");
    world.refused("livehunt delete-all-rulesets", 2);
    let error = world.refused("livehunt delete-all-rulesets --confirm-user=", 10);
    assert!(error.contains("ConfirmationMissing"), "{error}");
    assert_ne!(world.json("livehunt rulesets")["items"], Value::Array(Vec::new()));
    let operation = world.json(&format!("livehunt delete-all-rulesets --confirm-user {USER}"));
    let id = operation["id"].as_str().expect("an id");
    assert_eq!(world.json(&format!("operation {id}"))["id"], id);
    world.simulator.advance_clock(3_600);
    assert_eq!(world.json("livehunt rulesets")["items"], Value::Array(Vec::new()));
}

#[test]
fn jobs_are_checked_found_again_and_deleted() {
    let world = World::new();
    let id = world.id(&format!("retrohunt create-job --rules RULES --user {USER}"));
    let check = world.json(&format!("retrohunt check-job {id}"));
    assert_eq!((&check["job"]["id"], &check["done"]), (&id.clone().into(), &false.into()));
    assert!(check["next_check_in_seconds"].as_u64().is_some_and(|seconds| (5..=300).contains(&seconds)));
    let found = world.json("retrohunt reconcile-job --rules RULES --created-since 2020-01-01");
    assert_eq!(found["items"][0]["id"], id);
    assert_eq!(world.json("retrohunt jobs --status finished")["items"], Value::Array(Vec::new()));
    world.simulator.advance_clock(3_600);
    assert_eq!(world.json("retrohunt jobs --status finished")["items"][0]["id"], id);
    assert_eq!(world.json(&format!("retrohunt delete-job {id}"))["deleted"], true);
    assert_eq!(world.run(&format!("retrohunt job {id}")).code, 14);
}

#[test]
fn a_create_that_got_lost_comes_with_the_command_that_finds_it() {
    let world = World::new();
    world.simulator.faults().add(Fault::new(FaultAction::ResetAfter).method(Method::POST));
    let said = world.run("retrohunt create-job --rules RULES --no-quota-check");
    assert_eq!(said.code, 20, "{}", said.stderr);
    let hint = said.stderr.lines().find(|line| line.starts_with("hint: ")).expect("a hint");
    let (_, command) = hint.split_once("find out: ").expect("a command");
    let words: Vec<_> = command.split(' ').skip(1).collect();
    assert_eq!(words[..2], ["retrohunt", "reconcile-job"]);
    assert!(words.contains(&"--created-since"), "{command}");
    world.simulator.faults().clear();
    // The simulator's clock is not this machine's, so the moment is not the one it means.
    let command = command.replace(words[words.len() - 1], "2020-01-01");
    let found = world.json(command.split_once(' ').expect("words").1);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn no_job_is_spent_where_none_is_left() {
    let world = World::with(Options { monthly_retrohunt_quota: 1, ..Options::default() });
    let jobs = || {
        let requests = world.simulator.take_requests();
        requests.iter().filter(|request| request.method == "POST").count()
    };
    // No job yet, so no name: it is said, and the job is created.
    let said = world.run("retrohunt create-job --rules RULES");
    assert_eq!((said.code, jobs()), (0, 1), "{}", said.stderr);
    assert!(said.stderr.contains("--user NAME"), "{}", said.stderr);
    // The name is read off that job's id.
    let said = world.run("retrohunt create-job --rules RULES --output json");
    assert_eq!((said.code, &*said.stdout, jobs()), (16, "", 0), "{}", said.stderr);
    assert!(said.stderr.contains("\"code\":\"NoJobsLeft\""), "{}", said.stderr);
    // Given, it takes no request of the quota to find out.
    let said = world.run(&format!("retrohunt create-job --rules RULES --user {USER}"));
    let requests = world.simulator.take_requests();
    assert_eq!((said.code, requests.len()), (16, 1), "{}", said.stderr);
    assert_eq!(requests[0].path, format!("/api/v3/users/{USER}/overall_quotas"));
    // Forced, VirusTotal decides.
    let said = world.run(&format!("retrohunt create-job --rules RULES --user {USER} --force"));
    assert_eq!(jobs(), 1, "{}", said.stderr);
    assert!(said.code != 0 && !said.stderr.contains("NoJobsLeft"), "{}", said.stderr);
    let said = world.run("retrohunt create-job --rules RULES --no-quota-check");
    assert_eq!((jobs(), said.stderr.contains("NoJobsLeft")), (1, false), "{}", said.stderr);
}

#[test]
fn what_is_left_unknown_holds_no_job_up() {
    let world = World::new();
    let trouble = FaultAction::Status { code: 503, body: None, headers: Vec::new() };
    world.simulator.faults().add(Fault::new(trouble).path("/api/v3/users/"));
    let said = world.run(&format!("retrohunt create-job --rules RULES --user {USER}"));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("note[JobsLeftUnknown]"), "{}", said.stderr);
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
}

#[test]
fn the_users_name_can_come_from_the_environment() {
    let world = World::new();
    let url = world.simulator.http_url();
    let environment = [("VT_APIKEY", KEY), ("VT_URL", &*url), ("VT_USER", USER)];
    let said = program::run(&["retrohunt", "create-job", "--rules", &world.rules], &environment, "");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("50 of 50 retrohunt jobs are left"), "{}", said.stderr);
}

#[test]
fn the_stream_is_chosen_from_followed_and_emptied() {
    let world = World::new();
    let listed = |line: &str| world.json(line)["items"].as_array().map_or(0, Vec::len);
    let all = listed("ioc-stream objects --limit 400 --descriptors-only");
    let files = listed("ioc-stream objects --limit 400 --descriptors-only --entity-type file --since 2020-01-01");
    assert!(0 < files && files < all, "{files} of {all}");
    let filter = world.simulator.requests().pop().expect("a request").query;
    assert!(filter.contains("entity_type%3Afile%20date%3A1577836800%2B"), "{filter}");
    world.refused("ioc-stream objects --filter date:5+ --since 3d", 10);

    let batch = world.json("ioc-stream poll --since 2020-01-01 --limit-items 4 --descriptors-only");
    assert_eq!((batch["items"].as_array().map(Vec::len), &batch["more"]), (Some(4), &true.into()));
    let checkpoint = batch["checkpoint"].as_str().expect("a checkpoint");
    let next = world.json(&format!("ioc-stream poll --checkpoint {checkpoint} --limit-items 4 --descriptors-only"));
    assert_ne!(next["items"][0]["notification_id"], batch["items"][0]["notification_id"]);

    let id = batch["items"][0]["notification_id"].as_str().expect("an id");
    assert_eq!(world.json(&format!("ioc-stream delete-notification {id}"))["deleted"], true);
    assert_eq!(world.run(&format!("ioc-stream notification {id}")).code, 14);

    world.refused("ioc-stream delete-objects", 2);
    world.refused("ioc-stream delete-objects --filter everything", 10);
    world.refused("ioc-stream delete-objects --everything --origin hunting", 2);
    assert_eq!(world.json("ioc-stream delete-objects --entity-type file")["deleting"], true);
    world.simulator.advance_clock(3_600);
    assert_eq!(listed("ioc-stream objects --entity-type file"), 0);
    assert!(listed("ioc-stream objects") > 0);
    assert_eq!(world.json("ioc-stream delete-objects --everything")["deleting"], true);
    world.simulator.advance_clock(3_600);
    assert_eq!(listed("ioc-stream objects"), 0);
}

#[test]
fn the_account_is_shown_without_its_key() {
    let world = World::new();
    let user = world.json(&format!("account show {USER}"));
    assert_eq!((&user["id"], &user["json"]["attributes"]["apikey"]), (&USER.into(), &"[redacted]".into()));
    let quotas = world.json(&format!("account quotas {USER}"));
    let jobs = quotas["quotas"].as_array().expect("a list").iter();
    let mut jobs = jobs.filter(|quota| quota["name"] == "intelligence_retrohunt_jobs_monthly");
    assert_eq!(jobs.next().expect("a quota")["remaining"], 50);
    let envelope: Value =
        serde_json::from_str(&world.run(&format!("account quotas {USER} --envelope")).stdout).expect("JSON");
    assert!(envelope["json_body"]["data"]["intelligence_retrohunt_jobs_monthly"]["user"]["allowed"].is_u64());
    world.json("livehunt rulesets");
    let usage = world.json(&format!("account usage {USER} --start-date 2025-10-01 --end-date 20251031"));
    assert_eq!(usage["total"][0]["endpoint"], "/api/v3/(intelligence/hunting_rulesets)");
    let query = world.simulator.requests().pop().expect("a request").query;
    assert_eq!(query, "start_date=20251001&end_date=20251031");
    world.refused(&format!("account show {KEY}"), 10);
}

#[test]
fn published_rules_are_listed_and_shown() {
    let world = World::new();
    let rules = world.json("crowdsourced yara-rules --limit 3 --enabled true --order matches-");
    assert_eq!(rules["items"].as_array().map(Vec::len), Some(3));
    let id = rules["items"][0]["id"].as_str().expect("an id");
    assert!(id.contains('|'), "{id}");
    assert_eq!(world.json(&format!("crowdsourced yara-rule {id}"))["id"], id);
}

#[test]
fn a_limit_beyond_a_page_is_gathered_and_its_cursor_goes_on_exactly() {
    let world = World::new();
    let ids = |value: &Value| -> Vec<String> {
        let items = value["items"].as_array().expect("items").iter();
        items.map(|item| item["notification_id"].as_str().expect("an id").to_owned()).collect()
    };
    let whole = ids(&world.json("ioc-stream objects --limit 90 --descriptors-only --no-raw"));
    let first = world.json("ioc-stream objects --limit 55 --descriptors-only --no-raw");
    let cursor = first["page"]["cursor"].as_str().expect("a cursor");
    let second = world.json(&format!("ioc-stream objects --limit 35 --descriptors-only --no-raw --cursor {cursor}"));
    assert_eq!([ids(&first), ids(&second)].concat(), whole);
    // What fails in between is said, with what there is.
    let trouble = FaultAction::Status { code: 503, body: None, headers: Vec::new() };
    world.simulator.faults().add(Fault::new(trouble).query("cursor="));
    let said = world.run("ioc-stream objects --limit 90 --descriptors-only --output json");
    assert_eq!(said.code, 18, "{}", said.stderr);
    let part: Value = serde_json::from_str(&said.stdout).expect("one document");
    assert_eq!((ids(&part).len(), &part["page"]["incomplete"]["kind"]), (40, &"unavailable".into()));
}

#[test]
fn reading_only_refuses_what_changes_anything() {
    let world = World::new();
    let url = world.simulator.http_url();
    let environment = [("VT_APIKEY", KEY), ("VT_URL", &*url), ("VT_ACCESS", "read-only")];
    let said = program::run(&["livehunt", "delete-notifications", "--everything"], &environment, "");
    assert_eq!(said.code, 13, "{}", said.stderr);
    assert!(said.stderr.contains("ReadOnly") && said.stderr.contains("VT_ACCESS"), "{}", said.stderr);
    assert!(world.simulator.requests().is_empty());
}

#[test]
fn a_snippet_is_shown_without_key_or_network() {
    let dump = "4D 5A *begin_highlight*90 00*end_highlight* 61  MZ..a\n";
    let said = program::run(&["snippet", "--output", "json", "--compact"], &[], dump);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(
        said.stdout,
        "{\"bytes\":\"4d5a900061\",\"highlights\":[{\"start\":2,\"end\":4}],\"truncated\":false}\n"
    );
    let folder = Folder::new();
    let file = folder.with("dump.txt", dump);
    let said = program::run(&["snippet", &file, "--output", "table"], &[], "");
    assert!(said.code == 0 && said.stdout.contains("4d 5a »90 00« 61"), "{}", said.stdout);
    assert_eq!(program::run(&["snippet", &folder.file("none")], &[], "").code, 10);
}

#[test]
fn every_action_is_listed_and_the_connectors_twelve_are_marked() {
    let said = program::run(&["actions", "--output", "json"], &[], "");
    let actions: Value = serde_json::from_str(&said.stdout).expect("one document");
    let actions = actions["items"].as_array().expect("items");
    assert_eq!(actions.iter().filter(|action| action["connector"] == true).count(), 12);
    assert!(actions.len() > 30, "{}", actions.len());
}

#[test]
fn rules_with_a_match_show_their_snippets() {
    let world = World::new();
    let rules = world.folder.with("example.yar", EXAMPLE_RULES);
    world.json(&format!("livehunt create-ruleset --name example --rules {rules} --enabled"));
    assert!(world.simulator.advance_feed(120) > 0);
    let notifications = world.json("livehunt notifications --limit 40");
    let snippets: Vec<_> =
        notifications["items"].as_array().expect("items").iter().filter_map(|item| item["snippet"].as_str()).collect();
    let snippet = snippets.iter().find(|snippet| snippet.contains("*begin_highlight*")).expect("a snippet");
    let said = program::run(&["snippet", "-", "--output", "json"], &[], snippet);
    let read: Value = serde_json::from_str(&said.stdout).expect("one document");
    assert!(!read["highlights"].as_array().expect("a list").is_empty(), "{snippet}");
}

#[test]
fn what_enabling_rules_costs_is_said_before_and_too_few_left_is_refused() {
    let world = World::with(Options { hunting_rules_quota: 3, ..Options::default() });
    let two = world.folder.with("two.yar", "rule one { condition: true } rule two { condition: true }");
    let create = |name: &str, more: &str| {
        format!("livehunt create-ruleset --name {name} --rules {two} --user {USER} --output json{more}")
    };
    let said = world.run(&create("off", ""));
    assert_eq!(
        (said.code, said.stderr.contains("RulesLeft")),
        (0, false),
        "a disabled one costs nothing: {}",
        said.stderr
    );
    let off: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let off = off["id"].as_str().expect("an id").to_owned();

    let said = world.run(&create("on", " --enabled"));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("it costs 2 livehunt rules; 3 of 3 are left"), "{}", said.stderr);
    let on: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let on = on["id"].as_str().expect("an id").to_owned();

    for line in [create("more", " --enabled"), format!("livehunt update-ruleset {off} --enabled true --user {USER}")] {
        world.simulator.clear_requests();
        let said = world.run(&line);
        assert_eq!((said.code, &*said.stdout), (16, ""), "{line}: {}", said.stderr);
        assert!(said.stderr.contains("NoRulesLeft") && said.stderr.contains("1 of 3 are left"), "{}", said.stderr);
        assert!(world.simulator.requests().iter().all(|request| request.method == "GET"), "{line} was sent");
        // VirusTotal decides, and refuses it as well.
        let said = world.run(&format!("{line} --force"));
        assert_eq!(said.code, 16, "{}", said.stderr);
        assert!(said.stderr.contains("QuotaExceededError"), "{}", said.stderr);
    }
    // What it has already is counted off, and what stays as it is costs nothing.
    let three = world
        .folder
        .with("three.yar", &["one", "two", "six"].map(|name| format!("rule {name} {{ condition: true }}")).join(" "));
    let said = world.run(&format!("livehunt update-ruleset {on} --rules {three} --user {USER}"));
    assert!(said.code == 0 && said.stderr.contains("it costs 1 livehunt rule; 1 of 3 are left"), "{}", said.stderr);
    let said = world.run(&format!("livehunt update-ruleset {on} --limit 7 --user {USER}"));
    assert!(said.code == 0 && !said.stderr.contains("RulesLeft"), "{}", said.stderr);
    let said = world.run(&format!("livehunt update-ruleset {on} --rules {two} --no-quota-check"));
    assert!(said.code == 0 && !said.stderr.contains("RulesLeft"), "{}", said.stderr);
}

#[test]
fn rulesets_that_lose_matches_are_told_with_the_hours_and_the_next_step() {
    let world = World::new();
    let id = world.id("livehunt create-ruleset --name busy --rules RULES --enabled --limit 2");
    world.ruleset("quiet");
    assert!(world.simulator.advance_feed(40) > 2);
    world.simulator.advance_clock(6 * 3_600);
    for line in ["livehunt rulesets --output table".to_owned(), format!("livehunt ruleset {id} --output table")] {
        let said = world.run(&line);
        assert_eq!(said.code, 0, "{}", said.stderr);
        for part in
            ["at its limit", "6 h of the last 24 h", "never delivered", "vt-hunting livehunt update-ruleset --limit N"]
        {
            assert!(said.stdout.contains(part), "{line} lacks {part}: {}", said.stdout);
        }
        assert_eq!(said.stdout.matches("Narrow its rules").count(), 1, "{}", said.stdout);
    }
}
