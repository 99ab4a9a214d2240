//! The stages of the line, each alone, at four sizes of a fleet: `cargo bench`.

mod fleet;

use dockwright::artifact::ArtifactSet;
use dockwright::declare::{FleetDecl, parse};
use dockwright::drift::{DiskEntry, DiskState, Territory, compare};
use dockwright::fleet::{Fleet, resolve};
use dockwright::render::{Templates, render};
use dockwright::workspace::{Durability, Workspace, Write};

const SIZES: [usize; 4] = [14, 140, 1_400, 14_000];
const FILE: &str = "services.yaml";

fn main() {
    divan::main();
}

fn declaration(services: usize) -> FleetDecl {
    let text = fleet::services_yaml(services);
    parse(FILE, text.as_bytes())
        .map(|parsed| parsed.decl)
        .unwrap_or_default()
}

fn resolved(services: usize) -> Fleet {
    resolve(FILE, &declaration(services))
        .fleet
        .unwrap_or_else(|| unreachable!("the synthetic fleet is valid"))
}

fn artifacts(services: usize) -> ArtifactSet {
    render(&resolved(services), &Templates::default()).unwrap_or_default()
}

fn disk(artifacts: &ArtifactSet) -> DiskState {
    let file = |content: &str| DiskEntry::File {
        bytes: content.as_bytes().to_vec(),
        executable: false,
    };
    artifacts
        .iter()
        .map(|(path, content)| (path.clone(), file(content)))
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
fn resolves(bencher: divan::Bencher<'_, '_>, services: usize) {
    let decl = declaration(services);
    bencher.bench(|| resolve(FILE, &decl));
}

#[divan::bench(args = SIZES)]
fn renders(bencher: divan::Bencher<'_, '_>, services: usize) {
    let (fleet, templates) = (resolved(services), Templates::default());
    bencher.bench(|| render(&fleet, &templates).map(|artifacts| artifacts.len()));
}

#[divan::bench(args = SIZES)]
fn compares(bencher: divan::Bencher<'_, '_>, services: usize) {
    let artifacts = artifacts(services);
    let (disk, territory) = (disk(&artifacts), Territory::default());
    bencher.bench(|| compare(&territory, &artifacts, &disk));
}

#[divan::bench(args = [14, 140])]
fn writes(bencher: divan::Bencher<'_, '_>, services: usize) {
    let artifacts = artifacts(services);
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
