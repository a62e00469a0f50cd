//! What a step may take, and what its requests are.

use virustotal_hunting_simulator::{Fault, FaultAction};
use vt_hunting_host::CallError;
use vt_hunting_host::ioc_stream::IocStreamPoll;
use vt_hunting_host::livehunt::NotificationsPoll;
use vt_hunting_host::types::{ErrorKind, PollBudget};

use super::{ALL, FEEDS, Feed, Follower, budget, from_the_beginning, options};
use crate::support::answered;
use crate::support::world::World;

#[tokio::test]
async fn one_request_and_one_item_at_a_time_give_everything_once_in_order() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        feed.add(&world.simulator, 45);
        world.simulator.advance_clock(1);
        feed.add(&world.simulator, 3);
        world.simulator.clear_requests();
        let mut steps = 0;
        loop {
            let step = follower.take(&world.connector, &budget(1, 1)).await.expect("a step");
            steps += 1;
            assert!(step.ids.len() <= 1 && world.simulator.requests().len() == steps, "step {steps}");
            let more = step.more;
            follower.store(step);
            if !more {
                break;
            }
        }
        assert_eq!(follower.stored, feed.there(&world.simulator), "{feed:?}");
    }
}

#[tokio::test]
async fn the_first_step_from_now_gives_nothing_and_the_next_ones_what_came_since() {
    for feed in FEEDS {
        let world = World::with(options());
        feed.add(&world.simulator, 100);
        let mut follower = Follower::new(feed, None);
        let first = follower.take(&world.connector, &budget(1, 1)).await.expect("a step");
        assert_eq!((first.ids.len(), first.more), (0, false), "{feed:?}");
        follower.store(first);
        // In the same second as those that were there before, and later.
        let mut new = feed.add(&world.simulator, 3);
        world.simulator.advance_clock(60);
        new.extend(feed.add(&world.simulator, 2));
        follower.catch_up(&world.connector, &ALL).await;
        assert_eq!(follower.stored, new, "{feed:?}");
    }
}

#[tokio::test]
async fn the_first_step_from_now_reads_the_newest_second_to_its_end_whatever_the_budget() {
    for feed in FEEDS {
        let world = World::with(options());
        feed.add(&world.simulator, 100);
        let mut follower = Follower::new(feed, None);
        world.simulator.clear_requests();
        let first = follower.take(&world.connector, &budget(1, 1)).await.expect("a step");
        assert_eq!((first.ids.len(), first.more), (0, false), "{feed:?}");
        // Half of that second would be given by the next step, although it was there before the first one.
        assert_eq!(world.simulator.requests().len(), 3);
        follower.store(first);
        let new = feed.add(&world.simulator, 1);
        follower.catch_up(&world.connector, &budget(1, 1)).await;
        assert_eq!(follower.stored, new, "{feed:?}");
    }
}

#[tokio::test]
async fn nothing_at_all_is_a_place_to_start_from_as_well() {
    for feed in FEEDS {
        let world = World::with(options());
        let mut follower = Follower::new(feed, None);
        follower.catch_up(&world.connector, &ALL).await;
        let new = feed.add(&world.simulator, 2);
        follower.catch_up(&world.connector, &ALL).await;
        assert_eq!(follower.stored, new, "{feed:?}");
    }
}

#[tokio::test]
async fn the_first_step_from_a_date_gives_what_came_then_and_later() {
    for feed in FEEDS {
        let world = World::with(options());
        feed.add(&world.simulator, 3);
        world.simulator.advance_clock(100);
        let mut wanted = feed.add(&world.simulator, 2);
        let mut follower = Follower::new(feed, Some(world.simulator.now()));
        world.simulator.advance_clock(100);
        wanted.extend(feed.add(&world.simulator, 1));
        follower.catch_up(&world.connector, &ALL).await;
        assert_eq!(follower.stored, wanted, "{feed:?}");
    }
}

#[tokio::test]
async fn a_step_asks_for_forty_since_a_date_oldest_first() {
    let world = World::with(options());
    let query = IocStreamPoll {
        since: Some(1_700_000_000),
        descriptors_only: Some(true),
        filter: Some("origin:hunting".to_owned()),
        overlap_seconds: None,
    };
    answered(world.connector.poll_ioc_stream(None, &query, &ALL)).await;
    let query = NotificationsPoll {
        since: Some(1_700_000_000),
        filter: Some("tag:käse".to_owned()),
        overlap_seconds: Some(86_400),
    };
    answered(world.connector.poll_livehunt_notifications(None, &query, &ALL)).await;
    let sent: Vec<(String, String)> =
        world.simulator.take_requests().into_iter().map(|request| (request.path, request.query)).collect();
    let stream = "limit=40&descriptors_only=true&filter=origin%3Ahunting%20date%3A1700000000%2B&order=date%2B";
    let livehunt = "limit=40&filter=tag%3Ak%C3%A4se%20date%3A1700000000%2B&order=date%2B";
    let expected = [("/api/v3/ioc_stream", stream), ("/api/v3/intelligence/hunting_notifications", livehunt)];
    assert_eq!(sent, expected.map(|(path, query)| (path.to_owned(), query.to_owned())));
}

#[tokio::test]
async fn a_filter_holds_for_every_step() {
    let world = World::with(options());
    world.simulator.add_stream_notifications(60);
    world.simulator.add_hunting_notifications(70);
    let query = IocStreamPoll {
        since: Some(world.simulator.now()),
        descriptors_only: Some(true),
        filter: Some("origin:hunting".to_owned()),
        overlap_seconds: None,
    };
    let (mut read, mut checkpoint) = (0, None::<String>);
    loop {
        let step = answered(world.connector.poll_ioc_stream(checkpoint.as_deref(), &query, &budget(25, 1))).await;
        assert!(step.items.iter().all(|item| item.origin.as_deref() == Some("hunting")));
        read += step.items.len();
        checkpoint = Some(step.checkpoint);
        if !step.more {
            break;
        }
    }
    assert_eq!(read, 70);
}

#[tokio::test]
async fn a_later_requests_failure_keeps_the_step_and_the_first_ones_is_the_steps_own() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        let all = feed.add(&world.simulator, 100);
        world.simulator.faults().add(Fault::new(FaultAction::Quota).after(1).times(2));
        let step = follower.take(&world.connector, &ALL).await.expect("a step");
        assert_eq!((&step.ids[..], step.more), (&all[..40], true), "{feed:?}");
        assert_eq!(step.incomplete.as_ref().map(|error| error.kind), Some(ErrorKind::QuotaExceeded));
        follower.store(step);
        match follower.take(&world.connector, &ALL).await {
            Err(CallError::Hunting(error)) => assert_eq!(error.kind, ErrorKind::QuotaExceeded),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("the first request failed"),
        }
        follower.catch_up(&world.connector, &ALL).await;
        assert_eq!(follower.stored, all, "{feed:?}");
    }
}

#[tokio::test]
async fn without_a_budget_a_step_takes_a_thousand_items_and_twenty_requests() {
    let (world, follower) = from_the_beginning(Feed::Stream, options());
    for _ in 0..1100 {
        world.simulator.add_stream_notifications(1);
        world.simulator.advance_clock(1);
    }
    let step = follower.take(&world.connector, &PollBudget::default()).await.expect("a step");
    assert_eq!((world.simulator.take_requests().len(), step.more), (20, true));
    assert_eq!(step.ids, Feed::Stream.there(&world.simulator)[..step.ids.len()]);
    let many = PollBudget { requests: Some(10_000), ..PollBudget::default() };
    let step = follower.take(&world.connector, &many).await.expect("a step");
    assert_eq!((step.ids.len(), step.more), (1000, true));
    let soon = PollBudget { milliseconds: Some(1), ..PollBudget::default() };
    let step = follower.take(&world.connector, &soon).await.expect("a step");
    assert!(!step.ids.is_empty() && step.more, "one request at least: {}", step.ids.len());
    assert!(step.ids.len() < 1000, "{}", step.ids.len());
}
