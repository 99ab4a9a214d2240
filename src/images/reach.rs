//! Whether a path meets one that changed.

use std::collections::BTreeSet;

use super::inputs::fixed;
use crate::artifact::with_folders;
use crate::dockerfile::ignore::clean;

/// What changed, and every folder above.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    changed: &'a BTreeSet<String>,
    above: BTreeSet<&'a str>,
}

impl<'a> Reach<'a> {
    /// What paths from the root on reach; the empty one is the root itself.
    #[must_use]
    pub(crate) fn of(changed: &'a BTreeSet<String>) -> Self {
        let above = changed.iter().flat_map(|path| with_folders(path)).collect();
        Self { changed, above }
    }

    /// Whether a path or pattern of the build context could match a path that changed, one below
    /// it or one above it.
    #[must_use]
    pub(crate) fn meets(&self, written: &str) -> bool {
        let path = fixed(&clean(written));
        self.above.contains(path.as_str())
            || with_folders(&path).any(|folder| self.changed.contains(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(changed: &str, written: &str) -> bool {
        Reach::of(&BTreeSet::from([changed.to_owned()])).meets(written)
    }

    #[test]
    fn a_path_meets_what_it_is_holds_or_lies_in() {
        for (changed, written) in [
            ("libs/x.py", "libs/"),
            ("libs/x.py", "./libs/x.py"),
            ("libs", "libs/sub/x.py"),
            ("", "libs/sub"),
            ("libs/x.py", "."),
            ("apps/a/x.txt", "apps/*/y.txt"),
            ("apps/a/x.txt", "apps/$NAME/y"),
            ("x", "*"),
        ] {
            assert!(meets(changed, written), "{changed} {written}");
        }
        for (changed, written) in [
            ("libs/x.py", "libs2/"),
            ("libs/x.py", "libs/y.py"),
            ("libs/x", "libs/x.py"),
            ("data/x", "apps/*/y.txt"),
            ("libs/xy/z", "libs/x"),
        ] {
            assert!(!meets(changed, written), "{changed} {written}");
        }
        assert!(!Reach::of(&BTreeSet::new()).meets("."), "nothing changed");
    }
}
