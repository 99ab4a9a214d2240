//! `dockwright build`: the plan, handed to the builder that people already run.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{ChosenArgs, FleetArgs, PolicyArgs};
use crate::cli::complete;
use crate::cli::output;
use crate::cli::refuse::{declaration_errors, findings};
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::images::builder::{Builder, Destination, Order, Step, steps};
use crate::project::{Ask, Building, Missing, bake_file, check, plan_on};
use crate::report::{Lines, Page, base_hint, build_table, page, plan_text, shell_word};
use crate::values::Tag;
use crate::workspace::program::{Argv, works};

/// What `build` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BuildArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// The images to build; without any, use --all or --changed-since
    #[arg(add = complete::images())]
    images: Vec<String>,
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Push the images
    #[arg(long, conflicts_with = "load")]
    push: bool,
    /// Load the images into the local image store
    #[arg(long)]
    load: bool,
    /// The tag of services; the tag of a base is its version
    #[arg(long, value_name = "TAG", value_parser = tag)]
    tag: Option<Tag>,
    /// The builder instance of docker buildx
    #[arg(long, value_name = "NAME", value_parser = instance)]
    builder: Option<String>,
    /// The program that builds [default: docker buildx, or buildah if that is not installed]
    #[arg(long, value_enum)]
    with: Option<With>,
    /// Print the command lines and run nothing
    #[arg(long)]
    dry_run: bool,
}

/// The program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum With {
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

pub(in crate::cli) fn run(args: &BuildArgs) -> Answered {
    if args.images.is_empty() && !args.chosen.says_which() {
        return Err(failed(
            "name the images to build, or use --all or --changed-since REF",
        ));
    }
    let project = args.fleet.project()?;
    let loaded = project.load()?;
    let ask = Ask {
        scope: &Scope::default(),
        today: args.policy.today.as_ref(),
        waivers: true,
        missing: Missing::Named,
    };
    let checked = check(&project.workspace, &loaded, &ask)?;
    if !checked.passes() {
        return Ok(findings(&project, &checked));
    }
    let Some(fleet) = loaded.fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let scope = args.chosen.scope(&args.images, &args.fleet)?;
    let asked = (&scope, args.policy.today.as_ref());
    let plan = plan_on(&project.workspace, &loaded, fleet, asked)?;
    if plan.images.is_empty() {
        return Ok(Answer::clean(plan_text(fleet, &plan)));
    }
    let mut order = order(args)?;
    if fleet.outputs.bake.is_none() && order.builder == Builder::Buildx {
        order.bake = Some(bake_file(&loaded, fleet)?);
    }
    let steps = steps(fleet, &plan, &order)?;
    if args.dry_run {
        let lines = steps.iter().map(shown);
        return Ok(Answer::clean(Page::joined(lines, "")));
    }
    let building = Building {
        fleet,
        plan: &plan,
        order: &order,
        folder: &args.fleet.folder(),
    };
    let built = building.run(&steps, &|line| output::note(&page!("{}", Lines(line))))?;
    let (status, hint) = match built.status {
        0 => (ExitStatus::Clean, None),
        status => {
            let hint = base_hint(fleet, &plan, &order, &built.rows);
            (ExitStatus::Builder(status), hint)
        }
    };
    let answer = Answer::page(build_table(&built.rows), status);
    Ok(answer.with_note(&hint.unwrap_or_default()))
}

fn order(args: &BuildArgs) -> Result<Order, crate::cli::failure::Failure> {
    let builder = builder(args).ok_or_else(|| {
        failed("docker buildx and buildah not found; docs/builders.md shows how to install one")
    })?;
    let destination = match (args.push, args.load) {
        (true, _) => Destination::Push,
        (false, true) => Destination::Load,
        (false, false) => Destination::Builder,
    };
    Ok(Order {
        builder,
        tag: args.tag.clone(),
        destination,
        instance: args.builder.clone(),
        bake: None,
    })
}

/// The program that was asked for, or the one that is there; a dry run needs none.
fn builder(args: &BuildArgs) -> Option<Builder> {
    let is_there =
        |program: &str, arguments: &[&str]| works(&Argv::new(program, arguments.iter().copied()));
    match args.with {
        Some(With::Buildx) => Some(Builder::Buildx),
        Some(With::Buildah) => Some(Builder::Buildah),
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

/// A command with its input, ready for a shell.
fn shown(step: &Step) -> Page {
    let command = Page::command_line(&command_line(step));
    let Some(input) = &step.input else {
        return page!("{}\n", command);
    };
    page!("{} <<'BAKE'\n{}BAKE\n", command, Lines(input.as_bytes()))
}
