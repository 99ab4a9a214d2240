//! The last test program of a whole run, by its name: reports once which tools of other people the
//! tests had to do without.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "looks for programs and says what is missing"
)]

#[path = "suite/tools.rs"]
mod tools;

/// What installs all of them and runs the tests again.
const INSTALL: &str = "bash -c '. .ci/judges && cargo test'";

#[test]
fn missing_judges_are_reported_once() {
    let missing = tools::missing(&tools::names()).join(", ");
    assert!(
        missing.is_empty() || !tools::must_be_there(),
        "missing: {missing}"
    );
    if !missing.is_empty() {
        tools::say(&format!(
            "\nskipped the tests that need these: {missing}\nto install all (on Debian) and run \
             again: {INSTALL}\n"
        ));
    }
}
