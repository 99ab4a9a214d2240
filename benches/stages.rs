//! The stages of the line, each alone, at four sizes of a fleet: `cargo bench`.

mod fleet;

use dockwright::artifact::ArtifactPath;
use dockwright::declare::parse;
use dockwright::drift::DiskEntry;
use dockwright::images::Scope;
use dockwright::project::{Ask, Checked, Files, Loaded, Missing, Unwatched, check, load};
use dockwright::workspace::{Durability, Workspace, Write};

const SIZES: [usize; 4] = [14, 140, 1_400, 14_000];
const FILE: &str = "services.yaml";

fn main() {
    divan::main();
}

fn declared(services: usize) -> Files {
    Files::declaring(fleet::services_yaml(services))
}

fn loaded(files: &Files) -> Loaded {
    load(files, FILE, &Unwatched).unwrap_or_else(|_| unreachable!("the synthetic fleet is valid"))
}

fn checked<'a>(files: &Files, loaded: &'a Loaded) -> Checked<'a> {
    let ask = Ask {
        scope: &Scope::default(),
        today: None,
        waivers: true,
        missing: Missing::Rendered,
    };
    check(files, loaded, &ask).unwrap_or_else(|_| unreachable!("no template is broken"))
}

/// Every generated file, which a check of the declaration alone misses.
fn generated(files: &Files) -> Vec<(ArtifactPath, String)> {
    let loaded = loaded(files);
    let checked = checked(files, &loaded);
    let missing = checked.report().drifts.iter();
    missing
        .filter_map(|drift| Some((drift.path.clone(), drift.expected.clone()?)))
        .collect()
}

#[divan::bench(args = SIZES)]
fn parses(bencher: divan::Bencher<'_, '_>, services: usize) {
    let text = fleet::services_yaml(services);
    bencher.bench(|| {
        parse(FILE, text.as_bytes())
            .map(|parsed| parsed.decl.services.map(|services| services.len()))
    });
}

#[divan::bench(args = SIZES)]
fn loads(bencher: divan::Bencher<'_, '_>, services: usize) {
    let files = declared(services);
    bencher.bench(|| loaded(&files).diagnostics.len());
}

#[divan::bench(args = SIZES)]
fn checks(bencher: divan::Bencher<'_, '_>, services: usize) {
    let mut files = declared(services);
    for (path, content) in generated(&files) {
        files.put(path.as_str(), content);
    }
    let loaded = loaded(&files);
    bencher.bench(|| checked(&files, &loaded).passes());
}

#[divan::bench(args = [14, 140])]
fn writes(bencher: divan::Bencher<'_, '_>, services: usize) {
    let artifacts = generated(&declared(services));
    bencher
        .with_inputs(tempfile::tempdir)
        .bench_local_values(|folder| {
            let folder = folder.ok()?;
            let workspace = Workspace::open(camino::Utf8Path::from_path(folder.path())?).ok()?;
            let writes: Vec<Write<'_>> = artifacts
                .iter()
                .map(|(path, content)| Write {
                    path,
                    bytes: content.as_bytes(),
                    expected: &DiskEntry::Absent,
                })
                .collect();
            Some(workspace.write_all(&writes, Durability::WrittenBack).len())
        });
}
