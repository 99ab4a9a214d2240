//! Numbers of a fleet's images and requirement sets, each of a type of its own, so that neither is
//! taken for the other or for a number of anything else.

use std::fmt;
use std::ops::{Index, IndexMut};

/// A number type: the position in the fleet's own list, and in every other list with one entry
/// each. A number that is not in such a list is another fleet's: looking it up is a bug.
macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(usize);

        impl $id {
            /// The numbers of a list of this length.
            pub(crate) fn all(length: usize) -> impl DoubleEndedIterator<Item = Self> + Clone {
                (0..length).map(Self)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl<T> Index<$id> for [T] {
            type Output = T;

            fn index(&self, id: $id) -> &T {
                &self[id.0]
            }
        }

        impl<T> IndexMut<$id> for [T] {
            fn index_mut(&mut self, id: $id) -> &mut T {
                &mut self[id.0]
            }
        }

        impl<T> Index<$id> for Vec<T> {
            type Output = T;

            fn index(&self, id: $id) -> &T {
                &self[id.0]
            }
        }

        impl<T> IndexMut<$id> for Vec<T> {
            fn index_mut(&mut self, id: $id) -> &mut T {
                &mut self[id.0]
            }
        }
    )* };
}

ids! {
    /// The number of an image in [`Fleet::images`](super::Fleet::images). Bases come first, so that
    /// it is also the number of a base in a list of bases alone.
    ImageId
    /// The number of a requirement set in [`Fleet::sets`](super::Fleet::sets).
    SetId
}

impl ImageId {
    /// The position in the list.
    #[must_use]
    pub(crate) fn position(self) -> usize {
        self.0
    }

    /// The number of the image at a position of the list.
    pub(crate) fn at(position: usize) -> Self {
        Self(position)
    }
}
