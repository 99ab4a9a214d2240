//! A split index: most entries stand in a shared file, and the index says which of them are gone or
//! replaced.

use super::entry::{Entry, Reader};
use super::oid::{ObjectFormat, Oid};

/// What an index says of its shared file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The checksum of the shared file, which is part of its name. All zeros where there is none.
    pub(super) base: Oid,
    deleted: Bitmap,
    replaced: Bitmap,
}

impl Link {
    pub(super) fn has_base(&self) -> bool {
        self.base.as_bytes().iter().any(|byte| *byte != 0)
    }
}

/// Reads the extension `link`.
pub(super) fn parse_link(bytes: &[u8], format: ObjectFormat) -> Option<Link> {
    let mut reader = Reader { rest: bytes };
    let base = Oid::from_bytes(format, reader.take(format.len())?)?;
    if reader.rest.is_empty() {
        return Some(Link {
            base,
            deleted: Bitmap::default(),
            replaced: Bitmap::default(),
        });
    }
    let deleted = Bitmap::parse(&mut reader)?;
    let replaced = Bitmap::parse(&mut reader)?;
    reader.rest.is_empty().then_some(Link {
        base,
        deleted,
        replaced,
    })
}

/// A compressed bitmap (EWAH): each marker says how many equal words follow, and how many literal
/// ones. It stays compressed, since a few bytes can stand for any number of positions.
#[derive(Debug, Default, PartialEq, Eq)]
struct Bitmap(Vec<u64>);

impl Bitmap {
    fn parse(reader: &mut Reader<'_>) -> Option<Self> {
        let _bits = reader.u32()?;
        let words = usize::try_from(reader.u32()?).ok()?;
        let mut body = Reader {
            rest: reader.take(words.checked_mul(8)?)?,
        };
        let _last_marker = reader.u32()?;
        let mut read = Vec::new();
        while !body.rest.is_empty() {
            read.push(body.u64()?);
        }
        Some(Self(read))
    }

    fn bits(&self) -> Bits<'_> {
        Bits {
            words: self.0.iter(),
            equal: (false, 0),
            literals: 0,
            word: (0, 0),
        }
    }
}

/// The bits of a bitmap in order; past its end they are not set.
struct Bits<'a> {
    words: std::slice::Iter<'a, u64>,
    /// The bit that comes next, and how often.
    equal: (bool, u64),
    /// How many words to come are literal ones.
    literals: u64,
    /// The rest of a literal word, and how many bits it has.
    word: (u64, u8),
}

impl Bits<'_> {
    fn take(&mut self) -> bool {
        loop {
            if self.equal.1 > 0 {
                self.equal.1 -= 1;
                return self.equal.0;
            }
            if self.word.1 > 0 {
                let bit = self.word.0 & 1 == 1;
                self.word = (self.word.0 >> 1, self.word.1 - 1);
                return bit;
            }
            let Some(next) = self.words.next() else {
                return false;
            };
            if self.literals > 0 {
                self.literals -= 1;
                self.word = (*next, 64);
            } else {
                self.equal = (next & 1 == 1, ((next >> 1) & 0xffff_ffff) * 64);
                self.literals = next >> 33;
            }
        }
    }
}

/// The entries of both files: `own` begins with those that replace others, in their order, without
/// paths.
///
/// Returns `None` where the two files do not belong together.
pub(super) fn join(base: Vec<Entry>, own: Vec<Entry>, link: &Link) -> Option<Vec<Entry>> {
    let mut own = own.into_iter().peekable();
    let mut entries = Vec::new();
    let (mut replaced, mut deleted) = (link.replaced.bits(), link.deleted.bits());
    for old in base {
        let replacing = if replaced.take() {
            Some(own.next()?)
        } else {
            None
        };
        if deleted.take() {
            continue;
        }
        entries.push(match replacing {
            Some(new) if new.path.is_empty() => Entry {
                path: old.path,
                ..new
            },
            Some(_) => return None,
            None => old,
        });
    }
    if own.peek().is_some_and(|entry| entry.path.is_empty()) {
        return None;
    }
    // What is added later stands over an entry of the same path.
    let added: Vec<Entry> = own.collect();
    let mut names: Vec<(&[u8], u8)> = added
        .iter()
        .map(|entry| (entry.path.as_slice(), entry.stage))
        .collect();
    names.sort_unstable();
    entries.retain(|entry| {
        names
            .binary_search(&(entry.path.as_slice(), entry.stage))
            .is_err()
    });
    entries.extend(added);
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::Bitmap;
    use crate::workspace::git::entry::Reader;

    #[test]
    fn bitmaps_are_read_by_runs_and_words() {
        // One word of ones, then a literal word with bits 1 and 3.
        let mut bytes = Vec::new();
        bytes.extend(70_u32.to_be_bytes());
        bytes.extend(2_u32.to_be_bytes());
        bytes.extend((1_u64 | 1 << 1 | 1 << 33).to_be_bytes());
        bytes.extend(0b1010_u64.to_be_bytes());
        bytes.extend(0_u32.to_be_bytes());
        let bitmap = Bitmap::parse(&mut Reader { rest: &bytes }).unwrap();
        let mut bits = bitmap.bits();
        let set: Vec<u64> = (0..200).filter(|_| bits.take()).collect();
        let wanted: Vec<u64> = (0..64).chain([65, 67]).collect();
        assert_eq!(set, wanted);
        bytes.truncate(20);
        assert_eq!(Bitmap::parse(&mut Reader { rest: &bytes }), None);
    }
}
