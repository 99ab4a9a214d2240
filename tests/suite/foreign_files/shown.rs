//! What is shown all the same: generated files that somebody changed, and declarations that read as
//! ones.

use std::fs;
use std::process::Stdio;

use dockwright::artifact::ArtifactPath;
use dockwright::render::seal::seal;

use super::contents::CANARY;
use super::{COMMANDS, assert_silent, printed};
use crate::support::{MINIMAL, PROGRAM, Root, overlaid, repository};

const EDITED: &str = "generated/svc-a/Dockerfile";

#[test]
fn a_changed_generated_file_is_shown_in_every_format() {
    let root = Root::generated(MINIMAL);
    root.write(EDITED, root.text(EDITED) + "# swordfish\n");
    for arguments in [
        COMMANDS[0],
        COMMANDS[1],
        COMMANDS[2],
        COMMANDS[3],
        COMMANDS[32],
    ] {
        let text = printed(&root, arguments, "");
        assert!(text.contains("swordfish"), "{arguments:?}: {text}");
        assert!(
            !text.contains("not shown") && !text.contains("bytes_not_shown"),
            "{arguments:?}: {text}"
        );
    }
    root.write(
        EDITED,
        format!("# syntax=swordfish\n\n{}", root.text(EDITED)),
    );
    assert!(printed(&root, &["check"], "").contains("syntax=swordfish"));
}

#[test]
fn a_file_that_is_not_ours_is_told_by_path_size_and_kind() {
    let root = Root::generated(MINIMAL);
    root.write(EDITED, "x".repeat(1_234_567));
    root.write("generated/stray", "x");
    let check = root.run(&["check"]);
    assert!(
        check
            .stdout
            .contains("generated/svc-a/Dockerfile  1,234,567 bytes, not shown\n"),
        "{}",
        check.told()
    );
    assert!(
        check
            .stdout
            .contains("generated/stray  1 byte, not shown\n"),
        "{}",
        check.told()
    );
    assert!(check.stdout.contains("unmanaged: "), "{}", check.told());
    assert!(!check.stdout.contains(" expected)"), "{}", check.told());
    let drifts = root.check().json()["drifts"].clone();
    assert_eq!(
        drifts[0],
        serde_json::json!({ "path": "generated/stray", "kind": "unmanaged", "bytes_not_shown": 1 })
    );
    assert_eq!(drifts[1]["bytes_not_shown"], 1_234_567);
    let github = root.run(&["check", "--format", "github"]);
    assert!(
        github
            .stdout
            .contains("Dockerfile is unmanaged, 1,234,567 bytes, not shown; run"),
        "{}",
        github.told()
    );
    let generate = root.run(&["generate"]);
    assert!(
        generate.stdout.contains("1,234,567 bytes, not shown"),
        "{}",
        generate.told()
    );
}

#[test]
fn overwrite_replaces_a_file_without_printing_it() {
    let root = Root::new(&overlaid(MINIMAL, "outputs: { compose: values.yaml }", 2));
    root.write("values.yaml", CANARY);
    for arguments in [
        &["generate", "--overwrite", "values.yaml", "--dry-run"][..],
        &["generate", "--overwrite", "values.yaml"],
    ] {
        let run = root.run(arguments);
        assert_eq!(
            run.status,
            i32::from(arguments.len() == 4),
            "{}",
            run.told()
        );
        assert!(run.stdout.contains("values.yaml"), "{}", run.told());
        assert_silent(&run.told(), "generate --overwrite");
    }
    assert_eq!(root.run(&["check"]).status, 0);
    assert!(!root.text("values.yaml").contains(CANARY));
}

/// Standard error of a patch names what it leaves out, and the commands that it prints put the rest
/// right.
#[test]
fn a_patch_leaves_out_what_is_not_shown_and_says_what_to_type() {
    let root = Root::generated(&overlaid(MINIMAL, "outputs: { compose: compose.yaml }", 2));
    root.write("compose.yaml", CANARY);
    root.write("generated/stray", CANARY);
    root.write(EDITED, root.text(EDITED) + "RUN true\n");
    root.remove("generated/base-runtime/Dockerfile");
    let run = root.run(&["check", "--format", "patch"]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert_silent(&run.told(), "check --format patch");
    assert!(
        run.stderr.contains("the patch leaves out 2 files:\n"),
        "{}",
        run.told()
    );
    let told =
        |path: &str| run.stderr.contains(&format!("  {path}: ")) && !run.stdout.contains(path);
    assert!(
        told("compose.yaml") && told("generated/stray"),
        "{}",
        run.told()
    );
    assert!(run.stderr.contains("12 bytes, not shown"), "{}", run.told());
    root.write("patch", &run.stdout);
    assert_eq!(root.git(&["apply", "patch"]).status, 0, "{}", run.told());
    root.remove("patch");
    let left: Vec<String> = root.check().drifts().into_keys().collect();
    assert_eq!(left, ["compose.yaml", "generated/stray"]);
    for command in [
        "dockwright generate --overwrite compose.yaml",
        "rm generated/stray",
    ] {
        assert!(run.stderr.contains(command), "{}", run.told());
        let script = command.replace("dockwright", PROGRAM);
        assert!(
            root.command("sh", &["-c", &script])
                .stdout(Stdio::null())
                .status()
                .unwrap()
                .code()
                < Some(2),
            "{command}"
        );
    }
    assert_eq!(root.check().status, 0);
}

const MAIN: &str = "include: [services.d/*.yaml]";

#[test]
fn an_included_file_is_shown_where_it_reads_as_one_of_ours() {
    let root = Root::new(&overlaid(MINIMAL, MAIN, 2));
    root.write(
        "services.d/a.yaml",
        "services:\n  svc-b: { kind: swordfish, port: 8001 }\n",
    );
    let run = root.run(&["check"]);
    assert!(
        run.stdout.contains("unknown-kind") && run.stdout.contains("kind: swordfish, port"),
        "{}",
        run.told()
    );
    root.write(
        "services.d/a.yaml",
        "services:\n  svc-b: { kind: web, prot: 8001 } # swordfish\n",
    );
    for format in ["text", "json", "github"] {
        let run = root.run(&["check", "--format", format]);
        assert!(run.stdout.contains("unknown-field"), "{}", run.told());
        assert!(
            run.stdout.contains("did you mean `port`?"),
            "{}",
            run.told()
        );
        assert!(
            !run.stdout.contains("prot") && !run.stdout.contains("swordfish"),
            "{}",
            run.told()
        );
        assert_eq!(run.status, 1, "{}", run.told());
    }
    let run = root.run(&["check"]);
    assert!(
        run.stdout.contains("--> services.d/a.yaml:2:23"),
        "{}",
        run.told()
    );
}

/// What a file that was left out declares is missed by others; that is not told as their fault.
#[test]
fn what_only_follows_from_a_file_that_is_left_out_waits() {
    let declaration = "include: [x.yaml]\nlocks: { images: [svc-x] }\npolicy: { images: { svc-x: { secret-in-env: deny } } }\n\
                       services: { svc-b: { kind: web, port: 1, requirements: [x], depends_on: [svc-x] } }\n";
    let root = Root::new(&overlaid(MINIMAL, declaration, 1));
    root.write("locks/svc-x.txt", "");
    root.write(
        "x.yaml",
        "requirements: { x: [six] }\nservices: { svc-x: { kind: web, prot: 1 } }\n",
    );
    assert_eq!(root.check().codes(), ["unknown-field"]);
}

/// A seal names the declaration that it is of, and that is read: for one more word of its own, and
/// no line of it.
#[test]
fn a_neighbour_that_a_seal_names_prints_nothing() {
    for (name, text) in [
        (
            "secrets.yaml",
            format!("registry: {CANARY}\nservices: {{ {CANARY}: {{}} }}\n{CANARY}: 1\n"),
        ),
        ("secrets.yml", format!("{CANARY}: [\n")),
        (".env", format!("PASSWORD={CANARY}\n")),
    ] {
        let root = Root::generated(MINIMAL);
        root.write(name, &text);
        for path in [EDITED, "generated/stray"] {
            let body = format!("FROM {CANARY}\n");
            let other = seal(name, &ArtifactPath::parse(path).unwrap(), "x.j2", &body);
            // A broken seal of this very path shows a generated file; that of a declared neighbour
            // is its own.
            root.write(
                path,
                if name == "secrets.yaml" {
                    other
                } else {
                    other.replace(CANARY, "x")
                },
            );
        }
        for arguments in COMMANDS {
            assert_silent(
                &printed(&root, arguments, EDITED),
                &format!("{arguments:?} beside {name}"),
            );
        }
    }
}

/// The two types that decide what may be printed are the only way to it.
#[test]
fn a_report_reaches_no_text_but_what_may_be_shown() {
    let folders = ["src/report", "src/report/inert"];
    let entries = folders.map(|folder| fs::read_dir(repository().join(folder)).unwrap());
    let paths = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.is_file()) {
        let text = fs::read_to_string(&path).unwrap();
        for way in ["DiskEntry", ".on_disk(", "sources.text("] {
            assert!(!text.contains(way), "{} has {way}", path.display());
        }
    }
}
