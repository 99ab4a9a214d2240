//! Declarations in several files: the same fleet whatever the cut, and every statement points into
//! the right file.

use crate::support::{Root, overlaid};

const MAIN: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
include: [\"services.d/*.yaml\", teams/ml.yml]
requirements:
  base: [fastapi, uvicorn]
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
services:
  svc-own: { kind: web, port: 8000 }
";
const PAYMENTS: &str = "\
requirements:
  pay: [stripe]
services:
  svc-pay:
    kind: web
    port: 8001
    requirements: [base, pay]
  svc-refund: { kind: web, port: 8002, pip: [httpx] }
";
const ML: &str = "services: { svc-ml: { kind: web, port: 8003 } }\n";

fn fleet() -> Root {
    let root = Root::new(MAIN);
    root.write("services.d/payments.yaml", PAYMENTS);
    root.write("services.d/empty.yaml", "# nothing yet\n");
    root.write("teams/ml.yml", ML);
    root
}

fn generated() -> Root {
    let root = fleet();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    root
}

/// The diagnostics of a check, as `file:line:column code message`.
fn told(root: &Root) -> Vec<String> {
    let report = root.check().json();
    let one = |found: &serde_json::Value| {
        let text = |field: &str| found[field].as_str().unwrap().to_owned();
        format!(
            "{}:{}:{} {} {}",
            text("file"),
            found["line"],
            found["column"],
            text("code"),
            text("message")
        )
    };
    report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(one)
        .collect()
}

#[test]
fn several_files_stand_for_the_fleet_that_one_would() {
    let cut = generated();
    let whole = MAIN.replace("include: [\"services.d/*.yaml\", teams/ml.yml]\n", "");
    let whole = overlaid(&overlaid(&whole, PAYMENTS, 2), ML, 2);
    let whole = Root::generated(&whole);
    let is_ours = |path: &String| path.starts_with("generated/");
    let (cut_files, whole_files) = (cut.files(), whole.files());
    let names = cut_files
        .iter()
        .filter(|path| is_ours(path))
        .collect::<Vec<_>>();
    assert_eq!(
        names,
        whole_files
            .iter()
            .filter(|path| is_ours(path))
            .collect::<Vec<_>>()
    );
    assert!(names.len() > 10);
    for path in names {
        assert_eq!(cut.text(path), whole.text(path), "{path}");
    }
}

#[test]
fn the_order_of_patterns_and_files_changes_nothing() {
    let outputs = "outputs: { bake: {}, compose: {} }\n";
    let root = fleet();
    root.write("services.yaml", MAIN.to_owned() + outputs);
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let turned = MAIN.replace(
        "[\"services.d/*.yaml\", teams/ml.yml]",
        "[teams/ml.yml, teams/*.yml, \"*.d/*.yaml\"]",
    );
    root.write("services.yaml", turned + outputs);
    // Written anew and in another order, so that a listing comes in another order where the file
    // system has one.
    for file in [
        "services.d/payments.yaml",
        "services.d/empty.yaml",
        "teams/ml.yml",
    ] {
        let text = root.text(file);
        root.remove(file);
        root.write(file, text);
    }
    let run = root.run(&["check"]);
    assert_eq!(run.status, 0, "{}", run.told());
}

#[test]
fn diagnostics_point_into_the_file_that_has_the_fault() {
    let root = fleet();
    root.edit(
        "services.d/payments.yaml",
        "port: 8001",
        "port: eight\n    prot: 1",
    );
    root.edit(
        "services.d/payments.yaml",
        "kind: web, port: 8002",
        "kind: wbe, port: 8002",
    );
    root.edit("teams/ml.yml", "port: 8003", "port: 70000");
    let begin = |told: &[String], expected: &[&str]| {
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (found, expected) in told.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}\n{expected}");
        }
    };
    begin(
        &told(&root),
        &[
            "services.d/payments.yaml:6:11 wrong-type",
            "services.d/payments.yaml:7:5 unknown-field",
            "teams/ml.yml:1:40 invalid-value",
        ],
    );
    let github = root.run(&["check", "--format", "github"]);
    assert!(
        github
            .stdout
            .contains("file=services.d/payments.yaml,line=6,col=11,"),
        "{}",
        github.told()
    );
    assert!(
        github.stdout.contains("--> services.d/payments.yaml:6:11"),
        "{}",
        github.told()
    );
    root.edit(
        "services.d/payments.yaml",
        "port: eight\n    prot: 1",
        "port: 8001",
    );
    begin(
        &told(&root),
        &[
            "services.d/payments.yaml:8:23 unknown-kind",
            "teams/ml.yml:1:40 invalid-value",
        ],
    );
}

#[test]
fn a_name_in_two_files_is_told_with_both_places() {
    let root = fleet();
    root.write(
        "teams/ml.yml",
        "requirements: { pay: [x], base: [yarl] }\nservices: { svc-own: { kind: web, port: 1 } }\n",
    );
    let told = told(&root);
    let expected = [
        (
            "teams/ml.yml:1:17",
            "`requirements.pay` is declared a second time; it is also at \
             services.d/payments.yaml:2:3",
        ),
        (
            "teams/ml.yml:1:27",
            "`requirements.base` is declared a second time; it is also at services.yaml:6:3",
        ),
        (
            "teams/ml.yml:2:13",
            "`services.svc-own` is declared a second time; it is also at services.yaml:10:3",
        ),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (found, (place, message)) in told.iter().zip(expected) {
        assert_eq!(*found, format!("{place} duplicate-declaration {message}"));
    }
}

#[test]
fn what_is_included_holds_requirements_and_services_alone() {
    let root = fleet();
    root.write(
        "services.d/empty.yaml",
        "include: [x.yaml]\nbases: {}\nservcies: {}\nowner: a\n",
    );
    let report = root.check().json();
    let helps: Vec<String> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} | {}", one["message"], one["help"]))
        .collect();
    assert!(
        helps[0].contains("an included file cannot include other files"),
        "{helps:#?}"
    );
    assert!(
        helps[1].contains("`bases` belongs in services.yaml"),
        "{helps:#?}"
    );
    assert!(helps[2].contains("did you mean `services`?"), "{helps:#?}");
    assert!(
        helps[3].contains("`owner` belongs in services.yaml"),
        "{helps:#?}"
    );
    assert_eq!(helps.len(), 4);
}

#[test]
fn the_guard_holds_for_every_file_and_hides_only_what_follows() {
    let root = fleet();
    root.write(
        "services.d/payments.yaml",
        "requirements: { pay: [a] }\nrequirements: {}\n",
    );
    root.write(
        "teams/ml.yml",
        "services: { svc-ml: { kind: web, port: 8003, requirements: [pay] } }\n",
    );
    assert_eq!(told(&root).len(), 1, "{:?}", told(&root));
    assert!(told(&root)[0].starts_with("services.d/payments.yaml:2:1 duplicate-key"));
    root.write("services.d/payments.yaml", b"a: \xff\n");
    assert!(
        told(&root)[0].starts_with("services.d/payments.yaml:1:1 not-utf-8"),
        "{:?}",
        told(&root)
    );
    root.write("services.d/payments.yaml", "#".repeat(17 << 20));
    root.write("services.d/q.yaml", "#".repeat(16 << 20));
    assert!(
        told(&root)[0].starts_with("services.d/q.yaml:1:1 file-too-large"),
        "{:?}",
        told(&root)
    );
}

#[test]
fn a_pattern_that_matches_nothing_or_leads_out_is_an_error() {
    let root = fleet();
    root.edit(
        "services.yaml",
        "teams/ml.yml",
        "teams/lm.yml, ../x.yaml, /etc/x.yaml, \"**/x.yaml\"",
    );
    let told = told(&root);
    let expected = [
        "services.yaml:4:32 include-without-match no file matches `teams/lm.yml`",
        "services.yaml:4:46 invalid-include",
        "services.yaml:4:57 invalid-include",
        "services.yaml:4:70 invalid-include",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (found, expected) in told.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
}

#[test]
fn no_link_is_followed_to_an_included_file() {
    let outside = Root::new(ML);
    for (link, target) in [("teams/ml.yml", "services.yaml"), ("services.d", "")] {
        let root = fleet();
        if link == "services.d" {
            std::fs::remove_dir_all(root.path().join(link)).unwrap();
        }
        root.link(link, outside.path().join(target).as_str());
        let run = root.run(&["check"]);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(
            run.stderr.contains("symlinks are not followed"),
            "{}",
            run.told()
        );
    }
}

#[test]
fn a_service_that_leaves_its_file_is_an_orphan_and_a_lost_file_deletes_nothing() {
    let root = generated();
    root.edit(
        "services.d/payments.yaml",
        "  svc-refund: { kind: web, port: 8002, pip: [httpx] }\n",
        "",
    );
    let drifts = root.check().drifts();
    assert!(
        drifts
            .iter()
            .all(|(path, kind)| path.starts_with("generated/svc-refund/") && kind == "orphaned")
    );
    assert!(!drifts.is_empty());
    root.remove("teams/ml.yml");
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert!(
        root.exists("generated/svc-ml/Dockerfile")
            && root.exists("generated/svc-refund/Dockerfile")
    );
}

#[test]
fn traces_and_why_name_the_included_file() {
    let root = generated();
    root.edit("services.d/payments.yaml", "port: 8001", "port: 9001");
    let run = root.run(&["check"]);
    assert!(
        run.stdout
            .contains("declared services.d/payments.yaml:6:11 services.svc-pay.port"),
        "{}",
        run.told()
    );
    let ways = root.run(&["why", "stripe", "--format", "json"]).json();
    assert_eq!(
        (&ways["ways"][0]["file"], &ways["ways"][0]["line"]),
        (&"services.d/payments.yaml".into(), &2.into())
    );
    let run = root.run(&["why", "httpx"]);
    assert!(
        run.stdout.contains("services.d/payments.yaml:8:"),
        "{}",
        run.told()
    );
    assert!(
        root.text("generated/svc-pay/Dockerfile")
            .contains("services.yaml"),
        "the seal names the declaration"
    );
}

#[test]
fn plan_counts_a_changed_included_file_as_a_change_of_the_declaration() {
    let root = generated();
    root.edit("services.d/payments.yaml", "port: 8001", "port: 9001");
    let plan = |changed: &str| {
        let mut command = root.command(
            crate::support::PROGRAM,
            &["plan", "--changed-files", "-", "--format", "json"],
        );
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), changed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let images = json["images"].as_array().unwrap().clone();
        images
            .iter()
            .map(|image| image["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(plan("services.d/payments.yaml\n"), ["svc-pay"]);
    assert_eq!(
        plan("services.d/gone.yaml\n"),
        ["svc-pay"],
        "a file that was there before counts too"
    );
    assert_eq!(plan("docs/readme.md\n"), Vec::<String>::new());
}

#[test]
fn bump_edits_the_file_that_has_the_base() {
    let root = fleet();
    let bases = "bases: { low: { version: v1.0.0, requirements: [pay] } }\n";
    root.write("services.yaml", MAIN.to_owned() + bases);
    assert_eq!(root.run(&["generate"]).status, 0);
    let run = root.run(&["bump", "low", "--patch"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(root.text("services.yaml").contains("version: v1.0.1"));
    assert_eq!(root.text("services.d/payments.yaml"), PAYMENTS);
    root.edit("services.d/payments.yaml", "[stripe]", "[stripe, attrs]");
    assert_eq!(root.check().codes(), ["base-changed-without-bump"]);
    let run = root.run(&["bump", "--changed"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(root.text("services.yaml").contains("version: v1.0.2"));
}

#[test]
fn new_declares_into_the_file_that_was_asked_for() {
    let root = generated();
    let new =
        |name: &str, into: &[&str]| root.run(&[&["new", name, "--kind", "web"], into].concat());
    let run = new("svc-late", &["--into", "./services.d/payments.yaml"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.stdout.contains("services.d/payments.yaml:4\n"),
        "{}",
        run.told()
    );
    let entry = "  svc-late:\n    kind: web\n    port: 8000\n  svc-pay:\n";
    assert_eq!(
        root.text("services.d/payments.yaml"),
        PAYMENTS.replace("  svc-pay:\n", entry)
    );
    assert!(root.exists("generated/svc-late/Dockerfile") && root.exists("apps/svc_late/main.py"));
    let run = new("svc-fresh", &["--into", "services.d/fresh.yaml"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(
        root.text("services.d/fresh.yaml"),
        "services:\n  svc-fresh:\n    kind: web\n    port: 8000\n"
    );
    assert_eq!(root.text("services.yaml"), MAIN);
    let run = new("svc-main", &[]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(root.text("services.yaml").contains("svc-main"));
    assert_eq!(root.run(&["check"]).status, 0);
}

#[test]
fn new_refuses_a_file_that_is_not_included_and_a_name_that_is_taken_elsewhere() {
    let root = generated();
    let before = root.tree();
    for (name, into, message) in [
        (
            "svc-x",
            "other/x.yaml",
            "services.yaml does not include other/x.yaml; it includes services.d/*.yaml, \
             teams/ml.yml",
        ),
        ("svc-x", "../x.yaml", "services.yaml does not include"),
        (
            "svc-pay",
            "teams/ml.yml",
            "already declares a service svc-pay",
        ),
    ] {
        let run = root.run(&["new", name, "--kind", "web", "--into", into]);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(run.stderr.contains(message), "{}", run.told());
    }
    assert_eq!(root.tree(), before);
}

#[test]
fn a_generated_file_cannot_take_the_place_of_an_included_one() {
    let root = fleet();
    root.write(
        "services.yaml",
        MAIN.to_owned() + "outputs: { compose: { path: services.d/compose.yaml } }\n",
    );
    assert_eq!(root.check().codes(), ["invalid-layout"]);
}
