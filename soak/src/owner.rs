//! Whether a good answer is this tenant's: names, links and ids all say whose they are.

use vt_hunting_host::ioc_stream::{IocStreamNotification, IocStreamPage};
use vt_hunting_host::livehunt::{NotificationFilePage, NotificationPage, Ruleset, RulesetPage};
use vt_hunting_host::retrohunt::{MatchPage, RetrohuntJob, RetrohuntJobPage};

use crate::errand::{rule_prefix, ruleset_prefix};
use crate::ledger::Ledger;

/// A good answer, as far as the tenant has use for it later.
#[derive(Debug)]
pub(crate) enum Answer {
    Nothing,
    /// All rulesets there are.
    Rulesets(Vec<String>),
    Ruleset(String),
    Job(String),
    /// Notifications of the stream, and where it goes on.
    Stream(Vec<String>, Option<String>),
}

/// Whom an answer has to belong to.
pub(crate) struct Owner<'a> {
    pub(crate) tenant: usize,
    pub(crate) user: &'a str,
    pub(crate) ledger: &'a Ledger,
}

type Checked<T = ()> = Result<T, String>;

impl Owner<'_> {
    fn must(&self, holds: bool, what: impl FnOnce() -> String) -> Checked {
        if holds { Ok(()) } else { Err(what()) }
    }

    fn owns(&self, kind: &str, id: &str) -> Checked {
        self.ledger
            .claim(kind, id, self.tenant)
            .map_err(|owner| format!("saw the {kind} {id}, which belongs to tenant {owner}"))
    }

    fn named(&self, what: &str, name: Option<&str>, prefix: &str) -> Checked {
        let own = name.is_some_and(|name| name.starts_with(prefix));
        self.must(own, || format!("saw {what} {name:?}, and all of its own begin with {prefix}"))
    }

    fn page_of(&self, link: Option<&str>, part: &str) -> Checked {
        let own = link.is_some_and(|link| link.contains(part));
        self.must(own, || format!("got a page whose link ({link:?}) does not contain {part}"))
    }

    fn user_page(&self, link: Option<&str>) -> Checked {
        self.page_of(link, &format!("/users/{}/", self.user))
    }

    pub(crate) fn created_ruleset(&self, created: &Ruleset, name: &str, rules: &str) -> Checked<Answer> {
        let same = created.name.as_deref() == Some(name) && created.rules.as_deref() == Some(rules);
        self.must(same, || format!("asked for the ruleset {name}, got {:?}", created.name))?;
        self.owns("ruleset", &created.id)?;
        Ok(Answer::Ruleset(created.id.clone()))
    }

    pub(crate) fn created_job(&self, job: &RetrohuntJob, rules: &str) -> Checked<Answer> {
        let same = job.rules.as_deref() == Some(rules);
        self.must(same, || format!("asked for a job with {rules}, got {:?}", job.rules))?;
        self.job(job)?;
        Ok(Answer::Job(job.id.clone()))
    }

    pub(crate) fn this_job(&self, job: &RetrohuntJob, id: &str) -> Checked<Answer> {
        self.must(job.id == id, || format!("asked for the job {id}, got {}", job.id))?;
        self.job(job)?;
        Ok(Answer::Nothing)
    }

    pub(crate) fn matches(&self, page: &MatchPage, job: &str) -> Checked<Answer> {
        self.page_of(page.page.self_link.as_deref(), &format!("/retrohunt_jobs/{job}/"))?;
        let prefix = rule_prefix(self.tenant);
        for item in &page.items {
            self.named("a match of rule", item.rule_name.as_deref(), &prefix)?;
        }
        Ok(Answer::Nothing)
    }

    pub(crate) fn stream_notification(&self, got: &IocStreamNotification, id: &str) -> Checked<Answer> {
        self.must(got.id == id, || format!("asked for the stream's notification {id}, got {}", got.id))?;
        self.owns("stream notification", &got.id)?;
        Ok(Answer::Nothing)
    }

    fn job(&self, job: &RetrohuntJob) -> Checked {
        let user = job.id.rsplit_once('-').map(|(user, _)| user);
        self.must(user == Some(self.user), || format!("saw the job {}, and is the user {}", job.id, self.user))?;
        self.owns("job", &job.id)?;
        let prefix = format!("rule {}", rule_prefix(self.tenant));
        self.named("a job with rules", job.rules.as_deref(), &prefix)
    }

    pub(crate) fn jobs(&self, page: &RetrohuntJobPage) -> Checked<Answer> {
        self.user_page(page.page.self_link.as_deref())?;
        page.items.iter().try_for_each(|job| self.job(job))?;
        Ok(Answer::Nothing)
    }

    pub(crate) fn rulesets(&self, page: RulesetPage) -> Checked<Answer> {
        self.user_page(page.page.self_link.as_deref())?;
        let prefix = ruleset_prefix(self.tenant);
        for ruleset in &page.items {
            self.named("the ruleset", ruleset.name.as_deref(), &prefix)?;
            self.owns("ruleset", &ruleset.id)?;
        }
        Ok(Answer::Rulesets(page.items.into_iter().map(|ruleset| ruleset.id).collect()))
    }

    pub(crate) fn notifications(&self, page: &NotificationPage) -> Checked<Answer> {
        self.user_page(page.page.self_link.as_deref())?;
        let prefix = ruleset_prefix(self.tenant);
        for item in &page.items {
            self.owns("notification", &item.id)?;
            let ruleset = item.tags.iter().find(|tag| tag.starts_with("soak-"));
            self.named("a notification of ruleset", ruleset.map(String::as_str), &prefix)?;
        }
        Ok(Answer::Nothing)
    }

    pub(crate) fn notification_files(&self, page: &NotificationFilePage) -> Checked<Answer> {
        self.user_page(page.page.self_link.as_deref())?;
        let prefix = ruleset_prefix(self.tenant);
        for item in &page.items {
            self.owns("notification", item.notification_id.as_deref().unwrap_or_default())?;
            self.named("a file of ruleset", item.ruleset_name.as_deref(), &prefix)?;
        }
        Ok(Answer::Nothing)
    }

    pub(crate) fn stream(&self, page: IocStreamPage) -> Checked<Answer> {
        let mut ids = Vec::new();
        for item in page.items {
            let id = item.notification_id.ok_or_else(|| format!("saw {} in the stream without its id", item.id))?;
            self.owns("stream notification", &id)?;
            ids.push(id);
        }
        Ok(Answer::Stream(ids, page.page.cursor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_links_of_a_tenant_with_a_longer_number_are_foreign() {
        let owner = Owner { tenant: 1, user: "lab-2", ledger: &Ledger::default() };
        assert_eq!(owner.user_page(Some("https://site/api/v3/users/lab-2/retrohunt_jobs")), Ok(()));
        assert!(owner.user_page(Some("https://site/api/v3/users/lab-21/retrohunt_jobs")).is_err());
        assert!(owner.user_page(None).is_err());
        assert_eq!(owner.named("the ruleset", Some("soak-1-7"), &ruleset_prefix(1)), Ok(()));
        assert!(owner.named("the ruleset", Some("soak-11-7"), &ruleset_prefix(1)).is_err());
    }
}
