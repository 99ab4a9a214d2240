//! What an image takes from the repository and from other images, and where that lands.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Ground;
use super::field::Findings;
use super::ignored::pattern;
use super::layers::Layers;
use crate::declare::schema::{CopyDecl, ServiceDecl};
use crate::declare::{Flexible, Text};
use crate::diagnostic::code;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Copy, Image, Origin, Parent, Section, Sourced, Workdir};
use crate::fleet::placeholder::Values;
use crate::values::{LinuxPath, RelPath, ServiceName};

/// The folder of images that everything lands in unless it says otherwise.
pub(super) const APP: &str = "/app";
/// What files and folders get, whatever the umask of the checkout was.
const MODE: &str = "0755";
/// The word for no sources at all.
const NONE: &str = "none";
/// The whole repository.
const ALL: &str = ".";

/// Where sources come from and land.
pub(super) struct Sources {
    pub(super) source: Option<Sourced<String>>,
    pub(super) target: Sourced<LinuxPath>,
    pub(super) workdir: Workdir,
}

impl Sources {
    /// Reads the folder of sources; `standard` is what the layout says, `below` the bases and what
    /// the image builds on. The placeholders of later
    /// fields find its values.
    pub(super) fn of(
        findings: &mut Findings<'_>,
        layers: &Layers<'_>,
        (standard, below): (String, (&[Image], Option<&Parent>)),
        values: &Values<'_>,
    ) -> Self {
        let source = source(findings, layers, standard, values);
        let mut values = Values {
            source: source.as_ref().map(|source| source.value.as_str()),
            ..values.clone()
        };
        let declared = target(findings, layers, &values);
        let kept = Sourced {
            value: app_path(values.source.filter(|source| *source != ALL).unwrap_or("")),
            origin: source.as_ref().map_or_else(layout, |source| source.origin),
        };
        let target = declared.clone().unwrap_or(kept);
        values.target = Some(target.value.as_str());
        let workdir = layers.pick("workdir", |decl| &decl.workdir);
        let workdir =
            workdir.and_then(|said| super::workdir::workdir(findings, said, below, &values));
        let workdir = workdir.unwrap_or_else(|| {
            let default = || Sourced {
                value: app_path(""),
                origin: Origin::field(layers.own.section, "workdir"),
            };
            let Sourced { value, origin } = declared.unwrap_or_else(default);
            Workdir {
                path: Some(value),
                origin,
                is_inherited: false,
            }
        });
        Self {
            source,
            target,
            workdir,
        }
    }

    /// The same placeholders with those of the sources.
    pub(super) fn values<'a>(&'a self, values: Values<'a>) -> Values<'a> {
        Values {
            source: self.source.as_ref().map(|source| source.value.as_str()),
            target: Some(self.target.value.as_str()),
            workdir: self.workdir.path(),
            ..values
        }
    }

    /// The module `main` in the folder of sources as Python names it from the workdir; nothing
    /// where that is no name.
    pub(super) fn module(&self) -> Option<String> {
        self.source.as_ref()?;
        let target = self.target.value.as_str();
        let of_workdir = self.workdir.path().and_then(|folder| below(target, folder));
        let below = of_workdir.or_else(|| below(target, APP))?;
        Some(if below.is_empty() {
            "main".to_owned()
        } else {
            below.replace('/', ".") + ".main"
        })
    }
}

/// What stands in for the layout where nothing else says where sources are.
fn layout() -> Origin {
    Origin::field(Section::Fleet, "layout.source")
}

/// A path below the folder of the application.
fn app_path(below: &str) -> LinuxPath {
    let path = if below.is_empty() {
        APP.to_owned()
    } else {
        format!("{APP}/{below}")
    };
    LinuxPath::parse(&path).unwrap_or_else(|_| LinuxPath::parse(APP).expect("it is a path"))
}

/// A path without the folder that it lies in.
pub(super) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

fn source(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    standard: String,
    values: &Values<'_>,
) -> Option<Sourced<String>> {
    let Some((origin, text)) = layers.pick("source", |decl| &decl.source) else {
        return Some(Sourced {
            value: standard,
            origin: layout(),
        });
    };
    match &**text {
        NONE => None,
        ALL | "./" => Some(Sourced {
            value: ALL.to_owned(),
            origin,
        }),
        text => {
            let path = findings.filled_path(origin, text, values)?;
            let path = path.trim_end_matches('/');
            let read = findings.value(origin, path, &code::INVALID_VALUE, RelPath::parse)?;
            Some(Sourced {
                value: read.value.to_string(),
                origin,
            })
        }
    }
}

/// The declared target; one without sources is refused where the service says it itself.
fn target(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Option<Sourced<LinuxPath>> {
    let (origin, text) = layers.pick("target", |decl| &decl.target)?;
    if values.source.is_none() {
        if origin.section == layers.own.section {
            let message = "`target` has no effect: there are no sources to copy".to_owned();
            let help = "remove it, or set `source` to a folder".to_owned();
            findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, origin, message, help);
        }
        return None;
    }
    findings.image_path(origin, text, values)
}

impl Findings<'_> {
    /// A path in the image: absolute, or from the folder of the application on.
    pub(super) fn image_path(
        &mut self,
        origin: Origin,
        text: &str,
        values: &Values<'_>,
    ) -> Option<Sourced<LinuxPath>> {
        let path = self.filled_path(origin, text, values)?;
        let path = match path.trim_end_matches('/') {
            "" if path.starts_with('/') => "/".to_owned(),
            "" | "." => APP.to_owned(),
            absolute if absolute.starts_with('/') => absolute.to_owned(),
            relative => format!("{APP}/{}", relative.trim_start_matches("./")),
        };
        self.value(origin, &path, &code::INVALID_VALUE, LinuxPath::parse)
    }
}

/// Folders and files that keep their path: the fleet's, then what is inherited, then the own.
pub(super) fn shared(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    fleet: &Arc<[Sourced<RelPath>]>,
    values: &Values<'_>,
) -> Joined<Sourced<RelPath>> {
    let (items, keeps_fleet) = layers.items("shared", |decl| &decl.shared);
    let mut own: Vec<Sourced<RelPath>> = Vec::new();
    for (origin, text) in items {
        let path = findings.filled_path(origin, text, values);
        let read = path.and_then(|path| {
            let path = path.trim_end_matches('/');
            findings.value(origin, path, &code::INVALID_VALUE, RelPath::parse)
        });
        let is_new = |read: &Sourced<RelPath>| {
            let mut known = fleet.iter().filter(|_| keeps_fleet).chain(&own);
            known.all(|known| known.value != read.value)
        };
        own.extend(read.filter(is_new));
    }
    if keeps_fleet {
        Joined::new(Arc::clone(fleet), own)
    } else {
        own.into()
    }
}

/// What is not taken: the fleet's patterns, then what is inherited, then the own.
pub(super) fn ignore(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    fleet: &Arc<[Sourced<String>]>,
    values: &Values<'_>,
) -> Joined<Sourced<String>> {
    let (items, keeps_fleet) = layers.items("ignore", |decl| &decl.ignore);
    let mut own = Vec::new();
    for (origin, text) in items {
        let text = findings.filled_path(origin, text, values);
        own.extend(text.and_then(|text| pattern(findings, origin, &text)));
    }
    if keeps_fleet {
        Joined::new(Arc::clone(fleet), own)
    } else {
        own.into()
    }
}

/// Everything else that is copied, from images first: what comes from the repository can be laid
/// over the sources.
pub(super) fn copies(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Vec<Copy> {
    let (items, _) = layers.items("copy", |decl| &decl.copy);
    let mut copies: Vec<Copy> = Vec::new();
    for (origin, decl) in items {
        let read = copy(findings, ground, (origin, decl), values);
        let is_same = |one: &Copy, other: &Copy| {
            (&one.image, &one.from, &one.to) == (&other.image, &other.from, &other.to)
        };
        copies.extend(read.filter(|read| !copies.iter().any(|known| is_same(known, read))));
    }
    copies.sort_by_key(|copy| copy.image.is_none());
    copies
}

fn copy(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    (origin, decl): (Origin, &Flexible<CopyDecl>),
    values: &Values<'_>,
) -> Option<Copy> {
    let Some(from) = decl.from.as_deref() else {
        let message = "a copy needs `from`, the path to copy".to_owned();
        findings.at_value(&code::MISSING_FIELD, origin, message);
        return None;
    };
    let image = match decl.image.as_deref() {
        Some(name) => Some(image(findings, ground, (origin, name), values)?),
        None => None,
    };
    let service = image.as_ref().and_then(|image| image.service.clone());
    let image = image.map(|image| image.reference);
    let from = findings.filled_path(origin, from, values)?;
    let from = copied(findings, origin, &from, image.is_some())?;
    let to = match decl.to.as_deref() {
        Some(to) => destination(findings, origin, to, values)?,
        None if image.is_some() => from.clone(),
        None => format!("{APP}/{}", folder_of(&from)),
    };
    Some(Copy {
        mode: mode(findings, origin, decl.mode.as_ref())?,
        origin,
        image,
        service,
        from,
        to,
    })
}

/// Where a path lands that keeps it: a pattern lands in its folder.
fn folder_of(from: &str) -> String {
    match from.rsplit_once('/') {
        Some((folder, last)) if last.contains('*') => format!("{folder}/"),
        None if from.contains('*') => String::new(),
        _ => from.to_owned(),
    }
}

/// The path that a copy takes: below the root, or anywhere in an image.
fn copied(
    findings: &mut Findings<'_>,
    origin: Origin,
    from: &str,
    is_in_image: bool,
) -> Option<String> {
    if from == ALL && !is_in_image {
        return Some(ALL.to_owned());
    }
    let trimmed = from.trim_end_matches('/');
    let (folder, last) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    // A star stands for any characters, so a letter in its place is as good a path.
    let checked = format!("{folder}/{}", last.replace('*', "x"));
    let checked = checked.trim_start_matches('/');
    if is_in_image {
        let path = format!("/{checked}");
        findings.value(origin, &path, &code::INVALID_VALUE, LinuxPath::parse)?;
        return Some(format!("/{}", from.trim_start_matches('/')));
    }
    let read = if from.starts_with('/') { from } else { checked };
    findings.value(origin, read, &code::INVALID_VALUE, RelPath::parse)?;
    Some(from.to_owned())
}

/// Where a copy lands: as it is written, since Docker counts from the workdir too.
fn destination(
    findings: &mut Findings<'_>,
    origin: Origin,
    to: &str,
    values: &Values<'_>,
) -> Option<String> {
    let to = findings.filled_path(origin, to, values)?;
    let (path, end) = to
        .strip_suffix('/')
        .map_or((to.as_ref(), ""), |path| (path, "/"));
    if path.is_empty() || path == "." {
        return Some(if to.starts_with('/') { "/" } else { "./" }.to_owned());
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let read = if path.starts_with('/') {
        findings
            .value(origin, path, &code::INVALID_VALUE, LinuxPath::parse)?
            .value
            .to_string()
    } else {
        let absolute = format!("/{path}");
        findings.value(origin, &absolute, &code::INVALID_VALUE, LinuxPath::parse)?;
        path.to_owned()
    };
    Some(read + end)
}

fn mode(findings: &mut Findings<'_>, origin: Origin, mode: Option<&Text>) -> Option<String> {
    let mode = mode.map_or(MODE, |mode| &**mode);
    let is_octal = matches!(mode.len(), 3 | 4) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    if !is_octal {
        let message =
            format!("`{mode}` is not a valid mode: expected three or four digits from 0 to 7");
        findings.at_value_with_help(
            &code::INVALID_VALUE,
            origin,
            message,
            "mode: \"0644\"".to_owned(),
        );
        return None;
    }
    Some(mode.to_owned())
}

/// The image that a copy takes from.
struct Taken {
    /// As a Dockerfile names it.
    reference: String,
    /// The service of the fleet that it is.
    service: Option<ServiceName>,
}

impl Taken {
    fn of(reference: String) -> Self {
        Self {
            reference,
            service: None,
        }
    }
}

fn image(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    (origin, name): (Origin, &str),
    values: &Values<'_>,
) -> Option<Taken> {
    if let Some(base) = ground.bases.id(name) {
        return base_reference(ground, &ground.bases.images[base]).map(Taken::of);
    }
    let services = ground.decl.services.as_ref();
    if let Some(decl) = services.and_then(|services| services.get(name)) {
        return service(findings, ground, (origin, name, values.name), decl);
    }
    if !ground.externals.has(name) {
        let bases = ground.decl.bases.keys().map(String::as_str);
        let services = services.into_iter().flat_map(IndexMap::keys);
        let services = services
            .map(String::as_str)
            .filter(|service| *service != values.name);
        let known = ground.externals.names().chain(bases).chain(services);
        let what = "external image, base or service";
        findings.unknown(&code::UNKNOWN_IMAGE, origin, what, name, known);
        return None;
    }
    let external = ground.externals.get(name, ground.python?)?;
    Some(Taken::of(external.reference.to_string()))
}

/// The image of another service: without a tag, since the bake file leads to its target.
fn service(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    (origin, name, own): (Origin, &str, &str),
    decl: &ServiceDecl,
) -> Option<Taken> {
    if name == own || ground.decl.bases.contains_key(own) {
        let message = format!("`{own}` cannot copy from the service `{name}`");
        let help = if name == own {
            "it is that itself; leave `image` out to copy from the repository"
        } else {
            "a base is built before all services"
        };
        findings.at_value_with_help(&code::UNKNOWN_IMAGE, origin, message, help.to_owned());
        return None;
    }
    let name = decl.image_of.as_deref().unwrap_or(name);
    let (registry, owner) = (
        ground.decl.registry.as_deref()?,
        ground.decl.owner.as_deref()?,
    );
    Some(Taken {
        reference: format!("{registry}/{owner}/{name}"),
        service: Some(ServiceName::parse(name).ok()?),
    })
}

fn base_reference(ground: &Ground<'_>, base: &Image) -> Option<String> {
    let (registry, owner) = (
        ground.decl.registry.as_deref()?,
        ground.decl.owner.as_deref()?,
    );
    Some(format!(
        "{registry}/{owner}/{}:{}",
        base.name,
        base.version()?
    ))
}
