//! Rendering and comparing, part by part: what is equal is dropped at once, so a large fleet needs
//! little memory and all cores.

use std::ops::Range;
use std::sync::Arc;

use super::disk::Disk;
use super::error::Error;
use super::loaded::Loaded;
use super::part::Part;
use super::strays::{strays, strays_again, strays_of_part};
use super::watch::{Meter, Step};
use crate::artifact::{ArtifactPath, ArtifactSet};
use crate::drift::{DiskState, Drift, DriftReport, compare_declared};
use crate::parallel::{both, try_map_parts};
use crate::render::{Progress, Renderer};

/// How many files are rendered and compared at a time.
const PART: usize = 32;
/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 512;

/// What a comparison keeps of files that are missing: a large fleet's are most of its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// What they should hold, so that they can be written.
    Rendered,
    /// Their paths.
    Named,
}

/// Looks at each part that is rendered for a comparison.
pub(super) type Look<'a> = dyn Fn(&Renderer<'_>, &ArtifactSet) -> Result<(), Error> + Sync + 'a;

/// A finished comparison.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) report: DriftReport,
    /// The paths of all files that were compared, sorted.
    pub(super) declared: Vec<ArtifactPath>,
    /// Whether the fleet has others.
    is_part: bool,
}

/// What files are compared by, and what with.
pub(super) struct Comparison<'a> {
    pub(super) disk: Disk<'a>,
    pub(super) loaded: &'a Loaded,
}

impl Comparison<'_> {
    /// Renders the fleet or a part of it and compares that with what is there, and what else stands
    /// in the folders of generated files.
    pub(super) fn run(
        &self,
        part: Option<&Part<'_>>,
        missing: Missing,
        look: &Look<'_>,
    ) -> Result<Compared, Error> {
        let progress = Arc::new(Progress::default());
        let _guard = self.loaded.watch_templates(&progress);
        let (fleet, templates) = (self.disk.fleet, &self.loaded.templates);
        let renderer = match part {
            Some(part) => Renderer::chosen(fleet, templates, &part.choice)?,
            None => Renderer::new(fleet, templates)?,
        };
        let renderer = renderer.watched(progress);
        let declared = renderer.paths();
        let (strays, report) = both(
            (declared.len(), PARALLEL_FROM),
            || match part {
                Some(part) => strays_of_part(&self.disk, part, declared),
                None => strays(&self.disk, declared),
            },
            || self.declared(&renderer, (look, missing)),
        );
        let mut report = DriftReport::joined([report?, strays?]);
        if part.is_some() {
            // How many images an orphan is one of cannot be told from a part: the others count as
            // there.
            report.dockerfiles_on_disk = fleet.images.len();
        }
        Ok(Compared {
            report,
            declared: declared.to_vec(),
            is_part: part.is_some(),
        })
    }

    /// The differences of declared files.
    fn declared(
        &self,
        renderer: &Renderer<'_>,
        (look, missing): (&Look<'_>, Missing),
    ) -> Result<DriftReport, Error> {
        let count = renderer.paths().len();
        let meter = &self.loaded.watcher.step(Step::Comparing, count);
        let positions: Vec<usize> = (0..count).collect();
        let reports = try_map_parts(&positions, (PARALLEL_FROM, PART), |part| {
            let (Some(first), Some(last)) = (part.first(), part.last()) else {
                return Ok::<_, Error>(DriftReport::default());
            };
            let report = self.range(renderer, *first..last + 1, look, meter)?;
            Ok(match missing {
                Missing::Named => report.without_missing_contents(),
                Missing::Rendered => report,
            })
        });
        Ok(DriftReport::joined(reports?))
    }

    fn range(
        &self,
        renderer: &Renderer<'_>,
        range: Range<usize>,
        look: &Look<'_>,
        meter: &Meter,
    ) -> Result<DriftReport, Error> {
        let artifacts = renderer
            .render(range.clone())
            .map_err(|error| self.loaded.located(error))?;
        look(renderer, &artifacts)?;
        let disk = self.disk.read(&renderer.paths()[range])?;
        meter.advance(artifacts.len());
        Ok(self.judged(&artifacts, &disk))
    }

    /// Compares declared files, and leaves those to another fleet that it wrote.
    fn judged(&self, artifacts: &ArtifactSet, disk: &DiskState) -> DriftReport {
        let report = compare_declared(artifacts, disk);
        let neighbours = self
            .disk
            .neighbours
            .of(report.drifts.iter().map(Drift::on_disk));
        report.without_files_of(&neighbours)
    }

    /// Compares the files that differed with what is there now, without rendering them again.
    pub(super) fn again(&self, before: &Compared) -> Result<DriftReport, Error> {
        let mut reports = vec![if before.is_part {
            strays_again(&self.disk, &before.report)?
        } else {
            strays(&self.disk, &before.declared)?
        }];
        // In parts, so that a large fleet's contents are not there twice.
        for drifts in before.report.drifts.chunks(1024) {
            let expected = drifts
                .iter()
                .filter_map(|drift| Some((drift.path.clone(), drift.expected.clone()?)));
            let artifacts: ArtifactSet = expected.collect();
            let paths: Vec<ArtifactPath> = artifacts.iter().map(|(path, _)| path.clone()).collect();
            reports.push(self.judged(&artifacts, &self.disk.read(&paths)?));
        }
        Ok(DriftReport {
            compared: before.report.compared,
            ..DriftReport::joined(reports)
        })
    }
}
