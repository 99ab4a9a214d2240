//! `dockwright pin`: against a registry on this machine, against programs that fail or lie, and
//! beside other runs.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Root, has};

mod programs;

pub(crate) use programs::{MANIFEST, Programs, TEXT};

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// A registry of the test's own; it ends with the test.
pub(crate) struct Registry {
    folder: TempDir,
    child: Child,
    pub(crate) host: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Registry {
    /// Starts one on a free port of 127.0.0.1; nothing where a program is missing.
    pub(crate) fn start() -> Option<Self> {
        if !has(&["docker-registry", "skopeo"]) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let config = json!({
            "version": "0.1", "log": { "level": "info" }, "http": { "addr": "127.0.0.1:0" },
            "storage": { "filesystem": { "rootdirectory": folder.path().join("data") } }
        });
        fs::write(folder.path().join("config.yml"), config.to_string()).unwrap();
        let mut command = Command::new("docker-registry");
        command
            .args(["serve", "config.yml"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines
            .find(|line| {
                line.as_ref()
                    .is_ok_and(|line| line.contains("listening on"))
            })
            .unwrap()
            .unwrap();
        let host = line
            .split("listening on ")
            .nth(1)
            .unwrap()
            .split(['"', ','])
            .next()
            .unwrap()
            .to_owned();
        // Its log goes on, and it must not wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self {
            folder,
            child,
            host,
        })
    }

    /// Puts an image there: with several platforms as an index, with one as its manifest alone.
    fn put(&self, name: &str, platforms: &[&str]) {
        let layout = self.folder.path().join("layout");
        let _ = fs::remove_dir_all(&layout);
        fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
        let blob = |kind: &str, content: &str| {
            let hex = hexadecimal(content.as_bytes());
            fs::write(layout.join("blobs/sha256").join(&hex), content).unwrap();
            json!({ "mediaType": format!("application/vnd.oci.image.{kind}+json"), "digest": format!("sha256:{hex}"), "size": content.len() })
        };
        let manifests = platforms.iter().map(|architecture| {
            let config = json!({ "os": "linux", "architecture": architecture, "config": { "Labels": { "of": name } }, "rootfs": { "type": "layers", "diff_ids": [] } });
            let config = blob("config.v1", &config.to_string());
            let media = "application/vnd.oci.image.manifest.v1+json";
            let manifest = json!({ "schemaVersion": 2, "mediaType": media, "config": config, "layers": [] });
            let mut entry = blob("manifest.v1", &manifest.to_string());
            entry["platform"] = json!({ "os": "linux", "architecture": architecture });
            entry
        });
        let mut manifests: Vec<serde_json::Value> = manifests.collect();
        if manifests.len() > 1 {
            let media = "application/vnd.oci.image.index.v1+json";
            let index = json!({ "schemaVersion": 2, "mediaType": media, "manifests": manifests });
            // Indented, so that a digest over anything but the very bytes is another one.
            manifests = vec![blob(
                "index.v1",
                &serde_json::to_string_pretty(&index).unwrap(),
            )];
        }
        manifests[0]["annotations"] = json!({ "org.opencontainers.image.ref.name": "it" });
        let index = json!({ "schemaVersion": 2, "manifests": manifests });
        fs::write(layout.join("index.json"), index.to_string()).unwrap();
        fs::write(
            layout.join("oci-layout"),
            "{\"imageLayoutVersion\":\"1.0.0\"}",
        )
        .unwrap();
        let source = format!("oci:{}:it", layout.display());
        let target = format!("docker://{}/{name}", self.host);
        let arguments = [
            "--insecure-policy",
            "copy",
            "--quiet",
            "--all",
            "--dest-tls-verify=false",
            &source,
            &target,
        ];
        let copied = Command::new("skopeo").args(arguments).output().unwrap();
        assert!(
            copied.status.success(),
            "{}",
            String::from_utf8_lossy(&copied.stderr)
        );
    }

    /// The digest that the registry itself names.
    fn digest(&self, repository: &str, tag: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let accept =
            "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
        let request = format!(
            "HEAD /v2/{repository}/manifests/{tag} HTTP/1.1\r\nHost: {}\r\nAccept: \
             {accept}\r\nConnection: close\r\n\r\n",
            self.host
        );
        io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let header = answer
            .lines()
            .find_map(|line| line.strip_prefix("Docker-Content-Digest: "));
        header
            .unwrap_or_else(|| panic!("{answer}"))
            .trim()
            .to_owned()
    }
}

fn declaration(host: &str) -> String {
    format!(
        "# ours
registry: r.example
owner: acme
python: \"3.12\"   # all of it
images:
  python-slim: {{ reference: {host}/lib/python }}   # the mirror
  tools:
    reference: {host}/tools
    tag: v1

bases:
  low: {{ version: v1.0.0 }}
kinds: {{ web: {{ template: multi-stage-slim, port: 8000 }} }}
services:
  svc-a: {{ kind: web }}
  svc-b: {{ kind: web, python: \"3.11\" }}
  svc-c: {{ kind: web, from: tools }}
"
    )
}

fn filled() -> Option<Registry> {
    let registry = Registry::start()?;
    registry.put("lib/python:3.12-slim", &["amd64", "arm64"]);
    registry.put("lib/python:3.11-slim", &["amd64", "arm64", "riscv64"]);
    registry.put("tools:v1", &["amd64"]);
    Some(registry)
}

#[test]
fn the_digest_that_is_written_is_the_one_that_the_registry_names() {
    let Some(registry) = filled() else { return };
    let before = declaration(&registry.host);
    let root = Root::generated(&before);
    let dry = root.run(&["pin", "--tool", "skopeo", "--dry-run"]);
    assert_eq!(
        (dry.status, root.text("services.yaml") == before),
        (0, true),
        "{}",
        dry.told()
    );
    let run = root.run(&["pin", "--tool", "skopeo"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let digest = |repository, tag| registry.digest(repository, tag);
    let (new, old, tools) = (
        digest("lib/python", "3.12-slim"),
        digest("lib/python", "3.11-slim"),
        digest("tools", "v1"),
    );
    let expected = before
        .replace(
            "lib/python }",
            &format!(
                "lib/python, digests: {{ \"3.12-slim\": \"{new}\", \"3.11-slim\": \"{old}\" }} }}"
            ),
        )
        .replace("tag: v1\n", &format!("tag: v1\n    digest: \"{tools}\"\n"));
    assert_eq!(root.text("services.yaml"), expected);
    for words in [
        &format!("no digest → {new}"),
        "index of 3 platforms",
        "one image, no index",
        "svc-b\n",
        "dockwright generate ",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.told());
    }
    assert_eq!(root.run(&["generate"]).status, 0);
    let dockerfile = root.text("generated/svc-b/Dockerfile");
    assert!(
        dockerfile.contains(&format!(
            "FROM {}/lib/python:3.11-slim@{old}\n",
            registry.host
        )),
        "{dockerfile}"
    );
    let again = root.run(&["pin", "--tool", "skopeo"]);
    assert!(
        again.status == 0 && again.stdout.contains("nothing to write"),
        "{}",
        again.told()
    );
    assert_eq!(root.text("services.yaml"), expected);
}

#[test]
fn a_tag_that_moved_is_pinned_anew_and_one_that_is_not_there_changes_nothing() {
    let Some(registry) = filled() else { return };
    let root = Root::generated(&declaration(&registry.host));
    assert_eq!(root.run(&["pin", "--tool", "skopeo"]).status, 0);
    assert_eq!(root.run(&["generate"]).status, 0);
    let (before, old) = (root.text("services.yaml"), registry.digest("tools", "v1"));
    registry.put("tools:v1", &["arm64", "amd64"]);
    let new = registry.digest("tools", "v1");
    let run = root.run(&["pin", "tools", "--tool", "skopeo"]);
    assert!(
        run.status == 0 && run.stdout.contains(&format!("{old} → {new}")),
        "{}",
        run.told()
    );
    assert_eq!(root.text("services.yaml"), before.replace(&old, &new));
    // Another Python: the check says that its tag has no digest, and pin has none to give.
    let bumped = root.run(&["bump", "python", "3.13"]);
    assert!(
        bumped.status == 0 && bumped.stdout.contains("unpinned-tag"),
        "{}",
        bumped.told()
    );
    let before = root.tree();
    let run = root.run(&["pin", "--tool", "skopeo"]);
    assert!(
        run.status == 2 && run.stderr.contains("lib/python:3.13-slim: skopeo failed"),
        "{}",
        run.told()
    );
    assert!(
        root.tree() == before && run.stderr.contains("nothing was written"),
        "{}",
        run.told()
    );
}

#[test]
fn buildx_asks_for_the_same_bytes() {
    let Some(registry) = filled() else { return };
    if !has(&["docker-buildx"]) {
        return;
    }
    let root = Root::generated(&declaration(&registry.host));
    let programs = Programs::new();
    programs.add("docker", "shift; exec docker-buildx \"$@\"");
    let run = programs.run(&root, &["pin", "tools", "python:3.12-slim"]);
    assert_eq!(run.status, 2, "{}", run.told());
    let reference = format!("{}/lib/python:3.12-slim", registry.host);
    let run = programs.run(&root, &["pin", "tools", &reference]);
    assert_eq!(run.status, 0, "{}", run.told());
    let text = root.text("services.yaml");
    assert!(
        text.contains(&registry.digest("tools", "v1"))
            && text.contains(&registry.digest("lib/python", "3.12-slim"))
    );
    assert!(!text.contains("3.11-slim"), "{text}");
}
