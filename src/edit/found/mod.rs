//! What a repository shows of services that have no Dockerfile yet: the folders that hold them,
//! what starts each, and what it installs.
//!
//! Each gets the plain Dockerfile that a person would write for it. That is a draft in memory: what
//! reads Dockerfiles reads it too, and says it in fields.

mod draft;
mod paths;
mod start;

use std::collections::{BTreeMap, BTreeSet};

use self::draft::Draft;
use self::paths::{beneath, holds, is_fit, is_python};
use self::start::Start;
use crate::dockerfile::meaning::Tree;
use crate::dockerfile::{Segment, segment};
use crate::edit::adopt::is_dockerfile;

/// Folders that usually hold one folder a service.
const HOMES: [&str; 8] = [
    "apps",
    "services",
    "microservices",
    "workers",
    "jobs",
    "bots",
    "functions",
    "src/services",
];
/// Files that say what a folder installs.
const INSTALLS: [&str; 4] = [
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
];
/// Folders with Python sources that are no service.
const PASSED: [&str; 18] = [
    "alembic",
    "benchmarks",
    "build",
    "dist",
    "docs",
    "env",
    "examples",
    "generated",
    "lib",
    "libs",
    "migrations",
    "node_modules",
    "packages",
    "scripts",
    "site-packages",
    "tests",
    "test",
    "venv",
];
/// How many folders deep below the root a service may lie.
const DEPTH: usize = 4;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The drafts by the paths that they would have.
    pub(crate) drafts: BTreeMap<String, String>,
    /// Folders of services with Python files and nothing that starts them.
    pub(crate) idle: Vec<String>,
    /// Folders of services whose names no field can say.
    pub(crate) unfit: Vec<String>,
}

/// Looks for services without a Dockerfile. Folders that a Dockerfile of the tree names or lies in
/// are left to that.
pub(crate) fn found(tree: &dyn Tree) -> Found {
    let look = Look::new(tree);
    let mut found = Found::default();
    for folder in look.candidates() {
        if !is_fit(&folder) {
            found.unfit.push(folder);
        } else if let Some(start) = Start::of(tree, look.files(&folder), &folder) {
            let draft = Draft::new(tree, &folder, &start).text();
            found.drafts.insert(beneath(&folder, "Dockerfile"), draft);
        } else if !folder.is_empty() && (is_home(&folder) || look.has_requirements(&folder)) {
            found.idle.push(folder);
        }
    }
    found
}

/// A tree, looked through for services.
struct Look<'a> {
    tree: &'a dyn Tree,
    /// The folders that Dockerfiles are about.
    taken: BTreeSet<String>,
}

impl<'a> Look<'a> {
    fn new(tree: &'a dyn Tree) -> Self {
        let dockerfiles = tree.paths().iter().filter(|path| is_dockerfile(path));
        let mut taken = BTreeSet::new();
        for path in dockerfiles {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            taken.insert(folder.to_owned());
            if let Some(text) = tree.text(path) {
                taken.extend(copied_in(&text));
            }
        }
        Self { tree, taken }
    }

    /// The folders that may be services, outermost first and none inside another; the root where
    /// there is no other.
    fn candidates(&self) -> Vec<String> {
        let mut folders = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for path in self.tree.paths() {
            for folder in above(path) {
                if !seen.insert(folder) {
                    break;
                }
                if self.is_candidate(folder) {
                    folders.insert(folder);
                }
            }
        }
        let is_outermost = |folder: &&str| !above(folder).any(|outer| folders.contains(outer));
        let outermost = folders.iter().copied().filter(is_outermost);
        let mut outermost: Vec<String> = outermost.map(str::to_owned).collect();
        if outermost.is_empty() && self.taken.is_empty() && self.installs("") {
            outermost.push(String::new());
        }
        outermost.retain(|folder| !self.is_taken(folder));
        outermost
    }

    fn is_candidate(&self, folder: &str) -> bool {
        let is_passed =
            |name: &str| name.starts_with('.') || PASSED.contains(&name) || name == "__pycache__";
        folder.split('/').count() <= DEPTH
            && !folder.split('/').any(is_passed)
            && (is_home(folder) || self.installs(folder))
            && self.files(folder).any(is_python)
    }

    /// Whether a Dockerfile is about a folder: it lies in or below it, or copies it, a folder above
    /// or something below it.
    fn is_taken(&self, folder: &str) -> bool {
        let start = beneath(folder, "");
        let mut below = self.taken.range(start.clone()..);
        self.taken.contains(folder)
            || above(folder).any(|outer| self.taken.contains(outer))
            || below.next().is_some_and(|taken| taken.starts_with(&start))
    }

    fn installs(&self, folder: &str) -> bool {
        INSTALLS
            .iter()
            .any(|name| holds(self.tree, &beneath(folder, name)))
    }

    /// Whether a folder is an application's: libraries say what they need in a project.
    fn has_requirements(&self, folder: &str) -> bool {
        holds(self.tree, &beneath(folder, "requirements.txt"))
    }

    /// The paths below a folder.
    fn files(&self, folder: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let paths = self.tree.paths();
        let start = beneath(folder, "");
        let first = paths.partition_point(|path| path.as_str() < start.as_str());
        let is_below = move |path: &&String| path.starts_with(&start);
        let below = paths.iter().skip(first).take_while(is_below);
        below.map(String::as_str)
    }
}

/// The folders above a path, the nearest first, but for the root.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let mut path = path;
    std::iter::from_fn(move || {
        path = path.rsplit_once('/')?.0;
        Some(path)
    })
}

/// What the COPY and ADD lines of a Dockerfile take from the build context.
fn copied_in(text: &str) -> Vec<String> {
    let mut copied = Vec::new();
    for instruction in segment(text).iter().filter_map(Segment::instruction) {
        if !matches!(instruction.keyword(), "COPY" | "ADD") {
            continue;
        }
        let is_from_image = |flag: &String| flag.starts_with("--from=");
        // BuildKit refuses a COPY without readable words, so such a line takes nothing.
        let Some(words) = instruction.values() else {
            continue;
        };
        let Some((_, sources)) = words.split_last() else {
            continue;
        };
        if instruction.flags().iter().any(is_from_image) {
            continue;
        }
        let plain = sources.iter().map(|source| {
            let source = source
                .trim_start_matches("./")
                .trim_end_matches(['/', '*', '.']);
            source.trim_end_matches('/').to_owned()
        });
        copied.extend(plain.filter(|source| !source.is_empty()));
    }
    copied
}

/// Whether the folder above usually holds one folder a service.
fn is_home(folder: &str) -> bool {
    let above = folder.rsplit_once('/').map(|(above, _)| above);
    above.is_some_and(|above| {
        HOMES
            .iter()
            .any(|home| above == *home || above.ends_with(&format!("/{home}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::meaning::MemoryTree;

    fn look(files: &[(&str, &str)]) -> Found {
        found(&MemoryTree::new(files.iter().copied()))
    }

    fn drafted(files: &[(&str, &str)]) -> Vec<String> {
        look(files).drafts.into_keys().collect()
    }

    const APP: &str = "app = FastAPI()\n";

    #[test]
    fn folders_with_something_to_start_are_services() {
        let of_home = drafted(&[("services/a/main.py", APP), ("services/b/lib.py", "")]);
        assert_eq!(of_home, ["services/a/Dockerfile"]);
        let with_installs = drafted(&[
            ("api/app/main.py", APP),
            ("api/pyproject.toml", ""),
            ("tool/main.py", APP),
            ("libs/x/main.py", APP),
            ("libs/x/requirements.txt", ""),
        ]);
        assert_eq!(with_installs, ["api/Dockerfile"]);
        let nested = drafted(&[
            ("apps/a/main.py", APP),
            ("apps/a/sub/main.py", APP),
            ("apps/a/sub/requirements.txt", ""),
        ]);
        assert_eq!(nested, ["apps/a/Dockerfile"]);
    }

    #[test]
    fn the_root_is_a_service_where_nothing_else_is() {
        let root = [("main.py", APP), ("requirements.txt", "")];
        assert_eq!(drafted(&root), ["Dockerfile"]);
        assert_eq!(drafted(&root[..1]), [""; 0]);
        let beside = [root[0], root[1], ("services/a/main.py", APP)];
        assert_eq!(drafted(&beside), ["services/a/Dockerfile"]);
    }

    #[test]
    fn what_a_dockerfile_is_about_is_left_to_it() {
        for dockerfile in [
            ("services/a/Dockerfile", "FROM python\n"),
            ("services/a/docker/Dockerfile", "FROM python\n"),
            ("deploy/a.Dockerfile", "FROM python\nCOPY ./services/a/ .\n"),
            ("deploy/a.Dockerfile", "FROM python\nADD services .\n"),
            (
                "deploy/a.Dockerfile",
                "FROM python\nCOPY [\"services/a\", \".\"]\n",
            ),
            (
                "deploy/a.Dockerfile",
                "FROM python\nCOPY x \\\n  services/a/main.py .\n",
            ),
        ] {
            let files = [dockerfile, ("services/a/main.py", APP)];
            assert_eq!(drafted(&files), [""; 0], "{dockerfile:?}");
        }
    }

    #[test]
    fn what_a_dockerfile_fills_or_takes_from_an_image_is_not_its_own() {
        for line in ["COPY x services/", "COPY --from=y services/a ."] {
            let text = format!("FROM python\n{line}\n");
            let files = [
                ("deploy/a.Dockerfile", text.as_str()),
                ("services/a/main.py", APP),
            ];
            assert_eq!(drafted(&files), ["services/a/Dockerfile"], "{line}");
        }
    }

    #[test]
    fn a_folder_of_many_files_is_looked_through_once() {
        let mut files: Vec<(String, &str)> = Vec::new();
        for number in 0..20_000 {
            files.push((format!("services/data/{number}.csv"), ""));
        }
        files.push(("services/a-b/main.py".to_owned(), APP));
        files.push(("services/a/main.py".to_owned(), APP));
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        assert_eq!(
            drafted(&files),
            ["services/a-b/Dockerfile", "services/a/Dockerfile"]
        );
    }

    #[test]
    fn what_is_not_declared_is_named() {
        let found = look(&[
            ("services/a b/main.py", APP),
            ("services/c/lib.py", ""),
            ("services/d/readme.md", ""),
            ("tool/lib.py", ""),
            ("tool/requirements.txt", ""),
            ("shop/lib.py", ""),
            ("shop/pyproject.toml", ""),
        ]);
        assert_eq!(found.unfit, ["services/a b"]);
        assert_eq!(found.idle, ["services/c", "tool"]);
        assert_eq!(found.drafts, BTreeMap::new());
    }
}
