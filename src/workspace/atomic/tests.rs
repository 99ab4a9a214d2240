//! Writes and removals on a real folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use camino::Utf8Path;

use super::{Durability, Write};
use crate::drift::disk_state::DiskEntry;
use crate::workspace::fixture::{Fixture, artifact, file};
use crate::workspace::{Error, Workspace};

const STOP: &str = "generated";

fn mode(fixture: &Fixture, path: &str) -> u32 {
    let metadata = fs::symlink_metadata(fixture.root().join(path)).unwrap();
    metadata.permissions().mode() & 0o7777
}

fn found(workspace: &Workspace, path: &str) -> DiskEntry {
    let mut entries = workspace.read_declared(&[artifact(path)]).unwrap();
    entries.pop().unwrap().1
}

fn write(workspace: &Workspace, path: &str, expected: &DiskEntry) -> Result<(), Error> {
    workspace.write(&artifact(path), b"new", expected)
}

fn remove(workspace: &Workspace, path: &str, expected: &DiskEntry) -> Result<(), Error> {
    workspace.remove(
        &artifact(path),
        expected,
        Utf8Path::new(STOP),
        Durability::Synced,
    )
}

#[test]
fn a_new_file_comes_with_its_folders_and_no_leftovers() {
    let fixture = Fixture::new();
    for (number, workspace) in fixture.workspaces().into_iter().enumerate() {
        let path = format!("generated/{number}/a/Dockerfile");
        write(&workspace, &path, &DiskEntry::Absent).unwrap();
        assert_eq!(fixture.content(&path), "new");
        assert_eq!(mode(&fixture, &path) & 0o133, 0);
        let folder = fixture.root().join(format!("generated/{number}/a"));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }
}

#[test]
fn a_replaced_file_keeps_its_mode_but_is_not_executable() {
    let fixture = Fixture::new();
    let workspace = fixture.workspace();
    for (before, after) in [
        (0o600, 0o600),
        (0o664, 0o664),
        (0o755, 0o644),
        (0o4711, 0o600),
    ] {
        fixture.put("Dockerfile", "old");
        let path = fixture.root().join("Dockerfile");
        fs::set_permissions(path, PermissionsExt::from_mode(before)).unwrap();
        let expected = found(&workspace, "Dockerfile");
        write(&workspace, "Dockerfile", &expected).unwrap();
        assert_eq!(mode(&fixture, "Dockerfile"), after, "from {before:o}");
    }
}

#[test]
fn an_executable_bit_alone_can_be_dropped() {
    let fixture = Fixture::new();
    fixture.put("Dockerfile", "new");
    let path = fixture.root().join("Dockerfile");
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    let expected = DiskEntry::File {
        bytes: b"new".to_vec(),
        executable: true,
    };
    write(&fixture.workspace(), "Dockerfile", &expected).unwrap();
    assert_eq!(mode(&fixture, "Dockerfile"), 0o644);
}

#[test]
fn a_change_in_the_meantime_is_never_lost() {
    let fixture = Fixture::new();
    fixture.put("generated/edited", "by hand");
    fixture.put("generated/folder/x", "x");
    let workspace = fixture.workspace();
    for (path, expected) in [
        ("generated/edited", file("old")),
        ("generated/edited", DiskEntry::Absent),
        ("generated/edited", DiskEntry::TooLarge { len: 7 }),
        ("generated/missing", file("old")),
        ("generated/folder", DiskEntry::Absent),
    ] {
        let written = write(&workspace, path, &expected);
        assert!(
            matches!(written, Err(Error::ChangedMeanwhile { .. })),
            "{path}: {written:?}"
        );
    }
    let removed = remove(&workspace, "generated/edited", &file("old"));
    assert!(
        matches!(removed, Err(Error::ChangedMeanwhile { .. })),
        "{removed:?}"
    );
    assert_eq!(fixture.content("generated/edited"), "by hand");
    assert_eq!(fs::read_dir(fixture.root().join(STOP)).unwrap().count(), 2);
}

#[test]
fn what_a_concurrent_run_has_done_already_is_a_success() {
    let fixture = Fixture::new();
    fixture.put("generated/a", "new");
    let workspace = fixture.workspace();
    write(&workspace, "generated/a", &file("old")).unwrap();
    write(&workspace, "generated/a", &DiskEntry::Absent).unwrap();
    remove(&workspace, "generated/b", &file("old")).unwrap();
    remove(&workspace, "generated/c/d", &file("old")).unwrap();
    assert_eq!(fixture.content("generated/a"), "new");
}

#[test]
fn a_batch_gives_each_write_its_own_result() {
    let fixture = Fixture::new();
    fixture.put("g/1/Dockerfile", "by hand");
    let paths: Vec<_> = (0..70)
        .map(|n| artifact(&format!("g/{n}/Dockerfile")))
        .collect();
    let writes: Vec<_> = paths
        .iter()
        .map(|path| Write {
            path,
            bytes: b"new",
            expected: &DiskEntry::Absent,
        })
        .collect();
    let results = fixture
        .workspace()
        .write_all(&writes, Durability::WrittenBack);
    let failed: Vec<_> = (0..70).filter(|&n| results[n].is_err()).collect();
    assert_eq!(failed, [1]);
    assert_eq!(fixture.content("g/1/Dockerfile"), "by hand");
    assert_eq!(fixture.content("g/69/Dockerfile"), "new");
}

#[test]
fn a_removal_prunes_empty_folders_below_the_stop() {
    let fixture = Fixture::new();
    for workspace in fixture.workspaces() {
        fixture.put("generated/a/b/c/Dockerfile", "old");
        fixture.put("generated/a/x", "x");
        remove(&workspace, "generated/a/b/c/Dockerfile", &file("old")).unwrap();
        assert!(!fixture.root().join("generated/a/b").exists());
        remove(&workspace, "generated/a/x", &file("x")).unwrap();
        assert!(!fixture.root().join("generated/a").exists());
        assert!(fixture.root().join("generated").exists());
    }
}

#[test]
fn a_folder_outside_the_stop_is_not_pruned() {
    let fixture = Fixture::new();
    fixture.put("apps/a/Dockerfile", "old");
    remove(&fixture.workspace(), "apps/a/Dockerfile", &file("old")).unwrap();
    assert!(fixture.root().join("apps/a").exists());
}

#[test]
fn what_is_no_file_is_never_touched() {
    let fixture = Fixture::new();
    fixture.put("a/x", "old");
    let workspace = fixture.workspace();
    let refused = write(&workspace, "a", &found(&workspace, "a"));
    assert!(
        matches!(refused, Err(Error::NotRegular { .. })),
        "{refused:?}"
    );
    assert_eq!(fixture.content("a/x"), "old");
}

/// Every target of a link, each as the file itself and as a folder on the way: reported when
/// found, refused when not expected, replaced or removed itself when expected as the file,
/// never gone through.
#[test]
fn no_write_or_removal_goes_through_a_link() {
    let targets = [
        "../inside",
        "../inside/Dockerfile",
        "../../outside/folder",
        "../../outside/secret",
        "../../outside/new",
        "missing",
        "link",
        "/etc/hostname",
        ".",
    ];
    for target in targets {
        let fixture = Fixture::new();
        fixture.put("inside/Dockerfile", "kept");
        for workspace in fixture.workspaces() {
            fixture.link("generated/link", target);
            let link = found(&workspace, "generated/link");
            assert_eq!(
                link,
                DiskEntry::Symlink {
                    target: target.to_owned()
                }
            );
            for path in ["generated/link/Dockerfile", "generated/link/new/Dockerfile"] {
                for expected in [DiskEntry::Absent, file("kept"), found(&workspace, path)] {
                    let written = write(&workspace, path, &expected);
                    assert!(matches!(written, Err(Error::Symlink { .. })), "{written:?}");
                    let removed = remove(&workspace, path, &expected);
                    assert!(matches!(removed, Err(Error::Symlink { .. })), "{removed:?}");
                }
            }
            let written = write(&workspace, "generated/link", &DiskEntry::Absent);
            assert!(
                matches!(written, Err(Error::ChangedMeanwhile { .. })),
                "{written:?}"
            );
            write(&workspace, "generated/link", &link).unwrap();
            assert_eq!(found(&workspace, "generated/link"), file("new"));
            fs::remove_file(fixture.root().join("generated/link")).unwrap();
            fixture.link("generated/link", target);
            remove(&workspace, "generated/link", &link).unwrap();
            assert_eq!(found(&workspace, "generated/link"), DiskEntry::Absent);
            assert_eq!(fixture.content("inside/Dockerfile"), "kept");
            fixture.assert_outside_untouched();
        }
    }
}
