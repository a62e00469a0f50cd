//! The service's clock: it can step back, and some things are dated late.

use virustotal_hunting_simulator::Options;

use super::{ALL, FEEDS, Feed, Follower, budget, from_the_beginning, options};
use crate::support::world::World;

#[tokio::test]
async fn a_clock_that_steps_back_hides_nothing_and_repeats_nothing() {
    for feed in FEEDS {
        for back in [1, 9, 60, 3_600, 86_400] {
            let (world, mut follower) = from_the_beginning(feed, options());
            follower.since = Some(world.simulator.now() - 100_000);
            for _ in 0..12 {
                feed.add(&world.simulator, 3);
                world.simulator.advance_clock(13);
            }
            follower.catch_up(&world.connector, &ALL).await;
            world.simulator.rewind_clock(back);
            feed.add(&world.simulator, 2);
            follower.catch_up(&world.connector, &ALL).await;
            for _ in 0..6 {
                world.simulator.advance_clock(700);
                feed.add(&world.simulator, 1);
                follower.catch_up(&world.connector, &ALL).await;
            }
            follower.assert_stored_once(&feed.there(&world.simulator), &format!("{feed:?} {back}"));
        }
    }
}

#[tokio::test]
async fn a_clock_that_steps_back_in_the_midst_of_a_listing_hides_nothing() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        world.simulator.advance_clock(1_000);
        feed.add(&world.simulator, 100);
        let step = follower.take(&world.connector, &budget(1000, 1)).await.expect("a step");
        assert!(step.more);
        follower.store(step);
        world.simulator.rewind_clock(500);
        feed.add(&world.simulator, 50);
        follower.catch_up(&world.connector, &budget(1000, 1)).await;
        world.simulator.advance_clock(5_000);
        feed.add(&world.simulator, 1);
        follower.catch_up(&world.connector, &ALL).await;
        follower.assert_stored_once(&feed.there(&world.simulator), &format!("{feed:?}"));
    }
}

#[tokio::test]
async fn what_is_dated_late_within_the_overlap_is_given_all_the_same() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        world.simulator.advance_clock(100);
        feed.add(&world.simulator, 5);
        follower.catch_up(&world.connector, &ALL).await;
        world.simulator.rewind_clock(8);
        feed.add(&world.simulator, 1);
        // By the time of the next step nothing tells that the clock was back.
        world.simulator.advance_clock(100);
        feed.add(&world.simulator, 1);
        follower.catch_up(&world.connector, &ALL).await;
        follower.assert_stored_once(&feed.there(&world.simulator), &format!("{feed:?}"));
    }
}

#[tokio::test]
async fn in_between_everything_comes_oldest_first() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        for count in 1..30 {
            feed.add(&world.simulator, count % 7);
            world.simulator.advance_clock((count % 3) as u64 * 40);
        }
        follower.catch_up(&world.connector, &ALL).await;
        assert_eq!(follower.stored, feed.there(&world.simulator), "{feed:?}");
    }
}

#[tokio::test]
async fn a_follower_from_now_is_given_what_a_clock_that_stepped_back_dates_before_its_start() {
    let world = World::with(Options { history: 96, samples: 24, ..Options::default() });
    let mut follower = Follower::new(Feed::Stream, None);
    follower.catch_up(&world.connector, &ALL).await;
    // Among what was there at the start, as far as the page of the newest reaches.
    world.simulator.rewind_clock(2 * 3_600);
    let new = world.simulator.add_stream_notifications(2);
    follower.catch_up(&world.connector, &ALL).await;
    assert_eq!(follower.stored, new);
}

#[tokio::test]
async fn behind_hundreds_the_clock_may_step_back_as_far_as_their_names_reach() {
    let (world, mut follower) = from_the_beginning(Feed::Stream, options());
    for _ in 0..70 {
        world.simulator.add_stream_notifications(10);
        world.simulator.advance_clock(1);
    }
    follower.catch_up(&world.connector, &ALL).await;
    world.simulator.rewind_clock(35);
    world.simulator.add_stream_notifications(2);
    follower.catch_up(&world.connector, &ALL).await;
    follower.assert_stored_once(&Feed::Stream.there(&world.simulator), "350 names are some of the 512");
}

#[tokio::test]
async fn what_is_dated_late_behind_a_long_second_is_given_all_the_same() {
    let (world, mut follower) = from_the_beginning(Feed::Stream, options());
    world.simulator.advance_clock(100);
    world.simulator.add_stream_notifications(600);
    follower.catch_up(&world.connector, &ALL).await;
    world.simulator.rewind_clock(3);
    world.simulator.add_stream_notifications(1);
    world.simulator.advance_clock(100);
    follower.catch_up(&world.connector, &ALL).await;
    follower.assert_stored_once(&Feed::Stream.there(&world.simulator), "three seconds before the six hundred");
}
