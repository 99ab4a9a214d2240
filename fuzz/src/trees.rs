//! A small tree of files as a pull request could leave it, in a scratch folder of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::choices::Choices;
use super::{declared, names};

/// What stands in files that are none of ours, and must never be printed. No grammar of ours takes
/// it.
pub const SECRET: &str = "s3cret-canary!";

/// What stands at a path, with everything that a run could change about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    mode: u32,
    modified: (i64, i64),
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    File(Vec<u8>),
    Link(PathBuf),
    Other,
}

/// Everything below a folder, by path.
pub type Snapshot = BTreeMap<PathBuf, Node>;

/// A scratch folder with the fleet's folder and what is around it.
#[derive(Debug)]
pub struct Tree {
    scratch: TempDir,
}

impl Tree {
    /// The fleet as its people left it: generated files are not there yet.
    #[must_use]
    pub fn plain(fleet: &str) -> Self {
        let tree = Self {
            scratch: tempfile::tempdir().unwrap(),
        };
        for folder in ["outside", "tmp"] {
            fs::create_dir(tree.scratch.path().join(folder)).unwrap();
        }
        let secret = format!("TOKEN={SECRET}\n");
        let structured = format!("{{\"token\": \"{SECRET}\"}}\n");
        let own = "FROM {{ from }}\nUSER {{ user }}\n";
        for (path, content) in [
            ("services.yaml", fleet),
            (
                "parts/more.yaml",
                "services:\n  svc-part: { kind: web, port: 8009 }\n",
            ),
            ("own/service/mine.Dockerfile.j2", own),
            ("locks/svc-locked.txt", declared::LOCK),
            ("apps/main.py", "print()\n"),
            (".env", &secret),
            ("secrets/token.txt", &secret),
            ("creds.json", &structured),
            ("creds.yaml", &structured),
            ("../outside/secret.txt", &secret),
            ("../outside/secret.yaml", &structured),
        ] {
            let path = tree.root().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        tree
    }

    /// The folder of services.yaml.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.scratch.path().join("fleet")
    }

    /// Where temporary files would go.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.scratch.path().join("tmp")
    }

    /// Everything in the scratch folder: the fleet, and what is around it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut nodes = Snapshot::new();
        walk(self.scratch.path(), &mut nodes);
        nodes
    }

    /// What is around the fleet's folder.
    #[must_use]
    pub fn outside(&self) -> Snapshot {
        let mut nodes = self.snapshot();
        nodes.retain(|path, _| !path.starts_with(self.root()));
        nodes
    }

    /// The paths below the fleet's folder.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        let mut nodes = Snapshot::new();
        walk(&self.root(), &mut nodes);
        nodes
            .into_keys()
            .filter(|path| *path != self.root())
            .collect()
    }

    /// Puts another text into services.yaml, and changes a few paths.
    pub fn damage(&self, choices: &mut Choices<'_>, fleet: &str) {
        fs::write(
            self.root().join("services.yaml"),
            declared::changed(choices, fleet),
        )
        .unwrap();
        for _ in 0..choices.below(9) {
            let paths = self.paths();
            let Some(path) = paths.get(choices.below(paths.len().max(1))) else {
                return;
            };
            // What cannot be done to a path, such as cutting a folder short, is left out.
            let _ = damage(choices, path);
        }
    }
}

fn walk(path: &Path, nodes: &mut Snapshot) {
    let metadata = path.symlink_metadata().unwrap();
    let content = if metadata.is_symlink() {
        Content::Link(fs::read_link(path).unwrap())
    } else if metadata.is_file() {
        Content::File(fs::read(path).unwrap())
    } else {
        Content::Other
    };
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    nodes.insert(
        path.to_owned(),
        Node {
            mode: metadata.mode(),
            modified,
            content,
        },
    );
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), nodes);
        }
    }
}

fn damage(choices: &mut Choices<'_>, path: &Path) -> std::io::Result<()> {
    let beside = path.with_file_name(OsStr::from_bytes(&names::file(choices)));
    match choices.below(12) {
        0 => fs::write(path, names::content(choices)),
        1 => rewrite(path, |bytes| {
            let at = choices.below(bytes.len().max(1));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << choices.below(8);
            }
        }),
        2 => rewrite(path, |bytes| bytes.extend(names::content(choices))),
        3 => rewrite(path, |bytes| bytes.truncate(choices.below(bytes.len() + 1))),
        4 => remove(path),
        5 => remove(path).and_then(|()| symlink(link_target(choices), path)),
        6 => {
            remove(path)?;
            fs::create_dir(path)?;
            fs::write(
                path.join(OsStr::from_bytes(&names::file(choices))),
                names::content(choices),
            )
        }
        7 => fs::write(beside, names::content(choices)),
        8 => fs::rename(path, beside),
        9 => {
            // A folder stays readable, so that the tree can be looked at and removed.
            let modes = if path.is_dir() {
                [0o755, 0o1777]
            } else {
                [0o000, 0o4755]
            };
            fs::set_permissions(path, fs::Permissions::from_mode(modes[choices.below(2)]))
        }
        10 => UnixListener::bind(beside).map(drop),
        _ => {
            let name = names::file(choices);
            let deep = (0..choices.below(24)).fold(beside, |folder, _| folder.join("deep"));
            fs::create_dir_all(&deep)?;
            fs::write(deep.join(OsStr::from_bytes(&name)), names::content(choices))
        }
    }
}

/// Where a link leads: to secrets, out of the fleet, to itself, to a file without end, or nowhere.
fn link_target(choices: &mut Choices<'_>) -> PathBuf {
    const TARGETS: [&str; 10] = [
        "services.yaml",
        ".env",
        "../secrets",
        "../outside/secret.yaml",
        "../../outside/secret.txt",
        "..",
        ".",
        "/dev/zero",
        "/proc/self/environ",
        "parts.yaml",
    ];
    if choices.one_in(3) {
        let mut name = names::text(choices);
        name.push(b'x');
        return OsStr::from_bytes(&name).into();
    }
    choices.choose(&TARGETS).into()
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> std::io::Result<()> {
    if !path.symlink_metadata()?.is_file() {
        return Ok(());
    }
    let mut bytes = fs::read(path)?;
    change(&mut bytes);
    fs::write(path, bytes)
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.symlink_metadata()?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}
