//! The body of a 2xx answer, read by every action.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| virustotal_hunting_fuzz::response_decoding::check(data));
