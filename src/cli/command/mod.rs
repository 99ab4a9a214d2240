//! One file a command: arguments → project → answer.

mod absorb;
mod adopt;
mod build;
mod bump;
mod check;
mod completions;
mod diff;
mod eject;
mod explain;
mod generate;
mod init;
mod list;
mod lock;
mod man;
mod new;
mod pin;
mod plan;
mod report;
mod sizes;
mod why;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use super::answer::{Answer, Answered};
use super::schema::{output_schema_text, schema_text};
use crate::declare::field_reference;
use crate::report::{Page, output_names};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compare the generated files with services.yaml; write nothing
    #[command(after_help = CHECK_HELP)]
    Check(check::CheckArgs),
    /// Write missing and out-of-date files, and delete files that nothing declares any more
    #[command(after_help = GENERATE_HELP)]
    Generate(generate::GenerateArgs),
    /// Take hand edits of generated files back into services.yaml
    #[command(after_help = ABSORB_HELP)]
    Absorb(absorb::AbsorbArgs),
    /// Propose a services.yaml from the existing Dockerfiles of a repository
    #[command(after_help = ADOPT_HELP)]
    Adopt(adopt::AdoptArgs),
    /// Compare what two Dockerfiles mean: same, harmless or different
    #[command(after_help = DIFF_HELP)]
    Diff(diff::DiffArgs),
    /// Set a new version of a base or of Python, and update the fleet
    #[command(after_help = BUMP_HELP)]
    Bump(bump::BumpArgs),
    /// Get the digests of external images from their registries, and write them to services.yaml
    #[command(after_help = PIN_HELP)]
    Pin(pin::PinArgs),
    /// Create services.yaml from the services in the repository
    Init(init::InitArgs),
    /// Copy a built-in template into your own folder, to change it
    Eject(eject::EjectArgs),
    /// Add a service: its declaration, a runnable skeleton and its generated files
    #[command(after_help = NEW_HELP)]
    New(new::NewArgs),
    /// List the images of the fleet and their templates
    List(list::ListArgs),
    /// Show why images have a package: the sets, bases and services that install it
    Why(why::WhyArgs),
    /// Lock the packages of images to versions and hashes; needs a network
    #[command(after_help = LOCK_HELP)]
    Lock(lock::LockArgs),
    /// Show which images to build, bases first, and why
    #[command(after_help = PLAN_HELP)]
    Plan(plan::PlanArgs),
    /// Build images with docker buildx or buildah, bases first
    #[command(after_help = BUILD_HELP)]
    Build(build::BuildArgs),
    /// Measure images: which layers, packages and declared lines their bytes come from
    #[command(after_help = SIZES_HELP)]
    Sizes(sizes::SizesArgs),
    /// Write the whole fleet as one page for a browser
    #[command(after_help = REPORT_HELP)]
    Report(report::ReportArgs),
    /// Explain a diagnostic code, or list them all
    Explain(explain::ExplainArgs),
    /// Print the JSON Schema of services.yaml, or of what a command prints
    Schema {
        /// The schema of files that services.yaml includes
        #[arg(long)]
        included: bool,
        /// The reference page of all fields, as Markdown
        #[arg(long, conflicts_with = "included")]
        fields: bool,
        /// The schema of what a command prints for programs
        #[arg(long, value_name = "NAME", conflicts_with_all = ["included", "fields"],
            value_parser = PossibleValuesParser::new(output_names()))]
        output: Option<String>,
    },
    /// Print a completion script
    #[command(after_help = completions::HELP)]
    Completions(completions::CompletionsArgs),
    /// Print the manual page of dockwright or of one of its commands
    Man(man::ManArgs),
}

const CHECK_HELP: &str = "Examples:
  dockwright check
      what differs, why, and what to type
  dockwright check --format github
      the report, with annotations for a workflow
  dockwright check --format patch | git apply
      make every generated file match, also those edited by hand
  dockwright check --only svc-ocr
      one image; the output says that the others were not checked
  git diff --name-only -z --relative HEAD | dockwright check --changed-files -
      what a commit affects, for a hook; a change of services.yaml affects everything

Works offline and without Docker.";

const ABSORB_HELP: &str = "Examples:
  dockwright absorb --dry-run
      every file that was edited by hand; show what services.yaml would say
  dockwright absorb generated/svc-ocr/Dockerfile
      one file
  dockwright absorb generated/base-ml/requirements.txt --everywhere
      even if other generated files change too, for example because several
      services share the value of a kind

Edits services.yaml and keeps its comments. The edit is accepted only if
services.yaml then generates the edited file, or a file that makes the same
image. Otherwise nothing is written, and the reason is printed.";

const ADOPT_HELP: &str = "Examples:
  dockwright adopt
      preview the generated Dockerfiles and services.yaml
  dockwright adopt services/
      only the Dockerfiles below a folder
  dockwright adopt --write
      write services.yaml and the generated files

Reads Dockerfiles, requirement files, compose files and the names of all files;
runs and builds nothing. Your Dockerfiles stay where they are. For each image,
the output says whether the generated Dockerfile makes the same image (same),
differs only in ways that a named rule calls harmless (harmless), differs in
another way (different), or cannot be generated, so that the original stays in
use (keeps its own Dockerfile).";

const DIFF_HELP: &str = "Examples:
  dockwright diff services/api/Dockerfile generated/svc-api/Dockerfile
  dockwright diff a/Dockerfile b/Dockerfile --context a --context b --target prod

Reads both Dockerfiles and the files that they copy; runs and builds nothing.
Exit status: 0 same or harmless; 1 different.";

const GENERATE_HELP: &str = "Examples:
  dockwright generate --dry-run
      show what would be done
  dockwright generate
      do it; files edited by hand are not changed
  dockwright generate --overwrite generated/svc-ocr/Dockerfile
      discard the manual edits in one file
  dockwright generate --overwrite svc-ocr
      discard the manual edits in all files of an image
  dockwright generate --overwrite generated/
      discard the manual edits in a folder";

const BUMP_HELP: &str = "Examples:
  dockwright bump base-ml v1.0.2
      set the version, and update everything that names it
  dockwright bump base-ml --minor --dry-run
      show what would change and what to rebuild
  dockwright bump --all-bases --patch
      the next patch version of every base
  dockwright bump python 3.13
      another Python version; each base gets a new patch version
  dockwright bump --changed
      every base whose content changed, to its next patch version

If the content of another base changes too, that base gets a new patch version.
Comments and layout of services.yaml are kept.";

const PIN_HELP: &str = "Examples:
  dockwright pin
      every external image in use
  dockwright pin python-slim --dry-run
      one of them; show the digest and write nothing
  dockwright pin --tool skopeo --insecure-registry registry.example:5000

Queries registries through docker buildx imagetools, skopeo or crane, whichever
is installed, with its logins. The digest is that of the index, so it pins all
platforms at once. Writes only services.yaml, and only if every registry
answered; prints the next command.";

const LOCK_HELP: &str = "Examples:
  dockwright lock
      every image whose lock is missing or out of date
  dockwright lock --image svc-kg
      one image, and the bases below it whose lock is missing or out of date
  dockwright lock --upgrade
      every image again, to the newest versions that fit
  dockwright lock --image svc-kg --upgrade
      one image again

services.yaml says where locks are and for which images: `locks: locks`, or
`locks: { folder: locks, images: [svc-kg] }`. uv resolves for all declared
platforms at once; without uv, pip resolves for this machine only. Versions
that still fit are kept. If resolution fails, the old lock stays. Then
`dockwright generate` installs from the locks, and `dockwright check` checks
them offline.";

const NEW_HELP: &str = "Examples:
  dockwright new svc-payments --kind web
  dockwright new svc-payments --kind web --port 8017 --apt libpq5 --pip stripe
  dockwright new svc-payments --kind web --into services.d/payments.yaml

Writes all files or none. On a terminal, dockwright asks for a missing name or
kind.";

const PLAN_HELP: &str = "Examples:
  dockwright plan
      the whole fleet as a tree
  dockwright plan --changed-since origin/main
      what differs from that revision, and because of which file
  git diff --name-only -z --relative HEAD~1 | dockwright plan --changed-files -
      the plan for a list of paths, from git or any other tool
  dockwright plan --only base-ml --with-dependents
      a base and everything on it";

const BUILD_HELP: &str = "Examples:
  dockwright build svc-ocr --load --tag dev
      one image, and its bases if they are not cached
  dockwright build --changed-since origin/main --push --tag \"$(git rev-parse --short HEAD)\"
      what changed since the main branch
  dockwright build --all --builder remote --dry-run
      print the command line without running it

Builds only what `dockwright check` accepts. Exits with the builder's exit
status; docs/builders.md shows remote builders.";

const SIZES_HELP: &str = "Examples:
  docker save IMAGE… | dockwright sizes -
      images of the local engine, as a stream
  dockwright sizes images.tar layout/
      archives and OCI layouts, plain or compressed with gzip or zstd
  dockwright sizes images.tar --image svc-ocr
      the layers, packages and waste of one image
  dockwright sizes images.tar --format json > sizes.json

Reads archives to the end and writes nothing. Layers that several images share
count once in `stored once`.";

const REPORT_HELP: &str = "Examples:
  dockwright report -o fleet.html
      bases, drift, packages and services of this fleet
  dockwright report -o fleet.html --sizes sizes.json
      also the sizes that `dockwright sizes --format json` measured
  dockwright report -o shop.json
      as data, to join with the data of other repositories
  dockwright report shop.json bank.json -o all.html
      several repositories in one page

The page is one file that loads nothing else, so it opens from disk and as a CI
artifact. Fleets whose files do not match are reported, too.";

impl Command {
    /// Does it; `program` is the whole command line, for what tells of that.
    pub(crate) fn run(&self, program: &dyn Fn() -> clap::Command) -> Answered {
        match self {
            Self::Check(args) => check::run(args),
            Self::Generate(args) => generate::run(args),
            Self::Absorb(args) => absorb::run(args),
            Self::Adopt(args) => adopt::run(args),
            Self::Diff(args) => diff::run(args),
            Self::Bump(args) => bump::run(args),
            Self::Pin(args) => pin::run(args),
            Self::New(args) => new::run(args),
            Self::Init(args) => init::run(args),
            Self::Eject(args) => eject::run(args),
            Self::List(args) => list::run(args),
            Self::Why(args) => why::run(args),
            Self::Lock(args) => lock::run(args),
            Self::Plan(args) => plan::run(args),
            Self::Build(args) => build::run(args),
            Self::Sizes(args) => sizes::run(args),
            Self::Report(args) => report::run(args),
            Self::Explain(args) => explain::run(args),
            Self::Schema {
                included,
                fields,
                output,
            } => {
                let text = match output {
                    Some(name) => output_schema_text(name),
                    None if *fields => field_reference(),
                    None => schema_text(*included),
                };
                Ok(Answer::clean(Page::made(&text)))
            }
            Self::Completions(args) => completions::run(args),
            Self::Man(args) => man::run(args, program()),
        }
    }
}
