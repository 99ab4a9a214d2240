//! The command line: what was typed, and one file a command.

mod apply;
mod build;
mod bump;
mod check;
mod choose;
mod comparison;
mod diff;
mod eject;
mod explain;
mod failure;
mod generate;
mod include;
mod init;
mod internal_error;
mod list;
mod listing;
mod load;
mod loaded;
mod lock;
mod neighbours;
mod new;
mod output;
mod overwrite;
mod part;
mod pin;
mod plan;
mod progress;
mod prompt;
mod tree;
mod usage;
mod verdict;
mod watchdog;
mod why;
mod write;

pub use internal_error::install_panic_hook;

use camino::Utf8PathBuf;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::declare::{field_reference, included_json_schema, json_schema};
use crate::exit::ExitStatus;
use crate::report::{Page, page};
use crate::values::Date;

/// One services.yaml, the Dockerfiles of a whole fleet of Python services, and a check that fails
/// when one drifts.
#[derive(Debug, Parser)]
#[command(name = "dockwright", version, arg_required_else_help = true, after_help = EXIT_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_HELP: &str = "Exit status: 0 clean; 1 files drifted or services.yaml has errors; 2 the \
 job could not be done.";

/// Options of every command that reads a fleet.
#[derive(Debug, Args)]
pub struct FleetArgs {
    /// The declaration; everything generated lies below its folder
    #[arg(
        short,
        long,
        value_name = "PATH",
        default_value = "services.yaml",
        global = true
    )]
    file: Utf8PathBuf,
}

/// Options of the commands that judge rules.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// The date to compare `until` of allowances with; without it none is over
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = |text: &str| Date::parse(text))]
    today: Option<Date>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare the generated files with services.yaml; write nothing
    #[command(after_help = CHECK_HELP)]
    Check(check::CheckArgs),
    /// Write what is missing or out of date, and delete what nothing declares any more
    #[command(after_help = GENERATE_HELP)]
    Generate(generate::GenerateArgs),
    /// Compare what two Dockerfiles mean: same, harmless or different
    #[command(after_help = DIFF_HELP)]
    Diff(diff::DiffArgs),
    /// Give a base or Python a new version, and carry it through the fleet
    #[command(after_help = BUMP_HELP)]
    Bump(bump::BumpArgs),
    /// Write the digests of external images into services.yaml, as their registries have them
    #[command(after_help = PIN_HELP)]
    Pin(pin::PinArgs),
    /// Start a fleet: a commented services.yaml
    Init(init::InitArgs),
    /// Copy a built-in template into the fleet's own folder, to change it
    Eject(eject::EjectArgs),
    /// Declare a service, with a skeleton that runs and its generated files
    #[command(after_help = NEW_HELP)]
    New(new::NewArgs),
    /// Show the images of the fleet and the templates they are rendered from
    List(list::ListArgs),
    /// Tell why images have a package: the sets, bases and services that bring it
    Why(why::WhyArgs),
    /// Resolve what images install to versions and hashes; the one command that needs a network
    #[command(after_help = LOCK_HELP)]
    Lock(lock::LockArgs),
    /// Show which images are to be built, bases first, and because of what
    #[command(after_help = PLAN_HELP)]
    Plan(plan::PlanArgs),
    /// Build images with docker buildx or buildah, bases first
    #[command(after_help = BUILD_HELP)]
    Build(build::BuildArgs),
    /// Explain a diagnostic code, or list them all
    Explain(explain::ExplainArgs),
    /// Print the JSON Schema of services.yaml
    Schema {
        /// That of the files that services.yaml includes
        #[arg(long)]
        included: bool,
        /// All fields as a page in Markdown
        #[arg(long, conflicts_with = "included")]
        fields: bool,
    },
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

const CHECK_HELP: &str = "Examples:
  dockwright check                                   what differs, why, and what to type
  dockwright check --format github                   the same with annotations, for a workflow
  dockwright check --format patch | git apply        take over everything at once
  dockwright check --only svc-ocr                    one image of many; the output says that it was not all
  git diff --name-only -z --relative HEAD | dockwright check --changed-files -
                                                     what a commit touches, for a hook; services.yaml touches everything

Works offline and without Docker.";

const DIFF_HELP: &str = "Examples:
  dockwright diff services/api/Dockerfile generated/svc-api/Dockerfile
  dockwright diff a/Dockerfile b/Dockerfile --context a --context b --target prod

Reads both Dockerfiles and the files that they copy; runs and builds nothing. Exit status: 0 same or harmless; 1 different.";

const GENERATE_HELP: &str = "Examples:
  dockwright generate --dry-run                      what would be done
  dockwright generate                                do it; files edited by hand are left alone
  dockwright generate --overwrite generated/svc-ocr/Dockerfile
                                                     discard the manual edit of one file
  dockwright generate --overwrite svc-ocr            discard those of an image
  dockwright generate --overwrite generated/         discard all in a folder";

const BUMP_HELP: &str = "Examples:
  dockwright bump base-ml v1.0.2             a new version, and everything that names it
  dockwright bump base-ml --minor --dry-run  what would change and what would be built again
  dockwright bump --all-bases --patch        every base a patch further
  dockwright bump python 3.13                another Python; bases follow by a patch
  dockwright bump --changed                  every base whose content changed, by a patch

A base whose content changes with it is bumped by a patch too. Comments and layout of services.yaml stay as they are.";

const PIN_HELP: &str = "Examples:
  dockwright pin                             every external image that something builds on
  dockwright pin python-slim --dry-run       one of them; show the digest and write nothing
  dockwright pin --tool skopeo --insecure-registry registry.example:5000

Asks through docker buildx imagetools, skopeo or crane, whichever is there first, with its logins. The digest is that of the index, so
all platforms are pinned at once. Writes services.yaml alone, and only if every registry answered; the next command is printed.";

const LOCK_HELP: &str = "Examples:
  dockwright lock                            every image whose lock is missing or stale
  dockwright lock --image svc-kg             one image, and the bases below it where they have no fresh lock
  dockwright lock --upgrade                  every image anew, with the newest versions that fit
  dockwright lock --image svc-kg --upgrade   one image anew

services.yaml says where locks are and for which images: `locks: locks`, or `locks: { folder: locks, images: [svc-kg] }`. uv resolves
for all declared platforms at once; pip, where there is no uv, for the machine's own. A version that still fits is kept. What cannot be
resolved leaves the old lock. `dockwright generate` then installs from the locks, and `dockwright check` holds them without a network.";

const NEW_HELP: &str = "Examples:
  dockwright new svc-payments --kind non-ml
  dockwright new svc-payments --kind non-ml --port 8017 --apt libpq5 --pip stripe
  dockwright new svc-payments --kind non-ml --into services.d/payments.yaml

Everything is written or nothing. On a terminal, a missing name or kind is asked for.";
const PLAN_HELP: &str = "Examples:
  dockwright plan                                    the whole fleet as a tree
  dockwright plan --changed-since origin/main        what differs from there, and because of which file
  git diff --name-only -z --relative HEAD~1 | dockwright plan --changed-files -
                                                     the same from a list; needs no git itself
  dockwright plan --only base-ml --with-dependents   a base and everything on it";

const BUILD_HELP: &str = "Examples:
  dockwright build svc-ocr --load --tag dev          one image, and its bases where they are not cached
  dockwright build --changed-since origin/main --push --tag \"$(git rev-parse --short HEAD)\"
  dockwright build --all --builder remote --dry-run  the command line that would run

Builds only what `dockwright check` finds clean. The builder's exit status is passed on; docs/builders.md shows remote builders.";

/// How `check` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For people, with annotations for GitHub Actions
    Github,
    /// For `git apply`
    Patch,
    /// For job summaries and comments on pull requests
    Markdown,
    /// For code scanning services
    Sarif,
    /// For the code quality reports of GitLab
    Gitlab,
}

/// How `generate` and `list` print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitStatus {
    install_panic_hook();
    usage::parse().map_or_else(|status| status, |cli| dispatch(&cli.command))
}

fn dispatch(command: &Command) -> ExitStatus {
    match command {
        Command::Check(args) => check::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Bump(args) => bump::run(args),
        Command::Pin(args) => pin::run(args),
        Command::New(args) => new::run(args),
        Command::Init(args) => init::run(args),
        Command::Eject(args) => eject::run(args),
        Command::List(args) => list::run(args),
        Command::Why(args) => why::run(args),
        Command::Lock(args) => lock::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Build(args) => build::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Schema { included, fields } => {
            let text = if *fields {
                field_reference()
            } else {
                schema_text(*included)
            };
            output::print(&Page::made(&text), ExitStatus::Clean)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "dockwright", &mut script);
            output::print_verbatim(&script, ExitStatus::Clean)
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Cli::command()).render(&mut page) {
                Ok(()) => output::print_verbatim(&page, ExitStatus::Clean),
                Err(error) => output::fail(&page!("the manual page could not be made: {}", error)),
            }
        }
    }
}

/// The JSON Schema as it is committed: of services.yaml, or of the files that it includes.
#[must_use]
pub fn schema_text(included: bool) -> String {
    let schema = if included {
        included_json_schema()
    } else {
        json_schema()
    };
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
