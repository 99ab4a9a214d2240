//! The files that a repository gets first: services.yaml, a line of `.gitattributes`, a paragraph
//! of AGENTS.md.

use super::error::Error;
use super::write::Written;
use crate::artifact::ArtifactPath;
use crate::drift::DiskEntry;
use crate::workspace::Workspace;

const ATTRIBUTES: &str = ".gitattributes";

/// A text with what it lacks; nothing where it lacks nothing.
pub(crate) type Completed = fn(&[u8]) -> Option<Vec<u8>>;

/// What stands at a path.
///
/// # Errors
/// It cannot be read.
pub(crate) fn entry(workspace: &Workspace, path: &str) -> Result<DiskEntry, Error> {
    let path = ArtifactPath::parse(path).map_err(|invalid| Error::Path(invalid.to_string()))?;
    let found = workspace.read_declared(&[path])?;
    Ok(found
        .into_iter()
        .next()
        .map_or(DiskEntry::Absent, |(_, entry)| entry))
}

/// What became of `.gitattributes`.
pub(crate) enum Attributes {
    /// It was written.
    Written,
    /// It has the line already.
    Already,
    /// It was left to a person; what it is.
    Left(&'static str),
}

/// Writes services.yaml, and the line of `.gitattributes` where that can be edited; both or none.
///
/// # Errors
/// One of them cannot be read or written.
pub(crate) fn write_first(
    workspace: &Workspace,
    declaration: (&str, &str),
    completed: Completed,
) -> Result<Attributes, Error> {
    let entry = entry(workspace, ATTRIBUTES)?;
    let mut written = Written::default();
    let (path, text) = declaration;
    written.write(workspace, path, text.as_bytes(), DiskEntry::Absent)?;
    let text = match attributes_text(&entry, completed) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(Attributes::Already),
        Err(what) => return Ok(Attributes::Left(what)),
    };
    if let Err(error) = written.write(workspace, ATTRIBUTES, &text, entry) {
        let _ = written.undo(workspace);
        return Err(error);
    }
    Ok(Attributes::Written)
}

/// The new text of `.gitattributes`, where it needs one; or what stands there that is left to a
/// person.
fn attributes_text(
    entry: &DiskEntry,
    completed: Completed,
) -> Result<Option<Vec<u8>>, &'static str> {
    match entry {
        DiskEntry::Absent => Ok(completed(b"")),
        // Git reads no attributes from UTF-16, and a line of bytes would break such a file.
        DiskEntry::File { bytes, .. } if bytes.contains(&0) => Err("is not a text file"),
        DiskEntry::File { bytes, .. } => Ok(completed(bytes)),
        DiskEntry::TooLarge { .. } => Err("is too large to be edited safely"),
        DiskEntry::Symlink { .. } => {
            Err("is a symbolic link, which dockwright neither follows nor replaces")
        }
        DiskEntry::Folder
        | DiskEntry::Other
        | DiskEntry::BehindSymlink { .. }
        | DiskEntry::BehindFile { .. } => Err("is not a file"),
    }
}

/// What became of AGENTS.md.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AgentsTold {
    /// It was created.
    Created,
    /// It has the paragraph at its end.
    Changed,
    /// It names `dockwright generate` already.
    Already,
}

/// Adds the paragraph for coding agents to a file, or creates it; nothing where what stands there
/// is not an ordinary file.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn tell_agents(
    workspace: &Workspace,
    path: &str,
    completed: Completed,
) -> Result<Option<AgentsTold>, Error> {
    let before = entry(workspace, path)?;
    let (bytes, told) = match &before {
        DiskEntry::Absent => (&b""[..], AgentsTold::Created),
        DiskEntry::File { bytes, .. } => (bytes.as_slice(), AgentsTold::Changed),
        _ => return Ok(None),
    };
    let Some(text) = completed(bytes) else {
        return Ok(Some(AgentsTold::Already));
    };
    Written::default().write(workspace, path, &text, before)?;
    Ok(Some(told))
}
