//! The committed JSON Schemas: they are what the program prints, and what commands print for
//! programs fits them, with no field that they do not have.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use dockwright::report::output_names;
use serde_json::{Value, json};

use crate::support::{MINIMAL, PROGRAM, Root, Run, has, repository};

/// What commands print by these words, by the name of the schema.
fn outputs(root: &Root) -> Vec<(&'static str, String)> {
    let runs: [(&str, &[&str]); 13] = [
        ("check", &["check", "--format", "json"]),
        ("check", &["check", "--format", "json", "--only", "svc-a"]),
        ("generate", &["generate", "--dry-run", "--format", "json"]),
        ("list", &["list", "--format", "json"]),
        ("plan", &["plan", "--all", "--format", "json"]),
        ("plan-matrix", &["plan", "--all", "--format", "matrix"]),
        ("why", &["why", "fastapi", "--format", "json"]),
        (
            "diff",
            &["diff", "a/Dockerfile", "b/Dockerfile", "--format", "json"],
        ),
        ("adopt", &["-C", "legacy", "adopt", "--format", "json"]),
        ("sizes", &["sizes", "old.json", "--format", "json"]),
        ("sizes", &["sizes", "over.json", "--format", "json"]),
        (
            "sizes-compare",
            &[
                "sizes",
                "new.json",
                "--compare",
                "old.json",
                "--format",
                "json",
            ],
        ),
        (
            "sizes-compare",
            &[
                "sizes",
                "none.json",
                "--compare",
                "over.json",
                "--format",
                "json",
            ],
        ),
    ];
    let mut printed: Vec<_> = runs
        .into_iter()
        .map(|(name, words)| (name, json_of(&root.run(words))))
        .collect();
    let script = "printf services.yaml | \"$0\" plan --changed-files - --format json";
    let mut changed = root.command("bash", &["-c", script, PROGRAM]);
    printed.push(("plan", json_of(&Run::of(&changed.output().unwrap()))));
    for words in [&[][..], &["--sizes", "new.json"][..]] {
        let run = root.run(&[&["report", "-o", "r.json"][..], words].concat());
        assert_eq!(run.status, 0, "{}", run.told());
        printed.push(("report", root.text("r.json")));
    }
    printed
}

fn json_of(run: &Run) -> String {
    assert!(run.status < 2, "{}", run.told());
    run.stdout.clone()
}

/// A fleet in which every output has something to tell.
fn fleet() -> Root {
    let declaration = MINIMAL.replace(
        "services:\n",
        "services:\n  svc-b: { port: 8001, pip: [\"pandas>=2\"] }\n",
    );
    let root = Root::generated(&declaration);
    root.edit(
        "generated/svc-a/Dockerfile",
        "USER",
        "RUN apt-get install -y jq\nUSER",
    );
    root.edit("services.yaml", "8001", "8002");
    root.write("generated/svc-gone/Dockerfile", "FROM scratch\n");
    root.write(
        "a/Dockerfile",
        "FROM python:3.12-slim\nCOPY missing /app\nCMD [\"python\"]\n",
    );
    root.write(
        "b/Dockerfile",
        "FROM python:3.13-slim\nLABEL a=b\nCMD [\"python\"]\n",
    );
    root.write(
        "legacy/one/Dockerfile",
        "FROM python:3.12-slim\nRUN pip install fastapi\nCMD [\"python\", \"-m\", \"one\"]\n",
    );
    root.write("legacy/two/Dockerfile", "FROM golang:1.24\nRUN go build\n");
    for (seed, name) in [
        ("seed-1", "old.json"),
        ("seed-2", "none.json"),
        ("seed-3", "over.json"),
    ] {
        let seed = repository().join("fuzz/corpus/ledger").join(seed);
        root.write(name, fs::read(seed).unwrap());
    }
    let mut grown: Value = serde_json::from_str(&root.text("old.json")).unwrap();
    let image = &mut grown["images"][0];
    image["layers"][1]["diff_id"] = "sha256:0".into();
    image["python"][0]["version"] = "3.1".into();
    root.write("new.json", grown.to_string());
    root
}

/// The schema, with which an object has no field that the schema does not name.
fn strict(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(strict),
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                let is_open = json!(false);
                fields.entry("unevaluatedProperties").or_insert(is_open);
            }
            fields.values_mut().for_each(strict);
        }
        _ => {}
    }
}

fn schema(name: &str) -> Value {
    let path = repository().join(format!("docs/schemas/{name}.schema.json"));
    let text = fs::read_to_string(&path).unwrap_or_default();
    let printed = Run::of(
        &Command::new(PROGRAM)
            .args(["schema", "--output", name])
            .output()
            .unwrap(),
    );
    assert!(text == printed.stdout, "{path} is out of date: just update");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn committed_schemas_of_outputs_are_what_the_program_prints() {
    let names: BTreeSet<String> = output_names()
        .map(|name| format!("{name}.schema.json"))
        .collect();
    for name in output_names() {
        schema(name);
    }
    let folder = repository().join("docs/schemas").read_dir_utf8().unwrap();
    let committed = folder.map(|entry| entry.unwrap().file_name().to_owned());
    assert_eq!(committed.collect::<BTreeSet<_>>(), names);
}

#[test]
fn what_commands_print_for_programs_fits_its_schema() {
    let root = fleet();
    let printed = outputs(&root);
    let tried: BTreeSet<&str> = printed.iter().map(|(name, _)| *name).collect();
    assert_eq!(tried, output_names().collect());
    for (name, text) in &printed {
        let value: Value = serde_json::from_str(text).unwrap();
        // A matrix is for the workflow alone, which names its lists.
        if *name != "plan-matrix" {
            assert_eq!(value["version"], 1, "{name}: {text}");
            let command = name.replace("-compare", " --compare");
            assert_eq!(value["command"], command.as_str(), "{name}: {text}");
        }
    }
    if !has(&["check-jsonschema"]) {
        return;
    }
    for name in output_names() {
        let mut schema = schema(name);
        strict(&mut schema);
        root.write("schema.json", schema.to_string());
        let of_it = printed.iter().filter(|(of, _)| *of == name).enumerate();
        let files: Vec<String> = of_it
            .map(|(at, (_, text))| {
                root.write(&format!("{at}.out"), text);
                format!("{at}.out")
            })
            .collect();
        let mut words = vec!["--default-filetype", "json", "--schemafile", "schema.json"];
        words.extend(files.iter().map(String::as_str));
        let told = Run::of(&root.command("check-jsonschema", &words).output().unwrap());
        assert_eq!(told.status, 0, "{name}: {}", told.told());
        // A field more is one that the schema would not have.
        let mut more: Value =
            serde_json::from_str(&printed.iter().find(|(of, _)| *of == name).unwrap().1).unwrap();
        more["more"] = json!(1);
        root.write("0.out", more.to_string());
        let told = Run::of(
            &root
                .command("check-jsonschema", &words[..5])
                .output()
                .unwrap(),
        );
        assert_eq!(told.status, 1, "{name}: {}", told.told());
    }
}

/// The commands whose help has the format are those with a schema.
#[test]
fn every_command_with_json_has_a_schema() {
    let root = Root::empty();
    let help = root.run(&["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let names = commands.lines().map_while(|line| line.strip_prefix("  "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    let mut with_json = BTreeSet::new();
    for name in names.filter(|name| *name != "help") {
        let help = root.run(&[name, "--help"]).stdout;
        if help.contains("- json:") || help.contains("ends in .json") {
            with_json.insert(name.to_owned());
        }
    }
    let outputs = output_names().filter_map(|name| name.split('-').next());
    assert_eq!(with_json, outputs.map(str::to_owned).collect());
}
