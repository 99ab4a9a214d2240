//! libFuzzer drives `segmenter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dockwright_fuzz::segmenter(bytes));
