//! A declaration is read twice, by the guard and by the loader, and each is a YAML parser of its own: nothing may stand in it for one alone.

use dockwright::declare::parse;

const HEAD: &str = "registry: r.example\nowner: a\npython: \"3.12\"\nkinds: { w: { template: multi-stage-slim } }\n";

/// Ways to write a second key `A`; `~` stands for a character.
const SECOND_KEYS: [&str; 28] = [
    "{ A: seen, ~A: hidden }",
    "{ A: seen, A~: hidden }",
    "{ A: seen,~A: hidden }",
    "{ A: seen, ~ A: hidden }",
    "{\nA: seen,\n~A: hidden }",
    "{ A: seen #c~, A: hidden }",
    "{ A: seen, ?A: hidden }",
    "{ A: seen, ?~A: hidden }",
    "{ A: seen, ?\"A\": hidden }",
    "{ A: seen, ? A : hidden }",
    "{ A: seen, \"A\":hidden }",
    "{ A: seen, 'A' : hidden }",
    "{ A: seen, \"\\x41\": hidden }",
    "{ A: seen, \"\\u0041\": hidden }",
    "{ A: seen, \"~A\": hidden }",
    "{ A: seen, !!str A: hidden }",
    "{ A: seen, &x A: hidden }",
    "{ A: seen, A:: hidden }",
    "{ A: seen, &x:A: hidden }",
    "\n      A: seen\n      &x:~A: hidden",
    "{ <<: { A: hidden }, A: seen }",
    "\n      A: seen\n      A : hidden",
    "\n      A: seen\n      ? A\n      : hidden",
    "\n      A: seen #c~      A: hidden",
    "\n      A: seen\n~      A: hidden",
    "\n      A: seen\n      ~A: hidden",
    "\n      A: seen\n      \"A\": hidden",
    "\n      A: seen\n      !x A: hidden",
];
/// What some readers of YAML take for the end of a line, for a blank or for nothing.
const BETWEEN: [&str; 12] =
    ["", " ", "\t", "\n", "\r", "\r\n", "\u{85}", "\u{a0}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{200b}"];

#[test]
fn no_key_is_overwritten_by_one_that_the_guard_does_not_see() {
    let mut refused = 0;
    for form in SECOND_KEYS {
        for between in BETWEEN {
            let env = form.replace('~', between);
            let text = format!("{HEAD}services:\n  svc-a:\n    kind: w\n    port: 8000\n    env: {env}\n");
            let Ok(parsed) = parse("services.yaml", text.as_bytes()) else {
                refused += 1;
                continue;
            };
            let services = parsed.decl.services.unwrap_or_default();
            let seen = services.get("svc-a").and_then(|service| service.env.get("A")).map(ToString::to_string);
            assert!(seen.is_none_or(|text| text.starts_with("seen")), "{text:?}");
        }
    }
    assert!(refused > SECOND_KEYS.len() * BETWEEN.len() / 2, "{refused}");
}

#[test]
fn no_comment_and_no_text_holds_a_key_for_the_loader_alone() {
    for between in BETWEEN {
        for text in [
            format!("{HEAD}services: {{}} # why{between}shared: [hidden]\n"),
            format!("{HEAD}# why{between}shared: [hidden]\nservices: {{}}\n"),
            format!("{HEAD}locks: 'x{between}shared: [hidden]'\nservices: {{}}\n"),
        ] {
            let is_line = text.lines().any(|line| line.starts_with("shared:")) || between == "\r";
            if let Ok(parsed) = parse("services.yaml", text.as_bytes()) {
                assert!(is_line || parsed.decl.shared.is_empty(), "{text:?}");
            }
        }
    }
}
