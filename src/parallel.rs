//! Work on a list, spread over the cores where it is long enough to pay for the start of a thread.

use std::num::NonZero;
use std::thread;

/// How many threads work on a list of this length; `from` is the length from which on more than one pays.
#[must_use]
pub fn threads(length: usize, from: usize) -> usize {
    if length < from { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) }
}

/// What `work` makes of consecutive parts of a list, in their order; of a list shorter than `from` in one part. The calling thread takes the
/// first part itself.
pub fn map_parts<T: Sync, R: Send>(items: &[T], from: usize, work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let threads = threads(items.len(), from);
    if threads == 1 {
        return vec![work(items)];
    }
    let work = &work;
    thread::scope(|scope| {
        let (first, rest) = items.split_at(items.len().div_ceil(threads));
        let parts = rest.chunks(first.len().max(1));
        let workers: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let joined = |worker: thread::ScopedJoinHandle<'_, R>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        std::iter::once(work(first)).chain(workers.into_iter().map(joined)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_order_and_are_the_whole() {
        let items: Vec<usize> = (0..1_000).collect();
        for from in [0, 1, 999, 1_001] {
            let parts = map_parts(&items, from, <[usize]>::to_vec);
            assert_eq!(parts.concat(), items);
        }
        assert_eq!(map_parts(&[] as &[usize], 1, <[usize]>::len), [0]);
    }
}
