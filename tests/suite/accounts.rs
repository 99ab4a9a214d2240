//! Users, groups, homes, volumes, labels and platforms: how they combine, what is refused, and what
//! bake and compose make of them.

use crate::support::{Root, rendered};

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";

fn file(declaration: &str, path: &str) -> String {
    let files = rendered(&format!("{HEAD}{declaration}"));
    let files = files.unwrap_or_else(|found| panic!("{declaration}{found:#?}"));
    files[path].clone()
}

/// The codes and messages of everything that is wrong with a declaration without its head.
fn told(declaration: &str) -> Vec<(String, String)> {
    let run = Root::new(&format!("{HEAD}{declaration}")).run(&["check", "--format", "json"]);
    let report = run.json();
    let found = report["diagnostics"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    found
        .map(|one| (text(&one["code"]), text(&one["message"])))
        .collect()
}

#[test]
fn what_is_wrong_with_accounts_labels_and_platforms_is_told() {
    for (fields, message) in [
        ("user: 0", "must be a number from 1"),
        ("user: \"1:x\"", "must be a number from 1"),
        (
            "user: { uid: 5, name: \"a b\" }",
            "may hold only lower-case letters",
        ),
        (
            "user: inherit",
            "whom python:3.12-slim runs as is not declared",
        ),
        ("user: root, groups: [video]", "`groups` needs an account"),
        ("user: root, home: /root", "`home` needs an account"),
        ("groups: [\"a;b\"]", "may hold only lower-case letters"),
        (
            "labels: { dockwright.x: value }",
            "the label dockwright.x is set by dockwright alone",
        ),
        ("labels: { \"a b\": value }", "not a valid label name"),
        ("env: { A: \"{arg.NOPE}\" }", "`{arg.NOPE}` has no value"),
        ("labels: { a: \"{arg.NOPE}\" }", "`{arg.NOPE}` has no value"),
        ("env: { PATH: /opt/bin }", "a value here would replace it"),
        (
            "platforms: linux/s390x",
            "the fleet is not built for `linux/s390x`",
        ),
        ("volumes: \"a b\"", "not a valid"),
        ("dirs: [\"\"]", "must not be empty"),
        ("dirs: /", "must not be empty"),
        ("volumes: \"\"", "must not be empty"),
        ("home: /", "must not be empty"),
        ("stop_signal: INT", "must be the name of a signal"),
    ] {
        let text = format!(
            "platforms: [linux/amd64, linux/arm64]\nservices: {{ a: {{ port: 8000, {fields} }} }}\n"
        );
        let found = told(&text);
        assert_eq!(found.len(), 1, "{fields}: {found:?}");
        assert!(found[0].1.contains(message), "{fields}: {found:?}");
    }
}

#[test]
fn an_image_is_built_for_no_more_than_its_base() {
    let text = "platforms: [linux/amd64, linux/arm64]\noutputs: { bake: {} }\nbases: { b: { version: \
                v1.0.0, platforms: linux/amd64 } }\nservices: { a: { base: b, port: 1 PLATFORMS } }\n";
    for (platforms, missing) in [
        ("", "every platform of the fleet"),
        (", platforms: [linux/amd64, linux/arm64]", "linux/arm64"),
    ] {
        let found = told(&text.replace(" PLATFORMS", platforms));
        assert_eq!(
            found[0].1,
            format!("the base `b` is not built for {missing}")
        );
    }
    let narrow = text.replace(" PLATFORMS", ", platforms: linux/amd64");
    let bake = file(&narrow, "generated/docker-bake.hcl");
    assert_eq!(
        bake.matches("  platforms = [\"linux/amd64\"]\n").count(),
        2,
        "{bake}"
    );
}

#[test]
fn labels_merge_by_key_and_null_takes_back() {
    let text = "defaults: { labels: { a: all, b: all }, groups: [video] }\nkinds: { k: { labels: { b: \
                kind, c: kind } } }\nservices: { s: { kind: k, port: 1, labels: { a: null, c: own }, \
                groups: null }, t: { port: 1 } }\n";
    let of = |service: &str| file(text, &format!("generated/{service}/Dockerfile"));
    let own = of("s");
    assert!(own.contains("LABEL b=\"kind\"\nLABEL c=\"own\"\n"), "{own}");
    assert!(
        !own.contains("LABEL a") && !own.contains("usermod"),
        "{own}"
    );
    let other = of("t");
    assert!(
        other.contains("LABEL a=\"all\"\nLABEL b=\"all\"\n"),
        "{other}"
    );
    assert!(other.contains("USER 10001\n"), "{other}");
}

#[test]
fn compose_keeps_each_volume_under_a_name_of_its_own() {
    let text = "outputs: { compose: {} }\nservices: { a: { port: 1, volumes: [data, /app-data, /app/data] } \
                }\n";
    let compose = file(text, "compose.yaml");
    for part in [
        "source: \"a-app-data\"\n        target: \"/app/data\"\n",
        "source: \"a-app-data-\"\n        target: \"/app-data\"\n",
        "\nvolumes:\n  \"a-app-data\": {}\n  \"a-app-data-\": {}\n",
    ] {
        assert!(compose.contains(part), "{part}\n{compose}");
    }
}
