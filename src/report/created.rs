//! What `new` and `init` wrote, and what to type next.

use std::fmt::Write as _;

use super::bump::declaration_changes;
use super::style::{BOLD, GREEN, paint};
use super::text::{leftovers, step_list};
use super::{Findings, Outcome, shell_word};
use crate::change::Scaffold;

/// What `new` prints.
#[must_use]
pub fn new_text(after: &Findings<'_>, texts: (&str, &str), scaffold: &Scaffold, outcome: &Outcome<'_>) -> String {
    if after.fleet.is_none() {
        return String::new();
    }
    let mut page = declaration_changes(&scaffold.file, texts);
    page.push('\n');
    let word = if outcome.dry_run { "would create" } else { "created" };
    for (path, _) in &scaffold.files {
        let _ = writeln!(page, "{} {path}", paint(GREEN, &format!("{word:<12}")));
    }
    page.push_str(&step_list(outcome));
    if outcome.dry_run {
        page.push_str("\nnothing was written; the same without --dry-run does it\n");
        return page;
    }
    page.push_str(&leftovers(after, outcome));
    if let Some((app, port)) = &scaffold.runs {
        let run = format!("python -m uvicorn {} --port {port}", shell_word(app));
        let _ = writeln!(page, "\nto run it here, with its requirements installed:\n  {}", paint(BOLD, &run));
    }
    page
}

/// What `init` and `eject` print: the files they wrote, then sentences.
#[must_use]
pub fn written_text(paths: &[&str], next: &str) -> String {
    let created: Vec<String> = paths.iter().map(|path| format!("{} {path}", paint(GREEN, "created     "))).collect();
    format!("{}\n{next}", created.join("\n"))
}
