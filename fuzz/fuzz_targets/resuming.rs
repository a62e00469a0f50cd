//! Cursors, checkpoints, snippets.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| virustotal_hunting_fuzz::resuming::check(data));
