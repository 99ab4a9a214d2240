//! `dockwright build`: which command lines it runs, what it passes on, and that it builds nothing
//! it should not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dockwright");
const OWN: &str = include_str!("../../services.yaml");

/// A fleet, and a folder of builders that note how they were called.
struct Yard {
    root: TempDir,
    programs: TempDir,
}

impl Yard {
    fn new(declaration: &str) -> Self {
        let yard = Self {
            root: tempfile::tempdir().unwrap(),
            programs: tempfile::tempdir().unwrap(),
        };
        fs::write(yard.root.path().join("services.yaml"), declaration).unwrap();
        let generated = yard.run(&["generate"]);
        assert!(generated.status.success(), "{}", said(&generated));
        yard
    }

    /// Puts a program there that notes its words and two variables, then does as told.
    fn program(&self, name: &str, then: &str) {
        let path = self.programs.path().join(name);
        let script = format!(
            "#!/bin/sh\necho \"{name} $* TAG=$TAG REGISTRY=$REGISTRY\" >> '{}'\n{then}\n",
            self.log().display()
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn log(&self) -> std::path::PathBuf {
        self.programs.path().join("log")
    }

    /// The calls since the last time.
    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let _ = fs::remove_file(self.log());
        text.lines().map(str::to_owned).collect()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.programs.path().display());
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.root.path())
            .env("PATH", path);
        command
            .envs([("TAG", "ambient"), ("REGISTRY", "ambient.example")])
            .output()
            .unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// What buildx prints for one cached image and one built one.
const BAKE: &str = "[ \"$2\" = version ] && exit 0
printf '#3 [base-ml 2/4] RUN a\\n#3 CACHED\\n#4 [svc-ocr stage-0 2/4] RUN b\\n#4 DONE 2.5s\\n::set-output name=x::y\\n' >&2
exit \"${FAKE_STATUS:-0}\"";

#[test]
fn bake_is_called_with_exactly_the_planned_targets() {
    let yard = Yard::new(OWN);
    yard.program("docker", BAKE);
    let output = yard.run(&[
        "build",
        "svc-ocr",
        "base-ml",
        "--tag",
        "v7",
        "--push",
        "--builder",
        "remote",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        yard.calls(),
        [
            "docker buildx version TAG=ambient REGISTRY=ambient.example",
            "docker buildx bake --file=generated/docker-bake.hcl --builder=remote \
             --progress=plain --push base-ml svc-ocr TAG=v7 REGISTRY=gitea.harkon.co.uk",
        ]
    );
    let table = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table
        .trim()
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[1][..3], ["base-ml", "cached", "0.0s"]);
    assert_eq!(
        rows[2],
        [
            "svc-ocr",
            "built",
            "2.5s",
            "-",
            "gitea.harkon.co.uk/harkon/svc-ocr:v7"
        ]
    );
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(
        shown.contains("RUN b") && !shown.lines().any(|line| line.starts_with("::")),
        "{shown}"
    );
}

#[test]
fn the_builder_s_exit_status_is_passed_on() {
    let yard = Yard::new(OWN);
    yard.program("docker", &BAKE.replace("${FAKE_STATUS:-0}", "42"));
    let output = yard.run(&["build", "svc-ocr", "--load", "--tag", "dev"]);
    assert_eq!(output.status.code(), Some(42));
    assert!(said(&output).contains("not built"), "{}", said(&output));
    assert!(yard.calls()[1].contains("--load --provenance=false --sbom=false svc-ocr TAG=dev"));
}

#[test]
fn buildah_builds_bases_first_and_stops_at_the_first_failure() {
    let yard = Yard::new(OWN);
    let then = "case \"$*\" in *svc-ocr*) echo 'STEP 2/2: RUN false'; exit 9;; build*) echo 'STEP \
     2/2: RUN x'; echo '--> Using cache 1';; esac";
    yard.program("buildah", then);
    let output = yard.run(&[
        "build",
        "--with",
        "buildah",
        "svc-ocr",
        "base-ml",
        "svc-rag-indexer",
    ]);
    assert_eq!(output.status.code(), Some(9), "{}", said(&output));
    let calls = yard.calls();
    assert!(calls[0].starts_with(
        "buildah build --layers --file=generated/base-ml/Dockerfile \
         --ignorefile=generated/base-ml/Dockerfile.dockerignore \
         --tag=gitea.harkon.co.uk/harkon/base-ml:v1.0.1 ."
    ));
    assert!(
        calls[1].starts_with("buildah build --layers --file=generated/svc-ocr/Dockerfile"),
        "{calls:?}"
    );
    assert!(
        !calls.iter().any(|call| call.contains("svc-rag-indexer")),
        "{calls:?}"
    );
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("base-ml          cached"), "{table}");
    assert_eq!(table.matches("not built").count(), 2, "{table}");
}

#[test]
fn buildah_is_taken_where_there_is_no_docker() {
    let yard = Yard::new(OWN);
    yard.program("docker", "exit 1");
    yard.program("buildah", "");
    let output = yard.run(&["build", "svc-kg", "--tag", "t", "--push"]);
    assert!(output.status.success(), "{}", said(&output));
    let calls = yard.calls();
    assert!(
        calls
            .iter()
            .any(|call| call.starts_with("buildah push gitea.harkon.co.uk/harkon/svc-kg:t ")),
        "{calls:?}"
    );
}

#[test]
fn a_list_of_platforms_becomes_a_manifest_list() {
    let yard = Yard::new(&OWN.replace(
        "shared: [libs]",
        "platforms: [linux/amd64, linux/arm64]\nshared: [libs]",
    ));
    let output = yard.run(&[
        "build",
        "base-runtime",
        "--with",
        "buildah",
        "--push",
        "--dry-run",
    ]);
    let reference = "gitea.harkon.co.uk/harkon/base-runtime:v1.0.1";
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(&format!(
            "--platform=linux/amd64,linux/arm64 --manifest={reference} .\n"
        )),
        "{text}"
    );
    assert!(
        text.ends_with(&format!(
            "buildah manifest push --all {reference} docker://{reference}\n"
        )),
        "{text}"
    );
}

#[test]
fn a_dry_run_prints_the_command_and_runs_nothing() {
    let yard = Yard::new(OWN);
    yard.program("docker", BAKE);
    let output = yard.run(&[
        "build",
        "svc-ocr",
        "--with",
        "buildx",
        "--tag",
        "v1",
        "--push",
        "--dry-run",
    ]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "REGISTRY=gitea.harkon.co.uk OWNER=harkon TAG=v1 docker buildx bake \
         --file=generated/docker-bake.hcl --progress=plain --push svc-ocr\n"
    );
    assert!(yard.calls().is_empty());
}

#[test]
fn what_cannot_be_meant_is_refused_before_a_builder_starts() {
    let yard = Yard::new(OWN);
    yard.program("docker", BAKE);
    let refused: [(&[&str], &str); 6] = [
        (&["build"], "--all"),
        (&["build", "svc-ocr", "--push", "--with", "buildx"], "--tag"),
        (
            &["build", "svc-orc", "--with", "buildx"],
            "did you mean `svc-ocr`?",
        ),
        (
            &["build", "svc-ocr", "--tag", "x/y", "--with", "buildx"],
            "tag",
        ),
        (&["build", "svc-ocr", "--builder", "--push"], "--builder"),
        (
            &["build", "svc-ocr", "--builder", "b", "--with", "buildah"],
            "buildah",
        ),
    ];
    for (arguments, words) in refused {
        let output = yard.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains(words),
            "{arguments:?}: {}",
            said(&output)
        );
    }
    assert!(yard.calls().is_empty());
}

#[test]
fn nothing_is_built_of_files_that_drifted_or_where_nothing_changed() {
    let yard = Yard::new(OWN);
    yard.program("docker", BAKE);
    let root: &Path = yard.root.path();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t.example"];
        assert!(
            Command::new("git")
                .args(identity)
                .args(arguments)
                .current_dir(root)
                .status()
                .unwrap()
                .success()
        );
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    let output = yard.run(&["build", "--changed-since", "HEAD"]);
    assert!(
        output.status.success() && said(&output).contains("nothing to build"),
        "{}",
        said(&output)
    );
    let dockerfile = root.join("generated/svc-ocr/Dockerfile");
    let text = fs::read_to_string(&dockerfile).unwrap();
    fs::write(&dockerfile, text + "RUN true\n").unwrap();
    let output = yard.run(&["build", "svc-kg"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("edited by hand"),
        "{}",
        said(&output)
    );
    assert!(yard.calls().is_empty());
}

#[test]
fn without_a_declared_bake_file_bake_reads_it_from_standard_input() {
    let declaration = OWN.replace("  bake: ", "  #bake: ");
    assert_ne!(declaration, OWN);
    let yard = Yard::new(&declaration);
    let copy = yard.programs.path().join("bake.hcl");
    let then = format!("[ \"$2\" = version ] && exit 0\ncat > '{}'", copy.display());
    yard.program("docker", &then);
    let built = yard.run(&["build", "svc-kg"]);
    assert!(built.status.success(), "{}", said(&built));
    let bake = fs::read_to_string(&copy).unwrap();
    assert!(bake.contains("target \"svc-kg\" {"), "{bake}");
    let calls = yard.calls().concat();
    let command = "docker buildx bake --file=- --progress=plain svc-kg";
    assert!(calls.contains(command), "{calls}");

    let shown = yard.run(&["build", "svc-kg", "--dry-run"]);
    let printed = String::from_utf8(shown.stdout).unwrap();
    assert!(
        printed.contains(&format!("<<'BAKE'\n{bake}BAKE\n")),
        "{printed}"
    );
    let Some(path) = crate::support::has(&["docker-buildx"]).then_some(&copy) else {
        return;
    };
    let file = format!("--file={}", path.display());
    let mut buildx = Command::new("docker-buildx");
    buildx.args(["bake", "--print", &file, "svc-kg"]);
    let read = buildx.current_dir(yard.root.path()).output().unwrap();
    assert!(read.status.success(), "{}", said(&read));
}
