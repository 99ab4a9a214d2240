//! A declaration is read once, and every reader of YAML that also reads it finds the same in it:
//! nothing can stand in it for one alone.

use std::fs;

use dockwright::declare::parse;

use crate::fuzz::oracle::{Verdict, judge};
use crate::support::{Dice, cases, repository, tell};

const HEAD: &str = "registry: r.example\nowner: a\npython: \"3.12\"\nkinds: { w: { template: \
 multi-stage-slim } }\n";

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
/// What some YAML parsers read as the end of a line, for a blank or for nothing.
const BETWEEN: [&str; 12] = [
    "", " ", "\t", "\n", "\r", "\r\n", "\u{85}", "\u{a0}", "\u{2028}", "\u{2029}", "\u{feff}",
    "\u{200b}",
];

#[test]
fn no_key_is_overwritten_by_another_way_to_write_it() {
    let mut refused = 0;
    for form in SECOND_KEYS {
        for between in BETWEEN {
            let env = form.replace('~', between);
            let text =
                format!("{HEAD}services:\n  svc-a:\n    kind: w\n    port: 8000\n    env: {env}\n");
            let _ = judge(&text);
            let Ok(parsed) = parse("services.yaml", text.as_bytes()) else {
                refused += 1;
                continue;
            };
            let services = parsed.decl.services.unwrap_or_default();
            let seen = services
                .get("svc-a")
                .and_then(|service| service.env.get("A"))
                .map(|text| text.to_string());
            assert!(seen.is_none_or(|text| text.starts_with("seen")), "{text:?}");
        }
    }
    assert!(refused > SECOND_KEYS.len() * BETWEEN.len() / 2, "{refused}");
}

#[test]
fn no_comment_and_no_text_holds_a_key() {
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

/// Texts of declarations, and every seed of the fuzz target that is UTF-8.
fn texts() -> Vec<String> {
    let folders = [
        repository().join("fuzz/corpus/yaml"),
        repository().join("fuzz/corpus/edit"),
    ];
    let paths = folders
        .iter()
        .flat_map(|folder| folder.read_dir_utf8().unwrap());
    let mut paths: Vec<_> = paths.map(|entry| entry.unwrap().into_path()).collect();
    paths.push(repository().join("services.yaml"));
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}

/// A text with pieces of YAML put in, and characters taken out.
fn mutated(dice: &mut Dice, text: &str) -> String {
    const PIECES: [&str; 52] = [
        "{", "}", "[", "]", ":", ": ", "#", " #", "\n", "  ", " ", "- ", "? ", "&a ", "*a", "!t ",
        "|", ">", "|+\n", ">-\n  ", "'", "\"", ",", "\t", "\r\n", "\r", "é", "%", "@", "`", "<<: ",
        "---\n", "...\n", "\\", "~", "null", "5", "1.5", "0x1", "017", "1_0", "yes", "12:30",
        "true", "\u{85}", "\u{2028}", "\u{feff}", "\u{7}", "x", "\n\n", "\n# c\n", "=",
    ];
    let boundary = |text: &str, at: usize| text.floor_char_boundary(at);
    let start = boundary(text, dice.below(text.len() + 1));
    let mut text = text[start..boundary(text, (start + 900).min(text.len()))].to_owned();
    if let Some((_, rest)) = text.split_once('\n').filter(|_| start > 0) {
        text = rest.to_owned();
    }
    for _ in 0..=dice.below(4) {
        let at = boundary(&text, dice.below(text.len() + 1));
        if dice.below(3) == 0 {
            let to = boundary(&text, (at + dice.below(6)).min(text.len()));
            text.replace_range(at..to.max(at), "");
        } else {
            text.insert_str(at, dice.choose::<&str>(&PIECES));
        }
    }
    text
}

#[test]
fn values_are_those_that_libyaml_reads() {
    let (texts, mut dice) = (texts(), Dice::new(15));
    assert!(texts.len() > 20);
    let mut counts = [0; 4];
    for text in &texts {
        counts[judge(text) as usize] += 1;
    }
    for _ in 0..cases(4_000) {
        let text = dice.choose(&texts).clone();
        counts[judge(&mutated(&mut dice, &text)) as usize] += 1;
    }
    let [same, refused, extra, neither] = counts;
    tell(&format!(
        "{same} read alike, {refused} refused here alone, {extra} by libyaml alone, {neither} by \
         both"
    ));
    assert!(same * 4 > refused + extra + neither, "{counts:?}");
    assert_eq!(judge("a: [b, {c: \"\\x41\"}]\n"), Verdict::Same);
}

#[test]
fn words_are_what_libyaml_takes_them_for() {
    let mut dice = Dice::new(2026);
    let letters: Vec<char> = "0123456789.+-eExobinfNaTruFlsEyO~_:L".chars().collect();
    let mut same = 0_u32;
    for _ in 0..cases(20_000) {
        let word: String = (0..=dice.below(6))
            .map(|_| *dice.choose(&letters))
            .collect();
        same += u32::from(judge(&word) == Verdict::Same);
    }
    assert!(same * 2 > cases(20_000), "{same}");
}
