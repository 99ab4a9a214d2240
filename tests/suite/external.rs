//! What external images can do: what cannot work is an error with the reason, and services are built
//! after those that they copy from.

use crate::support::{Root, rendered};

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";

const IMAGES: &str = "\
images:
  bare: { reference: r.example/distroless, tag: \"1\", shell: false, python: /usr/bin/python3 }
  word: { reference: r.example/other, tag: \"1\", distribution: debian }
  alpine: { reference: python, tag: \"{python}-alpine\" }
";

/// The codes and messages of everything that is wrong with a declaration without its head.
fn told(declaration: &str) -> Vec<(String, String)> {
    let run = Root::new(&format!("{HEAD}{declaration}")).run(&["check", "--format", "json"]);
    let report = run.json();
    let found = report["diagnostics"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    found
        .map(|one| (text(&one["code"]), text(&one["message"])))
        .collect()
}

fn needs_shell(field: &str) -> String {
    format!("`{field}` needs a shell in the final image, and `bare` has none")
}

#[test]
fn steps_of_an_image_without_a_shell_come_after_the_installation() {
    for after in ["apt", "source"] {
        let step = format!("run: {{ after: {after}, run: \"true\" }}");
        let found = told(&format!(
            "{IMAGES}services: {{ a: {{ port: 8000, from: bare, builder: python-slim, {step} }} }}\n"
        ));
        let message = needs_shell(&format!("after: {after}"));
        assert_eq!(found, [("no-shell".to_owned(), message)]);
    }
}

#[test]
fn what_cannot_work_is_an_error_with_the_reason() {
    let shell = needs_shell;
    for (fields, code, message) in [
        ("from: bare", "no-shell", shell("pip")),
        (
            "from: bare, builder: python-slim, groups: [video]",
            "no-shell",
            shell("groups"),
        ),
        (
            "from: bare, builder: python-slim, home: /home/x",
            "no-shell",
            shell("home"),
        ),
        (
            "from: bare, builder: python-slim, hooks: { after_copy: [RUN true] }",
            "no-shell",
            shell("after_copy"),
        ),
        (
            "from: word, builder: python-slim",
            "missing-field",
            "another image builds for r.example/other:1, and where its Python is, is not declared"
                .to_owned(),
        ),
        (
            "from: alpine, apt: [libpq5]",
            "apt-without-debian",
            "`libpq5` cannot be installed: python:3.12-alpine has no apt-get".to_owned(),
        ),
        (
            "apk: [libpq]",
            "apt-without-debian",
            "`libpq` cannot be installed: python:3.12-slim is not an Alpine".to_owned(),
        ),
        (
            "builder: nope",
            "unknown-image",
            "unknown external image `nope`".to_owned(),
        ),
        (
            "copy: { image: a, from: /x, to: dist }",
            "unknown-image",
            "`a` cannot copy from the service `a`".to_owned(),
        ),
    ] {
        let found = told(&format!(
            "{IMAGES}services: {{ a: {{ port: 8000, {fields} }} }}\n"
        ));
        assert_eq!(found, [(code.to_owned(), message)], "{fields}");
    }
}

#[test]
fn a_base_needs_a_shell_and_one_kind_serves_two_distributions() {
    let base =
        "bases: { b: { version: v1.0.0, from: bare } }\nservices: { a: { base: b, port: 8000 } }\n";
    let found = told(&format!("{IMAGES}{base}"));
    let message = "`bases` needs a shell in the final image, and `bare` has none";
    assert_eq!(found[0].1, message);
    let kind = "defaults: { apk: [libpq] }\nservices: { a: { port: 8000 }, b: { from: alpine, port: 8000 } }\n";
    assert_eq!(told(&format!("{IMAGES}{kind}")), []);
}

#[test]
fn a_service_is_built_after_those_that_it_copies_from() {
    let text = "\
outputs: { bake: {} }
services:
  api: { port: 8000, copy: [{ image: web, from: /dist/, to: static/ }, { image: worker, from: /x, to: x }] }
  web: { port: 8001 }
  worker: { image_of: web, cmd: [x] }
";
    let files = rendered(&format!("{HEAD}{text}")).unwrap();
    let dockerfile = &files["generated/api/Dockerfile"];
    let copy = "COPY --from=r.example/acme/web --chmod=0755 /dist/ static/\n";
    assert!(dockerfile.contains(copy), "{dockerfile}");
    let bake = &files["generated/docker-bake.hcl"];
    assert!(
        bake.contains("contexts = { \"r.example/acme/web\" = \"target:web\" }"),
        "{bake}"
    );
    let root = Root::generated(&format!("{HEAD}{text}"));
    let plan = root.run(&["plan", "--all", "--format", "json"]).json();
    let names: Vec<&str> = plan["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["web", "api"]);
    let circle = "services: { a: { port: 1, copy: { image: b, from: /x, to: x } }, b: { port: 1, copy: { image: \
                  a, from: /x, to: x } } }\n";
    assert_eq!(told(circle)[0].0, "dependency-cycle");
}

#[test]
fn steps_of_an_image_without_a_shell_run_in_the_workdir_of_the_builder() {
    let service = "services: { a: { from: bare, builder: python-slim, port: 8000, run: { run: sh x.sh, files: x.sh } } }\n";
    let files = rendered(&format!("{HEAD}{IMAGES}{service}")).unwrap();
    let dockerfile = &files["generated/a/Dockerfile"];
    let steps = "\nWORKDIR /app\nRUN --mount=type=bind,source=x.sh,target=/app/x.sh sh x.sh\n";
    assert!(dockerfile.contains(steps), "{dockerfile}");
    let service = service.replace("port: 8000", "port: 8000, workdir: inherit");
    let found = told(&format!("{IMAGES}{service}"));
    let message =
        "steps run in the builder stage, and the working folder of `bare` is not known there";
    assert_eq!(found, [("no-shell".to_owned(), message.to_owned())]);
}

const CUDA: &str = "\
tools: { uv: \"0.13.9\" }
images: { cuda: { reference: nvidia/cuda, tag: 12.4.1-runtime-ubuntu22.04, python: none } }
";

#[test]
fn an_image_without_python_gets_one_from_uv() {
    let text = format!("{CUDA}services: {{ a: {{ from: cuda, port: 8000, pip: [torch] }} }}\n");
    let files = rendered(&format!("{HEAD}{text}")).unwrap();
    let dockerfile = &files["generated/a/Dockerfile"];
    for line in [
        "FROM python:3.12-slim AS builder\n",
        "pip install --target /uv uv==0.13.9\n",
        "RUN UV_PYTHON_INSTALL_DIR=/opt/python /uv/bin/uv python install 3.12 \\\n",
        "--python 3.12 /opt/venv\n",
        "/uv/bin/uv pip install --python /opt/venv/bin/python",
        "\nFROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\n",
        "\nENTRYPOINT []\n",
    ] {
        assert!(dockerfile.contains(line), "{line}: {dockerfile}");
    }
    for line in ["-m venv", "ln -sf"] {
        assert!(!dockerfile.contains(line), "{line}: {dockerfile}");
    }
}

#[test]
fn a_python_that_uv_installs_needs_uv_glibc_and_a_service() {
    let service = "services: { a: { from: cuda, port: 8000 } }\n";
    let (_, images) = CUDA.split_once('\n').unwrap();
    let found = told(&format!("{images}{service}"));
    assert_eq!(found[0].0, "missing-tool", "{found:?}");
    let alpine = CUDA.replace("12.4.1-runtime-ubuntu22.04", "alpine");
    let found = told(&format!("{alpine}{service}"));
    let message = "`python: none` needs glibc, and `cuda` is an Alpine with musl";
    assert_eq!(found, [("invalid-value".to_owned(), message.to_owned())]);
    let base = "bases: { b: { version: v1, from: cuda } }\nservices: { a: { base: b, port: 1 } }\n";
    let found = told(&format!("{CUDA}{base}"));
    let message = "a base needs an image with Python, and `cuda` has none";
    assert_eq!(found, [("invalid-value".to_owned(), message.to_owned())]);
}
