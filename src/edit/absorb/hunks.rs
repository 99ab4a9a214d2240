//! Which lines of a generated file differ.

use super::target::Target;
use crate::drift::{Change, changes, lines};

/// The lines of both sides, and which differ.
pub(super) struct Hunks<'a> {
    pub(super) old: Vec<&'a str>,
    pub(super) new: Vec<&'a str>,
    pub(super) changes: Vec<Change>,
}

impl<'a> Hunks<'a> {
    pub(super) fn of(target: &'a Target<'_>) -> Self {
        let (old, new) = (
            lines(target.rendered.as_bytes()),
            lines(target.edited.as_bytes()),
        );
        Self {
            changes: changes(&old, &new),
            old: target.rendered.lines().collect(),
            new: target.edited.lines().collect(),
        }
    }

    /// Lines that took the place of others, by the number of the old one.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
        self.changes.iter().flat_map(|change| {
            let pairs = change.old.clone().zip(change.new.clone());
            pairs.filter_map(|(old, new)| Some((old, *self.old.get(old)?, *self.new.get(new)?)))
        })
    }

    pub(super) fn added(&self) -> impl Iterator<Item = &'a str> {
        let numbers = self.changes.iter().flat_map(|change| change.new.clone());
        numbers.filter_map(|at| self.new.get(at).copied())
    }

    pub(super) fn removed(&self) -> impl Iterator<Item = &'a str> {
        let numbers = self.changes.iter().flat_map(|change| change.old.clone());
        numbers.filter_map(|at| self.old.get(at).copied())
    }
}
