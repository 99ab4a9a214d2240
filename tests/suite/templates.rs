//! A fleet's own templates, including those that do not end.

use crate::support::Root;

const DECLARATION: &str = "registry: registry.example\nowner: acme\npython: \"3.12\"\ntemplates: own\n\
    services: { svc-a: { template: mine, port: 8000 } }\n";

fn with_template(text: &str) -> Root {
    let root = Root::new(DECLARATION);
    root.write("own/service/mine.Dockerfile.j2", text);
    root
}

#[test]
fn a_template_that_loops_for_ever_runs_out_of_steps() {
    let endless =
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ name }}\n{% endfor %}{% endfor %}";
    let run = with_template(endless).check();
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr.contains("own/service/mine.Dockerfile.j2:1"),
        "{}",
        run.told()
    );
}

#[test]
fn a_template_that_works_on_huge_texts_is_stopped_by_the_watchdog() {
    let doubled = "{% set x = x ~ x %}".repeat(18);
    let heavy = format!(
        "{{% set x = 'abcdefgh' %}}{doubled}{{% for i in range(90000) %}}{{% if x|replace('a', \
         'b') == i %}}{{% endif %}}{{% endfor %}}"
    );
    let run = with_template(&heavy).check();
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr
            .contains("service/mine.Dockerfile.j2 was still being rendered after 10 s"),
        "{}",
        run.told()
    );
}

#[test]
fn a_template_cannot_read_files_outside_of_its_folder() {
    for name in [
        "../services.yaml",
        "/etc/passwd",
        "service/../../services.yaml",
    ] {
        let run = with_template(&format!("{{% include \"{name}\" %}}\n")).check();
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(run.stderr.contains("template-error"), "{}", run.told());
    }
}

#[test]
fn a_template_that_prints_what_is_no_text_is_refused_with_its_line() {
    for printed in [
        "{{ apt }}",
        "{{ true }}",
        "{{ none }}",
        "{{ nothing }}",
        "{{ \"a\\nb\" }}",
    ] {
        let run = with_template(&format!("FROM x\n{printed}\n")).check();
        assert_eq!(run.status, 2, "{printed}: {}", run.told());
        assert!(
            run.stderr.contains("own/service/mine.Dockerfile.j2:2"),
            "{printed}: {}",
            run.told()
        );
    }
}

#[test]
fn a_template_with_windows_line_ends_makes_files_with_unix_ones() {
    let root = with_template("FROM {{ from }}\r\nUSER {{ user }}\r\n");
    assert_eq!(root.run(&["generate"]).status, 0);
    assert!(!root.bytes("generated/svc-a/Dockerfile").contains(&b'\r'));
    assert_eq!(root.check().status, 0);
}

#[test]
fn a_template_that_renders_no_stage_is_refused() {
    for empty in ["", "RUN true\n", "# FROM x\n"] {
        let run = with_template(empty).check();
        assert_eq!(run.status, 2, "{empty:?}: {}", run.told());
        assert!(run.stderr.contains("without a FROM"), "{}", run.told());
    }
}

#[test]
fn generated_files_beside_the_sources_stay_out_of_the_image() {
    let root = Root::generated(
        "registry: registry.example\nowner: acme\npython: \"3.12\"\nlayout: { services: \"apps/{module}\" }\n\
         services: { svc-a: { template: multi-stage-slim, port: 8000, pip: [httpx] } }\n",
    );
    let ignore = root.text("apps/svc_a/Dockerfile.dockerignore");
    assert!(
        ignore.contains("!apps/svc_a\n!apps/svc_a/requirements.txt\napps/svc_a/Dockerfile*\n"),
        "{ignore}"
    );
}

#[test]
fn a_services_own_python_is_traced_to_its_own_line() {
    let declaration = "registry: registry.example\nowner: acme\npython: \"3.12\"\n\
         services: { svc-a: { template: multi-stage-slim, port: 8000 } }\n";
    let root = Root::generated(declaration);
    root.edit(
        "services.yaml",
        "port: 8000",
        "port: 8000, python: \"3.13\"",
    );
    let told = root.check().stdout;
    assert!(told.contains(" services.svc-a.python\""), "{told}");
}

#[test]
fn what_init_starts_is_clean_whatever_the_source_folders_are_called() {
    let root = Root::empty();
    for path in [
        "services/pay-x/main.py",
        "services/svc_a/main.py",
        "services/UI/main.py",
    ] {
        root.write(path, "");
    }
    assert_eq!(root.run(&["init"]).status, 0);
    assert_eq!(root.run(&["generate"]).status, 0);
    let check = root.check();
    assert_eq!(check.status, 0, "{}", check.told());
    let text = root.text("services.yaml");
    assert!(
        text.contains("\n  svc-a: {")
            && text.contains("\n  pay-x: { source: \"services/{name}\" }"),
        "{text}"
    );
}
