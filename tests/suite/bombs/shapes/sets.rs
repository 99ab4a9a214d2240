//! Requirement sets, and folders that all services share.

use super::{Bomb, LARGE, LONG, bomb, declare, kind, lines, numbered, services};

/// Requirement sets and folders that services share.
pub(super) fn of_sets() -> Vec<Bomb> {
    vec![
        bomb(
            "sets with many packages in many services",
            300,
            LARGE,
            |root, size| {
                let set = |number| {
                    format!(
                        "  r{number}: [{}]\n",
                        numbered(100, |at| format!("p{number}x{at}"))
                    )
                };
                let sets: String = lines(size, set);
                let names = numbered(size, |number| format!("r{number}"));
                let kind = kind(&format!(", requirements: [{names}]"));
                declare(
                    root,
                    &["requirements:\n", &sets, &kind, &services(size, "")],
                );
            },
        ),
        bomb("one set many times", 3_000, LONG, |root, size| {
            let set = format!(
                "requirements: {{ r: [{}] }}\n",
                numbered(1000, |number| format!("p{number}"))
            );
            let names = format!(", requirements: [{}]", vec!["r"; size].join(", "));
            declare(root, &[&set, &kind(""), &services(1, &names)]);
        }),
        bomb(
            "folders that all services share",
            200,
            None,
            |root, size| {
                let shared = format!(
                    "shared: [{}]\n",
                    numbered(size, |number| format!("l{number}"))
                );
                declare(root, &[&shared, &kind(""), &services(size, "")]);
            },
        ),
    ]
}
