//! Rules: every example fires its rule and its fixed text does not, policies hold, and a rule's
//! error stops no comparison.

mod builds;

use std::path::Path;
use std::process::{Command, Output};

use dockwright::diagnostic::{Code, Diagnostic, Severity};
use dockwright::project::Files;
use dockwright::rules;
use dockwright::values::Date;
use serde_yaml::Value;

use crate::support::loaded;

/// What examples leave out.
const SKELETON: &str = r#"
registry: registry.example
owner: acme
python: "3.12"
requirements: { base: [fastapi] }
bases: { base-runtime: { version: v1.0.0, requirements: [base] } }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-base: { template: runtime-on-base, base: base-runtime }
services: { svc-a: { kind: web, port: 8000 } }
"#;

fn merge(below: Value, above: Value) -> Value {
    match (below, above) {
        (Value::Mapping(mut below), Value::Mapping(above)) => {
            for (key, value) in above {
                let merged = match below.remove(&key) {
                    Some(old) => merge(old, value),
                    None => value,
                };
                below.insert(key, merged);
            }
            Value::Mapping(below)
        }
        (_, above) => above,
    }
}

/// What the rules say about an example on the skeleton; the example itself must be in order.
/// What is there in the examples about what is missing; no other example has sources.
pub(crate) const SOURCES: [&str; 3] = [
    "apps/svc_a/main.py",
    "apps/svc_b/main.py",
    "libs/common/x.py",
];

/// Whether a text is the example of a rule about missing sources.
pub(crate) fn is_about_sources(example: &str) -> bool {
    let of = |id: &str| rules::find_code(id).unwrap();
    let codes = ["missing-source", "missing-file", "missing-module"].map(of);
    codes
        .iter()
        .any(|code| example == code.example || example == code.fixed)
}

fn judged_on(example: &str, today: Option<&str>) -> Vec<Diagnostic> {
    let whole = merge(
        serde_yaml::from_str(SKELETON).unwrap(),
        serde_yaml::from_str(example).unwrap(),
    );
    let text = serde_yaml::to_string(&whole).unwrap();
    let mut files = Files::declaring(text.as_str());
    files.put("requirements.txt", "torch==2.9.1\n");
    if is_about_sources(example) {
        for path in SOURCES {
            files.put(path, "");
        }
    }
    let loaded = loaded(&files);
    assert!(
        loaded.diagnostics.is_empty(),
        "{:?}
{text}",
        loaded.diagnostics
    );
    let today = today.map(|text| Date::parse(text).unwrap());
    rules::judge(loaded.fleet().unwrap(), today.as_ref())
}

fn judged(example: &str) -> Vec<Diagnostic> {
    judged_on(example, None)
}

fn ids(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|one| one.code.id).collect()
}

fn count(found: &[Diagnostic], code: &Code) -> usize {
    found.iter().filter(|one| one.code.id == code.id).count()
}

#[test]
fn every_example_fires_its_rule_once_and_its_fixed_text_does_not() {
    for rule in rules::ALL {
        let found = judged(rule.code.example);
        assert_eq!(count(&found, &rule.code), 1, "{}: {found:#?}", rule.code.id);
        assert_eq!(
            found.len(),
            1,
            "{} is not alone: {:?}",
            rule.code.id,
            ids(&found)
        );
        assert!(
            found.iter().all(|one| one.help.is_some()),
            "{}",
            rule.code.id
        );
        assert_eq!(
            ids(&judged(rule.code.fixed)),
            Vec::<&str>::new(),
            "fixed {}",
            rule.code.id
        );
    }
}

#[test]
fn examples_about_allowances_fire_and_their_fixed_texts_do_not() {
    for id in ["unused-allowance", "expired-allowance"] {
        let code = rules::find_code(id).unwrap();
        assert_eq!(
            count(&judged_on(code.example, Some("2026-01-01")), code),
            1,
            "{id}"
        );
        assert_eq!(
            ids(&judged_on(code.fixed, Some("2026-01-01"))),
            Vec::<&str>::new(),
            "{id}"
        );
    }
}

#[test]
fn build_arguments_are_judged_like_variables_and_by_the_same_words() {
    let found = judged(
        "services: { svc-a: { args: { API_KEY: a, KEY_FILE: b, TOKEN_VERSION: c, PUBLIC_KEY: d } \
         } }",
    );
    assert_eq!(ids(&found), ["secret-in-env"]);
    assert!(found[0].message.contains("`API_KEY` in args"), "{found:?}");
    let found = judged("bases: { base-runtime: { args: { DB_PASSWORD: a } } }");
    assert_eq!(ids(&found), ["secret-in-env"]);
}

#[test]
fn the_skeleton_is_quiet() {
    assert_eq!(ids(&judged("{}")), Vec::<&str>::new());
}

#[test]
fn four_mistakes_are_named_at_once() {
    let found = judged(
        "requirements: { ml: [numpy] }
kinds: { ml: { template: ml-on-base, base: base-ml } }
bases: { base-ml: { version: v1.0.0, from: base-runtime, requirements: [ml] } }
services:
  svc-b: { kind: ml, port: 8000, pip: [pytest, NumPy, opencv-python, torch] }
",
    );
    assert_eq!(
        ids(&found),
        [
            "dep-already-in-base",
            "dev-dep-in-image",
            "gpu-wheels-by-default",
            "prefer-replacement"
        ],
        "{found:#?}"
    );
}

#[test]
fn an_allowance_holds_for_its_image_and_package_until_its_day() {
    let text = |allowance: &str| {
        format!(
            "policy: {{ allowances: [{{ rule: dev-dep-in-image, reason: it runs tests, {allowance} }}] }}
services: {{ svc-a: {{ kind: web, port: 8000, pip: [pytest] }} }}
"
        )
    };
    let none = Vec::<&str>::new();
    assert_eq!(ids(&judged(&text("image: svc-a"))), none);
    assert_eq!(ids(&judged(&text("package: PyTest"))), none);
    assert_eq!(
        ids(&judged(&text("image: svc-b"))),
        ["dev-dep-in-image", "unused-allowance"]
    );
    let until = text("image: svc-a, until: \"2026-06-30\"");
    assert_eq!(ids(&judged(&until)), none, "without a day nothing is over");
    assert_eq!(ids(&judged_on(&until, Some("2026-06-30"))), none);
    assert_eq!(
        ids(&judged_on(&until, Some("2026-07-01"))),
        ["dev-dep-in-image", "expired-allowance"]
    );
}

#[test]
fn severity_follows_the_policy_of_the_fleet_and_of_the_image() {
    let severities = |policy: &str| -> Vec<Severity> {
        let services = "services: { svc-a: { kind: web, port: 8000, pip: [pytest] } }";
        judged(&format!("policy: {{ {policy} }}\n{services}\n"))
            .iter()
            .map(|one| one.severity)
            .collect()
    };
    assert_eq!(severities(""), [Severity::Error]);
    assert_eq!(
        severities("rules: { dev-dep-in-image: warn }"),
        [Severity::Warning]
    );
    assert_eq!(severities("rules: { dev-dep-in-image: allow }"), []);
    let by_image =
        "rules: { dev-dep-in-image: allow }, images: { svc-a: { dev-dep-in-image: warn } }";
    assert_eq!(severities(by_image), [Severity::Warning]);
}

#[test]
fn extras_markers_and_versions_decide_what_repeats_the_base() {
    let found = |base: &str, own: &str| {
        let text = format!(
            "requirements: {{ base: ['{base}'] }}\nservices: {{ svc-a: {{ kind: on-base, port: \
             8000, pip: ['{own}'] }} }}\n"
        );
        ids(&judged(&text))
    };
    let repeats = ["dep-already-in-base"];
    assert_eq!(found("fastapi", "FastAPI"), repeats);
    assert_eq!(found("uvicorn[standard]", "uvicorn"), repeats);
    assert_eq!(found("uvicorn", "uvicorn[standard]"), Vec::<&str>::new());
    assert_eq!(found("numpy>=1.26", "numpy>=2"), repeats);
    assert_eq!(found("numpy<2", "numpy>=2"), ["dep-conflicts-with-base"]);
    assert_eq!(
        found("a; python_version < \"3.11\"", "a"),
        Vec::<&str>::new()
    );
    assert_eq!(
        found("a; platform_machine == \"x86_64\"", "a"),
        Vec::<&str>::new()
    );
    assert_eq!(
        found("a", "a; python_version < \"3.11\""),
        Vec::<&str>::new()
    );
}

#[test]
fn a_standard_library_module_shadows_only_where_python_has_it() {
    let of = |python: &str| {
        ids(&judged(&format!(
            "services: {{ svc-a: {{ kind: web, python: \"{python}\", port: 8000, pip: [tomli] }} \
             }}\n"
        )))
    };
    assert_eq!(of("3.10"), Vec::<&str>::new());
    assert_eq!(of("3.11"), ["stdlib-shadow"]);
}

#[test]
fn the_fleet_s_own_replacements_come_before_the_built_in_ones() {
    let found = judged(
        "policy: { replacements: [{ package: langchain, with: tiktoken, reason: only the tokenizer is used }] }
services: { svc-a: { kind: web, port: 8000, pip: [LangChain] } }
",
    );
    let one = &found[0];
    assert_eq!(
        one.message,
        "`langchain` is not wanted in this fleet: only the tokenizer is used"
    );
    assert_eq!(
        one.help.as_deref(),
        Some("write `tiktoken` instead of `LangChain`")
    );
}

#[test]
fn a_policy_that_cannot_be_meant_is_refused() {
    let codes = |policy: &str| {
        let text = format!("{SKELETON}policy: {policy}\n");
        ids(&loaded(&Files::declaring(text)).diagnostics)
    };
    assert_eq!(
        codes("{ rules: { unpinned-bases: warn } }"),
        ["unknown-rule"]
    );
    assert_eq!(
        codes("{ allowances: [{ rule: secret-in-env }] }"),
        ["unreasoned-allowance"]
    );
    assert_eq!(
        codes("{ allowances: [{ rule: secret-in-env, reason: ' ' }] }"),
        ["unreasoned-allowance"]
    );
    assert_eq!(
        codes("{ images: { svc-a: { secret-in-env: allow } } }"),
        ["unreasoned-allowance"]
    );
    assert_eq!(
        codes("{ images: { svc-aa: { secret-in-env: deny } } }"),
        ["unknown-policy-image"]
    );
    let dated = "{ allowances: [{ rule: secret-in-env, reason: x, until: 2026-02-30 }] }";
    assert_eq!(codes(dated), ["invalid-value"]);
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_dockwright"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    (
        status.code(),
        String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr),
    )
}

#[test]
fn a_rule_s_error_fails_the_run_but_hides_no_drift_and_deletes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let declaration = folder.path().join("services.yaml");
    let two = format!("{SKELETON}  svc-b: {{ kind: web, port: 8001 }}\n").replace(
        "services: { svc-a: { kind: web, port: 8000 } }",
        "services:\n  svc-a: { kind: web, port: 8000 }",
    );
    std::fs::write(&declaration, &two).unwrap();
    assert_eq!(run(folder.path(), &["generate"]).0, Some(0));

    let mistaken = two
        .replace("  svc-b: { kind: web, port: 8001 }\n", "")
        .replace("port: 8000 }", "port: 8010, pip: [pytest] }");
    std::fs::write(&declaration, mistaken).unwrap();
    let (code, text) = run(folder.path(), &["check"]);
    assert_eq!(code, Some(1), "{text}");
    for wanted in [
        "dev-dep-in-image",
        "services.yaml:11:41",
        "EXPOSE 8010",
        "orphaned",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
    let (code, text) = run(folder.path(), &["generate"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("nothing is deleted while services.yaml has errors"),
        "{text}"
    );
    assert!(folder.path().join("generated/svc-b/Dockerfile").exists());
    let written =
        std::fs::read_to_string(folder.path().join("generated/svc-a/Dockerfile")).unwrap();
    assert!(written.contains("EXPOSE 8010"), "{written}");
}

#[test]
fn our_own_fleet_hears_nothing_from_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, text) = run(root, &["check"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("up to date: "), "{text}");
}

#[test]
fn why_names_every_way_into_an_image_and_says_what_it_does_not_know() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, text) = run(root, &["why", "Torch"]);
    assert_eq!(code, Some(0), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "base-ml and three services: {text}");
    assert!(
        lines[1].starts_with("base-ml") && lines[1].contains("the set ml"),
        "{text}"
    );
    assert!(
        lines[2].starts_with("svc-ocr") && lines[2].contains("base-ml, the set ml"),
        "{text}"
    );
    assert!(lines[2].ends_with("services.yaml:34:7"), "{text}");
    assert!(lines[5].contains("without a lock"), "{text}");
    let (code, text) = run(root, &["why", "libmagic1", "--image", "svc-ingestion"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("apt libmagic1"), "{text}");
    assert_eq!(
        run(root, &["why", "torhc"]),
        (
            Some(2),
            "error: no entry of services.yaml names `torhc`; did you mean `torch`?\n".to_owned()
        )
    );
    assert_eq!(
        run(root, &["why", "torch", "--image", "svc-ocrr"]).0,
        Some(2)
    );
}

#[test]
fn a_set_that_the_base_has_as_a_whole_is_said_once() {
    let text = |own: &str| {
        format!(
            "requirements: {{ base: [a, b, c], more: [a, x] }}
services: {{ svc-a: {{ kind: on-base, port: 8000, requirements: [{own}] }} }}
"
        )
    };
    let whole = judged(&text("base"));
    let messages: Vec<&str> = whole.iter().map(|one| one.message.as_str()).collect();
    let expected = [
        "base-runtime already installs everything in the set `base`",
        "no image uses the set `more`",
    ];
    assert_eq!(messages, expected);
    let part = judged(&text("more"));
    assert_eq!(
        part[0].message,
        "the set `more` contains `a`, which base-runtime already installs"
    );
}

#[test]
fn variables_and_build_arguments_of_hooks_are_judged_too() {
    let text = "services: { svc-a: { kind: web, port: 8000, hooks: { after_apt: ['ARG PIP_TOKEN', \
     'ENV PUBLIC_KEY=a LEVEL=b'] } } }\n";
    let found = judged(text);
    assert_eq!(ids(&found), ["secret-in-env"]);
    assert!(
        found[0].message.starts_with("`PIP_TOKEN` in after_apt"),
        "{}",
        found[0].message
    );
}

#[test]
fn a_service_that_inherits_torch_hears_of_its_wheels_at_the_base_alone() {
    let found = judged(
        "requirements: { base: [torch] }
services: { svc-a: { kind: on-base, port: 8000, pip: [torchvision] }, svc-b: { kind: on-base, port: 8000, pip: [easyocr] } }
",
    );
    assert_eq!(ids(&found), ["gpu-wheels-by-default"]);
    assert!(
        found[0].message.contains("in base-runtime"),
        "{}",
        found[0].message
    );
}

#[test]
fn a_large_fleet_hears_of_the_most_repeated_packages_alone() {
    let packages: Vec<String> = (0..30).map(|number| format!("p{number}")).collect();
    let list = packages.join(", ");
    let found = judged(&format!(
        "services: {{ svc-a: {{ kind: web, port: 8000, pip: [{list}] }}, svc-b: {{ kind: web, \
         port: 8000, pip: [{list}] }} }}\n"
    ));
    assert_eq!(found.len(), 10, "{:?}", ids(&found));
}
