//! Why an image could not be read.

use std::io;

/// Why an image archive could not be read: where, and what is wrong.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {input}{}: {fault}", inside(.member.as_deref()))]
pub struct SizesError {
    /// The archive or folder, as it was named.
    pub input: String,
    /// The file in it.
    pub member: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

fn inside(member: Option<&str>) -> String {
    member.map_or_else(String::new, |member| format!(", file {member}"))
}

/// What is wrong with an image archive.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system refused or failed.
    #[error("{0}")]
    Io(io::Error),
    /// It ends in the middle of something.
    #[error("it is truncated")]
    Truncated,
    /// The bytes are not those of a tar archive.
    #[error("not a valid tar archive: {0}")]
    Tar(String),
    /// The bytes cannot be decompressed.
    #[error("not valid {format} data: {reason}")]
    Compressed {
        /// The format.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// A few bytes stand for far too many.
    #[error("{stored} bytes expand to more than {expanded} bytes, which is refused as a bomb")]
    Bomb {
        /// As they are stored.
        stored: u64,
        /// What they had become.
        expanded: u64,
    },
    /// A bound on what is kept in memory.
    #[error("it holds more than {limit} {unit}")]
    TooMany {
        /// The bound.
        limit: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// The headers of one file are too long.
    #[error("the headers of one file are longer than {limit} bytes")]
    LongHeaders {
        /// The bound.
        limit: u64,
    },
    /// A path that leads out of the image.
    #[error("the path `{0}` leads out of the image")]
    Path(String),
    /// Contents that are not what their name says.
    #[error("its digest is sha256:{found}, expected sha256:{expected}")]
    Digest {
        /// What the name or the configuration says, in hexadecimal.
        expected: String,
        /// What the bytes have.
        found: String,
    },
    /// JSON that is not of the expected shape.
    #[error("not a valid {what}: {reason}")]
    Json {
        /// What it should be.
        what: &'static str,
        /// What the reader says.
        reason: String,
    },
    /// Something that is named is not there.
    #[error("{0} not found in it")]
    Missing(String),
    /// The configuration and the layers do not belong together.
    #[error("its configuration lists {listed} layers, its manifest {found}")]
    LayerCount {
        /// How many the configuration has.
        listed: usize,
        /// How many the manifest has.
        found: usize,
    },
    /// A file is larger than the bound of its kind.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The bound.
        limit: u64,
    },
    /// Nothing in it says which images it holds.
    #[error(
        "not an image archive: expected an OCI layout (index.json) or the output of `docker save` \
         (manifest.json)"
    )]
    NotImages,
    /// An image of a form that is not read.
    #[error("{0} is not supported")]
    Unsupported(String),
}

impl Fault {
    /// What a failed read means; faults of our own pass through the readers of libraries.
    pub(super) fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => match error.downcast::<Self>() {
                Ok(fault) => fault,
                Err(error) => Self::Io(error),
            },
        }
    }

    /// The same of what the reader of tar archives reports.
    pub(super) fn of_tar(error: io::Error) -> Self {
        let is_of_the_format = error.kind() == io::ErrorKind::Other
            || error.kind() == io::ErrorKind::InvalidData
            || error.kind() == io::ErrorKind::InvalidInput;
        match Self::of(error) {
            Self::Io(error) if is_of_the_format && error.raw_os_error().is_none() => {
                Self::Tar(error.to_string())
            }
            fault => fault,
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}
