//! Following: every notification once, whatever happens between and during the steps.

use super::Batch;
use crate::contract::ioc_stream::{IocStreamObject, IocStreamPoll};
use crate::contract::types::PollBudget;
use crate::contract::{ErrorKind, Failed};
use crate::follow::step;
use crate::ioc_stream::poll;
use crate::livehunt::poll_notifications;
use crate::stage::Stage;
use crate::stage::service::{Fault, Service};

const ALL: PollBudget = PollBudget { items: Some(100_000), requests: Some(10_000), milliseconds: None };

fn service() -> Service {
    let service = Service::default();
    service.0.borrow_mut().now = 1_700_000_000;
    service
}

fn stage(service: &Service) -> Stage {
    Stage::with_key().served_by(service.serve())
}

fn query(since: Option<u64>) -> IocStreamPoll {
    IocStreamPoll { since, descriptors_only: Some(true), filter: None, overlap_seconds: None }
}

fn take(
    stage: &Stage,
    checkpoint: Option<&str>,
    since: Option<u64>,
    budget: PollBudget,
) -> Result<Batch<IocStreamObject>, Failed> {
    step(stage, poll(checkpoint.map(String::from), query(since), budget))
}

fn ids(batch: &Batch<IocStreamObject>) -> Vec<u64> {
    batch.items.iter().map(|item| item.notification_id.as_ref().unwrap().parse().unwrap()).collect()
}

/// Somebody who stores what comes together with the checkpoint.
struct Follower {
    stored: Vec<u64>,
    checkpoint: Option<String>,
    since: Option<u64>,
}

impl Follower {
    fn since(since: Option<u64>) -> Self {
        Self { stored: Vec::new(), checkpoint: None, since }
    }

    /// Takes a step; when `survives`, what it brought is stored.
    fn step(&mut self, stage: &Stage, budget: PollBudget, survives: bool) -> Option<bool> {
        let batch = take(stage, self.checkpoint.as_deref(), self.since, budget).ok()?;
        if survives {
            self.stored.extend(ids(&batch));
            self.checkpoint = Some(batch.checkpoint);
        }
        Some(batch.more)
    }

    /// Steps until there is nothing more.
    fn catch_up(&mut self, stage: &Stage) {
        for _ in 0..1000 {
            if self.step(stage, ALL, true) == Some(false) {
                return;
            }
        }
        panic!("it never ends");
    }
}

#[test]
fn the_first_step_from_now_gives_nothing_and_the_next_ones_what_came_since() {
    let service = service();
    service.0.borrow_mut().add(100);
    let stage = stage(&service);
    let mut follower = Follower::since(None);
    follower.catch_up(&stage);
    assert_eq!(follower.stored, [0; 0]);
    // In the same second as those that were there before.
    let new = service.0.borrow_mut().add(3);
    follower.catch_up(&stage);
    assert_eq!(follower.stored, new);
}

#[test]
fn an_empty_stream_is_a_place_to_start_from_as_well() {
    let service = service();
    let stage = stage(&service);
    let mut follower = Follower::since(None);
    follower.catch_up(&stage);
    let new = service.0.borrow_mut().add(2);
    follower.catch_up(&stage);
    assert_eq!(follower.stored, new);
}

#[test]
fn a_start_in_the_past_gives_what_came_since_then_oldest_first() {
    let service = service();
    let mut wanted = Vec::new();
    for second in 0..300 {
        service.0.borrow_mut().now += 1;
        let new = service.0.borrow_mut().add(1);
        if second >= 100 {
            wanted.extend(new);
        }
    }
    let stage = stage(&service);
    let mut follower = Follower::since(Some(1_700_000_101));
    follower.catch_up(&stage);
    assert_eq!(follower.stored, wanted);
}

#[test]
fn the_requests_are_inclusive_and_ask_for_the_oldest_first() {
    let service = service();
    let stage = stage(&service);
    take(&stage, None, Some(5), ALL).unwrap();
    assert_eq!(stage.targets(), ["/api/v3/ioc_stream?limit=40&descriptors_only=true&filter=date%3A5%2B&order=date%2B"]);
    let query =
        IocStreamPoll { filter: Some(String::from("origin:hunting")), descriptors_only: None, ..query(Some(5)) };
    step(&stage, poll(None, query, ALL)).unwrap();
    assert_eq!(stage.targets()[1], "/api/v3/ioc_stream?limit=40&filter=origin%3Ahunting%20date%3A5%2B&order=date%2B");
}

#[test]
fn livehunt_notifications_are_followed_the_same_way() {
    let body = "{\"data\":[{\"type\":\"hunting_notification\",\"id\":\"a-b-c\",\"attributes\":{\"date\":7}}]}";
    let stage = Stage::with_key().answers(200, &[], body).answers(200, &[], body);
    let query = || crate::contract::livehunt::NotificationsPoll {
        since: Some(5),
        filter: Some(String::from("tag:x")),
        overlap_seconds: Some(0),
    };
    let batch = step(&stage, poll_notifications(None, query(), ALL)).unwrap();
    assert_eq!((batch.items.len(), batch.items[0].id.as_str()), (1, "a-b-c"));
    let batch = step(&stage, poll_notifications(Some(batch.checkpoint), query(), ALL)).unwrap();
    assert_eq!((batch.items.len(), batch.more), (0, false));
    let targets = ["date%3A5%2B", "date%3A7%2B"].map(|date| {
        format!("/api/v3/intelligence/hunting_notifications?limit=40&filter=tag%3Ax%20{date}&order=date%2B")
    });
    assert_eq!(stage.targets(), targets);
}

#[test]
fn a_second_with_more_than_a_page_is_read_to_its_end_whatever_the_budget() {
    for counts in [false, true] {
        let service = service();
        service.0.borrow_mut().counts = counts;
        let before = service.0.borrow_mut().add(5);
        service.0.borrow_mut().now += 1;
        let burst = service.0.borrow_mut().add(333);
        service.0.borrow_mut().now += 1;
        let after = service.0.borrow_mut().add(5);
        let stage = stage(&service);
        for (items, requests) in [(100_000, 1), (1, 100), (7, 2), (40, 1), (100, 3)] {
            let mut follower = Follower::since(Some(1_700_000_000));
            let budget = || PollBudget { items: Some(items), requests: Some(requests), milliseconds: None };
            for _ in 0..2000 {
                if follower.step(&stage, budget(), true) == Some(false) {
                    break;
                }
            }
            assert_eq!(follower.stored, [before.clone(), burst.clone(), after.clone()].concat(), "{items} {requests}");
        }
    }
}

#[test]
fn what_others_delete_while_a_long_second_is_read_hides_nothing() {
    let service = service();
    service.0.borrow_mut().counts = true;
    let burst = service.0.borrow_mut().add(120);
    let stage = stage(&service);
    let mut follower = Follower::since(Some(1_700_000_000));
    let one = || PollBudget { items: None, requests: Some(1), milliseconds: None };
    for _ in 0..50 {
        if follower.step(&stage, one(), true) == Some(false) {
            break;
        }
        // What was handled is deleted, which shifts what a counting cursor means.
        let stored = follower.stored.clone();
        service.0.borrow_mut().entries.retain(|entry| !stored.contains(&entry.id));
    }
    follower.stored.sort_unstable();
    assert_eq!(follower.stored, burst);
}

#[test]
fn a_clock_that_steps_back_hides_nothing_and_repeats_nothing() {
    for step_back in [1, 9, 60, 3600, 86_400] {
        let service = service();
        let stage = stage(&service);
        let mut follower = Follower::since(Some(1_600_000_000));
        let mut all = Vec::new();
        let mut add = |count| all.extend(service.0.borrow_mut().add(count));
        for _ in 0..20 {
            add(3);
            service.0.borrow_mut().now += 13;
        }
        follower.catch_up(&stage);
        service.0.borrow_mut().now -= step_back;
        add(2);
        follower.catch_up(&stage);
        for _ in 0..10 {
            service.0.borrow_mut().now += 700;
            add(1);
            follower.catch_up(&stage);
        }
        follower.stored.sort_unstable();
        all.sort_unstable();
        assert_eq!(follower.stored, all, "{step_back}");
    }
}

#[test]
fn a_clock_that_steps_back_behind_a_burst_hides_nothing() {
    let service = service();
    let stage = stage(&service);
    let mut follower = Follower::since(Some(1_600_000_000));
    let mut all = Vec::new();
    for _ in 0..20 {
        all.extend(service.0.borrow_mut().add(20));
        service.0.borrow_mut().now += 5;
    }
    all.extend(service.0.borrow_mut().add(900));
    follower.catch_up(&stage);
    service.0.borrow_mut().now -= 60;
    all.extend(service.0.borrow_mut().add(5));
    follower.catch_up(&stage);
    follower.stored.sort_unstable();
    assert_eq!(follower.stored, all);
}

#[test]
fn a_burst_is_not_read_again_for_ever() {
    let service = service();
    let stage = stage(&service);
    let mut follower = Follower::since(Some(1_600_000_000));
    let mut all = service.0.borrow_mut().add(400);
    follower.catch_up(&stage);
    let costs = |follower: &mut Follower| {
        let before = stage.sent.borrow().len();
        follower.catch_up(&stage);
        stage.sent.borrow().len() - before
    };
    // As long as something may still be dated in that second.
    assert!(costs(&mut follower) > 10);
    service.0.borrow_mut().now += 610;
    follower.catch_up(&stage);
    assert_eq!(costs(&mut follower), 1);
    // Then as ever.
    all.extend(service.0.borrow_mut().add(3));
    follower.catch_up(&stage);
    assert_eq!(follower.stored, all);
}

#[test]
fn a_burst_beyond_what_is_remembered_is_given_once_in_the_end() {
    let service = service();
    let burst = service.0.borrow_mut().add(11_000);
    service.0.borrow_mut().now += 1;
    let after = service.0.borrow_mut().add(5);
    let stage = stage(&service);
    let mut follower = Follower::since(Some(1_600_000_000));
    let as_ever = || PollBudget { items: None, requests: None, milliseconds: None };
    for _ in 0..1000 {
        if follower.step(&stage, as_ever(), true) == Some(false) {
            break;
        }
    }
    assert_eq!(follower.stored.len(), 11_005);
    assert_eq!(follower.stored, [burst, after].concat());
}

#[test]
fn the_overlap_holds_however_quiet_it_was() {
    let service = service();
    let stage = stage(&service);
    let query = || IocStreamPoll { overlap_seconds: Some(3600), ..query(Some(1_600_000_000)) };
    let mut all = service.0.borrow_mut().add(5);
    let first = step(&stage, poll(None, query(), ALL)).unwrap();
    service.0.borrow_mut().now += 3000;
    let second = step(&stage, poll(Some(first.checkpoint), query(), ALL)).unwrap();
    service.0.borrow_mut().now -= 3100;
    let late = service.0.borrow_mut().add(1);
    service.0.borrow_mut().now += 4000;
    let third = step(&stage, poll(Some(second.checkpoint), query(), ALL)).unwrap();
    assert_eq!(ids(&third), late);
    all.extend(late);
}

#[test]
fn a_service_that_gives_another_order_is_read_by_its_cursors() {
    // Whatever is asked for, the newest come first.
    let newest_first = |page: u64, last: bool| {
        let object = |date: u64| {
            format!(
                "{{\"type\":\"file\",\"id\":\"x\",\"context_attributes\":\
                 {{\"notification_id\":\"{date}\",\"notification_date\":{date}}}}}"
            )
        };
        let objects: Vec<String> = (0..40).map(|index| object(1000 - page * 40 - index)).collect();
        let meta = if last { String::new() } else { format!("\"cursor\":\"{}\"", page + 1) };
        format!("{{\"data\":[{}],\"meta\":{{{meta}}}}}", objects.join(","))
    };
    let stage = Stage::with_key().served_by(move |sent| {
        let page = sent.target.split("cursor=").nth(1).map_or(0, |cursor| cursor.parse().unwrap());
        let body = newest_first(page, page == 2).into_bytes();
        Ok(crate::api::answer::Response { status: 200, headers: Vec::new(), body })
    });
    let batch = take(&stage, None, Some(5), ALL).unwrap();
    assert_eq!((batch.items.len(), batch.more), (120, false));
}

#[test]
fn what_is_dated_a_little_late_is_given_all_the_same() {
    let service = service();
    let stage = stage(&service);
    let mut follower = Follower::since(Some(1_600_000_000));
    let mut all = service.0.borrow_mut().add(5);
    follower.catch_up(&stage);
    // The service's own clock goes on; the entry is as old as others were.
    service.0.borrow_mut().now -= 8;
    all.extend(service.0.borrow_mut().add(1));
    service.0.borrow_mut().now += 100;
    all.extend(service.0.borrow_mut().add(1));
    follower.catch_up(&stage);
    assert_eq!(follower.stored, all);
}

#[test]
fn a_step_whose_result_is_lost_is_taken_again() {
    let service = service();
    let new = service.0.borrow_mut().add(90);
    let stage = stage(&service);
    let mut follower = Follower::since(Some(0));
    follower.step(&stage, PollBudget { items: None, requests: Some(1), milliseconds: None }, true);
    assert_eq!(follower.stored, new[..40]);
    for _ in 0..3 {
        follower.step(&stage, ALL, false);
    }
    follower.catch_up(&stage);
    assert_eq!(follower.stored, new);
}

#[test]
fn a_later_failure_keeps_what_was_read_and_the_first_one_is_the_step_s() {
    let service = service();
    let new = service.0.borrow_mut().add(100);
    let stage = stage(&service);
    service.0.borrow_mut().faults = [None, Some(Fault::Status(500))].into();
    let batch = take(&stage, None, Some(0), ALL).unwrap();
    assert_eq!((ids(&batch), batch.more), (new[..40].to_vec(), true));
    assert_eq!(batch.incomplete.unwrap().status, Some(500));
    let rest = take(&stage, Some(&batch.checkpoint), Some(0), ALL).unwrap();
    assert_eq!(ids(&rest), new[40..]);
    service.0.borrow_mut().faults = [Some(Fault::Status(500))].into();
    assert_eq!(take(&stage, Some(&batch.checkpoint), Some(0), ALL).unwrap_err().status, Some(500));
}

#[test]
fn the_budget_ends_a_step_and_says_that_there_is_more() {
    let service = service();
    for _ in 0..200 {
        service.0.borrow_mut().now += 1;
        service.0.borrow_mut().add(1);
    }
    let stage = stage(&service);
    let of = |items, requests, milliseconds| {
        let batch = take(&stage, None, Some(0), PollBudget { items, requests, milliseconds }).unwrap();
        (batch.items.len(), batch.more)
    };
    assert_eq!(of(Some(7), None, None), (7, true));
    assert_eq!(of(None, Some(2), None), (79, true));
    assert_eq!(of(None, None, None), (200, false));
    stage.takes.set(1_000_000_000);
    assert_eq!(of(None, None, Some(2500)), (118, true));
    // Half of the deadline, when nothing is said.
    stage.takes.set(10_000_000_000);
    assert_eq!(of(None, None, None), (118, true));
}

#[test]
fn a_cursor_that_the_service_no_longer_takes_is_done_without() {
    let service = service();
    let new = service.0.borrow_mut().add(100);
    let stage = stage(&service);
    let one = PollBudget { items: None, requests: Some(2), milliseconds: None };
    let batch = take(&stage, None, Some(0), one).unwrap();
    service.0.borrow_mut().faults = [Some(Fault::Status(400))].into();
    let rest = take(&stage, Some(&batch.checkpoint), Some(0), ALL).unwrap();
    assert_eq!([ids(&batch), ids(&rest)].concat(), new);
}

/// How long VirusTotal keeps a notification of the stream.
const WEEK: u64 = 7 * 86_400;

/// What a step says is lost, if anything.
fn gap(batch: &Batch<IocStreamObject>) -> Option<(u64, u64)> {
    batch.gap.as_ref().map(|gap| (gap.since, gap.until))
}

/// A checkpoint that is so many seconds old by the service's clock, of a stream whose newest entry is older still.
fn away_for(seconds: u64) -> (Service, Stage, String, u64) {
    let service = service();
    service.0.borrow_mut().add(3);
    service.0.borrow_mut().now += 30 * 86_400;
    let stage = stage(&service);
    let left = service.0.borrow().now;
    let batch = take(&stage, None, None, ALL).unwrap();
    service.0.borrow_mut().now += seconds;
    (service, stage, batch.checkpoint, left)
}

#[test]
fn a_checkpoint_of_exactly_seven_days_has_lost_nothing_and_one_second_more_has() {
    for (away, lost) in [(0, None), (86_400, None), (WEEK, None), (WEEK + 1, Some(1)), (8 * 86_400, Some(86_400))] {
        let (_, stage, checkpoint, left) = away_for(away);
        let batch = take(&stage, Some(&checkpoint), None, ALL).unwrap();
        assert_eq!(gap(&batch), lost.map(|seconds| (left, left + seconds)), "{away}");
    }
}

#[test]
fn a_gap_is_told_once_but_again_to_whom_it_was_lost() {
    let (service, stage, checkpoint, left) = away_for(WEEK + 60);
    let few = || PollBudget { items: Some(1), requests: Some(1), milliseconds: None };
    service.0.borrow_mut().add(3);
    let mut batch = take(&stage, Some(&checkpoint), None, few()).unwrap();
    assert_eq!((gap(&batch), batch.more), (Some((left, left + 60)), true));
    // The step's result got lost.
    batch = take(&stage, Some(&checkpoint), None, few()).unwrap();
    assert_eq!((gap(&batch), batch.more), (Some((left, left + 60)), true));
    while batch.more {
        batch = take(&stage, Some(&batch.checkpoint), None, few()).unwrap();
        assert_eq!(gap(&batch), None);
    }
    assert_eq!(gap(&take(&stage, Some(&batch.checkpoint), None, ALL).unwrap()), None);
}

#[test]
fn a_step_that_brings_nothing_tells_its_gap_once_as_well() {
    let (service, stage, checkpoint, left) = away_for(WEEK + 60);
    service.0.borrow_mut().entries.clear();
    let batch = take(&stage, Some(&checkpoint), None, ALL).unwrap();
    assert_eq!((batch.items.len(), gap(&batch)), (0, Some((left, left + 60))));
    service.0.borrow_mut().now += WEEK;
    assert_eq!(gap(&take(&stage, Some(&batch.checkpoint), None, ALL).unwrap()), None);
}

#[test]
fn a_quiet_stream_that_was_asked_in_time_has_no_gap() {
    let (service, stage, mut checkpoint, _) = away_for(0);
    for _ in 0..10 {
        service.0.borrow_mut().now += 6 * 86_400;
        let batch = take(&stage, Some(&checkpoint), None, ALL).unwrap();
        assert_eq!((batch.items.len(), gap(&batch)), (0, None));
        checkpoint = batch.checkpoint;
    }
}

#[test]
fn a_start_further_back_than_seven_days_is_partly_gone() {
    let service = service();
    let stage = stage(&service);
    let now = service.0.borrow().now;
    for (since, lost) in [
        (now - WEEK - 1, Some((now - WEEK - 1, now - WEEK))),
        (0, Some((0, now - WEEK))),
        (now - WEEK, None),
        (now, None),
        (now + WEEK, None),
    ] {
        let batch = take(&stage, None, Some(since), ALL).unwrap();
        assert_eq!(gap(&batch), lost, "{since}");
        assert_eq!(gap(&take(&stage, Some(&batch.checkpoint), Some(since), ALL).unwrap()), None, "{since}");
    }
}

#[test]
fn a_listing_that_was_left_half_read_too_long_ago_has_lost_the_rest() {
    let service = service();
    for _ in 0..100 {
        service.0.borrow_mut().now += 60;
        service.0.borrow_mut().add(1);
    }
    let stage = stage(&service);
    let one = PollBudget { items: Some(50), requests: None, milliseconds: None };
    let batch = take(&stage, None, Some(1_700_000_000), one).unwrap();
    assert_eq!((batch.more, gap(&batch)), (true, None));
    service.0.borrow_mut().now += WEEK;
    let now = service.0.borrow().now;
    service.0.borrow_mut().entries.retain(|entry| entry.date >= now - WEEK);
    let rest = take(&stage, Some(&batch.checkpoint), None, ALL).unwrap();
    let (since, until) = gap(&rest).unwrap();
    // From where it had come, somewhere in the page that was cut, until what is still there.
    assert!((1_700_000_000 + 40 * 60..=1_700_000_000 + 50 * 60).contains(&since), "{since}");
    assert_eq!((until, ids(&rest).len()), (now - WEEK, 1));
}

#[test]
fn an_answer_that_does_not_say_the_time_claims_no_gap() {
    let (service, stage, checkpoint, left) = away_for(2 * WEEK);
    service.0.borrow_mut().undated = true;
    let batch = take(&stage, Some(&checkpoint), None, ALL).unwrap();
    assert_eq!(gap(&batch), None);
    assert_eq!(gap(&take(&stage, None, Some(5), ALL).unwrap()), None);
    // The next that does say it claims what is lost since the last that did.
    service.0.borrow_mut().undated = false;
    let batch = take(&stage, Some(&checkpoint), None, ALL).unwrap();
    assert_eq!(gap(&batch), Some((left, left + WEEK)));
}

#[test]
fn a_later_page_may_be_the_first_to_say_the_time() {
    let (service, stage, checkpoint, left) = away_for(WEEK + 60);
    service.0.borrow_mut().add(100);
    service.0.borrow_mut().undated = true;
    let service = service.clone();
    let mut serve = service.serve();
    let stage_of = service.clone();
    let mut asked = 0;
    let stage_with = Stage::with_key().served_by(move |sent| {
        asked += 1;
        stage_of.0.borrow_mut().undated = asked < 2;
        serve(sent)
    });
    drop(stage);
    let batch = take(&stage_with, Some(&checkpoint), None, ALL).unwrap();
    assert_eq!(gap(&batch), Some((left, left + 60)));
}

#[test]
fn livehunts_own_list_is_not_said_to_lose_anything() {
    let body = "{\"data\":[{\"type\":\"hunting_notification\",\"id\":\"a-b-c\",\"attributes\":{\"date\":7}}]}";
    let stage = Stage::with_key().answers(200, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")], body);
    let query = crate::contract::livehunt::NotificationsPoll { since: Some(5), filter: None, overlap_seconds: Some(0) };
    assert!(step(&stage, poll_notifications(None, query, ALL)).unwrap().gap.is_none());
}

#[test]
fn a_service_that_never_ends_is_told() {
    let service = service();
    service.0.borrow_mut().add(100);
    service.0.borrow_mut().repeats = true;
    let batch = take(&stage(&service), None, Some(0), ALL).unwrap();
    assert_eq!((batch.items.len(), batch.incomplete.unwrap().code.as_str()), (100, "RepeatedCursor"));
    service.0.borrow_mut().repeats = false;
    service.0.borrow_mut().empty_pages = 100;
    let batch = take(&stage(&service), None, Some(0), ALL).unwrap();
    assert_eq!(batch.incomplete.unwrap().code, "EmptyPages");
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_sent() {
    let stage = Stage::with_key();
    let refused = |query: IocStreamPoll, checkpoint: Option<&str>, budget: PollBudget| {
        let error = step(&stage, poll(checkpoint.map(String::from), query, budget)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        error.message
    };
    let dated = IocStreamPoll { filter: Some(String::from("origin:hunting date:1+")), ..query(None) };
    assert!(refused(dated, None, ALL).contains("`since`"));
    assert!(refused(query(None), Some("vc1.AAAA"), ALL).contains("`checkpoint`"));
    assert!(refused(query(None), Some(""), ALL).contains("`checkpoint`"));
    assert!(refused(query(None), None, PollBudget { items: Some(0), ..ALL }).contains("`budget.items`"));
    assert!(refused(query(None), None, PollBudget { requests: Some(0), ..ALL }).contains("`budget.requests`"));
    let overlap = IocStreamPoll { overlap_seconds: Some(86_401), ..query(None) };
    assert!(refused(overlap, None, ALL).contains("86400"));
    assert!(stage.sent.borrow().is_empty());
}

#[test]
fn a_checkpoint_of_another_filter_is_refused_and_descriptors_do_not_matter() {
    let service = service();
    let stage = stage(&service);
    let checkpoint = take(&stage, None, Some(0), ALL).unwrap().checkpoint;
    let other = IocStreamPoll { filter: Some(String::from("origin:hunting")), ..query(None) };
    assert!(step(&stage, poll(Some(checkpoint.clone()), other, ALL)).unwrap_err().message.contains("another query"));
    let full = IocStreamPoll { descriptors_only: None, ..query(None) };
    assert!(step(&stage, poll(Some(checkpoint), full, ALL)).is_ok());
}

#[path = "follow_property_tests.rs"]
mod properties;
