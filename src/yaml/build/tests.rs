//! What a tree holds of a text, and what is refused.

use std::fmt::Write as _;

use super::*;
use crate::yaml::read;

fn faults(text: &str) -> Vec<(&'static str, &str)> {
    let of = |fault: Fault| {
        let (start, end) = fault.range.unwrap();
        (fault.code.id, &text[start..end.min(text.len())])
    };
    read(text.as_bytes()).map_or_else(|found| found.into_iter().map(of).collect(), |_| Vec::new())
}

#[test]
fn nodes_have_the_bytes_of_their_content() {
    let text = "a: { x: [1] }   # c\nb: |  # é?\n  t\n# note\nc: 'q'  # d\nd:\ne: &x \"\\u00e9\"\nf:\n- 1\n-\n  - 2 # x\n\
        g: >-\n  a\n  b\n\nh: *x\ni: x y\n  z # w\nj:\n  k: 1\n";
    let tree = read(text.as_bytes()).unwrap();
    let expected = [
        ("a", "{ x: [1] }", ""),
        ("b", "|  # é?\n  t\n", "t\n"),
        ("c", "'q'", "q"),
        ("d", "", ""),
        ("e", "\"\\u00e9\"", "é"),
        ("f", "- 1\n-\n  - 2", ""),
        ("g", ">-\n  a\n  b\n", "a b"),
        ("h", "*x", "é"),
        ("i", "x y\n  z", "x y z"),
        ("j", "k: 1", ""),
    ];
    for (key, written, value) in expected {
        let node = tree.entry(0, key).unwrap().value;
        assert_eq!(
            (tree.written(node), tree.value(node)),
            (written, value),
            "{key}"
        );
        assert_eq!(tree.is_tied(node), key == "e" || key == "h", "{key}");
    }
    assert_eq!(tree.children(tree.entry(0, "f").unwrap().value).count(), 2);
    assert_eq!(std::mem::size_of::<Node>(), 32);
}

#[test]
fn every_duplicate_key_is_reported_with_both_places() {
    assert_eq!(
        faults("a: 1\na: 2\nb: {c: 1, \"c\": 2}\n"),
        [("duplicate-key", "\"c\""), ("duplicate-key", "a")]
    );
    assert_eq!(faults("a: {b: 1}\nc: {b: 1}\n"), []);
    let found = read(b"x: 1\na: 1\n\na: 2\n").unwrap_err();
    assert_eq!(found[0].message, "duplicate key `a`; it is also on line 2");
    assert_eq!(faults(&"a: 1\n".repeat(50_000)).len(), DUPLICATE_LIMIT);
}

#[test]
fn bombs_are_refused_quickly() {
    assert_eq!(faults(&"[".repeat(100_000))[0].0, "nesting-too-deep");
    assert_eq!(
        faults(
            &(0..500)
                .map(|depth| " ".repeat(depth) + "a:\n")
                .collect::<String>()
        )[0]
        .0,
        "nesting-too-deep"
    );
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let copies = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{copies}]").unwrap();
    }
    assert_eq!(faults(&laughs), [("alias-budget", "*a3")]);
    assert_eq!(faults("a: &a [*a]\n"), [("alias-budget", "*a")]);
    let many = read("-\n".repeat(NODE_LIMIT + 1).as_bytes()).unwrap_err();
    assert_eq!(many[0].code.id, "file-too-large");
}

#[test]
fn nesting_of_32_levels_is_read() {
    for depth in [DEPTH_LIMIT, DEPTH_LIMIT + 1] {
        let flow = "[".repeat(depth) + &"]".repeat(depth);
        let block: String = (0..depth)
            .map(|level| "  ".repeat(level) + "a:\n")
            .collect();
        for text in [flow, block] {
            assert_eq!(faults(&text).is_empty(), depth == DEPTH_LIMIT, "{text}");
        }
    }
}

#[test]
fn what_a_declaration_does_not_need_is_refused_at_its_place() {
    for (text, place) in [
        ("a: !!str b\n", "b"),
        ("a: ! b\n", "b"),
        ("a: !x [b]\n", "["),
        ("!x {a: b}\n", "{"),
        ("%YAML 1.2\n---\na: 1\n", "%"),
        ("%FOO x\n---\na: 1\n", "%"),
        ("? a\n: b\n", "?"),
        ("x:\n  ? a\n  : b\n", "?"),
        ("x: 1 # ?\n# ?\n? b\n: 1\n", "?"),
        ("{ x: 1, ? a : b }\n", "?"),
        ("{ ? a : b }\n", "?"),
        ("{ ?a: b }\n", "?a"),
        ("[a]: b\n", "["),
        ("{ {a: b}: c }\n", "{"),
        ("x: &k a\n*k : b\n", "*k"),
        (": b\n", ":"),
        ("&a:b c\n", "&a:b"),
        ("x: &a?b c\n", "&a?b"),
        ("{ &é a: b }\n", "&é"),
        ("x: [&a@ b]\n", "&a@"),
        ("a: *b\n", "*"),
    ] {
        assert_eq!(faults(text), [("yaml-syntax", place)], "{text}");
    }
    assert_eq!(faults("a: 1\n---\nb: 1\n")[0].0, "multiple-documents");
    assert_eq!(faults("a: [1\n")[0].0, "yaml-syntax");
    for text in [
        "---\na: 1\n",
        "a: 1\n...\n",
        "a: '?'\n\"?\": 1\n# ?\nc: x ? y #?\nd?: e?\n",
        "x: &a b\ny: [&c d, *a]\nz: R&D\n",
    ] {
        assert_eq!(faults(text), [], "{text}");
    }
}
