//! Whether a file's bytes are a blob of a tree: as they are, with line ends as git stores them, or
//! as a Git LFS pointer.
//!
//! Nothing is converted that git would leave alone, so a difference is never hidden that git would
//! show. Where a filter of the repository's own would have to run, bytes are compared as they are.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::attributes::{Attributes, State};
use super::oid::{Hasher, ObjectFormat, Oid, blob_oid};

/// The longest file that is converted before it is compared, in bytes. A longer one is compared as
/// it is.
const CONVERT_LIMIT_BYTES: u64 = 32 << 20;
const STEP_BYTES: usize = 64 << 10;

/// What may be done with the bytes of a file before they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    line_ends: LineEnds,
    /// `$Id: …$` is stored as `$Id$`.
    ident: bool,
    /// The blob may be a pointer to the content.
    lfs: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnds {
    Kept,
    /// CRLF is stored as LF.
    Text,
    /// The same where the content looks like text and is not stored with CRLF already.
    Auto,
}

impl Conversion {
    /// What git does with a path of these attributes, given `core.autocrlf`.
    pub(super) fn of(attributes: &Attributes, auto_crlf: bool) -> Self {
        let state = |name: &str| {
            attributes
                .get(name.as_bytes())
                .filter(|state| **state != State::Unspecified)
        };
        let named = |name: &str| match state(name) {
            Some(State::Value(value)) => Some(value.as_slice()),
            _ => None,
        };
        let kept = Self {
            line_ends: LineEnds::Kept,
            ident: false,
            lfs: false,
        };
        if let Some(name) = named("filter") {
            return Self {
                lfs: name == b"lfs",
                ..kept
            };
        }
        if state("working-tree-encoding").is_some_and(|state| *state != State::Unset) {
            return kept;
        }
        let declared = line_ends(state("text")).or_else(|| line_ends(state("crlf")));
        let has_eol = matches!(named("eol"), Some(b"lf" | b"crlf"));
        let line_ends = match declared {
            Some(declared) => declared,
            None if has_eol => LineEnds::Text,
            None if auto_crlf => LineEnds::Auto,
            None => LineEnds::Kept,
        };
        Self {
            line_ends,
            ident: state("ident") == Some(&State::Set),
            lfs: state("filter").is_none(),
        }
    }

    /// No conversion at all, for where attributes cannot be known.
    pub(super) const NONE: Self = Self {
        line_ends: LineEnds::Kept,
        ident: false,
        lfs: true,
    };
}

fn line_ends(state: Option<&State>) -> Option<LineEnds> {
    match state? {
        State::Set => Some(LineEnds::Text),
        State::Unset => Some(LineEnds::Kept),
        State::Value(value) if value == b"auto" => Some(LineEnds::Auto),
        State::Value(value) if value == b"input" => Some(LineEnds::Text),
        State::Value(_) | State::Unspecified => None,
    }
}

/// The blob that a file is compared with, and the one that the index has for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blobs {
    pub(super) format: ObjectFormat,
    pub(super) then: Oid,
    pub(super) staged: Oid,
}

/// Whether a file of `len` bytes has the blob's content. What may be done with its bytes is asked
/// only if they differ.
///
/// # Errors
/// Those of reading and of asking.
pub(super) fn is_same<E: From<io::Error>>(
    file: &mut impl Read,
    len: u64,
    blobs: Blobs,
    conversion: impl FnOnce() -> Result<Conversion, E>,
) -> Result<bool, E> {
    let Some(read) = Content::read(file, len, blobs.format)? else {
        return Ok(false);
    };
    if read.oid == blobs.then {
        return Ok(true);
    }
    let conversion = conversion()?;
    if conversion.lfs && blob_oid(blobs.format, read.pointer(len).as_bytes()) == blobs.then {
        return Ok(true);
    }
    let Some(bytes) = read.bytes else {
        return Ok(false);
    };
    Ok(cleaned(&bytes, conversion, blobs)
        .is_some_and(|bytes| blob_oid(blobs.format, &bytes) == blobs.then))
}

struct Content {
    oid: Oid,
    /// The whole of it unless it is long.
    bytes: Option<Vec<u8>>,
    /// Its digest for a pointer, if it is long; else it is taken on demand.
    sha256: Option<[u8; 32]>,
}

impl Content {
    /// Reads a file to its end; `None` where that is not after `len` bytes, so that somebody is
    /// writing to it.
    fn read(file: &mut impl Read, len: u64, format: ObjectFormat) -> io::Result<Option<Self>> {
        let mut hasher = Hasher::blob(format, len);
        let mut bytes = (len <= CONVERT_LIMIT_BYTES).then(Vec::new);
        let mut sha256 = Sha256::new();
        let mut buffer = vec![0; STEP_BYTES];
        let mut total = 0_u64;
        loop {
            let count = match file.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            let part = &buffer[..count];
            if part.is_empty() {
                break;
            }
            total += part.len() as u64;
            if total > len {
                return Ok(None);
            }
            hasher.update(part);
            match &mut bytes {
                Some(bytes) => bytes.extend_from_slice(part),
                None => sha256.update(part),
            }
        }
        let sha256 = bytes.is_none().then(|| sha256.finalize().into());
        Ok((total == len).then(|| Self {
            oid: hasher.finish(),
            bytes,
            sha256,
        }))
    }

    /// The pointer that Git LFS stores for this content. Every version since 2014 writes it in this
    /// one form.
    fn pointer(&self, len: u64) -> String {
        let sha256 = self
            .sha256
            .unwrap_or_else(|| Sha256::digest(self.bytes.as_deref().unwrap_or_default()).into());
        let hex = base16ct::lower::encode_string(&sha256);
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{hex}\nsize {len}\n")
    }
}

/// The bytes that git would store; `None` where they are the bytes of the file.
fn cleaned(bytes: &[u8], conversion: Conversion, blobs: Blobs) -> Option<Vec<u8>> {
    let to_lf = match conversion.line_ends {
        LineEnds::Kept => false,
        LineEnds::Text => true,
        // git converts no file that it has with CRLF already. What is compared has none, so that is
        // known where the index has just that; where it has something else, the file counts as
        // changed.
        LineEnds::Auto => !is_binary(bytes) && blobs.staged == blobs.then,
    };
    let with_lf =
        (to_lf && memchr::memmem::find(bytes, b"\r\n").is_some()).then(|| without_cr(bytes));
    let source = with_lf.as_deref().unwrap_or(bytes);
    let without_ids = if conversion.ident {
        without_ids(source)
    } else {
        None
    };
    without_ids.or(with_lf)
}

fn without_cr(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, b"\r\n") {
        let (line, after) = rest.split_at(at);
        kept.extend_from_slice(line);
        rest = &after[1..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// Whether git takes a content for binary where attributes leave it open.
fn is_binary(bytes: &[u8]) -> bool {
    let (mut printable, mut odd) = (0_usize, 0_usize);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' if rest.peek() != Some(&b'\n') => return true,
            b'\r' | b'\n' => {}
            0 => return true,
            8 | b'\t' | 0x0c | 0x1b => printable += 1,
            0..0x20 | 0x7f => odd += 1,
            _ => printable += 1,
        }
    }
    // The mark that ends a file in DOS.
    let odd = odd.saturating_sub(usize::from(bytes.ends_with(&[0x1a])));
    printable >> 7 < odd
}

/// The content with every `$Id: …$` of one line as `$Id$`; `None` where there is none.
fn without_ids(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept: Option<Vec<u8>> = None;
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, b"$Id") {
        let (before, after) = (rest.get(..at + 3)?, rest.get(at + 3..)?);
        kept.get_or_insert_default().extend_from_slice(before);
        rest = after;
        if let Some(value) = after.strip_prefix(b":") {
            let end = value.iter().position(|byte| matches!(byte, b'$' | b'\n'));
            if let Some(end) = end.filter(|end| value.get(*end) == Some(&b'$')) {
                kept.get_or_insert_default().push(b'$');
                rest = value.get(end + 1..)?;
            }
        }
    }
    let mut kept = kept?;
    kept.extend_from_slice(rest);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{Blobs, CONVERT_LIMIT_BYTES, Conversion, LineEnds, is_binary, is_same};
    use crate::workspace::git::attributes::{Attributes, State};
    use crate::workspace::git::oid::{ObjectFormat, blob_oid};

    fn conversion(text: &str, auto_crlf: bool) -> Conversion {
        let mut attributes = Attributes::new();
        for word in text.split_whitespace() {
            let (name, state) = match word.split_once('=') {
                Some((name, value)) => (name, State::Value(value.as_bytes().to_vec())),
                None => (
                    word.trim_start_matches('-'),
                    if word.starts_with('-') {
                        State::Unset
                    } else {
                        State::Set
                    },
                ),
            };
            attributes.insert(name.as_bytes().to_vec(), state);
        }
        Conversion::of(&attributes, auto_crlf)
    }

    fn same(disk: &[u8], then: &[u8], staged: &[u8], conversion: Conversion) -> bool {
        let oid = |bytes| blob_oid(ObjectFormat::Sha1, bytes);
        let blobs = Blobs {
            format: ObjectFormat::Sha1,
            then: oid(then),
            staged: oid(staged),
        };
        is_same::<io::Error>(&mut &*disk, disk.len() as u64, blobs, || Ok(conversion)).unwrap()
    }

    #[test]
    fn attributes_and_settings_say_whether_line_ends_count() {
        let (crlf, lf) = (b"a\r\nb\r\n", b"a\nb\n");
        for text in [
            "text",
            "text=auto",
            "eol=lf",
            "eol=crlf",
            "crlf",
            "crlf=input",
            "text=auto eol=lf",
        ] {
            assert!(same(crlf, lf, lf, conversion(text, false)), "{text}");
        }
        let kept = [
            "",
            "-text",
            "-crlf",
            "-text eol=lf",
            "text filter=x",
            "text working-tree-encoding=UTF-16",
            "text filter=lfs",
        ];
        for text in kept {
            assert!(!same(crlf, lf, lf, conversion(text, false)), "{text}");
        }
        assert!(same(crlf, lf, lf, conversion("", true)));
        assert!(!same(crlf, lf, lf, conversion("-text", true)));
        assert!(
            !same(lf, crlf, crlf, conversion("text", false)),
            "git stores no CRLF of a text"
        );
    }

    #[test]
    fn what_git_guesses_to_be_text_is_what_we_take_for_text() {
        let auto = conversion("text=auto", false);
        assert_eq!(auto.line_ends, LineEnds::Auto);
        for binary in [b"a\r\n\0".as_slice(), b"a\r\nb\rc", b"\x01\r\n"] {
            assert!(is_binary(binary));
            let stored = String::from_utf8_lossy(binary).replace("\r\n", "\n");
            assert!(!same(binary, stored.as_bytes(), stored.as_bytes(), auto));
        }
        assert!(!is_binary(b"a\r\n\x1a") && !is_binary("é\x1b[0m\n".as_bytes()));
        assert!(
            !same(b"a\r\n", b"a\n", b"a\r\n", auto),
            "stored with CRLF now, so not converted"
        );
    }

    #[test]
    fn a_pointer_is_the_content_that_it_names() {
        let content = b"weights";
        let sha256 = "ea2c9ef8cd8b3ff7b0f3e8a04e0f0ab4a2b0f1b2c0a3d7e3c7a9f0a6e5e1c1aa";
        let digest = {
            use sha2::Digest as _;
            base16ct::lower::encode_string(&sha2::Sha256::digest(content))
        };
        let pointer = |oid: &str, size| {
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n")
                .into_bytes()
        };
        let right = pointer(&digest, 7);
        for text in ["filter=lfs -text", ""] {
            assert!(
                same(content, &right, &right, conversion(text, false)),
                "{text}"
            );
        }
        for wrong in [pointer(sha256, 7), pointer(&digest, 8)] {
            assert!(!same(
                content,
                &wrong,
                &wrong,
                conversion("filter=lfs", false)
            ));
        }
        assert!(!same(
            content,
            &right,
            &right,
            conversion("filter=other", false)
        ));
        assert!(!same(content, &right, &right, conversion("-filter", false)));
        assert!(
            !same(&right, content, content, conversion("filter=lfs", false)),
            "the image would get the pointer"
        );
    }

    #[test]
    fn expanded_ids_are_taken_back() {
        let ident = conversion("ident", false);
        assert!(same(
            b"x $Id: 12ab $ $Id$ $Idle $Id: open\n$",
            b"x $Id$ $Id$ $Idle $Id: open\n$",
            b"",
            ident
        ));
        assert!(same(b"$Id: a$Id: b$", b"$Id$Id: b$", b"", ident));
        assert!(!same(b"$Id: 1$", b"$Id$", b"", conversion("", false)));
    }

    #[test]
    fn a_long_file_is_read_in_steps_and_a_growing_one_differs() {
        struct Endless;
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let len = CONVERT_LIMIT_BYTES + 3;
        let bytes = vec![b'x'; usize::try_from(len).unwrap()];
        let then = blob_oid(ObjectFormat::Sha256, &bytes);
        let blobs = Blobs {
            format: ObjectFormat::Sha256,
            then,
            staged: then,
        };
        let none = || Ok::<_, io::Error>(Conversion::NONE);
        assert!(is_same(&mut Endless.take(len), len, blobs, none).unwrap());
        assert!(!is_same(&mut Endless, len, blobs, none).unwrap());
        assert!(!is_same(&mut Endless.take(len - 1), len, blobs, none).unwrap());
    }
}
