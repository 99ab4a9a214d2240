//! All integration tests as one program, a file a topic.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests arrange files, run programs and say what they skip"
)]

mod architecture;
mod bots;
mod builders;
mod ci_commands;
mod dogfood;
mod drift;
mod edits;
mod exit_codes;
mod fleet_changes;
mod fleet_files;
mod goldens;
mod grouping;
mod include;
mod judges;
mod laws;
mod locks;
mod names;
mod options;
mod plan;
mod plan_oracle;
mod readme;
mod requirements_table;
mod rules;
mod support;
mod templates;
mod workspace;
