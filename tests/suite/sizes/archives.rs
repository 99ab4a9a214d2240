//! Image archives, made in memory.

use std::io::Write as _;

use dockwright::sizes::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

/// What stands at a path of a layer.
pub(super) enum Is<'a> {
    File(&'a [u8]),
    Folder,
    Symlink(&'a str),
    HardLink(&'a str),
}

/// A layer as a tar archive.
pub(super) fn layer(entries: &[(&str, Is<'_>)]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, is) in entries {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        match is {
            Is::File(bytes) => {
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, path, *bytes).unwrap();
            }
            Is::Folder => {
                header.set_entry_type(EntryType::Directory);
                builder.append_data(&mut header, path, &[][..]).unwrap();
            }
            Is::Symlink(target) => {
                header.set_entry_type(EntryType::Symlink);
                builder.append_link(&mut header, path, target).unwrap();
            }
            Is::HardLink(target) => {
                header.set_entry_type(EntryType::Link);
                builder.append_link(&mut header, path, target).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

/// An image: its name, and its layers with the steps that made them.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) layers: Vec<(String, Vec<u8>)>,
}

impl Made {
    pub(super) fn new(name: &str, layers: &[(&str, &[u8])]) -> Self {
        Self {
            name: name.to_owned(),
            layers: layers
                .iter()
                .map(|(step, bytes)| ((*step).to_owned(), bytes.to_vec()))
                .collect(),
        }
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    base16ct::lower::encode_string(&digest)
}

pub(super) fn compressed(bytes: &[u8], compression: Compression) -> Vec<u8> {
    match compression {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(bytes, level)
        }
    }
}

fn config(image: &Made) -> Vec<u8> {
    let diff_ids = image
        .layers
        .iter()
        .map(|(_, bytes)| format!("sha256:{}", sha256(bytes)));
    let history = image
        .layers
        .iter()
        .map(|(step, _)| json!({ "created_by": step }));
    let empty = json!({ "created_by": "CMD [\"x\"]", "empty_layer": true });
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": { "type": "layers", "diff_ids": diff_ids.collect::<Vec<_>>() },
        "history": history.chain([empty]).collect::<Vec<_>>(),
    });
    serde_json::to_vec(&config).unwrap()
}

/// The files of what older `docker save` writes, layers first.
pub(super) fn docker_files(images: &[Made]) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut saved = Vec::new();
    for image in images {
        let mut named = Vec::new();
        for (_, bytes) in &image.layers {
            let path = format!("{}/layer.tar", sha256(bytes));
            if !files.iter().any(|(known, _)| *known == path) {
                files.push((path.clone(), bytes.clone()));
            }
            named.push(path);
        }
        let config = config(image);
        let path = format!("{}.json", sha256(&config));
        files.push((path.clone(), config));
        saved.push(json!({ "Config": path, "RepoTags": [image.name], "Layers": named }));
    }
    files.push((
        "manifest.json".to_owned(),
        serde_json::to_vec(&saved).unwrap(),
    ));
    files
}

/// The files of an OCI layout.
pub(super) fn oci_files(images: &[Made], compression: Compression) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![(
        "oci-layout".to_owned(),
        b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
    )];
    let mut put = |kind: &str, bytes: Vec<u8>| {
        let kind = format!("application/vnd.oci.image.{kind}");
        let digest = sha256(&bytes);
        let size = bytes.len();
        files.push((format!("blobs/sha256/{digest}"), bytes));
        json!({ "mediaType": kind, "digest": format!("sha256:{digest}"), "size": size })
    };
    let mut manifests = Vec::new();
    let kind = match compression {
        Compression::None => "layer.v1.tar",
        Compression::Gzip => "layer.v1.tar+gzip",
        Compression::Zstd => "layer.v1.tar+zstd",
    };
    for image in images {
        let layers: Vec<_> = image
            .layers
            .iter()
            .map(|(_, bytes)| put(kind, compressed(bytes, compression)))
            .collect();
        let config = put("config.v1+json", config(image));
        let manifest = json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": layers });
        let mut descriptor = put("manifest.v1+json", serde_json::to_vec(&manifest).unwrap());
        descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": image.name });
        manifests.push(descriptor);
    }
    let index = json!({ "schemaVersion": 2, "manifests": manifests });
    files.push(("index.json".to_owned(), serde_json::to_vec(&index).unwrap()));
    files
}

/// Files as one tar archive.
pub(super) fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<_> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), Is::File(bytes)))
        .collect();
    layer(&entries)
}
