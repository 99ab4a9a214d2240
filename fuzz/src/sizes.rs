//! What must hold for image archives: any bytes are images or a reason, and sizes add up.

use dockwright::report::{sizes_json, sizes_text};
use dockwright::sizes::{Archive, Budget, Ledger, measure, read_layer};
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

/// What holds for every ledger.
fn told(ledger: &Ledger) {
    let json = sizes_json(ledger);
    assert_safe(json.as_str(), &[""]);
    assert_safe(
        &super::without_styles(sizes_text(ledger, &[]).as_str()),
        &[""],
    );
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
