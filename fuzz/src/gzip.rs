//! Inflating. The input's first byte says what the rest is: a gzip body, plain data to compress first, or a deflate
//! stream to put into a sound gzip member (no mutation would ever hit a checksum), or the flags and the optional parts of
//! a member's header; its second byte is the cap.
//!
//! The judge takes member by member, as long as another begins: sound input gives the same bytes, or `TooLarge` beyond
//! the cap; unsound input fails.

use flate2::bufread::{DeflateDecoder, GzDecoder};
use flate2::{Compression, Crc, write::GzEncoder};
use std::io::{Read, Write};
use virustotal_hunting::api::gzip::{Fault, inflate, is_gzip};

/// Panics unless the above holds.
pub fn check(data: &[u8]) {
    let Some((&[kind, cap], rest)) = data.split_first_chunk() else { return };
    let most = 1 << (cap % 21);
    match kind % 5 {
        0 => check_inflate(rest, most),
        1 => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(u32::from(kind) % 10));
            let body = encoder.write_all(rest).and_then(|()| encoder.finish()).expect("memory can be written to");
            check_inflate(&body, most);
            let expected = if rest.len() > most { Err(Fault::TooLarge) } else { Ok(rest.to_vec()) };
            assert_eq!(inflate(&body, most), expected);
        }
        2 => check_inflate(&member(rest), most),
        3 => check_inflate(&[member(rest), member(EMPTY)].concat(), most),
        _ => {
            const CHECKSUM: u8 = 1 << 1;
            let Some((&flags, parts)) = rest.split_first() else { return };
            let mut body = member(EMPTY);
            // The component skips the header's own checksum, the judge does not.
            body[3] = flags & !CHECKSUM;
            body.splice(10..10, parts.iter().copied());
            check_inflate(&body, most);
        }
    }
}

/// The deflate stream of nothing.
const EMPTY: &[u8] = b"\x03\0";

/// A gzip member around a deflate stream, with the checksum of whatever the stream holds.
fn member(stream: &[u8]) -> Vec<u8> {
    let mut inflated = Vec::new();
    let mut decoder = DeflateDecoder::new(stream);
    // What comes out before an error is what the sum is of; the error itself is the inflater's to find.
    let _ = decoder.by_ref().take(2 << 20).read_to_end(&mut inflated);
    let end = stream.len() - decoder.into_inner().len();
    let mut crc = Crc::new();
    crc.update(&inflated);
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    [&header, &stream[..end], &crc.sum().to_le_bytes(), &crc.amount().to_le_bytes()].concat()
}

fn check_inflate(body: &[u8], most: usize) {
    let got = inflate(body, most);
    if let Ok(inflated) = &got {
        assert!(inflated.len() <= most && inflated.capacity() <= most + 1, "beyond the cap");
    }
    match (judged(body, most), got) {
        (Ok(Some(expected)), got) => assert_eq!(got.as_ref(), Ok(&expected)),
        // Beyond the cap, or unsound, or both: whichever is come upon first.
        (Ok(None) | Err(()), got) => assert!(got.is_err(), "inflated what is unsound, or beyond the cap"),
    }
}

/// The inflated body; `None` if it is larger than the cap.
fn judged(mut body: &[u8], most: usize) -> Result<Option<Vec<u8>>, ()> {
    let mut inflated = Vec::new();
    loop {
        let mut decoder = GzDecoder::new(body);
        let room = (most + 1).saturating_sub(inflated.len()) as u64;
        decoder.by_ref().take(room).read_to_end(&mut inflated).map_err(drop)?;
        if inflated.len() > most {
            return Ok(None);
        }
        // The end of the output is not yet the end of the member: its checksum is still to be read.
        if decoder.read(&mut [0]).map_err(drop)? > 0 {
            return Ok(None);
        }
        body = decoder.into_inner();
        if !is_gzip(body) {
            return Ok(Some(inflated));
        }
    }
}
