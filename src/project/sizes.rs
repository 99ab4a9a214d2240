//! From what a person names to the images in it, and from a fleet to what their layers come from.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::Error;
use super::loaded::Loaded;
use crate::diagnostic::Spot;
use crate::fleet::{Fleet, Image as DeclaredImage, Origin};
use crate::parallel::try_map_parts;
use crate::render::{Progress, RenderError, Renderer};
use crate::sizes::{
    Archive, Budget, Comparison, Declared, Fault, Image, Judged, Ledger, Places, SizesError,
    attribute, judge, measure, measure_remote,
};
use crate::workspace::program::{self, Argv, streamed};
use crate::workspace::{self, Named, Workspace, open_named, read_named};

/// The longest sizes.json that is read, in bytes: one of 10,000 images takes some 100 MiB.
const LEDGER_BYTES: u64 = 512 << 20;

/// From how many images on they are rendered on all cores, that many at a time.
const PARALLEL_FROM: usize = 64;
/// How many characters of a declared value are kept.
const VALUE_CHARACTERS: usize = 100;

/// Where images are read from.
#[derive(Debug, Clone)]
pub(crate) enum ImageSource {
    /// An archive or a folder.
    Path(Utf8PathBuf),
    /// The standard input.
    Stdin,
    /// What a program prints.
    Program(Argv),
}

/// Why the sizes of images are not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasureError {
    /// An archive is broken.
    #[error(transparent)]
    Sizes(#[from] SizesError),
    /// Something could not be opened.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// A program did not do its job.
    #[error(transparent)]
    Program(#[from] program::Error),
    /// A service is to be found by its tag, and none was named.
    #[error("the tag of {0} in the registry is not known; name it with --tag")]
    NoTag(String),
}

/// Reads the images of all sources.
///
/// # Errors
/// The first source that cannot be read.
pub(crate) fn read_images(sources: &[ImageSource]) -> Result<Vec<Image>, MeasureError> {
    let mut budget = Budget::default();
    let mut images = Vec::new();
    for source in sources {
        let input = named(source);
        let archive = match source {
            ImageSource::Path(path) => match open_named(path)? {
                Named::Stream(mut file) => Archive::read_tar(&input, &mut file, &mut budget)?,
                Named::Folder(folder) => read_folder(&input, &folder, &mut budget)?,
            },
            ImageSource::Stdin => Archive::read_tar(&input, &mut io::stdin(), &mut budget)?,
            ImageSource::Program(argv) => {
                let read = |output: &mut dyn Read| {
                    Archive::read_tar(&input, output, &mut budget).map_err(MeasureError::from)
                };
                streamed(argv, Utf8Path::new(""), read)?
            }
        };
        images.extend(archive.images().map_err(|fault| SizesError {
            input,
            member: None,
            fault,
        })?);
    }
    Ok(images)
}

fn named(source: &ImageSource) -> String {
    match source {
        ImageSource::Path(path) => path.to_string(),
        ImageSource::Stdin => "standard input".to_owned(),
        ImageSource::Program(argv) => format!("the output of {}", argv.program),
    }
}

/// Reads the files of a folder that lead to images, and no others.
fn read_folder(
    input: &str,
    folder: &Workspace,
    budget: &mut Budget,
) -> Result<Archive, MeasureError> {
    let failed = |member: Option<&str>, fault| SizesError {
        input: input.to_owned(),
        member: member.map(str::to_owned),
        fault,
    };
    let mut archive = Archive::default();
    let mut read = |archive: &mut Archive, path: &str| {
        let Some((mut file, bytes)) = folder.open_file(Utf8Path::new(path))? else {
            return Ok(false);
        };
        let read = archive.read_file(path, bytes, &mut file, budget);
        read.map_err(|fault| failed(Some(path), fault))?;
        Ok::<_, MeasureError>(true)
    };
    for first in ["manifest.json", "index.json"] {
        if read(&mut archive, first)? {
            break;
        }
    }
    let mut absent = BTreeSet::new();
    loop {
        let mut wanted = archive.wanted().map_err(|fault| failed(None, fault))?;
        wanted.retain(|path| !absent.contains(path));
        if wanted.is_empty() {
            return Ok(archive);
        }
        for path in wanted {
            let is_there = read(&mut archive, &path)?;
            if !is_there || !archive.holds(&path) {
                absent.insert(path);
            }
        }
    }
}

/// The sizes of images, with what a fleet knows of them.
///
/// # Errors
/// As rendering does.
pub(crate) fn ledger(images: &[Image], loaded: Option<&Loaded>) -> Result<Ledger, Error> {
    attributed(measure(images), loaded)
}

/// The same of images that a registry has.
///
/// # Errors
/// As rendering does.
pub(crate) fn remote_ledger(images: &[Image], loaded: &Loaded) -> Result<Ledger, Error> {
    attributed(measure_remote(images), Some(loaded))
}

fn attributed(mut ledger: Ledger, loaded: Option<&Loaded>) -> Result<Ledger, Error> {
    if let Some(loaded) = loaded
        && let (Some(fleet), Some(tracer)) = (loaded.fleet(), loaded.tracer())
    {
        let places = PlacesIn { loaded, fleet };
        attribute(&mut ledger, fleet, &loaded.templates, &tracer, &places)?;
    }
    Ok(ledger)
}

/// What became of the budgets of a fleet; nothing where none is declared.
#[must_use]
pub(crate) fn judged(
    ledger: &Ledger,
    loaded: Option<&Loaded>,
    comparison: Option<&Comparison>,
) -> Vec<Judged> {
    let Some((loaded, fleet)) = loaded.and_then(|loaded| Some((loaded, loaded.fleet()?))) else {
        return Vec::new();
    };
    judge(ledger, fleet, comparison, &PlacesIn { loaded, fleet })
}

/// The places of a loaded declaration.
struct PlacesIn<'a> {
    loaded: &'a Loaded,
    fleet: &'a Fleet,
}

impl Places for PlacesIn<'_> {
    fn declared(&self, origin: Origin) -> Option<Declared> {
        let location = self.fleet.value_at(origin);
        let Spot::Value(path) = &location.spot else {
            return None;
        };
        let sources = &self.loaded.sources;
        if !sources.holds(&location.file, path) {
            return None;
        }
        let (start, end) = sources.range(&location);
        let text = sources.shown_text(&location.file);
        let value = text
            .and_then(|text| text.get(start..end))
            .unwrap_or_default();
        Some(Declared {
            field: sources.readable(&location.file, path).to_string(),
            place: sources.place(&location),
            value: value.chars().take(VALUE_CHARACTERS).collect(),
        })
    }
}

/// The Dockerfiles of all images, in their order, without headers.
///
/// # Errors
/// As rendering does.
pub(crate) fn dockerfiles(loaded: &Loaded, fleet: &Fleet) -> Result<Vec<String>, Error> {
    let progress = Arc::new(Progress::default());
    let _guard = loaded.watch_templates(&progress);
    let renderer = Renderer::new(fleet, &loaded.templates).map(|it| it.watched(progress));
    let renderer = renderer.map_err(|error| loaded.located(error))?;
    let render = |images: &[DeclaredImage]| {
        let files = images.iter().map(|image| renderer.render_image(image));
        let first = files.map(|files| files.map(|[dockerfile, _]| dockerfile));
        first.collect::<Result<Vec<String>, RenderError>>()
    };
    let parts = try_map_parts(&fleet.images, (PARALLEL_FROM, PARALLEL_FROM), render);
    Ok(parts.map_err(|error| loaded.located(error))?.concat())
}

/// Reads a sizes.json.
///
/// # Errors
/// It cannot be read, or is none.
pub(crate) fn read_ledger(path: &Utf8Path) -> Result<Ledger, MeasureError> {
    let bytes = read_named(path, LEDGER_BYTES)?;
    let ledger = Ledger::parse(&bytes);
    Ok(ledger.map_err(|fault: Fault| SizesError {
        input: path.to_string(),
        member: None,
        fault,
    })?)
}
