//! What a fleet's declaration tells of its images.

use serde_json::Value;

use super::archives::{Is, Made, docker_files, layer, tar_of};
use crate::support::{Root, Run};

pub(super) const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
requirements:
  base: [fastapi, uvicorn]
  ml: [scikit-learn]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
  base-ml: { version: v1.0.0, from: base-runtime, requirements: [ml] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  ml: { template: ml-on-base, base: base-ml }
services:
  svc-slim: { kind: web, port: 8000, apt: [libpq5], pip: [pandas] }
  svc-ml: { kind: ml, port: 8000, apt: [poppler-utils], pip: [Pillow] }
";

/// The layers of an image that is built from a generated Dockerfile, one a step of its last stage,
/// with the records that `BuildKit` writes.
pub(super) fn built(root: &Root, name: &str, below: &[(String, Vec<u8>)]) -> Made {
    let text = root
        .text(&format!("generated/{name}/Dockerfile"))
        .replace("\\\n", "");
    let last = text.rfind("\nFROM ").unwrap() + 1;
    let mut layers = below.to_vec();
    for line in text[last..].lines() {
        let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
        let operands: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
        let flags = operands
            .iter()
            .take_while(|word| word.starts_with("--"))
            .count();
        let operands = operands[flags..].join(" ");
        let step = match keyword {
            "RUN" => format!("RUN /bin/sh -c {operands} # buildkit"),
            "COPY" => format!("COPY {operands} # buildkit"),
            "WORKDIR" => format!("WORKDIR {operands}"),
            _ => continue,
        };
        let path = format!("{name}/{}", layers.len());
        layers.push((step, layer(&[(&path, Is::File(path.as_bytes()))])));
    }
    Made {
        name: format!("registry.example/acme/{name}:v1.0.0"),
        layers,
    }
}

pub(super) fn archive(root: &Root, pandas: usize) -> Vec<u8> {
    let external = (
        "CMD [\"python3\"]".to_owned(),
        layer(&[("etc/os", Is::File(b"debian"))]),
    );
    let runtime = built(root, "base-runtime", std::slice::from_ref(&external));
    let ml = built(root, "base-ml", &runtime.layers);
    let on_base = built(root, "svc-ml", &ml.layers);
    let mut slim = built(root, "svc-slim", &[external]);
    let site = "opt/venv/lib/python3.12/site-packages/pandas";
    let record = format!("{site}-2.2.dist-info/RECORD");
    let pandas = layer(&[
        (&record, Is::File(b"pandas/a.py,,\n")),
        (&format!("{site}/a.py"), Is::File(&vec![b'x'; pandas])),
    ]);
    let copied = slim
        .layers
        .iter_mut()
        .find(|(step, _)| step.contains("COPY /opt/"))
        .unwrap();
    copied.1 = pandas;
    tar_of(&docker_files(&[runtime, ml, on_base, slim]))
}

fn measured(root: &Root) -> Value {
    root.write("images.tar", archive(root, 5000));
    let run = root.run(&["sizes", "images.tar", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.told());
    run.json()
}

fn image<'a>(sizes: &'a Value, name: &str) -> &'a Value {
    let images = sizes["images"].as_array().unwrap();
    images.iter().find(|image| image["name"] == name).unwrap()
}

/// By layer, the image whose step made it, and the fields that were declared for it.
fn causes(image: &Value) -> Vec<(String, Vec<String>)> {
    let layers = image["layers"].as_array().unwrap().iter().map(|layer| {
        let declared = layer["declared"].as_array().unwrap().iter();
        let fields = declared.map(|one| one["field"].as_str().unwrap().to_owned());
        (
            layer["image"].as_str().unwrap_or("-").to_owned(),
            fields.collect(),
        )
    });
    layers.collect()
}

#[test]
fn every_layer_is_traced_to_the_image_and_the_fields_that_made_it() {
    let root = Root::generated(FLEET);
    let sizes = measured(&root);
    let slim = causes(image(&sizes, "svc-slim"));
    assert_eq!(slim[0], ("-".to_owned(), vec![]));
    assert!(
        slim[1..].iter().all(|(image, _)| image == "svc-slim"),
        "{slim:?}"
    );
    let with = |causes: &[(String, Vec<String>)], field: &str| {
        causes
            .iter()
            .position(|(_, fields)| fields.iter().any(|one| one == field))
    };
    let steps: Vec<&str> = image(&sizes, "svc-slim")["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["created_by"].as_str().unwrap())
        .collect();
    let apt = with(&slim, "services.svc-slim.apt[0]").unwrap();
    assert!(steps[apt].contains("apt-get install"), "{steps:?}");
    for field in ["services.svc-slim.pip[0]", "requirements.base[1]"] {
        let pip = with(&slim, field).unwrap();
        assert!(steps[pip].starts_with("COPY /opt/"), "{steps:?}");
    }
    // The name of an image is in its Dockerfile, and no cause of a layer.
    assert_eq!(with(&slim, "services.svc-slim"), None);
    let ml = causes(image(&sizes, "svc-ml"));
    let owners: Vec<&str> = ml.iter().map(|(image, _)| image.as_str()).collect();
    let first = |name: &str| owners.iter().position(|owner| *owner == name).unwrap();
    assert!(owners.is_sorted_by_key(|owner| first(owner)), "{owners:?}");
    assert!(first("-") < first("base-runtime") && first("base-ml") < first("svc-ml"));
    let sets = with(&ml, "requirements.ml[0]").unwrap();
    assert_eq!(ml[sets].0, "base-ml");
    let own = with(&ml, "services.svc-ml.pip[0]").unwrap();
    assert_eq!(ml[own].0, "svc-ml");
}

#[test]
fn a_package_is_traced_to_the_entry_that_brings_it() {
    let root = Root::generated(FLEET);
    let sizes = measured(&root);
    let pandas = &image(&sizes, "svc-slim")["python"][0];
    assert_eq!(
        (&pandas["name"], &pandas["bytes"]),
        (&"pandas".into(), &5000.into())
    );
    assert_eq!(pandas["declared"][0]["field"], "services.svc-slim.pip[0]");
    assert_eq!(pandas["declared"][0]["place"], "services.yaml:14:59");
    let run = root.run(&["sizes", "images.tar", "--image", "svc-slim"]);
    assert!(
        run.stdout
            .contains("services.svc-slim.pip[0] (services.yaml:14:59)"),
        "{}",
        run.told()
    );
    let missing = root.run(&["sizes", "images.tar", "--image", "svc-slin"]);
    assert!(
        missing.stderr.contains("did you mean `svc-slim`?"),
        "{}",
        missing.told()
    );
}

#[test]
fn a_base_costs_its_own_layers_and_what_stands_on_them() {
    let root = Root::generated(FLEET);
    let sizes = measured(&root);
    let bytes = |name: &str, owners: &[&str]| {
        let layers = image(&sizes, name)["layers"].as_array().unwrap().iter();
        let of = layers.filter(|layer| owners.contains(&layer["image"].as_str().unwrap_or("-")));
        of.map(|layer| layer["bytes"].as_u64().unwrap())
            .sum::<u64>()
    };
    let bases = sizes["bases"].as_array().unwrap();
    let cost = |name: &str| bases.iter().find(|base| base["base"] == name).unwrap();
    let runtime = cost("base-runtime");
    assert_eq!(runtime["dependents"], 2);
    assert_eq!(runtime["own"], bytes("svc-ml", &["base-runtime"]));
    assert_eq!(runtime["on_top"], bytes("svc-ml", &["base-ml", "svc-ml"]));
    assert_eq!(cost("base-ml")["on_top"], bytes("svc-ml", &["svc-ml"]));
    let external = cost("python:3.12-slim");
    assert_eq!(
        (&external["dependents"], &external["own"]),
        (&4.into(), &6.into())
    );
}

#[test]
fn images_of_no_fleet_are_measured_all_the_same() {
    let root = Root::empty();
    let made = Made::new("x:1", &[("RUN a", &layer(&[("a", Is::File(b"12"))]))]);
    root.write("images.tar", tar_of(&docker_files(&[made])));
    let run = root.run(&["sizes", "images.tar"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(run.stdout.contains("1 image, 2 B"), "{}", run.told());
    let named = root.run(&["sizes", "images.tar", "--file", "other.yaml"]);
    assert_eq!(named.status, 2, "{}", named.told());
}

#[test]
fn what_grew_is_told_with_its_package_and_its_declared_line() {
    let root = Root::generated(FLEET);
    root.edit("services.yaml", ", pip: [pandas] }", " }");
    assert_eq!(root.run(&["generate"]).status, 0);
    let without = built(&root, "svc-slim", &[]);
    let others: Vec<Made> = ["base-runtime", "base-ml"]
        .map(|name| built(&root, name, &[]))
        .into();
    let old = tar_of(&docker_files(&[&others[..], &[without]].concat()));
    root.write("old.tar", old);
    let run = root.run(&["sizes", "old.tar", "--format", "json"]);
    root.write("old.json", run.stdout);
    root.edit(
        "services.yaml",
        "apt: [libpq5] }",
        "apt: [libpq5], pip: [pandas] }",
    );
    assert_eq!(root.run(&["generate"]).status, 0);
    measured(&root);
    let compare = |format: &str| -> Run {
        root.run(&[
            "sizes",
            "images.tar",
            "--compare",
            "old.json",
            "--format",
            format,
        ])
    };
    let text = compare("text");
    assert_eq!(text.status, 0, "{}", text.told());
    let told =
        "+5.0 kB pandas 2.2, new\n      services.yaml:14:59 services.svc-slim.pip[0] pandas\n";
    assert!(text.stdout.contains(told), "{}", text.told());
    let markdown = compare("markdown").stdout;
    assert!(markdown.contains("| `svc-slim` |"), "{markdown}");
    assert!(markdown.contains("`pandas 2.2, new`"), "{markdown}");
    let json = compare("json").json();
    let slim = json["images"]
        .as_array()
        .unwrap()
        .iter()
        .find(|image| image["name"] == "svc-slim");
    assert_eq!(
        slim.unwrap()["packages"][0]["declared"][0]["value"],
        "pandas"
    );
    root.write(
        "new.json",
        root.run(&["sizes", "images.tar", "--format", "json"])
            .stdout,
    );
    let same = root.run(&["sizes", "images.tar", "--compare", "new.json"]);
    assert_eq!(same.stdout, "4 images are as before\n");
}

/// A `docker` that has these references and saves one archive whatever it is asked for.
fn docker(root: &Root, references: &[&str]) -> String {
    let list = references.join("\necho ");
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in image)\necho {list};;\nsave) shift; echo \"$@\" > {0}/asked; exec cat {0}/images.tar ;;\nesac\n",
        root.path()
    );
    root.write("bin/docker", script);
    root.set_mode("bin/docker", 0o755);
    format!("{}/bin:/usr/bin:/bin", root.path())
}

#[test]
fn images_of_the_engine_are_read_as_it_prints_them() {
    let root = Root::generated(FLEET);
    root.write("images.tar", archive(&root, 5000));
    let repository = |name: &str| format!("registry.example/acme/{name}");
    let there = [
        format!("{}:v1.0.0", repository("base-runtime")),
        format!("{}:v0.9.0", repository("base-ml")),
        format!("{}:dev", repository("svc-ml")),
        format!("{}:old", repository("svc-slim")),
        format!("{}:dev", repository("svc-slim")),
        "elsewhere/x:1".to_owned(),
    ];
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    let path = docker(&root, &there);
    let run = |words: &[&str]| root.run_in(&[("PATH", &path)], words);
    let ambiguous = run(&["sizes"]);
    assert_eq!(ambiguous.status, 2, "{}", ambiguous.told());
    assert!(
        ambiguous
            .stderr
            .contains("svc-slim has several tags here: old, dev; choose one with --tag")
    );
    let read = run(&["sizes", "--tag", "dev"]);
    assert_eq!(read.status, 0, "{}", read.told());
    assert_eq!(read.stderr, "not in docker: base-ml\n");
    let asked = ["base-runtime:v1.0.0", "svc-slim:dev", "svc-ml:dev"].map(repository);
    assert_eq!(root.text("asked").trim(), asked.join(" "));
    let none = run(&["sizes", "--tag", "other", "--only", "svc-ml"]);
    assert!(
        none.stderr.contains("docker has no image of this fleet"),
        "{}",
        none.told()
    );
    root.write("bin/docker", "#!/bin/sh\n[ $1 = save ] && { echo no space >&2; exit 1; }\necho registry.example/acme/svc-ml:dev\n");
    root.set_mode("bin/docker", 0o755);
    let failing = run(&["sizes"]);
    assert_eq!(
        (
            failing.status,
            failing.stderr.contains("docker failed: no space")
        ),
        (2, true),
        "{}",
        failing.told()
    );
}

#[test]
fn answers_about_sizes_read_as_they_did() {
    for screen in crate::goldens::SCREENS {
        let root = screen.of(Root::generated(FLEET));
        root.write("images.tar", archive(&root, 30_000));
        let old = root.run(&["sizes", "images.tar", "--format", "json"]);
        root.write("old.json", old.stdout);
        root.write("grown.tar", archive(&root, 3_000_000));
        root.write("images.tar.part", &archive(&root, 30_000)[..20_000]);
        let commands = [
            ("sizes-text", "sizes images.tar"),
            ("sizes-image-text", "sizes images.tar --image svc-slim"),
            ("sizes-compare-text", "sizes grown.tar --compare old.json"),
            ("sizes-broken-text", "sizes images.tar.part"),
            ("report-text", "report -o fleet.html --sizes old.json"),
            ("report-occupied-text", "report -o services.yaml"),
        ];
        screen.assert_reports(&root, &commands);
    }
}
