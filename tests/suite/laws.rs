//! The laws of the line, as properties: what holds for every declaration, every byte and every hand
//! edit.
//!
//! `DOCKWRIGHT_CASES` sets the number of cases of each:
//! `DOCKWRIGHT_CASES=10000 cargo test --release --test suite laws`

mod absorbed;
mod adopted;
mod bytes;
mod hand_edits;
mod meanings;
mod patches;
mod planned;
mod values;

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::support::{Root, cases, rendered};

/// Few processes are cheap, so these run fewer cases than laws within the library.
pub(super) fn config(long: u32) -> Config {
    Config {
        cases: cases(long),
        failure_persistence: None,
        ..Config::default()
    }
}

/// A list field with some of these entries.
fn some_of(entries: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::subsequence(entries, 0..=entries.len()).prop_map(|chosen| {
        format!(
            "[{}]",
            chosen
                .iter()
                .map(|entry| format!("{entry:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        )
    })
}

fn service() -> impl Strategy<Value = String> {
    (
        prop::sample::select(&["web", "on-base", "ml"][..]),
        1u16..,
        some_of(&["curl", "libpq5", "tesseract-ocr"]),
        some_of(&["gcc", "libpq-dev"]),
        some_of(&["httpx>=0.27", "uvicorn[standard]", "orjson==3.10.0"]),
        some_of(&["https://pip.example/simple", "https://more.example/simple"]),
        prop::sample::select(
            &[
                "",
                ", healthcheck: none",
                ", env: { A: \"$B \\\" ü\" }",
                ", cmd: [python, -m, \"a b\"]",
            ][..],
        ),
    )
        .prop_map(|(kind, port, apt, apt_build, pip, index_urls, more)| {
            format!(
                "{{ kind: {kind}, port: {port}, apt: {apt}, apt_build: {apt_build}, pip: {pip}, \
                 index_urls: {index_urls}{more} }}"
            )
        })
}

/// A declaration without errors.
pub(super) fn fleet() -> impl Strategy<Value = String> {
    let pinned =
        prop::sample::select(&["fastapi", "fastapi==0.115.0", "uvicorn[standard]>=0.30"][..]);
    let services = prop::collection::vec(service(), 1..5);
    (pinned, some_of(&["libs", "config"]), services).prop_map(|(pinned, shared, services)| {
        let services = services.iter().enumerate().map(|(at, service)| format!("  svc-{at}: {service}\n"));
        format!(
            "registry: registry.example\nowner: acme\npython: \"3.12\"\nshared: {shared}\n\
             requirements: {{ base: [{pinned:?}], ml: [torch] }}\n\
             bases:\n  base-runtime: {{ version: v1.0.0, requirements: [base] }}\n  \
             base-ml: {{ version: v1.0.0, from: base-runtime, requirements: [ml] }}\n\
             kinds:\n  web: {{ template: multi-stage-slim, requirements: [base] }}\n  \
             on-base: {{ template: runtime-on-base, base: base-runtime }}\n  ml: {{ template: ml-on-base, base: base-ml }}\n\
             services:\n{}",
            services.collect::<String>()
        )
    })
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn render_is_deterministic_and_plain_text(declaration in fleet()) {
        let once = rendered(&declaration).unwrap();
        prop_assert_eq!(&once, &rendered(&declaration).unwrap());
        for (path, content) in once {
            prop_assert!(content.ends_with('\n'), "{} has no final line end", path);
            prop_assert!(!content.chars().any(|letter| letter.is_control() && letter != '\n'), "{}", path);
            prop_assert!(!content.lines().any(|line| line.ends_with(' ')), "{} has blanks at line ends", path);
            prop_assert!(!content.contains(env!("CARGO_PKG_VERSION")), "{} names the program's version", path);
        }
    }
}

proptest! {
    #![proptest_config(config(10))]

    #[test]
    fn check_after_generate_is_clean_and_a_second_generate_writes_nothing(declaration in fleet()) {
        let root = Root::generated(&declaration);
        prop_assert_eq!(root.check().status, 0);
        let before = root.tree();
        prop_assert_eq!(root.run(&["generate"]).status, 0);
        prop_assert_eq!(root.tree(), before);
    }

    #[test]
    fn generate_leads_from_any_fleet_to_any_other(from in fleet(), to in fleet()) {
        let root = Root::generated(&from);
        root.write("services.yaml", &to);
        let run = root.run(&["generate", "--prune"]);
        prop_assert_eq!(run.status, 0, "{}", run.told());
        let expected = rendered(&to).unwrap();
        let on_disk = root.files().into_iter().filter(|path| path != "services.yaml");
        prop_assert_eq!(on_disk.collect::<Vec<_>>(), expected.keys().cloned().collect::<Vec<_>>());
        for (path, content) in expected {
            prop_assert_eq!(root.text(&path), content);
        }
    }
}
