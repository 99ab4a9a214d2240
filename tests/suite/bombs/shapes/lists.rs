//! Long lists of kinds and services.

use std::fmt::Write as _;

use super::{Bomb, LARGE, bomb, declare, kind, numbered, of_kind, of_service, services};

/// Long lists of kinds.
pub(super) fn of_kinds() -> Vec<Bomb> {
    vec![
        bomb(
            "packages of a kind, too many in all",
            1_500,
            LARGE,
            |root, size| of_kind(root, (size, size), apt),
        ),
        bomb("packages of a kind", 250, None, |root, size| {
            of_kind(root, (size, size), apt);
        }),
        bomb("requirements of a kind", 250, None, |root, size| {
            of_kind(root, (size, size), pip);
        }),
        bomb("variables of a kind", 200, None, |root, size| {
            of_kind(root, (size, size), env);
        }),
        bomb(
            "long variables of a kind, too many in all",
            200,
            LARGE,
            |root, size| {
                of_kind(root, (size, 100), long_env);
            },
        ),
        bomb("long variables of a kind", 100, None, |root, size| {
            of_kind(root, (size, 20), long_env);
        }),
        bomb("arguments of a kind", 200, None, |root, size| {
            of_kind(root, (size, size), args);
        }),
        bomb("hooks of a kind", 150, None, |root, size| {
            of_kind(root, (size, size), hooks);
        }),
        bomb("secrets of a kind", 150, None, |root, size| {
            of_kind(root, (size, size), secrets);
        }),
        bomb("indexes of a kind", 150, None, |root, size| {
            of_kind(root, (size, size), indexes);
        }),
        bomb("words of a command of a kind", 200, None, |root, size| {
            of_kind(root, (size, size), cmd);
        }),
    ]
}

/// Long lists of services.
pub(super) fn of_services() -> Vec<Bomb> {
    vec![
        bomb("services that wait for all", 200, None, |root, size| {
            let later = format!("  t: {{ kind: w, port: 80{} }}\n", dependencies(size));
            declare(
                root,
                &[
                    "outputs: { compose: {} }\n",
                    &kind(""),
                    &services(size, ""),
                    &later,
                ],
            );
        }),
        bomb(
            "services that wait in a circle",
            3_000,
            Some("dependency-cycle"),
            |root, size| {
                let mut text = "services:\n".to_owned();
                for number in 0..size {
                    let next = (number + 1) % size;
                    let _ = writeln!(
                        text,
                        "  s{number}: {{ kind: w, port: 80, depends_on: [s{next}] }}"
                    );
                }
                declare(root, &["outputs: { compose: {} }\n", &kind(""), &text]);
            },
        ),
        bomb("one package many times", 4_000, None, |root, size| {
            of_service(root, size, same_pip);
        }),
        bomb("variables of a service", 4_000, None, |root, size| {
            of_service(root, size, env);
        }),
        bomb("secrets of a service", 4_000, None, |root, size| {
            of_service(root, size, secrets);
        }),
    ]
}

pub(super) fn apt(count: usize) -> String {
    format!(
        ", apt: [{}]",
        numbered(count, |number| format!("p{number}"))
    )
}

pub(super) fn pip(count: usize) -> String {
    format!(
        ", pip: [{}]",
        numbered(count, |number| format!("p{number}"))
    )
}

fn same_pip(count: usize) -> String {
    format!(
        ", pip: [{}]",
        numbered(count, |number| format!("\"a>={number}\""))
    )
}

fn env(count: usize) -> String {
    format!(
        ", env: {{ {} }}",
        numbered(count, |number| format!("E{number}: v"))
    )
}

fn long_env(count: usize) -> String {
    format!(
        ", env: {{ {} }}",
        numbered(count, |number| format!(
            "E{number}: \"{}\"",
            "v".repeat(4000)
        ))
    )
}

fn args(count: usize) -> String {
    format!(
        ", args: {{ {} }}",
        numbered(count, |number| format!("A{number}: v"))
    )
}

fn hooks(count: usize) -> String {
    format!(
        ", hooks: {{ after_pip: [{}] }}",
        numbered(count, |number| format!("RUN x{number}"))
    )
}

fn secrets(count: usize) -> String {
    format!(
        ", pip: [a], secrets: [{}]",
        numbered(count, |number| format!("s{number}"))
    )
}

fn indexes(count: usize) -> String {
    format!(
        ", pip: [a], index_urls: [{}]",
        numbered(count, |number| format!(
            "\"https://i{number}.example/simple\""
        ))
    )
}

fn cmd(count: usize) -> String {
    format!(
        ", cmd: [{}]",
        numbered(count, |number| format!("w{number}"))
    )
}

fn dependencies(count: usize) -> String {
    format!(
        ", depends_on: [{}]",
        numbered(count, |number| format!("s{number}"))
    )
}

/// A field with so many entries.
pub(super) type List = fn(usize) -> String;

pub(super) const LISTS: [(&str, List); 9] = [
    ("apt", apt),
    ("pip", pip),
    ("env", env),
    ("args", args),
    ("hooks", hooks),
    ("secrets", secrets),
    ("index_urls", indexes),
    ("cmd", cmd),
    ("depends_on", dependencies),
];
