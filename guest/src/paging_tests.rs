//! Reading to the end, and stopping behind any object.

use crate::contract::ErrorKind;
use crate::contract::ioc_stream::{IocStreamObject, IocStreamQuery};
use crate::contract::{Failed, PageInfo};
use crate::driver::list;
use crate::ioc_stream::get_objects;
use crate::stage::Stage;
use crate::stage::service::{Fault, Service};
use proptest::prelude::*;

/// A service with so many entries, some of which share a second.
fn service(entries: usize) -> Service {
    let service = Service::default();
    {
        let mut state = service.0.borrow_mut();
        state.now = 1_700_000_000;
        for index in 0..entries {
            state.now += u64::from(index % 3 == 0);
            state.add(1);
        }
    }
    service
}

fn stage(service: &Service) -> Stage {
    Stage::with_key().served_by(service.serve())
}

fn read(stage: &Stage, limit: Option<u32>, cursor: Option<String>) -> Result<(Vec<u64>, PageInfo), Failed> {
    let query = IocStreamQuery { limit, descriptors_only: Some(true), filter: None, order: None, cursor };
    list(stage, get_objects(query)).map(|page| (page.items.iter().map(id).collect(), page.page))
}

fn id(object: &IocStreamObject) -> u64 {
    object.notification_id.as_ref().unwrap().parse().unwrap()
}

/// All entries, in the order of the listing.
fn all(service: &Service) -> Vec<u64> {
    let mut entries = service.0.borrow().entries.clone();
    entries.sort();
    entries.iter().rev().map(|entry| entry.id).collect()
}

#[test]
fn as_many_as_wanted_are_gathered_in_pages_as_large_as_can_be() {
    let service = service(100);
    let stage = stage(&service);
    let (items, page) = read(&stage, Some(95), None).unwrap();
    assert_eq!(items, all(&service)[..95]);
    let limits: Vec<_> =
        stage.targets().iter().map(|target| target[19..].split('&').next().unwrap().to_owned()).collect();
    assert_eq!(limits, ["limit=40", "limit=40", "limit=15"]);
    assert_eq!((page.count, page.incomplete.is_none(), stage.attempts()), (Some(100), true, Some(3)));
    let (rest, page) = read(&stage, Some(95), page.cursor).unwrap();
    assert_eq!(rest, all(&service)[95..]);
    assert_eq!(page.cursor, None);
}

#[test]
fn without_a_limit_it_is_one_page_as_the_service_cuts_it() {
    let service = service(100);
    let stage = stage(&service);
    let (items, page) = read(&stage, None, None).unwrap();
    assert_eq!((items.len(), stage.sent.borrow().len(), page.cursor.is_some()), (10, 1, true));
}

#[test]
fn the_whole_collection_ends_without_a_cursor() {
    let service = service(100);
    let (items, page) = read(&stage(&service), Some(u32::MAX), None).unwrap();
    assert_eq!((items, page.cursor), (all(&service), None));
}

#[test]
fn what_was_read_is_not_thrown_away_when_a_later_page_fails() {
    for fault in [Fault::Reset, Fault::Status(500), Fault::HalfBody, Fault::Garbage] {
        let service = service(100);
        service.0.borrow_mut().faults = [None, Some(fault)].into();
        let stage = stage(&service);
        let (items, page) = read(&stage, Some(100), None).unwrap();
        assert_eq!(items, all(&service)[..40], "{fault:?}");
        assert!(!page.incomplete.unwrap().message.is_empty());
        let (rest, page) = read(&stage, Some(100), page.cursor).unwrap();
        assert_eq!(rest, all(&service)[40..], "{fault:?}");
        assert!(page.cursor.is_none() && page.incomplete.is_none());
    }
}

#[test]
fn the_first_page_s_failure_is_the_call_s() {
    let service = service(100);
    service.0.borrow_mut().faults = [Some(Fault::Status(500))].into();
    assert_eq!(read(&stage(&service), Some(100), None).unwrap_err().status, Some(500));
}

#[test]
fn the_cap_is_over_the_whole_call_and_what_fits_is_kept() {
    let service = service(100);
    let stage = stage(&service);
    stage.set(&[("VT_APIKEY", crate::stage::KEY), ("VT_MAX_RESPONSE_BYTES", "6000")]);
    let (items, page) = read(&stage, Some(100), None).unwrap();
    assert_eq!(items, all(&service)[..40]);
    assert_eq!(page.incomplete.unwrap().kind, ErrorKind::TooLarge);
    let (rest, _) = read(&stage, Some(40), page.cursor).unwrap();
    assert_eq!(rest, all(&service)[40..80]);
}

#[test]
fn the_deadline_is_over_the_whole_call_and_what_came_in_time_is_kept() {
    let service = service(200);
    let stage = stage(&service);
    stage.takes.set(25_000_000_000);
    let (items, page) = read(&stage, Some(200), None).unwrap();
    assert_eq!(items, all(&service)[..120]);
    assert_eq!(page.incomplete.unwrap().kind, ErrorKind::Timeout);
    assert!(page.cursor.is_some());
}

#[test]
fn a_cursor_with_nothing_behind_it_is_followed_once() {
    let service = service(40);
    service.0.borrow_mut().trails = true;
    let stage = stage(&service);
    let (items, page) = read(&stage, Some(40), None).unwrap();
    assert_eq!((items.len(), page.cursor.is_some()), (40, true));
    let (items, page) = read(&stage, Some(40), page.cursor).unwrap();
    assert_eq!((items.len(), page.cursor, page.incomplete.is_none()), (0, None, true));
}

#[test]
fn a_cursor_that_comes_again_with_objects_is_told_and_not_handed_on() {
    let service = service(100);
    service.0.borrow_mut().repeats = true;
    let (items, page) = read(&stage(&service), Some(1000), None).unwrap();
    assert_eq!(items, all(&service));
    assert_eq!(page.incomplete.unwrap().code, "RepeatedCursor");
    assert_eq!(page.cursor, None);
}

#[test]
fn empty_pages_are_passed_over_and_too_many_are_told() {
    let service = service(100);
    service.0.borrow_mut().empty_pages = 3;
    assert_eq!(read(&stage(&service), Some(100), None).unwrap().0, all(&service));
    service.0.borrow_mut().empty_pages = 50;
    let stage = stage(&service);
    let (items, page) = read(&stage, Some(100), None).unwrap();
    assert_eq!(items, all(&service)[..40]);
    assert_eq!(page.incomplete.unwrap().code, "EmptyPages");
    // It goes on where it stopped.
    let mut cursor = page.cursor;
    let mut rest = Vec::new();
    while let Some(at) = cursor {
        let (items, page) = read(&stage, Some(100), Some(at)).unwrap();
        rest.extend(items);
        cursor = page.cursor;
    }
    assert_eq!(rest, all(&service)[40..]);
}

#[test]
fn a_service_that_gives_more_than_was_asked_for_loses_nothing() {
    let service = service(100);
    service.0.borrow_mut().ignores_limit = Some(30);
    let stage = stage(&service);
    let (mut items, mut cursor) = (Vec::new(), None);
    loop {
        let (more, page) = read(&stage, Some(7), cursor).unwrap();
        items.extend(more);
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(items, all(&service));
}

/// A way to read: how many at a time, or VirusTotal's own pages.
fn limits() -> impl Strategy<Value = Vec<Option<u32>>> {
    prop::collection::vec(prop::option::weighted(0.9, 1u32..100), 1..12)
}

fn faults() -> impl Strategy<Value = Vec<Option<Fault>>> {
    let fault = prop_oneof![
        Just(Fault::Reset),
        Just(Fault::Status(500)),
        Just(Fault::Status(503)),
        Just(Fault::HalfBody),
        Just(Fault::Garbage)
    ];
    prop::collection::vec(prop::option::weighted(0.3, fault), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn however_it_is_interrupted_and_resumed_the_sequence_is_that_of_one_read(
        entries in 0usize..150,
        limits in limits(),
        faults in faults(),
        counts: bool,
        ignores_limit in prop::option::weighted(0.3, 1usize..41),
        empty_pages in 0usize..3,
        trails: bool,
    ) {
        let service = service(entries);
        {
            let mut state = service.0.borrow_mut();
            (state.counts, state.ignores_limit, state.empty_pages, state.trails) = (counts, ignores_limit, empty_pages, trails);
            state.faults = faults.into();
        }
        let stage = stage(&service);
        let (mut items, mut cursor) = (Vec::new(), None);
        for limit in limits.into_iter().cycle().take(2000) {
            match read(&stage, limit, cursor.clone()) {
                Err(_) => continue,
                Ok((more, page)) => {
                    if let Some(limit) = limit {
                        prop_assert!(more.len() <= limit as usize);
                    }
                    items.extend(more);
                    cursor = page.cursor;
                    if cursor.is_none() {
                        break;
                    }
                }
            }
        }
        prop_assert_eq!(cursor, None);
        prop_assert_eq!(items, all(&service));
    }

    #[test]
    fn one_by_one_is_the_same_sequence_and_nothing_is_given_twice(entries in 1usize..60, counts: bool, ignores_limit in prop::option::of(1usize..41)) {
        let service = service(entries);
        (service.0.borrow_mut().counts, service.0.borrow_mut().ignores_limit) = (counts, ignores_limit);
        let stage = stage(&service);
        let (mut items, mut cursor) = (Vec::new(), None);
        for _ in 0..=entries {
            let (one, page) = read(&stage, Some(1), cursor).unwrap();
            items.extend(one);
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        prop_assert_eq!(items, all(&service));
    }
}
