//! Puts an errand to the component, and has a good answer checked.

use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{NewRuleset, NotificationFilesQuery, NotificationsQuery, RulesetsQuery};
use vt_hunting_host::retrohunt::{Corpus, MatchesQuery, NewRetrohuntJob, RetrohuntJobsQuery};
use vt_hunting_host::{CallError, Connector, Instance};

use crate::errand::Errand;
use crate::owner::{Answer, Owner};

/// Which instance the call runs in.
pub(crate) enum Through<'a> {
    /// The tenant's own, kept from call to call.
    Kept(&'a mut Instance),
    /// A fresh one.
    Fresh(&'a Connector),
}

macro_rules! ask {
    ($through:expr, $method:ident($($argument:expr),*)) => {
        match $through {
            Through::Kept(instance) => instance.$method($($argument),*).await,
            Through::Fresh(connector) => connector.$method($($argument),*).await,
        }
    };
}

/// Runs the errand's action. Outside is the call's own result, inside what is wrong with a good answer.
pub(crate) async fn ask(
    through: Through<'_>,
    errand: &Errand,
    owner: &Owner<'_>,
) -> Result<Result<Answer, String>, CallError> {
    let limit = Some(8);
    Ok(match errand {
        Errand::ListRulesets => {
            let query = RulesetsQuery { limit: Some(40), ..Default::default() };
            owner.rulesets(ask!(through, get_livehunt_rulesets(&query))?)
        }
        Errand::CreateRuleset { name, rules, enabled } => {
            let ruleset = NewRuleset {
                name: name.clone(),
                rules: rules.clone(),
                enabled: Some(*enabled),
                limit: Some(5),
                notification_emails: Vec::new(),
                match_object_type: None,
            };
            owner.created_ruleset(&ask!(through, create_livehunt_ruleset(&ruleset))?, name, rules)
        }
        Errand::DeleteRuleset { id } => Ok(nothing(ask!(through, delete_livehunt_ruleset(id))?)),
        Errand::ListNotifications => {
            let query = NotificationsQuery { limit, ..Default::default() };
            owner.notifications(&ask!(through, get_livehunt_notifications(&query))?)
        }
        Errand::ListNotificationFiles => {
            let query = NotificationFilesQuery { limit, ..Default::default() };
            owner.notification_files(&ask!(through, get_livehunt_notification_files(&query))?)
        }
        Errand::CreateJob { rules, goodware, .. } => {
            let corpus = Some(if *goodware { Corpus::Goodware } else { Corpus::Main });
            let job = NewRetrohuntJob { rules: rules.clone(), notification_email: None, corpus, time_range: None };
            owner.created_job(&ask!(through, create_retrohunt_job(&job))?, rules)
        }
        Errand::GetJob { id } | Errand::GetForeignJob { id } => {
            owner.this_job(&ask!(through, get_retrohunt_job(id))?, id)
        }
        Errand::ListJobs => {
            let query = RetrohuntJobsQuery { limit, ..Default::default() };
            owner.jobs(&ask!(through, get_retrohunt_jobs(&query))?)
        }
        Errand::AbortJob { id, .. } => Ok(nothing(ask!(through, abort_retrohunt_job(id))?)),
        Errand::GetMatches { id } => {
            let query = MatchesQuery { limit: Some(4), ..Default::default() };
            owner.matches(&ask!(through, get_retrohunt_job_matches(id, &query))?, id)
        }
        Errand::ListStream { cursor } => {
            let query = IocStreamQuery { limit, cursor: cursor.clone(), ..Default::default() };
            owner.stream(ask!(through, get_ioc_stream_objects(&query))?)
        }
        Errand::GetStreamNotification { id } => {
            owner.stream_notification(&ask!(through, get_ioc_stream_notification(id))?, id)
        }
    })
}

fn nothing((): ()) -> Answer {
    Answer::Nothing
}
