//! The checkpoint: good for its query alone, in whichever instance, and whole or not at all.

use vt_hunting_host::ioc_stream::IocStreamPoll;
use vt_hunting_host::livehunt::NotificationsPoll;
use vt_hunting_host::types::{Error, ErrorKind, PollBudget};

use super::{ALL, FEEDS, Feed, Follower, budget, from_the_beginning, options};
use crate::support::world::{World, connector, settings};
use crate::support::{answered, refused};

#[tokio::test]
async fn a_checkpoint_older_than_the_items_gives_some_twice_and_none_never() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        let mut old = None;
        for round in 0..10 {
            feed.add(&world.simulator, 25);
            world.simulator.advance_clock(1);
            let step = follower.take(&world.connector, &budget(30, 2)).await.expect("a step");
            follower.store(step);
            // Killed between the two: every third time the checkpoint of two steps ago is what is left.
            if round % 3 == 2 {
                follower.checkpoint.clone_from(&old);
            } else if round % 3 == 0 {
                old.clone_from(&follower.checkpoint);
            }
        }
        follower.catch_up(&world.connector, &ALL).await;
        let all = feed.there(&world.simulator);
        assert!(follower.stored.len() > all.len(), "something was to come twice: {feed:?}");
        follower.stored.sort_unstable();
        follower.stored.dedup();
        follower.assert_stored_once(&all, &format!("{feed:?}"));
    }
}

#[tokio::test]
async fn the_same_checkpoint_gives_the_same_again() {
    let (world, mut follower) = from_the_beginning(Feed::Stream, options());
    world.simulator.add_stream_notifications(90);
    let first = follower.take(&world.connector, &budget(1000, 1)).await.expect("a step");
    follower.store(first);
    let second = follower.take(&world.connector, &ALL).await.expect("a step");
    let again = follower.take(&world.connector, &ALL).await.expect("a step");
    assert_eq!((second.ids.len(), &second.ids), (50, &again.ids));
    assert_eq!(second.checkpoint, again.checkpoint);
}

#[tokio::test]
async fn a_checkpoint_goes_on_in_another_tenant_of_the_same_user() {
    for feed in FEEDS {
        let (world, mut follower) = from_the_beginning(feed, options());
        feed.add(&world.simulator, 100);
        let step = follower.take(&world.connector, &budget(60, 2)).await.expect("a step");
        follower.store(step);
        follower.catch_up(&connector(settings(&world.simulator.http_url())), &ALL).await;
        assert_eq!(follower.stored, feed.there(&world.simulator), "{feed:?}");
    }
}

#[tokio::test]
async fn descriptors_and_whole_objects_share_a_checkpoint() {
    let world = World::with(options());
    let made = world.simulator.add_stream_notifications(6);
    let query = |descriptors_only| IocStreamPoll {
        since: Some(world.simulator.now()),
        descriptors_only,
        filter: None,
        overlap_seconds: None,
    };
    let first = answered(world.connector.poll_ioc_stream(None, &query(Some(true)), &budget(2, 1))).await;
    let rest = answered(world.connector.poll_ioc_stream(Some(&first.checkpoint), &query(None), &ALL)).await;
    let ids = first.items.iter().chain(&rest.items).filter_map(|item| item.notification_id.clone());
    assert_eq!(ids.collect::<Vec<_>>(), made);
    assert!(first.items[0].json.len() < rest.items[0].json.len(), "a descriptor is the smaller one");
}

#[tokio::test]
async fn a_checkpoint_is_some_hundred_bytes_and_does_not_grow_with_what_was_given() {
    let (world, mut follower) = from_the_beginning(Feed::Stream, options());
    world.simulator.add_stream_notifications(10);
    world.simulator.advance_clock(1);
    follower.catch_up(&world.connector, &ALL).await;
    let few = follower.checkpoint.as_ref().map_or(0, String::len);
    assert!(few < 400, "{few}");
    for _ in 0..60 {
        world.simulator.add_stream_notifications(40);
        world.simulator.advance_clock(1);
        follower.catch_up(&world.connector, &ALL).await;
    }
    // The names of the last ten seconds and of 512 before them, nine bytes each, in base64.
    let many = follower.checkpoint.as_ref().map_or(0, String::len);
    assert!(many < 16_384, "{many} after 2 410 notifications");
    assert_eq!(follower.stored, Feed::Stream.there(&world.simulator));
}

fn assert_refused(error: &Error, names: &str) {
    assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::InvalidArgument, "InvalidArgument", None));
    assert!(error.message.contains(names), "{}", error.message);
}

#[tokio::test]
async fn another_querys_checkpoint_is_refused_and_nothing_is_sent() {
    let world = World::with(options());
    let mut follower = Follower::new(Feed::Stream, Some(0));
    follower.catch_up(&world.connector, &ALL).await;
    let checkpoint = follower.checkpoint.expect("a checkpoint");
    world.simulator.clear_requests();
    let filtered = IocStreamPoll { filter: Some("origin:hunting".to_owned()), ..Default::default() };
    let error = refused(world.connector.poll_ioc_stream(Some(&checkpoint), &filtered, &ALL)).await;
    assert_refused(&error, "`checkpoint` belongs to another query");
    let other = NotificationsPoll::default();
    let error = refused(world.connector.poll_livehunt_notifications(Some(&checkpoint), &other, &ALL)).await;
    assert_refused(&error, "`checkpoint` belongs to another query");
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn half_a_checkpoint_is_refused_and_nothing_is_sent() {
    let world = World::with(options());
    let mut follower = Follower::new(Feed::Stream, Some(0));
    world.simulator.add_stream_notifications(3);
    follower.catch_up(&world.connector, &ALL).await;
    let whole = follower.checkpoint.expect("a checkpoint");
    world.simulator.clear_requests();
    let mut altered = whole.clone().into_bytes();
    altered[20] = if altered[20] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).expect("text");
    let longer = format!("{whole}AAAA");
    for checkpoint in ["", "vc1.", &whole[..whole.len() - 1], &whole[..30], &whole[4..], &altered, &longer, "käse"] {
        let query = IocStreamPoll::default();
        let error = refused(world.connector.poll_ioc_stream(Some(checkpoint), &query, &ALL)).await;
        assert_refused(&error, "`checkpoint` is not whole");
    }
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn a_dated_filter_an_empty_budget_and_a_long_overlap_are_refused() {
    let world = World::with(options());
    let dated = IocStreamPoll { filter: Some("origin:hunting date:1+".to_owned()), ..Default::default() };
    assert_refused(&refused(world.connector.poll_ioc_stream(None, &dated, &ALL)).await, "`since`");
    let long = NotificationsPoll { overlap_seconds: Some(86_401), ..Default::default() };
    assert_refused(&refused(world.connector.poll_livehunt_notifications(None, &long, &ALL)).await, "86400");
    for (budget, names) in [
        (PollBudget { items: Some(0), ..Default::default() }, "`budget.items`"),
        (PollBudget { requests: Some(0), ..Default::default() }, "`budget.requests`"),
        (PollBudget { milliseconds: Some(0), ..Default::default() }, "`budget.milliseconds`"),
    ] {
        let error = refused(world.connector.poll_ioc_stream(None, &IocStreamPoll::default(), &budget)).await;
        assert_refused(&error, names);
    }
    assert!(world.simulator.requests().is_empty());
}
