//! What goes wrong in every hunter's life, and how it looks to the caller.

use anyhow::{Context, Result, bail, ensure};
use virustotal_hunting_simulator::{EXAMPLE_BAD_RULES, EXAMPLE_RULES};
use vt_hunting_host::livehunt::{NewRuleset, RulesetsQuery};
use vt_hunting_host::retrohunt::{Corpus, NewRetrohuntJob};
use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{ApiKey, CallError, Settings, kind_name};

use crate::actions::{CREATE_JOB, CREATE_RULESET, GET_RULESETS};
use crate::report::Turn;
use crate::service::RETROHUNT_QUOTA;
use crate::story::Story;

/// How each is called in the report.
pub(crate) const BAD_RULES: &str = "bad YARA rule";
pub(crate) const WRONG_KEY: &str = "wrong key";
pub(crate) const NO_QUOTA: &str = "no quota left";

/// A rule that does not compile.
pub(crate) async fn bad_rules(story: &mut Story) {
    story
        .act(&CREATE_RULESET, BAD_RULES, async |story, turn| {
            turn.sent("a rule whose condition names a string that does not exist");
            let new = NewRuleset {
                name: "does not compile".to_owned(),
                rules: EXAMPLE_BAD_RULES.to_owned(),
                enabled: Some(false),
                limit: None,
                notification_emails: Vec::new(),
                match_object_type: None,
            };
            let answer = turn.call(story.hunting.create_livehunt_ruleset(&new)).await;
            if let Ok(ruleset) = &answer {
                // Should the service ever take it, it must not stay.
                story.stray_rulesets.push(ruleset.id.clone());
            }
            let error = refused(turn, answer, ErrorKind::InvalidArgument)?;
            ensure!(error.status == Some(400), "the status is {:?}, not 400", error.status);
            // `$b` on line 6 is what is wrong with the rule.
            let names_it = error.message.contains("$b") || error.message.contains("line 6");
            ensure!(names_it, "the message does not say what is wrong with the rule");
            Ok("refused: invalid-argument".to_owned())
        })
        .await;
}

/// A key that the service does not know.
pub(crate) async fn wrong_key(story: &mut Story) {
    story
        .act(&GET_RULESETS, WRONG_KEY, async |story, turn| {
            let url = story.service.simulator().context("a wrong key is for the simulator only")?.http_url();
            let wrong = "0".repeat(64);
            turn.sent("a list of rulesets, with a key of 64 zeros");
            let settings = Settings { url, retries: 0, ..Settings::new(ApiKey::new(wrong.as_str())?) };
            let stranger = story.tenant(settings)?;
            let answer = turn.call(stranger.get_livehunt_rulesets(&RulesetsQuery::default())).await;
            let error = refused(turn, answer, ErrorKind::Authentication)?;
            ensure!(!error.message.contains(&wrong), "the message tells the key");
            ensure!(!error.retryable, "a wrong key is not worth repeating");
            Ok("refused: authentication".to_owned())
        })
        .await;
}

/// One job more than the key may start in a month.
pub(crate) async fn no_quota(story: &mut Story) {
    story
        .act(&CREATE_JOB, NO_QUOTA, async |story, turn| {
            turn.sent(format!("a job more than the {RETROHUNT_QUOTA} a month that the simulator grants this key"));
            let new = NewRetrohuntJob {
                rules: EXAMPLE_RULES.to_owned(),
                notification_email: None,
                corpus: Some(Corpus::Goodware),
                time_range: None,
            };
            let answer = turn.call(story.hunting.create_retrohunt_job(&new)).await;
            if let Ok(job) = &answer {
                story.jobs.push(job.id.clone());
            }
            let error = refused(turn, answer, ErrorKind::QuotaExceeded)?;
            ensure!(error.status == Some(429), "the status is {:?}, not 429", error.status);
            ensure!(!error.retryable, "repeating a create could act twice");
            Ok("refused: quota-exceeded".to_owned())
        })
        .await;
}

/// The error of a call that had to fail in this way.
pub(super) fn refused<T>(turn: &Turn, answer: Result<T, CallError>, kind: ErrorKind) -> Result<Error> {
    let error = match answer {
        Ok(_) => bail!("it was accepted, but should have been refused as {}", kind_name(kind)),
        Err(CallError::Hunting(error)) => error,
        Err(other) => return Err(other).context("the call did not get as far as the service"),
    };
    turn.came(format!("kind     {}", kind_name(error.kind)));
    turn.came(format!("code     {}", error.code));
    turn.came(format!("message  {}", error.message));
    if let Some(seconds) = error.retry_after {
        turn.came(format!("retry    after {seconds} s"));
    }
    ensure!(error.kind == kind, "the kind is {}, not {}", kind_name(error.kind), kind_name(kind));
    ensure!(!error.code.is_empty() && !error.message.is_empty(), "the error has no code or no message");
    Ok(error)
}
