//! What an image takes: the Dockerfile, its dockerignore file and `plan` have one answer.

use dockwright::images::Inputs;

use crate::options::all_cases;
use crate::support::{EVERY_TEMPLATE, MINIMAL, Root, overlaid, rendered};

/// Declarations that take files in every way there is.
const TAKING: [&str; 7] = [
    "services: { svc-slim: { source: ., ignore: [docs, \"*.md\"] } }",
    "services: { svc-slim: { source: ., target: /srv/app, copy: .env.example } }",
    "services: { svc-slim: { source: \"services/{module}\", shared: [libs, keys/server.pem] } }",
    "services: { svc-slim: { copy: [data/models, { from: conf/*.toml, to: ./ }] } }",
    "services: { svc-slim: { hooks: { after_copy: [COPY deploy/nginx.conf extra/ /etc/x/] } } }",
    "services: { svc-slim: { hooks: { builder: [\"RUN --mount=type=bind,source=tools,target=/t \\
     /t/x\"], after_pip: [\"ADD a/$X b /c/\"] } } }",
    "defaults: { ignore: [venv, libs], copy: venv/keep.txt }\nshared: [libs/common]",
];

fn dockerfiles(text: &str) -> Vec<(String, String, String)> {
    let files = rendered(text).unwrap_or_else(|found| panic!("{text}{found:#?}"));
    let ignored = files.iter().filter_map(|(path, ignore)| {
        let path = path.strip_suffix(".dockerignore")?;
        Some((path.to_owned(), files[path].clone(), ignore.clone()))
    });
    ignored.collect()
}

#[test]
fn dockerfile_dockerignore_and_plan_agree_on_what_is_taken() {
    let taking = TAKING.map(|overlay| overlaid(EVERY_TEMPLATE, overlay, usize::MAX));
    let options = all_cases().map(super::options::Case::declaration);
    for text in taking.into_iter().chain(options) {
        for (path, dockerfile, ignore) in dockerfiles(&text) {
            let inputs = Inputs::of(&path, &dockerfile, &ignore);
            for source in &inputs.sources {
                let root = source.root.as_str();
                assert!(
                    inputs.source_of(root).is_some(),
                    "{path}: {} is kept out of the context\n{dockerfile}{ignore}",
                    source.shown
                );
            }
            let kept = ignore.lines().filter_map(|line| line.strip_prefix('!'));
            for kept in kept.filter(|kept| *kept != "docs/keep.md") {
                let is_taken = inputs.sources.iter().any(|source| source.takes(kept));
                assert!(
                    is_taken,
                    "{path}: nothing takes {kept}\n{dockerfile}{ignore}"
                );
            }
        }
    }
}

#[test]
fn what_is_ignored_stays_out_but_for_what_is_named_itself() {
    let text = overlaid(EVERY_TEMPLATE, TAKING[6], usize::MAX);
    let (path, dockerfile, ignore) = dockerfiles(&text).swap_remove(4);
    let inputs = Inputs::of(&path, &dockerfile, &ignore);
    let takes = |file: &str| inputs.source_of(file).is_some();
    assert!(
        takes("libs/common/x.py") && takes("venv/keep.txt"),
        "{ignore}"
    );
    assert!(
        !takes("venv/other.txt") && !takes("apps/svc_slim/venv/x"),
        "{ignore}"
    );
}

#[test]
fn where_sources_land_decides_the_module() {
    for (fields, module) in [
        ("source: services/a", "services.a.main:app"),
        ("source: services/a, target: /app", "main:app"),
        ("source: services/a, target: api", "main:app"),
        (
            "source: services/a, target: api/v1, workdir: api",
            "v1.main:app",
        ),
        (
            "source: services/a, target: /srv/x, workdir: /srv",
            "x.main:app",
        ),
        ("source: services/a, workdir: /data", "services.a.main:app"),
        (
            "source: services/a, workdir: inherit",
            "services.a.main:app",
        ),
        ("source: .", "main:app"),
        (
            "source: \"services/{module}/src\", target: \"{name}/..\"",
            "",
        ),
        ("source: services/my-app", ""),
        ("source: none", ""),
        ("source: a, target: /srv/x, workdir: /data", ""),
    ] {
        let overlay = format!("services: {{ svc-a: {{ {fields} }} }}");
        let Ok(files) = rendered(&overlaid(MINIMAL, &overlay, usize::MAX)) else {
            assert_eq!(module, "", "{fields}");
            continue;
        };
        let line = format!("\"uvicorn\", \"{module}\",");
        let dockerfile = &files["generated/svc-a/Dockerfile"];
        assert!(dockerfile.contains(&line), "{fields}\n{dockerfile}");
    }
}

#[test]
fn paths_that_lead_elsewhere_are_refused_at_their_place() {
    for (fields, code) in [
        ("source: ../x", "invalid-value"),
        ("source: /x", "invalid-value"),
        ("source: \"a/{nmae}\"", "unknown-placeholder"),
        ("source: \"{source}/a\"", "empty-placeholder"),
        (
            "source: none, app: \"a:b\", target: /x",
            "field-without-effect",
        ),
        ("target: /a/../b", "invalid-value"),
        ("workdir: \"a b\"", "invalid-value"),
        ("workdir: inherit, volumes: data", "invalid-value"),
        ("workdir: inherit, home: me", "invalid-value"),
        (
            "workdir: inherit, env: { HERE: \"{workdir}/x\" }",
            "empty-placeholder",
        ),
        ("shared: /etc", "invalid-value"),
        ("copy: { to: x }", "missing-field"),
        ("copy: { from: ../x, to: y }", "invalid-value"),
        ("copy: { from: \"*/x\", to: y }", "invalid-value"),
        ("copy: { from: x, to: y, mode: rwx }", "invalid-value"),
        ("copy: { image: nobody, from: /x, to: /y }", "unknown-image"),
        ("ignore: ../x", "invalid-value"),
    ] {
        let overlay = format!("services: {{ svc-a: {{ {fields} }} }}");
        let root = Root::new(&overlaid(MINIMAL, &overlay, usize::MAX));
        let run = root.run(&["check", "--format", "json"]);
        assert!(
            run.codes().contains(&code.to_owned()),
            "{fields}: {}",
            run.told()
        );
        let report = run.json();
        let found = report["diagnostics"].as_array().unwrap();
        let found = found.iter().find(|one| one["code"] == code).unwrap();
        assert!(
            found["line"].as_u64().is_some_and(|line| line > 1),
            "{found}"
        );
    }
}

#[test]
fn words_of_other_files_are_answered_with_the_field() {
    for (word, field) in [
        ("command: x", "cmd"),
        ("environment: { A: b }", "env"),
        ("working_dir: /x", "workdir"),
        ("dest: /x", "target"),
        ("folder: x", "source"),
        ("dockerignore: x", "ignore"),
    ] {
        let overlay = format!("services: {{ svc-a: {{ {word} }} }}");
        let run = Root::new(&overlaid(MINIMAL, &overlay, usize::MAX)).run(&["check"]);
        let help = format!("did you mean `{field}`?");
        assert!(run.told().contains(&help), "{word}: {}", run.told());
    }
}
