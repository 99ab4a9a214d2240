//! Work on a list, spread over the cores where it is long enough to pay for the start of a thread.

use std::convert::Infallible;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

/// How many threads work on a list of this length; `from` is the length from which on more than one
/// pays.
#[must_use]
pub(crate) fn threads(length: usize, from: usize) -> usize {
    if length < from {
        1
    } else {
        thread::available_parallelism().map_or(1, NonZero::get)
    }
}

/// What `work` makes of each part of a list, `size` items at a time, in their order. Of a list of
/// `from` items on, threads take the next part when they are done with one, as other work may hold
/// one of them up; the calling thread is one of them.
pub(crate) fn map_parts<T: Sync, R: Send>(
    items: &[T],
    (from, size): (usize, usize),
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let Ok(made) = try_map_parts(items, (from, size), |part| Ok::<R, Infallible>(work(part)));
    made
}

/// The same for work that can fail: no part is begun after a failure.
///
/// # Errors
/// What the first of the parts that fail gives.
pub(crate) fn try_map_parts<T: Sync, R: Send, E: Send>(
    items: &[T],
    (from, size): (usize, usize),
    work: impl Fn(&[T]) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let parts: Vec<&[T]> = items.chunks(size.max(1)).collect();
    let threads = threads(items.len(), from).min(parts.len());
    if threads <= 1 {
        return parts.into_iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut made = Vec::new();
        while let Some((at, part)) = next_of(&parts, &next) {
            let result = work(part);
            if result.is_err() {
                // Every part before this one has been taken, so which failure comes first does not
                // depend on the threads.
                next.store(parts.len(), Ordering::Relaxed);
            }
            made.push((at, result));
        }
        made
    };
    let mut made: Vec<(usize, Result<R, E>)> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let own = take();
        own.into_iter()
            .chain(workers.into_iter().flat_map(joined))
            .collect()
    });
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, result)| result).collect()
}

fn next_of<'a, T>(parts: &[&'a [T]], next: &AtomicUsize) -> Option<(usize, &'a [T])> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    parts.get(at).map(|part| (at, *part))
}

/// Does two things at the same time where `length` is `from` or more, and else one after the other.
pub(crate) fn both<A: Send, B>(
    (length, from): (usize, usize),
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if threads(length, from) == 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (joined(one), other)
    })
}

/// What a thread gives; its panic goes on in this one.
fn joined<R>(worker: ScopedJoinHandle<'_, R>) -> R {
    worker
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_order_and_are_the_whole() {
        let items: Vec<usize> = (0..1_000).collect();
        for from in [0, 1, 999, 1_001] {
            for size in [0, 1, 7, 1_000, 1_001] {
                assert_eq!(
                    map_parts(&items, (from, size), <[usize]>::to_vec).concat(),
                    items
                );
            }
        }
        assert!(map_parts(&[] as &[usize], (0, 1), <[usize]>::len).is_empty());
    }

    #[test]
    fn the_first_failure_is_told_and_nothing_is_begun_after_one() {
        let items: Vec<usize> = (0..10_000).collect();
        for _ in 0..20 {
            let begun = AtomicUsize::new(0);
            let work = |part: &[usize]| {
                begun.fetch_add(1, Ordering::Relaxed);
                if part[0] % 5 == 3 {
                    Err(part[0])
                } else {
                    Ok(part[0])
                }
            };
            assert_eq!(try_map_parts(&items, (0, 1), work), Err(3));
            assert!(begun.into_inner() < items.len() / 2);
        }
    }
}
