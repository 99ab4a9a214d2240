//! Whether what images copy is there: a build fails without it. Nothing is read but the names in
//! folders, each folder once.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::inputs::Inputs;
use crate::diagnostic::{Code, Diagnostic, Severity, bounded, code, did_you_mean};
use crate::fleet::install::{Form, in_folder};
use crate::fleet::model::{Command, Origin, Service};
use crate::fleet::{Fleet, Image};

/// The folder of images that Python looks into beside the workdir.
const APP: &str = "/app";

/// What is declared to be copied and started and is not there. Where no source folder exists at
/// all, this is a tree of declarations alone, and nothing is said.
pub(super) fn missing(inputs: &dyn Inputs, fleet: &Fleet) -> Vec<Diagnostic> {
    if fleet.has_no_sources {
        return Vec::new();
    }
    let mut tree = Names::of(inputs);
    let with_folder = |image| {
        let service = Image::service(image)?;
        let source = service
            .source
            .as_ref()
            .filter(|source| source.value != ".")?;
        Some((image, service, source))
    };
    let with_folder = fleet.images.iter().filter_map(with_folder);
    if !with_folder
        .clone()
        .any(|(.., source)| tree.has(&source.value))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (image, service, source) in with_folder {
        if tree.has(&source.value) {
            found.extend(module(&mut tree, fleet, image, service));
        } else {
            let meant = tree.near(&source.value);
            found.push(path(fleet, image, (&source.value, source.origin), meant));
        }
    }
    for image in &fleet.images {
        for (text, origin) in copied(image) {
            if !tree.has(text) {
                let meant = tree.near(text);
                found.push(path(fleet, image, (text, origin), meant));
            }
        }
    }
    once(found)
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

/// Each finding once: all services share some paths.
fn once(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told = BTreeSet::new();
    let is_new = |one: &Diagnostic| told.insert((one.location.clone(), one.message.clone()));
    bounded(found.into_iter().filter(is_new).collect())
}

fn path(
    fleet: &Fleet,
    image: &Image,
    (path, origin): (&str, Origin),
    meant: Option<String>,
) -> Diagnostic {
    let help = match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("{} cannot be built without it", image.name),
    };
    said(
        &code::MISSING_PATH,
        fleet,
        origin,
        (format!("{path} not found"), help),
    )
}

/// It is a warning: the declaration stands for something without the sources.
fn said(
    code: &'static Code,
    fleet: &Fleet,
    origin: Origin,
    (message, help): (String, String),
) -> Diagnostic {
    let mut found = Diagnostic::new(code, fleet.value_at(origin), message).with_help(help);
    found.severity = Severity::Warning;
    found
}

/// What is wrong with the module that uvicorn starts, where its file can only be among the sources.
fn module(
    tree: &mut Names<'_>,
    fleet: &Fleet,
    image: &Image,
    service: &Service,
) -> Option<Diagnostic> {
    let (Command::Uvicorn(app), Some(source)) = (&service.command.value, &service.source) else {
        return None;
    };
    // What is installed from the repository can be the module too.
    let is_project = |form: Form| matches!(form, Form::Wheel | Form::Project) || form.is_lock();
    if image.install.iter().any(|file| is_project(file.form)) || !image.copies.is_empty() {
        return None;
    }
    let module = app.as_str().split(':').next().unwrap_or_default();
    let below = module.replace('.', "/");
    let mut looked = None;
    for start in [image.workdir.value.as_str(), APP] {
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
    let place = looked?;
    let message = format!(
        "{} starts {}, and there is no {place}.py",
        image.name,
        app.as_str()
    );
    let help = "set `app: package.module:app`, as it is imported from the workdir".to_owned();
    let origin = service.command.origin;
    Some(said(&code::MISSING_MODULE, fleet, origin, (message, help)))
}

/// The names in folders, as far as they were asked for.
struct Names<'i> {
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
    fn of(inputs: &'i dyn Inputs) -> Self {
        Self {
            inputs,
            folders: BTreeMap::new(),
        }
    }

    /// What is known of the folder of a path.
    fn beside(&mut self, path: &str) -> &Folder {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let inputs = self.inputs;
        let listed = self.folders.entry(folder.to_owned());
        listed.or_insert_with(|| match inputs.entries(Utf8Path::new(folder)) {
            Ok(Some(entries)) => {
                let all = entries.files.iter().chain(&entries.folders);
                let names = all.filter_map(|path| path.file_name());
                Folder::Names(names.map(str::to_owned).collect())
            }
            Ok(None) => Folder::Absent,
            Err(_) => Folder::Unknown,
        })
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
    fn near(&mut self, path: &str) -> Option<String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Folder::Names(names) = self.beside(path) else {
            return None;
        };
        let meant = did_you_mean(name, names.iter().map(String::as_str))?;
        Some(in_folder(folder, meant))
    }
}
