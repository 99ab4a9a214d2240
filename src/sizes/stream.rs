//! Bytes on their way: decompressed by what they begin with, counted, hashed and bounded.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use sha2::{Digest as _, Sha256};

use super::error::Fault;

/// From how many bytes on a compressed file is looked at as a bomb.
const BOMB_BYTES: u64 = 1 << 30;
/// How many times as long a compressed file may become; deflate reaches 1032, real layers 10.
const BOMB_RATIO: u64 = 250;
/// The most bytes of headers of one file in a tar archive: PAX records, long names, padding.
pub(super) const HEADER_BYTES: u64 = 1 << 20;
/// How much is read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sha256Digest(pub(crate) [u8; 32]);

impl Sha256Digest {
    /// In hexadecimal, 64 lower-case digits.
    #[must_use]
    pub fn hexadecimal(&self) -> String {
        base16ct::lower::encode_string(&self.0)
    }
}

impl std::fmt::Debug for Sha256Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.hexadecimal())
    }
}

/// How bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compression {
    /// As they are.
    None,
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// Zstandard (RFC 8878), any number of frames.
    Zstd,
}

impl Compression {
    /// What a media type says.
    #[must_use]
    pub(super) fn named(media_type: &str) -> Self {
        if media_type.ends_with("gzip") {
            Self::Gzip
        } else if media_type.ends_with("zstd") {
            Self::Zstd
        } else {
            Self::None
        }
    }

    /// What bytes with this beginning are.
    #[must_use]
    pub(crate) fn of(start: &[u8]) -> Self {
        let skippable =
            start.len() >= 4 && start[1..4] == [0x2a, 0x4d, 0x18] && start[0] & 0xf0 == 0x50;
        if start.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || skippable {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// Counts what passes, and hashes it where that is asked for.
pub(super) struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
    hash: Option<Sha256>,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(inner: R, hashes: bool) -> Self {
        Self {
            inner,
            count: Rc::default(),
            hash: hashes.then(Sha256::new),
        }
    }

    /// The counter, to be read while the bytes pass.
    pub(super) fn counter(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }

    /// Where the bytes came from, how many passed, and their digest.
    pub(super) fn finish(self) -> (R, u64, Option<Sha256Digest>) {
        let digest = self.hash.map(|hash| Sha256Digest(hash.finalize().into()));
        (self.inner, self.count.get(), digest)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..read]);
        }
        Ok(read)
    }
}

/// Reads what compressed bytes stand for.
pub(super) struct Decompressed<R: Read> {
    decoder: Decoder<BufReader<R>>,
    /// How many bytes were stored so far, and how many they have become.
    stored: Rc<Cell<u64>>,
    expanded: u64,
}

enum Decoder<R: BufRead> {
    None(R),
    Gzip(Box<MultiGzDecoder<R>>),
    Zstd(Box<Frames<R>>),
}

impl<R: Read> Decompressed<R> {
    /// `stored` counts the bytes that come from `inner`.
    pub(super) fn new(inner: R, compression: Compression, stored: Rc<Cell<u64>>) -> Self {
        let inner = BufReader::with_capacity(BUFFER_BYTES, inner);
        let decoder = match compression {
            Compression::None => Decoder::None(inner),
            Compression::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(inner))),
            Compression::Zstd => Decoder::Zstd(Box::new(Frames::new(inner))),
        };
        Self {
            decoder,
            stored,
            expanded: 0,
        }
    }

    /// Takes what stands behind the compressed bytes, so that they are counted to the last.
    pub(super) fn drain(self) -> io::Result<R> {
        let mut rest = match self.decoder {
            Decoder::None(rest) => rest,
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(frames) => frames.inner,
        };
        io::copy(&mut rest, &mut io::sink())?;
        Ok(rest.into_inner())
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::None(inner) => return inner.read(buffer),
            Decoder::Gzip(decoder) => decoder
                .read(buffer)
                .map_err(|error| broken("gzip", error))?,
            Decoder::Zstd(frames) => frames.read(buffer)?,
        };
        self.expanded += read as u64;
        let stored = self.stored.get();
        if self.expanded > BOMB_BYTES && self.expanded / BOMB_RATIO > stored {
            let expanded = self.expanded;
            return Err(Fault::Bomb { stored, expanded }.into());
        }
        Ok(read)
    }
}

/// What a decoder reports, told from what happened on the way to it.
fn broken(format: &'static str, error: io::Error) -> io::Error {
    let is_of_the_format = matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    );
    if is_of_the_format {
        let reason = error.to_string();
        return Fault::Compressed { format, reason }.into();
    }
    error
}

/// Zstandard frames, one after the other; the decoder itself knows of one.
struct Frames<R> {
    inner: R,
    decoder: FrameDecoder,
    is_within: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            decoder: FrameDecoder::new(),
            is_within: false,
        }
    }

    /// Begins the next frame, or passes over a skippable one; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        if self.inner.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.decoder.reset(&mut self.inner) {
            Ok(()) => self.is_within = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => skip(&mut self.inner, u64::from(length))?,
            Err(error) => return Err(broken_frame(&error)),
        }
        Ok(true)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_within && !self.advance()? {
                return Ok(0);
            }
            while self.is_within && self.decoder.can_collect() == 0 {
                if self.decoder.is_finished() {
                    self.is_within = false;
                    break;
                }
                self.decoder
                    .decode_blocks(&mut self.inner, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| broken_frame(&error))?;
            }
            if self.is_within {
                return self.decoder.read(buffer);
            }
        }
    }
}

fn skip(reader: &mut impl Read, bytes: u64) -> io::Result<()> {
    let skipped = io::copy(&mut reader.take(bytes), &mut io::sink())?;
    if skipped < bytes {
        return Err(Fault::Truncated.into());
    }
    Ok(())
}

/// What the decoder of frames reports; an end that comes too early is behind some of its errors.
fn broken_frame(error: &(dyn std::error::Error + 'static)) -> io::Error {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    let is_end = |error: &(dyn std::error::Error + 'static)| {
        let error = error.downcast_ref::<io::Error>();
        error.is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
    };
    if causes.any(is_end) {
        return Fault::Truncated.into();
    }
    let reason = error.to_string();
    Fault::Compressed {
        format: "zstd",
        reason,
    }
    .into()
}

/// Lets so many bytes pass at most; what is read past them ends in a fault of ours. A tar reader
/// keeps the headers of one file in memory, however long they say they are.
pub(super) struct Gate<R> {
    inner: R,
    room: Rc<Cell<u64>>,
}

impl<R: Read> Gate<R> {
    pub(super) fn new(inner: R, room: Rc<Cell<u64>>) -> Self {
        Self { inner, room }
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Gate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.room.get();
        if room == 0 && !buffer.is_empty() {
            let limit = HEADER_BYTES;
            return Err(Fault::LongHeaders { limit }.into());
        }
        let most = usize::try_from(room).map_or(buffer.len(), |room| room.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..most])?;
        self.room.set(room - read as u64);
        Ok(read)
    }
}
