//! What people and machines read. Nothing here decides a result: every format tells the same findings.

mod diagnostics;
pub mod explain;
mod github;
pub mod inert;
mod json;
mod list;
mod patch;
mod source;
mod style;
mod text;

pub use diagnostics::render_error_text;
pub use github::annotations;
pub use json::{check_json, generate_json, list_json};
pub use list::list_text;
pub use patch::patch;
pub use source::{Position, Sources};
pub use text::{check_text, generate_text};

use crate::diagnostic::Diagnostic;
use crate::drift::{DriftReport, Step};
use crate::fleet::Fleet;
use crate::render::trace::Tracer;

/// Everything that a finished comparison can tell.
pub struct Findings<'a> {
    /// The declaration's path as it was given on the command line, where it is not services.yaml.
    pub declaration_option: Option<&'a str>,
    /// The fleet; absent while services.yaml has errors.
    pub fleet: Option<&'a Fleet>,
    /// What is wrong with the declaration.
    pub diagnostics: &'a [Diagnostic],
    /// What differs on disk.
    pub report: &'a DriftReport,
    /// From lines back to templates and declared values.
    pub tracer: Option<&'a Tracer<'a>>,
    /// The texts that diagnostics and traces point into.
    pub sources: &'a Sources,
}

/// What `generate` did or would do.
pub struct Outcome<'a> {
    /// The plan's steps; with an error where one failed.
    pub steps: Vec<(Step<'a>, Option<String>)>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
}

impl Findings<'_> {
    /// A dockwright command line for this declaration.
    #[must_use]
    pub fn command(&self, arguments: &str) -> String {
        match self.declaration_option {
            Some(file) => format!("dockwright {arguments} --file {}", shell_word(file)),
            None => format!("dockwright {arguments}"),
        }
    }
}

/// A word as a POSIX shell takes it.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "._/-+@,:=".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
