//! Lists of changed files: every spelling of a path is the path, a folder stands for all below it,
//! and what cannot be understood is an error and never "clean".

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Dice, EVERY_TEMPLATE, PROGRAM, Root, Run, cases};

/// Makes something of a fleet's folder.
type Arrange = fn(&Root);

const MORE: &str = "shared: [libs]\noutputs: { bake: {}, compose: docker/compose.yaml }\n";

fn fleet() -> Root {
    let root = Root::generated(&(EVERY_TEMPLATE.to_owned() + MORE));
    for path in [
        "libs/deep/x.py",
        "libs/y.py",
        "apps/svc_ml/main.py",
        "apps/svc_slim/a b.py",
        "apps/svc_slim/main.py",
        "README.md",
    ] {
        root.write(path, "1\n");
    }
    root
}

pub(crate) fn given(root: &Root, list: &[u8], arguments: &[&str]) -> Run {
    let mut command = root.command(PROGRAM, arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(list).unwrap();
    Run::of(&child.wait_with_output().unwrap())
}

fn check(root: &Root, list: &[u8]) -> Run {
    given(
        root,
        list,
        &["check", "--changed-files", "-", "--format", "json"],
    )
}

fn plan(root: &Root, list: &[u8]) -> Run {
    given(
        root,
        list,
        &["plan", "--changed-files", "-", "--format", "matrix"],
    )
}

/// What both commands say about a list.
fn answers(root: &Root, list: &[u8]) -> [(i32, String); 2] {
    [check(root, list), plan(root, list)].map(|run| (run.status, run.stdout + &run.stderr))
}

/// A path with names that say nothing put into it.
fn respelled(dice: &mut Dice, path: &str) -> String {
    let mut spelled = String::new();
    for (position, name) in path.split('/').enumerate() {
        if position > 0 {
            spelled.push('/');
        }
        for _ in 0..dice.below(3) {
            spelled.push_str(match (position, dice.below(3)) {
                (0, _) | (_, 1) => "./",
                (_, 0) => "/",
                _ => "x/../",
            });
        }
        spelled.push_str(name);
    }
    spelled + ["", "", "/", "/.", "//"][dice.below(5)]
}

/// Paths as one of the forms of a list.
fn listed(dice: &mut Dice, root: &Root, paths: &[String]) -> Vec<u8> {
    let absolute = dice.below(4) == 0;
    let paths: Vec<String> = paths
        .iter()
        .map(|path| {
            if absolute {
                format!("{}/{path}", root.path())
            } else {
                path.clone()
            }
        })
        .collect();
    let octal = |path: &String| {
        path.bytes()
            .map(|byte| format!("\\{byte:03o}"))
            .collect::<Vec<_>>()
            .concat()
    };
    match dice.below(6) {
        0 => paths.join("\n").into_bytes(),
        1 => (paths.join("\r\n") + "\r\n").into_bytes(),
        2 => (paths.join("\0") + "\0").into_bytes(),
        3 => format!("\u{feff}{}\n", paths.join("\n")).into_bytes(),
        4 => paths
            .iter()
            .map(|path| format!("\"{}\"\n", octal(path)))
            .collect::<Vec<_>>()
            .concat()
            .into_bytes(),
        _ => (paths.join("\n") + "\n\n" + &paths.join("\n")).into_bytes(),
    }
}

#[test]
fn every_spelling_of_a_list_has_the_same_answer() {
    let root = fleet();
    root.edit("generated/svc-ml/Dockerfile", "USER", "# USER");
    root.remove("generated/requirements/ml.txt");
    let mut all = root.files();
    all.extend(
        [
            "libs",
            "libs/deep",
            "apps",
            "generated/svc-ml",
            "generated/requirements",
            "docker",
            "apps/gone.py",
        ]
        .map(str::to_owned),
    );
    let mut dice = Dice::new(6);
    for _ in 0..cases(60) {
        let paths: Vec<String> = (0..=dice.below(3))
            .map(|_| dice.choose(&all).clone())
            .collect();
        let plain = paths.join("\n") + "\n";
        let spelled: Vec<String> = paths
            .iter()
            .map(|path| respelled(&mut dice, path))
            .collect();
        let list = listed(&mut dice, &root, &spelled);
        let shown = String::from_utf8_lossy(&list);
        assert_eq!(
            answers(&root, &list),
            answers(&root, plain.as_bytes()),
            "{plain:?} as {shown:?}"
        );
    }
}

#[test]
fn the_samples_are_not_clean() {
    let root = fleet();
    root.edit("generated/svc-ml/Dockerfile", "USER", "# USER");
    for list in [
        "generated//svc-ml/Dockerfile",
        "generated/./svc-ml/Dockerfile",
        "././generated/svc-ml/Dockerfile",
        ".",
        "./",
        "generated",
        "generated/",
        "generated/svc-ml",
        "\u{feff}generated/svc-ml/Dockerfile",
        "generated\\svc-ml\\Dockerfile",
        "libs/../generated/svc-ml",
    ] {
        let run = check(&root, list.as_bytes());
        assert_eq!(
            run.drifts().into_keys().collect::<Vec<_>>(),
            ["generated/svc-ml/Dockerfile"],
            "{list:?}"
        );
        assert_eq!(run.status, 1);
    }
    let all = plan(&root, b".").stdout;
    assert_eq!(
        all,
        given(&root, b"", &["plan", "--format", "matrix"]).stdout,
        "the root is everything"
    );
    for list in [
        "libs//deep/x.py",
        "libs/./y.py",
        "././libs/y.py",
        "libs",
        "\u{feff}libs/y.py",
        "libs\\deep\\x.py",
    ] {
        let run = plan(&root, list.as_bytes());
        assert_eq!(
            run.stdout.matches("\"image\":\"svc-").count(),
            3,
            "{list:?}: {}",
            run.told()
        );
    }
}

#[test]
fn a_folder_stands_for_all_below_it() {
    let root = fleet();
    for path in [
        "generated/svc-ml/Dockerfile",
        "generated/svc-slim/Dockerfile",
        "docker/compose.yaml",
    ] {
        root.write(path, "mine\n");
    }
    root.remove("generated/requirements/ml.txt");
    root.write("generated/gone/deep/notes.txt", "mine");
    let drifts = |list: &str| {
        check(&root, list.as_bytes())
            .drifts()
            .into_keys()
            .collect::<Vec<_>>()
    };
    assert_eq!(drifts("generated/svc-ml"), ["generated/svc-ml/Dockerfile"]);
    assert_eq!(
        drifts("generated/requirements/"),
        ["generated/requirements/ml.txt"]
    );
    assert_eq!(drifts("docker"), ["docker/compose.yaml"]);
    assert_eq!(drifts("generated/gone"), ["generated/gone/deep/notes.txt"]);
    assert_eq!(
        drifts("generated/gone/deep"),
        ["generated/gone/deep/notes.txt"]
    );
    assert_eq!(drifts("generated").len(), 5);
    assert_eq!(
        drifts("."),
        drifts("generated").into_iter().collect::<Vec<_>>()
    );
    assert_eq!(
        drifts("generated/svc-base\napps\nlibs"),
        Vec::<String>::new()
    );
}

#[test]
fn folders_of_inputs_concern_everything() {
    let root = Root::new(
        &(EVERY_TEMPLATE.to_owned()
            + "templates: own/templates\ninclude: [\"teams/*/services.yaml\"]\n"),
    );
    root.write("own/templates/partials/none.j2", "x");
    root.write(
        "teams/a/services.yaml",
        "services: { svc-more: { kind: web, port: 8000 } }\n",
    );
    assert_eq!(root.run(&["generate"]).status, 0);
    root.edit("generated/svc-ml/Dockerfile", "USER", "# USER");
    for list in [
        "own",
        "own/templates",
        "own/templates/partials",
        "teams",
        "teams/a",
        "teams/b",
        "./services.yaml",
    ] {
        let run = check(&root, list.as_bytes());
        assert_eq!(run.status, 1, "{list}: {}", run.told());
    }
}

#[test]
fn what_cannot_be_understood_is_an_error_for_every_command() {
    let root = fleet();
    for list in [
        &b"../x\n"[..],
        b"libs/../../x\n",
        b"/etc/passwd\n",
        b"C:\\repo\\libs\\x\n",
        b"..\\libs\n",
        b"libs/\xff.py\n",
        b"libs/\xff.py\0",
        b"\"libs/\\377.py\"\n",
        b"\"libs/x\n",
        b"libs/x\"\n",
        b"\"libs/\\z\"\n",
        b"libs/x\0\0libs/y\0",
        b"libs/x\0libs/y\nlibs/z\n",
        b"\xff\xfel\0i\0b\0s\0",
        b"\xfe\xff\0l\0i\0b\0s",
        b"l\0i\0b\0s\0\n\0",
        b"M\tlibs/x\n",
        b"libs/x\rlibs/y\r",
        b"libs/\x1b[31m\n",
        b"libs/y.py\n::error::x\r\nlibs/..\x0b\n",
    ] {
        for arguments in [["check"], ["plan"], ["build"]] {
            let more: &[&str] = if arguments == ["build"] {
                &["--dry-run"]
            } else {
                &[]
            };
            let run = given(
                &root,
                list,
                &[&arguments, &["--changed-files", "-"][..], more].concat(),
            );
            let shown = String::from_utf8_lossy(list);
            assert_eq!(
                (run.status, run.stdout.as_str()),
                (2, ""),
                "{shown:?}: {}",
                run.told()
            );
            assert!(
                run.stderr.contains("the list of changed files: "),
                "{}",
                run.told()
            );
            assert_eq!(run.stderr.trim_end().lines().count(), 1, "{}", run.told());
        }
    }
}

/// One change of the tree that a person could make, and the path that git would name.
fn disturb(dice: &mut Dice, root: &Root) -> String {
    let places = [
        "svc-ml",
        "svc-slim",
        "base-ml",
        "requirements",
        "gone",
        "svc-ml/deep/er",
        "a",
    ];
    let names = [
        "Dockerfile",
        "requirements.txt",
        "notes.txt",
        "base.txt",
        "Dockerfile.dockerignore",
    ];
    let path = match dice.below(8) {
        0 => "docker/compose.yaml".to_owned(),
        1 => ["compose.yaml", ".gitea/workflows/images.yaml"][dice.below(2)].to_owned(),
        2 => ["libs/new.py", "apps/svc_ml/new.py", "README.md"][dice.below(3)].to_owned(),
        _ => format!("generated/{}/{}", dice.choose(&places), dice.choose(&names)),
    };
    let full = root.path().join(&path);
    if fs::create_dir_all(full.parent().unwrap()).is_err() || full.is_dir() {
        return path;
    }
    match dice.below(6) {
        0 => drop(fs::remove_file(&full)),
        1 => {
            drop(fs::remove_file(&full));
            fs::create_dir(&full).unwrap();
            fs::write(full.join("x.txt"), "x").unwrap();
            return format!("{path}/x.txt");
        }
        2 => root.link(&path, "/etc/hostname"),
        3 => fs::write(&full, root.bytes("generated/svc-base/Dockerfile")).unwrap(),
        _ => fs::write(&full, format!("{}\n", dice.next())).unwrap(),
    }
    path
}

#[test]
fn a_part_is_never_clean_where_the_whole_shows_a_named_file() {
    let mut dice = Dice::new(66);
    for case in 0..cases(25) {
        let root = fleet();
        let changed: BTreeSet<String> = (0..=dice.below(5))
            .map(|_| disturb(&mut dice, &root))
            .collect();
        let whole = root.check().drifts();
        for _ in 0..3 {
            let kept = |_: &&String| dice.below(3) > 0;
            let named: Vec<String> = changed.iter().filter(kept).cloned().collect();
            let list = named
                .iter()
                .map(|path| path.to_owned() + "\n")
                .collect::<String>();
            let part = check(&root, list.as_bytes());
            let found = part.drifts();
            for (path, kind) in &whole {
                let is_named = named
                    .iter()
                    .any(|named| named == path || named.starts_with(&format!("{path}/")));
                if is_named {
                    assert_eq!(
                        found.get(path),
                        Some(kind),
                        "case {case}: {named:?}: {}",
                        part.told()
                    );
                    assert_eq!(part.status, 1);
                }
            }
            for (path, kind) in &found {
                assert_eq!(
                    whole.get(path),
                    Some(kind),
                    "case {case}: {named:?} has more than the whole"
                );
            }
        }
    }
}

#[test]
fn a_file_of_the_fleet_in_the_folder_of_an_image_is_not_out_of_place() {
    let outputs = "outputs: { bake: generated/svc-ml/docker-bake.hcl }\nlayout: { requirements: \
     \"generated/svc-slim/{set}.txt\" }\n";
    let root = Root::generated(&(EVERY_TEMPLATE.to_owned() + outputs));
    for list in [
        "generated/svc-ml/Dockerfile",
        "generated/svc-slim",
        "generated/svc-ml/docker-bake.hcl",
    ] {
        let run = check(&root, list.as_bytes());
        assert_eq!(run.status, 0, "{list}: {}", run.told());
    }
    root.edit("generated/svc-ml/docker-bake.hcl", "target", "tarqet");
    assert_eq!(
        check(&root, b"generated/svc-ml/docker-bake.hcl\n").status,
        1
    );
}

/// What may be in the place of files and folders of ours.
const OBSTACLES: [(&str, Arrange); 6] = [
    ("a folder for a Dockerfile", |root| {
        folder(root, "generated/svc-ml/Dockerfile");
    }),
    ("a folder for the compose file", |root| {
        folder(root, "docker/compose.yaml");
    }),
    ("a link for a folder of an image", |root| {
        fs::rename(
            root.path().join("generated/svc-ml"),
            root.path().join("away"),
        )
        .unwrap();
        root.link("generated/svc-ml", "../away");
    }),
    ("a file for a folder of an image", |root| {
        fs::remove_dir_all(root.path().join("generated/svc-ml")).unwrap();
        root.write("generated/svc-ml", "mine");
    }),
    ("a link for the folder of everything", |root| {
        fs::rename(root.path().join("generated"), root.path().join("away")).unwrap();
        root.link("generated", "away");
    }),
    ("folders of a person", |root| {
        root.write("generated/mine/a/b/c.txt", "x");
    }),
];

#[test]
fn no_advice_deletes_a_folder() {
    for (what, disturb) in OBSTACLES {
        let root = fleet();
        disturb(&root);
        // The first is a whole check.
        for list in ",.,generated,generated/mine,generated/svc-ml,docker".split(',') {
            let json = if list.is_empty() {
                root.check()
            } else {
                check(&root, list.as_bytes())
            };
            for command in json.json()["commands"].as_array().unwrap() {
                assert_removes_files_alone(&root, command["command"].as_str().unwrap(), what);
            }
        }
        let text = root.run(&["check"]).stdout;
        assert!(!text.contains("rm -"), "{what}: {text}");
    }
}

fn assert_removes_files_alone(root: &Root, command: &str, what: &str) {
    let Some(removed) = command.strip_prefix("rm ") else {
        return;
    };
    for path in removed.split(' ') {
        let found = root.path().join(path).symlink_metadata();
        assert!(
            found.is_ok_and(|found| !found.is_dir()),
            "{what}: {command}"
        );
    }
}

fn folder(root: &Root, path: &str) {
    root.remove(path);
    fs::create_dir(root.path().join(path)).unwrap();
    root.write(&format!("{path}/precious.txt"), "x");
}
