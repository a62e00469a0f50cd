//! From a command to the function of the contract, and from its record to an answer.
//!
//! A module per group. What runs an action again and again is no [`Call`]: see [`Work`].

mod ioc_stream;
mod livehunt;
mod reading;
pub(crate) mod retrohunt;

use vt_hunting_host::{
    CallError, Instance,
    types::{ErrorKind, PageInfo},
};

pub(crate) use ioc_stream::StreamCall;
pub(crate) use livehunt::LivehuntCall;
pub(crate) use reading::ReadingCall;
pub(crate) use retrohunt::RetrohuntCall;

use crate::{
    actions::Action,
    args::retrohunt::{JobQuota, Wait},
    exit::Kind,
    failure::Failure,
    follow::Follow,
    hint,
    output::{Answer, shown::Shown},
};

/// What a command asks for.
pub(crate) enum Work {
    /// One action.
    Call(Call),
    /// One action, again and again, for what is new.
    Follow(Box<Follow>),
    /// One action, again and again, until a job has ended.
    Wait(Wait),
}

/// A command that is an action, its texts read and its record complete: what is wrong with it was found before
/// anything was loaded.
pub(crate) enum Call {
    Livehunt(LivehuntCall),
    Retrohunt(RetrohuntCall),
    Stream(StreamCall),
    Reading(ReadingCall),
}

impl Call {
    /// The action it is.
    pub(crate) fn action(&self) -> &'static Action {
        match self {
            Self::Livehunt(call) => call.action(),
            Self::Retrohunt(call) => call.action(),
            Self::Stream(call) => call.action(),
            Self::Reading(call) => call.action(),
        }
    }

    /// How to look what is left, if it spends one of the monthly jobs.
    pub(crate) fn job_quota(&self) -> Option<&JobQuota> {
        match self {
            Self::Retrohunt(RetrohuntCall::CreateJob(_, quota)) => Some(quota),
            _ => None,
        }
    }

    /// Runs it.
    pub(crate) async fn run(&self, hunting: &mut Instance) -> Result<Answer, CallError> {
        match self {
            Self::Livehunt(call) => call.run(hunting).await,
            Self::Retrohunt(call) => call.run(hunting).await,
            Self::Stream(call) => call.run(hunting).await,
            Self::Reading(call) => call.run(hunting).await,
        }
    }
}

fn objects<T: Shown + 'static>(items: Vec<T>) -> Vec<Box<dyn Shown>> {
    items.into_iter().map(|item| Box::new(item) as Box<dyn Shown>).collect()
}

fn page<T: Shown + 'static>(noun: &'static str, items: Vec<T>, page: PageInfo) -> Answer {
    Answer::Page { noun, objects: objects(items), page }
}

/// What a create left behind, if anything.
fn found<T: Shown + 'static>(noun: &'static str, items: Vec<T>) -> Answer {
    let said = if items.is_empty() {
        "It did not arrive, and may be sent again."
    } else {
        "It arrived: do not send it again."
    };
    Answer::Found { noun, objects: objects(items), said }
}

fn one(object: impl Shown + 'static, next: Option<String>) -> Answer {
    Answer::One { object: Box::new(object), next }
}

fn done(id: &str, field: &'static str, said: String) -> Answer {
    Answer::Done { id: id.to_owned(), field, said }
}

/// A failed call, with what this command line has to say about it.
pub(crate) fn failed(error: &CallError, action: &Action) -> Failure {
    let message = error.to_string();
    let retryable = error.is_retryable();
    let (kind, code, hint) = match error {
        CallError::Hunting(error) => return Failure::action(error.clone(), action),
        CallError::Timeout { .. } => (Kind::HostTimeout, "HostTimeout", "--timeout SECONDS raises it"),
        CallError::Trap { .. } => (Kind::Trap, "Trap", "-vv shows what happened before; --limit asks for less"),
        CallError::Busy { .. } => (Kind::Busy, "Busy", "repeat it in a while"),
        CallError::Instantiate(_) => (Kind::Load, "NotStarted", "--component PATH runs another component"),
        CallError::Poisoned => (Kind::Trap, "Poisoned", "repeat it"),
        _ => (Kind::Action(ErrorKind::Other), "Unknown", "-vv shows what happened"),
    };
    let mut failure = Failure { retryable, ..Failure::host(kind, code, message, hint) };
    if action.writes()
        && error.is_in_doubt()
        && let Some(look) = hint::look_first(action)
    {
        failure.hint = Some(look);
    }
    failure
}
