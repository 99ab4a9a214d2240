//! `check`, `generate` and `build` answer one question: what one refuses, all refuse, in the same
//! words.

use dockwright::rules;

use crate::rules::{SOURCES, is_about_sources};
use crate::support::{MINIMAL, Root, Run, overlaid};

/// The command lines that `build` would run, which needs no builder.
fn dry_run(root: &Root, options: &[&str]) -> Run {
    root.run(
        &[
            &["build", "--all", "--with", "buildah", "--dry-run"],
            options,
        ]
        .concat(),
    )
}

/// Asserts that everything refuses in the words of `check`.
fn all_refuse(root: &Root, options: &[&str], what: &str) {
    let check = root.run(&[&["check"], options].concat());
    assert_eq!(check.status, 1, "{what}: {}", check.told());
    let build = dry_run(root, options);
    assert_eq!(
        (build.status, build.stdout.as_str()),
        (1, ""),
        "{what}: {}",
        build.told()
    );
    assert_eq!(build.stderr, check.stdout, "{what}");
}

/// An example on the minimal fleet with all files generated, whatever the rules say of it.
fn example(text: &str, policy: &str) -> Root {
    let root = Root::new(&overlaid(&overlaid(MINIMAL, text, 3), policy, 3));
    root.write("requirements.txt", "torch==2.9.1\n");
    if is_about_sources(text) {
        for path in SOURCES {
            root.write(path, "");
        }
    }
    let generate = root.run(&["generate"]);
    assert!(
        generate.status < 2 && root.exists("generated/svc-a/Dockerfile"),
        "{}",
        generate.told()
    );
    root
}

#[test]
fn what_a_rule_denies_is_not_built_and_what_it_warns_of_is() {
    for rule in rules::ALL {
        let id = rule.code.id;
        let level = |level: &str| format!("policy: {{ rules: {{ {id}: {level} }} }}");
        let denied = example(rule.code.example, &level("deny"));
        all_refuse(&denied, &[], id);
        assert!(
            dry_run(&denied, &[])
                .stderr
                .contains(&format!("error[{id}]")),
            "{id}"
        );
        assert_eq!(denied.run(&["generate", "--dry-run"]).status, 1, "{id}");
        for harmless in ["warn", "allow"] {
            let root = example(rule.code.example, &level(harmless));
            let (check, build) = (root.run(&["check"]), dry_run(&root, &[]));
            assert_eq!(
                (check.status, build.status),
                (0, 0),
                "{id} {harmless}: {}{}",
                check.told(),
                build.told()
            );
            assert!(
                build.stdout.contains("buildah build"),
                "{id}: {}",
                build.told()
            );
        }
    }
}

const ALLOWED: &str = "services: { svc-a: { kind: web, port: 8000, pip: [sklearn] } }\n\
    policy: { rules: { prefer-replacement: deny }, \
    allowances: [{ rule: prefer-replacement, package: sklearn, reason: for now, until: 2026-06-30 }] }\n";

#[test]
fn an_allowance_that_is_over_stops_the_build_of_that_day() {
    let root = example(ALLOWED, "{}");
    for (options, status) in [
        (vec![], 0),
        (vec!["--today", "2026-06-30"], 0),
        (vec!["--today", "2026-07-01"], 1),
    ] {
        let check = root.run(&[&["check"], options.as_slice()].concat());
        assert_eq!(check.status, status, "{options:?}: {}", check.told());
        assert_eq!(dry_run(&root, &options).status, status, "{options:?}");
    }
    all_refuse(&root, &["--today", "2026-07-01"], "over");
    assert_eq!(dry_run(&root, &["--today", "tomorrow"]).status, 2);
}

#[test]
fn syntax_meaning_rules_and_drift_are_told_in_this_order() {
    let denied = "services: { svc-a: { kind: web, port: 8000, pip: [a] } }\npolicy: { rules: { \
     unpinned-requirement: deny } }\n";
    let root = example(denied, "{}");
    let path = "generated/svc-a/Dockerfile";
    root.write(path, root.text(path) + "RUN true\n");
    all_refuse(&root, &[], "rule and drift");
    let told = root.run(&["check"]).stdout;
    assert!(
        told.find("error[unpinned-requirement]") < told.find("+RUN true").or(told.find("RUN true")),
        "{told}"
    );
    root.edit("services.yaml", "kind: web", "kind: wbe");
    all_refuse(&root, &[], "meaning");
    let told = root.run(&["check"]).stdout;
    assert!(
        told.contains("unknown-kind") && !told.contains("unpinned-requirement"),
        "{told}"
    );
    root.edit("services.yaml", "kind: wbe", "kind: [wbe");
    all_refuse(&root, &[], "syntax");
    let told = root.run(&["check"]).stdout;
    assert!(
        told.contains("yaml-syntax") && !told.contains("unknown-kind"),
        "{told}"
    );
}

#[test]
fn errors_that_leave_a_fleet_stop_the_build_as_well() {
    let root = example("locks: locks\n", "{}");
    all_refuse(&root, &[], "a missing lock");
    assert!(dry_run(&root, &[]).stderr.contains("missing-lock"));
    let clean = Root::generated(MINIMAL);
    assert_eq!(
        (clean.run(&["check"]).status, dry_run(&clean, &[]).status),
        (0, 0)
    );
    clean.remove("generated/svc-a/Dockerfile");
    all_refuse(&clean, &[], "a missing file");
}
