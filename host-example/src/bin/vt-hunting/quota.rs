//! Before a retrohunt job is spent: what is left of this month's.
//!
//! The question costs no quota, but it takes a user's name. Where that is not given it is read off the newest job's id, with
//! a request that does count. Whatever cannot be found out is said, and holds nothing up: VirusTotal itself has the last word.

use vt_hunting_host::{Connector, account::Quota, retrohunt::RetrohuntJobsQuery, types::ErrorKind};

use crate::{
    args::retrohunt::JobQuota,
    exit::Kind,
    failure::{self, Failure},
};

const JOBS: &str = "intelligence_retrohunt_jobs_monthly";

/// Says what is left, and refuses where nothing is.
pub(crate) async fn before_job(connector: &Connector, wanted: &JobQuota, as_json: bool) -> Result<(), Failure> {
    if wanted.no_quota_check {
        return Ok(());
    }
    let unknown = |why: &str| {
        failure::note(as_json, "JobsLeftUnknown", &format!("what is left of this month's jobs is not known: {why}"));
    };
    let user = match user(connector, wanted).await {
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
async fn user(connector: &Connector, wanted: &JobQuota) -> Result<String, String> {
    if let Some(user) = wanted.user.as_deref().map(str::trim).filter(|user| !user.is_empty()) {
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

/// What to say, or that there is nothing left.
fn judge(quota: &Quota, force: bool) -> Result<String, Failure> {
    let allowed = match (quota.user_allowed, quota.group_allowed) {
        (Some(0) | None, Some(group)) => Some(group),
        (user, _) => user,
    };
    let of = allowed.map(|allowed| format!(" of {allowed}")).unwrap_or_default();
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
