//! libFuzzer drives `sizes::ledger`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dockwright_fuzz::sizes::ledger(bytes));
