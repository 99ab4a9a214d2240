//! The entries of an index, and the reader of its bytes.

use super::oid::Oid;

/// What stat(2) said, cut to 32 bits as git cuts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct StatData {
    pub(super) ctime: (u32, u32),
    pub(super) mtime: (u32, u32),
    pub(super) inode: u32,
    pub(super) size: u32,
}

/// A tracked path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) mode: u32,
    pub(super) oid: Oid,
    /// 0, or which side of a merge that is not resolved.
    pub(super) stage: u8,
    /// A sparse checkout leaves the file out.
    pub(super) skip_worktree: bool,
    /// `git add --intent-to-add`: the path is tracked, its content is not known.
    pub(super) intent_to_add: bool,
    pub(super) stat: StatData,
}

/// Takes big-endian numbers off the front of some bytes.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    /// A number of seven bits a byte, as git writes offsets.
    pub(super) fn offset(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value.checked_add(usize::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?.checked_mul(128)?;
        }
    }

    /// The bytes before the next NUL, which stays.
    pub(super) fn until_nul_kept(&mut self) -> Option<&'a [u8]> {
        self.take(self.rest.iter().position(|byte| *byte == 0)?)
    }

    /// The bytes before the next NUL, which goes too.
    pub(super) fn until_nul(&mut self) -> Option<&'a [u8]> {
        let taken = self.until_nul_kept()?;
        self.take(1)?;
        Some(taken)
    }
}
