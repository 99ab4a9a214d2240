//! `bump`, `new`, `init` and `eject` as programs, on copies of this repository's own fleet.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::has;

mod first_day;

/// A folder with a fleet.
struct Repository {
    folder: TempDir,
}

impl Repository {
    /// The fleet of this repository, as it is committed.
    fn own_fleet() -> Self {
        let made = Self::empty();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::copy(root.join("services.yaml"), made.path("services.yaml")).unwrap();
        made.succeeds(&["generate"]);
        made
    }

    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}");
        fs::write(self.path(path), text.replacen(old, new, 1)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_dockwright");
        let command = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output();
        command.unwrap()
    }

    fn status(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{text}");
        text
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        self.status(0, arguments)
    }

    /// Every file and its bytes.
    fn tree(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.clone(), fs::read(path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }

    /// The files that differ from an earlier tree, below the root.
    fn changed(&self, before: &[(PathBuf, Vec<u8>)]) -> Vec<String> {
        let now = self.tree();
        let differs = now
            .iter()
            .filter(|file| !before.contains(file))
            .map(|(path, _)| path);
        let names = differs.map(|path| {
            path.strip_prefix(self.folder.path())
                .unwrap()
                .display()
                .to_string()
        });
        names.collect()
    }
}

#[test]
fn a_bump_changes_the_base_and_what_is_built_on_it_and_leaves_check_clean() {
    let fleet = Repository::own_fleet();
    let (tree, before) = (fleet.tree(), fleet.read("services.yaml"));
    let dry = fleet.succeeds(&["bump", "base-ml", "v1.0.2", "--dry-run"]);
    assert_eq!(fleet.tree(), tree, "a dry run wrote");
    let said = fleet.succeeds(&["bump", "base-ml", "v1.0.2"]);
    let after = fleet.read("services.yaml");
    let lines = before
        .lines()
        .zip(after.lines())
        .filter(|(old, new)| old != new)
        .count();
    assert_eq!((lines, before.lines().count()), (1, after.lines().count()));
    let expected = ["base-ml", "svc-ocr", "svc-rag-indexer", "svc-rag-retriever"];
    let mut expected: Vec<String> = expected
        .iter()
        .map(|name| format!("generated/{name}/Dockerfile"))
        .collect();
    expected.insert(1, "generated/docker-bake.hcl".to_owned());
    expected.push("services.yaml".to_owned());
    assert_eq!(fleet.changed(&tree), expected);
    for text in [&dry, &said] {
        assert!(
            text.contains("base-ml:v1.0.2     new tag and labels, no new layer"),
            "{text}"
        );
        assert!(
            text.contains("svc-ocr            rebuilds from line 7 (FROM), with apt-get install and pip install"),
            "{text}"
        );
        assert!(text.contains("estimated from the Dockerfiles"), "{text}");
    }
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
}

#[test]
fn every_kind_of_bump_ends_with_a_clean_check() {
    for (arguments, shown) in [
        (
            &["bump", "base-runtime", "--minor"][..],
            "base-ml v1.0.1 → v1.0.2  (builds on base-runtime)",
        ),
        (
            &["bump", "--all-bases", "--major"],
            "base-ml v1.0.1 → v2.0.0",
        ),
        (
            &["bump", "python", "3.13"],
            "base-runtime v1.0.1 → v1.0.2  (has the fleet's Python)",
        ),
        (
            &["bump", "base-ml", "v0.9.0", "--allow-downgrade"],
            "base-ml v1.0.1 → v0.9.0",
        ),
    ] {
        let fleet = Repository::own_fleet();
        let said = fleet.succeeds(arguments);
        assert!(said.contains(shown), "{said}");
        assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
    }
}

#[test]
fn content_that_changes_without_a_bump_fails_check_and_generate_and_names_the_command() {
    let fleet = Repository::own_fleet();
    fleet.edit("services.yaml", "    - nltk\n", "    - nltk>=3.9\n");
    for command in ["check", "generate"] {
        let said = fleet.status(1, &[command]);
        assert!(said.contains("base-changed-without-bump"), "{said}");
        assert!(said.contains("dockwright bump base-ml --patch"), "{said}");
        assert!(
            said.contains("built on it: svc-ocr, svc-rag-indexer, svc-rag-retriever"),
            "{said}"
        );
    }
    fleet.succeeds(&["bump", "base-ml", "--patch"]);
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
    fleet.edit("services.yaml", "    - spacy\n", "");
    fleet.succeeds(&["generate", "--amend-base", "base-ml"]);
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
}

#[test]
fn one_command_mends_what_a_bot_changed() {
    let fleet = Repository::own_fleet();
    let tree = fleet.tree();
    assert!(
        fleet
            .succeeds(&["bump", "--changed"])
            .starts_with("no version changes")
    );
    assert_eq!(fleet.tree(), tree);
    fleet.edit("services.yaml", "    - httpx\n", "    - httpx==0.28.1\n");
    let said = fleet.succeeds(&["bump", "--changed"]);
    assert!(
        said.contains("base-runtime v1.0.1 → v1.0.2  (its content changed)"),
        "{said}"
    );
    assert!(
        said.contains("base-ml v1.0.1 → v1.0.2  (builds on base-runtime)"),
        "{said}"
    );
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
}

#[test]
fn a_version_changed_by_hand_is_a_warning_until_it_is_recorded() {
    let fleet = Repository::own_fleet();
    fleet.edit(
        "services.yaml",
        "base-ml: { version: v1.0.1",
        "base-ml: { version: v1.0.9",
    );
    assert!(
        fleet
            .succeeds(&["generate"])
            .contains("warning[base-bumped-without-change]")
    );
    fleet.succeeds(&["generate", "--amend-base", "base-ml"]);
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
}

#[test]
fn a_hand_edit_survives_a_bump_and_is_reported() {
    let fleet = Repository::own_fleet();
    fleet.edit(
        "generated/svc-ocr/Dockerfile",
        "EXPOSE 8000",
        "EXPOSE 8000 8001",
    );
    let said = fleet.status(1, &["bump", "base-ml", "--patch"]);
    assert!(said.contains("generated/svc-ocr/Dockerfile"), "{said}");
    assert!(
        fleet
            .read("generated/svc-ocr/Dockerfile")
            .contains("EXPOSE 8000 8001")
    );
    assert!(
        fleet
            .read("generated/svc-rag-indexer/Dockerfile")
            .contains("BASE_VERSION=v1.0.2")
    );
}

#[test]
fn a_refused_bump_writes_nothing() {
    let fleet = Repository::own_fleet();
    let tree = fleet.tree();
    for (arguments, reason) in [
        (
            &["bump", "base-lm", "--patch"][..],
            "did you mean `base-ml`?",
        ),
        (&["bump", "base-ml", "v1.0.1"], "the same"),
        (&["bump", "base-ml", "v1.0.0"], "--allow-downgrade"),
        (
            &["bump", "python", "--patch"],
            "give the version of python in full",
        ),
        (&["bump", "base-ml"], "--patch"),
    ] {
        assert!(fleet.status(2, arguments).contains(reason), "{arguments:?}");
        assert_eq!(fleet.tree(), tree);
    }
}

#[test]
fn a_new_service_is_whole_and_leaves_check_clean_and_goes_without_a_trace() {
    let fleet = Repository::own_fleet();
    let (tree, before) = (fleet.tree(), fleet.read("services.yaml"));
    fleet.succeeds(&[
        "new",
        "svc-payments",
        "--kind",
        "non-ml",
        "--port",
        "8017",
        "--apt",
        "libpq5",
        "--pip",
        "stripe",
    ]);
    let entry =
        "  svc-payments:\n    kind: non-ml\n    apt: [libpq5]\n    pip: [stripe]\n    port: 8017\n";
    let (services, policy) = before.split_at(before.find("\n# How strictly").unwrap());
    assert!(
        fleet.read("services.yaml") == format!("{services}{entry}{policy}"),
        "the entry is not alone, or not the last"
    );
    // The declaration says that the sources of the others are elsewhere.
    let told = fleet.succeeds(&["check"]);
    assert!(told.starts_with("up to date:"), "{told}");
    fs::write(fleet.path("services.yaml"), before).unwrap();
    fleet.succeeds(&["generate"]);
    fs::remove_dir_all(fleet.path("apps")).unwrap();
    assert_eq!(fleet.tree(), tree);
}

#[test]
fn a_refused_service_writes_nothing() {
    let fleet = Repository::own_fleet();
    fs::create_dir_all(fleet.path("apps/svc_taken")).unwrap();
    fs::create_dir_all(fleet.path("generated/svc-mine")).unwrap();
    fs::write(fleet.path("generated/svc-mine/Dockerfile"), "FROM mine\n").unwrap();
    let tree = fleet.tree();
    for (status, arguments, reason) in [
        (
            2,
            &["new", "svc-ocr", "--kind", "ml"][..],
            "already declares a service svc-ocr",
        ),
        (
            2,
            &["new", "base-ml", "--kind", "ml"],
            "already declares a base base-ml",
        ),
        (
            2,
            &["new", "svc-b", "--kind", "nonml"],
            "did you mean `non-ml`?",
        ),
        (2, &["new", "svc-b"], "give --kind"),
        (2, &["new", "--kind", "ml"], "must not be empty"),
        (2, &["new", "Svc B", "--kind", "ml"], "write `svc-b`"),
        (
            2,
            &["new", "svc-taken", "--kind", "ml"],
            "apps/svc_taken already exists",
        ),
        (
            2,
            &["new", "svc-mine", "--kind", "ml"],
            "generated/svc-mine/Dockerfile already exists",
        ),
        (1, &["new", "svc.ocr", "--kind", "ml"], "name-collision"),
        (
            2,
            &["new", "svc-b", "--kind", "ml", "--apt", "a b"],
            "invalid value 'a b' for '--apt",
        ),
        (
            2,
            &["new", "svc-b", "--kind", "ml", "--pip", "a b"],
            "invalid value 'a b' for '--pip",
        ),
    ] {
        let said = fleet.status(status, arguments);
        assert!(said.contains(reason), "{arguments:?}: {said}");
        assert_eq!(fleet.tree(), tree, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_finished_is_undone() {
    let fleet = Repository::own_fleet();
    // A file where the folder of sources belongs: the first write fails.
    fs::write(fleet.path("apps"), "mine").unwrap();
    let tree = fleet.tree();
    fleet.status(2, &["new", "svc-b", "--kind", "ml"]);
    assert_eq!(fleet.tree(), tree);
    // A file where the generated folder belongs: the last write fails, after sources and
    // declaration.
    fs::remove_file(fleet.path("apps")).unwrap();
    fs::write(fleet.path("generated/svc-b"), "mine").unwrap();
    let tree = fleet.tree();
    fleet.status(2, &["new", "svc-b", "--kind", "ml"]);
    assert_eq!(fleet.tree(), tree);
}

#[test]
fn a_new_service_in_a_broken_declaration_shows_what_is_broken() {
    let fleet = Repository::own_fleet();
    let broken = fleet
        .read("services.yaml")
        .replacen("    port: 8000", "    prot: 8000", 1);
    fs::write(fleet.path("services.yaml"), &broken).unwrap();
    let said = fleet.status(1, &["new", "svc-x", "--kind", "ml"]);
    assert!(
        said.contains("unknown-field") && said.contains("did you mean `port`?"),
        "{said}"
    );
    assert!(
        fleet.read("services.yaml") == broken,
        "the broken declaration was written"
    );
}

#[test]
fn a_bump_does_not_list_for_building_what_a_hand_edit_keeps_from_it() {
    let fleet = Repository::own_fleet();
    fleet.edit(
        "generated/svc-ocr/Dockerfile",
        "EXPOSE 8000",
        "EXPOSE 8000 8001",
    );
    for arguments in [
        &["bump", "base-ml", "--patch", "--dry-run"][..],
        &["bump", "base-ml", "--patch"],
    ] {
        let said = fleet.status(1, arguments);
        let (_, list) = said.split_once("images to rebuild and push").unwrap();
        assert!(
            list.contains("  svc-rag-indexer    rebuilds") && !list.contains("  svc-ocr "),
            "{said}"
        );
        assert!(
            list.contains("not svc-ocr yet: generated/svc-ocr/Dockerfile was edited by hand"),
            "{said}"
        );
    }
}

#[test]
fn an_amended_base_shows_its_line() {
    let fleet = Repository::own_fleet();
    let before = fleet.read("services.yaml");
    let line = before
        .lines()
        .find(|line| line.contains("base-runtime: {"))
        .unwrap();
    fleet.edit(
        "services.yaml",
        "- fastapi\n",
        "- fastapi\n    - aiofiles\n",
    );
    let said = fleet.succeeds(&["generate", "--amend-base", "base-runtime"]);
    assert!(said.contains(&format!("   - {line}")), "{said}");
    assert!(
        said.contains("   +   base-runtime: { version: v1.0.1, fingerprint: v1.0.1@"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_with_a_new_service_is_told_at_no_line_of_the_file() {
    let fleet = Repository::own_fleet();
    let said = fleet.status(1, &["new", "svc.ocr", "--kind", "ml"]);
    assert!(
        said.starts_with("error[name-collision]: ") && said.contains("nothing was written"),
        "{said}"
    );
    assert!(!said.contains("services.yaml:"), "{said}");
}

#[test]
fn on_a_terminal_what_is_missing_is_asked_for() {
    if !has(&["script"]) {
        return;
    }
    let fleet = Repository::own_fleet();
    let answered = |answers: &str, arguments: &str| {
        let command = format!("{} {arguments}", env!("CARGO_BIN_EXE_dockwright"));
        let mut child = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .current_dir(fleet.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(answers.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (status, said) = answered("svc-pay\nnonml\nnon-ml\n", "new");
    assert!(
        status == Some(0) && said.matches("kind (ml, non-ml): ").count() == 2,
        "{said}"
    );
    assert!(fleet.path("apps/svc_pay/main.py").is_file());
    // Who gives no name is not asked for more.
    let (status, said) = answered("\n", "new");
    assert!(
        status == Some(2) && !said.contains("kind (") && said.contains("must not be empty"),
        "{said}"
    );
}
