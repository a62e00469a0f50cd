//! From what a caller gives to a request.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| virustotal_hunting_fuzz::query_building::check(data));
