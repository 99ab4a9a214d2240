//! A new service: what follows from it is written, what differed before is left, and all of it is
//! written or nothing.

use std::sync::Arc;

use camino::Utf8Path;

use super::apply::{Applied, apply};
use super::check::Checked;
use super::error::Error;
use super::inputs::Inputs as _;
use super::loaded::Loaded;
use super::write::{Written, unchanged};
use crate::artifact::{ArtifactPath, lies_in};
use crate::drift::{Action, DiskEntry, Drift, WritePlan};
use crate::fleet::Fleet;
use crate::render::{Progress, Renderer};
use crate::workspace::{Durability, ListCaps, Workspace};

/// Bounds on the look at a folder for sources that should not be there.
const SOURCE_CAPS: ListCaps = ListCaps {
    depth: 64,
    entries: 1_000_000,
};

/// A service that is to be written.
pub(crate) struct Addition<'a> {
    /// The declaration before.
    pub(crate) before: &'a Loaded,
    /// The declaration with it, checked.
    pub(crate) checked: &'a Checked<'a>,
    /// Its name.
    pub(crate) name: &'a str,
    /// The file that declares it, and the new text of that.
    pub(crate) declaration: (&'a str, &'a str),
    /// The folder of its sources.
    pub(crate) source: &'a str,
    /// Its sources, by path.
    pub(crate) files: &'a [(String, String)],
}

/// Why a service was not written.
#[derive(Debug)]
pub(crate) struct Undone {
    /// What went wrong.
    pub(crate) reason: String,
    /// What could not be put back.
    pub(crate) left: Vec<String>,
}

impl Addition<'_> {
    /// The folder of the new image's generated files.
    fn folder(&self) -> &str {
        let mut images = self
            .checked
            .loaded
            .fleet()
            .into_iter()
            .flat_map(|fleet| &fleet.images);
        images
            .find(|image| image.name.as_str() == self.name)
            .map_or("", |image| image.folder.as_str())
    }

    /// A place of the new service where something stands.
    ///
    /// # Errors
    /// The folder of its sources cannot be listed.
    pub(crate) fn taken(
        &self,
        workspace: &Workspace,
        plan: &WritePlan<'_>,
    ) -> Result<Option<String>, Error> {
        let source = Utf8Path::new(self.source);
        if workspace.list(source, SOURCE_CAPS)?.is_some() {
            return Ok(Some(self.source.to_owned()));
        }
        let folder = self.folder();
        let kept = plan
            .kept()
            .find(|step| lies_in(step.drift.path.as_str(), folder));
        Ok(kept.map(|step| step.drift.path.to_string()))
    }

    /// Keeps a plan to what follows from the new service: the files of its image, and those that
    /// would hold something else without it. Every other difference was there before, and stays.
    ///
    /// # Errors
    /// A template is broken.
    pub(crate) fn leave_what_differed_before(&self, plan: &mut WritePlan<'_>) -> Result<(), Error> {
        let folder = self.folder();
        let progress = Arc::new(Progress::default());
        let _guard = self.checked.loaded.watch_templates(&progress);
        let templates = &self.checked.loaded.templates;
        let renderer = self
            .before
            .fleet()
            .map(|fleet| Renderer::new(fleet, templates))
            .transpose()?;
        let renderer = renderer.map(|renderer| renderer.watched(progress));
        for step in &mut plan.steps {
            let path = &step.drift.path;
            let follows = match (&step.drift.expected, &renderer) {
                (None, _) => false,
                (Some(_), _) if lies_in(path.as_str(), folder) => true,
                // There was no fleet before its first service: its bases are as new as the service.
                (Some(_), None) => step.action == Action::Create || self.is_output(path),
                (Some(now), Some(renderer)) => expected_by(renderer, path)?.as_ref() != Some(now),
            };
            if !follows {
                step.action = Action::Keep;
            }
        }
        Ok(())
    }

    fn is_output(&self, path: &ArtifactPath) -> bool {
        let fleet: Option<&Fleet> = self.checked.loaded.fleet();
        fleet
            .into_iter()
            .flat_map(|fleet| fleet.outputs.paths())
            .any(|output| output.as_str() == path.as_str())
    }

    /// Writes all of it, or puts everything back.
    ///
    /// # Errors
    /// What went wrong, and what could not be put back.
    pub(crate) fn write<'a>(
        &'a self,
        workspace: &Workspace,
        plan: &WritePlan<'_>,
    ) -> Result<Applied<'a>, Undone> {
        let mut written = Written::default();
        // A new service comes whole or not at all, also where the power goes.
        let settled = self
            .write_sources(workspace, &mut written)
            .and_then(|()| apply(workspace, self.checked, plan, Some(Durability::Synced)));
        let applied = match settled {
            Ok(applied) => applied,
            Err(error) => return Err(Undone::after(error.to_string(), written, workspace)),
        };
        let done = plan.steps.iter().zip(&applied.errors);
        for (step, _) in done.filter(|(_, error)| error.is_none()) {
            written.note(step);
        }
        match applied.errors.iter().flatten().next() {
            Some(reason) => Err(Undone::after(reason.clone(), written, workspace)),
            None => Ok(applied),
        }
    }

    fn write_sources(&self, workspace: &Workspace, written: &mut Written) -> Result<(), Error> {
        let (file, text) = self.declaration;
        let before = self.before.sources.text(file).map(str::as_bytes);
        let entry = unchanged(workspace, file, before)?;
        for (path, content) in self.files {
            written.write(workspace, path, content.as_bytes(), DiskEntry::Absent)?;
        }
        written.write(workspace, file, text.as_bytes(), entry)
    }
}

impl Undone {
    fn after(reason: String, written: Written, workspace: &Workspace) -> Self {
        Self {
            reason,
            left: written.undo(workspace),
        }
    }
}

/// Whether nothing differs but what a plan keeps.
#[must_use]
pub(crate) fn only_kept_differ(plan: &WritePlan<'_>, applied: &Applied<'_>) -> bool {
    let is_kept = |drift: &Drift| plan.kept().any(|step| step.drift.path == drift.path);
    applied.after.drifts.iter().all(is_kept)
}

/// What a file should hold by a fleet; nothing where that does not declare it.
fn expected_by(renderer: &Renderer<'_>, path: &ArtifactPath) -> Result<Option<String>, Error> {
    let Ok(at) = renderer.paths().binary_search(path) else {
        return Ok(None);
    };
    Ok(renderer.render(at..at + 1)?.get(path).map(str::to_owned))
}
