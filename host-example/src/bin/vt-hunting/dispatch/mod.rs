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
    args::{
        page::Since,
        retrohunt::{JobQuota, Wait},
    },
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

/// A page of a list that is newest first, up to the first object that is older: VirusTotal has no filter for these dates.
fn page_since<T: Shown + 'static>(
    noun: &'static str,
    mut items: Vec<T>,
    mut page: PageInfo,
    Since { since }: Since,
    date: fn(&T) -> Option<u64>,
) -> Answer {
    if let Some(since) = since {
        let is_older = |item: &T| date(item).is_some_and(|date| date < since);
        // It counts all of them.
        page.count = None;
        let dates: Vec<_> = items.iter().filter_map(date).collect();
        match items.iter().position(is_older) {
            // Nothing after it is asked for, so a failure to read on is none.
            Some(end) if dates.is_sorted_by(|earlier, later| earlier >= later) => {
                items.truncate(end);
                page = PageInfo { cursor: None, next_link: None, incomplete: None, ..page };
            }
            // Should it not be newest first after all, what is asked for may be anywhere.
            Some(_) => items.retain(|item| !is_older(item)),
            None => {}
        }
    }
    self::page(noun, items, page)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;

    fn since(since: Option<u64>, dates: &[Option<u64>]) -> (Vec<String>, Option<String>) {
        let job = |(index, date): (usize, &Option<u64>)| vt_hunting_host::retrohunt::RetrohuntJob {
            id: index.to_string(),
            creation_date: *date,
            ..samples::job()
        };
        let info = PageInfo {
            cursor: Some("c".to_owned()),
            count: Some(99),
            self_link: None,
            next_link: None,
            incomplete: None,
        };
        let items = dates.iter().enumerate().map(job).collect();
        match page_since("jobs", items, info, Since { since }, |job| job.creation_date) {
            Answer::Page { objects, page, .. } => {
                (objects.iter().map(|object| object.id().to_owned()).collect(), page.cursor)
            }
            _ => panic!("a page"),
        }
    }

    #[test]
    fn a_list_ends_at_the_first_that_is_older_and_what_has_no_date_stays() {
        assert_eq!(
            since(Some(5), &[Some(9), None, Some(5), Some(4), None]),
            (vec!["0".into(), "1".into(), "2".into()], None)
        );
        assert_eq!(
            since(Some(5), &[Some(9), Some(6)]),
            (vec!["0".into(), "1".into()], Some("c".into())),
            "there may be more"
        );
        assert_eq!(since(None, &[Some(9), Some(1)]).1, Some("c".into()));
    }

    #[test]
    fn nothing_is_lost_where_the_list_is_not_newest_first() {
        assert_eq!(since(Some(5), &[Some(1), Some(9), Some(2)]), (vec!["1".into()], Some("c".into())));
    }
}
