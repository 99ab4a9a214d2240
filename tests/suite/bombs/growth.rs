//! The work of a command at a size and at four times that size, counted in instructions: time would
//! depend on the machine.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::shapes::locked_base;
use crate::support::{PROGRAM, Root, has, is_long};
use crate::synthetic::services_yaml;

/// How much more work four times the size may be, above a linear growth's four: the logarithm, and
/// pages of tables.
const TOLERANCE: u64 = 140;

/// A shape that can be laid out in any size.
struct Shape {
    name: &'static str,
    /// The smaller size.
    size: usize,
    lay: fn(&Root, usize),
    commands: &'static [&'static [&'static str]],
}

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";
const KIND: &str = "kinds: { w: { template: multi-stage-slim } }\n";
const CHECK: &[&[&str]] = &[&["check"]];

fn joined(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(", ")
}

fn lines(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

fn declare(root: &Root, parts: &[&str]) {
    root.write("services.yaml", HEAD.to_owned() + &parts.concat());
}

const SHAPES: [Shape; 10] = [
    Shape {
        name: "a fleet",
        size: 25,
        lay: |root, size| root.write("services.yaml", services_yaml(size)),
        commands: &[
            &["check", "--format", "json"],
            &["why", "package-1"],
            &["plan", "--all"],
            &["bump", "base-runtime", "--patch", "--dry-run"],
        ],
    },
    Shape {
        name: "bases",
        size: 25,
        lay: |root, size| {
            let bases = lines(size, |at| {
                format!("  b{at}: {{ version: v1.0.0, pip: [\"p{at}==1\"] }}\n")
            });
            let services = lines(size, |at| {
                format!("  s{at}: {{ template: runtime-on-base, base: b{at}, port: 80 }}\n")
            });
            declare(root, &["bases:\n", &bases, "services:\n", &services]);
        },
        commands: &[&["bump", "--all-bases", "--patch", "--dry-run"]],
    },
    Shape {
        name: "bases that take files from each other",
        size: 40,
        lay: |root, size| {
            let hook = |at: usize| format!("COPY --from=r.example/acme/b{at}:v1.0.0 /a /a");
            let base = |at| {
                format!(
                    "  c{at}: {{ version: v1.0.0, hooks: {{ after_pip: [\"{}\"] }} }}\n",
                    hook(at)
                )
            };
            let below = lines(size, |at| format!("  b{at}: {{ version: v1.0.0 }}\n"));
            declare(
                root,
                &[
                    "bases:\n",
                    &lines(size, base),
                    &below,
                    KIND,
                    "services: { s: { kind: w, port: 80 } }\n",
                ],
            );
        },
        commands: CHECK,
    },
    Shape {
        name: "requirements that conflict with a base",
        size: 100,
        lay: |root, size| {
            let (set, own) = (
                joined(size, |at| format!("\"a=={at}\"")),
                joined(size, |at| format!("\"a=={at}.5\"")),
            );
            let bases = format!(
                "requirements: {{ s: [{set}] }}\nbases: {{ b: {{ version: v1.0.0, requirements: \
                 [s] }} }}\n"
            );
            let service = format!(
                "services: {{ x: {{ template: runtime-on-base, base: b, port: 80, pip: [{own}] }} \
                 }}\n"
            );
            declare(root, &[&bases, &service]);
        },
        commands: CHECK,
    },
    Shape {
        name: "sets, secrets and allowances",
        size: 80,
        lay: |root, size| {
            let sets = lines(size, |at| format!("  r{at}: [p{at}]\n"));
            let (names, secrets) = (
                joined(size, |at| format!("r{at}")),
                joined(size, |at| format!("s{at}")),
            );
            let first = format!(
                "  x: {{ kind: w, port: 80, requirements: [{names}], secrets: [{secrets}] }}\n"
            );
            let further = lines(size, |at| {
                format!("  s{at}: {{ kind: w, port: 80, pip: [pytest] }}\n")
            });
            let allow = |at| {
                format!("{{ rule: dev-dep-in-image, image: s{at}, package: pytest, reason: x }}")
            };
            let policy = format!("policy: {{ allowances: [{}] }}\n", joined(size, allow));
            declare(
                root,
                &[
                    "requirements:\n",
                    &sets,
                    KIND,
                    "services:\n",
                    &first,
                    &further,
                    &policy,
                ],
            );
        },
        commands: CHECK,
    },
    Shape {
        name: "unknown kinds",
        size: 80,
        lay: |root, size| {
            let kinds = lines(size, |at| {
                format!("  kind-{at:06}: {{ template: multi-stage-slim }}\n")
            });
            let services = lines(size, |at| {
                format!("  s{at}: {{ kind: king-{at:06}, port: 80 }}\n")
            });
            declare(root, &["kinds:\n", &kinds, "services:\n", &services]);
        },
        commands: CHECK,
    },
    Shape {
        name: "pins of a lock",
        size: 500,
        lay: |root, size| {
            declare(
                root,
                &[
                    "locks: locks\n",
                    KIND,
                    "services: { s: { kind: w, port: 80, pip: [a] } }\n",
                ],
            );
            let hash = format!("--hash=sha256:{}", "0".repeat(64));
            let pins = lines(size, |at| format!("p{at}==1 \\\n    {hash}\n"));
            root.write(
                "locks/s.txt",
                format!("# inputs: sha256:{}\n{pins}", "0".repeat(64)),
            );
        },
        commands: CHECK,
    },
    Shape {
        name: "services on a locked base",
        size: 25,
        lay: |root, size| locked_base(root, size, 10 * size),
        commands: CHECK,
    },
    Shape {
        name: "include patterns and files",
        size: 20,
        lay: |root, size| {
            let patterns = joined(50 * size, |_| "\"d/*.yaml\"".to_owned());
            declare(
                root,
                &[
                    KIND,
                    "services: { s: { kind: w, port: 80 } }\n",
                    &format!("include: [{patterns}]\n"),
                ],
            );
            for at in 0..size {
                root.write(
                    &format!("d/x{at}.yaml"),
                    format!("services: {{ t{at}: {{ kind: w, port: 80 }} }}\n"),
                );
            }
        },
        commands: CHECK,
    },
    Shape {
        name: "lines in place of ours",
        size: 600,
        lay: |root, size| {
            declare(root, &[KIND, "services: { s: { kind: w, port: 80 } }\n"]);
            root.write(
                "generated/s/Dockerfile",
                lines(size, |at| format!("line {at}\n")),
            );
        },
        commands: CHECK,
    },
];

/// The program without what debuggers want, which valgrind would read at each start.
fn stripped(folder: &Root) -> String {
    let path = folder.path().join("dockwright");
    fs::copy(PROGRAM, &path).unwrap();
    // Where there is no `strip` it only takes longer.
    let _ = Command::new("strip").arg(&path).status();
    path.into_string()
}

/// The instructions of a run, in all threads.
fn instructions(program: &str, root: &Root, arguments: &[&str]) -> u64 {
    let valgrind = [
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
        program,
    ];
    let arguments: Vec<&str> = valgrind.iter().chain(arguments).copied().collect();
    let output = root.command("valgrind", &arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{arguments:?}: {said}"
    );
    let count = said
        .lines()
        .find_map(|line| line.split_once("refs:"))
        .map(|(_, count)| count.trim().replace(',', ""));
    count
        .and_then(|count| count.parse().ok())
        .unwrap_or_else(|| panic!("{arguments:?}: {said}"))
}

#[test]
fn the_work_of_every_command_grows_with_its_input() {
    if !has(&["valgrind"]) {
        return;
    }
    let folder = Root::empty();
    let program = stripped(&folder);
    // What a run takes in any case does not count.
    let mut least: BTreeMap<&[&str], u64> = BTreeMap::new();
    let smallest = Root::new(&services_yaml(1));
    let mut wrong = Vec::new();
    // The short form takes half of the shapes.
    let (step, most) = if is_long() { (1, usize::MAX) } else { (2, 1) };
    for (number, shape) in SHAPES.iter().enumerate().step_by(step) {
        let roots = [shape.size, 4 * shape.size].map(|size| {
            let root = Root::empty();
            (shape.lay)(&root, size);
            root
        });
        // One each, in turn, so that the short form meets most commands.
        let first = if is_long() {
            0
        } else {
            number / 2 % shape.commands.len()
        };
        for arguments in shape.commands.iter().skip(first).take(most) {
            let least = *least
                .entry(arguments)
                .or_insert_with(|| instructions(&program, &smallest, arguments));
            let [small, large] = [0, 1]
                .map(|at| instructions(&program, &roots[at], arguments).saturating_sub(least));
            if large * 100 > small * 4 * TOLERANCE {
                wrong.push(format!(
                    "{} {arguments:?}: {small} instructions more, then {large}",
                    shape.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
