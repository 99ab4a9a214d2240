//! Locks, long and wrong.

use super::lists::pip;
use super::{Bomb, bomb, declare, kind, lines, services};
use crate::support::Root;

/// Long locks.
pub(super) fn of_long_locks() -> Vec<Bomb> {
    vec![
        bomb("a lock with many pins", 20_000, None, |root, size| {
            declare(
                root,
                &["locks: locks\n", &kind(""), &services(1, ", pip: [a]")],
            );
            root.write(
                "locks/s0.txt",
                lock(size, "", |number| format!("p{number}==1")),
            );
        }),
        bomb(
            "a lock with one package many times",
            2_000,
            Some("broken-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(1, ", pip: [a]")],
                );
                let pin = |number| format!("p==1 ; platform_machine == \"m{number}\"");
                root.write("locks/s0.txt", lock(size, "", pin));
            },
        ),
        bomb(
            "locks on a base with many pins",
            300,
            Some("stale-lock"),
            |root, size| {
                locked_base(root, size, 10 * size);
            },
        ),
    ]
}

/// Locks that are refused.
pub(super) fn of_refused_locks() -> Vec<Bomb> {
    vec![
        bomb(
            "locks with more pins than are read",
            6,
            Some("broken-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(size, ", pip: [a]")],
                );
                let lock = lock(50_001, "", |number| format!("p{number}==1"));
                (0..size).for_each(|number| root.write(&format!("locks/s{number}.txt"), &lock));
            },
        ),
        bomb(
            "a lock of other requirements",
            4_000,
            Some("stale-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(1, &pip(size))],
                );
                let header: String = lines(size, |number| format!("# requirement: r{number}\n"));
                root.write("locks/s0.txt", lock(1, &header, |_| "p==1".to_owned()));
            },
        ),
        bomb(
            "locks of nobody",
            1_500,
            Some("unused-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(1, ", pip: [a]")],
                );
                (0..size).for_each(|number| root.write(&format!("locks/u{number}.txt"), "x"));
            },
        ),
    ]
}

/// Services with locks of their own on a base whose lock has many pins.
pub(in crate::bombs) fn locked_base(root: &Root, count: usize, pins: usize) {
    let base = "bases: { b: { version: v1.0.0, pip: [p0] } }\n";
    let service = |number| {
        format!("  s{number}: {{ template: runtime-on-base, base: b, port: 80, pip: [a] }}\n")
    };
    declare(
        root,
        &[
            "locks: locks\n",
            base,
            "services:\n",
            &lines(count, service),
        ],
    );
    root.write(
        "locks/b.txt",
        lock(pins, "", |number| format!("p{number}==1")),
    );
    (0..count).for_each(|number| {
        root.write(
            &format!("locks/s{number}.txt"),
            lock(1, "", |_| "a==1".to_owned()),
        );
    });
}

fn lock(pins: usize, header: &str, pin: impl Fn(usize) -> String) -> String {
    let hash = format!("--hash=sha256:{}", "0".repeat(64));
    let pins: String = lines(pins, |number| format!("{} \\\n    {hash}\n", pin(number)));
    format!("# inputs: sha256:{}\n{header}{pins}", "0".repeat(64))
}
