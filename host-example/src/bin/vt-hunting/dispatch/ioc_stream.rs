//! The calls of `vt-hunting ioc-stream`.

use vt_hunting_host::{CallError, Instance, ioc_stream as contract, types::PollBudget};

use super::{Call, Work, done, objects, one, page};
use crate::{
    actions::{self, Action},
    args::ioc_stream::IocStream,
    failure::Failure,
    follow::{Feed, Follow},
    output::{Answer, Batch},
};

/// A call, complete.
pub(crate) enum StreamCall {
    Objects(contract::IocStreamQuery),
    Notification(String),
    Poll(Option<String>, contract::IocStreamPoll, PollBudget),
    DeleteNotification(String),
    DeleteObjects(String),
}

impl TryFrom<IocStream> for Work {
    type Error = Failure;

    fn try_from(command: IocStream) -> Result<Self, Failure> {
        let call = match command {
            IocStream::Objects(args) => StreamCall::Objects(args.try_into()?),
            IocStream::Notification(args) => StreamCall::Notification(args.id),
            IocStream::Follow(args) => {
                let (args, poll) = args.split()?;
                return Ok(Work::Follow(Box::new(Follow { args, feed: Feed::Stream(poll) })));
            }
            IocStream::Poll(args) => {
                let (checkpoint, poll, budget) = args.try_into()?;
                StreamCall::Poll(checkpoint, poll, budget)
            }
            IocStream::DeleteNotification(args) => StreamCall::DeleteNotification(args.id),
            IocStream::DeleteObjects(args) => StreamCall::DeleteObjects(args.selection()?),
        };
        Ok(Work::Call(Call::Stream(call)))
    }
}

impl StreamCall {
    pub(super) fn action(&self) -> &'static Action {
        match self {
            Self::Objects(_) => &actions::STREAM_OBJECTS,
            Self::Notification(_) => &actions::STREAM_NOTIFICATION,
            Self::Poll(..) => &actions::POLL_STREAM,
            Self::DeleteNotification(_) => &actions::DELETE_STREAM_NOTIFICATION,
            Self::DeleteObjects(_) => &actions::DELETE_STREAM_OBJECTS,
        }
    }

    pub(super) async fn run(&self, hunting: &mut Instance) -> Result<Answer, CallError> {
        Ok(match self {
            Self::Objects(query) => {
                let answer = hunting.get_ioc_stream_objects(query).await?;
                page("objects", answer.items, answer.page)
            }
            Self::Notification(id) => one(hunting.get_ioc_stream_notification(id).await?, None),
            Self::Poll(checkpoint, poll, budget) => {
                let batch = hunting.poll_ioc_stream(checkpoint.as_deref(), poll, budget).await?;
                let contract::IocStreamBatch { items, checkpoint, more, incomplete, gap } = batch;
                let (objects, gap) = (objects(items), Some(gap));
                Answer::Batch(Batch { noun: "objects", objects, checkpoint, more, incomplete, gap })
            }
            Self::DeleteNotification(id) => {
                hunting.delete_ioc_stream_notification(id).await?;
                done(id, "deleted", format!("Deleted notification {id}."))
            }
            Self::DeleteObjects(selection) => {
                hunting.delete_ioc_stream_objects(selection).await?;
                done(selection, "deleting", format!("VirusTotal is deleting from the stream: {selection}."))
            }
        })
    }
}
