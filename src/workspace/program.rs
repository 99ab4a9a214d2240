//! Other programs: called with exact arguments, never through a shell.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use camino::Utf8Path;

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv {
    /// The program, looked up on PATH.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables of its environment beside ours.
    pub environment: Vec<(String, String)>,
    /// Variables of ours that it does not get.
    pub unset: Vec<String>,
}

impl Argv {
    /// A program with arguments.
    #[must_use]
    pub fn new<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
            environment: Vec::new(),
            unset: Vec::new(),
        }
    }

    fn command(&self, folder: &Utf8Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        for name in &self.unset {
            command.env_remove(name);
        }
        command.current_dir(if folder.as_str().is_empty() { "." } else { folder.as_str() });
        command
    }
}

/// Why a program did not do its job.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be started.
    #[error("cannot run {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended with a failure.
    #[error("{program} failed: {message}")]
    Failed {
        /// The program with what it was asked for.
        program: String,
        /// What it said.
        message: String,
    },
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status; 128 and the signal's number where a signal ended it, as shells have it.
    pub status: u8,
    /// How long it ran, in milliseconds.
    pub millis: u128,
}

/// Runs a program without input and gives what it printed. Its environment is ours without the variables that start with `without`.
///
/// # Errors
/// [`Error::Start`], or [`Error::Failed`] with what it said when its exit status is not 0.
pub fn capture(argv: &Argv, folder: &Utf8Path, without: &str, with: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    let mut command = argv.command(folder);
    let unwanted = |name: &OsString| !without.is_empty() && name.to_string_lossy().starts_with(without);
    for (name, _) in std::env::vars_os().filter(|(name, _)| unwanted(name)) {
        command.env_remove(name);
    }
    command.envs(with.iter().copied()).stdin(Stdio::null());
    let output = command.output().map_err(|source| Error::Start { program: argv.program.clone(), source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let message = if said.is_empty() { output.status.to_string() } else { said };
    Err(Error::Failed { program: argv.program.clone(), message })
}

/// Runs a program without input and gives every line of what it says, on either of its outputs, as it comes.
///
/// # Errors
/// [`Error::Start`].
pub fn follow(argv: &Argv, folder: &Utf8Path, mut line: impl FnMut(&[u8])) -> Result<Ended, Error> {
    let failed = |source| Error::Start { program: argv.program.clone(), source };
    let start = Instant::now();
    let (reader, writer) = io::pipe().map_err(failed)?;
    let mut command = argv.command(folder);
    command.stdin(Stdio::null()).stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    let mut child = command.spawn().map_err(failed)?;
    // Our own ends of the pipe go with the command, or its end would never be read.
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    // A pipe that breaks is the end of what the program says; how it ended is asked for below.
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        line(&bytes);
        bytes.clear();
    }
    let status = child.wait().map_err(failed)?;
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    let status = status.code().or(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX);
    Ok(Ended { status, millis: start.elapsed().as_millis() })
}

/// Whether a program can be started with these arguments and ends well.
#[must_use]
pub fn works(argv: &Argv) -> bool {
    capture(argv, Utf8Path::new(""), "", &[]).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_when_it_fails_is_the_error() {
        let argv = Argv::new("sh", ["-c", "echo no luck >&2; exit 3"]);
        assert_eq!(capture(&argv, Utf8Path::new(""), "", &[]).unwrap_err().to_string(), "sh failed: no luck");
        assert!(!works(&Argv::new("no-such-program-anywhere", [])));
    }

    #[test]
    fn lines_and_the_exit_status_come_back() {
        let mut seen = Vec::new();
        let argv = Argv::new("sh", ["-c", "echo a >&2; printf b; exit 7"]);
        let ended = follow(&argv, Utf8Path::new(""), |line| seen.push(line.to_vec())).unwrap();
        assert_eq!((ended.status, seen), (7, vec![b"a\n".to_vec(), b"b".to_vec()]));
        let killed = follow(&Argv::new("sh", ["-c", "kill -9 $$"]), Utf8Path::new(""), |_| ()).unwrap();
        assert_eq!(killed.status, 137);
    }
}
