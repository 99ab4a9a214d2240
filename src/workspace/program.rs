//! Other programs: called with exact arguments, never through a shell.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use camino::Utf8Path;

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Argv {
    /// The program, looked up on PATH.
    pub(crate) program: String,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// Variables of its environment beside ours.
    pub(crate) environment: Vec<(String, String)>,
    /// Variables of ours that it does not get.
    pub(crate) unset: Vec<String>,
}

impl Argv {
    /// A program with arguments.
    #[must_use]
    pub(crate) fn new<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
            environment: Vec::new(),
            unset: Vec::new(),
        }
    }

    fn command(&self, folder: &Utf8Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        for name in &self.unset {
            command.env_remove(name);
        }
        command.current_dir(if folder.as_str().is_empty() {
            "."
        } else {
            folder.as_str()
        });
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

impl Error {
    /// The same of a program that goes by another name.
    pub(super) fn of(self, name: &str) -> Self {
        let program = name.to_owned();
        match self {
            Self::Start { source, .. } => Self::Start { program, source },
            Self::Failed { message, .. } => Self::Failed { program, message },
        }
    }
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Its exit status; 128 and the signal's number where a signal ended it, as shells have it.
    pub(crate) status: u8,
    /// How long it ran, in milliseconds.
    pub(crate) millis: u128,
}

/// Runs a program without input and gives what it printed. Its environment is ours without the
/// variables that start with `without`.
///
/// # Errors
/// [`Error::Start`], or [`Error::Failed`] with what it said when its exit status is not 0.
pub(crate) fn capture(
    argv: &Argv,
    folder: &Utf8Path,
    without: &str,
    with: &[(&str, &str)],
) -> Result<Vec<u8>, Error> {
    let mut command = prepared(argv, folder, without, with);
    let output = command.output().map_err(|source| Error::Start {
        program: argv.program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(argv, &output.stderr, &output.status.to_string()))
}

/// The command without input and without the variables of our environment that start with
/// `without`.
fn prepared(argv: &Argv, folder: &Utf8Path, without: &str, with: &[(&str, &str)]) -> Command {
    let mut command = argv.command(folder);
    let unwanted =
        |name: &OsString| !without.is_empty() && name.to_string_lossy().starts_with(without);
    for (name, _) in std::env::vars_os().filter(|(name, _)| unwanted(name)) {
        command.env_remove(name);
    }
    command.envs(with.iter().copied()).stdin(Stdio::null());
    command
}

fn failed(argv: &Argv, said: &[u8], status: &str) -> Error {
    let said = String::from_utf8_lossy(said).trim().to_owned();
    let message = if said.is_empty() {
        status.to_owned()
    } else {
        said
    };
    Error::Failed {
        program: argv.program.clone(),
        message,
    }
}

/// The most of what a failing program says that is kept, in bytes.
const SAID_LIMIT_BYTES: u64 = 64 << 10;

/// The same as [`capture`] for a program that may print without end: at `limit` bytes it is
/// stopped.
///
/// # Errors
/// As [`capture`], and [`Error::Failed`] at the limit.
pub(super) fn capture_capped(
    argv: &Argv,
    folder: &Utf8Path,
    without: &str,
    with: &[(&str, &str)],
    limit: u64,
) -> Result<Vec<u8>, Error> {
    let start = |source| Error::Start {
        program: argv.program.clone(),
        source,
    };
    let mut command = prepared(argv, folder, without, with);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Both outputs are read at once: a program waits while one of them is full.
    let (printed, said) = std::thread::scope(|scope| {
        let said = scope.spawn(|| stderr.map(said).unwrap_or_default());
        let mut printed = Vec::new();
        let read = stdout.map_or(Ok(0), |stdout| {
            stdout
                .take(limit.saturating_add(1))
                .read_to_end(&mut printed)
        });
        let is_over = printed.len() as u64 > limit;
        if is_over || read.is_err() {
            // It may have ended by itself.
            let _ = child.kill();
        }
        (
            read.map(|_| (!is_over).then_some(printed)),
            said.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    let status = child.wait().map_err(start)?;
    match printed.map_err(start)? {
        None => Err(failed(
            argv,
            b"",
            &format!("it printed more than {limit} bytes"),
        )),
        Some(printed) if status.success() => Ok(printed),
        Some(_) => Err(failed(argv, &said, &status.to_string())),
    }
}

/// Runs a program without input and lets what it prints be read as it comes.
///
/// # Errors
/// As [`capture`]. Where the program fails and its output could not be read either, the former is
/// told: an output that ends too early follows from it.
pub(crate) fn streamed<T, E: From<Error>>(
    argv: &Argv,
    folder: &Utf8Path,
    read: impl FnOnce(&mut dyn Read) -> Result<T, E>,
) -> Result<T, E> {
    let start = |source| Error::Start {
        program: argv.program.clone(),
        source,
    };
    let mut command = prepared(argv, folder, "", &[]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let mut stdout = child.stdout.take().expect("its output is piped");
    let stderr = child.stderr.take().expect("its other output is piped");
    let (answer, said) = std::thread::scope(|scope| {
        let said = scope.spawn(|| said(stderr));
        let answer = read(&mut stdout);
        // A program that still writes is told that nobody reads.
        drop(stdout);
        let said = said.join();
        (
            answer,
            said.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    let status = child.wait().map_err(start)?;
    // One that nobody read to the end was ended by that.
    if !status.success() && (answer.is_ok() || status.code().is_some_and(|_| !said.is_empty())) {
        return Err(failed(argv, &said, &status.to_string()).into());
    }
    answer
}

/// The beginning of what a program says; it may say more.
fn said(mut stderr: impl Read) -> Vec<u8> {
    let mut said = Vec::new();
    // What cannot be read is not part of the message.
    let _ = stderr
        .by_ref()
        .take(SAID_LIMIT_BYTES)
        .read_to_end(&mut said);
    let _ = io::copy(&mut stderr, &mut io::sink());
    said
}

/// The path of a program on PATH. Entries that count from the current folder do not count, nor do
/// those at or below `folder`: what is there may be part of a pull request.
///
/// # Errors
/// [`Error::Start`] where there is none.
pub(super) fn find_outside(program: &str, folder: &Path) -> Result<String, Error> {
    let path = std::env::vars_os().find(|(name, _)| name == "PATH");
    let path = path.map_or_else(
        || OsString::from("/usr/local/bin:/usr/bin:/bin"),
        |(_, path)| path,
    );
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let is_outside =
        |path: &Path| std::fs::canonicalize(path).is_ok_and(|path| !path.starts_with(&folder));
    let found = std::env::split_paths(&path)
        .filter(|entry| entry.is_absolute() && is_outside(entry))
        .map(|entry| entry.join(program))
        .find(|path| is_executable(path) && is_outside(path));
    found
        .as_deref()
        .and_then(Path::to_str)
        .map(str::to_owned)
        .ok_or_else(|| Error::Start {
            program: program.to_owned(),
            source: io::Error::from(io::ErrorKind::NotFound),
        })
}

fn is_executable(path: &Path) -> bool {
    let metadata = path.metadata();
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Runs a program without input and gives every line of what it says, on either of its outputs, as
/// it comes.
///
/// # Errors
/// [`Error::Start`].
pub(crate) fn follow(
    argv: &Argv,
    folder: &Utf8Path,
    input: Option<&str>,
    mut line: impl FnMut(&[u8]),
) -> Result<Ended, Error> {
    let failed = |source| Error::Start {
        program: argv.program.clone(),
        source,
    };
    let start = Instant::now();
    let (reader, writer) = io::pipe().map_err(failed)?;
    let mut command = argv.command(folder);
    command
        .stdin(input.map_or(Ok(Stdio::null()), stored).map_err(failed)?)
        .stdout(writer.try_clone().map_err(failed)?)
        .stderr(writer);
    let mut child = command.spawn().map_err(failed)?;
    // Our own ends of the pipe go with the command, or its end would never be read.
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    // A pipe that breaks is the end of what the program says; how it ended is asked for below.
    while reader
        .read_until(b'\n', &mut bytes)
        .is_ok_and(|read| read > 0)
    {
        line(&bytes);
        bytes.clear();
    }
    let status = child.wait().map_err(failed)?;
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    let status = status
        .code()
        .or(signal)
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX);
    Ok(Ended {
        status,
        millis: start.elapsed().as_millis(),
    })
}

/// A text as standard input. It is a file without a name, since a pipe that nobody reads yet would
/// hold up whoever writes it.
fn stored(text: &str) -> io::Result<Stdio> {
    let mut file = tempfile::tempfile()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file.into())
}

/// Whether a program can be started with these arguments and ends well.
#[must_use]
pub(crate) fn works(argv: &Argv) -> bool {
    capture(argv, Utf8Path::new(""), "", &[]).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_when_it_fails_is_the_error() {
        let argv = Argv::new("sh", ["-c", "echo no luck >&2; exit 3"]);
        assert_eq!(
            capture(&argv, Utf8Path::new(""), "", &[])
                .unwrap_err()
                .to_string(),
            "sh failed: no luck"
        );
        assert!(!works(&Argv::new("no-such-program-anywhere", [])));
    }

    #[test]
    fn a_program_that_prints_without_end_is_stopped() {
        let run = |script: &str, limit| {
            capture_capped(
                &Argv::new("sh", ["-c", script]),
                Utf8Path::new(""),
                "",
                &[],
                limit,
            )
        };
        assert_eq!(run("echo a; echo b >&2", 2).unwrap(), b"a\n");
        assert!(
            run("while :; do echo y; done", 1000)
                .unwrap_err()
                .to_string()
                .contains("more than 1000 bytes")
        );
        assert_eq!(
            run("yes n | head -c 300000 >&2; exit 1", 9)
                .unwrap_err()
                .to_string()
                .len(),
            65_535 + 11
        );
    }

    #[test]
    fn what_a_program_prints_is_read_as_it_comes() {
        let run = |script: &str, most: u64| {
            let argv = Argv::new("sh", ["-c", script]);
            streamed(&argv, Utf8Path::new(""), |output| {
                let mut text = String::new();
                output.take(most).read_to_string(&mut text).unwrap();
                if text == "bad" {
                    return Err(Error::Failed {
                        program: "reader".to_owned(),
                        message: "no".to_owned(),
                    });
                }
                Ok(text)
            })
        };
        assert_eq!(
            run("yes | head -c 300000; echo x >&2", u64::MAX)
                .unwrap()
                .len(),
            300_000
        );
        assert_eq!(
            run("echo a; echo no >&2; exit 3", 9)
                .unwrap_err()
                .to_string(),
            "sh failed: no"
        );
        assert_eq!(
            run("printf bad", 3).unwrap_err().to_string(),
            "reader failed: no"
        );
    }

    #[test]
    fn a_program_in_the_folder_of_the_files_is_not_taken() {
        let found = find_outside("sh", Path::new("/no/such/folder")).unwrap();
        assert!(Path::new(&found).is_absolute(), "{found}");
        assert!(find_outside("sh", Path::new("/")).is_err());
        assert!(find_outside("no-such-program-anywhere", Path::new("/no/such/folder")).is_err());
    }

    #[test]
    fn lines_and_the_exit_status_come_back() {
        let mut seen = Vec::new();
        let argv = Argv::new("sh", ["-c", "echo a >&2; printf b; exit 7"]);
        let ended = follow(&argv, Utf8Path::new(""), None, |line| {
            seen.push(line.to_vec());
        })
        .unwrap();
        assert_eq!(
            (ended.status, seen),
            (7, vec![b"a\n".to_vec(), b"b".to_vec()])
        );
        let killed = follow(
            &Argv::new("sh", ["-c", "kill -9 $$"]),
            Utf8Path::new(""),
            None,
            |_| (),
        )
        .unwrap();
        assert_eq!(killed.status, 137);
    }
}
