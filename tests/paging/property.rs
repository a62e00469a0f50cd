//! Whatever the limits, the habits and the failures: resuming gives the same sequence as reading at once.

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use virustotal_hunting_simulator::{Cursors, Fault, FaultAction, Options};

use super::{ids, query, there};
use crate::support::within;
use crate::support::world::World;

#[derive(Clone, Debug)]
struct Case {
    entries: usize,
    habits: Habits,
    /// How many are asked for in each call, over and over.
    limits: Vec<u32>,
    /// What fails, and how many requests go well before.
    faults: Vec<(u32, FaultAction)>,
}

#[derive(Clone, Debug)]
struct Habits {
    counts: bool,
    empty_pages: usize,
    ignores_limit: Option<usize>,
    trailing_cursor: bool,
    repeats_cursor: bool,
}

fn fault() -> impl Strategy<Value = FaultAction> {
    let status = |code| FaultAction::Status { code, body: None, headers: Vec::new() };
    prop_oneof![
        Just(status(500)),
        Just(status(503)),
        Just(FaultAction::Quota),
        Just(FaultAction::Reset),
        Just(FaultAction::ResetAfter),
        Just(FaultAction::Truncate(50)),
        Just(FaultAction::Garbage(b"{".to_vec())),
    ]
}

fn habits() -> impl Strategy<Value = Habits> {
    let own = prop_oneof![2 => Just(None), 1 => (1usize..130).prop_map(Some)];
    (any::<bool>(), 0usize..4, own, any::<bool>(), any::<bool>()).prop_map(
        |(counts, empty_pages, ignores_limit, trailing_cursor, repeats_cursor)| Habits {
            counts,
            empty_pages,
            ignores_limit,
            trailing_cursor,
            repeats_cursor,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    (
        0usize..140,
        habits(),
        prop::collection::vec(prop_oneof![1u32..41, 41u32..200], 1..5),
        prop::collection::vec((0u32..6, fault()), 0..5),
    )
        .prop_map(|(entries, habits, limits, faults)| Case { entries, habits, limits, faults })
}

async fn read(case: &Case) -> Result<(), TestCaseError> {
    let Habits { counts, empty_pages, ignores_limit, trailing_cursor, repeats_cursor } = case.habits;
    let world = World::with(Options {
        history: case.entries,
        samples: 24,
        cursors: if counts { Cursors::Offset } else { Cursors::AfterEntry },
        empty_pages: empty_pages > 0,
        empty_pages_in_a_row: empty_pages,
        ignores_limit,
        trailing_cursor,
        repeats_cursor,
        ..Options::default()
    });
    for (after, action) in &case.faults {
        world.simulator.faults().add(Fault::new(action.clone()).after(*after).times(1));
    }
    let (mut read, mut cursor) = (Vec::new(), None);
    let mut failures = 0;
    for limit in case.limits.iter().cycle() {
        let Ok(page) = within(world.connector.get_ioc_stream_objects(&query(*limit, cursor.clone()))).await else {
            failures += 1;
            prop_assert!(failures <= case.faults.len(), "more failures than faults");
            continue;
        };
        prop_assert!(page.items.len() <= *limit as usize);
        failures += usize::from(page.page.incomplete.is_some());
        prop_assert!(page.page.incomplete.is_none() || page.page.cursor.is_some());
        read.extend(ids(&page));
        prop_assert!(read.len() <= case.entries, "something came twice");
        cursor = page.page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    prop_assert_eq!(read, there(&world.simulator));
    Ok(())
}

#[test]
fn resuming_gives_what_one_read_would() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Few cases: each is a simulator of its own. Nothing is written beside the sources.
    let config = Config {
        cases: 24,
        failure_persistence: None::<Box<FileFailurePersistence>>.map(|p| p as _),
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&case(), |case| runtime.block_on(read(&case)))
        .unwrap_or_else(|error| panic!("{error}"));
}
