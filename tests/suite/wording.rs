//! Sentences that say what is true: no suggestion of what was typed, no doubled words, no success
//! that failed.

use dockwright::diagnostic::did_you_mean;

use crate::support::{Dice, MINIMAL, PROGRAM, Root, Run};

/// A fleet whose only lock pins a package that nothing leads to, and does not say for which Python.
fn locked() -> Root {
    let root = Root::new(&format!("{MINIMAL}locks: {{ images: [svc-a] }}\n"));
    let pin = |name: &str, via: &str| {
        let hash = "0".repeat(64);
        format!("{name}==1.0 \\\n    --hash=sha256:{hash}\n    # via {via}\n")
    };
    let pins = [
        pin("anyio", "nobody"),
        pin("fastapi", "(declared)"),
        pin("idna", "anyio"),
        pin("uvicorn", "(declared)"),
    ];
    root.write(
        "locks/svc-a.txt",
        format!("# inputs: sha256:{}\n{}", "0".repeat(64), pins.concat()),
    );
    root
}

#[test]
fn why_names_the_lock_of_a_package_that_no_entry_leads_to() {
    let root = locked();
    for typed in ["idna", "IDNA", "Idna", "anyio"] {
        let run = root.run(&["why", typed]);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(
            run.stderr
                .contains(&format!("locks/svc-a.txt pins `{typed}`")),
            "{}",
            run.told()
        );
        assert!(!run.stderr.contains("did you mean"), "{}", run.told());
    }
    let run = root.run(&["why", "fastapy"]);
    assert!(
        run.stderr.contains("did you mean `fastapi`?"),
        "{}",
        run.told()
    );
}

#[test]
fn nothing_is_suggested_that_was_typed() {
    let names = ["idna", "idnaa", "fastapi", "svc-a", "svc-b", "port"];
    let mut dice = Dice::new(13);
    for _ in 0..500 {
        let typed = *dice.choose(&names);
        let candidates: Vec<&str> = (0..=dice.below(5)).map(|_| *dice.choose(&names)).collect();
        assert_ne!(
            did_you_mean(typed, candidates.iter().copied()),
            Some(typed),
            "{candidates:?}"
        );
    }
}

#[test]
fn a_lock_that_names_no_python_is_told_without_a_doubled_word() {
    let run = locked().run(&["check"]);
    assert!(
        run.stdout
            .contains("resolved for another Python version, not 3.12"),
        "{}",
        run.told()
    );
    assert!(!run.stdout.contains("Python another"), "{}", run.told());
}

#[test]
fn a_file_that_could_not_be_written_is_not_called_written() {
    for (edit, root) in [("", Root::new(MINIMAL)), ("8000", Root::generated(MINIMAL))] {
        if !edit.is_empty() {
            root.edit("services.yaml", edit, "8001");
        }
        let before = root.tree();
        let script = format!("trap '' XFSZ; ulimit -f 0; exec {PROGRAM} generate");
        let run = Run::of(&root.command("sh", &["-c", &script]).output().unwrap());
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(
            run.stdout
                .contains("failed       generated/svc-a/Dockerfile  "),
            "{}",
            run.told()
        );
        let is_lie = |line: &str| {
            line.starts_with("updated") || line.starts_with("created") || line.contains("  failed")
        };
        assert!(!run.stdout.lines().any(is_lie), "{}", run.told());
        let after: Vec<String> = root.files();
        let files: Vec<&String> = before
            .iter()
            .filter(|(path, _)| root.path().join(path).is_file())
            .map(|(path, _)| path)
            .collect();
        assert_eq!(after.iter().collect::<Vec<_>>(), files);
    }
}
