//! The two things that can be followed, and what makes a query another one.

use serde::{Deserialize, Serialize};
use vt_hunting_host::{
    CallError, Connector,
    ioc_stream::{IocStreamBatch, IocStreamPoll, StreamGap},
    livehunt::{NotificationBatch, NotificationsPoll},
    types::{self, PollBudget},
};

use crate::{
    actions::{self, Action},
    output::shown::Shown,
};

/// What is followed.
pub(crate) enum Feed {
    /// The IoC stream's objects.
    Stream(IocStreamPoll),
    /// Livehunt notifications.
    Notifications(NotificationsPoll),
}

/// What a checkpoint belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// The command's group.
    pub(crate) kind: String,
    /// The filter as it is sent.
    pub(crate) filter: Option<String>,
    /// Whether the objects come without their attributes.
    pub(crate) descriptors_only: bool,
}

/// What a step gave.
pub(crate) struct Step {
    /// A line each.
    pub(crate) lines: String,
    pub(crate) checkpoint: String,
    pub(crate) more: bool,
    pub(crate) incomplete: Option<types::Error>,
    /// What VirusTotal deleted before it was read.
    pub(crate) gap: Option<StreamGap>,
}

impl Feed {
    pub(crate) fn action(&self) -> &'static Action {
        match self {
            Self::Stream(_) => &actions::POLL_STREAM,
            Self::Notifications(_) => &actions::POLL_NOTIFICATIONS,
        }
    }

    pub(crate) fn query(&self) -> Query {
        match self {
            Self::Stream(poll) => Query {
                kind: "ioc-stream".to_owned(),
                filter: poll.filter.clone(),
                descriptors_only: poll.descriptors_only.unwrap_or(false),
            },
            Self::Notifications(poll) => {
                Query { kind: "livehunt".to_owned(), filter: poll.filter.clone(), descriptors_only: false }
            }
        }
    }

    /// Takes one step. An object that is no JSON goes without its `json`: the stream must not stop at it for ever.
    pub(crate) async fn step(
        &self,
        connector: &Connector,
        checkpoint: Option<&str>,
        budget: &PollBudget,
        raw: bool,
    ) -> Result<Step, CallError> {
        Ok(match self {
            Self::Stream(poll) => {
                let batch = connector.poll_ioc_stream(checkpoint, poll, budget).await?;
                let IocStreamBatch { items, checkpoint, more, incomplete, gap } = batch;
                Step { lines: lines(&items, raw), checkpoint, more, incomplete, gap }
            }
            Self::Notifications(poll) => {
                let batch = connector.poll_livehunt_notifications(checkpoint, poll, budget).await?;
                let NotificationBatch { items, checkpoint, more, incomplete } = batch;
                Step { lines: lines(&items, raw), checkpoint, more, incomplete, gap: None }
            }
        })
    }
}

fn lines<T: Shown>(items: &[T], raw: bool) -> String {
    let mut lines = String::new();
    for item in items {
        if let Ok(line) = item.json(raw).or_else(|_| item.json(false)) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    lines
}
