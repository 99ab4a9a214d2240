//! Budgets: what is over them, because of what, and how a run ends.

use serde_json::Value;

use super::fleet::{FLEET, archive};
use crate::support::{Root, Run};

/// A fleet with budgets whose images are in images.tar, with so many bytes of pandas.
fn fleet(budgets: &str, pandas: usize) -> Root {
    let root = Root::generated(&format!("{FLEET}budgets: {budgets}\n"));
    root.write("images.tar", archive(&root, pandas));
    root
}

fn judged(root: &Root, words: &[&str]) -> Run {
    root.run(&[&["sizes", "images.tar"], words].concat())
}

fn budgets(run: &Run) -> Vec<Value> {
    run.json()["budgets"].as_array().unwrap().clone()
}

const OWN: &str = "{ images: { svc-slim: { size: 5 kB, tolerance: 10%, reason: pandas } } }";

#[test]
fn an_image_over_its_budget_fails_the_run_with_the_line_behind_it() {
    let root = fleet(OWN, 6000);
    let run = judged(&root, &[]);
    assert_eq!(run.status, 1, "{}", run.told());
    let (_, told) = run.stdout.split_once("error[over-budget]: ").unwrap();
    let mut lines = told.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with("svc-slim (linux/amd64) takes 6.")
            && first.ends_with("than its budget of 5.0 kB with a tolerance of 500 B (pandas)"),
        "{first}"
    );
    assert_eq!(lines.next(), Some("  --> services.yaml:16:32"), "{told}");
    assert!(
        told.contains(
            "  6.0 kB pandas 2.2\n      services.yaml:14:59 services.svc-slim.pip[0] pandas\n"
        ),
        "{told}"
    );
    assert!(
        told.contains("\nhelp: remove what the images do not need"),
        "{told}"
    );
}

#[test]
fn a_budget_is_passed_by_its_tolerance() {
    // The layers of the image have some bytes more.
    for (pandas, status) in [(4000, 0), (5300, 0), (5600, 1)] {
        let root = fleet(OWN, pandas);
        let run = judged(&root, &["--format", "json"]);
        assert_eq!(run.status, status, "{pandas}: {}", run.told());
        let judged = &budgets(&run)[0];
        assert_eq!(judged["is_over"], status == 1, "{judged}");
        assert_eq!(
            (&judged["budget"], &judged["most"]),
            (&5000.into(), &5500.into())
        );
        assert_eq!(judged["causes"].as_array().unwrap().is_empty(), status == 0);
        assert_eq!(judged["declared"]["field"], "budgets.images.svc-slim");
    }
}

#[test]
fn what_grew_is_the_cause_where_it_is_known() {
    let root = fleet(OWN, 2000);
    let old = judged(&root, &["--format", "json"]);
    assert_eq!(old.status, 0, "{}", old.told());
    root.write("old.json", old.stdout);
    root.write("images.tar", archive(&root, 9000));
    for (format, told) in [
        ("text", "  +7.0 kB pandas 2.2\n      services.yaml:14:59"),
        (
            "markdown",
            "| `+7.0 kB pandas 2.2` | `services.yaml:14:59 services.svc-slim.pip[0]` |",
        ),
        ("json", "\"grew\": true"),
    ] {
        let run = judged(&root, &["--compare", "old.json", "--format", format]);
        assert_eq!(run.status, 1, "{}", run.told());
        assert!(run.stdout.contains(told), "{format}: {}", run.told());
    }
    // What was too large before is told without anything that grew.
    root.write("old.json", judged(&root, &["--format", "json"]).stdout);
    let run = judged(&root, &["--compare", "old.json"]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert!(
        run.stdout.starts_with("4 images are as before\n"),
        "{}",
        run.told()
    );
    assert!(
        run.stdout.contains("  9.0 kB pandas 2.2\n"),
        "{}",
        run.told()
    );
}

#[test]
fn the_budget_of_the_fleet_counts_every_layer_once() {
    let root = fleet("{ fleet: 1 kB, each: 1 MB }", 5000);
    let run = judged(&root, &["--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.told());
    let report = run.json();
    let judged_fleet = &budgets(&run)[0];
    assert_eq!(judged_fleet["bytes"], report["total"]["stored_once"]);
    assert_eq!(
        (&judged_fleet["image"], &judged_fleet["missing"]),
        (&Value::Null, &0.into())
    );
    assert_eq!(budgets(&run).len(), 5);
    // A sizes.json is judged as the images themselves.
    root.write("sizes.json", &run.stdout);
    let again = root.run(&["sizes", "sizes.json", "--format", "json"]);
    assert_eq!((again.status, again.stdout), (1, run.stdout));
    // Of part of the fleet, only what is too much already is known.
    root.write("few.tar", few(&root));
    let few = root.run(&["sizes", "few.tar"]);
    assert_eq!(few.status, 0, "{}", few.told());
    let note = "the budget of the fleet is not judged: 3 images were not measured\n";
    assert!(few.stdout.ends_with(note), "{}", few.told());
}

/// An archive of one small image of the fleet.
fn few(root: &Root) -> Vec<u8> {
    use super::archives::{docker_files, tar_of};
    tar_of(&docker_files(&[super::fleet::built(
        root,
        "base-runtime",
        &[],
    )]))
}

#[test]
fn a_budget_that_means_nothing_is_told_at_its_place() {
    for (budgets, told) in [
        (
            "{ images: { svc-slim: 1 GB } }",
            "error[unreasoned-budget]: the budget of svc-slim",
        ),
        (
            "{ images: { svc-slin: { size: 1 GB, reason: a } } }",
            "warning[unknown-budget-image]: unknown image `svc-slin`",
        ),
        ("{ each: \"1,5 GB\" }", "must be a number with its unit"),
        (
            "{ each: { size: 1 GB, tolerance: lots } }",
            "must be a percentage",
        ),
        ("{ fleet: { tolerance: 5% } }", "a budget needs a `size`"),
        ("{ each: { size: 5 } }", "expected text"),
        ("{ all: 5 GB }", "has no field `all`"),
    ] {
        let root = Root::new(&format!("{FLEET}budgets: {budgets}\n"));
        let run = root.run(&["check"]);
        assert_eq!(run.status, 1, "{}", run.told());
        assert!(run.stdout.contains(told), "{budgets}: {}", run.told());
    }
}
