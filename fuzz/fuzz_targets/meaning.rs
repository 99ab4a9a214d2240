//! libFuzzer drives `meanings::holds`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dockwright_fuzz::meanings::holds(bytes));
