//! Beyond the twelve: the work of hunting, done so that nothing is lost and nothing is spent twice. Against the simulator
//! only, which can be told to misbehave.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use virustotal_hunting_simulator::{EXAMPLE_BAD_RULES, EXAMPLE_RULES, Fault, FaultAction, Method};
use vt_hunting_host::ioc_stream::{IocStreamBatch, IocStreamPoll, IocStreamQuery};
use vt_hunting_host::livehunt::RulesetChanges;
use vt_hunting_host::retrohunt::{Corpus, NewRetrohuntJob};
use vt_hunting_host::rules_check::{CheckOptions, Hunt, MatchObjectType};
use vt_hunting_host::types::{ErrorKind, PollBudget};
use vt_hunting_host::{Access, ApiKey, CallError, Settings};

use super::refusals::refused;
use super::text::counted;
use crate::actions::{
    CHECK_RULES, DELETE_NOTIFICATIONS, GET_QUOTAS, GET_STREAM, POLL_STREAM, RECONCILE_JOB, UPDATE_RULESET,
};
use crate::story::Story;

/// How a caller tells two uses of one action apart.
const TO_THE_END: &str = "to the end";
const READ_ONLY: &str = "read-only";
const UNCONFIRMED: &str = "unconfirmed";

/// Finds what is wrong with rules before they cost an upload.
pub(crate) async fn check_rules(story: &mut Story) {
    story
        .act(&CHECK_RULES, "", async |story, turn| {
            let checker = story.rules_checker()?;
            let options =
                || CheckOptions { hunt: Hunt::Livehunt, match_object_type: Some(MatchObjectType::File), gti: false };
            turn.sent("two rules to the second component, which has no way out at all");
            let good = turn.call(checker.check(EXAMPLE_RULES, options())).await?;
            ensure!(!good.has_errors(), "it finds errors in a good rule: {:?}", good.findings);
            turn.came(format!("{}: nothing wrong", good.rule_names.join(", ")));
            let bad = turn.call(checker.check(EXAMPLE_BAD_RULES, options())).await?;
            let finding = bad.findings.first().context("it finds nothing wrong with a rule that does not compile")?;
            turn.came(format!("line {}, column {}: {}", finding.line, finding.column, finding.message));
            turn.came(finding.excerpt.as_str());
            Ok(format!("{} in the bad one, before any upload", counted(bad.findings.len(), "finding")))
        })
        .await;
}

/// Changes one thing of the ruleset and leaves the others.
pub(crate) async fn update_ruleset(story: &mut Story) {
    story
        .act(&UPDATE_RULESET, "", async |story, turn| {
            let id = story.ruleset.clone().context("there is no ruleset to update: creating it failed")?;
            let changes =
                RulesetChanges { limit: Some(0), notification_emails: Some(Vec::new()), ..RulesetChanges::default() };
            turn.sent(format!("ruleset {id}: limit 0, nobody to e-mail; everything else stays as it is"));
            let ruleset = turn.call(story.hunting.update_livehunt_ruleset(&id, &changes)).await?;
            ensure!(ruleset.limit == Some(0), "the limit is {:?}, not 0", ruleset.limit);
            ensure!(ruleset.rules.as_deref() == Some(EXAMPLE_RULES), "the rules changed as well");
            turn.came(format!("limit 0, {} still there", ruleset.rule_names.join(", ")));
            Ok("a 0 said, the rest left alone".to_owned())
        })
        .await;
}

/// Reads the whole stream in one call.
pub(crate) async fn read_to_the_end(story: &mut Story) {
    story
        .act(&GET_STREAM, TO_THE_END, async |story, turn| {
            turn.sent("one call for up to 10000 descriptors; the component asks for them in pages of 40");
            let query =
                IocStreamQuery { limit: Some(10_000), descriptors_only: Some(true), ..IocStreamQuery::default() };
            let mut instance = story.hunting.instance().await?;
            let page = turn.call(instance.get_ioc_stream_objects(&query)).await?;
            let response = instance.last_response().await.context("there is no last response")?;
            let there = story.simulator()?.stream_notification_ids().len();
            ensure!(page.items.len() == there, "{} came, there are {there}", page.items.len());
            ensure!(page.page.cursor.is_none() && page.page.incomplete.is_none(), "it is not all");
            let (objects, requests) =
                (counted(page.items.len(), "object"), counted(response.attempts as usize, "request"));
            turn.came(format!("{objects}, {requests}"));
            Ok(format!("{objects} in one call"))
        })
        .await;
}

/// Follows the stream through a crash, a burst within one second and a clock that steps back.
pub(crate) async fn follow(story: &mut Story) {
    story
        .act(&POLL_STREAM, "", async |story, turn| {
            let start = poll(story, turn, None).await?;
            turn.sent(format!("from now; a place to start from, {} bytes", start.checkpoint.len()));

            let mut wanted = story.simulator()?.add_stream_notifications(300);
            let lost = poll(story, turn, Some(&start.checkpoint)).await?;
            turn.came(format!("300 come within one second: {}, and the caller crashes", items(&lost)));
            let again = poll(story, turn, Some(&start.checkpoint)).await?;
            turn.came(format!("from the checkpoint before: {}, the same", items(&again)));
            ensure!(ids(&lost) == ids(&again), "the second reading is another");
            let mut stored = ids(&again);

            let simulator = story.simulator()?;
            simulator.rewind_clock(3600);
            wanted.extend(simulator.add_stream_notifications(5));
            let late = poll(story, turn, Some(&again.checkpoint)).await?;
            turn.came(format!("the service's clock steps back an hour, 5 more come: {}", items(&late)));
            stored.extend(ids(&late));

            let nothing = poll(story, turn, Some(&late.checkpoint)).await?;
            ensure!(nothing.items.is_empty(), "{} came twice", items(&nothing));
            story.simulator()?.advance_clock(3600);
            let unique: BTreeSet<&String> = stored.iter().collect();
            ensure!(unique.len() == stored.len(), "something was stored twice");
            ensure!(unique == wanted.iter().collect(), "{} stored, {} made", stored.len(), wanted.len());
            Ok(format!("{} stored, each once", counted(stored.len(), "notification")))
        })
        .await;
}

async fn poll(story: &Story, turn: &mut crate::report::Turn, checkpoint: Option<&str>) -> Result<IocStreamBatch> {
    let query = IocStreamPoll { descriptors_only: Some(true), ..IocStreamPoll::default() };
    let budget = PollBudget { requests: Some(100), ..PollBudget::default() };
    Ok(turn.call(story.hunting.poll_ioc_stream(checkpoint, &query, &budget)).await?)
}

fn ids(batch: &IocStreamBatch) -> Vec<String> {
    batch.items.iter().filter_map(|item| item.notification_id.clone()).collect()
}

fn items(batch: &IocStreamBatch) -> String {
    counted(batch.items.len(), "item")
}

/// Looks how much is left before something is spent.
pub(crate) async fn quotas(story: &mut Story) {
    story
        .act(&GET_QUOTAS, "", async |story, turn| {
            let user = story.simulator()?.user();
            turn.sent(format!("the quotas of {user}; asking costs none"));
            let quotas = turn.call(story.hunting.get_account_quotas(&user)).await?.quotas;
            let jobs = quotas.iter().find(|quota| quota.name == "intelligence_retrohunt_jobs_monthly");
            let left = jobs.and_then(|quota| quota.remaining).context("the jobs of the month are not among them")?;
            turn.came(format!("{}, of the month's retrohunt jobs {left} left", counted(quotas.len(), "quota")));
            ensure!(left > 0, "the story needs one more");
            Ok(format!("{left} left"))
        })
        .await;
}

/// Loses the answer to a create, and finds out that it arrived.
pub(crate) async fn reconcile(story: &mut Story) {
    story
        .act(&RECONCILE_JOB, "", async |story, turn| {
            let new = NewRetrohuntJob {
                rules: format!("{EXAMPLE_RULES}\n// the answer to this one gets lost\n"),
                notification_email: None,
                corpus: Some(Corpus::Goodware),
                time_range: None,
            };
            let simulator = story.simulator()?;
            let before = simulator.now().saturating_sub(60);
            simulator.faults().add(Fault::new(FaultAction::ResetAfter).method(Method::POST).times(1));
            turn.sent("a job; the connection breaks when the service has made it, before it has said so");
            let error = match turn.call(story.hunting.create_retrohunt_job(&new)).await {
                Err(CallError::Hunting(error)) => error,
                other => anyhow::bail!("the answer was not lost: {other:?}"),
            };
            turn.came(error.message.as_str());
            ensure!(!error.retryable, "repeating it would cost a second job");
            let found = turn.call(story.hunting.reconcile_retrohunt_job(&new, before)).await?;
            ensure!(found.len() == 1, "{} jobs are like it", found.len());
            turn.came(format!("job {} is there: nothing is sent a second time", found[0].id));
            turn.call(story.hunting.abort_retrohunt_job(&found[0].id)).await?;
            Ok(format!("found {}", found[0].id))
        })
        .await;
}

/// Asks a connector that may only read to change something.
pub(crate) async fn read_only(story: &mut Story) {
    story
        .act(&UPDATE_RULESET, READ_ONLY, async |story, turn| {
            let simulator = story.simulator()?;
            let key = ApiKey::new(simulator.key())?;
            let settings = Settings { url: simulator.http_url(), access: Access::ReadOnly, ..Settings::new(key) };
            let reader = story.tenant(settings)?;
            let sent = story.simulator()?.requests().len();
            turn.sent("a change, with VT_ACCESS=read-only");
            let changes = RulesetChanges { enabled: Some(false), ..RulesetChanges::default() };
            let answer = turn.call(reader.update_livehunt_ruleset("any", &changes)).await;
            let error = refused(turn, answer, ErrorKind::Forbidden)?;
            ensure!(error.code == "ReadOnly", "the code is {}", error.code);
            ensure!(story.simulator()?.requests().len() == sent, "something was sent");
            Ok("refused before anything was sent".to_owned())
        })
        .await;
}

/// Asks to delete many things without saying which.
pub(crate) async fn unconfirmed(story: &mut Story) {
    story
        .act(&DELETE_NOTIFICATIONS, UNCONFIRMED, async |story, turn| {
            let there = story.simulator()?.hunting_notification_ids().len();
            turn.sent("no selection at all, which at the API itself would delete every notification");
            let answer = turn.call(story.hunting.delete_livehunt_notifications("")).await;
            let error = refused(turn, answer, ErrorKind::InvalidArgument)?;
            ensure!(error.code == "ConfirmationMissing", "the code is {}", error.code);
            ensure!(story.simulator()?.hunting_notification_ids().len() == there, "something was deleted");
            Ok(format!("refused; {} still there", counted(there, "notification")))
        })
        .await;
}
