//! How a generated workflow gets dockwright: never by a name that nobody has registered, and
//! nothing runs before its digest was verified. The steps are run here as a runner would.

use std::fs;
use std::process::{Command, Output};

use dockwright::published::{NAME, PUBLISHED, command_by_name};
use serde_yaml::Value;

use crate::support::{Root, repository};

mod forms;

/// The digest of `CONTENT`.
const SHA256: &str = "e23628ed42e31358d7234aac753c38be5a80846413438c57305799b91760056f";
/// What stands for the program: it says that it ran.
const CONTENT: &str = "#!/bin/sh\necho ran\n";
const PATH: &str = ".github/workflows/images.yaml";

fn declaration(workflow: &str) -> String {
    format!(
        "registry: r.example\nowner: a\npython: \"3.12\"\noutputs:\n  workflow: {workflow}\n\
         services: {{ svc-a: {{ template: multi-stage-slim, port: 8000 }} }}\n"
    )
}

fn installed_by(install: &str) -> Root {
    Root::generated(&declaration(&format!("{{ install: {install} }}")))
}

/// Every form that is complete, with the digest of what the tests install.
fn forms() -> [String; 6] {
    [
        format!(
            "{{ url: \"https://files.example.com/v1/dockwright?arch=x86_64\", sha256: \
             \"{SHA256}\" }}"
        ),
        format!(
            "{{ path: tools/dockwright, sha256: \"{}\" }}",
            SHA256.to_uppercase()
        ),
        "{ wheel: tools/dockwright-0.1.0-py3-none-linux_x86_64.whl }".to_owned(),
        format!("{{ image: \"registry.example.com:5000/tools/dockwright:1.0@sha256:{SHA256}\" }}"),
        format!("{{ package: acme-tools, version: 1.2.3, sha256: \"{SHA256}\" }}"),
        "./tools/get-dockwright.sh".to_owned(),
    ]
}

/// The first job's step that installs, with its variables and its shell text.
fn step(root: &Root) -> (Vec<(String, String)>, String) {
    let workflow: Value = serde_yaml::from_str(&root.text(PATH)).unwrap();
    let step = &workflow["jobs"]["check"]["steps"][1];
    assert_eq!(step["name"], "install dockwright");
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{value:?}"))
            .to_owned()
    };
    let variables = step["env"].as_mapping().map(|env| {
        env.iter()
            .map(|(key, value)| (text(key), text(value)))
            .collect()
    });
    (variables.unwrap_or_default(), text(&step["run"]))
}

/// Runs the step as a runner does, with programs of `stand_ins` in place of those that reach out.
fn run_step(root: &Root, stand_ins: &[(&str, &str)]) -> Output {
    for (program, text) in stand_ins {
        root.write(
            &format!("stand-ins/{program}"),
            format!("#!/bin/sh\n{text}\n"),
        );
        root.set_mode(&format!("stand-ins/{program}"), 0o755);
    }
    fs::create_dir_all(root.path().join("runner")).unwrap();
    let (variables, script) = step(root);
    root.write("runner/step.sh", script);
    let path = format!(
        "{}/stand-ins:{}",
        root.path(),
        std::env::var("PATH").unwrap()
    );
    let mut command = Command::new("bash");
    command
        .args(["-e", "runner/step.sh"])
        .current_dir(root.path())
        .envs(variables)
        .env("PATH", path);
    command
        .env("RUNNER_TEMP", root.path().join("runner"))
        .env("GITHUB_PATH", root.path().join("runner/path"));
    command.output().unwrap()
}

/// Whether the step put a program on the runner's path that runs.
fn is_installed(root: &Root) -> bool {
    let Ok(folder) = fs::read_to_string(root.path().join("runner/path")) else {
        return false;
    };
    let output = Command::new(format!("{}/dockwright", folder.trim())).output();
    output.is_ok_and(|output| output.stdout == b"ran\n")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn a_workflow_without_install_is_refused_and_every_choice_can_be_pasted() {
    for workflow in [
        PATH,
        "{}",
        "{ matrix: all }",
        "{ install: {} }",
        "{ install: \"\" }",
        "{ install: \" \" }",
    ] {
        let root = Root::new(&declaration(workflow));
        let run = root.check();
        assert_eq!(
            (run.status, run.codes()),
            (1, vec!["missing-field".to_owned()]),
            "{workflow}: {}",
            run.told()
        );
        assert_eq!(root.run(&["generate"]).status, 1);
        assert!(
            !root.exists(PATH) && !root.exists("generated"),
            "{workflow}"
        );
        let report = run.json();
        let found = &report["diagnostics"][0];
        assert_eq!(found["line"], 5, "{found}");
        let help = found["help"].as_str().unwrap().to_owned();
        let choices: Vec<&str> = help
            .lines()
            .filter_map(|line| line.strip_prefix("install: "))
            .collect();
        assert_eq!(choices.len(), 6, "{help}");
        for choice in choices {
            installed_by(choice);
        }
    }
}

#[test]
fn every_form_reaches_the_shell_as_variables_alone() {
    for install in forms() {
        let root = installed_by(&install);
        let workflow = root.text(PATH);
        assert_eq!(
            workflow.matches("- name: install dockwright").count(),
            2,
            "{workflow}"
        );
        let (variables, script) = step(&root);
        assert_eq!(variables.is_empty(), install.starts_with("./"), "{install}");
        for (_, value) in &variables {
            assert!(
                !script.contains(value.as_str()) && !value.contains("${{"),
                "{value} in {script}"
            );
        }
        assert!(!script.contains("${{"), "{script}");
        assert_eq!(root.check().status, 0);
    }
}

#[test]
fn a_binary_runs_only_with_its_digest() {
    let [url, path, _, image, ..] = forms();
    let curl = r#"for last; do :; done; [ "$last" = "https://files.example.com/v1/dockwright?arch=x86_64" ] || exit 9
        while [ "$1" != --output ]; do shift; done; cp tools/dockwright "$2""#;
    let docker = r#"case "$1" in create) echo "made of $2" >> runner/docker; echo id;; cp) [ "$2" = id:/usr/local/bin/dockwright ] && cp tools/dockwright "$3";; rm) ;; *) exit 9;; esac"#;
    for (install, checks_digest) in [(url, true), (path, true), (image, false)] {
        for content in [CONTENT, "#!/bin/sh\necho evil > runner/evil\n"] {
            let root = installed_by(&install);
            root.write("tools/dockwright", content);
            let output = run_step(&root, &[("curl", curl), ("docker", docker)]);
            let is_right = content == CONTENT;
            assert_eq!(
                output.status.success(),
                is_right || !checks_digest,
                "{install}: {}",
                said(&output)
            );
            assert_eq!(
                is_installed(&root),
                is_right,
                "{install}: {}",
                said(&output)
            );
            assert!(!root.exists("runner/evil") || !checks_digest, "{install}");
            assert!(
                is_right || !checks_digest || !root.exists("runner/path"),
                "{install}"
            );
        }
    }
}

#[test]
fn packages_are_installed_by_file_or_by_hash() {
    let [_, _, wheel, _, package, _] = forms();
    let python = r#"[ "$1 $2" = "-m venv" ] || exit 9; mkdir -p "$3/bin"; cp stand-ins/pip "$3/bin/pip"; cp tools/dockwright "$3/bin/dockwright"; chmod +x "$3/bin/"*"#;
    let pip = r#"printf '%s\n' "$@" > runner/pip; for last; do :; done; cp "$last" runner/last"#;
    for (install, options, last) in [
        (
            wheel,
            "install\n--no-index\n--no-deps\n./tools/dockwright-0.1.0-py3-none-linux_x86_64.whl\n",
            "wheel".to_owned(),
        ),
        (
            package,
            "install\n--require-hashes\n--no-deps\n--only-binary=:all:\n-r\n",
            format!("acme-tools==1.2.3 --hash=sha256:{SHA256}\n"),
        ),
    ] {
        let root = installed_by(&install);
        root.write("tools/dockwright", CONTENT);
        root.write("tools/dockwright-0.1.0-py3-none-linux_x86_64.whl", "wheel");
        let output = run_step(&root, &[("pip", pip), ("python3", python)]);
        assert!(
            output.status.success() && is_installed(&root),
            "{install}: {}",
            said(&output)
        );
        assert!(
            root.text("runner/pip").starts_with(options),
            "{}",
            root.text("runner/pip")
        );
        assert_eq!(root.text("runner/last"), last);
    }
}

#[test]
fn what_takes_the_unregistered_name_is_refused() {
    for install in [
        format!("{{ package: {NAME}, version: \"1.0\", sha256: \"{SHA256}\" }}"),
        format!("{{ package: Dockwright, version: \"1.0\", sha256: \"{SHA256}\" }}"),
        format!("cargo install --locked {NAME}"),
        format!("'pip install -q \"{NAME}==1.0\" && true'"),
        format!("'set -e; uv tool install {NAME}'"),
    ] {
        let run = Root::new(&declaration(&format!("{{ install: {install} }}"))).check();
        assert_eq!(
            run.status,
            i32::from(!PUBLISHED),
            "{install}: {}",
            run.told()
        );
        assert!(
            PUBLISHED || run.stdout.contains("nobody has published"),
            "{}",
            run.told()
        );
    }
    for install in [
        format!("cargo install --locked --path vendor/{NAME}"),
        format!("'cargo install --git https://git.example.com/tools/{NAME} {NAME}'"),
        format!("install -m 0755 tools/{NAME} /usr/local/bin/{NAME}"),
    ] {
        installed_by(&install);
    }
}

/// Every committed file of the repository that is text.
pub(crate) fn committed_texts() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", said(&listed));
    let paths = String::from_utf8(listed.stdout).unwrap();
    let text = |path: &str| {
        Some((
            path.to_owned(),
            fs::read_to_string(repository().join(path)).ok()?,
        ))
    };
    paths
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(text)
        .collect()
}

#[test]
fn no_committed_generated_or_printed_text_installs_an_unpublished_package() {
    let mut texts = committed_texts();
    assert!(texts.len() > 300, "{}", texts.len());
    for install in forms() {
        let root = installed_by(&install);
        texts.extend(
            root.files()
                .into_iter()
                .map(|path| (path.clone(), root.text(&path))),
        );
    }
    let root = Root::empty();
    let missing = Root::new(&declaration("{}"));
    let commands = [
        "check", "generate", "plan", "build", "lock", "list", "why", "bump", "pin", "new", "init",
        "eject", "explain", "schema",
    ];
    let helps = commands.map(|command| root.run(&[command, "--help"]));
    let printed = [
        root.run(&["--help"]),
        root.run(&["init"]),
        root.run(&["explain", "--all"]),
        root.run(&["schema"]),
        root.run(&["schema", "--included"]),
        missing.run(&["check"]),
        missing.run(&["check", "--format", "github"]),
    ];
    texts.extend(
        helps
            .into_iter()
            .chain(printed)
            .map(|run| ("printed".to_owned(), run.told())),
    );
    texts.extend(
        root.files()
            .into_iter()
            .map(|path| (path.clone(), root.text(&path))),
    );
    for (path, text) in texts {
        let found = command_by_name(&text);
        assert!(PUBLISHED || found.is_none(), "{path} has {found:?}");
    }
}
