//! Why a lock has a package: the ways from what is declared down to it.

use std::collections::{BTreeMap, VecDeque};

use super::locked::Lock;

impl Lock {
    /// From each package that `is_declared` knows to another one that it brings, the shortest way,
    /// by names; ways of one step, which are declared themselves, are left out.
    #[must_use]
    pub(crate) fn ways_to(
        &self,
        package: &str,
        is_declared: impl Fn(&str) -> bool,
    ) -> Vec<Vec<String>> {
        // Upwards from the package; what is met first is met by the shortest way.
        let mut below: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue: VecDeque<&str> = VecDeque::from([package]);
        let mut ways = Vec::new();
        while let Some(name) = queue.pop_front() {
            for cause in self.pins_of(name).flat_map(|pin| &pin.via) {
                let cause = cause.as_str();
                if cause == package || below.contains_key(cause) {
                    continue;
                }
                below.insert(cause, name);
                queue.push_back(cause);
                if is_declared(cause) {
                    let steps = std::iter::successors(Some(cause), |at| below.get(at).copied());
                    ways.push(steps.map(str::to_owned).collect());
                }
            }
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse_lock;

    #[test]
    fn ways_are_the_shortest_and_end_in_a_circle_too() {
        let pin = |name: &str, via: &str| {
            format!(
                "{name}==1 \\\n    --hash=sha256:{}\n    # via {via}\n",
                "0".repeat(64)
            )
        };
        let pins = [
            pin("a", "(declared), d"),
            pin("b", "a, c"),
            pin("c", "(declared), b"),
            pin("d", "b"),
        ]
        .concat();
        let lock =
            parse_lock(format!("# inputs: sha256:{}\n{pins}", "0".repeat(64)).as_bytes()).unwrap();
        let declared = |name: &str| matches!(name, "a" | "c");
        assert_eq!(
            lock.ways_to("d", declared),
            [["a", "b", "d"], ["c", "b", "d"]]
        );
        assert_eq!(lock.ways_to("a", declared), [["c", "b", "d", "a"]]);
        assert!(lock.ways_to("z", declared).is_empty());
    }
}
