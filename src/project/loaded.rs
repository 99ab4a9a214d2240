//! A declaration as commands work with it.

use std::ops::Deref;
use std::sync::Arc;

use super::error::Error;
use super::sources::Sources;
use super::watch::{Guard, Watcher};
use crate::diagnostic::{Code, Diagnostic};
use crate::fleet::Fleet;
use crate::lock::LockTexts;
use crate::render::trace::{Tracer, located};
use crate::render::{Progress, RenderError, Templates};
use crate::yaml::Tree;

/// A declaration, read and resolved.
#[derive(Debug)]
pub struct Loaded {
    /// The declaration's path below the root.
    pub(crate) file: String,
    /// Every text that findings point into.
    pub sources: Sources,
    /// What is wrong with the texts, the templates and the locks, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The built-in templates and the fleet's own.
    pub(crate) templates: Templates,
    /// The locks, by image.
    pub(crate) locks: LockTexts,
    pub(super) fleet: Option<Fleet>,
    /// Whether no lock is broken and every base is what its version stands for.
    pub(super) is_settled: bool,
    pub(super) watcher: &'static dyn Watcher,
}

impl Loaded {
    /// The fleet; nothing while the declaration, a template or a lock has an error.
    #[must_use]
    pub fn fleet(&self) -> Option<&Fleet> {
        self.fleet.as_ref().filter(|_| self.is_settled)
    }

    /// The fleet, also while a lock is broken or a base is no longer what its version stands for:
    /// what `lock` and `bump` are there to fix.
    #[must_use]
    pub(crate) fn unsettled_fleet(&self) -> Option<&Fleet> {
        self.fleet.as_ref()
    }

    /// The same where the content of every base is known.
    #[must_use]
    pub(crate) fn editable_fleet(&self) -> Option<&Fleet> {
        let is_known = |fleet: &&Fleet| !fleet.bases().any(|base| base.locked.is_missing());
        self.fleet.as_ref().filter(is_known)
    }

    /// Takes the fleet out to change it; [`Self::fleet`] then returns nothing.
    ///
    /// # Panics
    /// If there is no fleet.
    #[must_use]
    pub(crate) fn take_fleet(&mut self) -> Fleet {
        self.fleet
            .take()
            .expect("whoever takes it asked for it before")
    }

    /// Whoever watches.
    #[must_use]
    pub(crate) fn watcher(&self) -> &'static dyn Watcher {
        self.watcher
    }

    /// The declaration's text; empty where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        self.sources
            .text(&self.file)
            .expect("a declaration that was loaded is among its sources")
    }

    /// The text of a file of the declaration, which it was read from.
    #[must_use]
    pub(crate) fn declaration_text(&self, file: &str) -> &str {
        self.sources
            .text(file)
            .expect("every place of a value is in a file that was loaded")
    }

    /// The nodes of a file of the declaration.
    #[must_use]
    pub(crate) fn declaration_tree(&self, file: &str) -> &Tree {
        self.sources
            .tree(file)
            .expect("every place of a value is in a file that was loaded")
    }

    /// Whether the declaration has an error. Those of rules are known to a check.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether an error stands that is none of these.
    #[must_use]
    pub(crate) fn has_errors_beside(&self, codes: &[&'static Code]) -> bool {
        self.diagnostics
            .iter()
            .any(|found| found.is_error() && !codes.contains(&found.code))
    }

    /// From lines back to templates and values, where there is a fleet.
    #[must_use]
    pub(crate) fn tracer(&self) -> Option<WatchedTracer<'_>> {
        let fleet = self.fleet()?;
        let progress = Arc::new(Progress::default());
        let guard = self.watch_templates(&progress);
        Some(WatchedTracer {
            tracer: Tracer::new(fleet, &self.templates).watched(progress),
            _guard: guard,
        })
    }

    /// Watches while templates of the fleet's own are rendered; built-in ones end.
    #[must_use]
    pub(crate) fn watch_templates(&self, progress: &Arc<Progress>) -> Option<Guard> {
        let has_own = self.fleet.as_ref()?.templates.is_some();
        has_own.then(|| self.watcher.templates(progress))
    }

    /// Why templates could not be rendered, with the line that is at fault.
    pub(super) fn located(&self, error: RenderError) -> Error {
        Error::Render(match &self.fleet {
            Some(fleet) => located(fleet, &self.templates, error),
            None => error,
        })
    }
}

/// A tracer that is watched while it lives: it renders again.
pub(crate) struct WatchedTracer<'a> {
    tracer: Tracer<'a>,
    _guard: Option<Guard>,
}

impl<'a> Deref for WatchedTracer<'a> {
    type Target = Tracer<'a>;

    fn deref(&self) -> &Self::Target {
        &self.tracer
    }
}
