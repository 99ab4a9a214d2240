//! Names and contents that somebody could put into a pull request.

use super::choices::Choices;

/// Names as most repositories have them.
const PLAIN: [&str; 8] = [
    "svc-a",
    "fastapi",
    "base-runtime",
    "Dockerfile",
    "parts.yaml",
    "requirements.txt",
    "x.j2",
    "torch",
];

/// Names that try to leave their line, move the cursor, command a CI runner or mean something to a
/// shell, to an option parser, to YAML or to a template.
const HOSTILE: [&[u8]; 28] = [
    b"x\nFORGED",
    b"::error::x",
    b"a\n::error file=a::x",
    b"##[error]x",
    b"##vso[task.setvariable variable=a]x",
    b"##teamcity[x y='z']",
    b"[command]rm",
    b"#",
    b"\x1b[2K\x1b[1G",
    b"\x1b]0;t\x07",
    b"a\rFORGED",
    "\u{9b}2K\u{85}::error::x".as_bytes(),
    "\u{202e}gpj\u{2066}".as_bytes(),
    "\u{200b}\u{2028}::error::x\u{e0041}".as_bytes(),
    "\u{feff}svc-a".as_bytes(),
    b"\xff\xfe",
    b"a\xc3",
    b"\xed\xa0\x80",
    b"-f",
    b"--help",
    b"...",
    b"a\\b",
    b"$(id)`id`'\"",
    b"{{ 7 * 7 }}{%",
    b"*: &a [",
    b" a ",
    b".git",
    b"%0A::error::x",
];

/// Any text for a name; it can hold every byte but NUL.
pub fn text(choices: &mut Choices<'_>) -> Vec<u8> {
    let hostile = |choices: &mut Choices<'_>| HOSTILE[choices.below(HOSTILE.len())].to_vec();
    let mut text = match choices.below(6) {
        0 | 1 => PLAIN[choices.below(PLAIN.len())].into(),
        2 => hostile(choices),
        3 => [hostile(choices), hostile(choices)].concat(),
        4 => b"long".repeat(1 + choices.below(60)),
        _ => choices.raw(12),
    };
    text.retain(|byte| *byte != 0);
    text
}

/// The name of a file or folder.
pub fn file(choices: &mut Choices<'_>) -> Vec<u8> {
    const SUFFIXES: [&str; 6] = ["", ".yaml", ".yml", ".j2", ".txt", ".Dockerfile.j2"];
    let mut name = text(choices);
    name.retain(|byte| *byte != b'/');
    name.extend_from_slice(choices.choose(&SUFFIXES).as_bytes());
    name.truncate(255);
    if matches!(&name[..], b"" | b"." | b"..") {
        b"empty".to_vec()
    } else {
        name
    }
}

/// What a file holds.
pub fn content(choices: &mut Choices<'_>) -> Vec<u8> {
    const TEXTS: [&str; 12] = [
        "x\n",
        "",
        "::error::x\n##[group]y\n\u{1b}[31m\u{202e}z\r\n",
        "\u{feff}registry: registry.example\n",
        "services:\n  svc-z: { kind: nope, port: 1 }\n",
        "services: { \"a\\nFORGED\": { kind: web, port: 8001 } }\nkinds: [\n",
        "FROM {{ from }}\nUSER {{ user }}\n",
        "{% include \"../services.yaml\" %}{{ a.b.c }}\nFROM x\n",
        "FROM a AS b\nRUN <<E\n##[error]x\nE\n",
        "# dockwright-seal: sha256:00 services.yaml x\n::error::x\n",
        "# inputs: \
         sha256:0000000000000000000000000000000000000000000000000000000000000000\nevil==1.0\n",
        "fastapi==1.0 \\\n    --hash=sha256:zz\n-r /etc/passwd\n",
    ];
    match choices.below(8) {
        0..=4 => choices.choose(&TEXTS).into(),
        5 => [text(choices), b"\n".to_vec(), text(choices)].concat(),
        6 => text(choices).repeat(1 + choices.below(2048)),
        _ => choices.raw(200),
    }
}
