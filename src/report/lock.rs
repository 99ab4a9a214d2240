//! What `lock` did, an image a line.

use super::list::table;
use super::style::{BOLD, paint};
use super::{Page, add, page};
use crate::lock::{LockOutcome, LockRow};

/// A line for whoever waits: the nth of so many.
#[must_use]
pub(crate) fn lock_progress(row: &LockRow, done: usize, all: usize) -> Page {
    page!(
        "[{}/{}] {}: {}\n",
        done,
        all,
        row.image,
        words(&row.outcome)
    )
}

/// The table, the reasons of what failed in the resolver's own words, and what to type next.
#[must_use]
pub(crate) fn lock_text(rows: &[LockRow], next: &[String]) -> Page {
    let head = ["IMAGE", "LOCK", "RESULT"].map(str::to_owned);
    let cells = rows
        .iter()
        .map(|row| [row.image.clone(), row.path.clone(), words(&row.outcome)]);
    let mut page = table(&std::iter::once(head).chain(cells).collect::<Vec<_>>());
    for row in rows {
        if let LockOutcome::Failed(reason) = &row.outcome {
            add!(page, "\n{} could not be resolved:\n", row.image);
            for line in reason.lines() {
                add!(page, "  {}\n", line);
            }
        }
    }
    for (position, command) in next.iter().enumerate() {
        if position == 0 {
            add!(page, "\nnext:\n");
        }
        add!(page, "  {}\n", paint(BOLD, &Page::command_line(command)));
    }
    page
}

fn words(outcome: &LockOutcome) -> String {
    match outcome {
        LockOutcome::Fresh => "fresh".to_owned(),
        LockOutcome::Written {
            packages,
            added,
            removed,
            moved,
        } => {
            let changes = [
                (added, "new"),
                (removed, "gone"),
                (moved, "of another version"),
            ];
            let told: Vec<String> = changes
                .iter()
                .filter(|(count, _)| **count > 0)
                .map(|(count, word)| format!("{count} {word}"))
                .collect();
            let told = if told.is_empty() {
                "as before".to_owned()
            } else {
                told.join(", ")
            };
            format!(
                "{packages} package{}: {told}",
                if *packages == 1 { "" } else { "s" }
            )
        }
        LockOutcome::Failed(_) => "not resolved; the lock is unchanged".to_owned(),
        LockOutcome::Skipped(base) => format!("not resolved, since {base} was not"),
    }
}
