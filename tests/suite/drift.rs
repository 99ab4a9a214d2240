//! What `check` finds and what `generate` does about it, on the disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::support::{MINIMAL, Node, PROGRAM, Root, Run, overlaid};

/// A fleet of slim services with these names, ports counted from 8000.
fn fleet(names: &str) -> String {
    let mut services = "services:\n".to_owned();
    for (name, port) in names.chars().zip(8000..) {
        let _ = writeln!(services, "  svc-{name}: {{ kind: web, port: {port} }}");
    }
    let (above, _) = MINIMAL.split_once("services:").unwrap();
    above.to_owned() + &services
}

fn dockerfile(name: char) -> String {
    format!("generated/svc-{name}/Dockerfile")
}

/// One file of every kind of drift, each of a service of its own.
fn with_every_kind() -> Root {
    let root = Root::generated(&fleet("abcdefghijkl"));
    let edit = |name| root.edit(&dockerfile(name), "WORKDIR /app", "WORKDIR /srv");
    edit('a');
    let declaration = root.text("services.yaml");
    let moved = declaration
        .replace("port: 8001 }", "port: 9001 }")
        .replace("port: 8002 }", "port: 9002 }");
    root.write(
        "services.yaml",
        moved.replace("  svc-e: { kind: web, port: 8004 }\n", ""),
    );
    edit('c');
    root.remove(&dockerfile('d'));
    edit('e');
    root.write(&dockerfile('f'), "FROM scratch\n");
    root.write("generated/notes.txt", "mine\n");
    root.write(
        &dockerfile('g'),
        root.text(&dockerfile('g')).replace('\n', "\r\n"),
    );
    root.link(&dockerfile('h'), "../../services.yaml");
    root.link("generated/away", "/etc/passwd");
    root.set_mode(&dockerfile('i'), 0o755);
    root.remove(&dockerfile('j'));
    fs::create_dir(root.path().join(dockerfile('j'))).unwrap();
    fs::rename(
        root.path().join("generated/svc-k"),
        root.path().join("elsewhere"),
    )
    .unwrap();
    root.link("generated/svc-k", "../elsewhere");
    root
}

const EVERY_KIND: [(&str, &str); 18] = [
    ("generated/away", "symlink"),
    ("generated/notes.txt", "unmanaged"),
    ("generated/svc-a/Dockerfile", "hand-edited"),
    ("generated/svc-b/Dockerfile", "stale"),
    ("generated/svc-c/Dockerfile", "hand-edited moved-on"),
    ("generated/svc-d/Dockerfile", "missing"),
    ("generated/svc-e/Dockerfile", "edited-orphan"),
    ("generated/svc-e/Dockerfile.dockerignore", "orphaned"),
    ("generated/svc-e/requirements.txt", "orphaned"),
    ("generated/svc-f/Dockerfile", "unmanaged"),
    ("generated/svc-g/Dockerfile", "line-ends"),
    ("generated/svc-h/Dockerfile", "symlink"),
    ("generated/svc-i/Dockerfile", "executable"),
    ("generated/svc-j/Dockerfile", "not-a-file"),
    ("generated/svc-k", "symlink"),
    ("generated/svc-k/Dockerfile", "not-a-file"),
    ("generated/svc-k/Dockerfile.dockerignore", "not-a-file"),
    ("generated/svc-k/requirements.txt", "not-a-file"),
];

/// What the text calls a kind.
fn label(code: &str) -> &str {
    let labels = [
        ("stale", "out of date"),
        ("hand-edited", "edited by hand"),
        ("line-ends", "line ends"),
        ("edited-orphan", "edited orphan"),
        ("symlink", "symbolic link"),
        ("not-a-file", "not a file"),
    ];
    labels
        .iter()
        .find(|(of, _)| *of == code)
        .map_or(code, |(_, label)| label)
}

fn kinds<'a>(
    expected: impl IntoIterator<Item = &'a (&'a str, &'a str)>,
) -> BTreeMap<String, String> {
    expected
        .into_iter()
        .map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned()))
        .collect()
}

/// Runs the commands that a report names, as a person would type them.
fn type_commands(root: &Root, report: &Run) {
    let folder = camino::Utf8Path::new(PROGRAM).parent().unwrap();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    for command in report.json()["commands"].as_array().unwrap() {
        let command = command["command"].as_str().unwrap();
        root.command("sh", &["-c", command])
            .env("PATH", &path)
            .output()
            .unwrap();
    }
}

#[test]
fn one_check_finds_every_kind_and_writes_nothing() {
    let root = with_every_kind();
    let before = root.tree();
    let run = root.check();
    assert_eq!((run.status, run.drifts()), (1, kinds(&EVERY_KIND)));
    let text = root.run(&["check"]).stdout;
    let mut word = "";
    let mut told = Vec::new();
    for line in text
        .lines()
        .skip(1)
        .take_while(|line| !line.contains(" changes "))
    {
        match line.strip_prefix("  ") {
            Some(path) => told.push((path.split("  ").next().unwrap(), word)),
            None => word = line.split(": ").next().unwrap(),
        }
    }
    told.sort_unstable();
    assert_eq!(
        told,
        EVERY_KIND.map(|(path, kind)| (path, label(kind.split(' ').next().unwrap())))
    );
    assert_eq!(root.tree(), before);
}

#[test]
fn generate_fixes_what_is_ours_and_leaves_what_is_a_persons_byte_for_byte() {
    let root = with_every_kind();
    let before = root.tree();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 1, "{}", run.told());
    let fixed = ["stale", "missing", "orphaned", "line-ends", "executable"];
    let left = EVERY_KIND.iter().filter(|(_, kind)| !fixed.contains(kind));
    assert_eq!(root.check().drifts(), kinds(left.clone()));
    let after = root.tree();
    for (path, _) in left {
        assert_eq!(before.get(*path), after.get(*path), "{path}");
        assert!(
            run.stdout.contains(&format!("left alone   {path}")),
            "{path}: {}",
            run.told()
        );
    }
    assert!(!root.exists("generated/svc-e/requirements.txt"));
}

#[test]
fn the_commands_that_check_prints_make_it_clean() {
    let root = with_every_kind();
    let report = root.check();
    type_commands(&root, &report);
    let after = root.check();
    assert_eq!(after.status, 0, "{}\n{}", report.told(), after.told());
    assert!(
        root.exists("elsewhere/Dockerfile"),
        "what a link points to is not ours"
    );
}

#[test]
fn overwrite_gives_up_the_named_file_and_no_other() {
    let root = Root::generated(&fleet("ab"));
    let fresh = root.bytes(&dockerfile('a'));
    for name in ['a', 'b'] {
        root.edit(&dockerfile(name), "WORKDIR /app", "WORKDIR /srv");
    }
    let kept = root.bytes(&dockerfile('b'));
    let run = root.run(&["generate", "--overwrite", &format!("./{}", dockerfile('a'))]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert_eq!(
        (root.bytes(&dockerfile('a')), root.bytes(&dockerfile('b'))),
        (fresh, kept)
    );
}

#[test]
fn overwrite_replaces_a_persons_file_and_a_link_but_not_its_target() {
    let root = Root::generated(&fleet("ab"));
    let fresh = [root.bytes(&dockerfile('a')), root.bytes(&dockerfile('b'))];
    root.write("mine", "FROM scratch\n");
    root.link(&dockerfile('a'), "../../mine");
    root.write(&dockerfile('b'), "FROM scratch\n");
    let run = root.run(&[
        "generate",
        "--overwrite",
        &dockerfile('a'),
        &dockerfile('b'),
    ]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(
        [root.bytes(&dockerfile('a')), root.bytes(&dockerfile('b'))],
        fresh
    );
    assert_eq!(root.text("mine"), "FROM scratch\n");
}

#[test]
fn dry_run_tells_the_plan_of_generate_and_writes_nothing() {
    let root = with_every_kind();
    let before = root.tree();
    let dry = root.run(&["generate", "--dry-run", "--format", "json"]);
    assert_eq!((dry.status, root.tree()), (1, before));
    let real = root.run(&["generate", "--format", "json"]);
    assert_eq!(dry.json()["steps"], real.json()["steps"]);
    assert_eq!(
        dry.json()["steps"].as_array().unwrap().len(),
        EVERY_KIND.len()
    );
}

#[test]
fn second_generate_touches_nothing() {
    let root = Root::generated(&fleet("abc"));
    let before = root.tree();
    let run = root.run(&["generate"]);
    assert_eq!((run.status, root.tree()), (0, before));
    assert!(run.stdout.starts_with("up to date: "), "{}", run.told());
}

#[test]
fn generate_touches_only_files_that_differ() {
    let root = Root::generated(&fleet("abc"));
    let before = root.tree();
    root.edit("services.yaml", "8001", "9001");
    assert_eq!(root.run(&["generate"]).status, 0);
    let after = root.tree();
    let changed = before
        .iter()
        .filter(|(path, node)| after.get(*path) != Some(*node));
    let changed: Vec<&String> = changed.map(|(path, _)| path).collect();
    assert_eq!(changed, ["generated/svc-b/Dockerfile", "services.yaml"]);
    let Node::File { mode, .. } = &after["generated/svc-b/Dockerfile"] else {
        panic!("no file")
    };
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn orphans_go_with_their_folder() {
    let root = Root::generated(&fleet("abc"));
    root.write("services.yaml", fleet("ab"));
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(!root.exists("generated/svc-c"));
    assert!(root.exists("generated/svc-a/Dockerfile"));
}

#[test]
fn more_than_half_of_the_images_go_only_with_prune() {
    // Five services and a base: three orphans are half of the images, four are more.
    for (left, goes) in [("ab", true), ("a", false)] {
        let root = Root::generated(&fleet("abcde"));
        root.write("services.yaml", fleet(left));
        let before = root.tree();
        let run = root.run(&["generate"]);
        assert_eq!(
            (run.status == 0, root.exists("generated/svc-e")),
            (goes, !goes),
            "{}",
            run.told()
        );
        if !goes {
            assert_eq!(root.tree(), before);
            let report = root.check();
            assert!(
                report.stdout.contains("generate --prune"),
                "{}",
                report.told()
            );
            type_commands(&root, &report);
            assert_eq!(
                (root.check().status, root.exists("generated/svc-e")),
                (0, false)
            );
        }
    }
}

#[test]
fn nothing_is_written_or_deleted_while_an_error_stands() {
    let root = Root::generated(&fleet("abc"));
    for broken in [
        fleet("a").replace("port: 8000", "port: 70000"),
        fleet("a") + "  svc-a: { kind: web, port: 8000 }\n",
        fleet(""),
        overlaid(&fleet("a"), "services: {}", 1),
        "services: [".to_owned(),
        String::new(),
    ] {
        root.write("services.yaml", &broken);
        let before = root.tree();
        for arguments in [&["generate"] as &[&str], &["generate", "--prune"]] {
            let run = root.run(arguments);
            assert_eq!(
                (run.status, root.tree() == before),
                (1, true),
                "{broken}\n{}",
                run.told()
            );
        }
    }
}

#[test]
fn two_fleets_in_one_folder_never_touch_each_others_files() {
    let root = Root::empty();
    let other = |names| {
        fleet(names)
            .replace("base-runtime", "base-other")
            .replace("base: [", "other: [")
    };
    let other = |names| {
        other(names)
            .replace("requirements: [base]", "requirements: [other]")
            .replace("svc-", "job-")
    };
    root.write("one.yaml", fleet("ab"));
    root.write("two.yaml", other("abcdefgh"));
    let run = |command: &str, file: &str| root.run(&[command, "--file", file]);
    for file in ["one.yaml", "two.yaml"] {
        let generated = run("generate", file);
        assert_eq!(generated.status, 0, "{}", generated.told());
    }
    for file in ["one.yaml", "two.yaml"] {
        assert_eq!(
            run("check", file).status,
            0,
            "{}",
            run("check", file).told()
        );
    }
    root.write("one.yaml", fleet("a"));
    let ours = |path: &&String| path.contains("job-") || path.contains("other");
    let before: Vec<String> = root.files().iter().filter(ours).cloned().collect();
    assert_eq!(run("generate", "one.yaml").status, 0);
    assert!(!root.exists("generated/svc-b"));
    assert_eq!(
        root.files()
            .iter()
            .filter(ours)
            .cloned()
            .collect::<Vec<_>>(),
        before
    );
    assert_eq!(run("check", "two.yaml").status, 0);
}

#[test]
fn file_that_two_fleets_declare_stays_with_the_one_that_wrote_it() {
    let root = Root::empty();
    root.write("one.yaml", fleet("a"));
    root.write("two.yaml", fleet("ab"));
    assert_eq!(root.run(&["generate", "--file", "one.yaml"]).status, 0);
    let before = root.bytes(&dockerfile('a'));
    assert_eq!(root.run(&["generate", "--file", "two.yaml"]).status, 1);
    assert_eq!(root.bytes(&dockerfile('a')), before);
    let drifts = root
        .run(&["check", "--file", "two.yaml", "--format", "json"])
        .drifts();
    assert_eq!(
        drifts.get(&dockerfile('a')).map(String::as_str),
        Some("unmanaged")
    );
}

#[test]
fn stray_cannot_hide_behind_a_seal_that_names_no_declaration() {
    let root = Root::generated(&fleet("a"));
    root.write("README.md", "# A readme\n\n- [no: YAML\n");
    root.write("compose.yaml", "services: { svc-a: { image: svc-a } }\n");
    for named in ["README.md", "compose.yaml", "missing.yaml"] {
        root.write(
            "generated/stray",
            format!("# dockwright-seal: sha256:00 {named} generated/stray\n"),
        );
        assert_eq!(
            root.check().drifts(),
            kinds(&[("generated/stray", "edited-orphan")]),
            "{named}"
        );
    }
}

#[test]
fn renamed_declaration_takes_its_files_over() {
    let root = Root::generated(&fleet("ab"));
    root.write("fleet.yaml", fleet("a"));
    root.remove("services.yaml");
    let run = root.run(&["check", "--file", "fleet.yaml", "--format", "json"]);
    assert_eq!(
        run.drifts().get(&dockerfile('a')).map(String::as_str),
        Some("stale")
    );
    assert_eq!(root.run(&["generate", "--file", "fleet.yaml"]).status, 1);
    let left = root
        .run(&["check", "--file", "fleet.yaml", "--format", "json"])
        .drifts();
    assert_eq!(
        left.get(&dockerfile('b')).map(String::as_str),
        Some("unmanaged")
    );
    assert_eq!(left.len(), 3);
}

#[test]
fn generated_files_among_sources_leave_the_sources_alone() {
    let layout = "layout: { services: 'apps/{module}', bases: 'docker/{name}', requirements: \
     'docker/{set}.txt' }";
    let root = Root::new(&overlaid(&fleet("ab"), layout, 2));
    root.write("apps/svc_a/main.py", "app = None\n");
    root.write("apps/svc_a/notes.txt", "mine\n");
    root.write("apps/legacy/Dockerfile", "FROM scratch\n");
    assert_eq!(root.run(&["generate"]).status, 0);
    root.write("services.yaml", overlaid(&fleet("a"), layout, 2));
    assert_eq!(root.run(&["generate"]).status, 0);
    assert!(!root.exists("apps/svc_b"));
    for kept in [
        "apps/svc_a/main.py",
        "apps/svc_a/notes.txt",
        "apps/legacy/Dockerfile",
    ] {
        assert!(root.exists(kept), "{kept}");
    }
}

#[test]
fn a_fleet_is_found_by_its_path_from_anywhere() {
    let root = Root::empty();
    root.write("deep/down/services.yaml", fleet("a"));
    let run = root.run(&["generate", "--file", "deep/down/services.yaml"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(root.exists("deep/down/generated/svc-a/Dockerfile"));
    root.remove("deep/down/generated/svc-a/Dockerfile");
    let report = root.run(&[
        "check",
        "--file",
        "deep/down/services.yaml",
        "--format",
        "json",
    ]);
    type_commands(&root, &report);
    assert_eq!(
        root.run(&["check", "-f", "deep/down/services.yaml"]).status,
        0
    );
}
