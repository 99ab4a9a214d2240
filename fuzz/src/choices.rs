//! Decisions read from the bytes of an input, so that an input always makes the same tree.

/// Bytes that were not used yet. After the last one, every decision is the first of its choices, so
/// inputs write the plain choice first and an empty input means the plainest of everything.
#[derive(Debug)]
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// The decisions in an input.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first)
    }

    /// A number below a bound of at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound <= 256 {
            self.byte() % bound
        } else {
            (self.byte() << 8 | self.byte()) % bound
        }
    }

    /// True once in so many times, and never after the last byte.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }

    /// One of several.
    pub fn choose<'b, T: ?Sized>(&mut self, from: &[&'b T]) -> &'b T {
        from[self.below(from.len())]
    }

    /// Some bytes as they are.
    pub fn raw(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken.to_vec()
    }
}
