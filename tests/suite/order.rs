//! The order and the length of what people read: why it failed and what to type first, then
//! warnings, hints as a count; and commands that stay one line however many files they are about.

use std::fmt::Write as _;
use std::fs;

use crate::support::{MINIMAL, PROGRAM, Root, Run, repository};

mod commands;

/// Services svc-000, svc-001 … on one base, each with these fields.
fn fleet(services: usize, fields: impl Fn(usize) -> String) -> String {
    let (above, _) = MINIMAL.split_once("services:").unwrap();
    let mut text = format!("{above}services:\n");
    for number in 0..services {
        let _ = writeln!(
            text,
            "  svc-{number:03}: {{ kind: web, port: {}{} }}",
            8000 + number,
            fields(number)
        );
    }
    text
}

fn plain(services: usize) -> String {
    fleet(services, |_| String::new())
}

fn dockerfile(number: usize) -> String {
    format!("generated/svc-{number:03}/Dockerfile")
}

/// Edits the Dockerfiles of these services by hand.
fn edit(root: &Root, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        root.write(
            &dockerfile(number),
            root.text(&dockerfile(number)) + "RUN true\n",
        );
    }
}

/// The commands that a check prints, but for the one that takes edits into services.yaml.
fn commands(root: &Root) -> Vec<String> {
    let check = root.check();
    let commands = check.json()["commands"].as_array().unwrap().clone();
    commands
        .iter()
        .map(|command| command["command"].as_str().unwrap().to_owned())
        .filter(|command| !command.starts_with("dockwright absorb"))
        .collect()
}

/// Types a command as a person would.
fn typed(root: &Root, command: &str) -> Run {
    let folder = camino::Utf8Path::new(PROGRAM).parent().unwrap();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    Run::of(
        &root
            .command("sh", &["-c", command])
            .env("PATH", &path)
            .output()
            .unwrap(),
    )
}

/// Where a text is in what was printed.
#[track_caller]
fn position(run: &Run, text: &str) -> usize {
    run.stdout
        .find(text)
        .unwrap_or_else(|| panic!("{text} is not in {}", run.told()))
}

fn assert_in_order(run: &Run, texts: &[&str]) {
    let positions: Vec<usize> = texts.iter().map(|text| position(run, text)).collect();
    assert!(positions.is_sorted(), "{texts:?}: {}", run.told());
}

/// Two services with the same package, which is a hint, and one that the base has, which is a
/// warning.
fn advised() -> Root {
    let fields = |number| {
        let packages = ["jinja2", "jinja2", "jinja2, fastapi"][number];
        format!(", pip: [{packages}]")
    };
    Root::generated(&on_base(&fleet(3, fields)))
}

/// The same fleet with its services on the base.
fn on_base(declaration: &str) -> String {
    let kind = declaration
        .lines()
        .find(|line| line.contains("template: multi-stage-slim"))
        .unwrap();
    declaration.replace(
        kind,
        "  web: { template: runtime-on-base, base: base-runtime }",
    )
}

#[test]
fn what_fails_comes_first_then_warnings_then_the_count_of_hints() {
    let root = advised();
    let clean = root.run(&["check"]);
    assert_eq!(clean.status, 0, "{}", clean.told());
    let (warning, count) = (
        "warning[dep-already-in-base]",
        "1 hint; dockwright check --hints shows it\n",
    );
    assert_in_order(&clean, &[warning, count, "up to date: "]);
    assert!(
        !clean.stdout.contains("hint[")
            && clean
                .stdout
                .lines()
                .last()
                .unwrap()
                .starts_with("up to date: ")
    );
    edit(&root, [0]);
    let last = "1 of 13 generated files does not match services.yaml\n";
    for (command, first) in [("check", "edited by hand: "), ("generate", "left alone ")] {
        let run = root.run(&[command]);
        assert_in_order(
            &run,
            &[
                first,
                "1 change (- on disk, + expected)",
                "To fix:\n",
                warning,
                count,
            ],
        );
        assert!(
            run.stdout.ends_with(last) && !run.stdout.contains("hint["),
            "{}",
            run.told()
        );
        let shown = root.run(&[command, "--hints"]);
        assert_in_order(&shown, &["To fix:\n", warning, "hint[repeated-package]"]);
        assert!(
            !shown.stdout.contains("--hints shows") && shown.stdout.ends_with(last),
            "{}",
            shown.told()
        );
    }
    assert!(root.run(&["check"]).stdout.starts_with(last));
}

#[test]
fn machines_are_told_every_hint() {
    let root = advised();
    assert!(
        root.check()
            .codes()
            .contains(&"repeated-package".to_owned())
    );
    let github = root.run(&["check", "--format", "github"]);
    assert!(
        github.stdout.contains("::notice file=services.yaml"),
        "{}",
        github.told()
    );
}

#[test]
fn an_error_of_a_rule_comes_before_drift_and_the_last_line_names_both() {
    let root = advised();
    root.write(
        "services.yaml",
        root.text("services.yaml") + "policy: { rules: { dep-already-in-base: deny } }\n",
    );
    edit(&root, [0]);
    let run = root.run(&["check"]);
    assert!(
        run.stdout.starts_with("error[dep-already-in-base]"),
        "{}",
        run.told()
    );
    assert_in_order(&run, &["error[", "edited by hand: ", "To fix:", "1 hint; "]);
    let last = run.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("1 error, and 1 of 13 generated files does not match services.yaml; "),
        "{last}"
    );
}

/// A fleet whose services each list another package that their base has.
fn repeating(services: usize) -> String {
    let packages: Vec<String> = (0..services)
        .map(|number| format!("package-{number}"))
        .collect();
    let declaration = on_base(&fleet(services, |number| {
        format!(", pip: [package-{number}]")
    }));
    declaration.replacen(
        "[fastapi, uvicorn]",
        &format!("[{}]", packages.join(", ")),
        1,
    )
}

#[test]
fn twenty_warnings_of_a_rule_are_shown_and_the_rest_is_counted() {
    for (services, shown, rest) in [
        (20, 20, None),
        (21, 20, Some("… 1 more warning of ")),
        (500, 20, Some("… 480 more warnings of ")),
    ] {
        let root = Root::new(&repeating(services));
        assert_eq!(root.run(&["generate"]).status, 0);
        let run = root.run(&["check"]);
        assert_eq!(
            run.stdout.matches("warning[dep-already-in-base]").count(),
            shown,
            "{services}: {}",
            run.told()
        );
        match rest {
            Some(rest) => assert!(
                run.stdout.contains(&format!("{rest}dep-already-in-base\n")),
                "{}",
                run.told()
            ),
            None => assert!(!run.stdout.contains("more warning"), "{}", run.told()),
        }
        let check = root.check().json();
        let told = check["diagnostics"].as_array().unwrap();
        let told = told
            .iter()
            .filter(|found| found["code"] == "dep-already-in-base")
            .count();
        assert_eq!(told, services);
    }
}

#[test]
fn a_fleet_that_drifted_by_one_line_of_a_template_is_told_on_two_screens() {
    let template = "service/service.Dockerfile.j2";
    let text = fs::read_to_string(repository().join("templates").join(template)).unwrap();
    for line in [
        "ENV EDITED=1",
        "ENV EDITED={{ name }}",
        "ENV EDITED=\"{{ name }} of {{ name }}\" \\\n    OTHER=1",
    ] {
        let root = Root::new(&plain(300).replacen("owner: ", "templates: own\nowner: ", 1));
        root.write(&format!("own/{template}"), &text);
        assert_eq!(root.run(&["generate"]).status, 0);
        let edited = text.replacen("EXPOSE ", &format!("{line}\nEXPOSE "), 1);
        assert_ne!(edited, text);
        root.write(&format!("own/{template}"), edited);
        let run = root.run(&["check"]);
        assert_eq!(
            (run.status, root.check().drifts().len()),
            (1, 300),
            "{}",
            run.told()
        );
        assert!(
            run.stdout.lines().count() <= 80,
            "{} lines: {}",
            run.stdout.lines().count(),
            run.stdout
        );
        assert!(run.stdout.contains("1 change ("), "{}", run.told());
        assert!(
            run.stdout.contains("updates 300 out-of-date files"),
            "{}",
            run.told()
        );
        assert!(
            run.stdout
                .ends_with("300 of 904 generated files do not match services.yaml\n"),
            "{}",
            run.told()
        );
    }
}

#[test]
fn changes_with_other_values_than_the_name_are_told_apart() {
    let root = Root::generated(&plain(2));
    root.write(
        &dockerfile(0),
        root.text(&dockerfile(0)) + "RUN echo svc-000\n",
    );
    root.write(
        &dockerfile(1),
        root.text(&dockerfile(1)) + "RUN echo svc-000\n",
    );
    let run = root.run(&["check"]);
    assert!(
        run.stdout.contains("1 change (") && run.stdout.contains("the same in 2 places:"),
        "{}",
        run.told()
    );
    root.write(
        &dockerfile(1),
        root.text(&dockerfile(1))
            .replace("echo svc-000", "echo svc-001"),
    );
    let run = root.run(&["check"]);
    assert!(
        run.stdout.contains("1 change (")
            && run
                .stdout
                .contains("the same except for the name in 2 places:"),
        "{}",
        run.told()
    );
    root.write(
        &dockerfile(1),
        root.text(&dockerfile(1))
            .replace("echo svc-001", "echo svc-002"),
    );
    assert!(root.run(&["check"]).stdout.contains("2 changes ("));
}

#[test]
fn a_word_that_names_nothing_is_an_error_with_what_was_meant() {
    let root = Root::generated(&plain(3));
    edit(&root, [1]);
    root.write("generated/svc-001/notes.txt", "mine\n");
    root.write("src/main.py", "\n");
    let before = root.tree();
    for (word, told) in [
        ("svc-01", "did you mean `svc-0"),
        ("generated/svc-01", "did you mean `generated/svc-0"),
        ("generatd", "did you mean `generated`?"),
        (
            "generated/svc-001/Dockerfil",
            "did you mean `generated/svc-001/Dockerfile`?",
        ),
        ("src", "no image, no folder of generated files"),
        ("src/", "no image, no folder of generated files"),
        ("svc-001/", "no image, no folder of generated files"),
        ("../outside", "`..`"),
        ("/", "--overwrite /"),
        ("", "--overwrite "),
        (
            "generated/svc-001/notes.txt",
            "services.yaml does not declare it",
        ),
        (
            "generated/svc-000/Dockerfile",
            "matches services.yaml already",
        ),
    ] {
        let run = root.run(&["generate", "--overwrite", word]);
        assert!(
            run.status == 2 && run.stderr.contains(told),
            "{word}: {}",
            run.told()
        );
        assert_eq!(root.tree(), before, "{word}");
    }
}

#[test]
fn a_kind_is_explained_by_its_code_and_by_what_reports_call_it() {
    let root = Root::new(MINIMAL);
    for (code, label) in [
        ("stale", "out of date"),
        ("hand-edited", "edited by hand"),
        ("missing", "missing"),
    ] {
        let told = root.run(&["explain", code]);
        assert!(
            told.status == 0 && told.stdout.starts_with(label),
            "{}",
            told.told()
        );
        assert_eq!(root.run(&["explain", label]).stdout, told.stdout);
    }
}
