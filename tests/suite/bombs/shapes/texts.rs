//! The text of the declaration.

use super::{Bomb, LARGE, bomb, declare, kind, lines, numbered, services};

/// Sizes of the text.
pub(super) fn of_sizes() -> Vec<Bomb> {
    vec![
        bomb("services of a few bytes", 1_000, None, |root, size| {
            let service: String = lines(size, |number| format!("  s{number}: {{kind: w}}\n"));
            declare(
                root,
                &[
                    "outputs: { bake: {}, compose: {} }\n",
                    &kind(", port: 80"),
                    "services:\n",
                    &service,
                ],
            );
        }),
        bomb(
            "more services than are allowed",
            79_990,
            LARGE,
            |root, size| {
                let service: String = lines(size, |number| format!("  s{number}: {{kind: w}}\n"));
                declare(
                    root,
                    &[&kind(", port: 80, apt: [ab]"), "services:\n", &service],
                );
            },
        ),
        bomb(
            "more services than are read",
            80_001,
            Some("file-too-large"),
            |root, size| {
                let service = numbered(size, |number| format!("s{number}: {{}}"));
                declare(root, &["services: {", &service, "}\n"]);
            },
        ),
        bomb(
            "a declaration of line ends",
            4_000_000,
            Some("no-services"),
            |root, size| {
                root.write("services.yaml", "\n".repeat(size));
            },
        ),
    ]
}

/// Many values, keys and anchors.
pub(super) fn of_values() -> Vec<Bomb> {
    vec![
        bomb(
            "a declaration of many values",
            1_300_000,
            Some("file-too-large"),
            |root, size| {
                declare(
                    root,
                    &[
                        &kind(""),
                        &services(1, ""),
                        "shared: [",
                        &"a,".repeat(size),
                        "]\n",
                    ],
                );
            },
        ),
        bomb(
            "a declaration of many unknown keys",
            150_000,
            Some("unknown-field"),
            |root, size| {
                let keys: String = lines(size / 2, |number| format!("{number}: ,"));
                declare(root, &[&kind(""), &services(1, ""), "foo: {", &keys, "}\n"]);
            },
        ),
        bomb(
            "a key many times",
            70_000,
            Some("duplicate-key"),
            |root, size| {
                declare(
                    root,
                    &[
                        &kind(""),
                        "services:\n",
                        &"  a: { kind: w, port: 80 }\n".repeat(size),
                    ],
                );
            },
        ),
        bomb("anchors", 20_000, Some("alias-budget"), |root, size| {
            declare(
                root,
                &[
                    &kind(""),
                    &format!(
                        "x: [{}]\n",
                        numbered(size, |number| format!("&a{number} b"))
                    ),
                ],
            );
        }),
    ]
}

/// Long texts.
pub(super) fn of_long_texts() -> Vec<Bomb> {
    vec![
        bomb(
            "aliases of a long text",
            1_000,
            Some("alias-budget"),
            |root, size| {
                let text = format!(
                    "shared: [&a {}, {}]\n",
                    "x".repeat(4000),
                    vec!["*a"; size].join(", ")
                );
                declare(root, &[&kind(""), &text, &services(1, "")]);
            },
        ),
        bomb(
            "findings on one long line",
            4_000,
            Some("unknown-field"),
            |root, size| {
                let services =
                    numbered(size, |number| format!("s{number}: {{ kind: w, prot: 80 }}"));
                declare(root, &[&kind(""), &format!("services: {{ {services} }}\n")]);
            },
        ),
        bomb(
            "a value of many megabytes",
            4_000_000,
            Some("unknown-field"),
            |root, size| {
                declare(
                    root,
                    &[
                        &kind(""),
                        &services(
                            1,
                            &format!(", prot: 1, env: {{ A: \"{}\" }}", "x".repeat(size)),
                        ),
                    ],
                );
            },
        ),
    ]
}
