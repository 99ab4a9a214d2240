//! How `defaults`, kinds and services combine, what `null` takes back, and what placeholders stand
//! for: all from services.yaml to the rendered files.

use crate::support::{EVERY_TEMPLATE, MINIMAL, Root, overlaid, rendered};

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";

/// The Dockerfile of a service in a declaration without its head.
fn dockerfile(declaration: &str, service: &str) -> String {
    let files = rendered(&format!("{HEAD}{declaration}"));
    let files = files.unwrap_or_else(|found| panic!("{declaration}{found:#?}"));
    files[&format!("generated/{service}/Dockerfile")].clone()
}

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

#[test]
fn defaults_reach_every_service_and_kinds_come_after_them() {
    let text = "\
defaults: { port: 8000, apt: [curl], env: { A: all, B: all }, healthcheck: { path: /up, retries: 7 } }
kinds:
  kind: { apt: [git], env: { B: kind }, healthcheck: /kind }
services:
  plain: {}
  of-kind: { kind: kind, port: 8001, apt: [vim-tiny], env: { C: own } }
";
    let plain = dockerfile(text, "plain");
    for line in [
        "EXPOSE 8000",
        "curl",
        "ENV A=\"all\"",
        "ENV B=\"all\"",
        "'/up'",
        "--retries=7",
    ] {
        assert!(plain.contains(line), "{line}\n{plain}");
    }
    let of_kind = dockerfile(text, "of-kind");
    for line in [
        "EXPOSE 8001",
        "A=\"all\"",
        "B=\"kind\"",
        "C=\"own\"",
        "'/kind'",
        "--retries=3",
    ] {
        assert!(of_kind.contains(line), "{line}\n{of_kind}");
    }
    assert!(!of_kind.contains("B=\"all\""), "{of_kind}");
    let at = |package: &str| of_kind.find(package).unwrap();
    assert!(
        at("curl") < at("git ") && at("git ") < at("vim-tiny"),
        "inherited items come first"
    );
}

#[test]
fn null_takes_back_what_is_inherited() {
    let text = "\
requirements: { base: [uvicorn] }
defaults: { requirements: [base], port: 8000, apt: [curl], env: { A: all, B: all }, healthcheck: /up }
services:
  whole: {}
  less: { requirements: null, apt: null, env: { B: null }, healthcheck: null }
  worker: { port: null, cmd: [work], healthcheck: null }
  none: { env: null }
";
    let less = dockerfile(text, "less");
    for gone in ["curl", "requirements.txt", "ENV B", "/up"] {
        assert!(dockerfile(text, "whole").contains(gone), "{gone}");
        assert!(!less.contains(gone), "{gone}\n{less}");
    }
    assert!(
        less.contains("ENV A") && less.contains("/healthz"),
        "{less}"
    );
    let worker = dockerfile(text, "worker");
    assert!(
        !worker.contains("EXPOSE") && !worker.contains("HEALTHCHECK"),
        "{worker}"
    );
    assert!(!dockerfile(text, "none").contains("ENV A"));
}

#[test]
fn a_service_without_template_and_kind_gets_the_one_that_fits() {
    let text = "\
bases: { base-runtime: { version: v1.0.0 } }
services: { alone: { port: 1 }, on-base: { port: 1, base: base-runtime } }
";
    assert!(dockerfile(text, "alone").contains("FROM python:3.12-slim AS builder"));
    assert!(dockerfile(text, "on-base").contains("FROM ${REGISTRY}/${OWNER}/base-runtime"));
    let kinds = "defaults: { kind: a }\nkinds: { a: { kind: a } }\nservices: { b: { port: 1 } }\n";
    let codes: Vec<String> = told(kinds).into_iter().map(|one| one.0).collect();
    assert_eq!(codes, ["unknown-field", "unknown-field"]);
}

#[test]
fn a_command_in_one_text_is_split_into_words_and_starts_no_shell() {
    let text = "services: { a: { cmd: 'celery -A \"my app\" worker' } }\n";
    let line = "CMD [\"celery\", \"-A\", \"my app\", \"worker\"]";
    assert!(dockerfile(text, "a").contains(line));
    for (cmd, code) in [
        ("serve --port $PORT", "needs-shell"),
        ("a && b", "needs-shell"),
        ("a > b", "needs-shell"),
        ("say 'no end", "invalid-value"),
        ("", "invalid-value"),
    ] {
        let found = told(&format!("services: {{ a: {{ cmd: \"{cmd}\" }} }}\n"));
        assert_eq!(
            (found.len(), found[0].0.as_str()),
            (1, code),
            "{cmd}: {found:?}"
        );
    }
    let quoted = "services: { a: { cmd: \"awk '{ print $1 }' 'a|b'\" } }\n";
    assert!(dockerfile(quoted, "a").contains("CMD [\"awk\", \"{ print $1 }\", \"a|b\"]"));
}

#[test]
fn placeholders_of_a_kind_are_each_services_own() {
    let text = "\
kinds:
  web:
    env: { NAME: \"{name}\", MODULE: \"x.{module}\", ADDRESS: \"0.0.0.0:{port}\" }
    cmd: \"gunicorn {module}.wsgi --bind :{port}\"
    healthcheck: /{name}/up
    hooks: { after_copy: [\"RUN echo {python} {source} {workdir}\"] }
services:
  svc-a: { kind: web, port: 8000 }
  svc-b: { kind: web, port: 8001, env: { OWN: \"{name}\" } }
";
    for (name, module, port) in [("svc-a", "svc_a", 8000), ("svc-b", "svc_b", 8001)] {
        let dockerfile = dockerfile(text, name);
        for line in [
            format!("ENV NAME=\"{name}\""),
            format!("ENV MODULE=\"x.{module}\""),
            format!("ENV ADDRESS=\"0.0.0.0:{port}\""),
            format!("CMD [\"gunicorn\", \"{module}.wsgi\", \"--bind\", \":{port}\"]"),
            format!("'/{name}/up'"),
            format!("RUN echo 3.12 apps/{module} /app"),
        ] {
            assert!(dockerfile.contains(&line), "{line}\n{dockerfile}");
        }
    }
    assert!(dockerfile(text, "svc-b").contains("ENV OWN=\"svc-b\""));
}

#[test]
fn other_braces_stay_as_they_are_written() {
    let values = [
        "${X}",
        "${name}",
        "{\"name\": 1, \"a\": {}}",
        "{{.State.Health}}",
        "{{ name }}",
        "%{http_code}",
        "{}",
    ];
    for value in values {
        let quoted = serde_json::to_string(value).unwrap();
        let overlay = format!(
            "services: {{ svc-slim: {{ env: {{ A: {quoted} }}, hooks: {{ after_copy: ['RUN x \
             {value}', \"RUN awk '{{print $1}}' x\"] }} }} }}"
        );
        let files = rendered(&overlaid(EVERY_TEMPLATE, &overlay, usize::MAX)).unwrap();
        let dockerfile = &files["generated/svc-slim/Dockerfile"];
        assert!(
            dockerfile.contains(&format!("RUN x {value}\n")),
            "{dockerfile}"
        );
        assert!(
            dockerfile.contains("RUN awk '{print $1}' x\n"),
            "{dockerfile}"
        );
        let escaped = value.replace('"', "\\\"").replace('$', "\\$");
        assert!(
            dockerfile.contains(&format!("ENV A=\"{escaped}\"\n")),
            "{dockerfile}"
        );
    }
}

#[test]
fn a_placeholder_without_a_value_and_a_slip_are_told_at_their_place() {
    let found =
        told("services: { a: { cmd: [serve, \"{port}\"] }, b: { cmd: [x, \"{nmae}\"] } }\n");
    let expected = [
        (
            "empty-placeholder",
            "`{port}` has no value: a declares no `port`",
        ),
        ("unknown-placeholder", "unknown placeholder `{nmae}`"),
    ];
    assert_eq!(
        found,
        expected.map(|(code, message)| (code.to_owned(), message.to_owned()))
    );
    let warned = Root::new(&overlaid(
        MINIMAL,
        "services: { svc-a: { env: { A: \"{nmae}\" } } }",
        usize::MAX,
    ));
    let run = warned.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.told().contains("did you mean `{name}`?"),
        "{}",
        run.told()
    );
}
