//! libFuzzer drives `runs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dockwright_fuzz::whole_runs(bytes));
