//! A caller that is killed: at whichever request of the whole run, or with whichever step's result in hand.
//!
//! The same run is made over and over, and each time another of its requests fails, or the result of another of its
//! steps is thrown away. What is stored in the end is always what the simulator had.

use virustotal_hunting_simulator::{Cursors, Fault, FaultAction, Options};

use super::{ALL, FEEDS, Feed, Follower, budget, from_the_beginning, options};
use crate::support::world::World;

/// What goes wrong in a run.
#[derive(Clone, Debug)]
enum Death {
    Never,
    /// This request, counted from 0, fails.
    AtRequest(u32, FaultAction),
    /// The result of this step, counted from 0, is thrown away.
    WithResultOf(usize),
}

/// A run under way.
struct Run {
    world: World,
    follower: Follower,
    death: Death,
    steps: usize,
    /// What is to be stored in the end.
    wanted: Vec<String>,
}

impl Run {
    fn add(&mut self, count: usize) {
        self.wanted.extend(self.follower.feed.add(&self.world.simulator, count));
    }

    async fn step(&mut self, items: u32, requests: u32) {
        let result = self.follower.take(&self.world.connector, &budget(items, requests)).await;
        let is_lost = matches!(self.death, Death::WithResultOf(step) if step == self.steps);
        self.steps += 1;
        if let Ok(step) = result
            && !is_lost
        {
            self.follower.store(step);
        }
    }

    /// Others delete one that is stored, and one that is not.
    fn delete(&mut self) {
        let there = self.follower.feed.there(&self.world.simulator);
        let is_stored = |id: &&String| self.follower.stored.contains(id);
        let old = there.iter().find(is_stored).cloned();
        let new = there.iter().rev().find(|id| !is_stored(id)).cloned();
        for id in old.into_iter().chain(new.clone()) {
            self.follower.feed.delete(&self.world.simulator, &id);
        }
        self.wanted.retain(|id| Some(id) != new.as_ref());
    }

    fn requests(&self) -> u32 {
        self.world.simulator.requests().len() as u32
    }
}

/// Seconds with one entry, with a few, and with more than two pages; budgets that end in their midst; deletions.
async fn run(feed: Feed, options: Options, death: Death) -> Run {
    let (world, follower) = from_the_beginning(feed, options);
    if let Death::AtRequest(number, action) = &death {
        world.simulator.faults().add(Fault::new(action.clone()).after(*number).times(1));
    }
    let mut run = Run { world, follower, death, steps: 0, wanted: Vec::new() };
    run.add(3);
    run.step(1000, 20).await;
    run.add(2);
    run.world.simulator.advance_clock(1);
    run.add(95);
    run.step(50, 20).await;
    run.delete();
    run.step(1000, 1).await;
    run.world.simulator.advance_clock(30);
    run.add(1);
    run.step(1000, 2).await;
    run.delete();
    for _ in 0..45 {
        run.add(1);
        run.world.simulator.advance_clock(1);
    }
    run.step(40, 1).await;
    run.delete();
    run.step(1000, 20).await;
    run
}

/// Restarted after its death, it catches up.
async fn assert_nothing_lost(mut run: Run, in_order: bool, context: &str) {
    run.world.simulator.faults().clear();
    run.follower.catch_up(&run.world.connector, &ALL).await;
    run.follower.assert_stored_once(&run.wanted, context);
    let there = run.follower.feed.there(&run.world.simulator);
    assert!(there.iter().all(|id| run.follower.stored.contains(id)), "{context}");
    if in_order {
        assert_eq!(run.follower.stored, run.wanted, "{context}");
    }
}

/// Every request of a run, one after the other.
async fn at_every_request(feed: Feed, cursors: Cursors, actions: &[FaultAction]) {
    let with = || Options { cursors, ..options() };
    let clean = run(feed, with(), Death::Never).await;
    let requests = clean.requests();
    assert!(requests > 10, "{requests} are too few to say anything");
    assert_nothing_lost(clean, cursors == Cursors::AfterEntry, "a clean run").await;
    for number in 0..requests {
        let death = Death::AtRequest(number, actions[number as usize % actions.len()].clone());
        let context = format!("{feed:?}, {cursors:?}, {death:?}");
        let run = run(feed, with(), death).await;
        assert!(run.world.simulator.faults().active().is_empty(), "it did not die: {context}");
        assert_nothing_lost(run, cursors == Cursors::AfterEntry, &context).await;
    }
}

fn actions() -> [FaultAction; 4] {
    let status = |code| FaultAction::Status { code, body: None, headers: Vec::new() };
    [status(500), FaultAction::Truncate(60), FaultAction::Quota, FaultAction::Garbage(b"<html>".to_vec())]
}

#[tokio::test]
async fn killed_at_any_request_a_follower_of_the_stream_stores_everything_once_in_order() {
    at_every_request(Feed::Stream, Cursors::AfterEntry, &actions()).await;
}

#[tokio::test]
async fn killed_at_any_request_a_follower_of_livehunt_stores_everything_once_in_order() {
    at_every_request(Feed::Livehunt, Cursors::AfterEntry, &actions()).await;
}

#[tokio::test]
async fn killed_at_any_request_where_cursors_count_a_follower_stores_everything_once() {
    at_every_request(Feed::Stream, Cursors::Offset, &actions()).await;
}

#[tokio::test]
async fn refused_at_any_request_a_follower_stores_everything_once_in_order() {
    // As for a cursor that has become too old: it begins that second anew.
    let refused = FaultAction::Status { code: 400, body: None, headers: Vec::new() };
    at_every_request(Feed::Stream, Cursors::AfterEntry, &[refused]).await;
}

#[tokio::test]
async fn killed_with_any_steps_result_in_hand_a_follower_stores_everything_once_in_order() {
    for feed in FEEDS {
        for cursors in [Cursors::AfterEntry, Cursors::Offset] {
            let with = || Options { cursors, ..options() };
            let steps = run(feed, with(), Death::Never).await.steps;
            for step in 0..steps {
                let death = Death::WithResultOf(step);
                let context = format!("{feed:?}, {cursors:?}, {death:?}");
                let run = run(feed, with(), death).await;
                assert_nothing_lost(run, cursors == Cursors::AfterEntry, &context).await;
            }
        }
    }
}
