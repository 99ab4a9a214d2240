//! Every path that a declaration can name, against every class of path that has broken programs:
//! refused with a diagnostic, or a plain path below the root.

use std::collections::BTreeSet;

use dockwright::diagnostic::Diagnostic;
use dockwright::project::Files;
use serde_json::{Value, json};

use crate::support::{MINIMAL, Root, checked, loaded, repository};

/// Paths beyond the corpus, of the same classes and of some more.
const MORE: [&str; 44] = [
    "a/../../b",
    "....//x",
    "..;/x",
    "%2e%2e/x",
    "..%c0%afx",
    "\u{ff0e}\u{ff0e}/x",
    "\u{2025}/x",
    "a/./b",
    "a//b",
    "//a",
    "///",
    "a/.",
    "\\??\\C:\\x",
    "\\\\.\\pipe\\x",
    "C:",
    "c:\\..\\x",
    "file:x",
    "~root/x",
    "$HOME/x",
    "${HOME}",
    "`id`",
    "COM0",
    "LPT\u{b9}.txt",
    "nul .txt",
    "x/aux.d/y",
    "PRN.",
    "conout$",
    "a..",
    "a. .",
    "a /b",
    " a",
    ".git",
    "x/.Git/config",
    ".git.",
    ".git ",
    "GIT~1/config",
    ".git::$INDEX_ALLOCATION/x",
    ".\u{200c}git/x",
    "a\u{301}/x",
    "\u{fb01}le",
    "/proc/self/root",
    "/dev/null",
    "-x",
    "a\u{85}b",
];

/// The corpus by class; a list of lists is a class of pairs.
fn corpus() -> serde_json::Map<String, Value> {
    let path = repository().join("tests/fixtures/hostile/paths.json");
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<Value>(&text)
        .unwrap()
        .as_object()
        .unwrap()
        .clone()
}

fn singles() -> Vec<String> {
    let texts = corpus()
        .values()
        .flat_map(|class| class.as_array().unwrap().clone())
        .collect::<Vec<_>>();
    let texts = texts.iter().flat_map(|text| {
        text.as_array()
            .cloned()
            .unwrap_or_else(|| vec![text.clone()])
    });
    let mut all: Vec<String> = texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect();
    all.extend(MORE.map(str::to_owned));
    all
}

fn pairs() -> Vec<(String, String)> {
    let classes = corpus();
    let pairs = classes
        .values()
        .flat_map(|class| class.as_array().unwrap())
        .filter_map(Value::as_array);
    pairs
        .map(|pair| {
            (
                pair[0].as_str().unwrap().to_owned(),
                pair[1].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

/// The fields that name a path below the root, and what stands in them for a path.
const FIELDS: [(&str, &str); 12] = [
    ("/layout/services", "@/{name}"),
    ("/layout/services", "{name}/@"),
    ("/layout/bases", "@/{name}"),
    ("/layout/requirements", "@/{set}.txt"),
    ("/layout/source", "@/{module}"),
    ("/outputs/bake/path", "@"),
    ("/outputs/bake/path", "@/x.hcl"),
    ("/outputs/compose/path", "@/x.yaml"),
    ("/outputs/workflow/path", "@"),
    ("/outputs/workflow/path", ".github/workflows/@/x.yml"),
    ("/outputs/workflow/path", "@/x.yaml"),
    ("/shared/0", "@"),
];

fn minimal() -> Value {
    let mut value: Value = serde_yaml::from_str(MINIMAL).unwrap();
    value["outputs"] = json!({});
    value["layout"] = json!({});
    value["shared"] = json!(["libs"]);
    value
}

/// The declaration with a text at a place.
fn with(declaration: &mut Value, pointer: &str, text: &str) {
    let (above, last) = pointer.rsplit_once('/').unwrap();
    let mut node = declaration;
    for step in above.split('/').skip(1) {
        node = &mut node[step];
    }
    match last.parse::<usize>() {
        Ok(index) => node[index] = json!(text),
        Err(_) => node[last] = json!(text),
    }
}

/// The paths of everything that is generated, or what is wrong with the declaration.
fn generated(declaration: &Value) -> Result<Vec<String>, Vec<Diagnostic>> {
    let files = Files::declaring(declaration.to_string());
    let loaded = loaded(&files);
    if loaded.has_errors() {
        return Err(loaded.diagnostics);
    }
    let checked = checked(&files, &loaded);
    Ok(checked.declared().iter().map(ToString::to_string).collect())
}

/// The test's own idea of a path that every system takes in the same way.
fn is_plain(path: &str) -> bool {
    let names = || path.split('/');
    let devices = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];
    let is_device = |name: &str| {
        let stem = name
            .split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_port = stem.len() == 4
            && ["com", "lpt"].iter().any(|port| stem.starts_with(port))
            && stem.ends_with(|c: char| c.is_ascii_digit());
        devices.contains(&stem.as_str()) || is_port
    };
    path.len() <= 1024
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._@+-/".contains(&byte))
        && names().all(|name| {
            !matches!(name, "" | "." | "..") && name.len() <= 255 && !name.starts_with('-')
        })
        && names().all(|name| {
            !name.ends_with('.') && !name.eq_ignore_ascii_case(".git") && !is_device(name)
        })
}

/// No two of the paths are one file, or one the folder of another, also where a file system knows
/// no case.
fn stand_side_by_side(paths: &[String]) -> bool {
    let lower: BTreeSet<String> = paths.iter().map(|path| path.to_ascii_lowercase()).collect();
    let is_below = |path: &String| {
        lower
            .iter()
            .any(|other| path.starts_with(&format!("{other}/")))
    };
    lower.len() == paths.len() && !lower.iter().any(is_below)
}

#[test]
fn a_hostile_path_is_refused_in_every_field_or_a_plain_path_below_the_root() {
    let mut taken = BTreeSet::new();
    for path in singles() {
        for (field, shape) in FIELDS {
            let mut declaration = minimal();
            with(&mut declaration, field, &shape.replace('@', &path));
            if let Some(workflow) = declaration["outputs"].get_mut("workflow") {
                workflow["install"] = json!("./get");
            }
            if let Ok(paths) = generated(&declaration) {
                assert!(
                    paths.iter().all(|path| is_plain(path)),
                    "{field} = {path:?}: {paths:?}"
                );
                assert!(stand_side_by_side(&paths), "{field} = {path:?}: {paths:?}");
                taken.insert(path.clone());
            }
        }
    }
    let harmless = ["Cargo.toml", "SVC_A", "a", "svc_a", "templates/ml.j2"];
    let taken: Vec<&str> = taken
        .iter()
        .map(String::as_str)
        .filter(|path| path.len() < 20)
        .collect();
    for path in &taken {
        let expected = harmless.contains(path)
            || [".github/workflows/ci.yml", "STRASSE", "a/Dockerfile", "a/b"].contains(path)
            || path.starts_with(".git");
        assert!(expected || is_plain(path), "{path:?} was taken");
    }
    assert!(taken.contains(&"Cargo.toml"), "{taken:?}");
}

#[test]
fn a_pair_that_is_one_file_somewhere_is_refused() {
    let mut tried = 0;
    for (one, other) in pairs() {
        let mut declaration = minimal();
        // The one is the other, or lies in it.
        let (one_file, other_file) = match other.strip_prefix(&format!("{one}/")) {
            Some(below) => (format!("{one}.yaml"), format!("{one}.yaml/{below}/x.yaml")),
            None => (format!("{one}/x.yaml"), format!("{other}/x.yaml")),
        };
        with(&mut declaration, "/outputs/compose/path", &one_file);
        with(&mut declaration, "/outputs/workflow/path", &other_file);
        let found =
            generated(&declaration).expect_err(&format!("{one:?} and {other:?} were taken"));
        assert!(
            found.iter().all(|found| !found.location.file.is_empty()),
            "{found:?}"
        );
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
}

/// Texts for fields, of one declaration.
type Fields = &'static [(&'static str, &'static str)];

/// Two files of one path, or one in the place of another.
const COLLISIONS: [Fields; 16] = [
    &[
        ("/outputs/bake/path", "x.hcl"),
        ("/layout/services", "x.hcl/{name}"),
    ],
    &[
        ("/outputs/bake/path", "X.hcl"),
        ("/layout/services", "x.HCL/{name}"),
    ],
    &[
        ("/outputs/bake/path", "x/base-runtime.hcl"),
        ("/layout/bases", "x/{name}.hcl"),
    ],
    &[
        ("/outputs/bake/path", "x/base-runtime.hcl"),
        ("/layout/bases", "x/{name}.hcl/a"),
    ],
    &[("/outputs/bake/path", "generated/svc-a/Dockerfile/x.hcl")],
    &[("/outputs/bake/path", "generated/SVC-A/dockerfile/x.hcl")],
    &[(
        "/outputs/bake/path",
        "generated/svc-a/constraints.txt/x.hcl",
    )],
    &[(
        "/outputs/bake/path",
        "generated/requirements/base.txt/x.hcl",
    )],
    &[(
        "/outputs/bake/path",
        "generated/requirements/BASE.txt/x.hcl",
    )],
    &[
        ("/outputs/compose/path", "x.yaml"),
        ("/outputs/workflow/path", "x.yaml"),
    ],
    &[
        ("/outputs/compose/path", "x.yaml"),
        ("/outputs/workflow/path", "X.yaml"),
    ],
    &[
        ("/outputs/compose/path", "x.yaml"),
        ("/outputs/workflow/path", "x.yaml/y/z.yaml"),
    ],
    &[
        ("/outputs/compose/path", "x.yaml/y/z.yaml"),
        ("/outputs/workflow/path", "X.yaml"),
    ],
    &[(
        "/layout/requirements",
        "generated/svc-a/Dockerfile/{set}.txt",
    )],
    &[
        ("/layout/requirements", "generated/{set}.txt"),
        ("/layout/services", "generated/BASE.txt/{name}"),
    ],
    &[("/layout/bases", "generated/svc-a/Dockerfile/{name}")],
];

/// Files in the place of services.yaml and of files that git reads.
const IN_THE_PLACE_OF_OTHERS: [Fields; 6] = [
    &[("/outputs/bake/path", "services.yaml")],
    &[("/outputs/bake/path", "SERVICES.yaml")],
    &[("/outputs/bake/path", "services.yaml/x")],
    &[("/outputs/bake/path", ".gitattributes")],
    &[("/outputs/bake/path", "libs/.gitmodules")],
    &[("/layout/services", "services.yaml/{name}")],
];

#[test]
fn two_files_of_one_path_or_one_in_the_others_place_are_told_with_their_place() {
    for fields in COLLISIONS {
        assert_told_with_their_place(fields, "name-collision");
    }
    for fields in IN_THE_PLACE_OF_OTHERS {
        assert_told_with_their_place(fields, "invalid-layout");
    }
}

fn assert_told_with_their_place(fields: Fields, code: &str) {
    let mut declaration = minimal();
    for (field, text) in fields {
        with(&mut declaration, field, text);
        if field.starts_with("/outputs/workflow") {
            with(
                &mut declaration,
                "/outputs/workflow/install",
                "./tools/get-dockwright.sh",
            );
        }
    }
    let root = Root::new(&declaration.to_string());
    for command in ["check", "generate"] {
        let run = root.run(&[command]);
        assert_eq!(run.status, 1, "{fields:?}: {}", run.told());
        assert!(
            run.stdout.contains(&format!("error[{code}]")),
            "{fields:?}: {}",
            run.told()
        );
        assert!(
            run.stdout.contains("--> services.yaml:1:"),
            "{fields:?}: {}",
            run.told()
        );
    }
    assert_eq!(root.files(), ["services.yaml"], "{fields:?}");
}

/// What a file system of macOS or Windows takes for one name, named by services.
#[test]
fn names_that_differ_in_case_or_normal_form_alone_are_refused() {
    for (one, other) in pairs() {
        let mut declaration = minimal();
        let service = declaration["services"]["svc-a"].clone();
        declaration["services"] = json!({ one.clone(): service.clone(), other.clone(): service });
        generated(&declaration).expect_err(&format!("{one:?} and {other:?} were taken"));
    }
}
