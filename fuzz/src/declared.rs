//! A services.yaml that a person could have written, and what a pull request could make of it.

use super::choices::Choices;
use super::{names, values};

/// Everything that reads further files: included ones, own templates, locks; and every output.
const FAR: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
include: [\"parts/*.yaml\"]
templates: own
locks: { folder: locks, images: [svc-locked] }
outputs:
  bake: { path: build/bake.hcl }
  compose: compose.yaml
requirements:
  base: [fastapi, \"uvicorn>=0.30\"]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-base: { template: runtime-on-base, base: base-runtime }
  own: { template: mine }
services:
  svc-locked: { kind: web, port: 8000, pip: [httpx] }
  svc-base: { kind: on-base, port: 8001 }
  svc-own: { kind: own, port: 8002 }
";

/// The lock of `svc-locked`, as `dockwright lock` writes it; the fleet is clean with it.
pub const LOCK: &str = "\
# Written by `dockwright lock`: change services.yaml, then run it again.
# inputs: sha256:c068ca9346f0f6867fdabfe10cb66a74a53da98395a0211841757b3421937ce4
# python: 3.12
# platform: linux/amd64
# requirement: fastapi
# requirement: httpx
# requirement: uvicorn>=0.30
fastapi==7.0 \\
    --hash=sha256:6aee0e678a168eeae8df707e083a158fc23515bdd52eed77ec65b669baa82917
    # via (declared)
httpx==7.0 \\
    --hash=sha256:44c3f6f83c39094fec0db8b7f158d0a8fad3418e77f5f739b103e1ac73eee5d8
    # via (declared)
uvicorn==7.0 \\
    --hash=sha256:bab9d6737501f7a2521e63c358531a9ee20394a17ca15e05901715b42906f8cb
    # via (declared)
";

/// The same without locks and files of a person's own.
const NEAR: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
include: [\"parts/*.yaml\"]
templates: own
outputs: { compose: compose.yaml, bake: {} }
requirements:
  base: [fastapi, uvicorn]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-base: { template: runtime-on-base, base: base-runtime }
services:
  svc-a: { kind: web, port: 8000 }
  svc-b: { kind: on-base, port: 8001, pip: [httpx] }
";

/// The declarations that trees begin with.
const FLEETS: [&str; 3] = [NEAR, values::EVERY_FIELD, FAR];

/// Lines that lead to other files, or ask for much.
const LINES: [&str; 14] = [
    "include: ['*', '*/*', .env]",
    "include: [creds.yaml, parts]",
    "outputs: { compose: .env, bake: creds.json }",
    "outputs: { compose: creds.yaml, bake: { path: secrets/a.hcl } }",
    "locks: secrets",
    "locks: ../outside",
    "templates: generated",
    "templates: secrets",
    "layout: { requirements: \"secrets/{set}.txt\" }",
    "layout: { services: \"secrets/{name}\" }",
    "shared: [.]",
    "required_version: '>=99'",
    "services: *a",
    "? [a]",
];

/// One of the declarations as it stands.
pub fn fleet(choices: &mut Choices<'_>) -> &'static str {
    choices.choose(&FLEETS)
}

/// A declaration with a few changes.
pub fn changed(choices: &mut Choices<'_>, fleet: &str) -> Vec<u8> {
    let mut bytes = fleet.as_bytes().to_vec();
    // Half of the declarations stay right, since an error in them hides what else is in the tree.
    for _ in 0..choices.below(6).saturating_sub(2) {
        change(choices, &mut bytes);
    }
    bytes
}

fn change(choices: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let line = choices.below(lines.len().max(1));
    let at: usize = lines[..line].iter().map(|line| line.len()).sum();
    let end = at + lines.get(line).map_or(0, |line| line.len());
    match choices.below(7) {
        0 => {
            let name = names::text(choices);
            let quoted = serde_json::Value::from(String::from_utf8_lossy(&name)).to_string();
            replace_word(choices, bytes, quoted.as_bytes());
        }
        1 => {
            let name = names::text(choices);
            replace_word(choices, bytes, &name);
        }
        2 => drop(bytes.drain(at..end)),
        3 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
        4 => {
            let line = choices.choose(&LINES);
            drop(bytes.splice(at..at, format!("{line}\n").into_bytes()));
        }
        5 => drop(bytes.splice(at..at, choices.raw(20))),
        _ => bytes.truncate(at),
    }
}

/// Puts a text in the place of a word.
fn replace_word(choices: &mut Choices<'_>, bytes: &mut Vec<u8>, text: &[u8]) {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._/".contains(byte);
    let starts = |at: &usize| is_of_word(&bytes[*at]) && (*at == 0 || !is_of_word(&bytes[*at - 1]));
    let words: Vec<usize> = (0..bytes.len()).filter(starts).collect();
    let Some(&start) = words.get(choices.below(words.len().max(1))) else {
        return;
    };
    let length = bytes[start..]
        .iter()
        .take_while(|byte| is_of_word(byte))
        .count();
    bytes.splice(start..start + length, text.iter().copied());
}
