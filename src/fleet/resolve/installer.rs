//! What installs the packages of an image: pip, or uv of the declared version.

use super::Ground;
use super::base::Bases;
use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::tools::InstallerDecl;
use crate::diagnostic::code;
use crate::fleet::model::{Origin, Parent, Section, Sourced};
use crate::values::PackageVersion;

/// The choice of the fleet and the versions that it declares.
#[derive(Debug, Default)]
pub(super) struct Tools {
    choice: Option<(Origin, InstallerDecl)>,
    uv: Option<PackageVersion>,
}

impl Tools {
    pub(super) fn resolve(findings: &mut Findings<'_>, decl: &FleetDecl) -> Self {
        let origin = Origin::field(Section::Fleet, "tools.uv");
        let uv = decl.tools.uv.as_deref().and_then(|text| {
            findings.value(origin, text, &code::INVALID_VALUE, PackageVersion::parse)
        });
        let choice = decl
            .installer
            .map(|choice| (Origin::field(Section::Fleet, "installer"), choice));
        Self {
            choice,
            uv: uv.map(|uv| uv.value),
        }
    }
}

/// The version of uv where an image is installed by it: as the image says, or else the base below
/// it, or else the fleet.
pub(super) fn uv(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    own: Option<(Origin, &InstallerDecl)>,
    (bases, parent): (&Bases, Option<&Parent>),
) -> Option<Sourced<PackageVersion>> {
    if let (None, Some(Parent::Base(base))) = (own, parent) {
        return bases.images[base.value].uv.clone();
    }
    let own = own.map(|(origin, choice)| (origin, *choice));
    let (origin, choice) = own.or(ground.tools.choice)?;
    if choice == InstallerDecl::Pip {
        return None;
    }
    let Some(value) = ground.tools.uv.clone() else {
        if ground.decl.tools.uv.is_none() {
            let message = "`installer: uv` needs a declared version of uv".to_owned();
            let help = "declare it for the fleet: tools: { uv: \"0.13.9\" }".to_owned();
            findings.at_value_with_help(&code::MISSING_TOOL, origin, message, help);
        }
        return None;
    };
    Some(Sourced { value, origin })
}
