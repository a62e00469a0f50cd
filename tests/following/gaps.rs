//! What VirusTotal deleted before it was read: a step from an older checkpoint, or from an older start, says which span it is,
//! by the service's clock, once.

use virustotal_hunting_simulator::Simulator;
use vt_hunting_host::ioc_stream::{IocStreamBatch, IocStreamPoll, StreamGap};

use super::{ALL, budget, options};
use crate::support::answered;
use crate::support::world::World;

const WEEK: u64 = 7 * 86_400;

async fn step(world: &World, checkpoint: Option<&str>, since: Option<u64>) -> IocStreamBatch {
    let query = IocStreamPoll { since, descriptors_only: Some(true), ..Default::default() };
    answered(world.connector.poll_ioc_stream(checkpoint, &query, &ALL)).await
}

fn there(simulator: &Simulator) -> usize {
    simulator.stream_notification_ids().len()
}

#[tokio::test]
async fn seven_days_away_is_in_time_and_a_second_more_is_a_gap() {
    for (away, lost) in [(WEEK - 1, 0), (WEEK, 0), (WEEK + 1, 1), (30 * 86_400, 30 * 86_400 - WEEK)] {
        let world = World::with(options());
        let first = step(&world, None, Some(world.simulator.now())).await;
        let left = world.simulator.now();
        // What nobody read in time, and what is there when the follower is back.
        world.simulator.add_stream_notifications(3);
        world.simulator.advance_clock(away);
        let new = world.simulator.add_stream_notifications(2);
        let batch = step(&world, Some(&first.checkpoint), None).await;
        let gap = (lost > 0).then_some(StreamGap { since: left, until: left + lost });
        assert_eq!((first.gap, batch.gap), (None, gap), "{away}");
        let got: Vec<_> = batch.items.iter().filter_map(|item| item.notification_id.clone()).collect();
        assert_eq!(got.len(), if lost > 0 { 2 } else { 5 }, "{away}");
        assert!(got.ends_with(&new) && there(&world.simulator) == got.len(), "{away}");
        assert_eq!(step(&world, Some(&batch.checkpoint), None).await.gap, None, "said once: {away}");
        assert_eq!(
            step(&world, Some(&first.checkpoint), None).await.gap,
            batch.gap,
            "to whom it was lost, again: {away}"
        );
    }
}

#[tokio::test]
async fn a_start_further_back_than_seven_days_has_lost_the_beginning() {
    let world = World::with(options());
    let now = world.simulator.now();
    for (since, lost) in [(now - WEEK - 60, true), (1, true), (now - WEEK, false), (now + 5, false)] {
        let batch = step(&world, None, Some(since)).await;
        assert_eq!(batch.gap, lost.then_some(StreamGap { since, until: now - WEEK }), "{since}");
    }
    assert_eq!(step(&world, None, None).await.gap, None, "from now on");
}

#[tokio::test]
async fn a_gap_comes_with_the_first_of_many_steps() {
    let world = World::with(options());
    let first = step(&world, None, Some(world.simulator.now())).await;
    world.simulator.advance_clock(8 * 86_400);
    world.simulator.add_stream_notifications(90);
    let query = IocStreamPoll { descriptors_only: Some(true), ..Default::default() };
    let (mut checkpoint, mut gaps, mut items) = (first.checkpoint, Vec::new(), 0);
    loop {
        let batch = answered(world.connector.poll_ioc_stream(Some(&checkpoint), &query, &budget(20, 1))).await;
        gaps.push(batch.gap.is_some());
        items += batch.items.len();
        checkpoint = batch.checkpoint;
        if !batch.more {
            break;
        }
    }
    assert_eq!(items, 90);
    assert!(gaps[0] && gaps.len() > 2 && !gaps[1..].contains(&true), "{gaps:?}");
}
