//! Whether what images copy is there: a build fails without it. Nothing is read but the names in
//! folders, each folder once.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::inputs::Inputs;
use crate::diagnostic::{SUGGESTIONS_LIMIT, did_you_mean};
use crate::fleet::install::{Form, InstalledFile, in_folder};
use crate::fleet::model::{Command, Origin, Service};
use crate::fleet::{Absent, AbsentThing, Fleet, Image, ImageId};

/// The folder of images that Python looks into beside the workdir.
const APP: &str = "/app";

/// What is declared to be copied and started and is not there. Where no source folder exists at
/// all, this is a tree of declarations alone, and nothing is missing.
pub(super) fn absent(inputs: &dyn Inputs, fleet: &Fleet) -> Vec<Absent> {
    if fleet.has_no_sources {
        return Vec::new();
    }
    let mut tree = Names::of(inputs);
    let with_folder = |id| {
        let image = fleet.image(id);
        let service = image.service()?;
        let source = service
            .source
            .as_ref()
            .filter(|source| source.value != ".")?;
        Some((id, image, service, source))
    };
    let with_folder = fleet.ids().filter_map(with_folder);
    if !with_folder
        .clone()
        .any(|(.., source)| tree.has(&source.value))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, image, service, source) in with_folder {
        if tree.has(&source.value) {
            found.extend(module(&mut tree, id, image, service));
        } else {
            let meant = meant(&mut tree, &found, &source.value);
            let what = AbsentThing::Source { meant };
            found.push(absent_path(id, (&source.value, source.origin), what));
        }
    }
    for (id, image) in fleet.numbered() {
        if !may_be_checked(&mut tree, image) {
            continue;
        }
        for (path, origin) in copied(image) {
            if !tree.has(path) {
                let meant = meant(&mut tree, &found, path);
                found.push(absent_path(
                    id,
                    (path, origin),
                    AbsentThing::Copied { meant },
                ));
            }
        }
    }
    found
}

/// The path that was likely meant, where few are missing: looking for it takes long, and a checkout
/// can leave out thousands.
fn meant(tree: &mut Names<'_>, found: &[Absent], path: &str) -> Option<String> {
    (found.len() < SUGGESTIONS_LIMIT).then(|| tree.near(path))?
}

/// Whether the tree has the sources of an image, so that it has everything else of it. A checkout
/// can leave services out.
fn may_be_checked(tree: &mut Names<'_>, image: &Image) -> bool {
    let source = image.service().and_then(|service| service.source.as_ref());
    source.is_none_or(|source| source.value == "." || tree.has(&source.value))
}

fn absent_path(image: ImageId, (path, origin): (&str, Origin), what: AbsentThing) -> Absent {
    Absent {
        image,
        origin,
        path: path.to_owned(),
        what,
    }
}

/// The paths of the repository that an image copies beside its sources, but for patterns.
fn copied(image: &Image) -> impl Iterator<Item = (&str, Origin)> {
    let shared = image.service().into_iter();
    let shared = shared.flat_map(|service| service.shared.iter());
    let shared = shared.map(|one| (one.value.as_str(), one.origin));
    let copies = image.copies.iter().filter(|copy| copy.image.is_none());
    let copies = copies.map(|copy| (copy.from.trim_end_matches('/'), copy.origin));
    let steps = image.steps.iter();
    let files = steps.flat_map(|step| step.files().map(|path| (path.as_str(), step.origin)));
    shared.chain(copies).chain(files).filter(|(path, _)| {
        !path.is_empty() && *path != "." && !path.contains(['*', '?', '[', '$'])
    })
}

/// The module that uvicorn starts, where its file can only be among the sources and is not.
fn module(tree: &mut Names<'_>, id: ImageId, image: &Image, service: &Service) -> Option<Absent> {
    let (Command::Uvicorn(app), Some(source)) = (&service.command.value, &service.source) else {
        return None;
    };
    // What is installed from the repository can be the module too.
    let is_project = |file: &InstalledFile| {
        matches!(file.form, Form::Wheel | Form::Project) || file.form.is_lock() || file.with_project
    };
    if image.install.iter().any(is_project) || !image.copies.is_empty() {
        return None;
    }
    let module = app.as_str().split(':').next().unwrap_or_default();
    let below = module.replace('.', "/");
    let mut looked = None;
    for start in [image.workdir.path()?, APP] {
        let file = format!("{}/{below}", start.trim_end_matches('/'));
        let target = service.target.value.as_str().trim_end_matches('/');
        let Some(rest) = file
            .strip_prefix(target)
            .and_then(|rest| rest.strip_prefix('/'))
        else {
            continue;
        };
        let place = format!("{}/{rest}", source.value);
        if tree.has(&format!("{place}.py")) || tree.has(&place) {
            return None;
        }
        looked = looked.or(Some(place));
    }
    Some(Absent {
        image: id,
        origin: service.command.origin,
        path: looked?,
        what: AbsentThing::Module {
            app: app.as_str().to_owned(),
        },
    })
}

/// The names in folders, as far as they were asked for.
pub(super) struct Names<'i> {
    inputs: &'i dyn Inputs,
    folders: BTreeMap<String, Folder>,
}

/// What is known of a folder.
enum Folder {
    Absent,
    Names(BTreeSet<String>),
    /// It cannot be listed, such as a link, which a build may take all the same.
    Unknown,
}

impl<'i> Names<'i> {
    pub(super) fn of(inputs: &'i dyn Inputs) -> Self {
        Self {
            inputs,
            folders: BTreeMap::new(),
        }
    }

    /// What is known of the folder of a path.
    fn beside(&mut self, path: &str) -> &Folder {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !self.folders.contains_key(folder) {
            let listed = self.listed(folder);
            self.folders.insert(folder.to_owned(), listed);
        }
        &self.folders[folder]
    }

    fn listed(&self, folder: &str) -> Folder {
        match self.inputs.entries(Utf8Path::new(folder)) {
            Ok(Some(entries)) => {
                let all = entries.files.iter().chain(&entries.folders);
                let names = all.filter_map(|path| path.file_name());
                Folder::Names(names.map(str::to_owned).collect())
            }
            Ok(None) => Folder::Absent,
            Err(_) => Folder::Unknown,
        }
    }

    /// Whether something stands at a path, or may.
    fn has(&mut self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        match self.beside(path) {
            Folder::Absent => false,
            Folder::Names(names) => names.contains(name),
            Folder::Unknown => true,
        }
    }

    /// The path beside one that is not there which was most likely meant.
    pub(super) fn near(&mut self, path: &str) -> Option<String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Folder::Names(names) = self.beside(path) else {
            return None;
        };
        let meant = did_you_mean(name, names.iter().map(String::as_str))?;
        Some(in_folder(folder, meant))
    }
}
