//! What became of the locks of a run.

use crate::fleet::lock::{Lock, Pin};

/// What became of an image's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LockOutcome {
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
    pub(crate) fn of(before: Option<&Lock>, after: &Lock) -> Self {
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
}

/// An image with its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LockRow {
    /// The image.
    pub(crate) image: String,
    /// The lock's path.
    pub(crate) path: String,
    /// What became of it.
    pub(crate) outcome: LockOutcome,
}

impl LockRow {
    /// Whether the lock stays as it was although it should not.
    #[must_use]
    pub(crate) fn has_failed(&self) -> bool {
        matches!(
            self.outcome,
            LockOutcome::Failed(_) | LockOutcome::Skipped(_)
        )
    }
}
