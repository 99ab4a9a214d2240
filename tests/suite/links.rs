//! Bases that an image takes files from, by hooks and by templates of the fleet's own: edges of the
//! graph like `from`.

use std::process::Stdio;

use crate::support::{Root, has};

/// `base-a` stands before the base that it takes files from.
const TEXT: &str = "registry: r.example
owner: acme
python: \"3.12\"
templates: docker
outputs: { bake: generated/docker-bake.hcl }
bases:
  base-a: { version: v1.0.0, hooks: { after_pip: [\"COPY --from=r.example/acme/base-tools:v2.0.0 /t /t\"] } }
  base-tools: { version: v2.0.0, hooks: { after_pip: [\"COPY conf/tools.ini /t/\"] } }
kinds: { web: { template: multi-stage-slim, port: 8000 }, own: { template: own, base: base-a, port: 8000 } }
services:
  svc-mount: { kind: web, hooks: { after_copy: [\"RUN --mount=type=bind,from=r.example/acme/base-tools:v2.0.0,target=/t true\"] } }
  svc-old: { kind: web, hooks: { after_copy: [\"COPY --from=r.example/acme/base-tools:v1.9.0 /t /t\"] } }
  svc-own: { kind: own }
  svc-plain: { kind: web }
";
const OWN: &str = "ARG REGISTRY={{ registry }}\nARG OWNER={{ owner }}\nFROM \
 ${REGISTRY}/${OWNER}/base-tools:v2.0.0 AS tools\nFROM ${REGISTRY}/${OWNER}/{{ base.name }}:{{ \
 base.version }}\nCOPY --from=tools /t /t\n";

fn fleet() -> Root {
    let root = Root::new(TEXT);
    root.write("docker/service/own.Dockerfile.j2", OWN);
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    root
}

/// The names and reasons of the planned images.
fn planned(root: &Root, arguments: &[&str]) -> Vec<(String, String)> {
    let run = root.run(&[&["plan", "--format", "json"], arguments].concat());
    let plan = run.json();
    let images = plan["images"].as_array().unwrap().iter();
    images
        .map(|image| {
            (
                image["name"].as_str().unwrap().to_owned(),
                image["because"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_base_is_built_before_what_takes_its_files_and_reaches_it() {
    let root = fleet();
    let asked = |name: &str, because: &str| (name.to_owned(), because.to_owned());
    assert_eq!(
        planned(&root, &["--only", "base-tools", "--with-dependents"]),
        [
            asked("base-tools", ""),
            asked("base-a", "uses files from base-tools"),
            asked("svc-mount", "uses files from base-tools"),
            asked("svc-own", "builds on base-a"),
        ]
    );
    let mut list = root.command("sh", &["-c", "echo generated/base-tools/Dockerfile > list"]);
    assert!(list.status().unwrap().success());
    let script = format!(
        "{} plan --changed-files - --format json < list",
        crate::support::PROGRAM
    );
    let changed = crate::support::Run::of(&root.command("sh", &["-c", &script]).output().unwrap());
    let images: Vec<String> = changed.json()["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["name"].to_string())
        .collect();
    assert_eq!(
        images,
        [
            "\"base-tools\"",
            "\"base-a\"",
            "\"svc-mount\"",
            "\"svc-own\""
        ]
    );
    let build = root.run(&["build", "--all", "--with", "buildah", "--dry-run"]);
    let order: Vec<usize> = ["base-tools", "base-a", "svc-own"]
        .map(|name| build.stdout.find(&format!("generated/{name}/")).unwrap())
        .into();
    assert!(order.is_sorted(), "{}", build.told());
}

#[test]
fn graphs_and_levels_tell_it() {
    let root = fleet();
    let plan = root.run(&["plan", "--format", "json"]).json();
    let image = |name: &str| {
        let found = plan["images"]
            .as_array()
            .unwrap()
            .iter()
            .find(|image| image["name"] == name)
            .unwrap();
        (found["level"].as_u64().unwrap(), found["uses"].to_string())
    };
    assert_eq!(image("base-tools"), (0, "[]".to_owned()));
    assert_eq!(image("base-a"), (1, "[\"base-tools\"]".to_owned()));
    assert_eq!(image("svc-own"), (2, "[\"base-tools\"]".to_owned()));
    assert_eq!(
        image("svc-old"),
        (0, "[]".to_owned()),
        "another version is an image that was pushed before"
    );
    assert!(
        root.run(&["plan", "--format", "mermaid"])
            .stdout
            .contains("[\"base-tools:v2.0.0\"] -.-> ")
    );
    let dot = root.run(&["plan", "--format", "dot"]).stdout;
    assert!(
        dot.contains("\"base-tools:v2.0.0\" -> \"base-a:v1.0.0\" [style = dashed];"),
        "{dot}"
    );
}

#[test]
fn bake_builds_what_is_taken_from_in_the_same_graph() {
    let root = fleet();
    let file = root.text("generated/docker-bake.hcl");
    let literal = "contexts = { \"r.example/acme/base-tools:v2.0.0\" = \"target:base-tools\" }";
    assert_eq!(file.matches(literal).count(), 2, "{file}");
    if !has(&["docker-buildx"]) {
        return;
    }
    let arguments = [
        "bake",
        "--print",
        "--file=generated/docker-bake.hcl",
        "svc-own",
        "svc-mount",
    ];
    let printed = root
        .command("docker-buildx", &arguments)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    let own = &plan["target"]["svc-own"]["contexts"];
    assert_eq!(
        own["r.example/acme/base-tools:v2.0.0"], "target:base-tools",
        "{plan:#}"
    );
    assert_eq!(own["r.example/acme/base-a:v1.0.0"], "target:base-a");
    assert_eq!(
        plan["target"]["base-a"]["contexts"]["r.example/acme/base-tools:v2.0.0"],
        "target:base-tools"
    );
    // Elsewhere too: references by variables follow the registry, written ones cannot.
    let elsewhere = root
        .command("docker-buildx", &arguments)
        .env("REGISTRY", "q.example")
        .output()
        .unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&elsewhere.stdout).unwrap();
    assert_eq!(
        plan["target"]["svc-own"]["contexts"]["q.example/acme/base-tools:v2.0.0"],
        "target:base-tools"
    );
    assert_eq!(
        plan["target"]["svc-mount"]["contexts"]["r.example/acme/base-tools:v2.0.0"],
        "target:base-tools"
    );
}

#[test]
fn bases_that_need_each_other_s_files_are_a_diagnostic() {
    let root = fleet();
    root.edit(
        "services.yaml",
        "COPY conf/tools.ini /t/",
        "COPY --from=r.example/acme/base-a:v1.0.0 /a /a",
    );
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["base-cycle".to_owned()]),
        "{}",
        run.told()
    );
    let text = root.run(&["check"]);
    assert!(
        text.stderr.contains("base-a → base-tools → base-a")
            || text.stdout.contains("base-a → base-tools → base-a"),
        "{}",
        text.told()
    );
    root.edit(
        "services.yaml",
        "/acme/base-a:v1.0.0",
        "/acme/base-a:v0.9.0",
    );
    assert_eq!(root.run(&["generate"]).status, 0);
}
