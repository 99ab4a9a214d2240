//! The limit that `check` is held against: read every file below a folder and compare it with bytes
//! that are in memory already.
//!
//! `read_and_compare pack FOLDER FILE` writes what is expected into one file; `read_and_compare
//! check FOLDER FILE` reads that file and then compares each file of the folder. It renders nothing
//! and looks for nothing else.
#![expect(
    clippy::disallowed_methods,
    reason = "a baseline outside of the program"
)]

use std::fs;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files(&entry.path(), found)?;
        } else {
            found.push(entry.path());
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, folder, pack] = arguments.as_slice() else {
        return Err(Error::other("usage: pack|check FOLDER FILE"));
    };
    if command == "pack" {
        let mut found = Vec::new();
        files(Path::new(folder), &mut found)?;
        let mut packed = Vec::new();
        for path in found {
            let content = fs::read(&path)?;
            packed.extend(format!("{} {}\n", path.display(), content.len()).into_bytes());
            packed.extend(content);
        }
        return fs::write(pack, packed);
    }
    let packed = fs::read(pack)?;
    let mut rest = packed.as_slice();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = std::str::from_utf8(&rest[..end]).map_err(Error::other)?;
        let (path, length) = line
            .rsplit_once(' ')
            .ok_or_else(|| Error::other("no length"))?;
        let (expected, after) = rest[end + 1..].split_at(length.parse().map_err(Error::other)?);
        if fs::read(path)? != expected {
            return Err(Error::other(format!("{path} differs")));
        }
        rest = after;
    }
    Ok(())
}
