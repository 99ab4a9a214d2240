//! `dockwright build` with a real buildah: one affected image of a fleet on a tiny image of the
//! machine's own shell, without a daemon and without a network.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{PROGRAM, Root, Run, has};

const DECLARATION: &str = "registry: registry.example
owner: acme
python: \"3.12\"
templates: docker
images: { tiny: { reference: localhost/tiny, tag: v1, distribution: other } }
bases:
  base-tiny: { version: v1.0.0, from: tiny, template: tiny }
kinds:
  tiny: { template: tiny, base: base-tiny, cmd: [/bin/sh] }
services:
  svc-a: { kind: tiny }
  svc-b: { kind: tiny }
";
const BASE: &str = "FROM {{ from }}\nRUN echo base > /base\n";
const SERVICE: &str = "ARG REGISTRY={{ registry }}\nARG OWNER={{ owner }}\nARG BASE_VERSION={{ \
 base.version }}\n\nFROM ${REGISTRY}/${OWNER}/{{ base.name }}:${BASE_VERSION}\nCOPY apps/{{ \
 module }}/ /app/\nRUN read line < /app/main.txt && echo \"built $line\" > /proof\n";

/// A fleet with a place of its own for the images that are built.
struct Yard {
    root: Root,
}

impl Yard {
    /// Builds the image that everything is built on; nothing where a program is missing or builds
    /// are not possible here.
    fn new() -> Option<Self> {
        if !has(&["buildah", "git", "ldd", "tar"]) {
            return None;
        }
        let root = Root::new(DECLARATION);
        root.write("docker/base/tiny.Dockerfile.j2", BASE);
        root.write("docker/service/tiny.Dockerfile.j2", SERVICE);
        for name in ["a", "b"] {
            root.write(
                &format!("apps/svc_{name}/main.txt"),
                format!("{name} one\n"),
            );
        }
        root.write(".gitignore", "/store/\n");
        let store = root.path().join("store");
        let config = format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{store}/graph\"\nrunroot = \
             \"{store}/run\"\n"
        );
        root.write("store/storage.conf", config);
        let yard = Self { root };
        yard.shell_image();
        Some(yard)
    }

    /// The machine's shell with the libraries that it needs.
    fn shell_image(&self) {
        let shell = fs::canonicalize("/bin/sh").unwrap();
        let needed = Command::new("ldd").arg(&shell).output().unwrap();
        let needed = String::from_utf8(needed.stdout).unwrap();
        let libraries = needed
            .split_whitespace()
            .filter(|word| word.starts_with('/'))
            .map(Path::new);
        for (from, to) in libraries
            .map(|path| (path, path))
            .chain([(shell.as_path(), Path::new("/bin/sh"))])
        {
            let to = self
                .root
                .path()
                .as_std_path()
                .join("store/rootfs")
                .join(to.strip_prefix("/").unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
        self.root
            .write("store/Dockerfile", "FROM scratch\nADD rootfs /\n");
        let built = self.buildah(&["build", "--quiet", "--tag", "localhost/tiny:v1", "store"]);
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.root.command(program, arguments);
        command.env(
            "CONTAINERS_STORAGE_CONF",
            self.root.path().join("store/storage.conf"),
        );
        command.env("BUILDAH_ISOLATION", "chroot");
        command
    }

    fn buildah(&self, arguments: &[&str]) -> Output {
        self.command("buildah", arguments).output().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(PROGRAM, arguments).output().unwrap())
    }

    /// What a file of an image says, whichever layer has it.
    fn read(&self, image: &str, file: &str) -> String {
        let folder = self.root.path().join("store/pushed");
        let _ = fs::remove_dir_all(&folder);
        let pushed = self.buildah(&["push", "--quiet", image, &format!("dir:{folder}")]);
        assert!(
            pushed.status.success(),
            "{}",
            String::from_utf8_lossy(&pushed.stderr)
        );
        let blobs = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let texts = blobs.filter_map(|blob| {
            let output = Command::new("tar")
                .arg("-xOf")
                .arg(blob)
                .arg(file)
                .output()
                .unwrap();
            output
                .status
                .success()
                .then(|| String::from_utf8(output.stdout).unwrap())
        });
        texts.collect()
    }
}

impl Yard {
    /// Builds with buildah, which succeeds with these rows in its table.
    fn builds(&self, arguments: &[&str], rows: &[&str]) -> Run {
        let run = self.run(&[&["build", "--with", "buildah"], arguments].concat());
        assert_eq!(run.status, 0, "{}", run.told());
        assert_eq!(outcomes(&run), rows, "{}", run.told());
        run
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        let _ = self.buildah(&["rmi", "--all", "--force"]);
    }
}

/// The first two cells of each row of the table.
fn outcomes(run: &Run) -> Vec<String> {
    let rows = run
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with("IMAGE"))
        .skip(1);
    rows.map(|row| row.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn one_affected_image_is_really_built() {
    let Some(yard) = Yard::new() else { return };
    let root = &yard.root;
    assert_eq!(root.run(&["generate"]).status, 0);
    yard.builds(
        &["--all", "--tag", "one"],
        &["base-tiny built", "svc-a built", "svc-b built"],
    );
    commit_all(root);
    root.write("apps/svc_a/main.txt", "a two\n");
    let arguments = ["--changed-since", "HEAD", "--tag", "two"];
    let run = yard.builds(&arguments, &["svc-a built"]);
    assert!(
        run.stdout.contains("registry.example/acme/svc-a:two") && run.stdout.contains("MB"),
        "{}",
        run.told()
    );
    for (tag, file, content) in [
        ("two", "proof", "built a two\n"),
        ("one", "proof", "built a one\n"),
        ("two", "base", "base\n"),
    ] {
        let image = format!("registry.example/acme/svc-a:{tag}");
        assert_eq!(yard.read(&image, file), content);
    }
    let other = yard.buildah(&["inspect", "registry.example/acme/svc-b:two"]);
    assert!(!other.status.success());
    yard.builds(
        &["svc-a", "base-tiny", "--tag", "two"],
        &["base-tiny cached", "svc-a cached"],
    );
    a_failing_step_ends_the_build(&yard);
}

/// What fails in an image fails the build with the builder's own status, and what comes after it is
/// not built.
fn a_failing_step_ends_the_build(yard: &Yard) {
    let root = &yard.root;
    root.edit(
        "docker/base/tiny.Dockerfile.j2",
        "echo base > /base",
        "exit 7",
    );
    assert_eq!(root.run(&["generate"]).status, 0);
    let failed = yard.run(&["build", "--all", "--with", "buildah", "--tag", "three"]);
    let not_built = ["base-tiny not", "svc-a not", "svc-b not"];
    assert!(
        failed.status != 0 && failed.status != 2 && outcomes(&failed) == not_built,
        "{}",
        failed.told()
    );
}

fn commit_all(root: &Root) {
    let author = ["-c", "user.name=t", "-c", "user.email=t@t.example"];
    let commit = [&author[..], &["commit", "-qm", "one"]].concat();
    for arguments in [&["init", "-q"][..], &["add", "-A"], &commit] {
        assert_eq!(root.git(arguments).status, 0);
    }
}
