//! git's index file: what is tracked here, and what each file looked like to stat(2) when git last
//! knew its content.
//!
//! The format is gitformat-index(5), versions 2 to 4.

use super::entry::{Entry, Reader, StatData};
use super::oid::{Hasher, ObjectFormat, Oid};
use super::split::{Link, parse_link};

/// The mode of a folder that a sparse index holds as one entry.
pub(super) const FOLDER: u32 = 0o040_000;

/// What an index file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    /// Of a split index: the file with the other entries.
    pub(super) link: Option<Link>,
}

/// Reads an index file.
///
/// # Errors
/// Why it is not valid, or what it needs that we do not know.
pub(super) fn parse(bytes: &[u8], format: ObjectFormat) -> Result<Index, &'static str> {
    let body = verified(bytes, format).ok_or("it does not match its checksum")?;
    let mut reader = Reader { rest: body };
    let is_index = reader.take(4) == Some(b"DIRC");
    let version = reader
        .u32()
        .filter(|version| is_index && (2..=4).contains(version));
    let version = version.ok_or("it is not a git index of version 2, 3 or 4")?;
    let count = reader.u32().ok_or(CUT)?;
    let mut entries = Vec::new();
    let mut previous = Vec::new();
    for _ in 0..count {
        let entry = entry(&mut reader, version, format, &previous)
            .ok_or("one of its entries is not valid")?;
        previous.clone_from(&entry.path);
        entries.push(entry);
    }
    let mut link = None;
    while !reader.rest.is_empty() {
        let name = reader.take(4).ok_or(CUT)?;
        let len = reader
            .u32()
            .and_then(|len| usize::try_from(len).ok())
            .ok_or(CUT)?;
        let content = reader.take(len).ok_or(CUT)?;
        match name {
            b"link" => {
                link = Some(parse_link(content, format).ok_or("its split index is not valid")?);
            }
            // A sparse index: entries may be folders.
            b"sdir" => {}
            [first, ..] if first.is_ascii_uppercase() => {}
            _ => return Err("it needs an extension that is not known"),
        }
    }
    Ok(Index { entries, link })
}

const CUT: &str = "it ends too early";

/// The bytes before the checksum, which may be left out (`index.skipHash`).
fn verified(bytes: &[u8], format: ObjectFormat) -> Option<&[u8]> {
    let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(format.len())?)?;
    let mut hasher = Hasher::new(format);
    hasher.update(body);
    let matches = checksum.iter().all(|byte| *byte == 0) || hasher.finish().as_bytes() == checksum;
    matches.then_some(body)
}

/// Reads one entry. In a split index entries that replace others have no path.
fn entry(
    reader: &mut Reader<'_>,
    version: u32,
    format: ObjectFormat,
    previous: &[u8],
) -> Option<Entry> {
    let start = reader.rest.len();
    let ctime = (reader.u32()?, reader.u32()?);
    let mtime = (reader.u32()?, reader.u32()?);
    let _device = reader.u32()?;
    let inode = reader.u32()?;
    let mode = reader.u32()?;
    let _owners = reader.take(8)?;
    let size = reader.u32()?;
    let oid = Oid::from_bytes(format, reader.take(format.len())?)?;
    let flags = reader.u16()?;
    let extended = if flags & 0x4000 == 0 {
        0
    } else {
        reader.u16().filter(|_| version > 2)?
    };
    let path = if version == 4 {
        let kept = previous.len().checked_sub(reader.offset()?)?;
        let mut path = previous.get(..kept)?.to_vec();
        path.extend_from_slice(reader.until_nul()?);
        path
    } else {
        let len = usize::from(flags & 0x0fff);
        let path = if len == 0x0fff {
            reader.until_nul_kept()?
        } else {
            reader.take(len)?
        };
        let padding = 8 - (start - reader.rest.len()) % 8;
        let is_nul = reader.take(padding)?.iter().all(|byte| *byte == 0);
        is_nul.then(|| path.to_vec())?
    };
    Some(Entry {
        path,
        mode,
        oid,
        stage: u8::try_from((flags >> 12) & 3).ok()?,
        skip_worktree: extended & 0x4000 != 0,
        intent_to_add: extended & 0x2000 != 0,
        stat: StatData {
            ctime,
            mtime,
            inode,
            size,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::workspace::git::oid::ObjectFormat;

    /// An index without a checksum, with these paths and flags.
    fn index(version: u32, entries: &[(&str, u16)], after: &[u8]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
        let mut previous = "";
        for (path, extended) in entries {
            let start = bytes.len();
            bytes.extend((1..=10_u32).flat_map(u32::to_be_bytes));
            bytes.extend([7; 20]);
            let flags = u16::try_from(path.len().min(0x0fff)).unwrap()
                | if *extended == 0 { 0 } else { 0x4000 };
            bytes.extend(flags.to_be_bytes());
            if *extended != 0 {
                bytes.extend(extended.to_be_bytes());
            }
            if version == 4 {
                let common = path
                    .bytes()
                    .zip(previous.bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                let dropped = previous.len() - common;
                if dropped > 127 {
                    bytes.push(0x80 | u8::try_from((dropped >> 7) - 1).unwrap());
                }
                bytes.push(u8::try_from(dropped & 0x7f).unwrap());
                bytes.extend([&path.as_bytes()[common..], b"\0"].concat());
            } else {
                bytes.extend(path.bytes());
                bytes.resize(start + (bytes.len() - start) / 8 * 8 + 8, 0);
            }
            previous = path;
        }
        bytes.extend(after);
        bytes.extend([0; 20]);
        bytes
    }

    #[test]
    fn entries_of_every_version_are_read() {
        let long = "n".repeat(5000);
        let paths = [
            ("a", 0),
            ("a/b\n", 0x4000),
            (long.as_str(), 0),
            ("z", 0x2000),
        ];
        for version in [3, 4] {
            let read = parse(
                &index(version, &paths, b"TREE\0\0\0\x01x"),
                ObjectFormat::Sha1,
            )
            .unwrap();
            let names: Vec<&[u8]> = read
                .entries
                .iter()
                .map(|entry| entry.path.as_slice())
                .collect();
            assert_eq!(names, paths.map(|(path, _)| path.as_bytes()));
            let flags: Vec<(bool, bool)> = read
                .entries
                .iter()
                .map(|entry| (entry.skip_worktree, entry.intent_to_add))
                .collect();
            assert_eq!(
                flags,
                [(false, false), (true, false), (false, false), (false, true)]
            );
            let first = &read.entries[0];
            assert_eq!(
                (first.mode, first.stat.mtime, first.stat.size),
                (7, (3, 4), 10)
            );
        }
    }

    #[test]
    fn what_is_cut_off_or_not_known_is_an_error() {
        for version in [2, 4] {
            let whole = index(version, &[("a", 0), ("b/c", 0)], b"");
            assert!(parse(&whole, ObjectFormat::Sha1).is_ok());
            for len in 0..whole.len() - 20 {
                let cut = [&whole[..len], &[0; 20]].concat();
                assert!(parse(&cut, ObjectFormat::Sha1).is_err(), "{len}");
            }
        }
        let wrong = [
            index(5, &[], b""),
            index(2, &[("a", 0x4000)], b""),
            index(2, &[], b"newx\0\0\0\0"),
            index(2, &[], b"TREE\0\0\0\x09"),
            index(2, &[], b"link\0\0\0\x01x"),
        ];
        for bytes in wrong {
            assert!(parse(&bytes, ObjectFormat::Sha1).is_err());
        }
        let mut summed = index(2, &[("a", 0)], b"");
        *summed.last_mut().unwrap() = 1;
        assert!(
            parse(&summed, ObjectFormat::Sha1)
                .unwrap_err()
                .contains("checksum")
        );
    }
}
