//! What follows from a new version, and what is refused.

use super::*;
use crate::project::{Files, Unwatched};

const TEXT: &str = "registry: r.example\nowner: o\npython: \"3.12\"\nrequirements: { base: \
 [fastapi] }\nbases:\n  low: { version: v1.0.0, requirements: [base] }\n  high: { version: \
 v2.0.0, from: low }\nkinds: { k: { template: ml-on-base, base: high } }\nservices: { s: { \
 kind: k, port: 8000 } }\n";

fn loaded(text: &str) -> (Files, Loaded) {
    let files = Files::declaring(text);
    let loaded = load(&files, "services.yaml", &Unwatched).unwrap();
    (files, loaded)
}

fn bumped(text: &str, request: &BumpRequest) -> Result<Bump, BumpError> {
    let (files, mut loaded) = loaded(text);
    bump(&files, &mut loaded, request, false)
}

/// The codes of what is wrong with a declaration.
fn codes(text: &str) -> Vec<&'static str> {
    let found = loaded(text).1.diagnostics;
    found.iter().map(|found| found.code.id).collect()
}

fn names(bump: &Bump) -> Vec<(&str, &str)> {
    bump.steps
        .iter()
        .map(|step| (step.name.as_str(), step.to.as_str()))
        .collect()
}

#[test]
fn what_builds_on_a_bumped_base_follows_by_a_patch() {
    let bump = bumped(TEXT, &BumpRequest::BaseStep("low".to_owned(), Step::Minor)).unwrap();
    assert_eq!(names(&bump), [("low", "v1.1.0"), ("high", "v2.0.1")]);
    assert_eq!(bump.steps[1].because.as_deref(), Some("builds on low"));
    let bump = bumped(TEXT, &BumpRequest::Python("3.13".to_owned())).unwrap();
    assert_eq!(
        names(&bump),
        [("python", "3.13"), ("low", "v1.0.1"), ("high", "v2.0.1")]
    );
}

#[test]
fn a_base_on_top_is_bumped_alone() {
    let bump = bumped(
        TEXT,
        &BumpRequest::Base("high".to_owned(), "v3.0.0".to_owned()),
    )
    .unwrap();
    assert_eq!(names(&bump), [("high", "v3.0.0")]);
    assert!(!bump.text.contains("v1.0.0@"), "{}", bump.text);
    assert!(
        bump.text.contains("fingerprint: \"v3.0.0@") || bump.text.contains("fingerprint: v3.0.0@")
    );
}

#[test]
fn content_that_changed_under_its_version_is_an_error_until_it_is_bumped() {
    let recorded = bumped(TEXT, &BumpRequest::AllBases(Step::Patch))
        .unwrap()
        .text;
    let changed = recorded.replace("[fastapi]", "[fastapi, httpx]");
    assert_eq!(codes(&changed)[0], "base-changed-without-bump");
    let bump = bumped(
        &changed,
        &BumpRequest::BaseStep("high".to_owned(), Step::Patch),
    )
    .unwrap();
    assert_eq!(names(&bump), [("low", "v1.0.2"), ("high", "v2.0.2")]);
    let amended = amend(&loaded(&changed).1, &["low".to_owned()]).unwrap();
    assert_eq!(codes(&amended), [""; 0]);
}

#[test]
fn comments_and_labels_are_no_content() {
    let recorded = bumped(TEXT, &BumpRequest::AllBases(Step::Patch))
        .unwrap()
        .text;
    let label = "# note\nLABEL a=\"b\" \\\n  c=\"d\"\n";
    let mut files = Files::declaring(format!("{recorded}templates: own\n"));
    files.put("own/partials/labels.j2", label);
    let loaded = load(&files, "services.yaml", &Unwatched).unwrap();
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
}

#[test]
fn a_version_that_was_changed_by_hand_is_told() {
    let recorded = bumped(TEXT, &BumpRequest::AllBases(Step::Patch))
        .unwrap()
        .text;
    let code = |text: &str| codes(text)[0];
    assert_eq!(
        code(&recorded.replace("v2.0.1,", "v2.0.9,")),
        "base-bumped-without-change"
    );
    assert_eq!(
        code(
            &recorded
                .replace("v1.0.1,", "v1.0.9,")
                .replace("[fastapi]", "[x]")
        ),
        "base-bumped-by-hand"
    );
}

#[test]
fn refusals_say_what_to_type() {
    let message = |request| bumped(TEXT, &request).unwrap_err().to_string();
    assert!(
        message(BumpRequest::BaseStep("hgh".to_owned(), Step::Patch))
            .ends_with("did you mean `high`?")
    );
    assert!(
        message(BumpRequest::Base("high".to_owned(), "v1.9.9".to_owned()))
            .contains("--allow-downgrade")
    );
    assert!(message(BumpRequest::Python("3.12".to_owned())).contains("the same"));
    assert!(
        message(BumpRequest::Base("high".to_owned(), "latest".to_owned()))
            .contains("whose content changes")
    );
}
