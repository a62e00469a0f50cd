//! From a command to the function of the contract, and from its record to an answer.

use vt_hunting_host::{CallError, Instance, types::ErrorKind};

use crate::{
    actions::{self, Action},
    args::{ioc_stream::IocStream, livehunt::Livehunt, retrohunt::Retrohunt},
    exit::Kind,
    failure::Failure,
    output::{Answer, shown::Shown},
};

/// A command that is an action, its texts read and its record complete: what is wrong with it was found before
/// anything was loaded.
pub(crate) enum Call {
    Rulesets(vt_hunting_host::livehunt::RulesetsQuery),
    CreateRuleset(vt_hunting_host::livehunt::NewRuleset),
    DeleteRuleset(String),
    Notifications(vt_hunting_host::livehunt::NotificationsQuery),
    NotificationFiles(vt_hunting_host::livehunt::NotificationFilesQuery),
    CreateJob(vt_hunting_host::retrohunt::NewRetrohuntJob),
    Job(String),
    Jobs(vt_hunting_host::retrohunt::RetrohuntJobsQuery),
    AbortJob(String),
    Matches(String, vt_hunting_host::retrohunt::MatchesQuery),
    Objects(vt_hunting_host::ioc_stream::IocStreamQuery),
    Notification(String),
}

impl TryFrom<Livehunt> for Call {
    type Error = Failure;

    fn try_from(command: Livehunt) -> Result<Self, Failure> {
        Ok(match command {
            Livehunt::Rulesets(args) => Self::Rulesets(args.into()),
            Livehunt::CreateRuleset(args) => Self::CreateRuleset(args.try_into()?),
            Livehunt::DeleteRuleset(args) => Self::DeleteRuleset(args.id),
            Livehunt::Notifications(args) => Self::Notifications(args.into()),
            Livehunt::NotificationFiles(args) => Self::NotificationFiles(args.into()),
        })
    }
}

impl TryFrom<Retrohunt> for Call {
    type Error = Failure;

    fn try_from(command: Retrohunt) -> Result<Self, Failure> {
        Ok(match command {
            Retrohunt::CreateJob(args) => Self::CreateJob(args.try_into()?),
            Retrohunt::Job(args) => Self::Job(args.id),
            Retrohunt::Jobs(args) => Self::Jobs(args.into()),
            Retrohunt::AbortJob(args) => Self::AbortJob(args.id),
            Retrohunt::Matches(args) => {
                let (id, query) = args.into();
                Self::Matches(id, query)
            }
        })
    }
}

impl From<IocStream> for Call {
    fn from(command: IocStream) -> Self {
        match command {
            IocStream::Objects(args) => Self::Objects(args.into()),
            IocStream::Notification(args) => Self::Notification(args.id),
        }
    }
}

impl Call {
    /// The action it is.
    pub(crate) fn action(&self) -> &'static Action {
        match self {
            Self::Rulesets(_) => &actions::RULESETS,
            Self::CreateRuleset(_) => &actions::CREATE_RULESET,
            Self::DeleteRuleset(_) => &actions::DELETE_RULESET,
            Self::Notifications(_) => &actions::NOTIFICATIONS,
            Self::NotificationFiles(_) => &actions::NOTIFICATION_FILES,
            Self::CreateJob(_) => &actions::CREATE_JOB,
            Self::Job(_) => &actions::JOB,
            Self::Jobs(_) => &actions::JOBS,
            Self::AbortJob(_) => &actions::ABORT_JOB,
            Self::Matches(..) => &actions::MATCHES,
            Self::Objects(_) => &actions::STREAM_OBJECTS,
            Self::Notification(_) => &actions::STREAM_NOTIFICATION,
        }
    }

    /// Runs it.
    pub(crate) async fn run(&self, hunting: &mut Instance) -> Result<Answer, CallError> {
        Ok(match self {
            Self::Rulesets(query) => {
                let answer = hunting.get_livehunt_rulesets(query).await?;
                page("rulesets", answer.items, answer.page)
            }
            Self::CreateRuleset(ruleset) => {
                let ruleset = hunting.create_livehunt_ruleset(ruleset).await?;
                let next = match ruleset.enabled {
                    Some(true) => "It runs from now on: `vt-hunting livehunt notifications` shows what it finds.",
                    _ => "It is stored and does not run: --enabled at creation makes it run at once.",
                };
                one(ruleset, Some(next.to_owned()))
            }
            Self::DeleteRuleset(id) => {
                hunting.delete_livehunt_ruleset(id).await?;
                done(id, "deleted", format!("Deleted ruleset {id}. Its notifications stay."))
            }
            Self::Notifications(query) => {
                let answer = hunting.get_livehunt_notifications(query).await?;
                page("notifications", answer.items, answer.page)
            }
            Self::NotificationFiles(query) => {
                let answer = hunting.get_livehunt_notification_files(query).await?;
                page("files", answer.items, answer.page)
            }
            Self::CreateJob(job) => {
                let job = hunting.create_retrohunt_job(job).await?;
                let next = format!("Watch it: vt-hunting retrohunt job {}", job.id);
                one(job, Some(next))
            }
            Self::Job(id) => {
                let job = hunting.get_retrohunt_job(id).await?;
                let next = (job.num_matches > Some(0))
                    .then(|| format!("Its matches: vt-hunting retrohunt matches {}", job.id));
                one(job, next)
            }
            Self::Jobs(query) => {
                let answer = hunting.get_retrohunt_jobs(query).await?;
                page("jobs", answer.items, answer.page)
            }
            Self::AbortJob(id) => {
                hunting.abort_retrohunt_job(id).await?;
                let said = format!("Asked to abort job {id}. It stops after a while: vt-hunting retrohunt job {id}");
                done(id, "aborting", said)
            }
            Self::Matches(id, query) => {
                let answer = hunting.get_retrohunt_job_matches(id, query).await?;
                page("files", answer.items, answer.page)
            }
            Self::Objects(query) => {
                let answer = hunting.get_ioc_stream_objects(query).await?;
                page("objects", answer.items, answer.page)
            }
            Self::Notification(id) => one(hunting.get_ioc_stream_notification(id).await?, None),
        })
    }
}

fn page<T: Shown + 'static>(noun: &'static str, items: Vec<T>, page: vt_hunting_host::types::PageInfo) -> Answer {
    let objects = items.into_iter().map(|item| Box::new(item) as Box<dyn Shown>);
    Answer::Page { noun, objects: objects.collect(), page }
}

fn one(object: impl Shown + 'static, next: Option<String>) -> Answer {
    Answer::One { object: Box::new(object), next }
}

fn done(id: &str, field: &'static str, said: String) -> Answer {
    Answer::Done { id: id.to_owned(), field, said }
}

/// A failed call, with what this command line has to say about it.
pub(crate) fn failed(error: CallError, action: &Action) -> Failure {
    let message = error.to_string();
    let retryable = error.is_retryable();
    let (kind, code, hint) = match error {
        CallError::Hunting(error) => return Failure::action(error, action),
        CallError::Timeout { .. } => (Kind::HostTimeout, "HostTimeout", "--timeout SECONDS raises it"),
        CallError::Trap { .. } => (Kind::Trap, "Trap", "-vv shows what happened before; --limit asks for less"),
        CallError::Busy { .. } => (Kind::Busy, "Busy", "repeat it in a while"),
        CallError::Instantiate(_) => (Kind::Load, "NotStarted", "--component PATH runs another component"),
        CallError::Poisoned => (Kind::Trap, "Poisoned", "repeat it"),
        _ => (Kind::Action(ErrorKind::Other), "Unknown", "-vv shows what happened"),
    };
    Failure { retryable, ..Failure::host(kind, code, message, hint) }
}
