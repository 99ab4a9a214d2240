//! All integration tests as one program, a file a topic.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests arrange files, run programs and say what they skip"
)]

mod absorb;
mod accounts;
mod adopt;
mod architecture;
mod bombs;
mod bots;
mod builders;
mod changed_files;
mod changes_mean;
mod ci_commands;
mod combining;
mod declaration_errors;
mod declaration_names;
mod dogfood;
mod drift;
mod durability;
mod edits;
mod exit_codes;
mod explain_line;
mod external;
mod first_files;
mod fleet_changes;
mod fleet_files;
mod foreign_files;
mod formats;
#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets are programs of their own")]
mod fuzz;
mod fuzz_targets;
mod git;
mod goldens;
mod grouping;
mod hostile;
mod include;
mod init;
mod install;
mod internal_error;
mod joined_templates;
mod judges;
mod kept;
mod large_fleets;
mod laws;
mod links;
mod lock_files;
mod locks;
mod long_lines;
mod manners;
mod meaning;
mod names;
mod one_reader;
mod options;
mod order;
mod packages;
mod pages;
mod part;
mod paths;
mod phrases;
mod pin;
mod plan;
mod plan_oracle;
mod presence;
mod printed;
mod progress;

mod read_back;
mod real_build;
mod report;
mod required_version;
mod requirement_files;
mod requirements_table;
mod roles;
mod rules;
mod schemas;
mod sizes;
mod sources;
mod support;
mod symlinks;
#[path = "../../benches/fleet.rs"]
mod synthetic;
mod templates;
mod tools;
mod upgrade;
mod verdict;
mod waivers;
mod wording;
mod workflow_state;
mod workspace;
mod yaml_words;
