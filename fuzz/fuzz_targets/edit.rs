//! libFuzzer drives `edit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dockwright_fuzz::edit(bytes));
