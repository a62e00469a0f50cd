//! A second with more than a page in it: dates are whole seconds, so that only ids tell what was given of it.

use virustotal_hunting_simulator::{Cursors, Options};

use super::{ALL, FEEDS, Feed, budget, from_the_beginning, options};

#[tokio::test]
async fn five_hundred_in_one_second_are_read_whatever_the_budget() {
    for (items, requests) in [(100_000, 10_000), (100_000, 1), (40, 1), (41, 2), (7, 3)] {
        let (world, mut follower) = from_the_beginning(Feed::Stream, options());
        world.simulator.add_stream_notifications(3);
        world.simulator.advance_clock(1);
        world.simulator.add_stream_notifications(500);
        world.simulator.advance_clock(1);
        world.simulator.add_stream_notifications(3);
        follower.catch_up(&world.connector, &budget(items, requests)).await;
        assert_eq!(follower.stored, Feed::Stream.there(&world.simulator), "{items} {requests}");
    }
}

#[tokio::test]
async fn a_hundred_livehunt_notifications_in_one_second_as_well() {
    let (world, mut follower) = from_the_beginning(Feed::Livehunt, options());
    world.simulator.add_hunting_notifications(100);
    follower.catch_up(&world.connector, &budget(30, 1)).await;
    world.simulator.add_hunting_notifications(100);
    follower.catch_up(&world.connector, &budget(30, 1)).await;
    assert_eq!(follower.stored, Feed::Livehunt.there(&world.simulator));
}

#[tokio::test]
async fn a_page_that_ends_inside_a_second_leaves_the_rest_of_it_to_the_next() {
    // Whatever comes before shifts where in the second the page ends.
    for before in [1, 20, 38, 39, 40] {
        let (world, mut follower) = from_the_beginning(Feed::Stream, options());
        world.simulator.add_stream_notifications(before);
        world.simulator.advance_clock(60);
        world.simulator.add_stream_notifications(45);
        follower.catch_up(&world.connector, &budget(1000, 1)).await;
        assert_eq!(follower.stored, Feed::Stream.there(&world.simulator), "{before}");
    }
}

#[tokio::test]
async fn what_comes_in_a_second_that_was_read_already_is_given_by_the_next_step() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        for count in [1, 39, 2, 41, 5] {
            feed.add(&world.simulator, count);
            follower.catch_up(&world.connector, &ALL).await;
        }
        assert_eq!(follower.stored, feed.there(&world.simulator), "{feed:?}");
    }
}

#[tokio::test]
async fn what_others_delete_while_a_long_second_is_read_hides_nothing() {
    for cursors in [Cursors::AfterEntry, Cursors::Offset] {
        for items in [1000, 25] {
            let (world, mut follower) = from_the_beginning(Feed::Stream, Options { cursors, ..options() });
            let made = world.simulator.add_stream_notifications(150);
            let mut deleted = 0;
            for _ in 0..100 {
                let step = follower.take(&world.connector, &budget(items, 1)).await.expect("a step");
                let more = step.more;
                follower.store(step);
                // Whatever was handled is deleted at once, which shifts what a counting cursor means.
                for id in &follower.stored[deleted..] {
                    assert!(world.simulator.delete_stream_notification(id));
                }
                deleted = follower.stored.len();
                if !more {
                    break;
                }
            }
            follower.catch_up(&world.connector, &ALL).await;
            follower.assert_stored_once(&made, &format!("{cursors:?} {items}"));
        }
    }
}

#[tokio::test]
async fn all_the_bad_habits_together_hide_nothing() {
    for (ignores_limit, empty_pages_in_a_row, repeats_cursor) in
        [(None, 1, true), (Some(11), 2, false), (Some(70), 1, true)]
    {
        let with = Options {
            cursors: Cursors::Offset,
            ignores_limit,
            empty_pages: true,
            empty_pages_in_a_row,
            trailing_cursor: true,
            repeats_cursor,
            ..options()
        };
        let (world, mut follower) = from_the_beginning(Feed::Stream, with);
        for count in [60, 1, 100] {
            world.simulator.add_stream_notifications(count);
            follower.catch_up(&world.connector, &budget(30, 4)).await;
            world.simulator.advance_clock(1);
        }
        follower.assert_stored_once(&Feed::Stream.there(&world.simulator), &format!("{ignores_limit:?}"));
    }
}
