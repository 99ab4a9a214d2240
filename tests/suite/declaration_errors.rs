//! What is wrong with the text of a declaration is reported in one run, at its exact place, with
//! what to write instead.

use crate::support::{MINIMAL, Root};

/// What a check reports, as `line:column code message; help`.
fn found(declaration: &str) -> Vec<String> {
    let root = Root::new(declaration);
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.told());
    let report = run.json();
    let one = |found: &serde_json::Value| {
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        format!(
            "{}:{} {} {}; {}",
            found["line"],
            found["column"],
            text("code"),
            text("message"),
            text("help")
        )
    };
    report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(one)
        .collect()
}

#[test]
fn all_errors_of_a_file_come_at_once_in_its_order() {
    let text = "registry: registry.example
owner: off
python: 3.10
kinds:
  web: { template: multi-stage-slim, prot: 1 }
services:
  svc-a: { kind: web, port: eight, apt: libpq5, env: { DEBUG: yes, LEVEL: 5 } }
  svc-b:
    kind: [web]
    port: 0x1F90
    cmd: [run, 017, 12:30]
    healthcheck: off
  5: { kind: web }
outputs: { bake: on, compose: { path: ~ } }
policy: { rules: { unused-requirement-set: dney } }
";
    let expected = [
        "2:8 not-a-string `owner` is off without quotes, which some YAML parsers read as a \
         boolean; expected text; put it in quotes: \"off\"",
        "3:9 not-a-string `python` is 3.10 without quotes, which YAML reads as the number `3.1`; \
         expected text; put it in quotes: \"3.10\"",
        "5:38 unknown-field `kinds.web` has no field `prot`; did you mean `port`?",
        "7:29 wrong-type `services.svc-a.port` is `eight`; expected a whole number, 0 or more; ",
        "7:41 wrong-type `services.svc-a.apt` is `libpq5`; expected a list; write it as a list: \
         [libpq5]",
        "7:63 not-a-string `services.svc-a.env.DEBUG` is yes without quotes, which some YAML \
         parsers read as a boolean; expected text; put it in quotes: \"yes\"",
        "7:75 not-a-string `services.svc-a.env.LEVEL` is 5 without quotes, which YAML reads as a \
         number; expected text; put it in quotes: \"5\"",
        "9:11 wrong-type `services.svc-b.kind` is a list; expected text; ",
        "10:11 wrong-type `services.svc-b.port` is `0x1F90`; expected a whole number, 0 or more; ",
        "11:16 not-a-string `services.svc-b.cmd[1]` is 017 without quotes, which some YAML parsers \
         read as a number; expected text; put it in quotes: \"017\"",
        "11:21 not-a-string `services.svc-b.cmd[2]` is 12:30 without quotes, which some YAML \
         parsers read as a number; expected text; put it in quotes: \"12:30\"",
        "12:18 not-a-string `services.svc-b.healthcheck` is off without quotes, which some YAML \
         parsers read as a boolean; expected text; for no health check write `none`",
        "13:3 not-a-string the key 5 is without quotes, which YAML reads as a number; put it in \
         quotes: \"5\"",
        "14:18 not-a-string `outputs.bake` is on without quotes, which some YAML parsers read as a \
         boolean; expected text; put it in quotes: \"on\"; or write `bake: {}` for its defaults",
        "14:39 not-a-string `outputs.compose.path` is ~ without quotes, which YAML reads as null; \
         expected text; put it in quotes: \"~\"; or leave `path` out",
        "15:44 wrong-type `policy.rules.unused-requirement-set` is `dney`; expected one of deny, \
         warn, allow; did you mean `deny`?",
    ];
    assert_eq!(found(text), expected);
}

#[test]
fn what_cannot_be_read_is_told_at_its_place() {
    let service = "  svc-b: { kind: web, port: 8001 }\n";
    for (added, expected) in [
        (
            "<<<<<<< HEAD\n  svc-b: { kind: web }\n=======\n  svc-c: { kind: web }\n>>>>>>> \
             other\n",
            "13:1 yaml-syntax merge conflict marker; keep one side of the conflict",
        ),
        (
            "  svc-a: { kind: web }\n",
            "13:3 duplicate-key duplicate key `svc-a`; it is also on line 12",
        ),
        (
            "  svc-b: { kind: web, kind: web }\n",
            "13:23 duplicate-key duplicate key `kind`; it is also on line 13",
        ),
        (
            "  svc-b: !!map { kind: web }\n",
            "13:16 yaml-syntax tags are not supported; delete the tag",
        ),
        (
            "  ? svc-b\n  : { kind: web }\n",
            "13:3 yaml-syntax keys with `?` are not supported; write `key: value`",
        ),
        (
            "  svc-b: *web\n",
            "13:10 yaml-syntax the alias refers to no anchor above it",
        ),
        (
            "  svc-b: { kind: web\n",
            "13:10 yaml-syntax unclosed bracket",
        ),
        (
            "---\nowner: x\n",
            "13:1 multiple-documents a second document starts here",
        ),
        (
            "  svc-b: { env: { A: \"x\u{2028}\" } }\n",
            "13:24 yaml-syntax U+2028 ends a line for some YAML parsers",
        ),
        (
            "  svc-b: { <<: { kind: web } }\n",
            "13:12 unknown-field `services.svc-b` has no field `<<`; merge keys",
        ),
        (
            "  <<: { kind: web }\n",
            "13:3 not-a-string `services.<<`: `<<` is a merge key; merge keys are not supported",
        ),
    ] {
        let found = found(&format!("{MINIMAL}{added}"));
        assert!(found[0].starts_with(expected), "{added}{found:#?}");
    }
    let root = Root::generated(MINIMAL);
    root.write(
        "services.yaml",
        format!("{MINIMAL}{service}").replace("svc-b", "\"svc-b\""),
    );
    assert_eq!(root.run(&["generate"]).status, 0);
}

#[test]
fn none_is_not_read_as_a_name_where_a_list_or_a_program_is_meant() {
    for (written, named) in [
        ("apk: none", "[none]"),
        ("copy: none", "[none]"),
        ("dirs: none", "[none]"),
        ("groups: none", "[none]"),
        ("ignore: none", "[none]"),
        ("install: none", "[none]"),
        ("run: none", "[none]"),
        ("shared: none", "[none]"),
        ("source_builds: none", "[none]"),
        ("volumes: none", "[none]"),
        ("home: none", "/app/none"),
        ("target: none", "/app/none"),
        ("workdir: none", "/app/none"),
    ] {
        let (field, _) = written.split_once(':').unwrap();
        let text = MINIMAL.replace("port: 8000", &format!("port: 8000, {written}"));
        let message = format!(
            "invalid-value `none` is not a value of `{field}`; `{field}: null` removes what is \
             inherited; for something of that name write `{field}: {named}`"
        );
        let found = found(&text);
        let is_told = found.iter().any(|one| one.ends_with(&message));
        assert!(is_told, "{written}: {found:?}");
        let named = text.replace(written, &format!("{field}: {named}"));
        let run = Root::new(&named).run(&["check", "--format", "json"]);
        assert!(!run.told().contains("is not a value of"), "{}", run.told());
    }
    for (written, help) in [
        (
            "cmd: inherit",
            "`entrypoint: inherit` keeps what the external image starts, with its command; for a \
             program of that name write `[inherit]`",
        ),
        (
            "healthcheck: { cmd: none }",
            "for no health check write `healthcheck: none`; for a program of that name write \
             `[none]`",
        ),
    ] {
        let text = MINIMAL.replace("port: 8000", &format!("port: 8000, {written}"));
        let found = found(&text);
        assert!(found[0].ends_with(help), "{found:?}");
    }
}
