//! All integration tests as one program, a file a topic.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests arrange files, run programs and say what they skip"
)]

mod ci_commands;
mod names;
mod readme;
mod requirements_table;
mod workspace;
