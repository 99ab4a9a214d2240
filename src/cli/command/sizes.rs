//! `dockwright sizes`: how large images are, and because of what.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::failure::Failure;
use crate::cli::refuse::declaration_errors;
use crate::diagnostic::did_you_mean;
use crate::exit::ExitStatus;
use crate::images::digest::Tool;
use crate::project::{
    Engine, Error, ImageSource, Loaded, RemoteSource, is_there, judged, ledger, local_images,
    read_images, read_ledger, remote_images, remote_ledger,
};
use crate::report::{
    Page, comparison_json, comparison_markdown, comparison_text, page, sizes_json, sizes_text,
};
use crate::sizes::{Comparison, Counted, Image, ImageSizes, Ledger, compare};
use crate::values::image_reference::ImageRepository;
use crate::values::{Registry, Tag};

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
    /// Ask this registry instead, by skopeo or crane: it tells how large compressed layers are, and
    /// no layer is pulled. Images are REGISTRY/OWNER/NAME, as in registry.example.com/acme
    #[arg(long, value_name = "REGISTRY/OWNER", conflicts_with_all = ["archives", "engine"],
        value_parser = prefix)]
    registry: Option<ImageRepository>,
    /// Query this registry without TLS, as host:port; never needed for registries on this machine
    #[arg(long, value_name = "REGISTRY", requires = "registry",
        value_parser = |text: &str| Registry::parse(text))]
    insecure_registry: Vec<Registry>,
    /// The tag of the services in the engine or registry
    #[arg(long, value_name = "TAG", conflicts_with = "archives",
        value_parser = |text: &str| Tag::parse(text))]
    tag: Option<Tag>,
    /// Only these images of the engine or registry
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
    /// What changed and what is over budget, for job summaries and comments on pull requests
    Markdown,
}

/// What stands before the names of images; a registry is named, for without one it is Docker Hub.
fn prefix(text: &str) -> Result<ImageRepository, String> {
    let prefix = ImageRepository::parse(text).map_err(|error| error.to_string())?;
    match prefix.registry() {
        Some(_) => Ok(prefix),
        None => Err("it has no registry; write it as in registry.example.com/acme".to_owned()),
    }
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
    if let Some(loaded) = loaded.as_deref().filter(|loaded| loaded.fleet().is_none()) {
        return Ok(declaration_errors(&project, loaded));
    }
    let (mut ledger, mut note) = measured(args, loaded.as_deref())?;
    let comparison = args.compare.as_ref().map(|old| compared(old, &ledger));
    let mut comparison = comparison.transpose()?;
    if ledger.counted == Counted::Compressed {
        note.push(&unjudged(loaded.as_deref()));
    } else if loaded.is_some() {
        ledger.budgets = judged(&ledger, loaded.as_deref(), comparison.as_ref());
    }
    let is_over = loaded.is_some() && ledger.budgets.iter().any(|judged| judged.is_over);
    let page = if let Some(comparison) = &mut comparison {
        comparison.budgets = std::mem::take(&mut ledger.budgets);
        let print = match args.format {
            SizesFormat::Text => comparison_text,
            SizesFormat::Json => comparison_json,
            SizesFormat::Markdown => comparison_markdown,
        };
        print(comparison)
    } else if args.format == SizesFormat::Json {
        sizes_json(&ledger)
    } else {
        sizes_text(&ledger, &detailed(&ledger, &args.image)?)
    };
    let status = if is_over {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    };
    Ok(Answer::page(page, status).with_note(&note))
}

/// What changed since an earlier run, which has to have counted the same.
fn compared(old: &Utf8Path, ledger: &Ledger) -> Result<Comparison, Failure> {
    let before = read_ledger(old)?;
    if before.counted != ledger.counted {
        return Err(failed(&page!(
            "{} and this run do not compare: one has the bytes of files, the other those of \
             compressed layers",
            old
        )));
    }
    Ok(compare(&before, ledger))
}

/// Says so where budgets are declared that cannot be judged.
fn unjudged(loaded: Option<&Loaded>) -> Page {
    let fleet = loaded.and_then(Loaded::fleet);
    match fleet.filter(|fleet| !fleet.budgets.is_empty()) {
        Some(_) => page!("budgets count the bytes of files, which a registry does not tell\n"),
        None => Page::default(),
    }
}

/// The sizes of the images that are meant, and what is to be said about them first.
fn measured(args: &SizesArgs, loaded: Option<&Loaded>) -> Result<(Ledger, Page), Failure> {
    if let [path] = args.archives.as_slice()
        && path.extension() == Some("json")
    {
        return Ok((read_ledger(path)?, Page::default()));
    }
    if let (Some(prefix), Some(loaded)) = (&args.registry, loaded) {
        return Ok((of_registry(args, prefix, loaded)?, Page::default()));
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

/// The fleet's images in a registry.
fn of_registry(
    args: &SizesArgs,
    prefix: &ImageRepository,
    loaded: &Loaded,
) -> Result<Ledger, Failure> {
    let fleet = loaded
        .fleet()
        .expect("a fleet with errors was refused before");
    let mut tools = [Tool::Skopeo, Tool::Crane].into_iter();
    let tool = tools.find(|tool| is_there(*tool)).ok_or_else(|| {
        failed("skopeo and crane not found; install one of them to ask registries")
    })?;
    let source = RemoteSource {
        tool,
        prefix: prefix.clone(),
        insecure: args.insecure_registry.clone(),
    };
    let images = remote_images(&source, fleet, args.tag.as_ref(), &args.only)?;
    if images.is_empty() {
        return Err(failed("no image of this fleet was asked for"));
    }
    Ok(remote_ledger(&images, loaded)?)
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
