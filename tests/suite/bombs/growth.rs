//! The work of a command at a size and at four times that size, counted in instructions: time would depend on the machine.

use std::process::Command;

use crate::support::{PROGRAM, Root, skip};
use crate::synthetic::services_yaml;

/// How much more work four times the size may be, above a linear growth's four: the logarithm, and pages of tables.
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

const SHAPES: [Shape; 11] = [
    Shape {
        name: "a fleet",
        size: 25,
        lay: |root, size| root.write("services.yaml", services_yaml(size)),
        commands: &[
            &["check", "--format", "json"],
            &["why", "package-1"],
            &["plan", "--all"],
            &["generate", "--dry-run"],
            &["bump", "base-runtime", "--patch", "--dry-run"],
        ],
    },
    Shape {
        name: "bases",
        size: 25,
        lay: |root, size| {
            let bases = lines(size, |at| format!("  b{at}: {{ version: v1.0.0, pip: [\"p{at}==1\"] }}\n"));
            let services =
                lines(size, |at| format!("  s{at}: {{ template: runtime-on-base, base: b{at}, port: 80 }}\n"));
            declare(root, &["bases:\n", &bases, "services:\n", &services]);
        },
        commands: &[&["check"], &["bump", "--all-bases", "--patch", "--dry-run"]],
    },
    Shape {
        name: "bases that take files from each other",
        size: 40,
        lay: |root, size| {
            let hook = |at: usize| format!("COPY --from=r.example/acme/b{at}:v1.0.0 /a /a");
            let base = |at| format!("  c{at}: {{ version: v1.0.0, hooks: {{ after_pip: [\"{}\"] }} }}\n", hook(at));
            let below = lines(size, |at| format!("  b{at}: {{ version: v1.0.0 }}\n"));
            declare(root, &["bases:\n", &lines(size, base), &below, KIND, "services: { s: { kind: w, port: 80 } }\n"]);
        },
        commands: CHECK,
    },
    Shape {
        name: "requirements of one package",
        size: 150,
        lay: |root, size| {
            let pip = joined(size, |at| format!("\"a>={at}\""));
            declare(root, &[KIND, &format!("services: {{ x: {{ kind: w, port: 80, pip: [{pip}] }} }}\n")]);
        },
        commands: CHECK,
    },
    Shape {
        name: "requirements that conflict with a base",
        size: 100,
        lay: |root, size| {
            let (set, own) = (joined(size, |at| format!("\"a=={at}\"")), joined(size, |at| format!("\"a=={at}.5\"")));
            let bases =
                format!("requirements: {{ s: [{set}] }}\nbases: {{ b: {{ version: v1.0.0, requirements: [s] }} }}\n");
            let service =
                format!("services: {{ x: {{ template: runtime-on-base, base: b, port: 80, pip: [{own}] }} }}\n");
            declare(root, &[&bases, &service]);
        },
        commands: CHECK,
    },
    Shape {
        name: "sets and secrets of a service",
        size: 250,
        lay: |root, size| {
            let sets = lines(size, |at| format!("  r{at}: [p{at}]\n"));
            let (names, secrets) = (joined(size, |at| format!("r{at}")), joined(size, |at| format!("s{at}")));
            let service =
                format!("services: {{ x: {{ kind: w, port: 80, requirements: [{names}], secrets: [{secrets}] }} }}\n");
            declare(root, &["requirements:\n", &sets, KIND, &service]);
        },
        commands: CHECK,
    },
    Shape {
        name: "allowances",
        size: 60,
        lay: |root, size| {
            let services = lines(size, |at| format!("  s{at}: {{ kind: w, port: 80, pip: [pytest] }}\n"));
            let allow =
                joined(size, |at| format!("{{ rule: dev-dep-in-image, image: s{at}, package: pytest, reason: x }}"));
            declare(root, &[KIND, "services:\n", &services, &format!("policy: {{ allowances: [{allow}] }}\n")]);
        },
        commands: CHECK,
    },
    Shape {
        name: "unknown kinds",
        size: 80,
        lay: |root, size| {
            let kinds = lines(size, |at| format!("  kind-{at:06}: {{ template: multi-stage-slim }}\n"));
            let services = lines(size, |at| format!("  s{at}: {{ kind: king-{at:06}, port: 80 }}\n"));
            declare(root, &["kinds:\n", &kinds, "services:\n", &services]);
        },
        commands: CHECK,
    },
    Shape {
        name: "pins of a lock",
        size: 500,
        lay: |root, size| {
            declare(root, &["locks: locks\n", KIND, "services: { s: { kind: w, port: 80, pip: [a] } }\n"]);
            let hash = format!("--hash=sha256:{}", "0".repeat(64));
            let pins = lines(size, |at| format!("p{at}==1 \\\n    {hash}\n"));
            root.write("locks/s.txt", format!("# inputs: sha256:0\n{pins}"));
        },
        commands: CHECK,
    },
    Shape {
        name: "include patterns and files",
        size: 20,
        lay: |root, size| {
            let patterns = joined(50 * size, |_| "\"d/*.yaml\"".to_owned());
            declare(root, &[KIND, "services: { s: { kind: w, port: 80 } }\n", &format!("include: [{patterns}]\n")]);
            for at in 0..size {
                root.write(&format!("d/x{at}.yaml"), format!("services: {{ t{at}: {{ kind: w, port: 80 }} }}\n"));
            }
        },
        commands: CHECK,
    },
    Shape {
        name: "lines in place of ours",
        size: 600,
        lay: |root, size| {
            declare(root, &[KIND, "services: { s: { kind: w, port: 80 } }\n"]);
            root.write("generated/s/Dockerfile", lines(size, |at| format!("line {at}\n")));
        },
        commands: CHECK,
    },
];

/// The instructions of a run, in all threads; `None` where they cannot be counted.
fn instructions(root: &Root, arguments: &[&str]) -> Option<u64> {
    let valgrind = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", PROGRAM];
    let arguments: Vec<&str> = valgrind.iter().chain(arguments).copied().collect();
    let output = root.command("valgrind", &arguments).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("refs:"))?.1.replace(',', "");
    assert!(matches!(output.status.code(), Some(0..=2)), "{arguments:?}: {said}");
    count.trim().parse().ok()
}

fn at(shape: &Shape, size: usize) -> Vec<u64> {
    let root = Root::empty();
    (shape.lay)(&root, size);
    shape.commands.iter().map(|arguments| instructions(&root, arguments).unwrap()).collect()
}

#[test]
fn the_work_of_every_command_grows_with_its_input() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        skip("valgrind", "apt-get install valgrind");
        return;
    }
    let mut wrong = Vec::new();
    for shape in &SHAPES {
        // What any run takes does not count.
        let (least, small, large) = (at(shape, 1), at(shape, shape.size), at(shape, 4 * shape.size));
        for (((arguments, least), small), large) in shape.commands.iter().zip(least).zip(small).zip(large) {
            let (small, large) = (small.saturating_sub(least), large.saturating_sub(least));
            if large * 100 > small * 4 * TOLERANCE {
                wrong.push(format!("{} {arguments:?}: {small} instructions more, then {large}", shape.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
