//! Asking git for commits and trees, and for nothing else.
//!
//! git runs in a folder of ours that has links to the objects and references of the repository and
//! a configuration of our own. So there is no setting of the repository, the person or the system
//! that it could read, whatever the setting is called in the version of git that is installed. A
//! missing object is an error: without the name of a remote nothing can be fetched.

use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use camino::Utf8Path;

use super::config::upstreams;
use super::error::Error;
use super::oid::{ObjectFormat, Oid};
use super::repository::{Repository, bytes};
use crate::workspace::program::{self, Argv, capture_capped, find_outside};
use crate::workspace::scratch::Scratch;

/// The longest list of a tree that is read, in bytes: millions of files.
const LIST_LIMIT_BYTES: u64 = 256 << 20;
/// `FETCH_HEAD` has a line for every branch of a remote.
const HEAD_LIMIT_BYTES: u64 = 64 << 20;
const ANSWER_LIMIT_BYTES: u64 = 64 << 10;

/// What all work trees share.
const COMMON: [&str; 5] = ["objects", "refs", "packed-refs", "shallow", "reftable"];
/// What a linked work tree has for itself.
const OF_WORK_TREE: [&str; 3] = ["refs", "logs", "reftable"];
/// References that a work tree has for itself. They are copied: git reads a HEAD that is a link in
/// another way.
const HEADS: [&str; 7] = [
    "HEAD",
    "ORIG_HEAD",
    "FETCH_HEAD",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
];
/// None of these has an effect in a repository without settings; they hold should we be wrong about
/// one.
const HARDENED: [&str; 10] = [
    "--no-pager",
    "--no-replace-objects",
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
];

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TreeEntry {
    pub(super) mode: u32,
    pub(super) oid: Oid,
}

/// git over the objects and references of one repository.
#[derive(Debug)]
pub(super) struct Plumbing {
    scratch: Scratch,
    program: String,
    git_dir: String,
    format: ObjectFormat,
}

impl Plumbing {
    /// Prepares the folder that git runs in.
    ///
    /// # Errors
    /// Where there is no git outside of the repository, or the folder cannot be made.
    pub(super) fn new(repository: &Repository) -> Result<Self, Error> {
        let program = find_outside("git", &repository.top)?;
        let scratch = Scratch::new().map_err(Error::Scratch)?;
        let folder = scratch.path().map_err(Error::Scratch)?.to_owned();
        let common = folder.join("git");
        let is_linked = repository.git_dir != repository.common_dir;
        let git_dir = if is_linked {
            common.join("worktrees/this")
        } else {
            common.clone()
        };
        copy_references(&repository.common_dir, common.as_std_path())?;
        make_links(&repository.common_dir, common.as_std_path(), &COMMON)
            .map_err(Error::Scratch)?;
        if is_linked {
            std::fs::create_dir(common.join("worktrees")).map_err(Error::Scratch)?;
            copy_references(&repository.git_dir, git_dir.as_std_path())?;
            make_links(&repository.git_dir, git_dir.as_std_path(), &OF_WORK_TREE)
                .map_err(Error::Scratch)?;
            write(&git_dir.as_std_path().join("commondir"), b"../..\n").map_err(Error::Scratch)?;
            std::fs::create_dir(common.join("logs")).map_err(Error::Scratch)?;
            let logs = repository.common_dir.join("logs");
            make_links(&logs, common.join("logs").as_std_path(), &["refs"])
                .map_err(Error::Scratch)?;
        } else {
            make_links(&repository.git_dir, common.as_std_path(), &["logs"])
                .map_err(Error::Scratch)?;
        }
        write(
            &common.as_std_path().join("config"),
            &own_config(repository),
        )
        .map_err(Error::Scratch)?;
        Ok(Self {
            scratch,
            program,
            git_dir: git_dir.into_string(),
            format: repository.settings.format,
        })
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// [`Error::UnknownRevision`], or that of git.
    pub(super) fn commit(&self, revision: &str) -> Result<Oid, Error> {
        let unknown = || Error::UnknownRevision {
            revision: revision.to_owned(),
        };
        let commit = format!("{revision}^{{commit}}");
        if revision.contains('\0') {
            return Err(unknown());
        }
        let arguments = ["--verify", "--quiet", "--end-of-options", &commit];
        let printed = match self.run("rev-parse", &arguments, ANSWER_LIMIT_BYTES) {
            Err(program::Error::Failed { message, .. }) if message.starts_with("exit status") => {
                return Err(unknown());
            }
            printed => printed?,
        };
        // Where it is ambiguous, git says so before its answer.
        let last = printed
            .trim_ascii_end()
            .rsplit(|byte| *byte == b'\n')
            .next();
        last.and_then(|hex| Oid::from_hex(self.format, hex))
            .ok_or_else(unknown)
    }

    /// The entries of a tree below a folder, with those of folders, sorted by path as git sorts
    /// them.
    ///
    /// # Errors
    /// That of git: a tree may be missing in a partial clone.
    pub(super) fn tree(&self, tree: Oid, below: &[u8]) -> Result<Vec<(Vec<u8>, TreeEntry)>, Error> {
        let hex = tree.to_hex();
        let mut arguments = vec!["-r", "-t", "-z", "--full-tree", "--", &hex];
        // A name that is not UTF-8 cannot be an argument here: then the whole is listed.
        let folder = std::str::from_utf8(below)
            .ok()
            .filter(|below| !below.is_empty());
        arguments.extend(folder);
        let printed = self.run("ls-tree", &arguments, LIST_LIMIT_BYTES)?;
        let lines = printed
            .split(|byte| *byte == 0)
            .filter(|line| !line.is_empty());
        let invalid = || program::Error::Failed {
            program: "git ls-tree".to_owned(),
            message: "its answer is not a list of files".to_owned(),
        };
        let mut entries = Vec::new();
        for line in lines {
            let (path, entry) = entry(line, self.format).ok_or_else(invalid)?;
            if path.starts_with(below) {
                entries.push((path.to_vec(), entry));
            }
        }
        Ok(entries)
    }

    fn run(
        &self,
        command: &str,
        arguments: &[&str],
        limit: u64,
    ) -> Result<Vec<u8>, program::Error> {
        let folder = self.scratch.path().unwrap_or(Utf8Path::new("/"));
        let git_dir = format!("--git-dir={}", self.git_dir);
        let all = HARDENED
            .iter()
            .copied()
            .chain([git_dir.as_str(), command])
            .chain(arguments.iter().copied());
        // No variable of git's, no file of the person or the system, no question to a person, the
        // same words in every locale.
        let environment = [
            ("LC_ALL", "C"),
            ("HOME", folder.as_str()),
            ("XDG_CONFIG_HOME", folder.as_str()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_ALLOW_PROTOCOL", ""),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_LITERAL_PATHSPECS", "1"),
        ];
        capture_capped(
            &Argv::new(&self.program, all),
            folder,
            "GIT_",
            &environment,
            limit,
        )
        .map_err(|error| error.of(&format!("git {command}")))
    }
}

/// The settings that git needs to read the objects and references.
fn own_config(repository: &Repository) -> Vec<u8> {
    let settings = &repository.settings;
    let mut text = b"[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n".to_vec();
    // Versions of git that know only one format of objects do not know this setting either.
    if settings.format != ObjectFormat::Sha1 {
        text.extend(format!("\tobjectFormat = {}\n", settings.format.name()).bytes());
    }
    if let Some(storage) = &settings.ref_storage {
        text.extend(format!("\trefStorage = {storage}\n").bytes());
    }
    text.extend(upstreams(&repository.variables));
    text
}

/// Makes a folder with a work tree's own references.
fn copy_references(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir(to).map_err(Error::Scratch)?;
    for name in HEADS {
        if let Some((bytes, _)) = bytes(&from.join(name), HEAD_LIMIT_BYTES)? {
            write(&to.join(name), &bytes).map_err(Error::Scratch)?;
        }
    }
    Ok(())
}

/// Links to what is there of `names`.
fn make_links(from: &Path, to: &Path, names: &[&str]) -> io::Result<()> {
    let from = std::path::absolute(from)?;
    for name in names {
        let original = from.join(name);
        if original.symlink_metadata().is_ok() {
            symlink(original, to.join(name))?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folder is our own, and outside of the root"
)]
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::write(path, bytes)
}

/// Reads `<mode> <type> <name>\t<path>`.
fn entry(line: &[u8], format: ObjectFormat) -> Option<(&[u8], TreeEntry)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = line.get(..tab)?.split(|byte| *byte == b' ');
    let mode = u32::from_str_radix(std::str::from_utf8(words.next()?).ok()?, 8).ok()?;
    let oid = Oid::from_hex(format, words.nth(1)?)?;
    Some((line.get(tab + 1..)?, TreeEntry { mode, oid }))
}

#[cfg(test)]
mod tests {
    use super::entry;
    use crate::workspace::git::oid::ObjectFormat;

    #[test]
    fn lines_of_a_tree_are_read_whatever_the_path_holds() {
        let line = b"100755 blob e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\ta\tb\n\xff";
        let (path, read) = entry(line, ObjectFormat::Sha1).unwrap();
        assert_eq!((path, read.mode), (b"a\tb\n\xff".as_slice(), 0o100_755));
        for broken in [
            "",
            "100644 blob e69d\tx",
            "100644\tx",
            "100644 blob e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        ] {
            assert!(
                entry(broken.as_bytes(), ObjectFormat::Sha1).is_none(),
                "{broken}"
            );
        }
    }
}
