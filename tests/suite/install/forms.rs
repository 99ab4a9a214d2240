//! The forms of `install`: each is whole, none mixes with another, and no value of one reaches the
//! shell as anything but itself.

use super::{SHA256, declaration};
use crate::support::Root;

/// Texts that would end a quoted word, a line or a step, or start an expression, a variable, an
/// option or a path.
const HOSTILE: [&str; 22] = [
    "$(touch evil)",
    "`touch evil`",
    "x; touch evil",
    "x && touch evil",
    "x\" ; touch evil ; \"",
    "x' ; touch evil ; '",
    "${{ github.event.pull_request.title }}",
    "${{ secrets.REGISTRY_TOKEN }}",
    "$HOME",
    "x\\ny",
    "x\\u2028y",
    "x\\u0000y",
    "--help",
    "-o/etc/passwd",
    "../../etc/passwd",
    "/etc/passwd",
    "x #",
    "x: y",
    "{{ x }}",
    "%0a::set-env",
    "\\u202ex",
    "@x",
];

/// Every field, with the value that `VALUE` stands for.
const FIELDS: [(&str, &str); 9] = [
    ("url", "{ url: VALUE, sha256: DIGEST }"),
    (
        "url",
        "{ url: \"https://files.example.com/VALUE\", sha256: DIGEST }",
    ),
    ("sha256", "{ path: tools/dockwright, sha256: VALUE }"),
    ("path", "{ path: VALUE, sha256: DIGEST }"),
    ("wheel", "{ wheel: \"VALUE.whl\" }"),
    ("image", "{ image: \"registry.example.com/tools/VALUE:1\" }"),
    (
        "package",
        "{ package: VALUE, version: \"1\", sha256: DIGEST }",
    ),
    (
        "version",
        "{ package: acme, version: VALUE, sha256: DIGEST }",
    ),
    ("image", "{ image: VALUE }"),
];

/// A form with a hostile value, quoted where the form does not quote it.
fn filled(form: &str, hostile: &str) -> String {
    let escaped = if hostile.starts_with("x\\n") || hostile.contains("\\u") {
        hostile.to_owned()
    } else {
        hostile.replace('\\', "\\\\").replace('"', "\\\"")
    };
    let is_quoted = form.contains("VALUE\"") || form.contains("\"VALUE") || form.contains("/VALUE");
    let value = if is_quoted {
        escaped
    } else {
        format!("\"{escaped}\"")
    };
    form.replace("VALUE", &value)
        .replace("DIGEST", &format!("\"{SHA256}\""))
}

/// Whether a value means itself at this place: a URL may hold some of these characters, and none of
/// them means anything inside double quotes.
fn is_plain(form: &str, hostile: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "./-@%:".contains(letter);
    form.contains("/VALUE\"") && hostile.chars().all(is_plain)
}

#[test]
fn hostile_values_are_refused_in_every_field() {
    let mut refused = 0;
    for (field, form) in FIELDS {
        for hostile in HOSTILE {
            if is_plain(form, hostile) {
                continue;
            }
            let install = filled(form, hostile);
            let run = Root::new(&declaration(&format!("{{ install: {install} }}"))).check();
            assert_eq!(run.status, 1, "{field} {hostile}: {}", run.told());
            assert!(
                run.json()["diagnostics"][0]["code"] != "yaml-syntax",
                "{field} {hostile}: {}",
                run.told()
            );
            refused += 1;
        }
    }
    assert!(refused > 180, "{refused}");
}

/// What is refused, with the code and words of the message. `DIGEST` stands for a whole `sha256`.
const REFUSED: [(&str, &str, &str); 19] = [
    (
        "{ url: \"https://files.example.com/x\" }",
        "missing-field",
        "`url` needs `sha256`",
    ),
    (
        "{ path: tools/x }",
        "missing-field",
        "`path` needs `sha256`",
    ),
    (
        "{ package: acme, DIGEST }",
        "missing-field",
        "`package` needs `version`",
    ),
    (
        "{ package: acme, version: \"1\" }",
        "missing-field",
        "`package` needs `sha256`",
    ),
    (
        "{ DIGEST }",
        "missing-field",
        "the workflow needs `install`",
    ),
    (
        "{ wheel: x.whl, DIGEST }",
        "invalid-value",
        "`sha256` cannot be combined with `wheel`",
    ),
    (
        "{ wheel: x.whl, version: \"1\" }",
        "invalid-value",
        "`version` cannot be combined with `wheel`",
    ),
    (
        "{ url: \"https://files.example.com/x\", path: x, DIGEST }",
        "invalid-value",
        "both `url` and `path`",
    ),
    (
        "{ wheel: x.whl, image: \"r.example/x:1\" }",
        "invalid-value",
        "both `wheel` and `image`",
    ),
    (
        "{ wheel: tools/x.tar.gz }",
        "invalid-value",
        "is not a wheel",
    ),
    ("{ wheel: tools/.whl }", "invalid-value", "is not a wheel"),
    (
        "{ image: \"tools/x:1\" }",
        "invalid-value",
        "does not name its registry",
    ),
    (
        "{ image: \"r.example/tools/x\" }",
        "invalid-value",
        "neither a digest nor a tag",
    ),
    (
        "{ url: \"http://files.example.com/x\", DIGEST }",
        "invalid-value",
        "https",
    ),
    (
        "{ url: \"https://me:pw@files.example.com/x\", DIGEST }",
        "credentials-in-url",
        "password",
    ),
    ("{ whl: x.whl }", "unknown-field", "whl"),
    ("[x]", "wrong-type", "install"),
    ("5", "not-a-string", "install"),
    ("'echo ${{ secrets.TOKEN }}'", "invalid-value", "`${{`"),
];

#[test]
fn forms_are_whole_and_do_not_mix() {
    let digest = format!("sha256: \"{SHA256}\"");
    for (install, code, words) in REFUSED {
        let install = install.replace("DIGEST", &digest);
        let run = Root::new(&declaration(&format!("{{ install: {install} }}"))).check();
        assert_eq!(run.status, 1, "{install}: {}", run.told());
        assert!(
            run.codes().contains(&code.to_owned()),
            "{install}: {}",
            run.told()
        );
        assert!(run.stdout.contains(words), "{install}: {}", run.told());
    }
}
