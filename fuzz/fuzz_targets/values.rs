//! libFuzzer drives `declared_values`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dockwright_fuzz::declared_values(bytes));
