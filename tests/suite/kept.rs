//! Dockerfiles that a person keeps, and processes that run the image of another service.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::Root;

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";

const KEPT: &str = "\
outputs: { bake: {}, compose: {} }
bases: { low: { version: v1.0.0 } }
services:
  web:
    { dockerfile: { path: frontend/Dockerfile, target: serve }, port: 80, args: { MODE: prod }, depends_on: [api] }
  api: { base: low, port: 8000, source: api, target: /app }
  top: { dockerfile: { path: docker/top.Dockerfile, context: . } }
";

const DOCKERFILE: &str = "\
ARG MODE=dev
FROM node:22 AS build
COPY package.json src/ ./
FROM r.example/acme/low:v1.0.0 AS serve
COPY --from=build /dist /srv
";

/// A fleet with a generated service and two kept Dockerfiles.
fn kept() -> Root {
    let root = Root::new(&format!("{HEAD}{KEPT}"));
    root.write("frontend/Dockerfile", DOCKERFILE);
    root.write("frontend/.dockerignore", "src/*.md\n");
    root.write("docker/top.Dockerfile", "FROM scratch\nCOPY . /\n");
    root.write("docker/top.Dockerfile.dockerignore", "secret\n");
    root
}

/// The names of the images that are planned for changed files.
fn planned(root: &Root, changed: &str) -> Vec<String> {
    let arguments = ["plan", "--changed-files", "-", "--format", "json"];
    let mut command = root.command(env!("CARGO_BIN_EXE_dockwright"), &arguments);
    let mut run = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = run.stdin.take().unwrap();
    input.write_all(changed.as_bytes()).unwrap();
    drop(input);
    let output = run.wait_with_output().unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let images = plan["images"].as_array().unwrap().iter();
    images
        .map(|image| image["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_kept_dockerfile_is_built_and_never_written() {
    let root = kept();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(root.text("frontend/Dockerfile"), DOCKERFILE);
    let files = root.files();
    let written = |path: &&String| path.contains("web") || path.contains("top");
    let written: Vec<&String> = files.iter().filter(written).collect();
    assert_eq!(
        written,
        [
            "docker/top.Dockerfile",
            "docker/top.Dockerfile.dockerignore"
        ]
    );
    let bake = root.text("generated/docker-bake.hcl");
    for part in [
        "target \"web\" {\n  inherits = [\"_image\"]\n  context = \"frontend\"\n  dockerfile = \"Dockerfile\"\n  target = \"serve\"\n",
        "  args = { MODE = \"prod\" }\n",
        "contexts = { \"r.example/acme/low:v1.0.0\" = \"target:low\" }",
        "  dockerfile = \"docker/top.Dockerfile\"\n",
    ] {
        assert!(bake.contains(part), "{part}\n{bake}");
    }
    let compose = root.text("compose.yaml");
    let build = "    build:\n      context: \"./frontend\"\n      dockerfile: \"Dockerfile\"\n      target: \
                 \"serve\"\n      args:\n        \"MODE\": \"prod\"\n";
    assert!(compose.contains(build), "{compose}");
    assert_eq!(root.check().status, 0);
    let list = root.run(&["list"]).told();
    assert!(
        list.contains("frontend/Dockerfile") && list.contains("r.example/acme/low"),
        "{list}"
    );
}

#[test]
fn what_a_kept_dockerfile_takes_decides_what_is_built() {
    let root = kept();
    assert_eq!(root.run(&["generate"]).status, 0);
    for (changed, images) in [
        ("frontend/package.json\n", &["web", "top"][..]),
        ("frontend/src/a.js\n", &["web", "top"]),
        ("frontend/src/a.md\n", &["top"]),
        ("frontend/other\n", &["top"]),
        ("frontend/Dockerfile\n", &["web", "top"]),
        ("secret\n", &[]),
        ("api/main.py\n", &["api", "top"]),
    ] {
        assert_eq!(planned(&root, changed), images, "{changed}");
    }
    // What cannot be read takes its whole context, minus its ignore file.
    root.write("frontend/Dockerfile", b"FROM x\n# \xff\n");
    assert!(planned(&root, "frontend/other\n").contains(&"web".to_owned()));
    assert!(!planned(&root, "frontend/src/a.md\n").contains(&"web".to_owned()));
}

/// The codes and messages of everything that is wrong with a fleet.
fn told(root: &Root) -> Vec<(String, String)> {
    let run = root.run(&["check", "--format", "json"]);
    let report = run.json();
    let found = report["diagnostics"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    found
        .map(|one| (text(&one["code"]), text(&one["message"])))
        .collect()
}

#[test]
fn what_a_kept_dockerfile_does_not_take_is_told() {
    for (fields, code, message) in [
        (
            "dockerfile: gone/Dockerfile",
            "missing-path",
            "gone/Dockerfile not found, the Dockerfile of `a`",
        ),
        (
            "dockerfile: f/Dockerfile, apt: [curl]",
            "field-without-effect",
            "`apt` has no effect beside `dockerfile`",
        ),
        (
            "dockerfile: f/Dockerfile, cmd: [x]",
            "field-without-effect",
            "`cmd` has no effect beside `dockerfile`",
        ),
        (
            "dockerfile: f/Dockerfile, args: { MODES: x }",
            "field-without-effect",
            "`MODES` has no effect: f/Dockerfile has no `ARG MODES`",
        ),
        (
            "dockerfile: ../Dockerfile",
            "invalid-value",
            "not a valid path",
        ),
        (
            "dockerfile: { context: f }",
            "missing-field",
            "`dockerfile` needs `path`",
        ),
        (
            "dockerfile: { path: f/Dockerfile, target: \"A b\" }",
            "invalid-value",
            "name of a build stage",
        ),
        (
            "dockerfile: f/Dockerfile, role: web",
            "missing-field",
            "a web service needs `port`",
        ),
    ] {
        let root = Root::new(&format!("{HEAD}services: {{ a: {{ {fields} }} }}\n"));
        root.write("f/Dockerfile", "ARG MODE\nFROM x\n");
        let found = told(&root);
        assert_eq!(found.len(), 1, "{fields}: {found:?}");
        assert_eq!(found[0].0, code, "{fields}");
        assert!(found[0].1.contains(message), "{fields}: {found:?}");
    }
    let of_all = Root::new(&format!(
        "{HEAD}defaults: {{ dockerfile: f/D }}\nservices: {{ a: {{ port: 1 }} }}\n"
    ));
    assert_eq!(told(&of_all)[0].0, "unknown-field");
    let inherited = "defaults: { port: 1, apt: [curl], healthcheck: /x }\nservices: { a: { dockerfile: f/Dockerfile } }\n";
    let root = Root::new(&format!("{HEAD}{inherited}"));
    root.write("f/Dockerfile", "FROM x\n");
    assert_eq!(told(&root), []);
}

#[test]
fn a_dockerfile_of_a_person_gets_no_ignore_file_beside_it() {
    let root = Root::new(&format!("{HEAD}services: {{ a: {{ port: 8000 }} }}\n"));
    root.write("generated/a/Dockerfile", "FROM x\n");
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert!(run.told().contains("written all or none"), "{}", run.told());
    assert!(!root.exists("generated/a/Dockerfile.dockerignore"));
    assert_eq!(root.run(&["generate", "--overwrite", "a"]).status, 0);
    assert!(root.exists("generated/a/Dockerfile.dockerignore"));
}

const PROCESSES: &str = "\
outputs: { compose: {} }
defaults: { healthcheck: /up }
services:
  web: { port: 8000, env: { A: b }, volumes: data }
  worker: { image_of: web, cmd: \"celery -A {module} worker\", env: { QUEUE: all }, depends_on: [migrate] }
  migrate: { image_of: web, role: job, cmd: [python, manage.py, migrate] }
  admin: { image_of: web, role: web, port: 9000, cmd: [admin, \"{port}\"], entrypoint: [tini, --] }
";

#[test]
fn processes_share_an_image_and_have_a_compose_entry_each() {
    let root = Root::new(&format!("{HEAD}{PROCESSES}"));
    assert_eq!(root.run(&["generate"]).status, 0);
    assert!(!root.exists("generated/worker/Dockerfile"));
    let compose = root.text("compose.yaml");
    let image = "image: \"${REGISTRY:-r.example}/${OWNER:-acme}/web:${TAG:-dev}\"";
    assert_eq!(compose.matches(image).count(), 4, "{compose}");
    for part in [
        "command: [\"celery\", \"-A\", \"worker\", \"worker\"]\n",
        "    environment:\n      \"QUEUE\": \"all\"\n",
        "    healthcheck:\n      disable: true\n",
        "condition: service_completed_successfully",
        "    entrypoint: [\"tini\", \"--\"]\n    command: [\"admin\", \"9000\"]\n",
        "published: \"${ADMIN_PORT:-0}\"",
        "\nvolumes:\n  \"web-app-data\": {}\n",
    ] {
        assert!(compose.contains(part), "{part}\n{compose}");
    }
    assert_eq!(compose.matches("restart: \"no\"").count(), 1);
    assert!(compose.contains("127.0.0.1', 9000"), "{compose}");
    let list = root.run(&["list"]).told();
    assert!(list.contains("image of web"), "{list}");
}

#[test]
fn what_another_process_does_not_take_is_told() {
    for (fields, message) in [
        ("image_of: wbe, cmd: [x]", "unknown service `wbe`"),
        ("image_of: web", "another process of `web` needs `cmd`"),
        (
            "image_of: web, cmd: [x], apt: [curl]",
            "`apt` has no effect beside `image_of`",
        ),
        (
            "image_of: web, cmd: [x], args: { A: b }",
            "`args` has no effect beside `image_of`",
        ),
        (
            "image_of: other, cmd: [x]",
            "`other` has no image of its own",
        ),
        (
            "image_of: web, cmd: [x], role: job, port: 1",
            "a job runs and exits",
        ),
    ] {
        let services = "web: { port: 1 }, other: { image_of: web, cmd: [x] }";
        let text = format!("{HEAD}services: {{ {services}, a: {{ {fields} }} }}\n");
        let found = told(&Root::new(&text));
        assert_eq!(found.len(), 1, "{fields}: {found:?}");
        assert!(found[0].1.contains(message), "{fields}: {found:?}");
    }
}

#[test]
fn eject_hands_the_files_of_a_service_over() {
    let text = "\
outputs: { bake: {}, compose: {} }
kinds: { k: { port: 8000, apt: [libpq5] } }
services:
  a: { kind: k, pip: [httpx], healthcheck: /up, depends_on: [b] } # a
  b: { kind: k }
";
    let root = Root::generated(&format!("{HEAD}{text}"));
    let before = root.text("generated/a/Dockerfile");
    root.edit("generated/a/Dockerfile", "libpq5", "libpq-dev");
    let run = root.run(&["eject", "--service", "a"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let declared = "a: { kind: k, dockerfile: { path: generated/a/Dockerfile, context: \".\" }, port: 8000, \
                    healthcheck: /up, depends_on: [b] } # a\n";
    assert!(
        root.text("services.yaml").contains(declared),
        "{}",
        root.text("services.yaml")
    );
    let body: String = before.split_inclusive('\n').skip(2).collect();
    assert_eq!(
        root.text("generated/a/Dockerfile"),
        body.replace("libpq5", "libpq-dev")
    );
    assert!(
        !root
            .text("generated/a/requirements.txt")
            .contains("dockwright-seal")
    );
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(root.check().status, 0);
    assert_eq!(
        root.text("generated/a/Dockerfile"),
        body.replace("libpq5", "libpq-dev")
    );
    assert_eq!(planned(&root, "generated/a/requirements.txt\n"), ["a"]);
    assert_eq!(planned(&root, "apps/a/main.py\n"), ["a"]);
    for (name, message) in [
        ("a", "is kept already"),
        ("nope", "there is no image `nope`"),
    ] {
        let run = root.run(&["eject", "--service", name]);
        assert!(
            run.status == 2 && run.told().contains(message),
            "{}",
            run.told()
        );
    }
}
