//! Services that run the image of another one.

use super::Ground;
use super::field::Findings;
use super::kept::refuse_fields;
use super::kind::Inherited;
use super::layers::{self, Entry, Layers};
use super::role::DeclaredRole;
use super::running::{port, unbuilt};
use super::service::values;
use crate::declare::schema::ServiceDecl;
use crate::declare::{OneOrMany, Text};
use crate::diagnostic::code;
use crate::fleet::model::{Image, Origin, Process, Section};
use crate::fleet::placeholder::Values;
use crate::values::ServiceName;

/// Reads all of them. What they inherit comes with the image.
pub(super) fn processes(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    images: &[Image],
) -> Vec<Process> {
    let services = ground.decl.services.iter().flatten().enumerate();
    let processes = services.filter(|(_, (_, decl))| decl.image_of.is_some());
    processes
        .filter_map(|(at, (name, decl))| {
            let section = Section::Services(at.into());
            process(findings, ground, images, (name, Entry { section, decl }))
        })
        .collect()
}

fn process(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    images: &[Image],
    (name, entry): (&str, Entry<'_>),
) -> Option<Process> {
    let Entry { section, decl } = entry;
    let origin = Origin::field(section, "image_of");
    layers::kind(findings, ground, section, decl);
    refuse_fields(findings, entry, "image_of");
    refuse_more(findings, entry);
    let name = findings.key(section, name, ServiceName::parse)?;
    let wanted = decl.image_of.as_deref()?;
    let of = images.iter().find(|image| image.name.as_str() == wanted);
    let Some(of) = of.filter(|image| image.service().is_some()) else {
        unknown(findings, ground, origin, wanted, images);
        return None;
    };
    let (nothing, inherited) = (ServiceDecl::default(), Inherited::default());
    let layers = Layers::alone(entry, (&nothing, &inherited));
    let role = DeclaredRole::of(&layers);
    let port = port(findings, &layers, role);
    let values = values(Some(&name), port.as_ref(), Some(&of.python));
    let service = of.service()?;
    let source = service.source.as_ref().map(|source| source.value.as_str());
    let values = Values {
        source,
        target: Some(service.target.value.as_str()),
        workdir: of.workdir.path(),
        ..values
    };
    let entrypoint = decl.entrypoint.as_ref();
    if decl.cmd.is_none() && entrypoint.is_none_or(is_none) {
        let message = format!("another process of `{wanted}` needs `cmd`: what it runs");
        let help = "cmd: python -m worker".to_owned();
        let at = Origin::field(section, "cmd");
        findings.at_value_with_help(&code::MISSING_FIELD, at, message, help);
    }
    let service = unbuilt(findings, &layers, (port, role), &values)?;
    let env = findings.variables(section, "env", &decl.env);
    let env = findings.filled_variables(env.into(), &values);
    let image = findings.value(origin, wanted, &code::INVALID_NAME, ServiceName::parse)?;
    Some(Process {
        name,
        section,
        image,
        service,
        env,
    })
}

/// Whether an entrypoint says that there is none.
fn is_none(entrypoint: &OneOrMany<Text>) -> bool {
    entrypoint
        .single()
        .is_some_and(|word| word.trim() == "none")
}

/// Says that there is no such image: also where it is one that has none of its own.
fn unknown(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    origin: Origin,
    wanted: &str,
    images: &[Image],
) {
    let services = ground.decl.services.as_ref();
    let declared = services.and_then(|services| services.get(wanted));
    if let Some(of) = declared.and_then(|decl| decl.image_of.as_deref()) {
        let message = format!("`{wanted}` has no image of its own");
        let help = format!("write `image_of: {of}`");
        findings.at_value_with_help(&code::UNKNOWN_SERVICE, origin, message, help);
    } else if declared.is_none() {
        let known = images.iter().filter(|image| image.service().is_some());
        let known = known.map(|image| image.name.as_str());
        findings.unknown(&code::UNKNOWN_SERVICE, origin, "service", wanted, known);
    }
}

/// What a kept Dockerfile takes and another process does not.
fn refuse_more(findings: &mut Findings<'_>, Entry { section, decl }: Entry<'_>) {
    for (field, is_said) in [
        ("dockerfile", decl.dockerfile.is_some()),
        ("args", decl.args.is_said()),
        ("secrets", decl.secrets.is_said()),
        ("platforms", decl.platforms.is_said()),
    ] {
        if is_said {
            let message = format!("`{field}` has no effect beside `image_of`");
            let at = Origin::field(section, field);
            let help = format!("delete `{field}`");
            findings.at_key_with_help(&code::FIELD_WITHOUT_EFFECT, at, message, help);
        }
    }
}
