//! A build: the steps of a plan, run one after the other by the builder that people have.

use camino::Utf8Path;

use crate::fleet::{Fleet, Image};
use crate::images::builder::{Builder, Destination, Order, Step, built_reference};
use crate::images::progress::{BakeProgress, Heard, buildah_line};
use crate::images::{BuildOutcome, BuildRow, Plan, Size};
use crate::workspace::program::{Argv, Ended, Error, capture, follow};

/// What came of a build.
#[derive(Debug)]
pub(crate) struct Built {
    /// A row an image of the plan.
    pub(crate) rows: Vec<BuildRow>,
    /// The status of the last program that ran.
    pub(crate) status: u8,
}

/// What is built, and how.
pub(crate) struct Building<'a> {
    /// The fleet.
    pub(crate) fleet: &'a Fleet,
    /// The images of it.
    pub(crate) plan: &'a Plan,
    /// How they are built.
    pub(crate) order: &'a Order,
    /// The folder that the builder runs in.
    pub(crate) folder: &'a Utf8Path,
}

impl Building<'_> {
    /// Runs the steps up to the first that fails; `told` hears every line that is printed.
    ///
    /// # Errors
    /// A program cannot be run.
    pub(crate) fn run(&self, steps: &[Step], told: &dyn Fn(&[u8])) -> Result<Built, Error> {
        let images: Vec<&Image> = self
            .plan
            .images
            .iter()
            .map(|planned| self.fleet.image(planned.id))
            .collect();
        let mut rows: Vec<BuildRow> = images.iter().map(|image| self.row(image)).collect();
        let alone = match images.as_slice() {
            [image] => Some(image.target()),
            _ => None,
        };
        let targets = self.fleet.images.iter().map(Image::target).collect();
        let mut bake = BakeProgress::new(targets, alone);
        let mut status = 0;
        for step in steps {
            let mut heard = Heard::default();
            let input = step.input.as_deref();
            let ended = follow(&argv(step), self.folder, input, |line| {
                told(line);
                let line = String::from_utf8_lossy(line);
                bake.line(&line);
                buildah_line(&mut heard, &line);
            })?;
            match self.place(step).and_then(|at| rows.get_mut(at)) {
                Some(row) => settle(row, heard, ended),
                None => settle_all(&mut rows, &images, &bake, ended),
            }
            status = ended.status;
            if status != 0 {
                break;
            }
        }
        for row in &mut rows {
            row.size = row
                .reference
                .as_ref()
                .filter(|_| row.outcome != BuildOutcome::NotBuilt)
                .and_then(|name| size(self.order, name));
        }
        Ok(Built { rows, status })
    }

    /// The place of the one image that a step builds.
    fn place(&self, step: &Step) -> Option<usize> {
        let image = step.image?;
        let mut planned = self.plan.images.iter();
        planned.position(|planned| planned.id == image)
    }

    fn row(&self, image: &Image) -> BuildRow {
        BuildRow {
            image: image.name.to_string(),
            reference: built_reference(self.fleet, image, self.order.tag.as_ref()),
            outcome: BuildOutcome::NotBuilt,
            millis: 0,
            size: None,
        }
    }
}

/// Fills the rows of all images that one run of bake was for.
fn settle_all(rows: &mut [BuildRow], images: &[&Image], bake: &BakeProgress, ended: Ended) {
    for (row, image) in rows.iter_mut().zip(images) {
        let heard = bake.heard(&image.target());
        let millis = u128::from(heard.millis);
        settle(row, heard, Ended { millis, ..ended });
    }
}

fn settle(row: &mut BuildRow, heard: Heard, ended: Ended) {
    row.millis += u64::try_from(ended.millis).unwrap_or(u64::MAX);
    if ended.status != 0 {
        row.outcome = BuildOutcome::NotBuilt;
    } else if row.outcome == BuildOutcome::NotBuilt {
        row.outcome = BuildOutcome::of(heard);
    }
}

fn argv(step: &Step) -> Argv {
    let (program, arguments) = step
        .words
        .split_first()
        .map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
    let mut argv = Argv::new(program, arguments.iter().map(String::as_str));
    argv.environment = step
        .environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    argv
}

/// The size of an image that the local store has.
fn size(order: &Order, reference: &str) -> Option<Size> {
    let asked = |program: &str, arguments: &[&str]| {
        let printed = capture(
            &Argv::new(program, arguments.iter().copied()),
            camino::Utf8Path::new(""),
            "",
            &[],
        )
        .ok()?;
        Some(String::from_utf8_lossy(&printed).trim().to_owned()).filter(|text| !text.is_empty())
    };
    match (order.builder, order.destination) {
        (Builder::Buildx, Destination::Load) => {
            let bytes = asked(
                "docker",
                &["image", "inspect", "--format", "{{.Size}}", "--", reference],
            )?;
            bytes.parse().ok().map(Size::Bytes)
        }
        (Builder::Buildx, _) => None,
        (Builder::Buildah, _) => asked(
            "buildah",
            &[
                "images",
                "--noheading",
                "--format",
                "{{.Size}}",
                "--",
                reference,
            ],
        )
        .map(Size::Told),
    }
}
