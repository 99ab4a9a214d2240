//! Files that are not ours, each with the canary in every line, key and value; some as near to ours
//! as they can be.

use std::fmt::Write as _;

use dockwright::artifact::ArtifactPath;
use dockwright::render::seal::seal;

/// What nobody may read in a log. No six characters of it stand in anything that the program says
/// by itself.
pub(super) const CANARY: &str = "Zq7Wx9Kv3Jp5";

/// The contents by name, for a file at a path.
pub(super) fn contents(path: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all: Vec<(&str, Vec<u8>)> = PLAIN
        .iter()
        .map(|(name, text)| {
            (
                *name,
                text.replace('~', CANARY)
                    .replace("DIGEST", &"0".repeat(64))
                    .into_bytes(),
            )
        })
        .collect();
    all.extend(sealed(path).map(|(name, text)| (name, text.into_bytes())));
    all.extend([
        (
            "another encoding",
            [b"\xff\xfe", CANARY.as_bytes(), b"\0\xe9"].concat(),
        ),
        (
            "utf-16",
            CANARY
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .chain(CANARY.bytes())
                .collect(),
        ),
        (
            "many lines",
            (0..20_000)
                .fold(String::new(), |mut text, line| {
                    let _ = writeln!(text, "{CANARY}{line}");
                    text
                })
                .into_bytes(),
        ),
    ]);
    all
}

const PLAIN: [(&str, &str); 35] = [
    ("settings", "PASSWORD=~\n# ~\nexport TOKEN='~'\n"),
    ("one word", "~"),
    ("json", "{ \"~\": \"~\", \"private_key\": [\"~\"] }\n"),
    (
        "a key",
        "-----BEGIN PRIVATE KEY-----\n~\n-----END PRIVATE KEY-----\n",
    ),
    (
        "a Dockerfile",
        "FROM python:3.12-slim\nENV PASSWORD=~\nRUN echo ~\nUSER ~\n",
    ),
    ("a commented Dockerfile", "# ~\n# ~\nFROM ~\n"),
    ("windows lines", "A=~\r\nB=~\r\n"),
    ("values", "database:\n  password: ~\n  ~: 1\n"),
    (
        "values with services",
        "services: { db: { password: ~, ~: ~ } }\n",
    ),
    (
        "compose",
        "services:\n  db:\n    image: ~\n    environment: { PASSWORD: ~ }\n    secrets: [~]\n",
    ),
    (
        "compose beside fields of ours",
        "services:\n  ~: { env: { A: ~ }, port: 1, depends_on: [~], environment: [~] }\n",
    ),
    (
        "a wrong type deep inside",
        "services: { a: { kind: ~, port: ~ } }\n",
    ),
    (
        "a wrong type with words of ours",
        "services: { a: { port: \"~, expected ~\", apt: \"x, but ~ is needed\" } }\n",
    ),
    ("a number", "services: { ~: { env: { ~: 12 } } }\n"),
    ("two keys", "~: 1\n~: 2\n"),
    (
        "two services",
        "services:\n  ~: { pip: [~] }\n  ~: { pip: [~] }\n",
    ),
    ("a list", "- ~\n- ~: ~\n"),
    ("sets of another kind", "requirements: ~\n"),
    (
        "sets with a field",
        "requirements: { ~: { ~: ~, packages: [~] } }\n",
    ),
    (
        "a declaration with a field",
        "registry: ~\nowner: ~\nbases: { ~: {} }\nservices: { ~: {} }\n",
    ),
    ("broken yaml", "a: [~\nb: ~\n"),
    ("an unknown alias", "a: *~\n~: *~\n"),
    ("a bomb", "~: &~ [*~, ~]\n"),
    ("a tag", "services: !~ { a: ~ }\n"),
    ("two documents", "services: {}\n---\n~: ~\n"),
    ("a tab", "services:\n\t~: ~\n"),
    (
        "requirements",
        "~==1.0\n~\n--index-url https://user:~@host.example/\n~>=2 ; python_version < '~'\n",
    ),
    (
        "a lock without its digest",
        "# python: ~\n# requirement: ~\n~==1.0 \\\n    --hash=sha256:~\n    # via ~\n",
    ),
    ("a lock without hashes", "# inputs: sha256:DIGEST\n~==1.0\n"),
    (
        "a lock with a line of its own",
        "# inputs: sha256:DIGEST\n--index-url ~\n",
    ),
    (
        "a lock of extras",
        "# inputs: sha256:DIGEST\n~[~]==1.0 \\\n    --hash=sha256:0\n",
    ),
    (
        "a lock with another python",
        "# inputs: sha256:DIGEST\n# python: ~\n# platform: ~\n# index: ~\n# below: ~\n",
    ),
    (
        "a lock with another index",
        "# inputs: sha256:~\n# index: https://~:~@host.example\n",
    ),
    (
        "a lock with a password",
        "# inputs: sha256:DIGEST\n# index: https://~:~@host.example\n",
    ),
    ("a lock with a word", "# inputs: sha256:DIGEST\n\u{e9}~\n"),
];

/// Seals that do not make a file ours.
fn sealed(path: &str) -> [(&'static str, String); 8] {
    let of = |path: &str, body: &str| {
        seal(
            "services.yaml",
            &ArtifactPath::found(path).unwrap(),
            "x.j2",
            body,
        )
    };
    let body = format!("PASSWORD={CANARY}\n");
    let here = of(path, &body);
    let seal_line = here.lines().nth(1).unwrap().to_owned();
    [
        (
            "a seal of another path",
            of("generated/other/Dockerfile", &body),
        ),
        (
            "a broken seal of another path",
            of("generated/other/Dockerfile", &body) + &body,
        ),
        ("a seal of a longer path", of(&format!("x/{path}"), &body)),
        ("a seal in the middle", format!("{body}{here}")),
        (
            "a seal at the end",
            format!("{}{seal_line}\n", body.repeat(20)),
        ),
        ("a quoted seal", format!("# see: {seal_line}\n{body}")),
        (
            "a seal without a digest",
            format!("# dockwright-seal: sha256: services.yaml {path}\n{body}"),
        ),
        (
            "a seal with half a digest",
            format!("# dockwright-seal: sha256:0123abcd services.yaml {path}\n{body}"),
        ),
    ]
}
