//! `dockwright lock`: what images install, resolved to versions and hashes. Bases come first, since
//! what builds on them adds to their locks.

use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;

use camino::Utf8Path;

use super::failure::Failure;
use super::load::load_to_lock;
use super::loaded::Loaded;
use super::verdict::declaration_errors;
use super::write::unchanged;
use super::{FleetArgs, output};
use crate::artifact::ArtifactPath;
use crate::drift::DiskEntry;
use crate::exit::ExitStatus;
use crate::fleet::lock::{Lock, Locked, Pin, format_lock};
use crate::fleet::{Fleet, Image, ImageId};
use crate::images::id_of;
use crate::lock::is_fresh;
use crate::lock::resolver::{
    PIP_REPORT, PYTHON_PROBE, PythonProbe, Question, UNWANTED, UV_OUTPUT, lock_of, pip_words,
    read_pip, read_uv, uv_words,
};
use crate::report::{LockOutcome, LockRow, lock_progress, lock_text};
use crate::workspace::program::{Argv, capture, works};
use crate::workspace::scratch::Scratch;

/// What `lock` takes.
#[derive(Debug, clap::Args)]
pub(super) struct LockArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// Only these images, and the bases below them that have no fresh lock
    #[arg(long, value_name = "NAME", num_args = 1..)]
    image: Vec<String>,
    /// Resolve anew, with the newest versions that fit
    #[arg(long)]
    upgrade: bool,
    /// The program that resolves; without it uv, or pip where there is none
    #[arg(long, value_enum)]
    with: Option<Resolver>,
}

/// The program that resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Resolver {
    /// uv pip compile
    Uv,
    /// pip install --dry-run, for the machine's own platform and a Python that is there
    Pip,
}

/// The most resolvers at a time: they wait for the network more than for a core.
const PARALLEL: usize = 8;

pub(super) fn run(args: &LockArgs) -> ExitStatus {
    load_to_lock(&args.fleet.file)
        .map_or_else(|failure| failure.report(), |loaded| lock(args, loaded))
}

fn lock(args: &LockArgs, mut loaded: Loaded) -> ExitStatus {
    let Some(mut fleet) = loaded.fleet.take() else {
        return declaration_errors(&loaded);
    };
    let Some(folder) = &fleet.locks else {
        return output::fail(
            "locking is not enabled; set `locks: locks`, or `locks: { folder: locks, \
             images: […] }` for some images",
        );
    };
    // What a killed run left behind; a later run tries again.
    let _ = loaded
        .workspace
        .reap_stale_temps(Utf8Path::new(folder.value.as_str()), 0);
    let named = match named(args, &fleet) {
        Ok(named) => named,
        Err(message) => return output::fail(&message),
    };
    let Some(resolver) = args.with.or_else(resolver) else {
        return output::fail(
            "there is neither uv nor a Python with pip here; `pip install uv` gets one",
        );
    };
    let run = Run {
        args,
        loaded: &loaded,
        resolver,
        named,
    };
    let rows = run.all(&mut fleet);
    let failed = rows.iter().any(|row| {
        matches!(
            row.outcome,
            LockOutcome::Failed(_) | LockOutcome::Skipped(_)
        )
    });
    let status = if failed {
        ExitStatus::Failure
    } else {
        ExitStatus::Clean
    };
    output::print(&lock_text(&rows, &next(&loaded, &fleet, &rows)), status)
}

/// The images that the command line names; all where it names none.
fn named(args: &LockArgs, fleet: &Fleet) -> Result<Option<Vec<ImageId>>, String> {
    let id = |name: &String| {
        let found = id_of(fleet, name).map_err(|unknown| unknown.to_string())?;
        let is_wanted = fleet.image(found).locked.is_wanted();
        is_wanted.then_some(found).ok_or_else(|| {
            format!(
                "{name} is not to be locked: it installs nothing of its own, or \
             `locks.images` does not name it"
            )
        })
    };
    if args.image.is_empty() {
        Ok(None)
    } else {
        args.image
            .iter()
            .map(id)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

fn resolver() -> Option<Resolver> {
    if works(&Argv::new("uv", ["--version"])) {
        return Some(Resolver::Uv);
    }
    works(&Argv::new("python3", ["-m", "pip", "--version"])).then_some(Resolver::Pip)
}

/// What to type after it.
fn next(loaded: &Loaded, fleet: &Fleet, rows: &[LockRow]) -> Vec<String> {
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
    let file = loaded.option.as_ref().map_or_else(String::new, |file| {
        format!(" --file {}", crate::report::shell_word(file))
    });
    commands
        .into_iter()
        .map(|command| command + &file)
        .collect()
}

/// One call of `lock`.
struct Run<'a> {
    args: &'a LockArgs,
    loaded: &'a Loaded,
    resolver: Resolver,
    named: Option<Vec<ImageId>>,
}

impl Run<'_> {
    /// Resolves level by level: what builds on nothing, what builds on that, and so on; a level at
    /// a time, its images side by side.
    fn all(&self, fleet: &mut Fleet) -> Vec<LockRow> {
        let depth = |image: &Image| fleet.bases_of(image).count();
        let depths: Vec<usize> = fleet.images.iter().map(depth).collect();
        let wanted = self.wanted(fleet);
        let mut rows: Vec<Option<LockRow>> = vec![None; fleet.images.len()];
        let mut done = 0;
        for level in 0..=depths.iter().copied().max().unwrap_or(0) {
            let mut open = Vec::new();
            for id in wanted.iter().copied().filter(|id| depths[*id] == level) {
                let image = fleet.image(id);
                match self.settled(fleet, image, id, &rows) {
                    Some(outcome) => {
                        done += 1;
                        rows[id] = Some(row(fleet, image, outcome));
                    }
                    None => open.push(id),
                }
            }
            let found = self.level(fleet, &open, (&mut done, wanted.len()));
            for (id, row, lock) in found {
                rows[id] = Some(row);
                if let Some(lock) = lock {
                    fleet.images[id].locked = Locked::By(Arc::new(lock));
                }
            }
        }
        rows.into_iter().flatten().collect()
    }

    /// The images that are meant: those named with the bases below them, or all that are locked.
    fn wanted(&self, fleet: &Fleet) -> Vec<ImageId> {
        let is_named = |id: ImageId, image: &Image| match &self.named {
            None => true,
            Some(named) => named.iter().any(|named| {
                let mut bases = fleet.bases_of(fleet.image(*named));
                *named == id || bases.any(|base| base.name == image.name)
            }),
        };
        fleet
            .numbered()
            .filter(|(id, image)| image.locked.is_wanted() && is_named(*id, image))
            .map(|(id, _)| id)
            .collect()
    }

    /// What is known of an image without resolving it: it is fresh, or a base below it failed.
    fn settled(
        &self,
        fleet: &Fleet,
        image: &Image,
        id: ImageId,
        rows: &[Option<LockRow>],
    ) -> Option<LockOutcome> {
        let failed = fleet.bases_of(image).find(|base| {
            let row = rows
                .iter()
                .flatten()
                .find(|row| row.image == base.name.as_str());
            row.is_some_and(|row| {
                matches!(
                    row.outcome,
                    LockOutcome::Failed(_) | LockOutcome::Skipped(_)
                )
            })
        });
        if let Some(base) = failed {
            return Some(LockOutcome::Skipped(base.name.to_string()));
        }
        let is_meant = self.named.as_ref().is_none_or(|named| named.contains(&id));
        (is_fresh(fleet, image) && !(self.args.upgrade && is_meant)).then_some(LockOutcome::Fresh)
    }

    /// Resolves images that do not build on each other, and writes each lock as soon as it is
    /// there.
    fn level(
        &self,
        fleet: &Fleet,
        open: &[ImageId],
        (done, all): (&mut usize, usize),
    ) -> Vec<(ImageId, LockRow, Option<Lock>)> {
        let threads = thread::available_parallelism()
            .map_or(1, NonZero::get)
            .saturating_mul(2)
            .clamp(1, PARALLEL);
        let queue = Mutex::new(open.iter().copied());
        let told = Mutex::new(done);
        let shows = all > 1 && output::is_watched();
        let worker = || {
            let mut found = Vec::new();
            loop {
                let next = queue.lock().ok().and_then(|mut queue| queue.next());
                let Some(id) = next else {
                    return found;
                };
                let image = fleet.image(id);
                let (outcome, lock) = match self.one(fleet, image) {
                    Ok(lock) => (LockOutcome::of(image.locked.lock(), &lock), Some(lock)),
                    Err(reason) => (LockOutcome::Failed(reason), None),
                };
                let row = row(fleet, image, outcome);
                if let Ok(mut done) = told.lock() {
                    **done += 1;
                    if shows {
                        output::note(&lock_progress(&row, **done, all));
                    }
                }
                found.push((id, row, lock));
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.min(open.len()))
                .map(|_| scope.spawn(worker))
                .collect();
            let joined = workers.into_iter().map(|one| {
                one.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            joined.flatten().collect()
        })
    }

    /// Resolves one image and writes its lock.
    fn one(&self, fleet: &Fleet, image: &Image) -> Result<Lock, String> {
        let question = Question::of(fleet, image, self.args.upgrade);
        let answer = if question.is_empty() {
            Vec::new()
        } else {
            self.ask(&question).map_err(|error| error.to_string())?
        };
        let lock = lock_of(fleet, image, answer)
            .map_err(|fault| format!("the answer makes no lock: {fault}"))?;
        self.write(fleet, image, &lock)
            .map_err(|error| error.to_string())?;
        Ok(lock)
    }

    fn ask(&self, question: &Question<'_>) -> Result<Vec<Pin>, Failure> {
        let scratch = Scratch::new().map_err(Failure::Scratch)?;
        for (name, text) in question.files() {
            scratch.write(name, &text).map_err(Failure::Scratch)?;
        }
        match self.resolver {
            Resolver::Uv => {
                ask(&scratch, &uv_words(question))?;
                let answer = scratch.read(UV_OUTPUT).map_err(Failure::Scratch)?;
                read_uv(&String::from_utf8_lossy(&answer)).map_err(Failure::Path)
            }
            Resolver::Pip => {
                let python = python(&scratch, question)?;
                // Where nothing fits with the versions from before, they count no more.
                let kept = ask(&scratch, &pip_words(question, &python, true));
                kept.or_else(|_| ask(&scratch, &pip_words(question, &python, false)))?;
                let report = scratch.read(PIP_REPORT).map_err(Failure::Scratch)?;
                read_pip(&report, question.python()).map_err(Failure::Path)
            }
        }
    }

    fn write(&self, fleet: &Fleet, image: &Image, lock: &Lock) -> Result<(), Failure> {
        let path = fleet.lock_path(image).unwrap_or_default();
        let before = self
            .loaded
            .locks
            .get(image.name.as_str())
            .map(Vec::as_slice);
        let expected = unchanged(&self.loaded.workspace, &path, before)?;
        let text = format_lock(lock);
        if matches!(&expected, DiskEntry::File { bytes, .. } if bytes == text.as_bytes()) {
            return Ok(());
        }
        let path =
            ArtifactPath::parse(&path).map_err(|invalid| Failure::Path(invalid.to_string()))?;
        Ok(self
            .loaded
            .workspace
            .write(&path, text.as_bytes(), &expected)?)
    }
}

fn row(fleet: &Fleet, image: &Image, outcome: LockOutcome) -> LockRow {
    LockRow {
        image: image.name.to_string(),
        path: fleet.lock_path(image).unwrap_or_default(),
        outcome,
    }
}

/// Runs a resolver in a folder where nothing of the repository is read.
fn ask(scratch: &Scratch, words: &[String]) -> Result<Vec<u8>, Failure> {
    let (program, arguments) = words
        .split_first()
        .map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
    let mut argv = Argv::new(program, arguments.iter().map(String::as_str));
    argv.unset = UNWANTED.map(str::to_owned).to_vec();
    argv.environment = vec![("NO_COLOR".to_owned(), "1".to_owned())];
    Ok(capture(
        &argv,
        scratch.path().map_err(Failure::Scratch)?,
        "",
        &[],
    )?)
}

/// The Python whose pip can answer: one of the asked-for version on the asked-for platform.
fn python(scratch: &Scratch, question: &Question<'_>) -> Result<String, Failure> {
    let mut objection = None;
    for name in [
        format!("python3.{}", question.python().minor()),
        "python3".to_owned(),
    ] {
        let argv = Argv::new(&name, ["-c", PYTHON_PROBE]);
        let Ok(printed) = capture(&argv, scratch.path().map_err(Failure::Scratch)?, "", &[]) else {
            continue;
        };
        match PythonProbe::of(&printed).objection(question) {
            None => return Ok(name),
            Some(reason) => objection = objection.or(Some(reason)),
        }
    }
    let reason = objection.unwrap_or_else(|| "there is no Python here".to_owned());
    Err(Failure::Path(format!(
        "{reason}; uv resolves for every Python and platform: `pip install uv`"
    )))
}
