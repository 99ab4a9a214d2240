//! The image that packages are installed in, and the one that they run in.

use std::sync::Arc;

use serde::Serialize;

use super::account::written;
use crate::fleet::Sourced;
use crate::fleet::model::{ExternalImage, Parent};
use crate::fleet::{Fleet, Image, Origin};
use crate::render::pen::{Pen, Printed};
use crate::values::AptPackage;

/// Where the official image has its Python.
const OFFICIAL: &str = "/usr/local/bin/python";

/// What templates print of both images, beside their references; empty where both are the usual
/// image, as nearly always.
#[derive(Debug, Default, Serialize)]
pub(super) struct StagesContext<'a> {
    /// The image of the builder stage; absent where the final one builds.
    builder: Option<BuilderContext<'a>>,
    /// The Python of the builder stage, where that is not `python`.
    python: Option<Printed<'a>>,
    /// How pip is called there, where that is not `pip`.
    pip: Option<Printed<'a>>,
    /// The version that uv installs, where the final image has no Python.
    own_python: Option<Printed<'a>>,
    /// Present where packages of the image are seen in the virtual environment.
    site_packages: Option<Printed<'a>>,
    /// Present where there is no shell in the final image.
    shell_less: Option<ShellLessContext<'a>>,
    /// Present where the working folder is that of the image below.
    keeps_workdir: Option<Printed<'a>>,
    /// Present on Alpine.
    alpine: Option<Printed<'a>>,
    apk: Vec<Printed<'a>>,
    apk_build: Vec<Printed<'a>>,
}

/// Another image that builds.
#[derive(Debug, Serialize)]
struct BuilderContext<'a> {
    from: Printed<'a>,
    /// Whether it may have another user.
    foreign: bool,
    /// The Python of the final image, which the virtual environment is made to name.
    python: Printed<'a>,
    /// The folder of that.
    home: Printed<'a>,
}

/// What replaces steps of the final stage.
#[derive(Debug, Serialize)]
struct ShellLessContext<'a> {
    /// Owner and group of folders, as `--chown` takes them.
    owner: Printed<'a>,
    /// The folders that are copied empty.
    dirs: Vec<Printed<'a>>,
}

impl<'a> StagesContext<'a> {
    /// Whether both are the usual image.
    pub(super) fn is_usual(&self) -> bool {
        let words = [&self.python, &self.pip, &self.own_python];
        let more = [&self.site_packages, &self.alpine, &self.keeps_workdir];
        let words = words.into_iter().chain(more);
        words.into_iter().all(Option::is_none)
            && self.builder.is_none()
            && self.shell_less.is_none()
            && self.apk.is_empty()
            && self.apk_build.is_empty()
    }

    pub(super) fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let keeps_workdir = Some(&image.workdir).filter(|workdir| workdir.is_inherited);
        let keeps_workdir = keeps_workdir.map(|workdir| pen.write("yes", [workdir.origin]));
        let Some(external) = fleet.external_of(image) else {
            return Self {
                keeps_workdir,
                ..Self::default()
            };
        };
        let installs_in = image
            .builder
            .as_ref()
            .map_or(external, |builder| &builder.value);
        let is_usual = image.builder.is_none()
            && external.has_python()
            && external.python.value == "python"
            && external.site_packages.is_none()
            && external.has_shell
            && !external.is_alpine;
        if is_usual {
            return Self {
                keeps_workdir,
                ..Self::default()
            };
        }
        let at = Origin::field(image.section, "from");
        let python = Some(&installs_in.python).filter(|python| python.value != "python");
        let packages = |list: &'a [Sourced<AptPackage>]| -> Vec<Printed<'a>> {
            list.iter()
                .map(|one| pen.write(one.value.as_str(), [one.origin]))
                .collect()
        };
        Self {
            builder: image
                .builder
                .as_ref()
                .map(|builder| BuilderContext::of(pen, external, (&builder.value, builder.origin))),
            python: python.map(|python| pen.write(python.value.as_str(), [python.origin])),
            pip: python
                .map(|python| pen.write(format!("{} -m pip", python.value), [python.origin])),
            own_python: (!external.has_python()).then(|| {
                let origins = [external.python.origin, image.python.origin];
                pen.write(image.python.value.as_str(), origins)
            }),
            site_packages: external
                .site_packages
                .map(|origin| pen.write("yes", [origin])),
            shell_less: (!external.has_shell).then(|| ShellLessContext::of(pen, image)),
            keeps_workdir,
            alpine: external
                .is_alpine
                .then(|| pen.write("yes", [external.origin, at])),
            apk: packages(&image.apk),
            apk_build: packages(&image.apk_build),
        }
    }
}

impl<'a> BuilderContext<'a> {
    fn of(
        pen: &Pen,
        external: &'a ExternalImage,
        (builder, origin): (&'a Arc<ExternalImage>, Origin),
    ) -> Self {
        let python = if external.python.value.starts_with('/') {
            external.python.value.as_str()
        } else {
            OFFICIAL
        };
        let home = python.rsplit_once('/').map_or("", |(home, _)| home);
        Self {
            from: pen.write(builder.reference.to_string(), [origin, builder.origin]),
            foreign: is_foreign(&Parent::External(Arc::clone(builder))),
            python: pen.write(python, [external.python.origin, origin]),
            home: pen.write(home, [external.python.origin, origin]),
        }
    }
}

impl<'a> ShellLessContext<'a> {
    fn of(pen: &Pen, image: &'a Image) -> Self {
        let account = &image.account;
        let owner = match account.group() {
            Some(group) => format!("{}:{group}", account.owner()),
            None => account.owner().to_owned(),
        };
        let dirs = written(image).into_iter();
        Self {
            owner: pen.write(owner, account.origin),
            dirs: dirs.map(|(dir, origin)| pen.write(dir, [origin])).collect(),
        }
    }
}

/// Whether the image below may have another user and an entry point: an external one whose user is
/// declared, or whose repository is not called `python`, as the official image and its mirrors are.
pub(super) fn is_foreign(parent: &Parent) -> bool {
    match parent {
        Parent::External(external) => {
            external.user.is_some() || !external.reference.repository().is_python()
        }
        Parent::Base(_) | Parent::Kept(_) => false,
    }
}
