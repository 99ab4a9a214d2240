//! Variables whose names say that they hold a secret.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::dockerfile::{Segment, segment_fragment};
use crate::fleet::Image;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "secret-in-env",
        summary: "an environment variable or build argument looks like a secret",
        explanation: "Everyone who can pull the image can read its variables and build arguments, \
         and so can everyone who can read the repository. If the running service needs the \
         secret, remove it here, and pass it when the container starts. If the build needs it, \
         declare it under `secrets`. dockwright reports a name if one of its words is key, token, \
         password, secret, auth or credentials, as in API_TOKEN, and no word is public, file or \
         version (the rule of BuildKit's check SecretsUsedInArgOrEnv).",
        example: "services: { svc-a: { kind: web, port: 8000, env: { API_TOKEN: abc } } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, secrets: [api_token] } }\n",
        ..PLAIN
    },
    check,
};

/// The words of `BuildKit`'s check `SecretsUsedInArgOrEnv`, as its function `getSecretsRegex` lists
/// them (frontend/dockerfile/dockerfile2llb/validations.go).
const SECRET_WORDS: [&str; 10] = [
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "pword",
    "passwd",
    "secret",
    "token",
];

/// The words of the same list that say that a name holds no secret after all.
const PLAIN_WORDS: [&str; 3] = ["public", "file", "version"];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in ground.images() {
        for (field, variables) in [("env", &image.env), ("args", &image.args)] {
            for (key, value) in variables.iter().filter(|(key, _)| is_secret(key.as_str())) {
                judge.key(Some(image), key.as_str(), value.origin, || {
                    statement(field, key.as_str())
                });
            }
        }
        in_hooks(judge, image);
    }
}

fn in_hooks(judge: &mut Judge<'_>, image: &Image) {
    for hook in image.hooks.iter().filter(|hook| !hook.lines.is_empty()) {
        let lines: Vec<&str> = hook.lines.iter().map(|line| line.value.as_str()).collect();
        let text = lines.join("\n") + "\n";
        let pairs = segment_fragment(&text);
        let pairs = pairs
            .iter()
            .filter_map(Segment::instruction)
            .filter_map(|instruction| {
                matches!(instruction.keyword(), "ARG" | "ENV")
                    .then(|| instruction.key_values())
                    .flatten()
            });
        for pair in pairs.flatten().filter(|pair| is_secret(&pair.name)) {
            let Some(line) = hook.lines.first() else {
                continue;
            };
            judge.value(Some(image), &pair.name, line.origin, || {
                statement(hook.point, &pair.name)
            });
        }
    }
}

fn statement(place: &str, name: &str) -> (String, String) {
    let id = name.to_ascii_lowercase();
    let help = format!("set it when the container starts, or for the build: secrets: [{id}]");
    (
        format!(
            "`{name}` in {place} looks like a secret, which everyone who pulls the image can read"
        ),
        help,
    )
}

fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split('_');
    words.clone().any(|word| SECRET_WORDS.contains(&word))
        && words.all(|word| !PLAIN_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_word_by_word() {
        assert!(
            [
                "API_KEY",
                "token",
                "GITHUB_TOKEN",
                "DB_passwd",
                "AUTH",
                "secret_MESSAGE"
            ]
            .into_iter()
            .all(is_secret)
        );
        assert!(
            ![
                "TOKENIZERS_PARALLELISM",
                "PUBLIC_KEY",
                "KEYBOARD",
                "LOG_LEVEL",
                "TOKEN_FILE",
                "KEY_VERSION"
            ]
            .into_iter()
            .any(is_secret)
        );
    }
}
