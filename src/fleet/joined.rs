//! A list that begins with what others have as well: the services of a kind hold its part once,
//! between them.

use std::fmt;
use std::iter::FusedIterator;
use std::slice;
use std::sync::Arc;

/// What is inherited, but for what is replaced, and then what is an image's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Joined<T> {
    inherited: Arc<[T]>,
    /// The positions in `inherited` of what is replaced, ascending.
    replaced: Box<[usize]>,
    own: Box<[T]>,
}

impl<T> Joined<T> {
    /// The inherited part, then the own one.
    #[must_use]
    pub(crate) fn new(inherited: Arc<[T]>, own: Vec<T>) -> Self {
        Self {
            inherited,
            replaced: Box::default(),
            own: own.into(),
        }
    }

    /// The same without some of what is inherited, by position.
    #[must_use]
    pub(crate) fn without(self, mut replaced: Vec<usize>) -> Self {
        replaced.sort_unstable();
        replaced.dedup();
        Self {
            replaced: replaced.into(),
            ..self
        }
    }

    /// All of it, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter {
            inherited: self.inherited.iter(),
            at: 0,
            replaced: &self.replaced,
            own: self.own.iter(),
        }
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.inherited.len() - self.replaced.len() + self.own.len()
    }

    /// Whether there is none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first one.
    #[must_use]
    pub(crate) fn first(&self) -> Option<&T> {
        self.iter().next()
    }
}

impl<T> Default for Joined<T> {
    fn default() -> Self {
        Self {
            inherited: Arc::new([]),
            replaced: Box::default(),
            own: Box::default(),
        }
    }
}

impl<T> From<Vec<T>> for Joined<T> {
    fn from(own: Vec<T>) -> Self {
        Self {
            own: own.into(),
            ..Self::default()
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Joined<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self).finish()
    }
}

impl<'a, T> IntoIterator for &'a Joined<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// The items of a [`Joined`], in order.
#[derive(Debug)]
pub struct Iter<'a, T> {
    inherited: slice::Iter<'a, T>,
    /// The position of the next inherited one.
    at: usize,
    replaced: &'a [usize],
    own: slice::Iter<'a, T>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self {
            inherited: self.inherited.clone(),
            at: self.at,
            replaced: self.replaced,
            own: self.own.clone(),
        }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        for item in self.inherited.by_ref() {
            let at = self.at;
            self.at += 1;
            match self.replaced.split_first() {
                Some((first, rest)) if *first == at => self.replaced = rest,
                _ => return Some(item),
            }
        }
        self.own.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.inherited.len() - self.replaced.len() + self.own.len();
        (left, Some(left))
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}
impl<T> FusedIterator for Iter<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replaced_is_left_out_and_the_own_comes_last() {
        let inherited: Arc<[u8]> = Arc::new([0, 1, 2, 3]);
        let joined = Joined::new(Arc::clone(&inherited), vec![7, 8]);
        assert_eq!(
            joined.iter().copied().collect::<Vec<_>>(),
            [0, 1, 2, 3, 7, 8]
        );
        let joined = joined.without(vec![3, 0, 3]);
        assert_eq!(joined.iter().copied().collect::<Vec<_>>(), [1, 2, 7, 8]);
        assert_eq!(
            (joined.len(), joined.iter().len(), joined.first()),
            (4, 4, Some(&1))
        );
        assert_eq!(joined.iter().nth(3), Some(&8));
        assert_eq!(joined.iter().nth(4), None);
        let own = Joined::from(vec![1]);
        assert!(!own.is_empty() && Joined::<u8>::default().is_empty());
        assert_eq!(
            Joined::new(inherited, Vec::new())
                .without(vec![0, 1, 2, 3])
                .first(),
            None
        );
    }
}
