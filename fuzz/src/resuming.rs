//! What a caller hands back: a cursor, a checkpoint; and a snippet, which is read the same way. The input is any text.
//!
//! - A cursor or checkpoint is taken or refused with a reason. What is taken goes on where it says, and handed out again it
//!   is the same place.
//! - A snippet's highlights are in order, apart, and within its bytes.
//! - An object without its secrets is JSON where it was JSON, and holds none.

use virustotal_hunting::api::Listing;
use virustotal_hunting::api::checkpoint::Checkpoint;
use virustotal_hunting::api::{json, redaction};
use virustotal_hunting::contract::ErrorKind;
use virustotal_hunting::snippets;

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    cursor(&text);
    checkpoint(&text);
    snippet(&text);
    redacted(&text);
}

fn cursor(text: &str) {
    let listing = |cursor: String| Listing::new(&["things"], None, Some(cursor), &[], |object| object.id);
    // As it is, and as one of this query, which no mutation would hit upon.
    let own = listing(String::from("x")).expect("VirusTotal's own").pages.cursor(&Default::default());
    let (own, _) = own.split_at(own.find('.').map_or(0, |dot| dot + 18));
    for text in [text.to_owned(), [own, text].concat()] {
        match listing(text) {
            Ok(listing) if !listing.pages.start.eq(&Default::default()) => {
                let start = &listing.pages.start;
                let again = self::again(&listing.pages.cursor(start));
                assert!(again.as_ref() == Some(start), "{start:?}: {again:?}");
            }
            Ok(_) => {}
            Err(error) => assert!(error.kind == ErrorKind::InvalidArgument && error.message.len() < 500, "{error:?}"),
        }
    }
}

fn again(cursor: &str) -> Option<virustotal_hunting::api::listing::Position> {
    let listing = Listing::new(&["things"], None, Some(cursor.to_owned()), &[], |object| object.id);
    listing.ok().map(|listing| listing.pages.start)
}

fn checkpoint(text: &str) {
    match Checkpoint::read(text, 1) {
        Ok(checkpoint) => assert_eq!(Checkpoint::read(&checkpoint.write(), 1).expect("its own"), checkpoint),
        Err(error) => assert!(error.kind == ErrorKind::InvalidArgument && error.message.len() < 500, "{error:?}"),
    }
    // With a name and a check sum, so that more than the check sum is tried.
    let mut made = Checkpoint::since(1, text.len() as u64);
    for (index, byte) in text.bytes().enumerate() {
        made.learn(u64::from(byte), index as u64);
    }
    made.forget_before(u64::MAX, u64::MAX);
    assert_eq!(Checkpoint::read(&made.write(), 1).expect("its own"), made);
}

fn snippet(text: &str) {
    let snippet = snippets::parse(text);
    let mut before = None;
    for highlight in &snippet.highlights {
        assert!(highlight.start < highlight.end && highlight.end as usize <= snippet.bytes.len());
        assert!(before.is_none_or(|before| before < highlight.start));
        before = Some(highlight.end);
    }
}

fn redacted(text: &str) {
    let clean = redaction::without_secrets(text);
    if json::is_json(text) {
        assert!(json::is_json(&clean), "{text}: {clean}");
    }
}
