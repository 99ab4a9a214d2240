//! What templates may print of files and projects of the repository that are installed.

use serde::Serialize;

use super::requirements::{has_requirements, installed_files};
use crate::fleet::install::{Form, InstalledFile};
use crate::fleet::model::{Image, Sourced};
use crate::render::pen::{Pen, Printed};
use crate::values::IndexUrl;

/// Where the build sees the files of the repository that it installs; templates have it too.
pub(super) const MOUNTED: &str = "/tmp/src/";

/// Files of the repository that pip or uv is given.
#[derive(Debug, Serialize)]
pub(super) struct InstallContext<'a> {
    /// All that are mounted.
    files: Vec<Printed<'a>>,
    /// The arguments, after those for the generated requirements.
    arguments: Printed<'a>,
}

impl<'a> InstallContext<'a> {
    pub(super) fn of(pen: &Pen, image: &'a Image) -> Option<Self> {
        let mut files: Vec<Printed<'a>> = Vec::new();
        let (mut words, mut origins) = (Vec::new(), Vec::new());
        for file in given_files(image) {
            origins.push(file.path.origin);
            let path = [MOUNTED, file.path.value.as_str()].concat();
            words.push(match file.form {
                Form::Wheel => path,
                _ => format!("-r {path}"),
            });
            words.extend(file.extras.iter().map(|extra| format!("--extra {extra}")));
            for reached in &file.reached {
                let is_new = |known: &Printed<'_>| known.text() != reached;
                if files.iter().all(is_new) {
                    files.push(pen.write(reached.as_str(), [file.path.origin]));
                }
            }
        }
        if words.is_empty() {
            return None;
        }
        let before = if has_requirements(image) {
            " ".to_owned()
        } else {
            index_options(image)
        };
        Some(Self {
            files,
            arguments: pen.write(
                format!("{before}{}", words.join(" ")),
                origins.into_iter().take(1),
            ),
        })
    }
}

/// The files that pip or uv is given beside the generated requirements.
pub(super) fn given_files(image: &Image) -> impl Iterator<Item = &InstalledFile> {
    let is_given = |file: &&InstalledFile| {
        matches!(file.form, Form::Requirements | Form::Wheel | Form::Manifest)
    };
    installed_files(image).iter().filter(is_given)
}

/// The packages that are built from source, as options with a blank after them; where a compiler is
/// there, everything may be.
pub(super) fn no_binary<'a>(pen: &Pen, image: &Image) -> Option<Printed<'a>> {
    if image.source_builds.is_empty() || !image.apt_build.is_empty() {
        return None;
    }
    let names = image.source_builds.iter().map(|one| one.value.as_str());
    let names = names.collect::<Vec<_>>().join(",");
    let origins = image.source_builds.iter().map(|one| one.origin);
    Some(pen.write(format!("--no-binary={names} "), origins))
}

/// The indexes as options, each with a blank after it; the generated requirements name them
/// themselves.
fn index_options(image: &Image) -> String {
    let urls = image.index_urls.iter().enumerate();
    let option = |(at, url): (usize, &Sourced<IndexUrl>)| {
        let name = if at == 0 {
            "--index-url"
        } else {
            "--extra-index-url"
        };
        format!("{name} \"{}\" ", url.value)
    };
    urls.map(option).collect()
}

/// A lock of another tool that an image installs from.
#[derive(Debug, Serialize)]
pub(super) struct LockContext<'a> {
    /// Whether it is uv's, and not poetry's.
    is_uv: bool,
    /// The files that are mounted.
    files: Vec<Printed<'a>>,
    /// The folder of the lock in the build.
    folder: Printed<'a>,
    /// What is installed, as arguments.
    arguments: Printed<'a>,
    /// The projects of the repository that it installs, in a layer of their own; absent where there
    /// is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<ProjectsContext<'a>>,
}

impl<'a> LockContext<'a> {
    pub(super) fn of(pen: &Pen, image: &'a Image) -> Option<Self> {
        let lock = lock_of(image)?;
        let origin = lock.path.origin;
        let is_uv = lock.form == Form::UvLock;
        let (mut words, of_projects) = if is_uv {
            uv_words(image, lock)
        } else {
            (poetry_words(lock), Vec::new())
        };
        words.retain(|word| !word.is_empty());
        let folder = [MOUNTED, lock.folder()].concat();
        Some(Self {
            is_uv,
            files: (lock.reached.iter())
                .map(|path| pen.write(path.as_str(), [origin]))
                .collect(),
            folder: pen.write(folder.trim_end_matches('/').to_owned(), [origin]),
            arguments: pen.write(words.join(" "), [origin]),
            projects: ProjectsContext::of_lock(pen, lock, of_projects),
        })
    }
}

/// The lock of another tool that an image installs from.
pub(super) fn lock_of(image: &Image) -> Option<&InstalledFile> {
    let mut installed = installed_files(image).iter();
    installed.find(|file| file.form.is_lock())
}

/// What uv is told: first for the packages of an index, then for the projects of the repository.
fn uv_words(image: &Image, lock: &InstalledFile) -> (Vec<String>, Vec<String>) {
    let mut common = Vec::new();
    common.extend(lock.package.iter().map(|name| format!("--package {name}")));
    common.extend(lock.extras.iter().map(|extra| format!("--extra {extra}")));
    common.extend(lock.groups.iter().map(|group| format!("--group {group}")));
    let (mut first, mut second) = (common.clone(), common);
    let built = image.source_builds.iter();
    first.extend(built.map(|one| format!("--no-binary-package {}", one.value)));
    first.push("--no-install-project".to_owned());
    let names = || lock.projects.iter().map(|project| &project.name);
    first.extend(names().map(|name| format!("--no-install-package {name}")));
    if !lock.with_project {
        second.push("--no-install-project".to_owned());
    }
    // A file in a folder of sources can change without uv noticing that its cache is old.
    second.extend(names().map(|name| format!("--refresh-package {name}")));
    (first, second)
}

fn poetry_words(lock: &InstalledFile) -> Vec<String> {
    let groups = lock.groups.iter().map(|group| format!(",{group}"));
    let mut words = vec![format!("--only main{}", groups.collect::<String>())];
    words.extend(lock.extras.iter().map(|extra| format!("--extras {extra}")));
    words
}

/// Projects of the repository that are built and installed.
#[derive(Debug, Serialize)]
pub(super) struct ProjectsContext<'a> {
    mounts: Vec<MountContext<'a>>,
    /// What is installed, as arguments.
    arguments: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct MountContext<'a> {
    source: Printed<'a>,
    target: Printed<'a>,
    /// Whether the build may write there, which nothing keeps: some tools leave files beside
    /// sources.
    is_writable: bool,
}

impl<'a> MountContext<'a> {
    fn of(pen: &Pen, item: &InstalledFile, path: &'a str, is_writable: bool) -> Self {
        let origin = item.path.origin;
        let source = if path.is_empty() { "." } else { path };
        let target = [MOUNTED, path].concat();
        Self {
            source: pen.write(source, [origin]),
            target: pen.write(target.trim_end_matches('/').to_owned(), [origin]),
            is_writable,
        }
    }
}

/// The folder of the project that an item installs.
fn project_folder(item: &InstalledFile) -> &str {
    match item.form {
        Form::Project => item.path.value.as_str(),
        _ => item.folder(),
    }
}

impl<'a> ProjectsContext<'a> {
    /// Those of `install`.
    pub(super) fn of(pen: &Pen, image: &'a Image) -> Option<Self> {
        let is_project = |file: &&InstalledFile| {
            file.form == Form::Project || (file.form == Form::Manifest && file.with_project)
        };
        let projects: Vec<&InstalledFile> =
            installed_files(image).iter().filter(is_project).collect();
        let first = projects.first()?;
        let words = projects.iter().map(|item| {
            let path = [MOUNTED, project_folder(item)].concat();
            let path = path.trim_end_matches('/').to_owned();
            match item.extras.join(",") {
                extras if extras.is_empty() => path,
                extras => format!("\"{path}[{extras}]\""),
            }
        });
        let arguments = index_options(image) + &words.collect::<Vec<String>>().join(" ");
        let mounts = projects.iter();
        Some(Self {
            mounts: mounts
                .map(|item| MountContext::of(pen, item, project_folder(item), true))
                .collect(),
            arguments: pen.write(arguments, [first.path.origin]),
        })
    }

    /// Those of a lock; uv finds them there, and pip is given their folders.
    fn of_lock(pen: &Pen, lock: &'a InstalledFile, of_uv: Vec<String>) -> Option<Self> {
        let folders: Vec<&str> = lock.folders().collect();
        let (is_whole, is_uv) = (folders.contains(&""), lock.form == Form::UvLock);
        if folders.is_empty() {
            return None;
        }
        let mut mounts = Vec::new();
        if is_whole {
            mounts.push(MountContext::of(pen, lock, "", true));
        } else {
            let files = lock.reached.iter().filter(|_| is_uv);
            mounts.extend(files.map(|path| MountContext::of(pen, lock, path, false)));
            let folders = folders.iter();
            mounts.extend(folders.map(|folder| MountContext::of(pen, lock, folder, true)));
        }
        let words = if is_uv {
            of_uv
        } else {
            let folders = folders.iter();
            folders.map(|folder| [MOUNTED, folder].concat()).collect()
        };
        Some(Self {
            mounts,
            arguments: pen.write(words.join(" "), [lock.path.origin]),
        })
    }
}
