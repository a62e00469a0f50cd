//! `VT_URL`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| virustotal_hunting_fuzz::base_url::check(data));
