//! Reading a snippet: the bytes and what matched of them, without a request.

use vt_hunting_host::livehunt::NotificationsQuery;
use vt_hunting_host::snippets::Snippet;

use crate::support::answered;
use crate::support::world::World;

fn ranges(snippet: &Snippet) -> Vec<(u32, u32)> {
    snippet.highlights.iter().map(|highlight| (highlight.start, highlight.end)).collect()
}

#[tokio::test]
async fn a_dump_is_read_into_its_bytes_and_what_matched() {
    let world = World::new();
    let dump =
        "43 39 DD  C9.\n64 *begin_highlight*32 5a*end_highlight* 00 *begin_highlight*01  d*begin_highlight*2Z.\n...";
    let snippet = answered(world.connector.parse_snippet(dump)).await;
    assert_eq!(snippet.bytes, [0x43, 0x39, 0xdd, 0x64, 0x32, 0x5a, 0, 1]);
    assert_eq!((ranges(&snippet), snippet.truncated), (vec![(4, 6), (7, 8)], true));
    assert!(world.simulator.requests().is_empty());
    assert_eq!(world.simulator.connections(), 0);
}

#[tokio::test]
async fn what_is_no_dump_gives_no_bytes() {
    let world = World::new();
    for text in ["", " ", "\n\n", "hello", "*end_highlight*", "käse 🦀", "zz 41", "\u{0}"] {
        let snippet = answered(world.connector.parse_snippet(text)).await;
        assert_eq!((snippet.bytes.len(), snippet.highlights.len(), snippet.truncated), (0, 0, false), "{text:?}");
    }
}

#[tokio::test]
async fn a_notifications_own_snippet_is_read() {
    let world = World::new();
    world.ruleset("Loaders").await;
    world.simulator.advance_feed(24);
    let page = answered(world.connector.get_livehunt_notifications(&NotificationsQuery::default())).await;
    for notification in page.items {
        let dump = notification.snippet.expect("a snippet");
        let snippet = answered(world.connector.parse_snippet(&dump)).await;
        let matched: Vec<&[u8]> =
            ranges(&snippet).iter().map(|(from, to)| &snippet.bytes[*from as usize..*to as usize]).collect();
        // Both span lines of the dump.
        assert!(matched.contains(&&b"SIMULATED-LOADER"[..]), "{matched:?} in {dump}");
    }
}

#[tokio::test]
async fn a_megabyte_of_dump_is_read_to_its_end() {
    let world = World::new();
    let line = "00 01 *begin_highlight*02 03*end_highlight* 04 05  ......\n";
    let lines = (1 << 20) / line.len();
    let snippet = answered(world.connector.parse_snippet(&line.repeat(lines))).await;
    assert_eq!((snippet.bytes.len(), snippet.highlights.len()), (lines * 6, lines));
    let last = (lines as u32 - 1) * 6;
    assert_eq!(ranges(&snippet).last(), Some(&(last + 2, last + 4)));
}
