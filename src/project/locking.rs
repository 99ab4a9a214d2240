//! New locks: what images install, resolved to versions and hashes by another program. Bases come
//! first, since what builds on them adds to their locks.

use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;

use super::error::Error;
use super::loaded::Loaded;
use super::write::unchanged;
use crate::artifact::ArtifactPath;
use crate::drift::DiskEntry;
use crate::fleet::lock::{Lock, Locked, Pin, format_lock};
use crate::fleet::{Fleet, Image, ImageId};
use crate::lock::resolver::{
    PIP_REPORT, PYTHON_PROBE, PythonProbe, Question, Resolver, UNWANTED, UV_OUTPUT, files, lock_of,
    pip_words, read_pip, read_uv, uv_words,
};
use crate::lock::{LockOutcome, LockRow, is_fresh};
use crate::rules::source_build_entry;
use crate::values::requirement::normalized;
use crate::workspace::program::{self, Argv, capture};
use crate::workspace::scratch::Scratch;
use crate::workspace::{self, Workspace};

/// Why an image could not be locked.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("cannot use a temporary folder: {0}")]
    Scratch(std::io::Error),
    #[error(transparent)]
    Program(#[from] program::Error),
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    #[error(transparent)]
    Project(#[from] Error),
    #[error("{0}")]
    Told(String),
}

/// The most resolvers at a time: they wait for the network more than for a core.
const PARALLEL: usize = 8;

/// One run of `dockwright lock`.
pub(crate) struct Locking<'a> {
    /// Where locks are written.
    pub(crate) workspace: &'a Workspace,
    /// The declaration.
    pub(crate) loaded: &'a Loaded,
    /// The program that resolves.
    pub(crate) resolver: Resolver,
    /// The images that are meant; all that are to be locked where there are none.
    pub(crate) named: Option<Vec<ImageId>>,
    /// Whether those are resolved anew although their locks fit.
    pub(crate) upgrade: bool,
    /// Hears of each image that was resolved: which it is, and of how many.
    pub(crate) told: &'a (dyn Fn(&LockRow, usize, usize) + Sync),
}

impl Locking<'_> {
    /// Resolves level by level: what builds on nothing, what builds on that, and so on; a level at
    /// a time, its images side by side.
    pub(crate) fn run(&self, fleet: &mut Fleet) -> Vec<LockRow> {
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
        (is_fresh(fleet, image) && !(self.upgrade && is_meant)).then_some(LockOutcome::Fresh)
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
                    (self.told)(&row, **done, all);
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
        let question = Question::of(fleet, image, self.upgrade);
        let answer = if question.is_empty() {
            Vec::new()
        } else {
            self.ask(&question)
                .map_err(|error| with_help(error.to_string()))?
        };
        let lock = lock_of(fleet, image, answer)
            .map_err(|fault| format!("the resolver's output is not a valid lock: {fault}"))?;
        self.write(fleet, image, &lock)
            .map_err(|error| error.to_string())?;
        Ok(lock)
    }

    fn ask(&self, question: &Question<'_>) -> Result<Vec<Pin>, AskError> {
        let scratch = Scratch::new().map_err(AskError::Scratch)?;
        for (name, text) in files(question) {
            scratch.write(name, &text).map_err(AskError::Scratch)?;
        }
        match self.resolver {
            Resolver::Uv => {
                ask(&scratch, &uv_words(question))?;
                let answer = scratch.read(UV_OUTPUT).map_err(AskError::Scratch)?;
                read_uv(&String::from_utf8_lossy(&answer)).map_err(AskError::Told)
            }
            Resolver::Pip => {
                let python = python(&scratch, question)?;
                // Where nothing fits with the versions from before, they count no more.
                let kept = ask(&scratch, &pip_words(question, &python, true));
                kept.or_else(|_| ask(&scratch, &pip_words(question, &python, false)))?;
                let report = scratch.read(PIP_REPORT).map_err(AskError::Scratch)?;
                read_pip(&report, question.python()).map_err(AskError::Told)
            }
        }
    }

    fn write(&self, fleet: &Fleet, image: &Image, lock: &Lock) -> Result<(), AskError> {
        let path = lock_path(fleet, image);
        let before = self
            .loaded
            .locks
            .get(image.name.as_str())
            .map(Vec::as_slice);
        let expected = unchanged(self.workspace, &path, before)?;
        let text = format_lock(lock);
        if matches!(&expected, DiskEntry::File { bytes, .. } if bytes == text.as_bytes()) {
            return Ok(());
        }
        let path =
            ArtifactPath::parse(&path).map_err(|invalid| AskError::Told(invalid.to_string()))?;
        Ok(self.workspace.write(&path, text.as_bytes(), &expected)?)
    }
}

/// What a resolver says, with the entry to add where a package has no wheel for a platform.
fn with_help(reason: String) -> String {
    let Some(package) = without_wheel(&reason) else {
        return reason;
    };
    let entry = source_build_entry(&normalized(package)).unwrap_or_else(|| {
        format!(
            "source_builds: [{package}] if it is pure Python, else a compiler: apt_build: [gcc]"
        )
    });
    format!("{reason}\nhelp: `{package}` has to be built from source: add {entry}")
}

/// The package that uv names because it has no wheel, in general or for a platform. Where some of
/// its releases have one, uv says so in a hint, and else in its reasons.
fn without_wheel(reason: &str) -> Option<&str> {
    let hinted = reason.lines().find_map(|line| {
        let (_, said) = line.split_once("Wheels are required for `")?;
        Some(said.split_once('`')?.0)
    });
    let reasoned = || {
        reason.lines().find_map(|line| {
            let (_, said) = line.split_once("Because ")?;
            let (package, said) = said.split_once("==")?;
            let (_, said) = said.split_once(" has no ")?;
            said.contains("wheels").then_some(package)
        })
    };
    let said = hinted.or_else(reasoned);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    said.filter(|package| !package.is_empty() && package.chars().all(is_name))
}

fn lock_path(fleet: &Fleet, image: &Image) -> String {
    fleet
        .lock_path(image)
        .expect("only images that services.yaml has locked are asked for")
}

fn row(fleet: &Fleet, image: &Image, outcome: LockOutcome) -> LockRow {
    LockRow {
        image: image.name.to_string(),
        path: lock_path(fleet, image),
        outcome,
    }
}

/// Runs a resolver in a folder where nothing of the repository is read.
fn ask(scratch: &Scratch, words: &[String]) -> Result<Vec<u8>, AskError> {
    let (program, arguments) = words
        .split_first()
        .map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
    let mut argv = Argv::new(program, arguments.iter().map(String::as_str));
    argv.unset = UNWANTED.map(str::to_owned).to_vec();
    argv.environment = vec![("NO_COLOR".to_owned(), "1".to_owned())];
    Ok(capture(
        &argv,
        scratch.path().map_err(AskError::Scratch)?,
        "",
        &[],
    )?)
}

/// The Python whose pip can answer: one of the asked-for version on the asked-for platform.
fn python(scratch: &Scratch, question: &Question<'_>) -> Result<String, AskError> {
    let mut objection = None;
    for name in [
        format!("python3.{}", question.python().minor()),
        "python3".to_owned(),
    ] {
        let argv = Argv::new(&name, ["-c", PYTHON_PROBE]);
        let Ok(printed) = capture(&argv, scratch.path().map_err(AskError::Scratch)?, "", &[])
        else {
            continue;
        };
        match PythonProbe::of(&printed).objection(question) {
            None => return Ok(name),
            Some(reason) => objection = objection.or(Some(reason)),
        }
    }
    let reason = objection.unwrap_or_else(|| "Python not found".to_owned());
    Err(AskError::Told(format!(
        "{reason}; uv resolves for every Python and platform: `pip install uv`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_a_wheel_is_named_with_the_entry_to_add() {
        for said in [
            "error: No solution found\n  cause: Because sparse-dot-topn==1.0 has no \
             `platform_machine == 'aarch64' and sys_platform == 'linux'`-compatible wheels and only",
            "Because sparse-dot-topn==1.0 has no usable wheels and only sparse-dot-topn==1.0 is",
            "cause: Because all of:\n  sparse-dot-topn<=0.2.2\nhave no usable wheels and only \
             these are available\nhint: Wheels are required for `sparse-dot-topn` because \
             building from source is disabled for all packages (i.e., with `--no-build`)",
        ] {
            assert_eq!(without_wheel(said), Some("sparse-dot-topn"), "{said}");
        }
        for (package, entry) in [
            ("sparse-dot-topn", "add apt_build: [g++]"),
            ("docopt", "add source_builds: [docopt]"),
            (
                "unheard-of",
                "add source_builds: [unheard-of] if it is pure Python, else",
            ),
        ] {
            let said = with_help(format!("Because {package}==1 has no usable wheels and"));
            assert!(said.contains(entry), "{said}");
        }
        let other = "Because a==1 depends on b==2 and you require a, no wheels";
        assert_eq!(with_help(other.to_owned()), other);
    }
}
