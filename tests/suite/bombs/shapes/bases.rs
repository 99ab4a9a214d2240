//! Many bases, and long chains of them.

use super::lists::pip;
use super::{Bomb, CHAIN, bomb, declare, kind, lines, services};
use crate::support::Root;

/// Bases on bases.
pub(super) fn of_bases() -> Vec<Bomb> {
    vec![
        bomb("a chain of bases", 3_000, CHAIN, |root, size| {
            chain_of_bases(root, size, "");
        }),
        bomb("a chain of bases that pin", 3_000, CHAIN, |root, size| {
            chain_of_bases(root, size, ", pip: [\"p==1\"]");
        }),
        bomb("the longest chain of bases", 64, None, |root, size| {
            chain_of_bases(root, size, ", pip: [\"p==1\"]");
        }),
        bomb(
            "bases in a circle",
            3_000,
            Some("base-cycle"),
            |root, size| {
                let base = |number| {
                    format!(
                        "  b{number}: {{ version: v1.0.0, from: b{} }}\n",
                        (number + 1) % size
                    )
                };
                let bases: String = lines(size, base);
                declare(root, &["bases:\n", &bases, &kind(""), &services(1, "")]);
            },
        ),
        bomb(
            "bases that take files from each other",
            200,
            None,
            |root, size| {
                let base = |number: usize| {
                    let from = number.saturating_sub(1);
                    let hook = format!("COPY --from=r.example/acme/b{from}:v1.0.0 /a /a");
                    format!(
                        "  b{number}: {{ version: v1.0.0, hooks: {{ after_pip: [\"{hook}\"] }} }}\n"
                    )
                };
                let bases: String = (1..size).map(base).collect();
                declare(
                    root,
                    &[
                        "bases:\n  b0: { version: v1.0.0 }\n",
                        &bases,
                        "outputs: { bake: {} }\n",
                        &kind(""),
                        &services(1, ""),
                    ],
                );
            },
        ),
    ]
}

/// Services on bases.
pub(super) fn of_services_on_bases() -> Vec<Bomb> {
    vec![
        bomb(
            "services on a base with many requirements",
            1_000,
            None,
            |root, size| {
                let base = format!("bases: {{ b: {{ version: v1.0.0{} }} }}\n", pip(9_000));
                let service = |number| {
                    format!("  s{number}: {{ template: runtime-on-base, base: b, port: 80 }}\n")
                };
                declare(root, &[&base, "services:\n", &lines(size, service)]);
            },
        ),
        bomb(
            "many bases, each with a service",
            200,
            None,
            |root, size| {
                let base = |number| {
                    format!("  b{number}: {{ version: v1.0.0, pip: [\"p{number}==1\"] }}\n")
                };
                let bases: String = lines(size, base);
                let service = |number| {
                    format!(
                        "  s{number}: {{ template: runtime-on-base, base: b{number}, port: 80 }}\n"
                    )
                };
                let services: String = lines(size, service);
                declare(root, &["bases:\n", &bases, "services:\n", &services]);
            },
        ),
    ]
}

fn chain_of_bases(root: &Root, length: usize, fields: &str) {
    let base = |number| {
        format!(
            "  b{number}: {{ version: v1.0.0, from: b{}{fields} }}\n",
            number - 1
        )
    };
    let bases: String = (1..length).map(base).collect();
    let service = "services: { x: { template: runtime-on-base, base: b0, port: 80 } }\n";
    declare(
        root,
        &["bases:\n  b0: { version: v1.0.0 }\n", &bases, service],
    );
}
