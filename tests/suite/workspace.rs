//! The workspace under many hands: concurrent writers, readers, reapers and removers over one root.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use camino::{Utf8Path, Utf8PathBuf};
use dockwright::artifact::ArtifactPath;
use dockwright::drift::disk_state::DiskEntry;
use dockwright::workspace::{Durability, Error, Workspace, Write};
use tempfile::TempDir;

use crate::support::tell;

const FILES: usize = 28;
const WRITERS: usize = 6;
const BYTES: usize = 20_000;

fn new_root() -> (TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
    (folder, root)
}

fn paths() -> Vec<ArtifactPath> {
    (0..FILES)
        .map(|number| format!("generated/svc-{}/file-{}", number / 2, number % 2))
        .map(|path| ArtifactPath::parse(&path).unwrap())
        .collect()
}

/// A content that shows every mixture of two versions: one letter, at one length.
fn version(round: usize) -> Vec<u8> {
    let letter = b'a' + u8::try_from(round % 26).unwrap();
    vec![letter; BYTES]
}

/// `DOCKWRIGHT_ROUNDS`, 6 unless told.
fn rounds() -> usize {
    std::env::var("DOCKWRIGHT_ROUNDS").map_or(6, |text| text.parse().unwrap())
}

fn is_whole(content: &[u8]) -> bool {
    content.len() == BYTES && content.iter().all(|byte| Some(byte) == content.first())
}

/// What `generate` does once it has rendered: look, then write what differs.
fn generate(root: &Utf8Path, paths: &[ArtifactPath], wanted: &[u8]) -> Vec<Result<(), Error>> {
    let workspace = Workspace::open(root).unwrap();
    let found = workspace.read_declared(paths).unwrap();
    let writes: Vec<_> = found
        .iter()
        .map(|(path, expected)| Write {
            path,
            bytes: wanted,
            expected,
        })
        .collect();
    workspace.write_all(&writes, Durability::WrittenBack)
}

fn scan(root: &Utf8Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else {
                names.push(path.strip_prefix(root).unwrap().to_string());
            }
        }
    }
    names.sort();
    names
}

fn assert_only_the_declared_files(root: &Utf8Path) {
    let declared: Vec<_> = paths()
        .iter()
        .map(|path| path.as_str().to_owned())
        .collect();
    let mut declared = declared;
    declared.sort();
    assert_eq!(scan(root), declared);
}

#[test]
fn concurrent_equal_runs_all_succeed_and_tear_nothing() {
    let (_folder, root) = new_root();
    let paths = paths();
    let reads = AtomicUsize::new(0);
    for round in 0..rounds() {
        let wanted = version(round);
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    for path in &paths {
                        let content = fs::read(root.join(path.as_path()));
                        assert!(content.is_ok() || round == 0, "{path:?} is missing");
                        assert!(
                            content.is_err() || is_whole(&content.unwrap()),
                            "{path:?} is torn"
                        );
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
            let runs: Vec<_> = (0..WRITERS)
                .map(|_| scope.spawn(|| generate(&root, &paths, &wanted)))
                .collect();
            let results: Vec<_> = runs.into_iter().map(ScopedJoinHandle::join).collect();
            over.store(true, Ordering::Relaxed);
            for result in results.into_iter().flat_map(Result::unwrap) {
                assert!(result.is_ok(), "{result:?}");
            }
        });
        assert!(
            paths
                .iter()
                .all(|path| fs::read(root.join(path.as_path())).unwrap() == wanted)
        );
        assert_only_the_declared_files(&root);
    }
    let reads = reads.into_inner();
    tell(&format!(
        "{} rounds of {WRITERS} writers over {FILES} files, read {reads} times meanwhile",
        rounds()
    ));
    assert!(reads > 0);
}

#[test]
fn of_rival_runs_one_wins_each_file_whole() {
    let (_folder, root) = new_root();
    let paths = paths();
    for round in 0..5 {
        thread::scope(|scope| {
            for rival in 0..WRITERS {
                let (root, paths) = (&root, &paths);
                scope.spawn(move || {
                    for result in generate(root, paths, &version(round * WRITERS + rival)) {
                        let lost = matches!(&result, Err(Error::ChangedMeanwhile { .. }));
                        assert!(lost || result.is_ok(), "{result:?}");
                    }
                });
            }
        });
        assert!(
            paths
                .iter()
                .all(|path| is_whole(&fs::read(root.join(path.as_path())).unwrap()))
        );
        assert_only_the_declared_files(&root);
    }
}

#[test]
fn reapers_never_take_a_living_writer_s_file() {
    let (_folder, root) = new_root();
    let paths = paths();
    let workspace = Workspace::open(&root).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (0..8)
                .flat_map(|round| generate(&root, &paths, &version(round)))
                .collect::<Result<Vec<()>, Error>>()
        });
        let mut reaped = 0;
        while !writer.is_finished() {
            let gone = workspace.reap_stale_temps(Utf8Path::new("generated"), 9);
            reaped += gone.unwrap().len();
        }
        assert_eq!(writer.join().unwrap().unwrap().len(), 8 * FILES);
        // One that is created but not locked yet may be taken; its writer then uses another name.
        // How often depends on the load.
        assert!(reaped < 8 * FILES, "{reaped}");
    });
    assert_only_the_declared_files(&root);
}

#[test]
fn removals_that_prune_folders_do_not_fail_writes_into_them() {
    let (_folder, root) = new_root();
    let wanted = version(0);
    let expected = DiskEntry::File {
        bytes: wanted.clone(),
        executable: false,
    };
    thread::scope(|scope| {
        for file in ["one", "two", "three"] {
            let (root, wanted, expected) = (&root, &wanted, &expected);
            scope.spawn(move || {
                let workspace = Workspace::open(root).unwrap();
                let path = ArtifactPath::parse(&format!("generated/a/b/{file}")).unwrap();
                for _ in 0..40 {
                    workspace.write(&path, wanted, &DiskEntry::Absent).unwrap();
                    let stop = Utf8Path::new("");
                    workspace
                        .remove(&path, expected, stop, Durability::WrittenBack)
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
}
