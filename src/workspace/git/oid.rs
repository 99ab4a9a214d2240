//! Names of git objects: the SHA-1 or SHA-256 of an object's type, length and bytes.

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// How a repository names its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectFormat {
    Sha1,
    Sha256,
}

impl ObjectFormat {
    /// The name that git's configuration has for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The length of a name in bytes.
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// The name of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oid {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Oid {
    /// The name that these bytes are, if they have the format's length.
    pub(super) fn from_bytes(format: ObjectFormat, bytes: &[u8]) -> Option<Self> {
        match format {
            ObjectFormat::Sha1 => bytes.try_into().ok().map(Self::Sha1),
            ObjectFormat::Sha256 => bytes.try_into().ok().map(Self::Sha256),
        }
    }

    /// The name that these hexadecimal digits are.
    pub(super) fn from_hex(format: ObjectFormat, hex: &[u8]) -> Option<Self> {
        Self::from_bytes(format, &base16ct::lower::decode_vec(hex).ok()?)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }

    /// The name in hexadecimal digits.
    pub(super) fn to_hex(self) -> String {
        base16ct::lower::encode_string(self.as_bytes())
    }
}

/// A digest in a repository's format.
pub(super) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(super) fn new(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1(Sha1::new()),
            ObjectFormat::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    /// A digest of a file's content that has `len` bytes.
    pub(super) fn blob(format: ObjectFormat, len: u64) -> Self {
        let mut hasher = Self::new(format);
        hasher.update(format!("blob {len}\0").as_bytes());
        hasher
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Oid {
        match self {
            Self::Sha1(hasher) => Oid::Sha1(hasher.finalize().into()),
            Self::Sha256(hasher) => Oid::Sha256(hasher.finalize().into()),
        }
    }
}

/// The name of a blob with this content.
pub(super) fn blob_oid(format: ObjectFormat, bytes: &[u8]) -> Oid {
    let mut hasher = Hasher::blob(format, bytes.len() as u64);
    hasher.update(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{ObjectFormat, Oid, blob_oid};

    #[test]
    fn blobs_have_the_names_that_git_gives_them() {
        let known = [
            (
                ObjectFormat::Sha1,
                "",
                "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
            ),
            (
                ObjectFormat::Sha1,
                "hello\n",
                "ce013625030ba8dba906f756967f9e9ca394464a",
            ),
            (
                ObjectFormat::Sha256,
                "",
                "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
            ),
        ];
        for (format, text, hex) in known {
            let oid = blob_oid(format, text.as_bytes());
            assert_eq!(oid.to_hex(), hex);
            assert_eq!(Oid::from_hex(format, hex.as_bytes()), Some(oid));
        }
        assert_eq!(Oid::from_hex(ObjectFormat::Sha1, b"e69d"), None);
    }
}
