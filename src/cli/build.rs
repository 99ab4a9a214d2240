//! `dockwright build`: the plan, handed to the builder that people already run.

use super::choose::{ChosenArgs, chosen, folder, watched};
use super::failure::Failure;
use super::load::load_unjudged;
use super::loaded::Loaded;
use super::verdict::{declaration_errors, judged, refused};
use super::{FleetArgs, PolicyArgs, output};
use crate::exit::ExitStatus;
use crate::fleet::{Fleet, Image};
use crate::images::Plan;
use crate::images::builder::{Builder, Destination, Order, Step, built_reference, steps};
use crate::images::progress::{BakeProgress, Heard, buildah_line};
use crate::report::{
    BuildOutcome, BuildRow, Lines, Page, base_hint, build_table, bytes_text, page, plan_text,
    shell_word,
};
use crate::values::Tag;
use crate::workspace::program::{Argv, Ended, capture, follow, works};

/// What `build` takes.
#[derive(Debug, clap::Args)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// The images; without any, --all or --changed-since says which
    images: Vec<String>,
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Push what was built
    #[arg(long, conflicts_with = "load")]
    push: bool,
    /// Load what was built into the local image store
    #[arg(long)]
    load: bool,
    /// The tag of services; bases carry their version
    #[arg(long, value_name = "TAG", value_parser = tag)]
    tag: Option<Tag>,
    /// The builder instance of docker buildx
    #[arg(long, value_name = "NAME", value_parser = instance)]
    builder: Option<String>,
    /// The program that builds; without it docker buildx, or buildah where there is none
    #[arg(long, value_enum)]
    with: Option<Program>,
    /// Print the command lines and run nothing
    #[arg(long)]
    dry_run: bool,
}

/// The program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Program {
    /// docker buildx bake
    Buildx,
    /// buildah build
    Buildah,
}

fn tag(text: &str) -> Result<Tag, String> {
    Tag::parse(text).map_err(|invalid| invalid.to_string())
}

/// The names that `docker buildx create` takes.
fn instance(text: &str) -> Result<String, &'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let is_name =
        text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_allowed);
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("a builder's name has letters, digits, `_`, `.` and `-`")
    }
}

pub(super) fn run(args: &BuildArgs) -> ExitStatus {
    if args.images.is_empty() && !args.chosen.says_which() {
        return output::fail("name the images to build, or say --all or --changed-since REF");
    }
    let built =
        load_unjudged(&args.fleet.file, true).and_then(|mut loaded| build(args, &mut loaded));
    built.unwrap_or_else(|failure| failure.report())
}

fn build(args: &BuildArgs, loaded: &mut Loaded) -> Result<ExitStatus, Failure> {
    let report = judged(loaded, args.policy.today.as_ref())?;
    if let Some(status) = refused(loaded, &report) {
        return Ok(status);
    }
    let Some(fleet) = &loaded.fleet else {
        return Ok(declaration_errors(loaded));
    };
    let plan = chosen(&args.chosen, &args.images, &args.fleet.file, loaded, fleet)?;
    if plan.images.is_empty() {
        return Ok(output::print(&plan_text(fleet, &plan), ExitStatus::Clean));
    }
    let destination = match (args.push, args.load) {
        (true, _) => Destination::Push,
        (false, true) => Destination::Load,
        (false, false) => Destination::Builder,
    };
    let Some(builder) = builder(args) else {
        return Ok(output::fail(
            "there is neither docker buildx nor buildah here; docs/builders.md shows how to get \
             one",
        ));
    };
    let order = Order {
        builder,
        tag: args.tag.clone(),
        destination,
        instance: args.builder.clone(),
        bake: undeclared_bake(loaded, fleet, builder)?,
    };
    let steps = steps(fleet, &plan, &order)?;
    if args.dry_run {
        let lines = steps.iter().map(shown);
        return Ok(output::print(&Page::joined(lines, ""), ExitStatus::Clean));
    }
    carry_out(args, fleet, &plan, &order, &steps)
}

/// The bake file for a builder that needs one, where services.yaml declares none.
fn undeclared_bake(
    loaded: &Loaded,
    fleet: &Fleet,
    builder: Builder,
) -> Result<Option<String>, Failure> {
    if fleet.outputs.bake.is_some() || builder != Builder::Buildx {
        return Ok(None);
    }
    Ok(Some(watched(loaded, fleet)?.0.render_bake()?))
}

/// A command with its input, ready for a shell.
fn shown(step: &Step) -> Page {
    let command = Page::command_line(&command_line(step));
    let Some(input) = &step.input else {
        return page!("{}\n", command);
    };
    page!("{} <<'BAKE'\n{}BAKE\n", command, Lines(input.as_bytes()))
}

/// The program that was asked for, or the one that is there; a dry run needs none.
fn builder(args: &BuildArgs) -> Option<Builder> {
    let is_there =
        |program: &str, arguments: &[&str]| works(&Argv::new(program, arguments.iter().copied()));
    match args.with {
        Some(Program::Buildx) => Some(Builder::Buildx),
        Some(Program::Buildah) => Some(Builder::Buildah),
        None if is_there("docker", &["buildx", "version"]) => Some(Builder::Buildx),
        None if is_there("buildah", &["--version"]) => Some(Builder::Buildah),
        None => args.dry_run.then_some(Builder::Buildx),
    }
}

/// The command as a person could type it.
fn command_line(step: &Step) -> String {
    let variables = step
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={}", shell_word(value)));
    let words: Vec<String> = variables
        .chain(step.words.iter().map(|word| shell_word(word)))
        .collect();
    words.join(" ")
}

/// Fills the rows of all images that one run of bake was for.
fn settle_all(rows: &mut [BuildRow], images: &[&Image], bake: &BakeProgress, ended: Ended) {
    for (row, image) in rows.iter_mut().zip(images) {
        let heard = bake.heard(&image.target());
        let millis = u128::from(heard.millis);
        settle(row, heard, Ended { millis, ..ended });
    }
}

/// Runs the steps up to the first that fails, then prints the table.
fn carry_out(
    args: &BuildArgs,
    fleet: &Fleet,
    plan: &Plan,
    order: &Order,
    steps: &[Step],
) -> Result<ExitStatus, Failure> {
    let images: Vec<&Image> = plan
        .images
        .iter()
        .map(|planned| fleet.image(planned.id))
        .collect();
    let mut rows: Vec<BuildRow> = images
        .iter()
        .map(|image| row(fleet, image, order))
        .collect();
    let alone = if let [image] = images.as_slice() {
        Some(image.target())
    } else {
        None
    };
    let mut bake = BakeProgress::new(fleet.images.iter().map(Image::target).collect(), alone);
    let mut status = 0;
    for step in steps {
        let mut heard = Heard::default();
        let input = step.input.as_deref();
        let ended = follow(&argv(step), &folder(&args.fleet.file), input, |line| {
            output::note(&page!("{}", Lines(line)));
            let line = String::from_utf8_lossy(line);
            bake.line(&line);
            buildah_line(&mut heard, &line);
        })?;
        let at = step
            .image
            .and_then(|image| plan.images.iter().position(|planned| planned.id == image));
        match at.and_then(|at| rows.get_mut(at)) {
            Some(row) => settle(row, heard, ended),
            None => settle_all(&mut rows, &images, &bake, ended),
        }
        status = ended.status;
        if status != 0 {
            break;
        }
    }
    if status != 0
        && let Some(hint) = base_hint(fleet, plan, order, &rows)
    {
        output::note(&hint);
    }
    for row in &mut rows {
        row.size = row
            .reference
            .as_ref()
            .filter(|_| row.outcome != BuildOutcome::NotBuilt)
            .and_then(|name| size(order, name));
    }
    let status = if status == 0 {
        ExitStatus::Clean
    } else {
        ExitStatus::Builder(status)
    };
    Ok(output::print(&build_table(&rows), status))
}

fn row(fleet: &Fleet, image: &Image, order: &Order) -> BuildRow {
    BuildRow {
        image: image.name.to_string(),
        reference: built_reference(fleet, image, order.tag.as_ref()),
        outcome: BuildOutcome::NotBuilt,
        millis: 0,
        size: None,
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
fn size(order: &Order, reference: &str) -> Option<String> {
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
            bytes.parse().ok().map(bytes_text)
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
        ),
    }
}
