//! `none` where a list or a path is expected: a person means an empty list, and a name would be
//! read.

use super::field::Findings;
use crate::declare::schema::{BaseDecl, ServiceDecl};
use crate::declare::{FleetDecl, OneOrMany, Text};
use crate::diagnostic::code;
use crate::fleet::model::{Origin, Section};

/// Says where `none` stands alone in a field that takes one name or path without brackets.
pub(super) fn check(findings: &mut Findings<'_>, decl: &FleetDecl) {
    if is_none(decl.ignore.single()) {
        refuse(findings, Origin::field(Section::Fleet, "ignore"), true);
    }
    for (position, base) in decl.bases.values().enumerate() {
        let fields = of_base(base).into_iter();
        for (field, _) in fields.filter(|(_, text)| is_none(*text)) {
            let is_list = !OF_ONE_PATH.contains(&field);
            refuse(
                findings,
                Origin::field(Section::Bases(position.into()), field),
                is_list,
            );
        }
    }
    let kinds = decl.kinds.values().enumerate();
    let kinds = kinds.map(|(at, kind)| (Section::Kinds(at.into()), kind));
    let services = decl.services.iter().flat_map(|all| all.values());
    let services = services.enumerate();
    let services = services.map(|(at, service)| (Section::Services(at.into()), &**service));
    let defaults = std::iter::once((Section::Defaults, &*decl.defaults));
    for (section, entry) in defaults.chain(kinds).chain(services) {
        let fields = of_service(entry).into_iter();
        for (field, _) in fields.filter(|(_, text)| is_none(*text)) {
            let is_list = !OF_ONE_PATH.contains(&field);
            refuse(findings, Origin::field(section, field), is_list);
        }
    }
}

/// The fields that take one path and no list.
const OF_ONE_PATH: [&str; 3] = ["home", "target", "workdir"];

/// A field, and the text that is alone in it.
type Field<'a> = (&'static str, Option<&'a Text>);

fn of_service(decl: &ServiceDecl) -> [Field<'_>; 14] {
    let install = decl.install.as_ref().and_then(OneOrMany::single);
    let copy = decl.copy.single().filter(|copy| copy.to.is_none());
    let run = decl.run.single();
    [
        ("apk", decl.apk.single()),
        ("apk_build", decl.apk_build.single()),
        ("copy", copy.and_then(|copy| copy.from.as_ref())),
        ("dirs", decl.dirs.single()),
        ("groups", decl.groups.single().map(|group| &**group)),
        ("home", decl.home.as_ref()),
        ("ignore", decl.ignore.single()),
        ("install", install.and_then(|item| item.path.as_ref())),
        ("run", run.and_then(|run| run.run.as_ref())),
        ("shared", decl.shared.single()),
        ("source_builds", decl.source_builds.single()),
        ("target", decl.target.as_ref()),
        ("volumes", decl.volumes.single()),
        ("workdir", decl.workdir.as_ref()),
    ]
}

fn of_base(decl: &BaseDecl) -> [Field<'_>; 10] {
    let copy = decl.copy.single().filter(|copy| copy.to.is_none());
    let run = decl.run.single();
    let install = decl.install.single();
    [
        ("apk", decl.apk.single()),
        ("apk_build", decl.apk_build.single()),
        ("copy", copy.and_then(|copy| copy.from.as_ref())),
        ("dirs", decl.dirs.single()),
        ("groups", decl.groups.single().map(|group| &**group)),
        ("home", decl.home.as_ref()),
        ("install", install.and_then(|item| item.path.as_ref())),
        ("run", run.and_then(|run| run.run.as_ref())),
        ("source_builds", decl.source_builds.single()),
        ("workdir", decl.workdir.as_ref()),
    ]
}

fn is_none(text: Option<&Text>) -> bool {
    text.is_some_and(|text| text.trim() == "none")
}

fn refuse(findings: &mut Findings<'_>, origin: Origin, is_list: bool) {
    let field = origin.field;
    let message = format!("`none` is not a value of `{field}`");
    let inherits = matches!(origin.section, Section::Kinds(_) | Section::Services(_));
    let emptied = if inherits {
        format!("`{field}: null` removes what is inherited")
    } else {
        format!("delete `{field}`")
    };
    let named = if is_list { "[none]" } else { "/app/none" };
    let help = format!("{emptied}; for something of that name write `{field}: {named}`");
    findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
}
