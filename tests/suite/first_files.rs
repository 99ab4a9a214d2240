//! What `init`, `new` and `eject` write: their own bytes and nobody else's.

use crate::support::{MINIMAL, Node, Root};

/// Makes something of a root.
type Arrange = fn(&Root);

const OUR_LINE: &str = "/generated/** text eol=lf linguist-generated";

/// A fleet but for its services.
const HEAD: &str = "\
registry: registry.example # the mirror
owner: acme
python: '3.12'
requirements:
  base: [fastapi, uvicorn]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-base: { template: runtime-on-base, base: base-runtime }
";

#[test]
fn init_keeps_every_byte_of_the_attributes_that_are_there() {
    let old: [&[u8]; 12] = [
        b"*.png binary\n",
        b"*.png binary",
        b"*.png binary\r\n",
        b"a\r\nb",
        b"a\nb\r\n",
        b"a\r\nb\n",
        b"\xff\xfe\x80 text\n",
        b"caf\xe9 text\r\n",
        b"\xef\xbb\xbf* text=auto\n",
        b"# generated/** text eol=lf\n",
        b"generated/**.txt text eol=lf\n",
        b"\n\n",
    ];
    for before in old {
        let root = Root::empty();
        root.write(".gitattributes", before);
        let run = root.run(&["init"]);
        assert_eq!(run.status, 0, "{}", run.told());
        let after = root.bytes(".gitattributes");
        assert!(after.starts_with(before), "{before:?} became {after:?}");
        let added = String::from_utf8(after[before.len()..].to_vec()).unwrap();
        let lines: Vec<&str> = added.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, [OUR_LINE], "{before:?}");
        let last = before.iter().rposition(|byte| *byte == b'\n');
        let is_windows = last.is_some_and(|at| at > 0 && before[at - 1] == b'\r');
        assert_eq!(added.contains('\r'), is_windows, "{before:?} got {added:?}");
        root.remove("services.yaml");
        assert_eq!(root.run(&["init"]).status, 0);
        assert_eq!(root.bytes(".gitattributes"), after, "once is enough");
    }
}

#[test]
fn init_leaves_what_is_no_plain_file_to_the_person() {
    let cases: [(&str, Arrange); 4] = [
        ("is a symbolic link", |root| {
            root.write("shared/attributes", "*.png binary\n");
            root.link(".gitattributes", "shared/attributes");
        }),
        ("is a symbolic link", |root| {
            root.link(".gitattributes", "/nowhere/at/all");
        }),
        ("is not a file", |root| root.write(".gitattributes/x", "")),
        ("is not a text file", |root| {
            root.write(".gitattributes", b"\xff\xfe*\0 \0t\0\n\0");
        }),
    ];
    for (what, arrange) in cases {
        let root = Root::empty();
        arrange(&root);
        let before = root.tree();
        let run = root.run(&["init"]);
        assert_eq!(run.status, 0, "{}", run.told());
        assert!(
            run.stdout.contains(what) && run.stdout.contains(OUR_LINE),
            "{}",
            run.told()
        );
        let mut after = root.tree();
        assert!(matches!(
            after.remove("services.yaml"),
            Some(Node::File { .. })
        ));
        assert_eq!(after, before, "{what}");
    }
}

/// Every way to have no service, with the text that stays around the new one.
const NONE: [&str; 15] = [
    "",
    "services: {}\n",
    "services: { }\n",
    "services: {   }   # none yet\n",
    "services: ~\n",
    "services: null # none\n",
    "services: NULL\n",
    "services:\n",
    "services:",
    "services: # none yet\n",
    "services:\n  # none yet\n\n# the end\n",
    "services:\n# at the margin\n",
    "services: {\n  }\n",
    "services: {\n    # none yet\n  }\n",
    "services: {}\npolicy: { rules: { unpinned-base: allow } }\n",
];

/// Whether one text has all bytes of another, in order.
fn keeps(after: &str, before: &str) -> bool {
    let mut rest = after.bytes();
    before.bytes().all(|wanted| rest.any(|byte| byte == wanted))
}

#[test]
fn the_first_service_can_be_declared() {
    for none in NONE {
        for windows in [false, true] {
            let before = if windows {
                format!("{HEAD}{none}").replace('\n', "\r\n")
            } else {
                format!("{HEAD}{none}")
            };
            let root = Root::new(&before);
            let run = root.run(&["new", "svc-first", "--kind", "web"]);
            assert_eq!(run.status, 0, "{none:?}: {}", run.told());
            let after = root.text("services.yaml");
            // `~` and `null` alone give way to what takes their place.
            let kept = if none.contains("ull") || none.contains("NULL") || none.contains('~') {
                HEAD
            } else {
                &before
            };
            let kept = if windows {
                kept.replace("\r\n", "\n").replace('\n', "\r\n")
            } else {
                kept.to_owned()
            };
            assert!(keeps(&after, &kept), "{none:?} became {after}");
            assert_eq!(after.contains('\r'), windows, "{none:?}: line ends");
            assert!(
                !windows || !after.replace("\r\n", "").contains('\n'),
                "{none:?}: mixed line ends in {after:?}"
            );
            assert_eq!(root.check().status, 0, "{none:?}: {}", root.check().told());
            let run = root.run(&["new", "svc-second", "--kind", "on-base"]);
            assert_eq!(run.status, 0, "{none:?}: {}", run.told());
            assert_eq!(root.check().status, 0, "{none:?}");
        }
    }
}

#[test]
fn the_first_service_can_be_declared_in_a_file_of_its_own() {
    let root = Root::new(&format!("{HEAD}include: [\"services.d/*.yaml\"]\n"));
    let run = root.run(&[
        "new",
        "svc-first",
        "--kind",
        "web",
        "--into",
        "services.d/a.yaml",
    ]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(root.check().status, 0);
}

#[test]
fn an_error_that_a_service_does_not_fix_still_refuses_it() {
    let root = Root::new(&HEAD.replace("owner: acme\n", ""));
    let before = root.tree();
    assert_eq!(root.run(&["new", "svc-first", "--kind", "web"]).status, 1);
    assert_eq!(root.tree(), before);
}

/// Unrelated differences, each with its path.
const UNRELATED: [(&str, Arrange); 7] = [
    ("generated/svc-gone/Dockerfile", |root| {
        root.edit(
            "services.yaml",
            "  svc-gone: { kind: web, port: 8001 }\n",
            "",
        );
    }),
    ("generated/svc-gone/requirements.txt", |root| {
        root.edit(
            "services.yaml",
            "  svc-gone: { kind: web, port: 8001 }\n",
            "",
        );
    }),
    ("generated/svc-a/Dockerfile", |root| {
        root.edit("services.yaml", "port: 8000", "port: 8009");
    }),
    ("generated/svc-a/Dockerfile", |root| {
        root.edit("generated/svc-a/Dockerfile", "USER", "# USER");
    }),
    ("generated/svc-a/Dockerfile", |root| {
        root.remove("generated/svc-a/Dockerfile");
    }),
    ("generated/base-runtime/requirements.txt", |root| {
        let text = root.text("generated/base-runtime/requirements.txt");
        root.write(
            "generated/base-runtime/requirements.txt",
            text.replace('\n', "\r\n"),
        );
    }),
    ("generated/notes.txt", |root| {
        root.write("generated/notes.txt", "mine");
    }),
];

#[test]
fn new_writes_what_it_made_and_names_what_else_differs() {
    let services =
        "services:\n  svc-a: { kind: web, port: 8000 }\n  svc-gone: { kind: web, port: 8001 }\n";
    let outputs = "outputs: { bake: {}, compose: {} }\n";
    for (path, disturb) in UNRELATED {
        let root = Root::generated(&format!("{HEAD}{outputs}{services}"));
        disturb(&root);
        let before = root.tree();
        let drifts = root.check().drifts();
        assert!(drifts.contains_key(path), "{path}: {drifts:?}");
        let run = root.run(&["new", "svc-b", "--kind", "web"]);
        assert_eq!(run.status, 0, "the service is there: {}", run.told());
        assert!(
            run.stdout.contains(&format!("left alone   {path}")),
            "{path}: {}",
            run.told()
        );
        let after = root.tree();
        let is_made = |path: &str| {
            path == "services.yaml"
                || ["apps", "generated/svc-b"]
                    .iter()
                    .any(|folder| path.starts_with(folder))
                || ["generated/docker-bake.hcl", "compose.yaml"].contains(&path)
        };
        for (path, node) in before
            .iter()
            .filter(|(path, node)| **node != Node::Folder && !is_made(path))
        {
            assert_eq!(after.get(path), Some(node), "{path}: {}", run.told());
        }
        assert!(
            after
                .keys()
                .all(|path| before.contains_key(path) || is_made(path)),
            "{}",
            run.told()
        );
        let left = root.check().drifts();
        assert_eq!(left.get(path), drifts.get(path));
        assert!(left.keys().all(|path| !path.contains("svc-b")), "{left:?}");
        assert!(
            root.text("compose.yaml").contains("svc-b"),
            "outputs follow"
        );
    }
}

#[test]
fn eject_refuses_a_folder_that_no_declaration_can_name() {
    for folder in [
        "a b",
        "docker/templates\\n#",
        "a:b",
        "../x",
        "/tmp/x",
        ".git/x",
    ] {
        let root = Root::new(&format!("{HEAD}templates: \"{folder}\"\nservices: {{}}\n"));
        let before = root.tree();
        let run = root.run(&["eject", "labels"]);
        assert_eq!(run.status, 2, "{folder}: {}", run.told());
        assert_eq!(root.tree(), before);
    }
}

#[test]
fn the_other_ending_of_yaml_files_is_named() {
    let root = Root::empty();
    let missing = root.run(&["check"]);
    assert_eq!(missing.status, 2);
    assert_eq!(
        missing.stderr,
        "error: services.yaml not found; `dockwright init` creates one, `--file PATH` names another\n"
    );
    root.write("services.yml", "owner: acme\n");
    assert_eq!(
        root.run(&["check"]).stderr,
        "error: services.yaml not found, but services.yml is there: rename it, or pass \
         `--file services.yml`\n"
    );
}

#[test]
fn init_adds_a_paragraph_for_coding_agents_and_keeps_what_agents_md_says() {
    let paragraph = "## Dockerfiles\n\nThe files in `generated/` are generated by dockwright";
    for (before, kept, end) in [
        (None, "", "\n"),
        (
            Some("# Rules\n\nTest first.\n"),
            "# Rules\n\nTest first.\n\n",
            "\n",
        ),
        (Some("Test first."), "Test first.\n\n", "\n"),
        (Some("# Rules\r\n"), "# Rules\r\n\r\n", "\r\n"),
    ] {
        let root = Root::new(MINIMAL);
        if let Some(before) = before {
            root.write("AGENTS.md", before);
        }
        let declared = root.text("services.yaml");
        let run = root.run(&["init", "--agents"]);
        assert_eq!(run.status, 0, "{}", run.told());
        let text = root.text("AGENTS.md");
        let wanted = format!("{kept}{}", paragraph.replace('\n', end));
        assert!(text.starts_with(&wanted), "{text:?}");
        assert!(text.ends_with(&format!("and why.{end}")), "{text:?}");
        assert_eq!(root.run(&["init", "--agents"]).status, 0);
        assert_eq!(root.text("AGENTS.md"), text);
        assert_eq!(root.text("services.yaml"), declared);
    }
    let root = Root::empty();
    root.write("RULES.md", "elsewhere\n");
    std::os::unix::fs::symlink("RULES.md", root.path().join("AGENTS.md")).unwrap();
    let run = root.run(&["init", "--agents"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr.contains("Edit\n`services.yaml`"),
        "{}",
        run.told()
    );
    assert_eq!(root.text("RULES.md"), "elsewhere\n");
}
