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
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{{ name }}\n{% endfor %}{% endfor %}";
    let run = with_template(endless).check();
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(run.stderr.contains("own/service/mine.Dockerfile.j2:1"), "{}", run.told());
}

#[test]
fn a_template_that_works_on_huge_texts_is_stopped_by_the_watchdog() {
    let doubled = "{% set x = x ~ x %}".repeat(18);
    let heavy = format!(
        "{{% set x = 'abcdefgh' %}}{doubled}{{% for i in range(90000) %}}{{% if x|replace('a', 'b') == i %}}{{% endif %}}{{% endfor %}}"
    );
    let run = with_template(&heavy).check();
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(run.stderr.contains("service/mine.Dockerfile.j2 was still being rendered after 10 s"), "{}", run.told());
}

#[test]
fn a_template_cannot_read_files_outside_of_its_folder() {
    for name in ["../services.yaml", "/etc/passwd", "service/../../services.yaml"] {
        let run = with_template(&format!("{{% include \"{name}\" %}}\n")).check();
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(run.stderr.contains("template-error"), "{}", run.told());
    }
}

#[test]
fn a_template_that_prints_what_is_no_text_is_refused_with_its_line() {
    for printed in ["{{ apt }}", "{{ true }}", "{{ none }}", "{{ nothing }}", "{{ \"a\\nb\" }}"] {
        let run = with_template(&format!("FROM x\n{printed}\n")).check();
        assert_eq!(run.status, 2, "{printed}: {}", run.told());
        assert!(run.stderr.contains("own/service/mine.Dockerfile.j2:2"), "{printed}: {}", run.told());
    }
}
