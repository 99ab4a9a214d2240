//! What installs the packages of an image: pip, or uv and poetry of the declared versions.

use super::Ground;
use super::base::Bases;
use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::tools::InstallerDecl;
use crate::diagnostic::code;
use crate::fleet::install::{Form, InstalledFile};
use crate::fleet::model::{Origin, Parent, Section, Sourced};
use crate::values::PackageVersion;

/// The choice of the fleet and the versions that it declares.
#[derive(Debug, Default)]
pub(super) struct Tools {
    choice: Option<(Origin, InstallerDecl)>,
    uv: Option<PackageVersion>,
    poetry: Option<PackageVersion>,
}

impl Tools {
    pub(super) fn resolve(findings: &mut Findings<'_>, decl: &FleetDecl) -> Self {
        let mut version = |field: &'static str, text: Option<&str>| {
            let origin = Origin::field(Section::Fleet, field);
            let parse = PackageVersion::parse;
            let read = findings.value(origin, text?, &code::INVALID_VALUE, parse);
            Some(read?.value)
        };
        let choice = decl
            .installer
            .map(|choice| (Origin::field(Section::Fleet, "installer"), choice));
        Self {
            choice,
            uv: version("tools.uv", decl.tools.uv.as_deref()),
            poetry: version("tools.poetry", decl.tools.poetry.as_deref()),
        }
    }
}

/// The tools that install what an image has.
pub(super) struct ImageTools {
    pub(super) uv: Option<Sourced<PackageVersion>>,
    pub(super) poetry: Option<Sourced<PackageVersion>>,
}

impl ImageTools {
    pub(super) fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'_>,
        (own, installed): (Option<(Origin, &InstallerDecl)>, &[InstalledFile]),
        below: (&Bases, Option<&Parent>),
    ) -> Self {
        Self {
            uv: uv(findings, ground, (own, installed), below),
            poetry: poetry(findings, ground, installed),
        }
    }
}

/// The version of uv where an image is installed by it: where a file needs it, as the image says,
/// or else the base below it, or else the fleet.
fn uv(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    (own, installed): (Option<(Origin, &InstallerDecl)>, &[InstalledFile]),
    (bases, parent): (&Bases, Option<&Parent>),
) -> Option<Sourced<PackageVersion>> {
    let needs_uv = |file: &&InstalledFile| matches!(file.form, Form::UvLock | Form::Manifest);
    if let Some(file) = installed.iter().find(needs_uv) {
        return uv_for(findings, ground, file.path.origin, file.path.value.as_str());
    }
    if let Some(Parent::External(external)) = parent
        && !external.has_python()
    {
        return uv_for(findings, ground, external.python.origin, "python: none");
    }
    if let (None, Some(Parent::Base(base))) = (own, parent) {
        return bases.images[base.value].uv.clone();
    }
    let own = own.map(|(origin, choice)| (origin, *choice));
    let (origin, choice) = own.or(ground.tools.choice)?;
    if choice == InstallerDecl::Pip {
        return None;
    }
    uv_for(findings, ground, origin, "installer: uv")
}

/// The version of uv for something that needs it.
fn uv_for(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    origin: Origin,
    what: &str,
) -> Option<Sourced<PackageVersion>> {
    let tool = Tool {
        name: "uv",
        current: "0.13.9",
        version: ground.tools.uv.as_ref(),
        is_declared: ground.decl.tools.uv.is_some(),
    };
    tool.needed(findings, origin, what)
}

/// The version of poetry, where an image installs a lock of it.
fn poetry(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    installed: &[InstalledFile],
) -> Option<Sourced<PackageVersion>> {
    let mut locks = installed.iter();
    let lock = locks.find(|file| file.form == Form::PoetryLock)?;
    let tool = Tool {
        name: "poetry",
        current: "2.5.1",
        version: ground.tools.poetry.as_ref(),
        is_declared: ground.decl.tools.poetry.is_some(),
    };
    tool.needed(findings, lock.path.origin, lock.path.value.as_str())
}

/// A tool that builds fetch.
struct Tool<'a> {
    name: &'static str,
    /// A version for the help.
    current: &'static str,
    version: Option<&'a PackageVersion>,
    is_declared: bool,
}

impl Tool<'_> {
    /// Its version, for something that needs it; a version that is not valid was told before.
    fn needed(
        &self,
        findings: &mut Findings<'_>,
        origin: Origin,
        what: &str,
    ) -> Option<Sourced<PackageVersion>> {
        if let Some(version) = self.version {
            let value = version.clone();
            return Some(Sourced { value, origin });
        }
        if !self.is_declared {
            let (name, current) = (self.name, self.current);
            let message = format!("`{what}` needs a declared version of {name}");
            let help = format!("declare it for the fleet: tools: {{ {name}: \"{current}\" }}");
            findings.at_value_with_help(&code::MISSING_TOOL, origin, message, help);
        }
        None
    }
}
