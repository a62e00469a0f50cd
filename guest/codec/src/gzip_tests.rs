use super::*;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use std::io::Write as _;

const PLENTY: usize = 64 << 20;

fn gzipped(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that hardly compress.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// A member whose header announces and has an optional part, which the encoder does not write.
fn with_header_part(flag: u8, part: &[u8], data: &[u8]) -> Vec<u8> {
    let mut member = gzipped(data);
    member[3] |= flag;
    member.splice(10..10, part.iter().copied());
    member
}

#[test]
fn only_the_magic_bytes_make_gzip() {
    assert!(is_gzip(&gzipped(b"")));
    for other in [&b""[..], b"\x1f", b"{\"data\":{}}", b"\x1f\x8c"] {
        assert!(!is_gzip(other));
    }
}

#[test]
fn every_size_around_a_growth_step_survives_the_round_trip() {
    for step in [0, MIN_GROWTH, 2 * MIN_GROWTH, 7 * MIN_GROWTH] {
        for size in [step.saturating_sub(1), step, step + 1] {
            for data in [noise(size), vec![b'x'; size]] {
                assert!(inflate(&gzipped(&data), PLENTY).unwrap() == data, "{size} bytes");
            }
        }
    }
}

#[test]
fn a_reserved_flag_is_refused_since_nobody_knows_what_it_announces() {
    for flag in [1 << 5, 1 << 6, 1 << 7] {
        assert_eq!(inflate(&with_header_part(flag, b"", b"data"), PLENTY), Err(Fault::Corrupt), "flags {flag:08b}");
    }
}

#[test]
fn what_fits_the_cap_exactly_passes_and_one_byte_more_does_not() {
    for size in [1, 1000, MIN_GROWTH - 1, MIN_GROWTH, MIN_GROWTH + 1, 5 * MIN_GROWTH] {
        for data in [noise(size), vec![0; size]] {
            let body = gzipped(&data);
            assert!(inflate(&body, size).unwrap() == data, "{size} bytes");
            assert_eq!(inflate(&body, size - 1), Err(Fault::TooLarge), "{size} bytes");
        }
    }
}

#[test]
fn an_empty_body_passes_a_cap_of_nothing() {
    assert_eq!(inflate(&gzipped(b""), 0), Ok(Vec::new()));
    assert_eq!(inflate(&gzipped(b"x"), 0), Err(Fault::TooLarge));
}

#[test]
fn a_bomb_stops_at_the_cap() {
    let bomb = gzipped(&vec![0; 16 << 20]);
    assert!(bomb.len() < 17_000);
    assert_eq!(inflate(&bomb, 1 << 20), Err(Fault::TooLarge));
}

#[test]
fn a_bomb_of_many_small_members_stops_at_the_cap() {
    let bomb = gzipped(&[0; 1000]).repeat(101);
    assert_eq!(inflate(&bomb, 100_000), Err(Fault::TooLarge));
    assert_eq!(inflate(&bomb, 101_000).unwrap().len(), 101_000);
}

#[test]
fn the_largest_cap_there_is_does_not_overflow() {
    assert_eq!(inflate(&gzipped(b"data"), usize::MAX), Ok(b"data".to_vec()));
}

#[test]
fn members_follow_one_another() {
    let body = [gzipped(b"one, "), gzipped(b""), gzipped(b"two")].concat();
    assert_eq!(inflate(&body, 8), Ok(b"one, two".to_vec()));
    assert_eq!(inflate(&body, 7), Err(Fault::TooLarge));
}

#[test]
fn optional_parts_of_the_header_are_skipped() {
    for (flag, part) in [
        (0, &b""[..]),
        (1, b""),
        (1 << 1, b"\x12\x34"),
        (1 << 2, b"\x03\x00abc"),
        (1 << 2, b"\x00\x00"),
        (1 << 3, b"name\0"),
        (1 << 4, b"\0"),
        (0b1_1110, b"\x01\x00ename\0comment\0\x12\x34"),
    ] {
        assert_eq!(inflate(&with_header_part(flag, part, b"data"), 4), Ok(b"data".to_vec()), "flags {flag:05b}");
    }
}

#[test]
fn a_header_as_encoders_write_it_is_skipped() {
    let mut encoder = GzBuilder::new()
        .filename("name")
        .comment("comment")
        .extra("extra")
        .mtime(1)
        .write(Vec::new(), Compression::none());
    encoder.write_all(b"data").unwrap();
    assert_eq!(inflate(&encoder.finish().unwrap(), 4), Ok(b"data".to_vec()));
}

#[test]
fn a_body_cut_off_anywhere_is_truncated() {
    let data = b"{\"data\":{\"id\":\"1\"}}";
    for body in [gzipped(data), with_header_part(0b1_1110, b"\x01\x00en\0c\0\x12\x34", data)] {
        for length in 0..body.len() {
            assert_eq!(inflate(&body[..length], PLENTY), Err(Fault::Truncated), "{length} of {} bytes", body.len());
        }
    }
}

#[test]
fn a_large_body_cut_off_is_truncated() {
    let body = gzipped(&noise(3 * MIN_GROWTH));
    for length in [body.len() / 3, body.len() / 2, body.len() - 9, body.len() - 1] {
        assert_eq!(inflate(&body[..length], PLENTY), Err(Fault::Truncated), "{length} bytes");
    }
}

#[test]
fn a_second_member_cut_off_is_truncated() {
    let first = gzipped(b"one");
    let body = [first.as_slice(), &gzipped(b"two")].concat();
    for length in first.len() + 2..body.len() {
        assert_eq!(inflate(&body[..length], PLENTY), Err(Fault::Truncated), "{length} bytes");
    }
}

#[test]
fn a_wrong_checksum_or_size_is_corrupt() {
    let body = gzipped(b"data");
    for from_end in 1..=8 {
        let mut broken = body.clone();
        let at = broken.len() - from_end;
        broken[at] ^= 1;
        assert_eq!(inflate(&broken, PLENTY), Err(Fault::Corrupt), "{from_end} bytes from the end");
    }
}

#[test]
fn no_changed_byte_of_the_data_goes_unnoticed() {
    let body = gzipped(&noise(200));
    for at in 10..body.len() {
        let mut broken = body.clone();
        broken[at] ^= 0x55;
        assert!(inflate(&broken, PLENTY).is_err(), "byte {at}");
    }
}

#[test]
fn what_stands_behind_the_last_member_is_ignored() {
    for behind in [&b"\0\0\0\0"[..], b"\n", b"garbage", b"\x1f"] {
        assert_eq!(inflate(&[&gzipped(b"data"), behind].concat(), 4), Ok(b"data".to_vec()));
    }
}

#[test]
fn the_magic_bytes_before_plain_text_are_corrupt() {
    assert_eq!(inflate(b"\x1f\x8b{\"data\":{\"id\":1}}", PLENTY), Err(Fault::Corrupt));
    assert_eq!(inflate(b"plain text, no magic bytes", PLENTY), Err(Fault::Corrupt));
}

#[test]
fn another_compression_method_is_corrupt() {
    let mut body = gzipped(b"data");
    body[2] = 7;
    assert_eq!(inflate(&body, PLENTY), Err(Fault::Corrupt));
}

#[test]
fn a_deflate_block_of_no_known_type_is_corrupt() {
    let mut body = gzipped(b"data");
    body[10] |= 0b110;
    assert_eq!(inflate(&body, PLENTY), Err(Fault::Corrupt));
}
