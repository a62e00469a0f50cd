//! Any sequence of events, and everything is stored once.

use super::*;
use proptest::prelude::*;

/// What can happen between two moments.
#[derive(Clone, Debug)]
enum Event {
    Add(usize),
    Pass(u64),
    /// The clock steps back by less than the overlap.
    Slip(u64),
    /// The clock steps back far, something comes, and a step is taken before the clock is back where it was.
    Step(u64, usize),
    /// Others delete an entry, by its place.
    Delete(prop::sample::Index),
    /// A step: its budget, and whether its result is stored.
    Poll {
        items: u32,
        requests: u32,
        survives: bool,
    },
    Fault(Fault),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1usize..50).prop_map(Event::Add),
        3 => (0u64..40).prop_map(Event::Pass),
        1 => (0u64..10).prop_map(Event::Slip),
        1 => (10u64..100_000, 1usize..5).prop_map(|(back, count)| Event::Step(back, count)),
        1 => any::<prop::sample::Index>().prop_map(Event::Delete),
        6 => (1u32..90, 1u32..5, any::<bool>()).prop_map(|(items, requests, survives)| Event::Poll { items, requests, survives }),
        1 => prop_oneof![Just(Fault::Reset), Just(Fault::Status(500)), Just(Fault::HalfBody), Just(Fault::Status(400))]
            .prop_map(Event::Fault),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn whatever_happens_everything_is_stored_once(events in prop::collection::vec(event(), 1..40), counts: bool, from_now: bool) {
        let service = service();
        service.0.borrow_mut().counts = counts;
        service.0.borrow_mut().add(30);
        let stage = stage(&service);
        let mut follower = Follower::since((!from_now).then_some(1_600_000_000));
        if from_now {
            follower.catch_up(&stage);
        }
        let mut wanted: Vec<u64> = if from_now { Vec::new() } else { (0..30).collect() };
        // Slips add up to no more than the overlap.
        let mut latest = service.0.borrow().now;
        for event in events {
            // Beyond what a checkpoint knows, a clock that steps back far can repeat things.
            let is_full = service.0.borrow().entries.len() > 450;
            match event {
                Event::Add(count) if !is_full => wanted.extend(service.0.borrow_mut().add(count)),
                Event::Pass(seconds) => {
                    let mut state = service.0.borrow_mut();
                    state.now += seconds;
                    latest = latest.max(state.now);
                }
                Event::Slip(seconds) if !is_full => {
                    let mut state = service.0.borrow_mut();
                    state.now = (state.now - seconds).max(latest - 10);
                }
                Event::Step(back, count) if !is_full => {
                    service.0.borrow_mut().faults.clear();
                    follower.catch_up(&stage);
                    service.0.borrow_mut().now -= back;
                    latest = service.0.borrow().now;
                    wanted.extend(service.0.borrow_mut().add(count));
                    follower.catch_up(&stage);
                }
                Event::Delete(index) => {
                    let mut state = service.0.borrow_mut();
                    if !state.entries.is_empty() {
                        let place = index.index(state.entries.len());
                        let gone = state.entries.remove(place).id;
                        // It may or may not have been given before.
                        if !follower.stored.contains(&gone) {
                            wanted.retain(|id| *id != gone);
                        }
                    }
                }
                Event::Poll { items, requests, survives } => {
                    let budget = PollBudget { items: Some(items), requests: Some(requests), milliseconds: None };
                    follower.step(&stage, budget, survives);
                }
                Event::Fault(fault) => service.0.borrow_mut().faults.push_back(Some(fault)),
                Event::Add(_) | Event::Slip(_) | Event::Step(..) => {}
            }
        }
        service.0.borrow_mut().faults.clear();
        // The first may end a listing that began before the last events.
        follower.catch_up(&stage);
        follower.catch_up(&stage);
        follower.stored.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(follower.stored, wanted);
    }
}
