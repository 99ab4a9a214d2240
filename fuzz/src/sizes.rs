//! What must hold for image archives, for what registries answer and for what earlier runs wrote:
//! any bytes are images or a reason, and sizes add up.

use dockwright::report::{
    comparison_json, comparison_markdown, comparison_text, sizes_json, sizes_text,
};
use dockwright::sizes::{
    Archive, Budget, Ledger, Remote, compare, measure, measure_remote, read_layer, remote,
    remote_image,
};
use serde_json::{Value, json};

use super::assert_safe;

/// Longer inputs find nothing that shorter ones do not.
const INPUT_BYTES: usize = 64 * 1024;

/// Any bytes as an archive, and as the one layer of an archive that is otherwise whole.
pub fn holds(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES)];
    judge(bytes);
    let (start, mut rest) = bytes.split_at(bytes.len().min(512));
    let Ok(layer) = read_layer(start, &mut rest, &mut Budget::default()) else {
        return;
    };
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": { "diff_ids": [format!("sha256:{}", layer.diff_id.hexadecimal())] },
    });
    let manifest = json!([{ "Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"] }]);
    let mut archive = Archive::default();
    let mut budget = Budget::default();
    let parts = [
        ("c.json", config.to_string().into_bytes()),
        ("l.tar", bytes.to_vec()),
        ("manifest.json", manifest.to_string().into_bytes()),
    ];
    for (path, content) in parts {
        let read = archive.read_file(path, content.len() as u64, &mut &content[..], &mut budget);
        if read.is_err() {
            return;
        }
    }
    // What begins like JSON or like nothing is no layer to an archive.
    let Ok(images) = archive.images() else {
        return;
    };
    told(&measure(&images));
}

fn judge(bytes: &[u8]) {
    let archive = Archive::read_tar("a", &mut &bytes[..], &mut Budget::default());
    let Ok(images) = archive.map(|archive| archive.images()) else {
        return;
    };
    if let Ok(images) = images {
        told(&measure(&images));
    }
}

/// Any bytes as a manifest and, behind a zero, the configuration that it names.
pub fn answered(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES)];
    let end = bytes.iter().position(|byte| *byte == 0);
    let (manifest, config) = bytes.split_at(end.unwrap_or(bytes.len()));
    let config = config.get(1..).unwrap_or_default();
    // A list names manifests; what they are is asked for one by one.
    let is_image = matches!(remote(manifest), Ok(Remote::Image(_)));
    let Ok(image) = remote_image("r.example/a:1", manifest, config) else {
        return;
    };
    assert!(
        is_image || remote(manifest).is_ok(),
        "an image without a manifest"
    );
    let ledger = measure_remote(&[image]);
    told(&ledger);
    written(&ledger);
}

/// Any bytes as a sizes.json.
pub fn ledger(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES)];
    let Ok(ledger) = Ledger::parse(bytes) else {
        return;
    };
    written(&ledger);
    let nothing = measure(&[]);
    for (old, new) in [(&nothing, &ledger), (&ledger, &nothing), (&ledger, &ledger)] {
        let change = compare(old, new);
        assert_plain(comparison_json(&change).as_str());
        assert_plain(comparison_text(&change).as_str());
        assert_plain(comparison_markdown(&change).as_str());
    }
}

/// What a ledger is written as is read as the same ledger.
fn written(ledger: &Ledger) {
    let json = sizes_json(ledger);
    assert_plain(json.as_str());
    assert_plain(sizes_text(ledger, &[]).as_str());
    let again = Ledger::parse(json.as_str().as_bytes()).expect("what was written is read");
    assert_eq!(&again, ledger);
}

fn assert_plain(page: &str) {
    assert_safe(&super::without_styles(page), &[""]);
}

/// What holds for every ledger.
fn told(ledger: &Ledger) {
    let json = sizes_json(ledger);
    assert_plain(json.as_str());
    assert_plain(sizes_text(ledger, &[]).as_str());
    let sizes: Value = serde_json::from_str(json.as_str()).unwrap();
    let list = |value: &Value, key: &str| value[key].as_array().unwrap().clone();
    let bytes = |value: &Value, key: &str| value[key].as_u64().unwrap();
    let sum = |values: Vec<Value>| {
        values
            .iter()
            .map(|value| bytes(value, "bytes"))
            .sum::<u64>()
    };
    for image in list(&sizes, "images") {
        let whole = bytes(&image, "bytes");
        assert_eq!(whole, bytes(&image, "unique") + bytes(&image, "shared"));
        assert_eq!(whole, sum(list(&image, "layers")));
        assert!(sum(list(&image, "waste")) <= whole, "{image}");
        let mut packages = list(&image, "python");
        packages.extend(list(&image, "debian"));
        assert!(
            packages
                .iter()
                .all(|package| bytes(package, "bytes") <= whole)
        );
    }
    let total = &sizes["total"];
    assert!(bytes(total, "stored_once") <= bytes(total, "bytes"));
}
