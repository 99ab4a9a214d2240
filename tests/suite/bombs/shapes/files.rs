//! Files in place of generated ones.

use super::lists::apt;
use super::{Bomb, bomb, declare, kind, lines, services};

/// Files in place of generated ones.
pub(super) fn of_files() -> Vec<Bomb> {
    vec![
        bomb(
            "a file of line ends in place of ours",
            8_000_000,
            None,
            |root, size| {
                declare(root, &[&kind(""), &services(1, "")]);
                root.write("generated/s0/Dockerfile", "\n".repeat(size));
            },
        ),
        bomb(
            "four large files in place of ours",
            10_000_000,
            None,
            |root, size| {
                declare(root, &[&kind(""), &services(2, "")]);
                for path in [
                    "s0/Dockerfile",
                    "s1/Dockerfile",
                    "s0/Dockerfile.dockerignore",
                    "s1/Dockerfile.dockerignore",
                ] {
                    root.write(&format!("generated/{path}"), "x\n".repeat(size / 2));
                }
            },
        ),
        bomb("large files of nobody", 20, None, |root, size| {
            declare(root, &[&kind(""), &services(1, "")]);
            (0..size).for_each(|number| {
                root.write(&format!("generated/s0/{number}.txt"), "y\n".repeat(500_000));
            });
        }),
        bomb(
            "many files with nothing in common with ours",
            40,
            None,
            |root, size| {
                declare(root, &[&kind(&apt(1_000)), &services(size, "")]);
                let other: String = lines(1_000, |number| format!("q{number}\n"));
                (0..size).for_each(|number| {
                    root.write(&format!("generated/s{number}/Dockerfile"), &other);
                });
            },
        ),
    ]
}
