//! What is declared and not in the tree.

use crate::support::{MINIMAL, Root};

#[test]
fn a_tree_without_sources_is_clean() {
    let root = Root::generated(MINIMAL);
    let run = root.check();
    assert_eq!((run.status, run.codes()), (0, Vec::new()), "{}", run.told());
}

#[test]
fn what_is_not_there_beside_sources_is_a_warning_with_what_was_meant() {
    let text = MINIMAL.replace(
        "svc-a: { kind: web, port: 8000 }",
        "svc-a: { kind: web, port: 8000 }\n  svc-b: { kind: web, port: 8000, shared: lib }",
    );
    let root = Root::generated(&text);
    root.write("apps/svc_a/main.py", "");
    root.write("libs/x.py", "");
    let run = root.run(&["check"]);
    assert_eq!(run.status, 0, "{}", run.told());
    for said in [
        "apps/svc_b not found",
        "did you mean apps/svc_a?",
        "lib not found",
        "did you mean libs?",
    ] {
        assert!(run.told().contains(said), "{said}: {}", run.told());
    }
    root.write("apps/svc_b/main.py", "");
    root.write("lib/x.py", "");
    let run = root.check();
    assert_eq!((run.status, run.codes()), (0, Vec::new()), "{}", run.told());
}

#[test]
fn a_module_is_looked_for_as_it_is_imported() {
    let text = MINIMAL.replace(
        "port: 8000 }",
        "port: 8000, source: services/a, target: /app, app: \"api.main:app\" }",
    );
    let root = Root::generated(&text);
    root.write("services/a/main.py", "");
    let run = root.check();
    assert_eq!(
        (run.status, run.codes()),
        (0, vec!["missing-module".to_owned()]),
        "{}",
        run.told()
    );
    root.write("services/a/api/main.py", "");
    let run = root.check();
    assert_eq!((run.status, run.codes()), (0, Vec::new()), "{}", run.told());
}

#[test]
fn what_a_step_reads_is_there() {
    let text = MINIMAL.replace(
        "port: 8000 }",
        "port: 8000, run: { run: cat x, files: [script/x, scripts/y] } }",
    );
    let root = Root::generated(&text);
    root.write("apps/svc_a/main.py", "");
    root.write("scripts/y", "");
    let run = root.check();
    assert_eq!(run.codes(), ["missing-path"], "{}", run.told());
}

#[test]
fn nothing_is_missing_where_the_sources_are_elsewhere() {
    let service = "svc-a: { kind: web, port: 8000 }";
    let two = format!("{service}\n  svc-b: {{ kind: web, port: 8000, shared: lib }}");
    let text = format!("sources: elsewhere\n{}", MINIMAL.replace(service, &two));
    let root = Root::generated(&text);
    root.write("apps/svc_a/main.py", "");
    let run = root.check();
    assert_eq!((run.status, run.codes()), (0, Vec::new()), "{}", run.told());
    let run = Root::new(&text.replace("elsewhere", "elsewher")).run(&["check"]);
    let said = "expected `elsewhere`";
    assert!(run.told().contains(said), "{}", run.told());
}
