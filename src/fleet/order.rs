//! One order for whatever needs each other: bases, what they take files from, services that wait.

/// What a walk over a list of needs finds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    /// All positions, each after those that it needs, as far as there is no cycle.
    pub(crate) all: Vec<usize>,
    /// The cycles that were met: each of them needs the next, the last needs the first.
    pub(crate) cycles: Vec<Vec<usize>>,
}

/// Orders a list; `needs` holds, by position, the positions of what must come before.
///
/// The path is kept in a list, since a chain can be longer than the stack is deep.
pub(crate) fn ordered(needs: &[Vec<usize>]) -> Order {
    let mut order = Order::default();
    let mut is_done = vec![false; needs.len()];
    // Of each, its place on the path.
    let mut on_path: Vec<Option<usize>> = vec![None; needs.len()];
    for start in 0..needs.len() {
        // Each with how many of its needs were followed.
        let mut path = vec![(start, 0)];
        while let Some((at, followed)) = path.pop() {
            if is_done[at] {
                continue;
            }
            on_path[at] = Some(path.len());
            let Some(next) = needs[at].get(followed).copied() else {
                is_done[at] = true;
                on_path[at] = None;
                order.all.push(at);
                continue;
            };
            path.push((at, followed + 1));
            match on_path[next] {
                Some(place) => {
                    let cycle = path[place..].iter().map(|(at, _)| *at);
                    order.cycles.push(cycle.collect());
                }
                None => path.push((next, 0)),
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::proptest;

    use super::*;

    #[test]
    fn what_is_needed_comes_first_and_every_cycle_is_found_once() {
        let order = ordered(&[vec![1], vec![2], vec![], vec![4], vec![5, 0], vec![3, 5]]);
        assert_eq!(order.all[..3], [2, 1, 0]);
        assert_eq!(order.cycles, [vec![3, 4, 5], vec![5]]);
    }

    #[test]
    fn a_chain_may_be_longer_than_the_stack_is_deep() {
        let needs: Vec<Vec<usize>> = (0..300_000).map(|at| vec![(at + 1) % 300_000]).collect();
        assert_eq!(ordered(&needs).cycles.len(), 1);
    }

    proptest! {
        #[test]
        fn an_order_holds_unless_there_is_a_cycle(needs in vec(vec(0_usize..12, 0..4), 12)) {
            let order = ordered(&needs);
            let mut all = order.all.clone();
            all.sort_unstable();
            assert_eq!(all, (0..12).collect::<Vec<_>>());
            let place = |at: usize| order.all.iter().position(|other| *other == at);
            let holds = (0..12).all(|at| needs[at].iter().all(|need| place(*need) < place(at)));
            assert_eq!(holds, order.cycles.is_empty());
            for cycle in &order.cycles {
                for (at, next) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
                    assert!(needs[*at].contains(next), "{cycle:?}");
                }
            }
        }
    }
}
