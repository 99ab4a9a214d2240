//! Symbolic links in place of anything that is read or written: none is followed, and nothing
//! outside of the root is touched or shown.
//!
//! Two tables: links in the output tree under every way of running, and links in place of every
//! input. A new input is one more row of [`INPUTS`].

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use camino::Utf8PathBuf;
use tempfile::TempDir;

use crate::support::{MINIMAL, Node, Root};

/// What stands outside, and in files inside that are no outputs: a text that must never be printed
/// or changed.
const SECRET: &str = "the-secret-that-nobody-may-read";

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    File,
    Folder,
    Nothing,
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Inside,
    Outside,
    Loop,
}

const TARGETS: [Target; 3] = [Target::File, Target::Folder, Target::Nothing];
const WAYS: [Way; 3] = [Way::Inside, Way::Outside, Way::Loop];

/// How dockwright is run over a tree with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Check,
    Generate,
    RemoveOrphan,
    Overwrite,
}

const DEEDS: [Deed; 4] = [
    Deed::Check,
    Deed::Generate,
    Deed::RemoveOrphan,
    Deed::Overwrite,
];

/// A root with an outside beside it, both with a file and a folder that hold the secret.
struct Place {
    root: Root,
    outside: TempDir,
}

impl Place {
    fn new(root: Root) -> Self {
        let place = Self {
            root,
            outside: tempfile::tempdir().unwrap(),
        };
        for folder in [place.outside(), place.root.path().join("inside")] {
            fs::create_dir_all(folder.join("folder/service")).unwrap();
            for file in [
                "file",
                "folder/Dockerfile",
                "folder/requirements.txt",
                "folder/service/mine.Dockerfile.j2",
            ] {
                fs::write(folder.join(file), format!("FROM {SECRET}\n")).unwrap();
            }
        }
        place
    }

    fn outside(&self) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.outside.path().to_owned()).unwrap()
    }

    /// Puts a link at a path below the root, in place of whatever is there.
    fn link(&self, path: &str, target: Target, way: Way) {
        let at = self.root.path().join(path);
        let _ = fs::remove_file(&at).or_else(|_| fs::remove_dir_all(&at));
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        let name = match target {
            Target::File => "file",
            Target::Folder => "folder",
            Target::Nothing => "missing/too",
        };
        let leads_to = match (way, target) {
            (Way::Inside, _) => self.root.path().join("inside").join(name).to_string(),
            (Way::Outside, _) => self.outside().join(name).to_string(),
            (Way::Loop, Target::File) => at.file_name().unwrap().to_owned(),
            (Way::Loop, Target::Folder) => "..".to_owned(),
            (Way::Loop, Target::Nothing) => {
                let other = self.root.path().join("inside/other-link");
                symlink(&at, &other).unwrap();
                other.to_string()
            }
        };
        symlink(leads_to, at).unwrap();
    }

    /// Runs dockwright; the secret stays where it is and is not told, the outside stays as it is.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let before = contents(&self.outside());
        let run = self.root.run(arguments);
        assert!(
            !run.told().contains(SECRET),
            "{arguments:?} tells the secret: {}",
            run.told()
        );
        assert_eq!(
            contents(&self.outside()),
            before,
            "{arguments:?} changes the outside: {}",
            run.told()
        );
        assert_eq!(before.len(), 4);
        (run.status, run.told())
    }

    /// The tree without what `leave_out` names.
    fn tree(&self, leave_out: &str) -> BTreeMap<String, Node> {
        let mut tree = self.root.tree();
        tree.retain(|path, _| !path.starts_with(leave_out));
        tree
    }
}

fn contents(folder: &Utf8PathBuf) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.clone()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.to_string(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

const TWO: &str = "  svc-b: { kind: web, port: 8001 }\n";
const FILE: &str = "generated/svc-b/Dockerfile";
const FOLDER: &str = "generated/svc-b";

/// One cell: a link at a place, and a deed.
fn cell(at: &str, target: Target, way: Way, deed: Deed) {
    let what = format!("{at} → {target:?} {way:?}, {deed:?}");
    let place = Place::new(Root::generated(&format!("{MINIMAL}{TWO}")));
    let fresh = place.root.bytes(FILE);
    place.link(at, target, way);
    let link = place.root.tree()[at].clone();
    let inside = place.tree("generated");
    match deed {
        Deed::Check => {
            let before = place.root.tree();
            for format in ["text", "json", "github", "patch"] {
                let (status, told) = place.run(&["check", "--format", format]);
                assert_eq!(status, 1, "{what}: {told}");
            }
            assert_eq!(place.root.tree(), before, "{what}: check wrote");
        }
        Deed::Generate => {
            let before = place.root.tree();
            let (status, told) = place.run(&["generate"]);
            assert_eq!(status, 1, "{what}: {told}");
            assert_eq!(
                place.root.tree(),
                before,
                "{what}: there was nothing to write but the link's place"
            );
        }
        Deed::RemoveOrphan => {
            place.root.write("services.yaml", MINIMAL);
            let (status, told) = place.run(&["generate"]);
            assert_eq!(status, 1, "{what}: {told}");
            assert_eq!(
                place.root.tree().get(at),
                Some(&link),
                "{what}: the link is a person's"
            );
            let is_left = place.root.exists("generated/svc-b/requirements.txt") && at == FILE;
            assert!(!is_left, "{what}: the other orphans go");
        }
        Deed::Overwrite => overwrite(&place, at, (&link, &fresh), &what),
    }
    if deed != Deed::RemoveOrphan {
        assert_eq!(
            place.tree("generated"),
            inside,
            "{what}: what a link inside leads to is no output"
        );
    }
}

/// A link in the place of the file is replaced; one in the place of its folder stays.
fn overwrite(place: &Place, at: &str, (link, fresh): (&Node, &Vec<u8>), what: &str) {
    let (status, told) = place.run(&["generate", "--overwrite", FILE]);
    if at == FILE {
        assert_eq!(
            (status, place.root.bytes(FILE) == *fresh),
            (0, true),
            "{what}: {told}"
        );
        assert!(
            place
                .root
                .path()
                .join(FILE)
                .symlink_metadata()
                .unwrap()
                .is_file(),
            "{what}"
        );
    } else {
        assert_eq!(
            (status, place.root.tree().get(at)),
            (1, Some(link)),
            "{what}: {told}"
        );
    }
}

/// 36 cells at the place of a file, and 36 at that of a folder.
#[test]
fn links_in_the_output_tree_lead_nowhere_in_36_cells_at_two_places() {
    let mut cells = 0;
    for at in [FILE, FOLDER] {
        for target in TARGETS {
            for way in WAYS {
                for deed in DEEDS {
                    cell(at, target, way, deed);
                    cells += 1;
                }
            }
        }
    }
    assert_eq!(cells, 72);
}

/// The places of inputs, and a declaration that has them.
const INPUTS: [(&str, &str); 7] = [
    ("services.yaml", ""),
    ("own", "templates: own\n"),
    ("own/service", "templates: own\n"),
    ("own/service/mine.Dockerfile.j2", "templates: own\n"),
    ("own/partials/more.j2", "templates: own\n"),
    ("services.d/more.yaml", "include: [services.d/*.yaml]\n"),
    ("services.d", "include: [services.d/*.yaml]\n"),
];

#[test]
fn links_in_place_of_inputs_are_refused_and_tell_nothing() {
    for (at, declares) in INPUTS {
        for target in TARGETS {
            for way in WAYS {
                let template = if declares.starts_with("templates") {
                    "mine"
                } else {
                    "multi-stage-slim"
                };
                let declaration = format!(
                    "{declares}{}",
                    MINIMAL.replace("multi-stage-slim", template)
                );
                let root = Root::new(&declaration);
                root.write(
                    "own/service/mine.Dockerfile.j2",
                    "FROM {{ from }}\nUSER 1\n",
                );
                root.write(
                    "services.d/more.yaml",
                    "services: { svc-b: { kind: web, port: 8001 } }\n",
                );
                let place = Place::new(root);
                place.link(at, target, way);
                let before = place.root.tree();
                for arguments in [
                    &["check"][..],
                    &["check", "--format", "json"],
                    &["generate"],
                    &["list"],
                ] {
                    let (status, told) = place.run(arguments);
                    assert_eq!(
                        status,
                        if told.contains("unknown-template") {
                            1
                        } else {
                            2
                        },
                        "{at} {target:?} {way:?}: {told}"
                    );
                }
                assert_eq!(place.root.tree(), before, "{at} {target:?} {way:?}");
            }
        }
    }
}
