//! Requirement files of the repository: mounted where they are, with all that they reach.

use crate::changed_files::given;
use crate::support::Root;

const FLEET: &str = "\
registry: r.example
owner: acme
python: \"3.12\"
defaults: { source: \"services/{name}\", target: /app, install: \"{source}/requirements.txt\" }
services:
  orders: { port: 8001 }
  mailer: { cmd: python -u worker.py, pip: [celery], install: [services/mailer/all.in, x-1-py3-none-any.whl] }
";

fn root() -> Root {
    let root = Root::new(FLEET);
    root.write(
        "services/orders/requirements.txt",
        "-r ../../base.txt\nfastapi\n",
    );
    root.write("base.txt", "-c pins.txt\nuvicorn\n");
    root.write("pins.txt", "uvicorn<1\n");
    root.write("services/mailer/all.in", "redis\n");
    root.write("services/orders/main.py", "");
    root.write("x-1-py3-none-any.whl", "PK");
    root
}

#[test]
fn files_and_what_they_reach_are_mounted_and_nothing_is_copied_from_them() {
    let root = root();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let orders = root.text("generated/orders/Dockerfile");
    for file in ["services/orders/requirements.txt", "base.txt", "pins.txt"] {
        let mount = format!("--mount=type=bind,source={file},target=/tmp/src/{file} ");
        assert!(orders.contains(&mount), "{mount}\n{orders}");
        let ignore = root.text("generated/orders/Dockerfile.dockerignore");
        assert!(ignore.contains(&format!("\n!{file}\n")), "{ignore}");
    }
    let command = "install --only-binary=:all: -r /tmp/src/services/orders/requirements.txt ";
    assert!(orders.contains(command), "{orders}");
    let mailer = root.text("generated/mailer/Dockerfile");
    let command = "-r /tmp/requirements.txt -r /tmp/src/services/mailer/all.in \
                   /tmp/src/x-1-py3-none-any.whl ";
    assert!(mailer.contains(command), "{mailer}");
}

#[test]
fn an_edited_requirement_file_changes_no_generated_file_and_is_an_input_of_its_image() {
    let root = root();
    assert_eq!(root.run(&["generate"]).status, 0);
    root.write("base.txt", "-c pins.txt\nuvicorn\nhttpx\n");
    let run = root.run(&["check"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let plan = given(&root, b"base.txt\n", &["plan", "--changed-files", "-"]);
    assert!(
        plan.stdout.contains("orders") && !plan.stdout.contains("mailer"),
        "{}",
        plan.told()
    );
    // A file more is one more mount.
    root.write("base.txt", "-c pins.txt\n-r more.txt\n");
    root.write("more.txt", "httpx\n");
    let run = root.run(&["check"]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert!(run.told().contains("source=more.txt"), "{}", run.told());
}

const ON_BASE: &str = "\
registry: r.example
owner: acme
python: \"3.12\"
requirements: { ml: { file: libs/ml.txt } }
bases: { base: { version: v1.0.0, requirements: [ml], install: libs/base.txt } }
defaults: { base: base }
services: { api: { port: 8000, pip: [fastapi] } }
";

/// A fleet on a base that installs files, with its fingerprint on record.
fn on_base() -> Root {
    let root = Root::new(ON_BASE);
    root.write("libs/ml.txt", "numpy==2.1.0\n");
    root.write("libs/base.txt", "# what all need\nhttpx\n");
    let run = root.run(&["bump", "base", "--patch"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(root.run(&["generate"]).status, 0);
    root
}

#[test]
fn an_edited_file_of_a_base_asks_for_a_bump_and_changes_no_generated_file() {
    let root = on_base();
    root.write("libs/base.txt", "# what everything needs\n\nhttpx\n");
    let run = root.run(&["check"]);
    assert_eq!(run.status, 0, "{}", run.told());
    root.write("libs/base.txt", "httpx<1\n");
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["base-changed-without-bump"], "{}", run.told());
    let run = root.run(&["bump", "base", "--patch"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(root.run(&["generate"]).status, 0);
    assert_eq!(root.run(&["check"]).status, 0);
}

#[test]
fn what_a_base_installs_from_files_holds_for_the_images_on_it() {
    let root = on_base();
    let base = root.text("generated/base/Dockerfile");
    let files = "-r /tmp/src/libs/ml.txt -r /tmp/src/libs/base.txt ";
    assert!(base.contains(files), "{base}");
    let api = root.text("generated/api/Dockerfile");
    let frozen =
        " && pip --python /opt/venv/bin/python list --format=freeze > /tmp/constraints.txt \\\n";
    assert!(
        api.contains(frozen) && api.contains("-c /tmp/constraints.txt "),
        "{api}"
    );
    assert!(!root.exists("generated/requirements/ml.txt"));
}

#[test]
fn rules_and_why_read_what_files_ask_for() {
    let root = Root::new(ON_BASE);
    root.write("libs/base.txt", "httpx\n");
    root.write("libs/ml.txt", "numpy==2.1.0\npytest>=8\n");
    let run = root.run(&["check"]);
    assert!(run.told().contains("libs/ml.txt:2:1"), "{}", run.told());
    let why = root.run(&["why", "numpy"]);
    assert!(why.stdout.contains("libs/ml.txt:1:1"), "{}", why.told());
    root.write("libs/base.txt", "-c pins.txt\nfastapi>=0.100\n");
    root.write("libs/pins.txt", "pytest==7.0\n");
    let run = root.run(&["check", "--format", "json"]);
    assert!(
        run.codes().contains(&"dep-already-in-base".to_owned()),
        "{}",
        run.told()
    );
    assert!(!run.stdout.contains("pins.txt:"), "{}", run.told());
}

#[test]
fn a_lock_covers_requirement_files_and_not_wheels() {
    let locked = FLEET.replace("defaults:", "locks: { images: [orders] }\ndefaults:");
    let root = root();
    root.write("services.yaml", &locked);
    let run = root.run(&["check", "--format", "json"]);
    assert!(
        run.codes().contains(&"missing-lock".to_owned()),
        "{}",
        run.told()
    );
    assert_eq!(root.run(&["generate"]).status, 1);
    let orders = root.text("generated/orders/Dockerfile");
    assert!(!orders.contains("/tmp/src/"), "{orders}");
    root.write("services.yaml", locked.replace("[orders]", "[mailer]"));
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["unsupported-file"], "{}", run.told());
}

#[test]
fn a_repository_without_sources_is_clean() {
    let root = Root::new(FLEET);
    assert_eq!(root.run(&["generate"]).status, 0);
    let run = root.run(&["check"]);
    assert_eq!(run.status, 0, "{}", run.told());
}

#[test]
fn what_is_missing_or_cannot_be_installed_is_told() {
    let missing = Root::new(FLEET);
    missing.write("services/mailer/worker.py", "");
    let run = missing.run(&["check", "--format", "json"]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["missing-path".to_owned()])
    );
    let message = "services/orders/requirements.txt not found (`install`, for orders)";
    assert!(run.stdout.contains(message), "{}", run.told());
    let root = root();
    root.write("base.txt", "-r gone.txt\n-e ./lib\n");
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["missing-path", "unsupported-file"]);
    for unsupported in ["pdm.lock", "environment.yml", "../x.txt"] {
        let root = Root::new(&FLEET.replace("{source}/requirements.txt", unsupported));
        assert_eq!(root.run(&["check"]).status, 1, "{unsupported}");
    }
}
