//! A declaration as commands work with it.

use std::sync::Arc;

use super::failure::Failure;
use super::include::Overlay;
use super::listing::Listing;
use super::load::{View, understood};
use super::watchdog::Watchdog;
use crate::declare::DeclText;
use crate::diagnostic::{Diagnostic, code};
use crate::drift::DriftReport;
use crate::fleet::Fleet;
use crate::lock::LockTexts;
use crate::render::trace::Tracer;
use crate::render::{Progress, Templates};
use crate::report::{Findings, Sources};
use crate::rules::judge;
use crate::values::Date;
use crate::workspace::Workspace;

/// A declaration, read and resolved.
pub(super) struct Loaded {
    /// The declaration's file name.
    pub(super) name: String,
    /// The files that it includes, by path.
    pub(super) included: Vec<String>,
    pub(super) workspace: Workspace,
    pub(super) option: Option<String>,
    pub(super) sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) fleet: Option<Fleet>,
    pub(super) templates: Templates,
    pub(super) locks: LockTexts,
    /// The folders of generated files, where they are being listed already.
    pub(super) listing: Option<Listing>,
}

impl Loaded {
    /// The findings of this fleet with a comparison.
    pub(super) fn findings<'a>(
        &'a self,
        report: &'a DriftReport,
        tracer: Option<&'a Tracer<'a>>,
    ) -> Findings<'a> {
        Findings {
            declaration_option: self.option.as_deref(),
            below: "",
            fleet: self.fleet.as_ref(),
            diagnostics: &self.diagnostics,
            images_checked: None,
            shows_hints: false,
            report,
            tracer,
            sources: &self.sources,
        }
    }

    /// The declaration's text; empty where it is not UTF-8.
    pub(super) fn text(&self) -> &str {
        self.sources.text(&self.name).unwrap_or_default()
    }

    /// The declaration as text, with what it includes.
    pub(super) fn decl_text(&self) -> DeclText {
        let text = |file: &String| {
            (
                file.clone(),
                self.sources.text(file).unwrap_or_default().to_owned(),
            )
        };
        DeclText {
            file: self.name.clone(),
            text: self.text().to_owned(),
            included: self.included.iter().map(text).collect(),
        }
    }

    /// The same fleet with another text of one of its files.
    pub(super) fn edited(self, file: &str, text: &str) -> Result<Self, Failure> {
        let (main, overlay) = if file == self.name {
            (text.to_owned(), Overlay::new())
        } else {
            (
                self.text().to_owned(),
                Overlay::from([(file.to_owned(), text.to_owned())]),
            )
        };
        understood(
            self.workspace,
            self.option,
            self.name,
            main.into_bytes(),
            &overlay,
            &View::default(),
        )
    }

    /// What the rules find as on a day. An error of a rule fails the run, but the fleet is known:
    /// the comparison is still worth showing.
    pub(super) fn rule_findings(&self, today: Option<&Date>) -> Vec<Diagnostic> {
        self.fleet
            .iter()
            .flat_map(|fleet| judge(fleet, today))
            .collect()
    }

    /// From lines back to templates and values, where there is a fleet.
    pub(super) fn tracer(&self) -> Option<Traced<'_>> {
        self.fleet.as_ref().map(|fleet| {
            let progress = Arc::new(Progress::default());
            let watchdog = self.watchdog(&progress);
            Traced {
                tracer: Tracer::new(fleet, &self.templates).watched(progress),
                _watchdog: watchdog,
            }
        })
    }

    /// Watches while templates of the fleet's own are rendered; built-in ones end.
    pub(super) fn watchdog(&self, progress: &Arc<Progress>) -> Option<Watchdog> {
        let fleet = self
            .fleet
            .as_ref()
            .filter(|fleet| fleet.templates.is_some());
        fleet.map(|_| Watchdog::start(Arc::clone(progress)))
    }

    /// Whether the declaration has an error.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether an error stands that a new service does not fix: not that there is none, nor that
    /// the file for it is missing.
    pub(super) fn has_errors_beside_missing_services(&self) -> bool {
        let parsed = self.decl_text().parse();
        let is_first = parsed.is_ok_and(|parsed| {
            parsed
                .decl
                .services
                .is_none_or(|services| services.is_empty())
        });
        let of_none = [&code::NO_SERVICES, &code::INCLUDE_WITHOUT_MATCH];
        let is_fixed = |found: &Diagnostic| {
            *found.code == code::MISSING_LOCK || (is_first && of_none.contains(&found.code))
        };
        self.diagnostics
            .iter()
            .any(|found| found.is_error() && !is_fixed(found))
    }

    /// The same without locks that have yet to be written, which a new service or a new base cannot
    /// have.
    pub(super) fn has_errors_beside_missing_locks(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|found| found.is_error() && *found.code != code::MISSING_LOCK)
    }
}

/// A tracer that is watched while it lives: it renders again.
pub(super) struct Traced<'a> {
    tracer: Tracer<'a>,
    _watchdog: Option<Watchdog>,
}

impl<'a> std::ops::Deref for Traced<'a> {
    type Target = Tracer<'a>;

    fn deref(&self) -> &Self::Target {
        &self.tracer
    }
}
