//! Hostile names of files and folders wherever the program looks, and hostile texts in what it
//! quotes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use super::{assert_nothing_raw, hostile_texts, judge, run};
use crate::support::{MINIMAL, PROGRAM, Root, tell};

/// What looks at files, in every format.
const COMMANDS: [&[&str]; 22] = [
    &["check"],
    &["check", "--format", "github"],
    &["check", "--format", "json"],
    &["check", "--format", "patch"],
    &["generate", "--dry-run"],
    &["generate", "--dry-run", "--format", "json"],
    &["list"],
    &["list", "--format", "json"],
    &["why", "fastapi"],
    &["why", "fastapi", "--format", "json"],
    &["plan"],
    &["plan", "--format", "json"],
    &["plan", "--format", "matrix"],
    &["plan", "--format", "mermaid"],
    &["plan", "--format", "dot"],
    &["bump", "base-runtime", "--patch", "--dry-run"],
    &["new", "svc-b", "--kind", "web", "--dry-run"],
    &["lock"],
    &["pin"],
    &["build", "--all", "--dry-run"],
    &["eject", "runtime-on-base"],
    &["check", "--only", "svc-a"],
];

/// A place on disk where a name can enter, and how.
type Place = (&'static str, fn(&Root, &[u8]));

const PLACES: [Place; 15] = [
    ("a stray file", |root, name| {
        write(root, "generated", name, "x\n");
    }),
    ("a stray file beside a Dockerfile", |root, name| {
        write(root, "generated/svc-a", &[name, b".txt"].concat(), "x\n");
    }),
    ("a folder of generated files", |root, name| {
        write(
            root,
            "generated",
            &[name, b"/Dockerfile"].concat(),
            &root.text("generated/svc-a/Dockerfile"),
        );
    }),
    ("a link where a Dockerfile belongs", |root, name| {
        link(root, b"generated/svc-a/Dockerfile", name);
    }),
    ("a link in place of services.yaml", |root, name| {
        link(root, b"services.yaml", name);
    }),
    ("a stray link", |root, name| {
        link(root, &[b"generated/", name].concat(), name);
    }),
    ("a template", |root, name| {
        root.edit("services.yaml", "registry:", "templates: docker\nregistry:");
        write(
            root,
            "docker",
            &[name, b".j2"].concat(),
            "{{ nothing.at.all }}\n",
        );
    }),
    ("a template that is not UTF-8", |root, name| {
        root.edit("services.yaml", "registry:", "templates: docker\nregistry:");
        write_bytes(
            root,
            "docker",
            &[name, b".j2"].concat(),
            b"\xff\n::error::x",
        );
    }),
    ("a folder of templates", |root, name| {
        root.edit("services.yaml", "registry:", "templates: docker\nregistry:");
        write(root, "docker", &[name, b"/a.j2"].concat(), "x");
    }),
    ("a template that is a link", |root, name| {
        root.edit("services.yaml", "registry:", "templates: docker\nregistry:");
        link(root, &[b"docker/", name, b".j2"].concat(), name);
    }),
    ("a lock", |root, name| {
        root.edit("services.yaml", "registry:", "locks: locks\nregistry:");
        write(root, "locks", &[name, b".txt"].concat(), "::error::x\n");
    }),
    ("an included file", |root, name| {
        root.edit(
            "services.yaml",
            "registry:",
            "include: ['parts/*']\nregistry:",
        );
        write(root, "parts", name, "services:\n  svc-z: { kind: nope }\n");
    }),
    ("an included file that is right", |root, name| {
        root.edit(
            "services.yaml",
            "registry:",
            "include: ['parts/*']\nregistry:",
        );
        write(
            root,
            "parts",
            name,
            "services:\n  svc-z: { kind: web, port: 8001, pip: [stripe] }\n",
        );
    }),
    ("an included file that is a link", |root, name| {
        root.edit(
            "services.yaml",
            "registry:",
            "include: ['parts/*']\nregistry:",
        );
        link(root, &[b"parts/", name].concat(), name);
    }),
    ("a file that nothing includes", |root, name| {
        write(root, "services", name, "x\n");
    }),
];

fn write(root: &Root, folder: &str, name: &[u8], text: &str) {
    write_bytes(root, folder, name, text.as_bytes());
}

fn write_bytes(root: &Root, folder: &str, name: &[u8], bytes: &[u8]) {
    let path = root
        .path()
        .join(folder)
        .as_std_path()
        .join(OsStr::from_bytes(name));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn link(root: &Root, path: &[u8], target: &[u8]) {
    let path = root.path().as_std_path().join(OsStr::from_bytes(path));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&path);
    symlink(OsStr::from_bytes(target), path).unwrap();
}

/// Names that a folder can hold: the texts without slashes, and one that is not UTF-8.
fn names() -> Vec<Vec<u8>> {
    let texts = hostile_texts(3)
        .into_iter()
        .map(|text| text.replace('/', "|").into_bytes());
    texts.chain([b"a\xff\n::error::x\x9b2K".to_vec()]).collect()
}

#[test]
fn no_name_on_disk_is_printed_raw() {
    let mut runs = 0;
    for (position, (place, arrange)) in PLACES.iter().enumerate() {
        for (number, name) in names().iter().enumerate() {
            let root = Root::generated(MINIMAL);
            arrange(&root, name);
            for (at, command) in COMMANDS.iter().enumerate() {
                // The formats of `check` in turn with every name; of the rest a part, another one
                // with each name and place.
                if at % 4 == number % 4 && at < 4 || at % 6 == (number + position) % 6 {
                    assert_nothing_raw(&root, command, b"", number + position);
                    runs += 1;
                }
            }
            assert!(!place.is_empty());
        }
    }
    tell(&format!("{} places on disk, {runs} runs", PLACES.len()));
}

#[test]
fn json_tells_the_name_itself() {
    for name in names()
        .iter()
        .filter_map(|name| std::str::from_utf8(name).ok())
    {
        let root = Root::generated(MINIMAL);
        write(&root, "generated", name.as_bytes(), "x\n");
        let path = format!("generated/{name}");
        assert!(root.check().drifts().contains_key(&path), "{path:?}");
    }
}

#[test]
fn the_name_of_the_declaration_and_of_its_folder_is_not_printed_raw() {
    for (number, name) in names().iter().enumerate() {
        let Ok(name) = std::str::from_utf8(name) else {
            continue;
        };
        let root = Root::empty();
        write(&root, "", format!("{name}.yaml").as_bytes(), MINIMAL);
        write(
            &root,
            "",
            format!("{name}/services.yaml").as_bytes(),
            MINIMAL,
        );
        for (at, command) in COMMANDS
            .iter()
            .enumerate()
            .filter(|(at, _)| at % 3 == number % 3 || *at < 2)
        {
            for file in [
                format!("{name}.yaml"),
                format!("{name}/services.yaml"),
                format!("./{name}"),
            ] {
                assert_nothing_raw(&root, &[command, &["-f", &file][..]].concat(), b"", at);
            }
        }
        assert_nothing_raw(&root, &["init", name], b"", number);
        assert_nothing_raw(&root, &["init", &format!("nowhere/{name}")], b"", number);
    }
}

#[test]
fn what_is_quoted_from_files_is_not_printed_raw() {
    for (number, text) in hostile_texts(6).iter().enumerate() {
        let root = Root::generated(MINIMAL);
        root.edit("services.yaml", "registry:", "templates: docker\nregistry:");
        root.write(
            "docker/runtime.dockerfile.j2",
            format!("FROM scratch\n{text}{{{{ nothing.at.all }}}}\n"),
        );
        root.write("generated/svc-a/requirements.txt", text);
        root.write(
            "generated/svc-a/Dockerfile",
            format!("# {text}\nRUN {text}\n"),
        );
        for command in &COMMANDS {
            assert_nothing_raw(&root, command, b"", number);
        }
        root.edit("services.yaml", "kind: web", "kind: web, template: runtime");
        for command in &COMMANDS[..4] {
            assert_nothing_raw(&root, command, b"", number);
        }
    }
}

/// Runs in a repository with a file of each name, and with each as a revision.
#[test]
fn what_git_says_is_not_printed_raw() {
    for (number, name) in names().iter().enumerate() {
        let root = Root::generated(MINIMAL);
        root.git(&["init", "-q"]);
        root.git(&["add", "."]);
        root.git(&[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "-qm",
            "x",
        ]);
        write(&root, "services/svc-a", name, "x\n");
        for format in ["text", "json"] {
            let mut command = root.command(
                PROGRAM,
                &["plan", "--changed-since", "HEAD", "--format", format],
            );
            let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
            judge(&output.stdout, false, &format!("{number}: {output:?}"));
            judge(&output.stderr, false, &format!("{number}: {output:?}"));
        }
        let Ok(revision) = std::str::from_utf8(name) else {
            continue;
        };
        let mut command = root.command(PROGRAM, &["plan", &format!("--changed-since={revision}")]);
        let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
        judge(&[output.stdout, output.stderr].concat(), false, revision);
    }
}

#[test]
fn what_builders_and_registries_say_is_not_printed_raw() {
    let declaration = format!("outputs: {{ bake: generated/docker-bake.hcl }}\n{MINIMAL}");
    for text in hostile_texts(4) {
        let root = Root::generated(&declaration);
        let said = text.replace("FORGED", "LINE");
        root.write("said", [said.as_bytes(), b"\n\xff\x9b2K\n"].concat());
        for (program, arguments) in [
            ("docker", &["build", "--all"][..]),
            ("buildah", &["build", "--all", "--with", "buildah"]),
            ("docker", &["pin"]),
            ("uv", &["lock"]),
        ] {
            let script = "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n[ \"$2\" = version ] && \
             exit 0\n/bin/cat \"$SAID\"\n/bin/cat \"$SAID\" >&2\nexit 1\n";
            root.write(&format!("bin/{program}"), script);
            root.set_mode(&format!("bin/{program}"), 0o755);
            let mut command = root.command(PROGRAM, arguments);
            command
                .env("PATH", root.path().join("bin"))
                .env("SAID", root.path().join("said"));
            let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
            assert!(!output.status.success(), "{output:?}");
            judge(&output.stdout, false, &format!("{arguments:?}: {output:?}"));
            judge(&output.stderr, false, &format!("{arguments:?}: {output:?}"));
            root.remove(&format!("bin/{program}"));
        }
    }
}

#[test]
fn a_hostile_name_of_the_program_itself_is_not_printed_raw() {
    let root = Root::empty();
    let path = root.path().join("a\nFORGED\u{1b}[2K");
    // A copy could not be run while another test forks, as long as that has it open for writing.
    symlink(PROGRAM, &path).unwrap();
    for arguments in [&["--nope"][..], &["check", "--nope"], &["--help"], &[]] {
        let output = root
            .command(path.as_str(), arguments)
            .env("CLICOLOR_FORCE", "1")
            .output()
            .unwrap();
        judge(&output.stdout, false, &format!("{output:?}"));
        judge(&output.stderr, false, &format!("{output:?}"));
    }
    assert!(run(&root, &["--version"], b"", false).status.success());
}
