//! Services whose Dockerfile a person keeps.

use std::sync::OnceLock;

use super::Ground;
use super::field::Findings;
use super::kind::Inherited;
use super::layers::{Entry, Layers};
use super::platforms::platforms;
use super::role::DeclaredRole;
use super::running::{port, unbuilt};
use super::service::values;
use crate::declare::schema::{DockerfileDecl, ServiceDecl};
use crate::diagnostic::code;
use crate::fleet::joined::Joined;
use crate::fleet::kept::KeptDockerfile;
use crate::fleet::lock::Locked;
use crate::fleet::model::{Image, Origin, Parent, Role, Sourced, Workdir};
use crate::fleet::placeholder::Values;
use crate::values::{RelPath, ServiceName, StageName, TemplateName};

/// Reads such a service. What `defaults` and its kind say is for images that are generated, so it
/// inherits nothing.
pub(super) fn kept(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    (entry, name, folder): (Entry<'_>, Option<ServiceName>, String),
    decl: &DockerfileDecl,
) -> Option<Image> {
    refuse_fields(findings, entry, "dockerfile");
    refuse_command(findings, entry);
    let section = entry.section;
    let (nothing, inherited) = (ServiceDecl::default(), Inherited::default());
    let layers = Layers::alone(entry, (&nothing, &inherited));
    let role = DeclaredRole::of(&layers);
    let port = port(findings, &layers, role);
    let python = ground.python.cloned();
    let values = values(name.as_ref(), port.as_ref(), python.as_ref());
    let origin = Origin::field(section, "dockerfile");
    let dockerfile = dockerfile(findings, origin, decl, &values);
    let service = unbuilt(findings, &layers, (port, role), &values);
    let args = findings.variables(section, "args", &entry.decl.args);
    let secrets = findings.secrets(section, &entry.decl.secrets);
    Some(Image {
        name: name?,
        section,
        role: Role::Service(Box::new(service?)),
        fingerprint: None,
        kept: Some(Box::new(dockerfile?)),
        template: Sourced {
            value: TemplateName::parse("kept").expect("it is a name"),
            origin,
        },
        folder,
        parent: Parent::Kept(String::new()),
        python: python?,
        workdir: Workdir {
            path: None,
            origin,
            is_inherited: true,
        },
        builder: None,
        apk: Vec::new(),
        apk_build: Vec::new(),
        apt: Joined::default(),
        apt_build: Joined::default(),
        source_builds: Vec::new(),
        sets: Joined::default(),
        install: Vec::new(),
        pip: Joined::default(),
        locked: Locked::No,
        index_urls: [].into(),
        indexes: Vec::new(),
        uv: None,
        poetry: None,
        secrets: secrets.into(),
        env: Joined::default(),
        labels: Vec::new(),
        account: super::account::standard(None),
        dirs: Vec::new(),
        copies: Vec::new(),
        steps: Vec::new(),
        platforms: platforms(findings, ground, &layers),
        args: args.into(),
        hooks: Joined::default(),
        has_pins: OnceLock::new(),
    })
}

/// Where the Dockerfile and its build context are.
fn dockerfile(
    findings: &mut Findings<'_>,
    origin: Origin,
    decl: &DockerfileDecl,
    values: &Values<'_>,
) -> Option<KeptDockerfile> {
    let Some(path) = decl.path.as_deref() else {
        let message = "`dockerfile` needs `path`: where the Dockerfile is".to_owned();
        findings.at_value(&code::MISSING_FIELD, origin, message);
        return None;
    };
    let path = findings.filled_path(origin, path, values)?;
    let path = findings.value(origin, &path, &code::INVALID_VALUE, RelPath::parse)?;
    let context = match decl.context.as_deref() {
        Some("." | "./") => String::new(),
        Some(context) => {
            let context = findings.filled_path(origin, context, values)?;
            let context = context.trim_end_matches('/');
            let read = findings.value(origin, context, &code::INVALID_VALUE, RelPath::parse)?;
            read.value.to_string()
        }
        None => path
            .value
            .as_str()
            .rsplit_once('/')
            .map_or_else(String::new, |(folder, _)| folder.to_owned()),
    };
    let target = match decl.target.as_deref() {
        Some(target) => {
            Some(findings.value(origin, target, &code::INVALID_VALUE, StageName::parse)?)
        }
        None => None,
    };
    Some(KeptDockerfile {
        path,
        context,
        target,
        text: None,
        ignore: None,
    })
}

/// Says which fields the service itself says that have no effect beside this one.
pub(super) fn refuse_fields(
    findings: &mut Findings<'_>,
    Entry { section, decl }: Entry<'_>,
    beside: &str,
) {
    for (field, is_said) in of_generated(decl) {
        if is_said {
            let message = format!("`{field}` has no effect beside `{beside}`");
            let at = Origin::field(section, field);
            let help = format!("delete `{field}`");
            findings.at_key_with_help(&code::FIELD_WITHOUT_EFFECT, at, message, help);
        }
    }
}

/// What a kept Dockerfile says itself.
fn refuse_command(findings: &mut Findings<'_>, Entry { section, decl }: Entry<'_>) {
    for (field, is_said) in [
        ("cmd", decl.cmd.is_said()),
        ("entrypoint", decl.entrypoint.is_said()),
        ("env", decl.env.is_said()),
        ("stop_signal", decl.stop_signal.is_said()),
    ] {
        if is_said {
            let message = format!("`{field}` has no effect beside `dockerfile`");
            let at = Origin::field(section, field);
            let help = format!("delete `{field}`; the Dockerfile says it");
            findings.at_key_with_help(&code::FIELD_WITHOUT_EFFECT, at, message, help);
        }
    }
}

/// The fields that are for generated images alone.
fn of_generated(decl: &ServiceDecl) -> [(&'static str, bool); 32] {
    [
        ("template", decl.template.is_said()),
        ("base", decl.base.is_said()),
        ("builder", decl.builder.is_said()),
        ("apk", decl.apk.is_said()),
        ("apk_build", decl.apk_build.is_said()),
        ("from", decl.from.is_said()),
        ("python", decl.python.is_said()),
        ("source", decl.source.is_said()),
        ("target", decl.target.is_said()),
        ("workdir", decl.workdir.is_said()),
        ("shared", decl.shared.is_said()),
        ("copy", decl.copy.is_said()),
        ("ignore", decl.ignore.is_said()),
        ("requirements", decl.requirements.is_said()),
        ("install", decl.install.is_said()),
        ("apt", decl.apt.is_said()),
        ("apt_build", decl.apt_build.is_said()),
        ("pip", decl.pip.is_said()),
        ("index_urls", decl.index_urls.is_said()),
        ("indexes", decl.indexes.is_said()),
        ("installer", decl.installer.is_said()),
        ("source_builds", decl.source_builds.is_said()),
        ("app", decl.app.is_said()),
        ("dirs", decl.dirs.is_said()),
        ("run", decl.run.is_said()),
        ("volumes", decl.volumes.is_said()),
        ("user", decl.user.is_said()),
        ("groups", decl.groups.is_said()),
        ("home", decl.home.is_said()),
        ("labels", decl.labels.is_said()),
        ("machine_learning", decl.machine_learning.is_said()),
        ("hooks", decl.hooks.is_said()),
    ]
}

/// Says that a field is one of services alone, where `defaults` or a kind has it.
pub(super) fn refuse_of_services(
    findings: &mut Findings<'_>,
    name: &str,
    Entry { section, decl }: Entry<'_>,
) {
    for (field, is_said) in [
        ("dockerfile", decl.dockerfile.is_some()),
        ("image_of", decl.image_of.is_some()),
    ] {
        if is_said {
            let message = format!("`{name}` has no field `{field}`: only a service has it");
            let at = Origin::field(section, field);
            findings.at_key(&code::UNKNOWN_FIELD, at, message);
        }
    }
}
