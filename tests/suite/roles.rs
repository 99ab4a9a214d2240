//! What a role takes and refuses, and what the compose file makes of it.

use crate::support::{Root, rendered};

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\noutputs: { compose: {} }\n";

/// A generated file of a declaration without its head.
fn file(declaration: &str, path: &str) -> String {
    let files = rendered(&format!("{HEAD}{declaration}"));
    let files = files.unwrap_or_else(|found| panic!("{declaration}{found:#?}"));
    files[path].clone()
}

/// The codes and messages of everything that is wrong with a declaration without its head.
fn told(declaration: &str) -> Vec<(String, String)> {
    let run = Root::new(&format!("{HEAD}{declaration}")).run(&["check", "--format", "json"]);
    let report = run.json();
    let found = report["diagnostics"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    found
        .map(|one| (text(&one["code"]), text(&one["message"])))
        .collect()
}

#[test]
fn what_is_said_for_those_that_listen_is_not_meant_for_workers_and_jobs() {
    let text = "\
defaults: { port: 8000, ports: [9000], healthcheck: /up, cmd: [serve] }
services:
  web: { role: web }
  worker: { role: worker }
  asked: { role: worker, healthcheck: { cmd: [ping] } }
  metrics: { role: worker, port: 9100, healthcheck: /metrics }
  job: { role: job }
";
    let of = |service: &str| file(text, &format!("generated/{service}/Dockerfile"));
    let web = of("web");
    assert!(
        web.contains("EXPOSE 8000 9000") && web.contains("'/up'"),
        "{web}"
    );
    for silent in ["worker", "job"] {
        let dockerfile = of(silent);
        let is_asked = dockerfile.contains("EXPOSE") || dockerfile.contains("HEALTHCHECK");
        assert!(!is_asked, "{dockerfile}");
    }
    let asked = of("asked");
    assert!(
        asked.contains("CMD [\"ping\"]") && !asked.contains("EXPOSE"),
        "{asked}"
    );
    let metrics = of("metrics");
    assert!(
        metrics.contains("EXPOSE 9100\n") && metrics.contains("'/metrics'"),
        "{metrics}"
    );
}

#[test]
fn what_a_job_says_of_listening_itself_is_an_error_with_its_place() {
    for (field, name) in [
        ("port: 8000", "port"),
        ("ports: [9000]", "ports"),
        ("healthcheck: /up", "healthcheck"),
        ("healthcheck: { retries: 2 }", "healthcheck"),
    ] {
        let text = format!("services: {{ job: {{ role: job, cmd: [x], {field} }} }}\n");
        let message = format!("a job runs and exits, so it cannot have `{name}`");
        assert_eq!(
            told(&text),
            [("job-with-port".to_owned(), message)],
            "{field}"
        );
    }
    let kind = "kinds: { k: { role: job, port: 1 } }\nservices: { job: { kind: k, cmd: [x] } }\n";
    assert_eq!(told(kind).len(), 1);
    let none = "services: { job: { role: job, cmd: [x], healthcheck: none } }\n";
    assert_eq!(told(none), []);
}

#[test]
fn each_role_says_what_it_lacks() {
    for (fields, message) in [
        ("role: web, cmd: [x]", "a web service needs `port`"),
        ("role: worker", "a worker or job needs `cmd`"),
        ("role: job, source: apps/x", "a worker or job needs `cmd`"),
        ("role: batch, cmd: [x]", "expected one of web, worker, job"),
    ] {
        let found = told(&format!("services: {{ a: {{ {fields} }} }}\n"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains(message), "{found:?}");
    }
}

#[test]
fn a_command_takes_the_place_of_an_inherited_request_and_the_other_way_round() {
    let text = "\
kinds: { c: { healthcheck: { cmd: [ping], retries: 7 } }, h: { healthcheck: { path: /up, host: a.example } } }
services:
  a: { kind: c, port: 1, healthcheck: /own }
  b: { kind: h, port: 1, healthcheck: { cmd: [own] } }
  c: { kind: c, cmd: [x], healthcheck: { start_period: 0s } }
";
    let of = |service: &str| file(text, &format!("generated/{service}/Dockerfile"));
    assert!(
        of("a").contains("'/own'") && of("a").contains("--retries=3"),
        "{}",
        of("a")
    );
    assert!(of("b").contains("CMD [\"own\"]"), "{}", of("b"));
    let merged = of("c");
    let timing = "--start-period=0s --retries=7";
    assert!(
        merged.contains("CMD [\"ping\"]") && merged.contains(timing),
        "{merged}"
    );
    let beside = told("services: { a: { port: 1, healthcheck: { cmd: [x], host: a } } }\n");
    assert_eq!(beside[0].0, "field-without-effect");
}

#[test]
fn compose_starts_and_waits_by_role() {
    let text = "\
services:
  web: { port: 8000, depends_on: [migrate], stop_signal: SIGINT, stop_grace_period: 90s }
  migrate: { role: job, cmd: [python, -m, migrate] }
  worker: { cmd: [work], healthcheck: { cmd: [ping, $HOSTNAME] } }
";
    let compose = file(text, "compose.yaml");
    for (part, count) in [
        ("condition: service_completed_successfully", 1),
        ("restart: \"no\"", 1),
        ("restart: unless-stopped", 2),
        ("stop_signal: SIGINT", 1),
        ("stop_grace_period: \"90s\"", 1),
        ("test: [\"CMD\", \"ping\", \"$$HOSTNAME\"]", 1),
    ] {
        assert_eq!(compose.matches(part).count(), count, "{part}\n{compose}");
    }
    let dockerfile = file(text, "generated/web/Dockerfile");
    assert!(dockerfile.contains("STOPSIGNAL SIGINT\n"), "{dockerfile}");
    assert!(
        dockerfile.contains("\"--timeout-graceful-shutdown\", \"88\""),
        "{dockerfile}"
    );
}

#[test]
fn nothing_starts_or_waits_for_what_has_no_command() {
    let text = "services: { tool: { cmd: none, source: none }, api: { port: 1 }, shell: { image_of: api, cmd: none }, \
                plain: { image_of: api, entrypoint: none, cmd: [x] } }\n";
    let compose = file(text, "compose.yaml");
    let services: serde_yaml::Value = serde_yaml::from_str(&compose).unwrap();
    let services = &services["services"];
    let manual = serde_yaml::Value::from(vec!["manual"]);
    let empty = serde_yaml::Value::Sequence(Vec::new());
    assert_eq!(services["tool"]["profiles"], manual, "{compose}");
    assert_eq!(services["shell"]["profiles"], manual, "{compose}");
    assert_eq!(services["shell"]["command"], empty, "{compose}");
    assert_eq!(services["plain"]["entrypoint"], empty, "{compose}");
    for started in ["api", "plain"] {
        assert!(services[started].get("profiles").is_none(), "{compose}");
    }
    let waiting =
        "services: { tool: { cmd: none, source: none }, api: { port: 1, depends_on: [tool] } }\n";
    let found = told(waiting);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].1.starts_with("`tool` starts only when"),
        "{found:?}"
    );
    let nothing = told("services: { api: { port: 1 }, b: { image_of: api, entrypoint: none } }\n");
    assert_eq!(nothing[0].0, "missing-field", "{nothing:?}");
}
