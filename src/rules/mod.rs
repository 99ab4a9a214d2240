//! Rules about what goes into images: one file a rule, one table.
//!
//! A new rule is a file with a `RULE` and a line in the table below. A rule looks at the whole
//! fleet and reports to the `Judge`, which knows the fleet's policy: the level of each rule, and
//! which findings are allowed.

mod apt_build_tool_at_runtime;
mod curl_only_for_health;
mod dep_already_in_base;
mod dep_conflicts_with_base;
mod dependency_confusion;
mod dev_dep_in_image;
mod duplicate_requirement;
mod floating_image;
mod gpu_wheels_by_default;
mod ground;
mod index_mismatch;
mod judge;
mod missing_file;
mod missing_module;
mod missing_source;
mod missing_system_package;
mod ml_dep_in_non_ml;
mod needs_source_build;
mod no_musl_wheel;
mod no_pip;
mod not_executable;
mod not_installed;
mod prefer_replacement;
mod privileged_port;
mod removed_package;
mod repeated_package;
mod rule;
mod runs_as_root;
mod secret_in_env;
mod stdlib_shadow;
mod unlocked_project;
mod unpinned_base;
mod unpinned_requirement;
mod unrouted_package;
mod unused_requirement_set;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{self, Code};
use crate::fleet::Fleet;
use crate::values::Date;
use ground::Ground;
use judge::Judge;
pub(crate) use needs_source_build::{build_tools, source_build_entry};
pub(crate) use no_pip::calls_pip;
pub(crate) use rule::Rule;

/// Every rule.
pub static ALL: &[&Rule] = &[
    &dep_already_in_base::RULE,
    &dep_conflicts_with_base::RULE,
    &dev_dep_in_image::RULE,
    &ml_dep_in_non_ml::RULE,
    &gpu_wheels_by_default::RULE,
    &index_mismatch::RULE,
    &dependency_confusion::RULE,
    &unrouted_package::RULE,
    &prefer_replacement::RULE,
    &missing_source::RULE,
    &missing_file::RULE,
    &missing_module::RULE,
    &not_installed::RULE,
    &not_executable::RULE,
    &needs_source_build::RULE,
    &no_musl_wheel::RULE,
    &no_pip::RULE,
    &unlocked_project::RULE,
    &missing_system_package::RULE,
    &removed_package::RULE,
    &privileged_port::RULE,
    &stdlib_shadow::RULE,
    &duplicate_requirement::RULE,
    &repeated_package::RULE,
    &unused_requirement_set::RULE,
    &apt_build_tool_at_runtime::RULE,
    &curl_only_for_health::RULE,
    &secret_in_env::RULE,
    &runs_as_root::RULE,
    &unpinned_requirement::RULE,
    &floating_image::RULE,
    &unpinned_base::RULE,
];

/// Every diagnostic code: those of the declaration, then those of the rules.
pub(crate) fn all_codes() -> impl Iterator<Item = &'static Code> {
    code::all().chain(ALL.iter().map(|rule| &rule.code))
}

/// The code of a name.
#[must_use]
pub fn find_code(id: &str) -> Option<&'static Code> {
    all_codes().find(|code| code.id == id)
}

/// Everything that the rules have to say about a fleet under its policy. `until` of allowances is
/// judged only where the day is known.
#[must_use]
pub fn judge(fleet: &Fleet, today: Option<&Date>) -> Vec<Diagnostic> {
    let ground = Ground::of(fleet);
    let mut judge = Judge::new(fleet, today);
    for rule in ALL {
        if judge.turn_to(&rule.code) {
            (rule.check)(&ground, &mut judge);
        }
    }
    judge.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_explained_and_their_codes_are_unique() {
        for (position, code) in all_codes().enumerate() {
            assert!(code.explanation.len() > 60, "{}", code.id);
            assert!(
                code.id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                code.id
            );
            assert_ne!(code.example, code.fixed, "{}", code.id);
            assert!(
                all_codes()
                    .skip(position + 1)
                    .all(|other| other.id != code.id),
                "{} stands twice",
                code.id
            );
        }
    }
}
