//! The host's allow-list.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| virustotal_hunting_fuzz::egress_policy::check(data));
