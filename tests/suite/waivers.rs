//! Waivers for drift: exact bytes of one generated file, with a reason, up to a day.

use sha2::{Digest as _, Sha256};

use crate::support::{MINIMAL, Root, Run};

const FILE: &str = "generated/svc-a/Dockerfile";
const IN_TIME: &str = "2026-06-30";
const TOO_LATE: &str = "2026-07-01";

fn waiver(file: &str, sha256: &str) -> String {
    format!(
        "policy:\n  waivers:\n    - file: {file}\n      sha256: {sha256}\n      reason: incident 42\n      \
         until: {IN_TIME}\n"
    )
}

fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// A fleet with one hand edit.
fn edited() -> Root {
    let root = Root::generated(MINIMAL);
    root.edit(FILE, "EXPOSE 8000", "EXPOSE 8001");
    root
}

/// The same with a waiver for it.
fn waived() -> Root {
    let root = edited();
    let digest = digest(&root.bytes(FILE));
    root.write(
        "services.yaml",
        format!("{MINIMAL}{}", waiver(FILE, &digest)),
    );
    root
}

fn check(root: &Root, arguments: &[&str]) -> Run {
    let all = [&["check", "--format", "json"], arguments].concat();
    root.run(&all)
}

#[test]
fn a_waiver_holds_for_its_bytes_and_up_to_its_day() {
    let root = waived();
    let run = check(&root, &["--today", IN_TIME]);
    assert_eq!(
        (run.status, run.codes()),
        (0, vec!["waived-drift".to_owned()])
    );
    assert!(run.drifts().is_empty() && run.json()["clean"] == true);
    let told = &run.json()["waived"][0];
    assert_eq!(
        (told["path"].as_str(), told["reason"].as_str()),
        (Some(FILE), Some("incident 42"))
    );
    let line = root
        .text(FILE)
        .lines()
        .position(|line| line == "EXPOSE 8001")
        .unwrap()
        + 1;
    assert!(told["line"].as_u64().unwrap() <= line as u64, "{told}");

    for (arguments, code) in [
        (&["--today", TOO_LATE][..], Some("expired-waiver")),
        (&[], Some("undated-waiver")),
        (&["--today", IN_TIME, "--no-waivers"], None),
    ] {
        let run = check(&root, arguments);
        let codes: Vec<String> = code.into_iter().map(str::to_owned).collect();
        assert_eq!((run.status, run.codes()), (1, codes), "{arguments:?}");
        assert_eq!(run.drifts()[FILE], "hand-edited", "{arguments:?}");
    }

    root.edit(FILE, "EXPOSE 8001", "EXPOSE 8002");
    let run = check(&root, &["--today", IN_TIME]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["unused-waiver".to_owned()])
    );
    let help = run.json()["diagnostics"][0]["help"].to_string();
    assert!(help.contains(&digest(&root.bytes(FILE))), "{help}");
}

#[test]
fn now_is_the_date_of_this_machine() {
    let root = edited();
    let digest = digest(&root.bytes(FILE));
    for (until, status) in [("9999-12-31", 0), ("2000-01-01", 1)] {
        let text = waiver(FILE, &digest).replace(IN_TIME, until);
        root.write("services.yaml", format!("{MINIMAL}{text}"));
        let run = check(&root, &["--today", "now"]);
        assert_eq!(run.status, status, "{}", run.told());
    }
    let run = check(&root, &["--today", "tomorrow"]);
    assert_eq!(run.status, 2, "{}", run.told());
}

#[test]
fn every_format_warns_at_the_line_of_the_waiver_and_the_status_is_0() {
    let root = waived();
    let line = root
        .text("services.yaml")
        .lines()
        .position(|line| line.contains("- file:"));
    let line = line.unwrap() + 1;
    for (format, shown) in [
        ("text", format!("--> services.yaml:{line}")),
        ("json", format!("\"line\": {line}")),
        (
            "github",
            format!("::warning file=services.yaml,line={line},"),
        ),
        ("gitlab", format!("\"begin\": {line}")),
        ("sarif", format!("\"startLine\": {line}")),
        ("markdown", "- **waived** until 2026-06-30".to_owned()),
    ] {
        let run = root.run(&["check", "--today", IN_TIME, "--format", format]);
        assert_eq!(run.status, 0, "{format}: {}", run.told());
        for part in [shown.as_str(), FILE, "incident 42"] {
            assert!(
                run.stdout.contains(part),
                "{format} has no {part}: {}",
                run.told()
            );
        }
    }
    let text = root.run(&["check", "--today", IN_TIME]).stdout;
    assert!(
        text.ends_with("up to date but for 1 file waived: 7 files for 2 images\n"),
        "{text}"
    );
}

#[test]
fn what_a_waiver_cannot_mean_is_told_with_what_to_do() {
    for (text, code, help) in [
        (
            waiver("generated/svc-a/Dockerfil", &"ab".repeat(32)),
            "unused-waiver",
            "did you mean",
        ),
        (
            waiver(FILE, &"ab".repeat(32)),
            "unused-waiver",
            "delete the entry",
        ),
        (waiver(FILE, "abc"), "invalid-value", "64"),
        (
            waiver(FILE, &"ab".repeat(32)).replace("      reason: incident 42\n", ""),
            "missing-field",
            "",
        ),
        (
            waiver(FILE, &"ab".repeat(32)).replace("      until: 2026-06-30\n", ""),
            "missing-field",
            "",
        ),
        (waiver("../x", &"ab".repeat(32)), "invalid-value", ""),
    ] {
        let root = Root::generated(MINIMAL);
        root.write("services.yaml", format!("{MINIMAL}{text}"));
        let run = check(&root, &["--today", IN_TIME]);
        assert_eq!(run.codes(), [code], "{}", run.told());
        let told = run.json()["diagnostics"][0].to_string();
        assert!(told.contains(help), "{told}");
    }
}

#[test]
fn a_waiver_allows_neither_a_mode_nor_a_missing_file() {
    let root = waived();
    root.set_mode(FILE, 0o755);
    assert_eq!(
        check(&root, &["--today", IN_TIME]).codes(),
        ["unused-waiver"]
    );
    root.remove(FILE);
    let run = check(&root, &["--today", IN_TIME]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["unused-waiver".to_owned()])
    );
}

#[test]
fn a_part_tells_nothing_of_waivers_outside_of_it() {
    let root = waived();
    let run = check(&root, &["--only", "base-runtime", "--today", IN_TIME]);
    assert_eq!((run.status, run.codes()), (0, Vec::new()), "{}", run.told());
}

#[test]
fn generate_leaves_a_waived_file_and_writes_the_rest() {
    // An out-of-date file is one that `generate` would write over.
    let root = Root::generated(MINIMAL);
    let digest = digest(&root.bytes(FILE));
    let moved = MINIMAL.replace("port: 8000", "port: 8080");
    root.write("services.yaml", format!("{moved}{}", waiver(FILE, &digest)));
    root.remove("generated/base-runtime/requirements.txt");
    let kept = root.text(FILE);
    for today in [&[][..], &["--today", IN_TIME]] {
        let run = root.run(&[&["generate"], today].concat());
        assert_eq!(root.text(FILE), kept, "{today:?}: {}", run.told());
        assert!(root.exists("generated/base-runtime/requirements.txt"));
        assert_eq!(run.status, i32::from(today.is_empty()), "{}", run.told());
        assert!(run.stdout.contains("waive"), "{}", run.told());
    }
    let run = root.run(&["generate", "--overwrite", FILE, "--today", IN_TIME]);
    assert!(root.text(FILE).contains("EXPOSE 8080"), "{}", run.told());
    assert_eq!(run.status, 0, "{}", run.told());
}

#[test]
fn build_takes_a_waived_file_and_the_plan_what_it_reads() {
    let root = waived();
    root.write("apps/svc_a/main.py", "");
    let build = ["build", "svc-a", "--with", "buildx", "--dry-run"];
    assert_eq!(root.run(&build).status, 1);
    let run = root.run(&[&build[..], &["--today", IN_TIME]].concat());
    assert_eq!(run.status, 0, "{}", run.told());

    root.edit(FILE, "EXPOSE 8001", "COPY certs /certs\nEXPOSE 8000");
    root.write(
        "services.yaml",
        format!("{MINIMAL}{}", waiver(FILE, &digest(&root.bytes(FILE)))),
    );
    root.edit("generated/svc-a/Dockerfile.dockerignore", "", "");
    let ignored = root.text("generated/svc-a/Dockerfile.dockerignore");
    let more = format!("{ignored}!certs\n");
    root.write("generated/svc-a/Dockerfile.dockerignore", more.as_bytes());
    let second = waiver(
        "generated/svc-a/Dockerfile.dockerignore",
        &digest(more.as_bytes()),
    );
    let entry = second.split_once("waivers:\n").unwrap().1;
    let text = root.text("services.yaml");
    root.write("services.yaml", format!("{text}{entry}"));
    let planned = |today: &[&str]| {
        let arguments = [&["plan", "--changed-files", "-", "--format", "json"], today].concat();
        let mut command = root.command(crate::support::PROGRAM, &arguments);
        command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"certs/ca.pem\n").unwrap();
        Run::of(&child.wait_with_output().unwrap()).json()["images"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((planned(&[]), planned(&["--today", IN_TIME])), (0, 1));
}

#[test]
fn the_workflow_of_a_fleet_with_waivers_knows_the_day() {
    let outputs = "outputs: { workflow: { install: ./get.sh } }\n";
    let root = Root::generated(&format!("{MINIMAL}{outputs}"));
    let path = ".github/workflows/images.yaml";
    assert!(!root.text(path).contains("--today"));
    let text = waiver(FILE, &"ab".repeat(32));
    root.write("services.yaml", format!("{MINIMAL}{outputs}{text}"));
    root.run(&["generate"]);
    let workflow = root.text(path);
    for command in ["check", "plan", "build \"$image\"", "build \"$IMAGE\""] {
        let count = |text: &str| workflow.matches(text).count();
        let plain = format!("dockwright {command} ");
        assert!(count(&plain) > 0, "{command}");
        assert_eq!(
            count(&plain),
            count(&format!("{plain}--today now")),
            "{workflow}"
        );
    }
}

#[test]
fn a_policy_denies_harmless_differences_by_name() {
    let root = Root::empty();
    root.write("a/Dockerfile", "FROM python:3.12-slim\nCMD [\"python\"]\n");
    root.write(
        "b/Dockerfile",
        "FROM python:3.12-slim\nUSER 10001\nCMD [\"python\"]\n",
    );
    let diff = ["diff", "a/Dockerfile", "b/Dockerfile"];
    assert_eq!(root.run(&diff).status, 0);
    for (level, statuses, code) in [
        ("non-root: deny", (1, 0), ""),
        ("non-root: allow", (0, 0), ""),
        ("non-root: warn", (2, 1), "invalid-value"),
        ("non-rot: deny", (2, 1), "unknown-rule"),
    ] {
        root.write(
            "services.yaml",
            format!("{MINIMAL}policy: {{ rules: {{ {level} }} }}\n"),
        );
        root.run(&["generate"]);
        let checked = root.check();
        let statuses_now = (root.run(&diff).status, checked.status);
        assert_eq!(statuses_now, statuses, "{level}: {}", checked.told());
        assert!(
            checked.codes().iter().all(|found| found == code),
            "{}",
            checked.told()
        );
    }
    assert!(root.check().stdout.contains("did you mean `non-root`"));
}

#[test]
fn adopt_counts_what_a_policy_denies_as_different() {
    let root = Root::empty();
    root.write("a/main.py", "");
    root.write(
        "a/Dockerfile",
        "FROM python:3.12-slim\nCOPY main.py /a.py\nCMD [\"python\", \"/a.py\"]\n",
    );
    let likeness = |root: &Root| {
        let run = root.run(&["adopt", "--format", "json"]);
        (
            run.status,
            run.stdout.contains("\"likeness\": \"harmless\""),
        )
    };
    assert_eq!(
        likeness(&root),
        (0, true),
        "{}",
        root.run(&["adopt"]).told()
    );
    let rules: Vec<String> = dockwright::dockerfile::judge::HARMLESS_RULES
        .iter()
        .map(|rule| format!("{}: deny", rule.id))
        .collect();
    root.write(
        "services.yaml",
        format!("{MINIMAL}policy: {{ rules: {{ {} }} }}\n", rules.join(", ")),
    );
    assert_eq!(
        likeness(&root),
        (1, false),
        "{}",
        root.run(&["adopt"]).told()
    );
}
