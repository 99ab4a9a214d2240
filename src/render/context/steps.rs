//! Steps of the build, with what is mounted for each.

use super::path::{is_file, service};
use crate::fleet::Image;
use crate::fleet::model::{After, BuildStep, StepMount};
use crate::render::pen::{Pen, Printed};

/// The steps that come after this, as `RUN` takes them.
pub(super) fn steps<'a>(pen: &Pen, image: &'a Image, after: After) -> Vec<Printed<'a>> {
    let steps = image.steps.iter().filter(|step| step.after == after);
    steps
        .map(|step| match step.mounts.as_slice() {
            [] => pen.write(step.line.as_str(), [step.origin]),
            _ => pen.write(with_mounts(image, step), [step.origin]),
        })
        .collect()
}

fn with_mounts(image: &Image, step: &BuildStep) -> String {
    let mut words = Vec::new();
    for mount in &step.mounts {
        words.push(match mount {
            StepMount::File(path) => {
                let path = path.as_str();
                let target = place(image, path);
                format!("--mount=type=bind,source={path},target={target}")
            }
            StepMount::Secret(id, target) => format!("--mount=type=secret,id={id},target={target}"),
            StepMount::Cache(target) => format!("--mount=type=cache,target={target}"),
        });
    }
    words.push(step.line.clone());
    words.join(" ")
}

/// Where a path of the repository lands in the image, or would, if it were shared.
fn place(image: &Image, path: &str) -> String {
    let below_app = || format!("/app/{path}");
    let workdir = image.workdir.path();
    let copies = image.copies.iter().filter(|copy| copy.image.is_none());
    for copy in copies.rev() {
        let from = copy.from.trim_end_matches('/');
        let Some(rest) = below(path, from) else {
            continue;
        };
        let to = whole(workdir, &copy.to);
        // A file lands in a folder, or is renamed.
        let name = path.rsplit('/').next().unwrap_or(path);
        return match rest {
            "" if is_file(from) && is_folder(&copy.to) => joined(&to, name),
            rest => joined(&to, rest),
        };
    }
    let service = service(image);
    let source = service.and_then(|service| {
        let source = service.source.as_ref()?.value.as_str();
        let rest = if source == "." {
            path
        } else {
            below(path, source)?
        };
        Some(joined(service.target.value.as_str(), rest))
    });
    source.unwrap_or_else(below_app)
}

/// A path without the folder that it lies in; empty for that folder itself.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// Whether what is copied there keeps its name.
fn is_folder(to: &str) -> bool {
    to == "." || to.ends_with('/') || to.ends_with("/.")
}

/// A place in the image; relative where only the image below knows the working folder, which a
/// mount counts from as a COPY does.
fn whole(workdir: Option<&str>, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = if path == "." { "" } else { path };
    match workdir {
        Some(folder) if !path.starts_with('/') => joined(folder, path),
        _ => path.to_owned(),
    }
}

fn joined(folder: &str, rest: &str) -> String {
    let path = match folder {
        "" if rest.is_empty() => ".".to_owned(),
        "" => rest.to_owned(),
        folder => format!("{}/{rest}", folder.trim_end_matches('/')),
    };
    path.trim_end_matches('/').to_owned()
}
