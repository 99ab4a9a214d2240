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
#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets are programs of their own")]
mod fuzz;
mod fuzz_targets;
mod goldens;
mod grouping;
mod hostile;
mod include;
mod joined_templates;
mod judges;
mod large_fleets;
mod laws;
mod links;
mod locks;
mod names;
mod options;
mod part;
mod paths;
mod pin;
mod plan;
mod plan_oracle;
mod progress;
mod readme;
mod real_build;
mod requirements_table;
mod rules;
mod support;
mod symlinks;
#[path = "../../benches/fleet.rs"]
mod synthetic;
mod templates;
mod tools;
mod two_readers;
mod workspace;
