//! Before a retrohunt job is spent, or a livehunt ruleset enabled: what is left of this month's jobs, of the rules.
//!
//! The question costs no quota, but it takes a user's name. Where that is not given it is read off the newest job's id, with
//! a request that does count. Whatever cannot be found out is said, and holds nothing up: VirusTotal itself has the last word.

use vt_hunting_host::{Connector, account::Quota, livehunt::Ruleset, retrohunt::RetrohuntJobsQuery, types::ErrorKind};

use crate::{
    args::{Command, livehunt::RuleQuota, retrohunt::JobQuota},
    dispatch::LivehuntCall,
    exit::Kind,
    failure::{self, Failure},
};

const JOBS: &str = "intelligence_retrohunt_jobs_monthly";
const RULES: &str = "intelligence_hunting_rules";

/// Says what is left, and refuses where nothing is.
pub(crate) async fn before_job(connector: &Connector, wanted: &JobQuota, as_json: bool) -> Result<(), Failure> {
    if wanted.no_quota_check {
        return Ok(());
    }
    let unknown = |why: &str| {
        failure::note(as_json, "JobsLeftUnknown", &format!("what is left of this month's jobs is not known: {why}"));
    };
    let user = match user(connector, wanted.user.as_deref()).await {
        Ok(user) => user,
        Err(why) => {
            unknown(&why);
            return Ok(());
        }
    };
    match connector.get_account_quotas(&user).await {
        Ok(quotas) => match quotas.quotas.iter().find(|quota| quota.name == JOBS) {
            Some(quota) => judge(quota, wanted.force).map(|said| failure::note(as_json, "JobsLeft", &said)),
            None => {
                unknown("VirusTotal does not say it for this user.");
                Ok(())
            }
        },
        Err(error) => {
            unknown(&error.to_string());
            Ok(())
        }
    }
}

/// Whose jobs they are, or why that is not known.
async fn user(connector: &Connector, given: Option<&str>) -> Result<String, String> {
    if let Some(user) = given.map(str::trim).filter(|user| !user.is_empty()) {
        return Ok(user.to_owned());
    }
    let newest = RetrohuntJobsQuery { limit: Some(1), ..Default::default() };
    let page = connector.get_retrohunt_jobs(&newest).await.map_err(|error| error.to_string())?;
    let job = page.items.first().ok_or("there is no job yet whose id has the user's name; --user NAME says it.")?;
    owner(&job.id)
        .map(str::to_owned)
        .ok_or_else(|| "the newest job's id has no user's name; --user NAME says it.".into())
}

/// `<user>-<epoch>`; a user's name may itself have a `-` in it.
fn owner(job: &str) -> Option<&str> {
    let (user, epoch) = job.rsplit_once('-')?;
    let is_number = !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !user.is_empty()).then_some(user)
}

/// What is to be known of the livehunt rules before a ruleset is enabled, or changed while it is.
pub(crate) struct RulesLeft {
    quota: RuleQuota,
    /// How many rules the text has that is uploaded, if that is known.
    pub(crate) count: Option<u64>,
}

impl RulesLeft {
    /// Where a command may enable rules.
    pub(crate) fn wanted(command: &Command) -> Option<Self> {
        let Command::Livehunt(command) = command else { return None };
        let quota = command.rule_quota().filter(|quota| !quota.no_quota_check)?;
        Some(Self { quota: quota.clone(), count: None })
    }

    /// Says what the call costs and what is left, and refuses where that is too little. What cannot be found out is said.
    pub(crate) async fn before(
        &self,
        call: &LivehuntCall,
        connector: &Connector,
        as_json: bool,
    ) -> Result<(), Failure> {
        let (cost, before) = match call {
            LivehuntCall::CreateRuleset(new, _) if new.enabled == Some(true) => (self.count, 0),
            LivehuntCall::UpdateRuleset(id, changes)
                if changes.enabled != Some(false) && (changes.enabled.is_some() || changes.rules.is_some()) =>
            {
                // What is wrong with the id is for the change itself to say.
                let Ok(ruleset) = connector.get_livehunt_ruleset(id).await else { return Ok(()) };
                let is_enabled = ruleset.enabled == Some(true);
                if !is_enabled && changes.enabled.is_none() || is_enabled && changes.rules.is_none() {
                    return Ok(());
                }
                let has = rules_of(&ruleset);
                let cost = if changes.rules.is_some() { self.count } else { has };
                (cost, if is_enabled { has.unwrap_or(0) } else { 0 })
            }
            _ => return Ok(()),
        };
        let more = cost.map(|cost| cost.saturating_sub(before));
        let left = async {
            let user = user(connector, self.quota.user.as_deref()).await?;
            let quotas = connector.get_account_quotas(&user).await.map_err(|error| error.to_string())?;
            let quota = quotas.quotas.into_iter().find(|quota| quota.name == RULES);
            quota.ok_or_else(|| "VirusTotal does not say it for this user.".to_owned())
        };
        match left.await {
            Ok(quota) => {
                judge_rules(&quota, more, self.quota.force).map(|said| failure::note(as_json, "RulesLeft", &said))
            }
            Err(why) => {
                let cost = more.map_or_else(|| "each rule costs one".to_owned(), |more| format!("it costs {more}"));
                let said = format!("{cost}; how many livehunt rules are left is not known: {why}");
                failure::note(as_json, "RulesLeftUnknown", &said);
                Ok(())
            }
        }
    }
}

/// How many rules a ruleset has, as far as VirusTotal says it.
fn rules_of(ruleset: &Ruleset) -> Option<u64> {
    let named = ruleset.rule_names.len() as u64;
    ruleset.number_of_rules.or((named > 0).then_some(named))
}

/// What so many more rules mean, or that there are too few left.
fn judge_rules(quota: &Quota, more: Option<u64>, force: bool) -> Result<String, Failure> {
    let of = allowed(quota).map(|allowed| format!(" of {allowed}")).unwrap_or_default();
    match (more, quota.remaining) {
        (Some(more), Some(left)) if more > left && !force => {
            let message = format!("It costs {more} livehunt rules, and {left}{of} are left. Nothing was changed.");
            let hint = "disable another ruleset, leave --enabled out, or give --force to let VirusTotal decide";
            Err(Failure::host(Kind::Action(ErrorKind::QuotaExceeded), "NoRulesLeft", message, hint))
        }
        (Some(more), Some(left)) => {
            Ok(format!("it costs {more} livehunt rule{}; {left}{of} are left", if more == 1 { "" } else { "s" }))
        }
        (None, Some(left)) => Ok(format!("each of its rules costs one; {left}{of} livehunt rules are left")),
        (_, None) => Ok("VirusTotal does not say how many livehunt rules are left".to_owned()),
    }
}

/// What is allowed: a user's 0 with a group beside it means the group's.
fn allowed(quota: &Quota) -> Option<u64> {
    match (quota.user_allowed, quota.group_allowed) {
        (Some(0) | None, Some(group)) => Some(group),
        (user, _) => user,
    }
}

/// What to say, or that there is nothing left.
fn judge(quota: &Quota, force: bool) -> Result<String, Failure> {
    let of = allowed(quota).map(|allowed| format!(" of {allowed}")).unwrap_or_default();
    match quota.remaining {
        Some(0) if !force => {
            let message = format!("No retrohunt jobs are left this month (0{of}). Nothing was created.");
            let hint = "wait for the next month, or give --force to let VirusTotal decide";
            Err(Failure::host(Kind::Action(ErrorKind::QuotaExceeded), "NoJobsLeft", message, hint))
        }
        Some(0) => Ok(format!("no retrohunt jobs are left this month (0{of}); creating one all the same")),
        Some(1) => Ok(format!("1{of} retrohunt jobs is left this month: this one")),
        Some(left) => Ok(format!("{left}{of} retrohunt jobs are left this month, this one among them")),
        None => Ok("VirusTotal does not say how many retrohunt jobs are left this month".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(user_allowed: Option<u64>, group_allowed: Option<u64>, remaining: Option<u64>) -> Quota {
        Quota {
            name: JOBS.to_owned(),
            user_allowed,
            user_used: None,
            group_allowed,
            group_used: None,
            inherited_from: None,
            remaining,
        }
    }

    #[test]
    fn a_users_name_may_have_a_dash() {
        for (job, user) in [
            ("alice-1598966772", Some("alice")),
            ("night-shift_lab-1760000000", Some("night-shift_lab")),
            ("a-1-2", Some("a-1")),
            ("alice", None),
            ("alice-", None),
            ("alice-x", None),
            ("-5", None),
        ] {
            assert_eq!(owner(job), user, "{job}");
        }
    }

    #[test]
    fn nothing_left_is_refused_unless_forced() {
        let none = quota(Some(50), None, Some(0));
        let failure = judge(&none, false).unwrap_err();
        assert_eq!((failure.kind.code(), &*failure.code), (16, "NoJobsLeft"));
        assert!(failure.message.contains("0 of 50"), "{}", failure.message);
        assert!(judge(&none, true).is_ok_and(|said| said.contains("all the same")));
    }

    #[test]
    fn so_many_rules_are_counted_against_what_is_left() {
        let left = quota(Some(5000), None, Some(300));
        assert_eq!(judge_rules(&left, Some(300), false).unwrap(), "it costs 300 livehunt rules; 300 of 5000 are left");
        assert_eq!(judge_rules(&left, Some(1), false).unwrap(), "it costs 1 livehunt rule; 300 of 5000 are left");
        assert!(judge_rules(&left, None, false).unwrap().starts_with("each of its rules costs one; 300 of 5000"));
        let failure = judge_rules(&left, Some(301), false).unwrap_err();
        assert_eq!((failure.kind.code(), &*failure.code), (16, "NoRulesLeft"));
        assert!(failure.message.contains("301") && failure.message.contains("300 of 5000"), "{}", failure.message);
        assert!(judge_rules(&left, Some(301), true).is_ok());
        // More is used than is allowed: what costs nothing more is not refused.
        assert!(judge_rules(&quota(Some(5), None, Some(0)), Some(0), false).is_ok());
    }

    #[test]
    fn what_is_left_is_of_the_allowance_that_counts() {
        let said = |quota| judge(&quota, false).unwrap();
        assert_eq!(
            said(quota(Some(50), None, Some(3))),
            "3 of 50 retrohunt jobs are left this month, this one among them"
        );
        assert!(said(quota(Some(0), Some(600), Some(9))).starts_with("9 of 600 "));
        assert!(said(quota(None, None, Some(2))).starts_with("2 retrohunt jobs"));
        assert!(said(quota(Some(50), None, None)).contains("does not say"));
    }
}
