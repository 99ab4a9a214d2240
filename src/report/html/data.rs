//! What the page shows, as values: made from a check, or read from what an earlier run wrote.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::behind::behind;
use super::super::{Findings, list};
use super::packages::{PackageData, packages};
use crate::drift::{ChangeGroup, Lines, group_changes};
use crate::fleet::model::Parent;
use crate::fleet::owners::Owners;
use crate::fleet::{Fleet, Image, ImageId, Origin};
use crate::sizes::{Ledger, step_words};

/// How many changes and findings are kept, and how many lines and places of a change.
const CHANGES: usize = 200;
const FINDINGS: usize = 5_000;
const LINES: usize = 40;

/// What reports begin with.
const START: &str = "{\"command\":\"report\",\"version\":1,";

/// Fleets, each of a repository.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FleetReport {
    #[schemars(extend("const" = "report"))]
    command: String,
    #[schemars(extend("const" = 1))]
    version: u8,
    /// The repositories.
    pub(crate) repositories: Vec<Repository>,
}

/// The fleet of one repository.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Repository {
    /// Its name.
    pub(crate) name: String,
    /// How many generated files were compared.
    files: usize,
    /// Each after its base.
    images: Vec<ImageData>,
    /// Lists of the steps that make layers; images name one by its number.
    steps: Vec<Vec<String>>,
    drifts: Vec<DriftData>,
    changes: Vec<ChangeData>,
    diagnostics: Vec<FindingData>,
    packages: Vec<PackageData>,
    sizes: Option<Ledger>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct ImageData {
    name: String,
    kind: String,
    template: String,
    /// The number of its base in the list.
    base: Option<usize>,
    /// The external image below everything.
    from: String,
    version: Option<String>,
    port: Option<u16>,
    declared: String,
    steps: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct DriftData {
    path: String,
    kind: String,
    /// The declaration that has the image.
    declared: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct ChangeData {
    places: Vec<String>,
    removed: Vec<String>,
    added: Vec<String>,
    behind: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct FindingData {
    severity: String,
    code: String,
    place: String,
    message: String,
}

/// Why a file is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnreadableReport {
    /// Its text is of another shape.
    #[error("not a valid report, as `dockwright report -o NAME.json` writes it: {0}")]
    Shape(String),
    /// It names something that it does not have.
    #[error("not a valid report: {0} does not exist in it")]
    Dangling(&'static str),
}

impl FleetReport {
    /// The report of repositories.
    #[must_use]
    pub(crate) fn of(repositories: Vec<Repository>) -> Self {
        Self {
            command: "report".to_owned(),
            version: 1,
            repositories,
        }
    }

    /// As it is written for a later run.
    #[must_use]
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("our shapes have text keys")
    }

    /// Reads what an earlier run wrote. The page relies on its numbers, so they are checked.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, UnreadableReport> {
        let report: Self = serde_json::from_slice(bytes)
            .map_err(|error| UnreadableReport::Shape(error.to_string()))?;
        if report.command != "report" || report.version != 1 {
            let found = format!("version {} of `{}`", report.version, report.command);
            return Err(UnreadableReport::Shape(found));
        }
        report.repositories.iter().try_for_each(Repository::judge)?;
        Ok(report)
    }
}

impl Repository {
    fn judge(&self) -> Result<(), UnreadableReport> {
        let dangling = |what| Err(UnreadableReport::Dangling(what));
        for (number, image) in self.images.iter().enumerate() {
            if image.base.is_some_and(|base| base >= number) {
                return dangling("the base of an image");
            }
            if image.steps >= self.steps.len() {
                return dangling("the list of an image's steps");
            }
        }
        let versions = self.packages.iter().flat_map(|package| &package.versions);
        let mut after = versions.flat_map(|version| version.images.windows(2));
        let is_ordered = after.all(|pair| pair[0][1] < pair[1][0]);
        let versions = self.packages.iter().flat_map(|package| &package.versions);
        let mut runs = versions.flat_map(|version| &version.images);
        let is_run = |[first, last]: &[usize; 2]| first <= last && *last < self.images.len();
        if !is_ordered || !runs.all(is_run) {
            return dangling("the image of a package");
        }
        if self
            .sizes
            .as_ref()
            .is_some_and(|sizes| sizes.check().is_err())
        {
            return dangling("a layer or a number of bytes");
        }
        if self.changes.iter().any(|change| change.places.is_empty()) {
            return dangling("the place of a change");
        }
        Ok(())
    }
}

/// Whether a file that begins so is a report of an earlier run.
pub(super) fn is_report_data(start: &[u8]) -> bool {
    start.starts_with(START.as_bytes())
}

/// The fleet of a check; `dockerfiles` are, by image, the rendered ones.
#[must_use]
pub(crate) fn repository(
    name: &str,
    fleet: &Fleet,
    findings: &Findings<'_>,
    dockerfiles: &[String],
    sizes: Option<Ledger>,
) -> Repository {
    let mut lists = Lists::default();
    let rows = list::rows(fleet);
    let images = fleet.images.iter().zip(rows).zip(dockerfiles);
    let images = images.map(|((image, row), dockerfile)| ImageData {
        name: row.name,
        kind: row.kind,
        template: row.template,
        base: image.base().map(ImageId::position),
        from: external(fleet, image),
        version: image.version().map(str::to_owned),
        port: row.port,
        declared: declared_file(fleet, image),
        steps: lists.number(step_words(dockerfile)),
    });
    let images = images.collect();
    let packages = packages(fleet, sizes.as_ref());
    Repository {
        name: name.to_owned(),
        files: findings.report.compared,
        images,
        steps: lists.lists,
        drifts: drifts(fleet, findings),
        changes: group_changes(&findings.report.drifts)
            .groups
            .iter()
            .take(CHANGES)
            .map(|group| change(findings, group))
            .collect(),
        diagnostics: diagnostics(findings),
        packages,
        sizes: sizes.map(without_packages),
    }
}

/// Lists of which each is kept once.
#[derive(Default)]
struct Lists {
    lists: Vec<Vec<String>>,
    numbers: BTreeMap<Vec<String>, usize>,
}

impl Lists {
    fn number(&mut self, list: Vec<String>) -> usize {
        if let Some(known) = self.numbers.get(&list) {
            return *known;
        }
        let number = self.lists.len();
        self.numbers.insert(list.clone(), number);
        self.lists.push(list);
        number
    }
}

fn external(fleet: &Fleet, image: &Image) -> String {
    let lowest = fleet.bases_of(image).last().unwrap_or(image);
    match &lowest.parent {
        Parent::External(external) => external.reference.to_string(),
        Parent::Base(base) => fleet.image(base.value).name.to_string(),
        Parent::Kept(from) => from.clone(),
    }
}

fn declared_file(fleet: &Fleet, image: &Image) -> String {
    fleet.key_at(Origin::field(image.section, "")).file
}

fn drifts(fleet: &Fleet, findings: &Findings<'_>) -> Vec<DriftData> {
    let owners = Owners::new(fleet);
    let drifts = findings.report.drifts.iter().map(|drift| {
        let owner = owners.of(drift.path.as_str());
        let declared = owner.map(|id| declared_file(fleet, fleet.image(id)));
        DriftData {
            path: drift.path.to_string(),
            kind: drift.kind.word().to_owned(),
            declared: declared.unwrap_or_else(|| fleet.file.clone()),
        }
    });
    drifts.collect()
}

fn change(findings: &Findings<'_>, group: &ChangeGroup) -> ChangeData {
    let text = |lines: &Lines| -> Vec<String> {
        let lines = lines.iter().take(LINES);
        let text = lines.map(|line| String::from_utf8_lossy(line).trim_end().to_owned());
        text.collect()
    };
    let places = group.places.iter().take(LINES);
    ChangeData {
        places: places
            .map(|place| format!("{}:{}", place.path, place.old_line + 1))
            .collect(),
        removed: text(&group.removed),
        added: text(&group.added),
        behind: behind(findings, group),
    }
}

fn diagnostics(findings: &Findings<'_>) -> Vec<FindingData> {
    let found = findings
        .diagnostics
        .iter()
        .take(FINDINGS)
        .map(|found| FindingData {
            severity: found.severity.word().to_owned(),
            code: found.code.id.to_owned(),
            place: findings.sources.place(&found.location),
            message: found.message.clone(),
        });
    found.collect()
}

/// The matrix has the packages; what each image has of them would be most of the page.
fn without_packages(mut ledger: Ledger) -> Ledger {
    for image in &mut ledger.images {
        image.python = Vec::new();
        image.debian = Vec::new();
        image.waste = Vec::new();
    }
    ledger
}
