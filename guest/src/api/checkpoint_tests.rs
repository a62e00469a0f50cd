use super::*;
use crate::contract::ErrorKind;
use proptest::prelude::*;

fn state() -> Checkpoint {
    let mut state = Checkpoint::since(77, 1_700_000_000);
    state.clock = 1_700_000_100;
    for (date, mark) in [(1_700_000_001, 1), (1_700_000_050, 2), (1_700_000_050, u64::MAX), (1_700_000_020, 4)] {
        state.learn(date, mark);
    }
    state
}

#[test]
fn a_checkpoint_reads_back_as_it_was_written() {
    let mut state = state();
    assert_eq!(Checkpoint::read(&state.write(), 77).unwrap(), state);
    for (cursor, found) in [(None, false), (Some(String::from("c=\u{1f980}")), true), (Some(String::new()), false)] {
        state.reading = Some(Reading { from: u64::MAX, clock: 9, cursor, found });
        assert_eq!(Checkpoint::read(&state.write(), 77).unwrap(), state);
    }
}

#[test]
fn a_checkpoint_of_another_query_is_refused() {
    let error = Checkpoint::read(&state().write(), 78).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(error.message.contains("another query"), "{}", error.message);
}

#[test]
fn a_checkpoint_that_was_cut_or_altered_anywhere_is_refused() {
    let text = state().write();
    for at in 0..text.len() {
        assert!(Checkpoint::read(&text[..at], 77).is_err(), "cut at {at}");
        let mut altered = text.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        assert!(Checkpoint::read(&String::from_utf8(altered).unwrap(), 77).is_err(), "altered at {at}");
    }
}

#[test]
fn it_stays_small_however_much_is_given() {
    let mut state = Checkpoint::since(1, 0);
    for mark in 0..100_000 {
        state.learn(mark / 7, mark);
        if mark % 900 == 0 {
            state.forget_before(u64::MAX, u64::MAX);
        }
    }
    state.forget_before(u64::MAX, u64::MAX);
    assert!(state.known.len() <= MAX_OLDER + 7);
    assert!(state.write().len() < 7000, "{}", state.write().len());
    assert!(state.floor > 0 && state.known.iter().all(|(date, _)| *date >= state.floor));
}

#[test]
fn a_second_is_forgotten_as_a_whole_and_the_newest_never() {
    let mut state = Checkpoint::since(1, 0);
    for mark in 0..900 {
        state.learn(10 + mark / 300, mark);
    }
    state.forget_before(u64::MAX, u64::MAX);
    assert_eq!((state.known.len(), state.floor), (600, 11));
    for mark in 1000..30_000 {
        state.learn(13, mark);
    }
    state.forget_before(u64::MAX, u64::MAX);
    assert_eq!((state.known.len(), state.floor), (29_300, 12));
    // What is kept beside a burst is what a clock that steps back leads to.
    assert!(state.knows(899) && !state.knows(599));
}

#[test]
fn what_is_still_being_read_is_not_forgotten() {
    let mut state = Checkpoint::since(1, 0);
    for mark in 0..1000 {
        state.learn(mark, mark);
    }
    state.forget_before(900, u64::MAX);
    assert_eq!((state.known.len(), state.floor), (612, 388));
    state.forget_before(u64::MAX, 400);
    assert_eq!((state.known.len(), state.floor), (600, 400));
    state.forget_before(u64::MAX, u64::MAX);
    assert_eq!((state.known.len(), state.floor), (513, 487));
}

#[test]
fn the_next_listing_begins_a_little_before_the_newest_and_never_before_the_floor() {
    let state = state();
    for clock in [0, 1_700_000_050, 1_700_000_100] {
        assert_eq!(state.resume(clock, 10), 1_700_000_040);
        assert_eq!(state.resume(clock, 0), 1_700_000_050);
        assert_eq!(state.resume(clock, 1000), 1_700_000_000);
    }
    // Few are read again for ever, many until nothing more comes to be dated as they are.
    assert_eq!(state.resume(1_700_009_000, 10), 1_700_000_040);
    let mut many = state.clone();
    (0..40).for_each(|mark| many.learn(1_700_000_050, 100 + mark));
    assert_eq!(many.resume(1_700_000_659, 10), 1_700_000_040);
    assert_eq!(many.resume(1_700_000_660, 10), 1_700_000_051);
    // The server's clock has stepped back behind the newest.
    assert_eq!(state.resume(1_700_000_030, 10), 1_700_000_020);
}

proptest! {
    #[test]
    fn no_text_makes_reading_fail_in_any_other_way_than_by_an_error(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = Checkpoint::read(&text, 1);
        let _ = Checkpoint::parse(&bytes);
        let mut checked = bytes.clone();
        checked.extend_from_slice(&CHECK.checksum(&bytes).to_le_bytes());
        if let Some(state) = Checkpoint::parse(&checked) {
            prop_assert_eq!(Checkpoint::read(&state.write(), state.query).unwrap(), state);
        }
    }
}
