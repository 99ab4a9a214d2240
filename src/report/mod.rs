//! What people and machines read. Nothing here decides a result: every format tells the same
//! findings.

mod absorb;
mod adopt;
mod alike;
mod behind;
mod build;
mod bump;
mod changes;
mod created;
mod diagnostics;
mod diff;
pub(crate) mod explain;
mod explain_line;
mod finding;
mod first;
mod github;
mod gitlab;
pub(crate) mod html;
mod in_json;
pub mod inert;
mod json;
mod kinds;
mod list;
mod lock;
mod markdown;
mod meaning;
pub(crate) mod page;
mod patch;
mod pin;
mod plan;
mod plan_tree;
mod remedy;
mod sarif;
mod schemas;
mod sizes;
mod sizes_budgets;
mod sizes_change;
mod style;
mod text;
mod why;

pub(crate) use absorb::{AbsorbView, absorb_text, followers_text};
pub use adopt::{AdoptView, adopt_json, adopt_text};
pub(crate) use build::{base_hint, build_table};
pub(crate) use bump::{BumpView, bump_text, declaration_changes};
pub(crate) use created::{changed_text, new_text, written_text};
pub(crate) use diagnostics::render_error_text;
pub use diff::{DiffSide, DiffView, diff_json, diff_text};
pub(crate) use explain_line::{LineView, RenderedLine, line_text};
pub(crate) use first::{FirstFiles, agents_by_hand, agents_text, first_text};
pub use github::annotations;
pub(crate) use gitlab::gitlab;
pub use json::check_json;
pub(crate) use json::{generate_json, list_json};
pub(crate) use kinds::drift_kind_text;
pub(crate) use list::list_text;
pub(crate) use lock::{lock_progress, lock_text};
pub(crate) use markdown::markdown;
pub(crate) use page::{Bytes, Lines, Page, Printable};
pub(crate) use page::{add, page};
pub(crate) use patch::{left_out, patch};
pub(crate) use pin::{PinView, pin_text};
pub(crate) use plan::{plan_dot, plan_json, plan_matrix, plan_mermaid};
pub(crate) use plan_tree::plan_text;
pub(crate) use sarif::sarif;
pub use schemas::{output_names, output_schema};
pub use sizes::{sizes_json, sizes_text};
pub use sizes_change::{comparison_json, comparison_markdown, comparison_text};
pub use text::check_text;
pub(crate) use text::{generate_text, left_out_note, part_note};
pub(crate) use why::{why_json, why_text};

use crate::diagnostic::Diagnostic;
use crate::drift::{DriftReport, Step, WritePlan};
use crate::fleet::Fleet;
use crate::project::{Checked, Loaded, Meanings, Sources, Waived};
use crate::render::trace::Tracer;

/// Everything that a finished comparison can tell.
#[derive(Clone, Copy)]
pub struct Findings<'a> {
    /// The declaration's path as it was given on the command line, where it is not services.yaml.
    pub(crate) declaration_option: Option<&'a str>,
    /// The folder of the declaration below the top folder of its repository, with a slash at its
    /// end; empty where it is that folder, or where there is no repository.
    pub(crate) below: &'a str,
    /// The fleet; absent while services.yaml has errors.
    pub(crate) fleet: Option<&'a Fleet>,
    /// What is wrong with the declaration.
    pub(crate) diagnostics: &'a [Diagnostic],
    /// How many images were checked, where not all were.
    pub(crate) images_checked: Option<usize>,
    /// Whether hints are shown in text, where else they are counted.
    pub(crate) shows_hints: bool,
    /// What differs and a waiver allows.
    pub(crate) waived: &'a [Waived],
    /// What differs on disk.
    pub(crate) report: &'a DriftReport,
    /// From lines back to templates and declared values.
    pub(crate) tracer: Option<&'a Tracer<'a>>,
    /// What changes of Dockerfiles mean.
    pub(crate) meanings: Option<&'a Meanings<'a>>,
    /// The texts that diagnostics and traces point into.
    pub(crate) sources: &'a Sources,
}

/// What `generate` did or would do.
pub(crate) struct Outcome<'a> {
    /// The plan's steps; with an error where one failed.
    pub(crate) steps: Vec<(Step<'a>, Option<String>)>,
    /// Whether nothing was to be written.
    pub(crate) dry_run: bool,
}

/// What a declaration that was not compared differs in.
static NOTHING: DriftReport = DriftReport {
    drifts: Vec::new(),
    compared: 0,
    dockerfiles_on_disk: 0,
};

impl<'a> Outcome<'a> {
    /// The steps of a plan, each with its error where there was one.
    #[must_use]
    pub(crate) fn of(plan: WritePlan<'a>, errors: &[Option<String>], dry_run: bool) -> Self {
        let errors = errors.iter().cloned().chain(std::iter::repeat(None));
        Self {
            steps: plan.steps.into_iter().zip(errors).collect(),
            dry_run,
        }
    }

    /// Whether a file stays different.
    #[must_use]
    pub(crate) fn keeps(&self) -> bool {
        self.steps.iter().any(|(step, _)| step.action.keeps())
    }
}

impl<'a> Findings<'a> {
    /// Those of a declaration that was not compared; `option` is what `--file` names.
    #[must_use]
    pub fn declared(option: Option<&'a str>, loaded: &'a Loaded) -> Self {
        Self {
            declaration_option: option,
            below: "",
            fleet: loaded.fleet(),
            diagnostics: &loaded.diagnostics,
            images_checked: None,
            shows_hints: false,
            waived: &[],
            report: &NOTHING,
            tracer: None,
            meanings: None,
            sources: &loaded.sources,
        }
    }

    /// Those of a check.
    #[must_use]
    pub(crate) fn of(option: Option<&'a str>, checked: &'a Checked<'a>) -> Self {
        Self {
            diagnostics: &checked.diagnostics,
            images_checked: checked.images,
            waived: &checked.waived,
            report: checked.report(),
            ..Self::declared(option, checked.loaded)
        }
    }

    /// A path from the top folder of the repository on, as links and annotations want it.
    #[must_use]
    pub(crate) fn path_from_top(&self, path: &str) -> String {
        format!("{}{path}", self.below)
    }

    /// A dockwright command line for this declaration.
    #[must_use]
    pub(crate) fn command(&self, arguments: &str) -> String {
        match self.declaration_option {
            Some(file) => format!("dockwright {arguments} --file {}", shell_word(file)),
            None => format!("dockwright {arguments}"),
        }
    }
}

/// A number of things: "1 file", "2 files".
fn counted(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// A word as a shell takes it: plain, in single quotes, or with bash's `$'…'` where it holds what
/// no log should show.
#[must_use]
pub(crate) fn shell_word(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "._/-+@,:=".contains(character);
    let quotable = |character: char| {
        (character.is_ascii_graphic() || character == ' ') && !"'#".contains(character)
    };
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().all(quotable) {
        return format!("'{word}'");
    }
    let escaped = word.bytes().map(|byte| match char::from(byte) {
        character if quotable(character) && character != '\\' => character.to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("$'{}'", escaped.collect::<Vec<_>>().concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_shell_as_they_are_and_the_log_as_plain_text() {
        assert_eq!(shell_word("generated/a-b.txt"), "generated/a-b.txt");
        assert_eq!(shell_word("two words"), "'two words'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("it's ##[x]\n"), "$'it\\x27s \\x23\\x23[x]\\x0a'");
    }
}
