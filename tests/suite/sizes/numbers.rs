//! Sizes, sharing, waste and packages of images whose every byte is known.

use dockwright::sizes::Compression;
use serde_json::Value;

use super::archives::{Is, Made, compressed, docker_files, layer, oci_files, tar_of};
use crate::support::Root;

const SITE: &str = "opt/venv/lib/python3.12/site-packages";

/// Two images on a common layer, with something of every kind of waste.
fn images() -> [Made; 2] {
    let record = "numpy/a.py,sha256=x,1\nnumpy/tests/t.py,,\n../../../bin/tool,,\n\
                  numpy-2.0.dist-info/RECORD,,\nnumpy/gone.py,,\n";
    let site = |path: &str| format!("{SITE}/{path}");
    let base = layer(&[
        ("etc/", Is::Folder),
        ("etc/a", Is::File(b"0123456789")),
        ("etc/b", Is::HardLink("etc/a")),
        ("lib", Is::Symlink("usr/lib")),
        ("usr/lib/x.so", Is::File(b"1234567")),
        (
            "var/lib/dpkg/status",
            Is::File(b"Package: libx\nStatus: ok\nVersion: 1.2-3\n"),
        ),
        (
            "var/lib/dpkg/info/libx:amd64.list",
            Is::File(b"/.\n/lib\n/lib/x.so\n/etc/a\n/etc/b\n"),
        ),
        ("opt/old", Is::File(b"abcdef")),
        ("opt/kept/one", Is::File(b"one")),
    ]);
    let packages = layer(&[
        (&site("numpy/a.py"), Is::File(b"a = 1")),
        (&site("numpy/tests/t.py"), Is::File(b"test it")),
        (
            &site("numpy/__pycache__/a.cpython-312.pyc"),
            Is::File(b"code"),
        ),
        (
            &site("numpy/__pycache__/a.cpython-312.opt-1.pyc"),
            Is::File(b"cod"),
        ),
        (&site("numpy/lib.a"), Is::File(b"archive!")),
        (
            &site("numpy-2.0.dist-info/RECORD"),
            Is::File(record.as_bytes()),
        ),
        ("opt/venv/bin/tool", Is::File(b"#!")),
        ("root/.cache/pip/wheel", Is::File(b"123456789012")),
        ("etc/a", Is::File(b"x")),
        ("opt/.wh.old", Is::File(b"")),
        ("app/copy", Is::File(b"one")),
    ]);
    let other = layer(&[
        ("opt/kept/.wh..wh..opq", Is::File(b"")),
        ("opt/kept/two", Is::File(b"2")),
    ]);
    [
        Made::new("one:1", &[("base", &base), ("pip", &packages)]),
        Made::new("two:1", &[("base", &base), ("other", &other)]),
    ]
}

fn measured(archive: &[u8]) -> Value {
    let root = Root::empty();
    root.write("images.tar", archive);
    let run = root.run(&["sizes", "images.tar", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.told());
    run.json()
}

fn image<'a>(sizes: &'a Value, name: &str) -> &'a Value {
    let images = sizes["images"].as_array().unwrap();
    images.iter().find(|image| image["name"] == name).unwrap()
}

fn wasted(image: &Value) -> Vec<(String, u64, u64)> {
    let waste = image["waste"].as_array().unwrap().iter().map(|waste| {
        let kind = waste["kind"].as_str().unwrap().to_owned();
        (
            kind,
            waste["bytes"].as_u64().unwrap(),
            waste["files"].as_u64().unwrap(),
        )
    });
    waste.collect()
}

const BASE_BYTES: u64 = 10 + 7 + 40 + 32 + 6 + 3;

#[test]
fn layers_count_their_files_once_and_the_fleet_its_layers_once() {
    let sizes = measured(&tar_of(&docker_files(&images())));
    let (one, two) = (image(&sizes, "one:1"), image(&sizes, "two:1"));
    assert_eq!(one["layers"][0]["bytes"], BASE_BYTES);
    assert_eq!(one["layers"][0]["files"], 6);
    assert_eq!(one["layers"][0]["images"], 2);
    assert_eq!(
        (&one["shared"], &two["unique"]),
        (&BASE_BYTES.into(), &1.into())
    );
    let sum = one["bytes"].as_u64().unwrap() + 1;
    assert_eq!(sizes["total"]["stored_once"], sum);
    assert_eq!(sizes["total"]["bytes"], sum + BASE_BYTES);
    assert_eq!(sizes["total"]["first_push"], Value::Null);
}

#[test]
fn waste_is_told_by_its_cause() {
    let sizes = measured(&tar_of(&docker_files(&images())));
    let expected = [
        ("deleted", 6, 1),
        ("cache", 12, 1),
        ("bytecode", 4, 1),
        ("tests", 7, 1),
        ("static-library", 8, 1),
        ("duplicate", 3, 1),
    ];
    let expected = expected.map(|(kind, bytes, files)| (kind.to_owned(), bytes, files));
    // etc/a is another file now, but its contents are still there as etc/b.
    assert_eq!(wasted(image(&sizes, "one:1")), expected);
    assert_eq!(
        wasted(image(&sizes, "two:1")),
        [("deleted".to_owned(), 3, 1)]
    );
}

#[test]
fn packages_take_what_their_lists_name_and_the_image_has() {
    let sizes = measured(&tar_of(&docker_files(&images())));
    let one = image(&sizes, "one:1");
    let record = one["python"][0]["bytes"].as_u64().unwrap() - (5 + 7 + 2);
    assert!((80..130).contains(&record), "the RECORD itself: {record}");
    assert_eq!(one["python"][0]["name"], "numpy");
    assert_eq!(one["python"][0]["version"], "2.0");
    assert_eq!(one["python"][0]["files"], 4);
    assert_eq!(one["python"][0]["layer"], 1);
    let debian = &image(&sizes, "two:1")["debian"][0];
    assert_eq!(
        (&debian["name"], &debian["version"]),
        (&"libx".into(), &"1.2-3".into())
    );
    // x.so through the link lib, and a file with two names once.
    assert_eq!(debian["bytes"], 17);
}

#[test]
fn every_form_of_an_archive_has_the_same_numbers() {
    let images = images();
    let mut expected = measured(&tar_of(&docker_files(&images)));
    let told = |sizes: &mut Value| {
        sizes["total"]["first_push"] = Value::Null;
        for image in sizes["images"].as_array_mut().unwrap() {
            image["compressed"] = Value::Null;
            for layer in image["layers"].as_array_mut().unwrap() {
                layer["compressed"] = Value::Null;
            }
        }
        sizes.clone()
    };
    let expected = told(&mut expected);
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let files = oci_files(&images, compression);
        let mut found = measured(&tar_of(&files));
        assert_eq!(
            found["total"]["first_push"].is_null(),
            compression == Compression::None
        );
        assert_eq!(told(&mut found), expected, "{compression:?}");
        let whole = compressed(&tar_of(&files), compression);
        assert_eq!(told(&mut measured(&whole)), expected, "{compression:?}");
        let root = Root::empty();
        for (path, bytes) in &files {
            root.write(&format!("layout/{path}"), bytes);
        }
        let mut found = root.run(&["sizes", "layout", "--format", "json"]).json();
        assert_eq!(told(&mut found), expected, "{compression:?} as a folder");
    }
}

#[test]
fn compressed_bytes_are_those_of_the_blobs() {
    let images = images();
    let files = oci_files(&images, Compression::Gzip);
    let sizes = measured(&tar_of(&files));
    let blobs = images
        .iter()
        .flat_map(|image| &image.layers)
        .map(|(_, bytes)| bytes);
    let mut once: Vec<u64> = blobs
        .map(|bytes| compressed(bytes, Compression::Gzip).len() as u64)
        .collect();
    once.remove(2);
    assert_eq!(sizes["total"]["first_push"], once.iter().sum::<u64>());
}
