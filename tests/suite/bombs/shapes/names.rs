//! Names and fields that lead nowhere, and included files.

use super::{Bomb, LONG, bomb, declare, kind, lines, numbered, services};

/// Names that lead nowhere.
pub(super) fn of_names() -> Vec<Bomb> {
    vec![
        bomb(
            "names of kinds that are not declared",
            1_000,
            Some("unknown-kind"),
            |root, size| {
                let kind = |number| {
                    format!(
                        "  kind-{number:06}-{}: {{ template: multi-stage-slim }}\n",
                        "x".repeat(40)
                    )
                };
                let kinds: String = lines(size, kind);
                let service = |number| {
                    format!(
                        "  s{number}: {{ kind: king-{number:06}-{}, port: 80 }}\n",
                        "y".repeat(40)
                    )
                };
                let services: String = lines(size, service);
                declare(root, &["kinds:\n", &kinds, "services:\n", &services]);
            },
        ),
        bomb(
            "names of sets that are not declared",
            2_000,
            Some("unknown-requirement-set"),
            |root, size| {
                let sets: String = lines(size, |number| format!("  r{number}: [p{number}]\n"));
                let names = format!(
                    ", requirements: [{}]",
                    numbered(size, |number| format!("unknown{number}"))
                );
                declare(
                    root,
                    &["requirements:\n", &sets, &kind(""), &services(1, &names)],
                );
            },
        ),
    ]
}

/// Levels and allowances that lead nowhere, fields that do not exist.
pub(super) fn of_fields() -> Vec<Bomb> {
    vec![
        bomb(
            "levels of images that are not declared",
            2_000,
            Some("unknown-policy-image"),
            |root, size| {
                let levels = numbered(size, |number| {
                    format!("u{number}: {{ unpinned-base: warn }}")
                });
                let policy = format!("policy: {{ images: {{ {levels} }} }}\n");
                declare(root, &[&kind(""), &services(size, ""), &policy]);
            },
        ),
        bomb(
            "allowances that nothing needs",
            1_500,
            Some("unused-allowance"),
            |root, size| {
                let one = |number| {
                    format!("{{ rule: dev-dep-in-image, image: unknown{number}, reason: x }}")
                };
                let policy = format!("policy: {{ allowances: [{}] }}\n", numbered(size, one));
                declare(root, &[&kind(""), &services(size, ""), &policy]);
            },
        ),
        bomb(
            "unknown fields",
            3_000,
            Some("unknown-field"),
            |root, size| {
                declare(root, &[&kind(""), &services(size, ", prot: 3")]);
            },
        ),
        bomb("wrong values in every field", 500, None, |root, size| {
            let fields = ", app: \"???\", pip: [\"a=b\", \"-r x\"], apt: [\"A B\"], env: { \"1\": x, PATH: y }, \
                          hooks: { nope: [x], after_pip: [\"FROM x\"] }, secrets: [\":\"], index_urls: [\"x@y\"], \
                          depends_on: [\"%\"], python: \"9\", healthcheck: { path: x, interval: y, retries: 0 }, from: nobody";
            declare(root, &[&kind(""), &services(size, fields)]);
        }),
    ]
}

/// Included files.
pub(super) fn of_includes() -> Vec<Bomb> {
    vec![
        bomb(
            "one include pattern many times",
            9_000,
            None,
            |root, size| {
                let patterns = format!("include: [{}]\n", vec!["\"d/*.yaml\""; size].join(", "));
                declare(root, &[&kind(""), &services(1, ""), &patterns]);
                (0..50)
                    .for_each(|number| root.write(&format!("d/x{number}.yaml"), "services: {}\n"));
            },
        ),
        bomb("different include patterns", 101, LONG, |root, size| {
            let patterns = format!(
                "include: [{}]\n",
                numbered(size, |number| format!("\"d/*{number}*a*a*b.yaml\""))
            );
            declare(root, &[&kind(""), &services(1, ""), &patterns]);
        }),
        bomb(
            "included files that declare the same",
            100,
            Some("duplicate-declaration"),
            |root, size| {
                declare(
                    root,
                    &[&kind(""), &services(1, ""), "include: [\"d/*.yaml\"]\n"],
                );
                let part = services(100, "");
                (0..size).for_each(|number| root.write(&format!("d/x{number}.yaml"), &part));
            },
        ),
        bomb(
            "included files with too many services",
            40,
            Some("file-too-large"),
            |root, size| {
                declare(
                    root,
                    &[&kind(""), &services(1, ""), "include: [\"d/*.yaml\"]\n"],
                );
                for number in 0..size {
                    let services = numbered(3_000, |at| format!("t{number}-{at}: {{}}"));
                    root.write(
                        &format!("d/x{number}.yaml"),
                        format!("services: {{ {services} }}\n"),
                    );
                }
            },
        ),
    ]
}
