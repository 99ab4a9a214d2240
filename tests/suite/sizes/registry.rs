//! Sizes that a registry tells: manifests and configurations alone.

use std::process::Command;

use dockwright::sizes::Compression;
use serde_json::Value;

use super::archives::{Is, Made, layer, oci_files, sha256};
use super::fleet::{FLEET, built};
use crate::pin::Registry;
use crate::support::{Root, Run};

/// The images of the fleet, as an OCI layout in a folder.
fn layout(root: &Root, compression: Compression) -> Vec<Made> {
    let external = [(
        "CMD".to_owned(),
        layer(&[("etc/os", Is::File(&[b'd'; 4000]))]),
    )];
    let runtime = built(root, "base-runtime", &external);
    let ml = built(root, "base-ml", &runtime.layers);
    let on_base = built(root, "svc-ml", &ml.layers);
    let slim = built(root, "svc-slim", &external);
    let images = vec![runtime, ml, on_base, slim];
    for (path, bytes) in oci_files(&images, compression) {
        root.write(&format!("layout/{path}"), bytes);
    }
    images
}

fn skopeo(words: &[&str]) -> Vec<u8> {
    let output = Command::new("skopeo").args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    output.stdout
}

#[test]
fn a_registry_tells_compressed_sizes_and_the_lines_behind_them() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let root = Root::generated(FLEET);
    let images = layout(&root, Compression::Gzip);
    let prefix = format!("{}/acme", registry.host);
    let remote = |made: &Made| made.name.replace("registry.example/acme", &prefix);
    for made in &images {
        let from = format!("oci:{}/layout:{}", root.path(), made.name);
        let to = format!("docker://{}", remote(made));
        skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &from, &to]);
    }
    let words = [
        "sizes",
        "--registry",
        &prefix,
        "--tag",
        "v1.0.0",
        "--format",
        "json",
    ];
    let run = root.run(&words);
    assert_eq!(run.status, 0, "{}", run.told());
    let told = run.json();
    assert_eq!(told["counted"], "compressed");
    assert_eq!(told["images"].as_array().unwrap().len(), 4);
    for made in &images {
        let reference = format!("docker://{}", remote(made));
        let raw = skopeo(&["inspect", "--raw", "--tls-verify=false", &reference]);
        let raw: Value = serde_json::from_slice(&raw).unwrap();
        let sizes = |layers: &Value, field: &str| -> Vec<u64> {
            let layers = layers["layers"].as_array().unwrap().iter();
            layers.map(|layer| layer[field].as_u64().unwrap()).collect()
        };
        let mut found = told["images"].as_array().unwrap().iter();
        let found = found.find(|image| image["references"][0] == remote(made).as_str());
        assert_eq!(sizes(found.unwrap(), "compressed"), sizes(&raw, "size"));
        let ids = found.unwrap()["layers"].as_array().unwrap().iter();
        let ids: Vec<&str> = ids
            .map(|layer| layer["diff_id"].as_str().unwrap())
            .collect();
        let expected = made.layers.iter().map(|(_, bytes)| sha256(bytes));
        let expected: Vec<String> = expected.map(|digest| format!("sha256:{digest}")).collect();
        assert_eq!(ids, expected);
    }
    // The same lines as from the layers themselves.
    let fields = |image: &Value| -> Vec<Value> {
        let layers = image["layers"].as_array().unwrap().iter();
        layers.map(|layer| layer["declared"].clone()).collect()
    };
    let local = root.run(&["sizes", "layout", "--format", "json"]).json();
    for image in told["images"].as_array().unwrap() {
        let mut others = local["images"].as_array().unwrap().iter();
        let other = others.find(|other| other["name"] == image["name"]).unwrap();
        assert_eq!(fields(image), fields(other));
        assert_eq!(image["compressed"], other["compressed"]);
    }
    assert_eq!(told["total"]["first_push"], local["total"]["first_push"]);
    assert_eq!(told["bases"][0]["base"], local["bases"][0]["base"]);
}

/// A `skopeo` that notes what it is asked for and prints files by the last word.
fn stand_in(root: &Root, body: &str) -> String {
    let script = format!("#!/bin/sh\necho \"$@\" >> {}/asked\n{body}\n", root.path());
    root.write("bin/skopeo", script);
    root.set_mode("bin/skopeo", 0o755);
    format!("{}/bin:/usr/bin:/bin", root.path())
}

fn asked(root: &Root, body: &str, words: &[&str]) -> Run {
    let path = stand_in(root, body);
    let all = [
        &[
            "sizes",
            "--registry",
            "r.example/own",
            "--only",
            "base-runtime",
        ],
        words,
    ]
    .concat();
    root.run_in(&[("PATH", &path)], &all)
}

#[test]
fn the_registry_of_the_declaration_is_never_asked() {
    let root = Root::generated(FLEET);
    let run = asked(
        &root,
        "[ \"$1\" = --version ] && exit 0; echo no >&2; exit 1",
        &[],
    );
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(run.stderr.contains("failed: no"), "{}", run.told());
    let asked = root.text("asked");
    assert_eq!(
        asked,
        "--version\ninspect --raw docker://r.example/own/base-runtime:v1.0.0\n"
    );
    for (word, told) in [
        ("--registry=acme", "it has no registry"),
        ("--registry=r.example/Own", "invalid value"),
        ("--registry=-x/y", "invalid value"),
    ] {
        let run = root.run(&["sizes", word]);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(run.stderr.contains(told), "{}", run.told());
    }
    let path = stand_in(&root, "exit 0");
    let run = root.run_in(
        &[("PATH", &path)],
        &["sizes", "--registry", "r.example/own"],
    );
    assert!(run.stderr.contains("name it with --tag"), "{}", run.told());
}

#[test]
fn answers_that_are_not_what_their_digest_says_are_refused() {
    let root = Root::generated(FLEET);
    let digest = format!("sha256:{}", sha256(b"{}"));
    let manifest = |layer: &str| {
        format!(
            "{{\"schemaVersion\":2,\"config\":{{\"digest\":\"{digest}\"}},\"layers\":[{{\"digest\":\"{digest}\"{layer}}}]}}"
        )
    };
    let index = format!("{{\"manifests\":[{{\"digest\":\"{digest}\"}}]}}");
    let config = format!("{{\"rootfs\":{{\"diff_ids\":[\"{digest}\"]}}}}");
    let of_config = sha256(config.as_bytes());
    let right = |layer: &str| manifest(layer).replacen(&digest, &format!("sha256:{of_config}"), 1);
    let kind = ",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"";
    let sized = |size: &str| format!("{kind},\"size\":{size}");
    root.write("config", &config);
    for (first, told) in [
        ("nothing".to_owned(), "not a valid image manifest"),
        (index, "its digest is sha256:"),
        (manifest(",\"size\":1"), "its digest is sha256:"),
        (right(""), "the media type of a layer not found"),
        (right(kind), "the size of a layer not found"),
        (right(&sized("18446744073709551615")), "it is longer than"),
        (right(&sized("-1")), "not a valid image manifest"),
    ] {
        root.write("manifest", &first);
        let body = format!(
            "case \"$*\" in --version) ;; *--config*) cat {0}/config ;; *) cat {0}/manifest ;; esac",
            root.path()
        );
        let run = asked(&root, &body, &[]);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(run.stderr.contains(told), "{first}: {}", run.told());
    }
    root.write("manifest", right(&sized("1234")));
    let body = format!(
        "case \"$*\" in --version) ;; *--config*) cat {0}/config ;; *) cat {0}/manifest ;; esac",
        root.path()
    );
    let run = asked(&root, &body, &[]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.stdout.starts_with("1 image, 1.2 kB compressed; "),
        "{}",
        run.told()
    );
}

#[test]
fn a_sizes_json_of_another_count_is_not_compared_and_a_broken_one_not_read() {
    let root = Root::generated(FLEET);
    root.write("images.tar", super::fleet::archive(&root, 5000));
    let files = root
        .run(&["sizes", "images.tar", "--format", "json"])
        .stdout;
    root.write(
        "old.json",
        files.replace("\"counted\": \"files\"", "\"counted\": \"compressed\""),
    );
    let run = root.run(&["sizes", "images.tar", "--compare", "old.json"]);
    assert!(run.stderr.contains("do not compare"), "{}", run.told());
    let too_large = Value::from(u64::MAX);
    for (place, value, told) in [
        ("/total/stored_once", too_large.clone(), "it is longer than"),
        ("/images/0/layers/0/bytes", too_large, "it is longer than"),
        (
            "/images/0/python/0/layer",
            99.into(),
            "a layer of svc-slim not found",
        ),
        (
            "/version",
            2.into(),
            "version 2 of `sizes` is not supported",
        ),
    ] {
        let mut broken: Value = serde_json::from_str(&files).unwrap();
        *broken.pointer_mut(place).unwrap() = value;
        root.write("broken.json", broken.to_string());
        for words in [
            &["sizes", "broken.json"][..],
            &["report", "-o", "x.html", "--sizes", "broken.json"],
        ] {
            let run = root.run(words);
            assert_eq!(run.status, 2, "{}", run.told());
            assert!(run.stderr.contains(told), "{}", run.told());
        }
    }
}
