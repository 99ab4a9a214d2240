//! What `lock` did, an image a line.

use super::list::table;
use super::style::{BOLD, paint};
use super::{Page, add, page};
use crate::fleet::lock::{Lock, Pin};

/// What became of an image's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockOutcome {
    /// It belongs to the declaration, and nothing was resolved.
    Fresh,
    /// It was written: how many packages it has, and how many are new, gone or of another version.
    Written {
        /// Packages in the lock.
        packages: usize,
        /// Packages that were not in the lock before.
        added: usize,
        /// Packages that were.
        removed: usize,
        /// Packages of another version.
        moved: usize,
    },
    /// It stays as it was, for this reason.
    Failed(String),
    /// It stays as it was, since a base below it could not be locked.
    Skipped(String),
}

impl LockOutcome {
    /// How two locks of an image differ.
    #[must_use]
    pub fn of(before: Option<&Lock>, after: &Lock) -> Self {
        let old = before.map_or(&[][..], |lock| lock.pins.as_slice());
        let key = |pin: &Pin| {
            (
                pin.requirement.normalized_name().to_owned(),
                pin.requirement.marker().map(str::to_owned),
            )
        };
        let find =
            |pins: &[Pin], wanted: &Pin| pins.iter().find(|pin| key(pin) == key(wanted)).cloned();
        let added = after
            .pins
            .iter()
            .filter(|pin| find(old, pin).is_none())
            .count();
        let removed = old
            .iter()
            .filter(|pin| find(&after.pins, pin).is_none())
            .count();
        let is_moved =
            |pin: &&Pin| find(old, pin).is_some_and(|before| before.requirement != pin.requirement);
        Self::Written {
            packages: after.pins.len(),
            added,
            removed,
            moved: after.pins.iter().filter(is_moved).count(),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Fresh => "fresh".to_owned(),
            Self::Written {
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
            Self::Failed(_) => "not resolved; the lock is as it was".to_owned(),
            Self::Skipped(base) => format!("not resolved, since {base} was not"),
        }
    }
}

/// An image with its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRow {
    /// The image.
    pub image: String,
    /// The lock's path.
    pub path: String,
    /// What became of it.
    pub outcome: LockOutcome,
}

/// A line for whoever waits: the nth of so many.
#[must_use]
pub fn lock_progress(row: &LockRow, done: usize, all: usize) -> Page {
    page!(
        "[{}/{}] {}: {}\n",
        done,
        all,
        row.image,
        row.outcome.words()
    )
}

/// The table, the reasons of what failed in the resolver's own words, and what to type next.
#[must_use]
pub fn lock_text(rows: &[LockRow], next: &[String]) -> Page {
    let head = ["IMAGE", "LOCK", "RESULT"].map(str::to_owned);
    let cells = rows
        .iter()
        .map(|row| [row.image.clone(), row.path.clone(), row.outcome.words()]);
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
