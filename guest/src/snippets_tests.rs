use super::*;

/// The bytes, and the ranges as pairs.
fn read(dump: &str) -> (Vec<u8>, Vec<(u32, u32)>, bool) {
    let Snippet { bytes, highlights, truncated } = parse(dump);
    (bytes, highlights.iter().map(|highlight| (highlight.start, highlight.end)).collect(), truncated)
}

#[test]
fn bytes_and_what_matched_of_them() {
    let dump = "43 39 DD  C9.\n64 *begin_highlight*32 5a*end_highlight* 00  d*begin_highlight*2Z*end_highlight*.";
    assert_eq!(read(dump), (vec![0x43, 0x39, 0xdd, 0x64, 0x32, 0x5a, 0], vec![(4, 6)], false));
}

#[test]
fn the_service_s_own_examples_are_read() {
    let dump = "43 39 DD 32 45 33 03 FC 73 36 63 30 35 35 64 DD  kvkt.lmewq4%y.\n\
                64 83 83 05 55 63 *begin_highlight*32 32 50 22 23 70 21 63 65 63*end_highlight*  ytn.Xh";
    let (bytes, highlights, _) = read(dump);
    assert_eq!((bytes.len(), highlights), (32, vec![(22, 32)]));
}

#[test]
fn a_highlight_can_span_lines_and_stay_unclosed() {
    let dump = "00 *begin_highlight*01 02  ...\n03 04*end_highlight* 05  ...\n06 *begin_highlight*07  ..";
    assert_eq!(read(dump), (vec![0, 1, 2, 3, 4, 5, 6, 7], vec![(1, 5), (7, 8)], false));
}

#[test]
fn a_highlight_can_begin_behind_the_bytes_of_a_line() {
    assert_eq!(read("00 *begin_highlight*  .\n01 *end_highlight*02").1, vec![(1, 2)]);
}

#[test]
fn markers_among_the_characters_say_nothing() {
    let dump = "49 0C *begin_highlight*43*end_highlight* 20  I.*begin_highlight*C*end_highlight* 41 42";
    assert_eq!(read(dump), (vec![0x49, 0x0c, 0x43, 0x20], vec![(2, 3)], false));
}

#[test]
fn neighbouring_and_nested_highlights_are_one_and_empty_ones_none() {
    let dump = "*begin_highlight*01*end_highlight**begin_highlight*02 *begin_highlight*03*end_highlight* 04 \
                *begin_highlight**end_highlight*05 *end_highlight*06";
    assert_eq!(read(dump), (vec![1, 2, 3, 4, 5, 6], vec![(0, 3)], false));
}

#[test]
fn a_cut_snippet_says_so() {
    assert_eq!(read("41 42  AB\n\n..."), (vec![0x41, 0x42], vec![], true));
    // Dots that are characters are not.
    assert_eq!(read("00 01 02  ..."), (vec![0, 1, 2], vec![], false));
    assert_eq!(read("..."), (vec![], vec![], true));
}

#[test]
fn what_is_no_dump_gives_no_bytes() {
    for text in ["", "\n", "hello world", "4 5 6", "GG 00", "é", "*begin_highlight*", "  41"] {
        let (bytes, highlights, _) = read(text);
        assert!(highlights.is_empty(), "{text}");
        assert!(bytes.is_empty() || text == "  41", "{text}: {bytes:?}");
    }
}

proptest::proptest! {
    #[test]
    fn highlights_are_in_order_and_within_the_bytes(dump in "([0-9a-f]{2} |\\*begin_highlight\\*|\\*end_highlight\\*| |\n|x)*") {
        let (bytes, highlights, _) = read(&dump);
        let mut before = None;
        for (start, end) in highlights {
            assert!(start < end && end as usize <= bytes.len() && before.is_none_or(|before| before < start));
            before = Some(end);
        }
    }
}
