//! A fleet in a folder of its own, the real program run over it, and the same line through the
//! library.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use dockwright::diagnostic::Diagnostic;
use dockwright::fleet::Fleet;
use dockwright::images::Scope;
use dockwright::project::{Ask, Checked, Files, Loaded, Missing, Unwatched, check, load};
use serde_yaml::Value;
use tempfile::TempDir;

use crate::tools;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dockwright");

/// One service and one base: what the examples of the diagnostic codes are laid over.
pub(crate) const MINIMAL: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
requirements:
  base: [fastapi, uvicorn]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-base: { template: runtime-on-base, base: base-runtime }
services:
  svc-a: { kind: web, port: 8000 }
";

/// One image of every template, each with as little as it takes.
pub(crate) const EVERY_TEMPLATE: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
requirements:
  base: [fastapi, uvicorn]
  ml: [torch]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
  base-ml: { version: v1.0.0, from: base-runtime, requirements: [ml] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-base: { template: runtime-on-base, base: base-runtime }
  ml: { template: ml-on-base, base: base-ml }
services:
  svc-slim: { kind: web, port: 8000 }
  svc-base: { kind: on-base, port: 8000 }
  svc-ml: { kind: ml, port: 8000 }
";

/// The root of this repository.
pub(crate) fn repository() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `text` with `overlay` laid over it: mappings are merged down to `depth` levels, everything else
/// is replaced.
pub(crate) fn overlaid(text: &str, overlay: &str, depth: usize) -> String {
    let read = |yaml: &str| {
        serde_yaml::from_str::<Value>(yaml).unwrap_or_else(|error| panic!("{error}:\n{yaml}"))
    };
    let mut value = read(text);
    lay_over(&mut value, read(overlay), depth);
    serde_yaml::to_string(&value).unwrap()
}

fn lay_over(value: &mut Value, overlay: Value, depth: usize) {
    match (value, overlay) {
        (Value::Mapping(below), Value::Mapping(above)) if depth > 0 => {
            for (key, above) in above {
                lay_over(below.entry(key).or_insert(Value::Null), above, depth - 1);
            }
        }
        (below, above) => *below = above,
    }
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The whole as one text for a failed assertion.
    pub(crate) fn told(&self) -> String {
        format!(
            "exit {}\n--- stdout\n{}\n--- stderr\n{}",
            self.status, self.stdout, self.stderr
        )
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.told()))
    }

    /// The codes of the reported diagnostics, sorted, each once.
    pub(crate) fn codes(&self) -> Vec<String> {
        let report = self.json();
        let mut codes: Vec<String> = report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["code"].as_str().unwrap().to_owned())
            .collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// Path and kind of every drift of `check --format json`; the kind of a hand edit says whether
    /// the rest moved on.
    pub(crate) fn drifts(&self) -> BTreeMap<String, String> {
        let report = self.json();
        let drifts = report["drifts"].as_array().unwrap().iter().map(|drift| {
            let moved_on = if drift["moved_on"] == true {
                " moved-on"
            } else {
                ""
            };
            (
                drift["path"].as_str().unwrap().to_owned(),
                drift["kind"].as_str().unwrap().to_owned() + moved_on,
            )
        });
        drifts.collect()
    }
}

/// What stands at a path, with everything that a run could change about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    File {
        bytes: Vec<u8>,
        mode: u32,
        modified: (i64, i64),
    },
    Link {
        target: String,
    },
    Folder,
}

/// A root folder with a services.yaml.
pub(crate) struct Root {
    _folder: TempDir,
    path: Utf8PathBuf,
    /// The columns of the terminal that commands run on, as a text; none is a pipe.
    pub(crate) columns: Option<&'static str>,
}

impl Root {
    /// A folder that holds this services.yaml.
    pub(crate) fn new(declaration: &str) -> Self {
        let root = Self::empty();
        root.write("services.yaml", declaration);
        root
    }

    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().to_owned();
        Self {
            _folder: folder,
            path,
            columns: None,
        }
    }

    /// The same with everything generated.
    pub(crate) fn generated(declaration: &str) -> Self {
        let root = Self::new(declaration);
        let run = root.run(&["generate"]);
        assert_eq!(run.status, 0, "{}", run.told());
        root
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        &self.path
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).unwrap()
    }

    /// Replaces text in a file; what is replaced must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replace(from, to));
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path.join(path)).unwrap();
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path.join(path).symlink_metadata().is_ok()
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        let _ = fs::remove_file(self.path.join(path));
        symlink(target, self.path.join(path)).unwrap();
    }

    pub(crate) fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Everything below the root but .git, by path.
    pub(crate) fn tree(&self) -> BTreeMap<String, Node> {
        let mut tree = BTreeMap::new();
        walk(self.path.as_std_path(), &self.path, &mut tree);
        tree
    }

    /// The paths of [`Root::tree`] that are no folders.
    pub(crate) fn files(&self) -> Vec<String> {
        self.tree()
            .into_iter()
            .filter(|(_, node)| *node != Node::Folder)
            .map(|(path, _)| path)
            .collect()
    }

    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.path)
            .stdin(Stdio::null());
        for variable in [
            "CLICOLOR_FORCE",
            "FORCE_COLOR",
            "NO_COLOR",
            "GITHUB_ACTIONS",
            "COLUMNS",
        ] {
            command.env_remove(variable);
        }
        command.envs(self.columns.map(|columns| ("COLUMNS", columns)));
        command
    }

    /// Runs dockwright in the root.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(PROGRAM, arguments).output().unwrap())
    }

    /// The same with variables of its environment.
    pub(crate) fn run_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
        Run::of(
            &self
                .command(PROGRAM, arguments)
                .envs(environment.iter().copied())
                .output()
                .unwrap(),
        )
    }

    pub(crate) fn check(&self) -> Run {
        self.run(&["check", "--format", "json"])
    }

    /// Runs git in the root, without the settings of whoever runs the tests.
    pub(crate) fn git(&self, arguments: &[&str]) -> Run {
        let mut command = self.command("git", arguments);
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        Run::of(&command.output().unwrap())
    }
}

fn walk(folder: &Path, root: &Utf8Path, tree: &mut BTreeMap<String, Node>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let metadata = path.symlink_metadata().unwrap();
        if metadata.is_dir() {
            if name != ".git" {
                walk(&path, root, tree);
                tree.insert(name, Node::Folder);
            }
        } else if metadata.is_symlink() {
            let target = fs::read_link(&path).unwrap().to_str().unwrap().to_owned();
            tree.insert(name, Node::Link { target });
        } else {
            let bytes = fs::read(&path).unwrap_or_default();
            let modified = (metadata.mtime(), metadata.mtime_nsec());
            tree.insert(
                name,
                Node::File {
                    bytes,
                    mode: metadata.mode(),
                    modified,
                },
            );
        }
    }
}

/// A declaration of nothing but itself, loaded as the program does.
pub(crate) fn loaded(files: &Files) -> Loaded {
    load(files, "services.yaml", &Unwatched).unwrap_or_else(|error| panic!("{error}"))
}

/// Everything that a check finds in memory, with what missing files should hold.
pub(crate) fn checked<'a>(files: &Files, loaded: &'a Loaded) -> Checked<'a> {
    let ask = Ask {
        scope: &Scope::default(),
        today: None,
        waivers: true,
        missing: Missing::Rendered,
    };
    check(files, loaded, &ask).unwrap_or_else(|error| panic!("{error}\n{}", loaded.text()))
}

/// The fleet of a declaration that nothing is wrong with.
pub(crate) fn resolved(declaration: &str) -> Result<Fleet, Vec<Diagnostic>> {
    let loaded = loaded(&Files::declaring(declaration));
    let fleet = loaded.fleet().filter(|_| loaded.diagnostics.is_empty());
    fleet.cloned().ok_or(loaded.diagnostics)
}

/// Renders a declaration through the library: content by path.
pub(crate) fn rendered(declaration: &str) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    rendered_files(&Files::declaring(declaration))
}

/// What a check of these files misses, which is everything that they stand for.
pub(crate) fn rendered_files(files: &Files) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let loaded = loaded(files);
    if loaded.fleet().is_none() || !loaded.diagnostics.is_empty() {
        return Err(loaded.diagnostics);
    }
    let checked = checked(files, &loaded);
    let missing = checked.report().drifts.iter();
    Ok(missing
        .map(|drift| (drift.path.to_string(), drift.expected.clone().unwrap()))
        .collect())
}

/// The `SplitMix64` generator: small, and the same numbers on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below a bound; 0 where the bound is.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *self.choose(from)
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// How many cases a property test tries: `DOCKWRIGHT_CASES`; or as many as the test thinks fit in
/// the long form, and a quarter of them without.
pub(crate) fn cases(long: u32) -> u32 {
    cases_of(long.div_ceil(4), long)
}

/// The same where a quarter is too few or too many.
pub(crate) fn cases_of(short: u32, long: u32) -> u32 {
    let standard = if is_long() { long } else { short };
    std::env::var("DOCKWRIGHT_CASES")
        .ok()
        .map_or(standard, |text| text.parse().unwrap())
}

/// Whether the long form of the tests is asked for.
pub(crate) fn is_long() -> bool {
    std::env::var_os("DOCKWRIGHT_LONG").is_some_and(|value| value == "1")
}

/// Says how much a test tried, for whoever asks by `--nocapture`: the numbers of
/// `docs/reliability.md`.
#[expect(
    clippy::print_stderr,
    clippy::disallowed_macros,
    reason = "the harness keeps it to itself unless asked"
)]
pub(crate) fn tell(tried: &str) {
    eprintln!("tried: {tried}");
}

/// Whether the tools that a test needs are there; in CI a missing one fails the test.
///
/// A whole run reports all of them at its end (`tests/zz_judges.rs`). A run of chosen tests leaves
/// that report out, so each says it itself.
pub(crate) fn has(names: &[&str]) -> bool {
    let missing = tools::missing(names);
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(", ");
    assert!(
        !tools::must_be_there(),
        "missing: {missing}; `. .ci/judges` installs them"
    );
    if std::env::args().len() > 1 {
        tools::say(&format!(
            "skipped for want of {missing}; to install them: bash -c '. .ci/judges'"
        ));
    }
    false
}
