//! What is declared and not in the tree.

use crate::support::{MINIMAL, Root};

#[test]
fn a_tree_without_sources_is_clean() {
    let root = Root::generated(MINIMAL);
    let run = root.check();
    assert_eq!((run.status, run.codes()), (0, Vec::new()), "{}", run.told());
}

#[test]
fn what_is_not_there_beside_sources_is_named_with_what_was_meant() {
    let text = MINIMAL.replace(
        "svc-a: { kind: web, port: 8000 }",
        "svc-a: { kind: web, port: 8000, shared: lib }\n  svc-b: { kind: web, port: 8000 }",
    );
    let root = Root::generated(&text);
    root.write("apps/svc_a/main.py", "");
    root.write("libs/x.py", "");
    let run = root.run(&["check"]);
    assert_eq!(run.status, 1, "{}", run.told());
    for said in [
        "warning[missing-source]: apps/svc_b not found",
        "did you mean apps/svc_a?",
        "error[missing-file]: lib not found",
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
        (1, vec!["missing-module".to_owned()]),
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
    assert_eq!(run.codes(), ["missing-file"], "{}", run.told());
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

#[test]
fn what_a_pipeline_creates_can_be_allowed() {
    let text = MINIMAL.replace("port: 8000 }", "port: 8000, shared: [stubs, libs] }")
        + "policy:\n  allowances:\n    - { rule: missing-file, package: stubs, reason: protoc }\n";
    let root = Root::generated(&text);
    root.write("apps/svc_a/main.py", "");
    let run = root.check();
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["missing-file".to_owned()])
    );
    assert!(run.told().contains("libs not found"), "{}", run.told());
    root.write("libs/x.py", "");
    assert_eq!(root.check().status, 0);
}

#[test]
fn a_checkout_without_a_service_says_nothing_of_what_it_copies() {
    let text = MINIMAL.replace(
        "svc-a: { kind: web, port: 8000 }",
        "svc-a: { kind: web, port: 8000, copy: { from: data, to: . } }\n  \
         svc-b: { kind: web, port: 8000 }",
    );
    let root = Root::generated(&text);
    root.write("apps/svc_b/main.py", "");
    let run = root.check();
    assert_eq!(
        (run.status, run.codes()),
        (0, vec!["missing-source".to_owned()]),
        "{}",
        run.told()
    );
}

#[test]
fn a_module_that_may_come_from_elsewhere_is_a_warning() {
    for (more, status) in [
        ("", 1),
        (", pip: [apps]", 0),
        (", env: { PYTHONPATH: /opt/x }", 0),
        (", run: protoc x", 0),
    ] {
        let fields = format!("port: 8000, app: \"apps.svc_a.api:app\"{more} }}");
        let root = Root::generated(&MINIMAL.replace("port: 8000 }", &fields));
        root.write("apps/svc_a/x.py", "");
        let run = root.check();
        assert_eq!(run.status, status, "{more}: {}", run.told());
        let codes = run.codes();
        assert!(codes.contains(&"missing-module".to_owned()), "{more}");
    }
}
