use std::fs;

use super::*;
use crate::follow::state::tests::Folder;

fn open(path: &Path, known: Option<u64>) -> Result<Sink, Failure> {
    let known = known.map(|bytes| Output { file: path.to_owned(), bytes });
    Sink::open(Some(path), known.as_ref())
}

#[test]
fn the_length_moves_with_what_is_written() {
    let folder = Folder::new("sink-length");
    let path = folder.file("out");
    fs::write(&path, "before\n").unwrap();
    let mut sink = open(&path, None).unwrap();
    assert_eq!(sink.output().unwrap().bytes, 7, "what was there stays");
    assert_eq!(sink.write("a\nb\n").unwrap(), Written::Yes);
    assert_eq!(sink.output().unwrap().bytes, 11);
    assert_eq!(fs::read_to_string(&path).unwrap(), "before\na\nb\n");
}

#[test]
fn what_was_written_and_not_stored_is_cut_away() {
    let folder = Folder::new("sink-cut");
    let path = folder.file("out");
    fs::write(&path, "a\nb\n{\"half").unwrap();
    let mut sink = open(&path, Some(4)).unwrap();
    sink.write("c\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\nc\n");
}

#[test]
fn a_file_that_lost_something_is_refused_and_one_that_was_moved_away_replaced() {
    let folder = Folder::new("sink-short");
    let path = folder.file("out");
    fs::write(&path, "a\n").unwrap();
    let failure = open(&path, Some(4)).err().unwrap();
    assert_eq!((failure.kind.code(), &*failure.code), (42, "OutputTooShort"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
    fs::remove_file(&path).unwrap();
    assert_eq!(open(&path, Some(4)).unwrap().output().unwrap().bytes, 0);
}

#[test]
fn a_state_keeps_its_output_file() {
    let folder = Folder::new("sink-other");
    let known = Output { file: folder.file("one"), bytes: 4 };
    for other in [None, Some(folder.file("two"))] {
        let failure = Sink::open(other.as_deref(), Some(&known)).err().unwrap();
        assert_eq!(failure.code, "StateOfAnotherOutput");
        assert!(failure.message.contains("one"), "{}", failure.message);
    }
}

#[test]
fn two_followers_cannot_write_to_one_file() {
    let folder = Folder::new("sink-two");
    let path = folder.file("out");
    let _first = open(&path, None).unwrap();
    assert_eq!(open(&path, None).err().unwrap().code, "OutputInUse");
}
