//! One thing that a tenant wants: the action with its arguments, the request it stands for on the wire, and how it may
//! end when nothing is done to it.

use virustotal_hunting_simulator::RecordedRequest;
use vt_hunting_host::types::ErrorKind;

use crate::ending::Ending;

/// One of the twelve actions, with its arguments.
#[derive(Clone, Debug)]
pub(crate) enum Errand {
    ListRulesets,
    CreateRuleset {
        /// Says whose it is, and is never used again.
        name: String,
        rules: String,
        enabled: bool,
    },
    DeleteRuleset {
        id: String,
    },
    ListNotifications,
    ListNotificationFiles,
    CreateJob {
        rules: String,
        goodware: bool,
        /// Whether the month's allowance may be used up by now.
        beyond_quota: bool,
    },
    GetJob {
        id: String,
    },
    /// [`Errand::GetJob`] with another tenant's id: whoever asks must not find it.
    GetForeignJob {
        id: String,
    },
    ListJobs,
    AbortJob {
        id: String,
        /// Whether it may have ended, or been aborted before.
        may_be_over: bool,
    },
    GetMatches {
        id: String,
    },
    ListStream {
        cursor: Option<String>,
    },
    GetStreamNotification {
        id: String,
    },
}

impl Errand {
    /// The function of the contract.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Errand::ListRulesets => "get-livehunt-rulesets",
            Errand::CreateRuleset { .. } => "create-livehunt-ruleset",
            Errand::DeleteRuleset { .. } => "delete-livehunt-ruleset",
            Errand::ListNotifications => "get-livehunt-notifications",
            Errand::ListNotificationFiles => "get-livehunt-notification-files",
            Errand::CreateJob { .. } => "create-retrohunt-job",
            Errand::GetJob { .. } | Errand::GetForeignJob { .. } => "get-retrohunt-job",
            Errand::ListJobs => "get-retrohunt-jobs",
            Errand::AbortJob { .. } => "abort-retrohunt-job",
            Errand::GetMatches { .. } => "get-retrohunt-job-matches",
            Errand::ListStream { .. } => "get-ioc-stream-objects",
            Errand::GetStreamNotification { .. } => "get-ioc-stream-notification",
        }
    }

    /// Whether sending it twice does no harm.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.method() == "GET"
    }

    /// Whether a good answer's body means nothing.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self, Errand::DeleteRuleset { .. } | Errand::AbortJob { .. })
    }

    /// Whether it may end like this by itself.
    pub(crate) fn permits(&self, ending: Ending) -> bool {
        match (self, ending) {
            (Errand::GetForeignJob { .. }, ending) => ending == Ending::Failed(ErrorKind::NotFound),
            (_, Ending::Answered) => true,
            (Errand::CreateJob { beyond_quota: true, .. }, Ending::Failed(ErrorKind::QuotaExceeded)) => true,
            // VirusTotal answers 400 for a job that is over.
            (Errand::AbortJob { may_be_over: true, .. }, Ending::Failed(ErrorKind::InvalidArgument)) => true,
            _ => false,
        }
    }

    /// Whether this request is this errand's. For one that must not be sent twice the answer is certain: its name, rules
    /// or id belong to this call alone.
    pub(crate) fn sends(&self, request: &RecordedRequest) -> bool {
        request.method == self.method()
            && request.path.strip_prefix("/api/v3/") == Some(&*self.path())
            && self.marker().is_none_or(|marker| contains(&request.body, marker.as_bytes()))
    }

    pub(crate) fn method(&self) -> &'static str {
        match self {
            Errand::CreateRuleset { .. } | Errand::CreateJob { .. } | Errand::AbortJob { .. } => "POST",
            Errand::DeleteRuleset { .. } => "DELETE",
            _ => "GET",
        }
    }

    /// Below `/api/v3/`.
    fn path(&self) -> String {
        match self {
            Errand::ListRulesets | Errand::CreateRuleset { .. } => "intelligence/hunting_rulesets".to_owned(),
            Errand::DeleteRuleset { id } => format!("intelligence/hunting_rulesets/{id}"),
            Errand::ListNotifications => "intelligence/hunting_notifications".to_owned(),
            Errand::ListNotificationFiles => "intelligence/hunting_notification_files".to_owned(),
            Errand::CreateJob { .. } | Errand::ListJobs => "intelligence/retrohunt_jobs".to_owned(),
            Errand::GetJob { id } | Errand::GetForeignJob { id } => format!("intelligence/retrohunt_jobs/{id}"),
            Errand::AbortJob { id, .. } => format!("intelligence/retrohunt_jobs/{id}/abort"),
            Errand::GetMatches { id } => format!("intelligence/retrohunt_jobs/{id}/matching_files"),
            Errand::ListStream { .. } => "ioc_stream".to_owned(),
            Errand::GetStreamNotification { id } => format!("ioc_stream_notifications/{id}"),
        }
    }

    /// What the body has to contain.
    fn marker(&self) -> Option<&str> {
        match self {
            Errand::CreateRuleset { rules, .. } | Errand::CreateJob { rules, .. } => Some(rules),
            _ => None,
        }
    }
}

/// Rules that match everything, under a name that no other call uses. Nothing in them needs an escape in JSON.
pub(crate) fn rules(tenant: usize, call: u64) -> String {
    format!("rule {}{call} {{ condition: true }}", rule_prefix(tenant))
}

/// What the names of all rules of a tenant begin with.
pub(crate) fn rule_prefix(tenant: usize) -> String {
    format!("Soak_{tenant}_")
}

/// What the names of all rulesets of a tenant begin with.
pub(crate) fn ruleset_prefix(tenant: usize) -> String {
    format!("soak-{tenant}-")
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
