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

#[test]
fn what_is_missing_or_cannot_be_installed_is_told() {
    let missing = Root::new(FLEET);
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
    for unsupported in ["uv.lock", "environment.yml", "../x.txt"] {
        let root = Root::new(&FLEET.replace("{source}/requirements.txt", unsupported));
        assert_eq!(root.run(&["check"]).status, 1, "{unsupported}");
    }
}
