//! What a person names on the command line to be read, wherever it is: image archives and reports
//! of earlier runs. Links are followed as far as the name itself goes; in a folder that was named
//! none is.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use camino::Utf8Path;
use rustix::fs::{FileType, fstat};

use super::beneath::{Obstacle, Reached, Want};
use super::{Error, Workspace, beneath};

/// By how many bytes a file that would be replaced is judged.
const START_BYTES: u64 = 4096;

/// What a person named.
#[derive(Debug)]
pub(crate) enum Named {
    /// Something to read to its end: a file, a pipe.
    Stream(File),
    /// A folder.
    Folder(Workspace),
}

/// Opens what a person named.
///
/// # Errors
/// The system's reason.
pub(crate) fn open_named(path: &Utf8Path) -> Result<Named, Error> {
    let failed = |source| Error::io("open", path, source);
    let file = File::open(path).map_err(failed)?;
    let is_folder = file.metadata().map_err(failed)?.is_dir();
    if is_folder {
        return Ok(Named::Folder(Workspace::open(path)?));
    }
    Ok(Named::Stream(file))
}

/// Reads a file that a person named.
///
/// # Errors
/// The system's reason, and [`Error::TooLarge`].
pub(crate) fn read_named(path: &Utf8Path, cap_bytes: u64) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::io("read", path, source);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(cap_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > cap_bytes {
        let path = path.to_owned();
        return Err(Error::TooLarge { path, cap_bytes });
    }
    Ok(bytes)
}

/// Writes a file that a person named, as a whole or not at all. A file that is there is replaced
/// where `is_ours` knows its beginning.
///
/// # Errors
/// The system's reason, and [`Error::Foreign`].
pub(crate) fn write_named(
    path: &Utf8Path,
    bytes: &[u8],
    is_ours: fn(&[u8]) -> bool,
) -> Result<(), Error> {
    let failed = |source| Error::io("write", path, source);
    match File::open(path) {
        Ok(file) => {
            let mut start = Vec::new();
            file.take(START_BYTES)
                .read_to_end(&mut start)
                .map_err(failed)?;
            if !is_ours(&start) {
                return Err(Error::Foreign(path.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let folder = path.parent().filter(|folder| !folder.as_str().is_empty());
    let folder = folder.unwrap_or(Utf8Path::new("."));
    let mut builder = tempfile::Builder::new();
    let builder = builder.permissions(Permissions::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

impl Workspace {
    /// A file to be read piece by piece, and its length; `None` when there is none.
    ///
    /// # Errors
    /// As [`Workspace::read_text`], the length aside.
    pub(crate) fn open_file(&self, path: &Utf8Path) -> Result<Option<(File, u64)>, Error> {
        const ACTION: &str = "read";
        let path = beneath(ACTION, path)?;
        let handle = match self.reach(ACTION, &path, Want::File)? {
            Reached::Open(handle) => handle,
            Reached::Stopped(Obstacle::Absent) => return Ok(None),
            Reached::Stopped(obstacle) => return Err(Error::refused(ACTION, &path, obstacle)),
        };
        let stat = fstat(&handle).map_err(|errno| Error::io(ACTION, &path, errno))?;
        let obstacle = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                let length = u64::try_from(stat.st_size).map_err(io::Error::other);
                let length = length.map_err(|error| Error::io(ACTION, &path, error))?;
                return Ok(Some((File::from(handle), length)));
            }
            FileType::Directory => Obstacle::Folder,
            _ => Obstacle::Special,
        };
        Err(Error::refused(ACTION, &path, obstacle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::Fixture;

    #[test]
    fn a_folder_that_was_named_is_not_left() {
        let fixture = Fixture::new();
        fixture.put("images/index.json", "{}");
        fixture.link("images/blobs", "../outside");
        let Named::Folder(folder) = open_named(&fixture.root().join("images")).unwrap() else {
            panic!("a folder");
        };
        let open = |path: &str| folder.open_file(Utf8Path::new(path));
        assert_eq!(open("index.json").unwrap().unwrap().1, 2);
        assert!(open("missing").unwrap().is_none());
        assert!(matches!(open("blobs/x"), Err(Error::Symlink { .. })));
        assert!(matches!(open("../other"), Err(Error::InvalidPath { .. })));
    }

    #[test]
    fn a_file_of_somebody_else_is_not_replaced() {
        let fixture = Fixture::new();
        let path = fixture.root().join("page.html");
        let write = |text: &str| write_named(&path, text.as_bytes(), |start| start == b"ours");
        write("ours").unwrap();
        write("theirs").unwrap();
        assert!(matches!(write("ours"), Err(Error::Foreign(_))));
        assert_eq!(read_named(&path, 9).unwrap(), b"theirs");
        let entries = std::fs::read_dir(fixture.root()).unwrap().count();
        assert_eq!(entries, 1, "no temporary file stays");
    }

    #[test]
    fn a_named_file_is_read_to_its_bound() {
        let fixture = Fixture::new();
        fixture.put("a.json", "12345");
        let path = fixture.root().join("a.json");
        assert_eq!(read_named(&path, 5).unwrap(), b"12345");
        assert!(matches!(read_named(&path, 4), Err(Error::TooLarge { .. })));
        assert!(matches!(open_named(&path).unwrap(), Named::Stream(_)));
    }
}
