//! The text of a lock: read strictly, written in one form.
//!
//! It is a requirements file that pip and its relatives read: one package pinned to one version (or
//! URL), the hashes of its files, and a comment that says what requires it. Everything else in it
//! is refused, options of pip above all, so that only names, versions, markers and hashes of a lock
//! reach a generated file.
//!
//! A declaration can name any folder as that of its locks, so what is wrong with a file in it is
//! told without a word of the file: the message of a [`LockFault`] is a constant.

use std::collections::BTreeMap;

use super::locked::{Input, Inputs, Lock, Pin, pinned_version};
use crate::values::requirement::{Requirement, normalized};
use crate::values::{IndexUrl, Platform, PythonVersion};

/// What stands among the packages after `# via` where the declaration itself asks for a package. No
/// package can have this name.
pub(crate) const DECLARED: &str = "(declared)";

/// The header's first line.
const TITLE: &str = "# Written by `dockwright lock`: change services.yaml, then run it again.";
/// What begins the line with the digest over the inputs.
const DIGEST: &str = "inputs: sha256:";
/// What begins a hash.
const HASH: &str = "--hash=sha256:";
/// The keys of the header's lines.
const KEYS: [&str; 6] = [
    "python",
    "platform",
    "index",
    "source-builds",
    "below",
    "requirement",
];
/// How many pins one package may have, each with a marker of its own: an architecture, or a Python.
const PINS_OF_NAME: usize = 64;
/// The longest line, in bytes.
const LINE_LIMIT: usize = 4096;
/// What is said of a longer one.
const TOO_LONG: &str = "the line is longer than 4096 bytes";

/// What is wrong with the text of a lock, and where, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFault {
    /// The first byte.
    pub(crate) start: usize,
    /// The byte after the last.
    pub(crate) end: usize,
    /// What is wrong there, without what stands there.
    pub(crate) message: &'static str,
}

/// Reads a lock.
///
/// # Errors
/// The first line that is no pinned requirement with hashes and no comment of a lock, or the
/// missing header.
pub fn parse_lock(bytes: &[u8]) -> Result<Lock, LockFault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        LockFault {
            start: at,
            end: at + 1,
            message: "this byte is not UTF-8",
        }
    })?;
    let mut reader = Reader::default();
    for line in Line::all(text) {
        reader.take(&line).map_err(|message| line.fault(message))?;
    }
    if reader.open {
        let end = text.len();
        return Err(LockFault {
            start: end,
            end,
            message: "the file ends in the middle of a requirement",
        });
    }
    let digest = reader.digest.ok_or_else(|| LockFault {
        start: 0,
        end: text.lines().next().map_or(0, str::len),
        message: "the header of a lock with `# inputs: sha256:…` is missing",
    })?;
    Ok(Lock::new(digest, Inputs(reader.inputs), reader.pins))
}

/// Writes a lock: pins by name, hashes sorted, each line ended by LF.
#[must_use]
pub fn format_lock(lock: &Lock) -> String {
    let header = lock.inputs.lines().map(|line| format!("# {line}\n"));
    let mut text = format!(
        "{TITLE}\n# {DIGEST}{}\n{}",
        lock.digest,
        header.collect::<String>()
    );
    for pin in &lock.pins {
        text.push_str(pin.requirement.as_str());
        for hash in &pin.hashes {
            text.push_str(" \\\n    ");
            text.push_str(HASH);
            text.push_str(hash);
        }
        text.push('\n');
        if !pin.via.is_empty() {
            text.push_str("    # via ");
            text.push_str(&pin.via.join(", "));
            text.push('\n');
        }
    }
    text
}

/// A line and where it starts.
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn all(text: &'a str) -> impl Iterator<Item = Self> {
        let mut start = 0;
        text.split_inclusive('\n').map(move |line| {
            let begins = start;
            start += line.len();
            let line = line.strip_suffix('\n').unwrap_or(line);
            Line {
                start: begins,
                text: line.strip_suffix('\r').unwrap_or(line),
            }
        })
    }

    fn fault(&self, message: &'static str) -> LockFault {
        LockFault {
            start: self.start,
            end: self.start + self.text.len().min(LINE_LIMIT),
            message,
        }
    }
}

#[derive(Default)]
struct Reader {
    digest: Option<String>,
    inputs: Vec<Input>,
    pins: Vec<Pin>,
    /// The positions in `pins` of each package.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Whether the line before ended in a backslash.
    open: bool,
}

impl Reader {
    fn take(&mut self, line: &Line<'_>) -> Result<(), &'static str> {
        if line.text.len() > LINE_LIMIT {
            return Err(TOO_LONG);
        }
        if line.text.chars().any(|c| !c.is_ascii_graphic() && c != ' ') {
            return Err("the line has a character that is not printable ASCII");
        }
        if self.open {
            return self.hash(line.text);
        }
        match line.text.trim_start().strip_prefix('#') {
            Some(comment) => self.comment(comment, line.text.starts_with(' ')),
            None if line.text.trim().is_empty() => Ok(()),
            None => self.pin(line.text),
        }
    }

    /// Splits off the backslash that continues a line, and remembers it.
    fn continued<'a>(&mut self, text: &'a str) -> &'a str {
        let stripped = text.strip_suffix('\\');
        self.open = stripped.is_some();
        stripped.unwrap_or(text).trim()
    }

    fn pin(&mut self, text: &str) -> Result<(), &'static str> {
        const WANTED: &str = "expected a requirement pinned to one version, such as \
         `fastapi==0.115.0 \\` with its hashes below";
        if self.digest.is_none() {
            return Err("the header of a lock with `# inputs: sha256:…` must come first");
        }
        if text.starts_with(' ') {
            return Err(WANTED);
        }
        let text = self.continued(text);
        let requirement = Requirement::parse(text).map_err(|_| WANTED)?;
        if !self.open {
            return Err(
                "the requirement has no hash: expected ` \\` at its end and the hashes of its \
                 files below",
            );
        }
        if !requirement.extras().is_empty() {
            return Err("a lock has no extras: the packages that they require have separate lines");
        }
        if pinned_version(&requirement).is_none() && requirement.url().is_none() {
            return Err(WANTED);
        }
        let name = requirement.normalized_name();
        let of_name = self.by_name.entry(name.to_owned()).or_default();
        if of_name.len() >= PINS_OF_NAME {
            return Err("the package has more than 64 pins");
        }
        let clashes = |pin: &&Pin| {
            let (own, other) = (requirement.marker(), pin.requirement.marker());
            own.is_none() || other.is_none() || own == other
        };
        if of_name
            .iter()
            .rev()
            .filter_map(|at| self.pins.get(*at))
            .any(|pin| clashes(&pin))
        {
            return Err("a line above already pins the package");
        }
        of_name.push(self.pins.len());
        self.pins.push(Pin {
            requirement,
            hashes: Vec::new(),
            via: Vec::new(),
        });
        Ok(())
    }

    fn hash(&mut self, text: &str) -> Result<(), &'static str> {
        let hash = self
            .continued(text)
            .strip_prefix(HASH)
            .unwrap_or_default()
            .to_owned();
        if !is_digest(&hash) {
            return Err("expected a hash: `--hash=sha256:` and 64 hexadecimal digits");
        }
        if let Some(pin) = self.pins.last_mut() {
            pin.hashes.push(hash);
        }
        Ok(())
    }

    /// The header's lines before the first pin, `# via` below each; other comments are nobody's
    /// business.
    fn comment(&mut self, comment: &str, indented: bool) -> Result<(), &'static str> {
        let comment = comment.trim();
        let Some(pin) = self.pins.last_mut() else {
            return self.header(comment);
        };
        if !indented {
            return Ok(());
        }
        let names = comment.strip_prefix("via").map_or(comment, str::trim);
        let is_name =
            |name: &str| name == DECLARED || (!name.is_empty() && normalized(name) == name);
        pin.via.extend(
            names
                .split(',')
                .map(str::trim)
                .filter(|name| is_name(name))
                .map(str::to_owned),
        );
        Ok(())
    }

    fn header(&mut self, comment: &str) -> Result<(), &'static str> {
        if let Some(digest) = comment.strip_prefix(DIGEST) {
            if !is_digest(digest) {
                return Err("expected a digest: `# inputs: sha256:` and 64 hexadecimal digits");
            }
            if self.digest.replace(digest.to_owned()).is_some() {
                return Err("the digest appears a second time");
            }
            return Ok(());
        }
        let Some((key, value)) = comment.split_once(": ") else {
            return Ok(());
        };
        if KEYS.contains(&key) {
            if !is_input(key, value) {
                return Err("this line of the header is not one that `dockwright lock` writes");
            }
            self.inputs.push(Input {
                key: key.to_owned(),
                value: value.to_owned(),
                origin: None,
            });
        }
        Ok(())
    }
}

/// Whether a value is one that an input of its kind can have: what moved since is told in its
/// words.
fn is_input(key: &str, value: &str) -> bool {
    match key {
        "python" => PythonVersion::parse(value).is_ok(),
        "platform" => Platform::parse(value).is_ok(),
        "index" => IndexUrl::parse(value).is_ok(),
        "requirement" => Requirement::parse(value).is_ok(),
        "source-builds" => value == "allowed",
        _ => value.strip_prefix("sha256:").is_some_and(is_digest),
    }
}

/// Whether a text is SHA-256 in hexadecimal.
fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
