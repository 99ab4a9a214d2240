//! What became of the images of a build.

use super::progress::Heard;

/// One image of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildRow {
    /// Its name.
    pub(crate) image: String,
    /// Its reference, where it has one.
    pub(crate) reference: Option<String>,
    /// What became of it.
    pub(crate) outcome: BuildOutcome,
    /// How long it took, in milliseconds.
    pub(crate) millis: u64,
    /// Its size in the local image store, as the builder tells it.
    pub(crate) size: Option<Size>,
}

/// The size of an image, as a builder tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Size {
    /// A number of bytes.
    Bytes(u64),
    /// In words.
    Told(String),
}

/// What became of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuildOutcome {
    /// At least one step was carried out.
    Built,
    /// Every step came from the cache.
    Cached,
    /// The builder failed before it was done, or on it.
    NotBuilt,
}

impl BuildOutcome {
    /// The outcome of an image that the builder did not fail on.
    #[must_use]
    pub(crate) fn of(heard: Heard) -> Self {
        if heard.done == 0 && heard.cached > 0 {
            Self::Cached
        } else {
            Self::Built
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_whose_every_step_was_cached_says_so() {
        assert_eq!(
            BuildOutcome::of(Heard {
                done: 0,
                cached: 3,
                millis: 0
            }),
            BuildOutcome::Cached
        );
        assert_eq!(
            BuildOutcome::of(Heard {
                done: 1,
                cached: 3,
                millis: 0
            }),
            BuildOutcome::Built
        );
    }
}
