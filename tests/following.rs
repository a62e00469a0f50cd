//! Following gives every notification once, whatever happens between and during the steps, to a caller who stores what
//! comes together with the checkpoint; and never none of one to a caller who does not.

mod budgets;
mod checkpoints;
mod clock;
mod gaps;
mod killed;
mod seconds;

use std::collections::BTreeSet;

use virustotal_hunting_simulator::{Options, Simulator};
use vt_hunting_host::ioc_stream::IocStreamPoll;
use vt_hunting_host::livehunt::NotificationsPoll;
use vt_hunting_host::types::{Error, PollBudget};
use vt_hunting_host::{CallError, Connector};

use crate::support::within;
use crate::support::world::World;

/// What is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feed {
    Stream,
    Livehunt,
}

const FEEDS: [Feed; 2] = [Feed::Stream, Feed::Livehunt];

impl Feed {
    /// Has so many appear at this moment.
    fn add(self, simulator: &Simulator, count: usize) -> Vec<String> {
        match self {
            Feed::Stream => simulator.add_stream_notifications(count),
            Feed::Livehunt => simulator.add_hunting_notifications(count),
        }
    }

    /// Has somebody else delete one.
    fn delete(self, simulator: &Simulator, id: &str) {
        let is_gone = match self {
            Feed::Stream => simulator.delete_stream_notification(id),
            Feed::Livehunt => simulator.delete_hunting_notification(id),
        };
        assert!(is_gone, "{id} was not there");
    }

    /// All there is, oldest first.
    fn there(self, simulator: &Simulator) -> Vec<String> {
        let mut all = match self {
            Feed::Stream => simulator.stream_notification_ids(),
            Feed::Livehunt => simulator.hunting_notification_ids(),
        };
        // Stable: within a second they stay in the order made.
        all.sort_by_key(|(_, date)| *date);
        all.into_iter().map(|(id, _)| id).collect()
    }

    async fn poll(
        self,
        connector: &Connector,
        checkpoint: Option<&str>,
        since: Option<u64>,
        budget: &PollBudget,
    ) -> Result<Step, CallError> {
        match self {
            Feed::Stream => {
                let query = IocStreamPoll { since, descriptors_only: Some(true), ..Default::default() };
                let batch = within(connector.poll_ioc_stream(checkpoint, &query, budget)).await?;
                let ids = batch.items.into_iter().map(|item| item.notification_id.expect("an id")).collect();
                Ok(Step { ids, checkpoint: batch.checkpoint, more: batch.more, incomplete: batch.incomplete })
            }
            Feed::Livehunt => {
                let query = NotificationsPoll { since, ..Default::default() };
                let batch = within(connector.poll_livehunt_notifications(checkpoint, &query, budget)).await?;
                let ids = batch.items.into_iter().map(|item| item.id).collect();
                Ok(Step { ids, checkpoint: batch.checkpoint, more: batch.more, incomplete: batch.incomplete })
            }
        }
    }
}

/// What a step brought.
struct Step {
    ids: Vec<String>,
    checkpoint: String,
    more: bool,
    incomplete: Option<Error>,
}

/// Nothing there yet, and few samples: there are many of these.
fn options() -> Options {
    Options { history: 0, samples: 24, ..Options::default() }
}

fn budget(items: u32, requests: u32) -> PollBudget {
    PollBudget { items: Some(items), requests: Some(requests), milliseconds: None }
}

const ALL: PollBudget = PollBudget { items: Some(100_000), requests: Some(10_000), milliseconds: None };

/// Somebody who stores what comes together with the checkpoint, as in one transaction.
struct Follower {
    feed: Feed,
    since: Option<u64>,
    stored: Vec<String>,
    checkpoint: Option<String>,
}

impl Follower {
    fn new(feed: Feed, since: Option<u64>) -> Follower {
        Follower { feed, since, stored: Vec::new(), checkpoint: None }
    }

    fn store(&mut self, step: Step) {
        self.stored.extend(step.ids);
        self.checkpoint = Some(step.checkpoint);
    }

    async fn take(&self, connector: &Connector, budget: &PollBudget) -> Result<Step, CallError> {
        self.feed.poll(connector, self.checkpoint.as_deref(), self.since, budget).await
    }

    /// Takes steps until there is nothing more.
    async fn catch_up(&mut self, connector: &Connector, budget: &PollBudget) {
        for _ in 0..2000 {
            let step = self.take(connector, budget).await.unwrap_or_else(|error| panic!("{error:?}"));
            assert!(step.incomplete.is_none(), "{:?}", step.incomplete);
            let more = step.more;
            self.store(step);
            if !more {
                return;
            }
        }
        panic!("it never ends");
    }

    /// Each once, whatever the order.
    fn assert_stored_once(&self, wanted: &[String], context: &str) {
        let stored: BTreeSet<&String> = self.stored.iter().collect();
        assert_eq!(stored.len(), self.stored.len(), "something came twice: {context}");
        assert_eq!(stored, wanted.iter().collect::<BTreeSet<_>>(), "{context}");
    }
}

/// A world, and somebody who follows one of its feeds from its beginning.
fn from_the_beginning(feed: Feed, options: Options) -> (World, Follower) {
    let world = World::with(options);
    let follower = Follower::new(feed, Some(world.simulator.now()));
    (world, follower)
}
