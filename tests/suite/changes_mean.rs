//! `check` and `bump` say what a change of a Dockerfile means, beside its lines.

use crate::support::{MINIMAL, Root};
use crate::synthetic;

const FILE: &str = "generated/svc-a/Dockerfile";

#[test]
fn an_edit_and_an_update_say_what_they_do_in_every_format() {
    let root = Root::generated(MINIMAL);
    root.edit(
        FILE,
        "EXPOSE 8000",
        "RUN apt-get update && apt-get install -y tesseract-ocr\nUSER root\nEXPOSE 8000",
    );
    let told = "with the edit (-), the image adds apt tesseract-ocr; runs as root instead of 10001";
    for format in ["text", "markdown", "github"] {
        let run = root.run(&["check", "--format", format]);
        assert_eq!(run.stdout.matches(told).count(), 1, "{}", run.told());
    }
    let change = root.check().json()["changes"][0]["meaning"].clone();
    assert_eq!(
        (change["from"].as_str(), change["likeness"].as_str()),
        (Some("expected"), Some("different"))
    );
    assert_eq!(change["differences"][0]["text"], "adds apt tesseract-ocr");

    let root = Root::generated(MINIMAL);
    root.edit(
        "services.yaml",
        "port: 8000",
        "port: 8000, apt: [tesseract-ocr]",
    );
    let run = root.run(&["check"]);
    assert!(
        run.stdout
            .contains("with the update (+), the image adds apt tesseract-ocr\n"),
        "{}",
        run.told()
    );
}

#[test]
fn a_comment_changes_nothing_and_a_denied_rule_counts() {
    let root = Root::generated(MINIMAL);
    root.edit(
        FILE,
        "EXPOSE 8000",
        "# by hand\nEXPOSE 8000\nLABEL org.opencontainers.image.vendor=x",
    );
    let run = root.run(&["check"]);
    assert!(
        run.stdout.contains("(harmless: image-labels)"),
        "{}",
        run.told()
    );
    let text = root.text("services.yaml");
    root.write(
        "services.yaml",
        format!("{text}policy: {{ rules: {{ image-labels: deny }} }}\n"),
    );
    let run = root.run(&["check"]);
    assert!(
        !run.stdout.contains("harmless") && run.stdout.contains("the edit (-)"),
        "{}",
        run.told()
    );
    root.edit(FILE, "\nLABEL org.opencontainers.image.vendor=x", "");
    let run = root.run(&["check"]);
    assert!(
        run.stdout
            .contains("the edit (-) changes nothing in the image"),
        "{}",
        run.told()
    );
}

#[test]
fn a_bump_says_what_the_images_become() {
    let root = Root::generated(MINIMAL);
    let run = root.run(&["bump", "python", "3.13", "--dry-run"]);
    assert!(run.stdout.contains("the update (+)"), "{}", run.told());
}

#[test]
fn a_fleet_that_drifted_by_one_line_is_told_in_80_lines() {
    let root = Root::generated(&synthetic::services_yaml(1_000));
    root.edit("services.yaml", "slim: {", "slim: { stop_signal: SIGINT,");
    let run = root.run(&["check"]);
    assert!(run.stdout.contains("the update (+)"), "{}", run.told());
    assert!(run.stdout.lines().count() <= 80, "{}", run.told());
}
