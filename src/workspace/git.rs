//! What git knows about changed files. Only `plan` and `build` ask; `check` needs no git.
//!
//! The repository may be somebody else's: nothing in its configuration may start a program through us (no file system monitor, no hook,
//! no external diff, no text conversion), no `GIT_*` variable may point us elsewhere, and nothing is fetched. A state that git cannot
//! read is an error, never "nothing changed".

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::program::{Argv, Error, capture};

const HARDENED: [&str; 9] = [
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.untrackedCache=false",
];
/// Same words in every locale, no question to a person, and no object fetched behind our back.
const ENVIRONMENT: [(&str, &str); 3] = [("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_NO_LAZY_FETCH", "1")];

/// The paths below `root` that differ between a revision and the files that are there now, counted from `root`.
///
/// The two ends of a rename both count, so do deleted files and new ones that git is not told to ignore. Compared is the revision's own
/// tree, not its merge base: what is built there has that tree's content.
///
/// # Errors
/// Where git is missing, `root` is in no repository, the revision names no commit, or git fails.
pub fn changed_since(root: &Utf8Path, revision: &str) -> Result<BTreeSet<String>, Error> {
    let commit = format!("{revision}^{{commit}}");
    // What a program says may have several lines; what it was asked for has one.
    let shown = revision.escape_debug();
    let known =
        git(root, "rev-parse", &["--verify", "--quiet", "--end-of-options", &commit]).map_err(|error| match error {
            Error::Failed { program, message } if message.starts_with("exit status") => {
                let message = format!("`{shown}` names no commit here; fetch it first (a shallow clone may lack it)");
                Error::Failed { program, message }
            }
            other => other,
        })?;
    let hash = String::from_utf8_lossy(&known);
    let hash = hash.lines().last().unwrap_or_default().trim();
    if hash.len() < 40 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = format!("`{shown}` is answered with {hash:?}, which is no commit");
        return Err(Error::Failed { program: "git rev-parse".to_owned(), message });
    }
    let differ = [
        "--name-only",
        "-z",
        "--relative",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--ignore-submodules=none",
        hash,
        "--",
        ".",
    ];
    let mut paths = git(root, "diff", &differ)?;
    paths.extend(git(root, "ls-files", &["-z", "--others", "--exclude-standard", "--", "."])?);
    let names = paths.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| String::from_utf8_lossy(name).trim_end_matches('/').to_owned()).collect())
}

fn git(root: &Utf8Path, command: &str, arguments: &[&str]) -> Result<Vec<u8>, Error> {
    let all = HARDENED.iter().chain(std::iter::once(&command)).chain(arguments);
    capture(&Argv::new("git", all.copied()), root, "GIT_", &ENVIRONMENT).map_err(|error| match error {
        Error::Failed { message, .. } => Error::Failed { program: format!("git {command}"), message },
        start @ Error::Start { .. } => start,
    })
}
