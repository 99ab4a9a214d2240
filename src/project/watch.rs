//! Whoever watches a run from outside: tells on a terminal how far it is, and ends it where a
//! template does not end. Nothing here prints.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::render::Progress;

/// A step that can take a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Reading this declaration.
    Reading(&'a str),
    /// Rendering and comparing files.
    Comparing,
    /// Writing files.
    Writing,
}

/// What lasts until it is dropped.
pub(crate) type Guard = Box<dyn Any + Send + Sync>;

/// Watches a run.
pub trait Watcher: Debug + Sync {
    /// A step on so many files begins; of 0 none are counted. It lasts until the meter is dropped.
    fn step(&self, step: Step<'_>, files: usize) -> Meter;

    /// Templates of the fleet's own are rendered until the guard is dropped; `progress` tells which
    /// one it is.
    fn templates(&self, progress: &Arc<Progress>) -> Guard;
}

/// Counts the files of a step that are done.
#[derive(Default)]
pub struct Meter {
    done: Arc<AtomicUsize>,
    /// Whoever shows it.
    _shown: Option<Guard>,
}

impl Meter {
    /// A meter over a count that somebody else looks at.
    #[must_use]
    pub(crate) fn new(done: Arc<AtomicUsize>, shown: Guard) -> Self {
        Self {
            done,
            _shown: Some(shown),
        }
    }

    /// Counts files that are done.
    pub(crate) fn advance(&self, files: usize) {
        self.done.fetch_add(files, Ordering::Relaxed);
    }
}

/// Nobody watches.
#[derive(Debug)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn step(&self, _: Step<'_>, _: usize) -> Meter {
        Meter::default()
    }

    fn templates(&self, _: &Arc<Progress>) -> Guard {
        Box::new(())
    }
}
