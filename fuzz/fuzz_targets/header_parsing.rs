//! The headers of an answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| virustotal_hunting_fuzz::header_parsing::check(data));
