//! `dockwright lock`: what images install, resolved to versions and hashes.

use camino::Utf8Path;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::complete;
use crate::cli::output;
use crate::cli::refuse::declaration_errors;
use crate::exit::ExitStatus;
use crate::fleet::{Fleet, Image, ImageId};
use crate::images::id_of;
use crate::lock::resolver::Resolver;
use crate::lock::{LockOutcome, LockRow, is_fresh};
use crate::project::{Locking, Project};
use crate::report::{lock_progress, lock_text, shell_word};
use crate::workspace::program::{Argv, works};

/// What `lock` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LockArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// Only these images, and the bases below them whose lock is missing or out of date
    #[arg(long, value_name = "NAME", num_args = 1.., add = complete::images())]
    image: Vec<String>,
    /// Resolve again, to the newest versions that fit
    #[arg(long)]
    upgrade: bool,
    /// The program that resolves [default: uv, or pip if that is not installed]
    #[arg(long, value_enum)]
    with: Option<With>,
}

/// The program that resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum With {
    /// uv pip compile
    Uv,
    /// pip install --dry-run, for this machine's platform and an installed Python
    Pip,
}

pub(in crate::cli) fn run(args: &LockArgs) -> Answered {
    let project = args.fleet.project_to_write()?;
    let loaded = project.load()?;
    // Neither a broken lock nor a base whose content moved with one is in the way of new locks.
    let Some(fleet) = loaded.unsettled_fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let Some(folder) = &fleet.locks else {
        return Err(failed(
            "locking is not enabled; set `locks: locks`, or `locks: { folder: locks, \
             images: […] }` for some images",
        ));
    };
    // What a killed run left behind; a later run tries again.
    let folder = Utf8Path::new(folder.value.as_str());
    let _ = project.workspace.reap_stale_temps(folder, 0);
    let named = named(args, fleet).map_err(|word| failed(&word))?;
    let resolver = resolver(args.with).ok_or_else(|| {
        failed("neither uv nor a Python with pip found; install one of them, such as uv")
    })?;
    let mut fleet = fleet.clone();
    let locking = Locking {
        workspace: &project.workspace,
        loaded: &loaded,
        resolver,
        named,
        upgrade: args.upgrade,
        told: &|row, done, all| {
            if all > 1 && output::is_watched() {
                output::note(&lock_progress(row, done, all));
            }
        },
    };
    let rows = locking.run(&mut fleet);
    let status = ExitStatus::of_written(rows.iter().any(LockRow::has_failed), false);
    let page = lock_text(&rows, &next(&project, &fleet, &rows));
    Ok(Answer::page(page, status).news())
}

/// The images that the command line names; all where it names none.
fn named(args: &LockArgs, fleet: &Fleet) -> Result<Option<Vec<ImageId>>, String> {
    let id = |name: &String| {
        let found = id_of(fleet, name).map_err(|unknown| unknown.to_string())?;
        let is_wanted = fleet.image(found).locked.is_wanted();
        is_wanted.then_some(found).ok_or_else(|| {
            format!(
                "{name} is not locked: it installs no packages of its own, or `locks.images` does \
                 not name it"
            )
        })
    };
    if args.image.is_empty() {
        return Ok(None);
    }
    args.image
        .iter()
        .map(id)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The program that was asked for, or the one that is there.
fn resolver(with: Option<With>) -> Option<Resolver> {
    match with {
        Some(With::Uv) => Some(Resolver::Uv),
        Some(With::Pip) => Some(Resolver::Pip),
        None if works(&Argv::new("uv", ["--version"])) => Some(Resolver::Uv),
        None => works(&Argv::new("python3", ["-m", "pip", "--version"])).then_some(Resolver::Pip),
    }
}

/// What to type after it.
fn next(project: &Project, fleet: &Fleet, rows: &[LockRow]) -> Vec<String> {
    let is_written = |row: &LockRow| matches!(row.outcome, LockOutcome::Written { .. });
    let mut commands = Vec::new();
    let stale = fleet
        .images
        .iter()
        .filter(|image| image.locked.is_wanted() && !is_fresh(fleet, image));
    let stale: Vec<&str> = stale.map(|image| image.name.as_str()).collect();
    let tried = |name: &&str| {
        rows.iter()
            .any(|row| row.image == *name && !is_written(row))
    };
    if stale.iter().any(|name| !tried(name)) {
        commands.push("dockwright lock".to_owned());
    }
    let moved = |image: &Image| {
        rows.iter()
            .any(|row| is_written(row) && row.image == image.name.as_str())
    };
    if fleet
        .bases()
        .any(|base| base.fingerprint.is_some() && moved(base))
    {
        commands.push("dockwright bump --changed".to_owned());
    } else if rows.iter().any(is_written) {
        commands.push("dockwright generate".to_owned());
    }
    let file = project
        .option()
        .map_or_else(String::new, |file| format!(" --file {}", shell_word(file)));
    commands
        .into_iter()
        .map(|command| command + &file)
        .collect()
}
