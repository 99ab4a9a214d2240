//! `dockwright sizes`: how large images are, and because of what.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::failure::Failure;
use crate::cli::refuse::declaration_errors;
use crate::diagnostic::did_you_mean;
use crate::project::{
    Engine, Error, ImageSource, Loaded, ledger, local_images, read_images, read_ledger,
};
use crate::report::{
    Page, comparison_json, comparison_markdown, comparison_text, page, sizes_json, sizes_text,
};
use crate::sizes::{Image, ImageSizes, Ledger, compare};
use crate::values::Tag;

/// What `sizes` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SizesArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// Image archives: OCI layouts and what `docker save` writes, as tar files or folders; `-` is
    /// standard input, a sizes.json is what an earlier run found [default: the fleet's images in
    /// the engine on this machine]
    archives: Vec<Utf8PathBuf>,
    /// The engine that has the images; without it the first that answers, in this order
    #[arg(long, value_enum, conflicts_with = "archives")]
    engine: Option<EngineName>,
    /// The tag of the services in the engine
    #[arg(long, value_name = "TAG", conflicts_with = "archives",
        value_parser = |text: &str| Tag::parse(text))]
    tag: Option<Tag>,
    /// Only these images of the engine
    #[arg(long, value_name = "NAME", num_args = 1.., conflicts_with = "archives")]
    only: Vec<String>,
    /// Show the layers, packages and waste of these images
    #[arg(long, value_name = "NAME", num_args = 1.., conflicts_with = "compare")]
    image: Vec<String>,
    /// Show what changed since this sizes.json was written
    #[arg(long, value_name = "OLD")]
    compare: Option<Utf8PathBuf>,
    /// The output format; JSON is the sizes.json that later runs compare with
    #[arg(long, value_enum, default_value_t = SizesFormat::Text)]
    format: SizesFormat,
}

/// A program that has images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum EngineName {
    /// Docker
    Docker,
    /// Podman
    Podman,
    /// Buildah
    Buildah,
}

/// How `sizes` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SizesFormat {
    /// For people
    Text,
    /// For programs, and for later runs
    Json,
    /// What changed, for job summaries and comments on pull requests
    Markdown,
}

pub(in crate::cli) fn run(args: &SizesArgs) -> Answered {
    if args.format == SizesFormat::Markdown && args.compare.is_none() {
        return Err(failed(
            "--format markdown tells what changed; add --compare OLD",
        ));
    }
    let project = args.fleet.project()?;
    // Without a declaration the images alone are told of.
    let loaded = match project.load() {
        Err(Error::NoDeclaration { .. })
            if args.fleet.is_default() && !args.archives.is_empty() =>
        {
            None
        }
        loaded => Some(loaded?),
    };
    if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.fleet().is_none()) {
        return Ok(declaration_errors(&project, loaded));
    }
    let (ledger, note) = measured(args, loaded.as_ref())?;
    if let Some(old) = &args.compare {
        let comparison = compare(&read_ledger(old)?, &ledger);
        let print = match args.format {
            SizesFormat::Text => comparison_text,
            SizesFormat::Json => comparison_json,
            SizesFormat::Markdown => comparison_markdown,
        };
        return Ok(Answer::clean(print(&comparison)).with_note(&note));
    }
    let page = match args.format {
        SizesFormat::Json => sizes_json(&ledger),
        SizesFormat::Text | SizesFormat::Markdown => {
            sizes_text(&ledger, &detailed(&ledger, &args.image)?)
        }
    };
    Ok(Answer::clean(page).with_note(&note))
}

/// The sizes of the images that are meant, and what is to be said about them first.
fn measured(args: &SizesArgs, loaded: Option<&Loaded>) -> Result<(Ledger, Page), Failure> {
    if let [path] = args.archives.as_slice()
        && path.extension() == Some("json")
    {
        return Ok((read_ledger(path)?, Page::default()));
    }
    let (images, note) = match loaded {
        Some(loaded) if args.archives.is_empty() => of_engine(args, loaded)?,
        _ => {
            let sources: Vec<ImageSource> = args.archives.iter().map(|path| source(path)).collect();
            (read_images(&sources)?, Page::default())
        }
    };
    Ok((ledger(&images, loaded)?, note))
}

fn source(path: &Utf8Path) -> ImageSource {
    if path == "-" {
        ImageSource::Stdin
    } else {
        ImageSource::Path(path.to_owned())
    }
}

/// The fleet's images in the engine on this machine.
fn of_engine(args: &SizesArgs, loaded: &Loaded) -> Result<(Vec<Image>, Page), Failure> {
    let fleet = loaded
        .fleet()
        .expect("a fleet with errors was refused before");
    let named = args.engine.map(|name| match name {
        EngineName::Docker => Engine::Docker,
        EngineName::Podman => Engine::Podman,
        EngineName::Buildah => Engine::Buildah,
    });
    let found = || Engine::ALL.into_iter().find(|engine| engine.is_there());
    let engine = named.or_else(found).ok_or_else(|| {
        failed("docker, podman and buildah not found; name an image archive, or run one of them")
    })?;
    let local = local_images(fleet, &engine.references()?, args.tag.as_ref(), &args.only)?;
    if local.references.is_empty() {
        let reason = page!(
            "{} has no image of this fleet; build them with `dockwright build --all --load --tag \
             TAG`, or name an image archive",
            engine.program()
        );
        return Err(failed(&reason));
    }
    let mut note = Page::default();
    if !local.missing.is_empty() {
        let missing = local.missing.join(", ");
        note = page!("not in {}: {}\n", engine.program(), missing);
    }
    Ok((engine.read(&local.references)?, note))
}

/// The images that are shown in detail: those that were named, or the only one.
fn detailed<'a>(ledger: &'a Ledger, named: &[String]) -> Result<Vec<&'a ImageSizes>, Failure> {
    let mut detailed = Vec::new();
    for wanted in named {
        let before = detailed.len();
        detailed.extend(ledger.images.iter().filter(|image| image.is_called(wanted)));
        if detailed.len() == before {
            let known = ledger.images.iter().map(|image| image.name.as_str());
            let meant = did_you_mean(wanted, known);
            let meant =
                meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            return Err(failed(&page!("image `{}` not found{}", wanted, meant)));
        }
    }
    if let [only] = ledger.images.as_slice()
        && detailed.is_empty()
    {
        detailed.push(only);
    }
    Ok(detailed)
}
