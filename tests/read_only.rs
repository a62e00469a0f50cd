//! With `access = read-only` whatever changes something is refused before it is sent, and whatever only reads works as
//! ever. Both lists are held to the contract's text: a new function has to be put in one of them.

use std::collections::BTreeSet;
use std::path::Path;

use vt_hunting_host::account::UsageQuery;
use vt_hunting_host::crowdsourced::CrowdsourcedYaraRulesQuery;
use vt_hunting_host::ioc_stream::{IocStreamPoll, IocStreamQuery};
use vt_hunting_host::livehunt::{
    EditorType, NotificationFilesQuery, NotificationsPoll, NotificationsQuery, RulesetChanges, RulesetEditor,
    RulesetEditorsQuery, RulesetNotificationFilesQuery, RulesetsQuery,
};
use vt_hunting_host::retrohunt::{MatchesQuery, RetrohuntJobsQuery};
use vt_hunting_host::types::{ErrorKind, PollBudget};
use vt_hunting_host::{Access, CallError, Connector, Settings};

use crate::support::bare::Bare;
use crate::support::world::{World, connector, new_job, new_ruleset, settings};
use crate::support::{KEY, answered, refused, within};

const CHANGING: [&str; 14] = [
    "create-livehunt-ruleset",
    "update-livehunt-ruleset",
    "delete-livehunt-ruleset",
    "delete-all-livehunt-rulesets",
    "add-livehunt-ruleset-editors",
    "remove-livehunt-ruleset-editor",
    "transfer-livehunt-ruleset",
    "delete-livehunt-notification",
    "delete-livehunt-notifications",
    "create-retrohunt-job",
    "abort-retrohunt-job",
    "delete-retrohunt-job",
    "delete-ioc-stream-notification",
    "delete-ioc-stream-objects",
];

const READING: [&str; 25] = [
    "get-livehunt-rulesets",
    "get-livehunt-ruleset",
    "reconcile-livehunt-ruleset",
    "get-livehunt-ruleset-editors",
    "get-livehunt-ruleset-owner",
    "check-livehunt-ruleset-editor",
    "get-livehunt-notifications",
    "get-livehunt-notification",
    "get-livehunt-notification-files",
    "get-livehunt-ruleset-notification-files",
    "poll-livehunt-notifications",
    "get-retrohunt-job",
    "get-retrohunt-jobs",
    "get-retrohunt-job-matches",
    "check-retrohunt-job",
    "reconcile-retrohunt-job",
    "get-ioc-stream-objects",
    "get-ioc-stream-notification",
    "poll-ioc-stream",
    "get-operation",
    "get-account",
    "get-account-quotas",
    "get-account-usage",
    "get-crowdsourced-yara-rules",
    "get-crowdsourced-yara-rule",
];

/// What sends nothing, whatever the access.
const SILENT: [&str; 2] = ["last-response", "parse-snippet"];

/// What there is to act on: the ids of one of each.
struct There {
    world: World,
    ruleset: String,
    job: String,
    operation: String,
    notification: String,
    stream_notification: String,
}

async fn there() -> There {
    let world = World::new();
    world.ruleset("gone").await;
    let operation = answered(world.connector.delete_all_livehunt_rulesets(&world.simulator.user())).await.id;
    let (ruleset, job) = (world.ruleset("there").await.id, world.job().await.id);
    let notification = world.simulator.add_hunting_notifications(1).remove(0);
    let stream_notification = world.simulator.stream_notification_ids().remove(0).0;
    world.simulator.clear_requests();
    There { world, ruleset, job, operation, notification, stream_notification }
}

async fn change(there: &There, connector: &Connector, function: &str) -> Result<(), CallError> {
    let (ruleset, job, user) = (&there.ruleset, &there.job, &there.world.simulator.user());
    let changes = RulesetChanges { enabled: Some(false), ..Default::default() };
    let editor = RulesetEditor { editor_type: EditorType::Group, id: "simulated-lab".to_owned() };
    match function {
        "create-livehunt-ruleset" => connector.create_livehunt_ruleset(&new_ruleset("new")).await.map(drop),
        "update-livehunt-ruleset" => connector.update_livehunt_ruleset(ruleset, &changes).await.map(drop),
        "delete-livehunt-ruleset" => connector.delete_livehunt_ruleset(ruleset).await,
        "delete-all-livehunt-rulesets" => connector.delete_all_livehunt_rulesets(user).await.map(drop),
        "add-livehunt-ruleset-editors" => connector.add_livehunt_ruleset_editors(ruleset, &[editor]).await,
        "remove-livehunt-ruleset-editor" => connector.remove_livehunt_ruleset_editor(ruleset, "ann").await,
        "transfer-livehunt-ruleset" => connector.transfer_livehunt_ruleset(ruleset, user).await,
        "delete-livehunt-notification" => connector.delete_livehunt_notification(&there.notification).await,
        "delete-livehunt-notifications" => connector.delete_livehunt_notifications("everything").await,
        "create-retrohunt-job" => connector.create_retrohunt_job(&new_job()).await.map(drop),
        "abort-retrohunt-job" => connector.abort_retrohunt_job(job).await,
        "delete-retrohunt-job" => connector.delete_retrohunt_job(job).await,
        "delete-ioc-stream-notification" => connector.delete_ioc_stream_notification(&there.stream_notification).await,
        "delete-ioc-stream-objects" => connector.delete_ioc_stream_objects("everything").await,
        other => panic!("how is `{other}` called?"),
    }
}

async fn read(there: &There, connector: &Connector, function: &str) -> Result<(), CallError> {
    let (ruleset, job, user) = (&there.ruleset, &there.job, &there.world.simulator.user());
    let budget = PollBudget::default();
    match function {
        "get-livehunt-rulesets" => connector.get_livehunt_rulesets(&RulesetsQuery::default()).await.map(drop),
        "get-livehunt-ruleset" => connector.get_livehunt_ruleset(ruleset).await.map(drop),
        "reconcile-livehunt-ruleset" => connector.reconcile_livehunt_ruleset(&new_ruleset("there"), 0).await.map(drop),
        "get-livehunt-ruleset-editors" => {
            connector.get_livehunt_ruleset_editors(ruleset, &RulesetEditorsQuery::default()).await.map(drop)
        }
        "get-livehunt-ruleset-owner" => connector.get_livehunt_ruleset_owner(ruleset).await.map(drop),
        "check-livehunt-ruleset-editor" => connector.check_livehunt_ruleset_editor(ruleset, "ann").await.map(drop),
        "get-livehunt-notifications" => {
            connector.get_livehunt_notifications(&NotificationsQuery::default()).await.map(drop)
        }
        "get-livehunt-notification" => connector.get_livehunt_notification(&there.notification).await.map(drop),
        "get-livehunt-notification-files" => {
            connector.get_livehunt_notification_files(&NotificationFilesQuery::default()).await.map(drop)
        }
        "get-livehunt-ruleset-notification-files" => {
            let query = RulesetNotificationFilesQuery::default();
            connector.get_livehunt_ruleset_notification_files(ruleset, &query).await.map(drop)
        }
        "poll-livehunt-notifications" => {
            connector.poll_livehunt_notifications(None, &NotificationsPoll::default(), &budget).await.map(drop)
        }
        "get-retrohunt-job" => connector.get_retrohunt_job(job).await.map(drop),
        "get-retrohunt-jobs" => connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default()).await.map(drop),
        "get-retrohunt-job-matches" => {
            connector.get_retrohunt_job_matches(job, &MatchesQuery::default()).await.map(drop)
        }
        "check-retrohunt-job" => connector.check_retrohunt_job(job).await.map(drop),
        "reconcile-retrohunt-job" => connector.reconcile_retrohunt_job(&new_job(), 0).await.map(drop),
        "get-ioc-stream-objects" => connector.get_ioc_stream_objects(&IocStreamQuery::default()).await.map(drop),
        "get-ioc-stream-notification" => {
            connector.get_ioc_stream_notification(&there.stream_notification).await.map(drop)
        }
        "poll-ioc-stream" => connector.poll_ioc_stream(None, &IocStreamPoll::default(), &budget).await.map(drop),
        "get-operation" => connector.get_operation(&there.operation).await.map(drop),
        "get-account" => connector.get_account(user).await.map(drop),
        "get-account-quotas" => connector.get_account_quotas(user).await.map(drop),
        "get-account-usage" => connector.get_account_usage(user, &UsageQuery::default()).await.map(drop),
        "get-crowdsourced-yara-rules" => {
            connector.get_crowdsourced_yara_rules(&CrowdsourcedYaraRulesQuery::default()).await.map(drop)
        }
        "get-crowdsourced-yara-rule" => connector.get_crowdsourced_yara_rule("07bb00ee31|Sim_Wiper").await.map(drop),
        other => panic!("how is `{other}` called?"),
    }
}

fn reader(world: &World) -> Connector {
    let settings = settings(&world.simulator.http_url());
    connector(Settings { access: Access::ReadOnly, retries: 2, ..settings })
}

#[test]
fn every_function_of_the_contract_is_in_one_of_the_lists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("wit");
    let mut functions = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the contract") {
        let file = file.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "wit") {
            let text = std::fs::read_to_string(&file).expect("text");
            let lines = text.lines().filter_map(|line| line.split_once(": func("));
            functions.extend(lines.map(|(name, _)| name.trim().to_owned()));
        }
    }
    let listed: BTreeSet<String> =
        CHANGING.iter().chain(&READING).chain(&SILENT).map(|name| (*name).to_owned()).collect();
    assert_eq!(functions, listed);
}

#[tokio::test]
async fn whatever_changes_something_is_refused_and_nothing_arrives() {
    let there = there().await;
    let connector = reader(&there.world);
    for function in CHANGING {
        let error = refused(change(&there, &connector, function)).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Forbidden, "ReadOnly"), "{function}");
        assert_eq!((error.status, error.retry_after, error.retryable), (None, None, false), "{function}");
        assert!(error.message.contains("`VT_ACCESS`") && error.message.contains("Nothing was sent"), "{error:?}");
    }
    assert!(there.world.simulator.requests().is_empty());
    assert_eq!((connector.counters().attempts, connector.counters().connections_opened), (0, 0));
    assert_eq!(connector.counters().failures, [("forbidden", 14)]);
}

#[tokio::test]
async fn whatever_only_reads_works_as_ever() {
    let there = there().await;
    let connector = reader(&there.world);
    for function in READING {
        let result = within(read(&there, &connector, function)).await;
        result.unwrap_or_else(|error| panic!("{function}: {error:?}"));
        let requests = there.world.simulator.take_requests();
        assert!(!requests.is_empty() && requests.iter().all(|request| request.method == "GET"), "{function}");
    }
    assert_eq!(answered(connector.parse_snippet("41 42  AB")).await.bytes, b"AB");
    assert_eq!(connector.counters().failed(), 0);
}

#[tokio::test]
async fn wrong_arguments_are_told_as_such_all_the_same() {
    let there = there().await;
    let connector = reader(&there.world);
    let error = refused(connector.delete_livehunt_notifications("")).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::InvalidArgument, "ConfirmationMissing"));
    assert_eq!(refused(connector.abort_retrohunt_job("")).await.kind, ErrorKind::InvalidArgument);
}

#[tokio::test]
async fn another_host_that_sets_the_variable_gets_the_same_refusal_and_a_misspelt_one_opens_nothing() {
    for (value, kind, code) in [
        ("read-only", ErrorKind::Forbidden, "ReadOnly"),
        ("READ-ONLY", ErrorKind::Forbidden, "ReadOnly"),
        ("readonly", ErrorKind::Configuration, "InvalidSetting"),
    ] {
        let mut bare = Bare::new(&[("VT_APIKEY", KEY), ("VT_ACCESS", value)]).await;
        let call = bare.exports.virustotal_hunting_retrohunt().call_delete_retrohunt_job(&mut bare.store, "1");
        let error = within(call).await.expect("no trap").expect_err("it is refused");
        assert_eq!((error.kind, &*error.code), (kind, code), "{value}");
        assert!(bare.requests().is_empty());
    }
}
