//! How long the lists and mappings of an entry are.

use indexmap::IndexMap;

use crate::declare::Text;
use crate::declare::schema::{BaseDecl, ServiceDecl};

/// How many lines all hooks have.
pub(super) fn hook_lines(hooks: &IndexMap<String, Vec<Text>>) -> usize {
    let texts = hooks.values().flatten();
    texts.map(|text| text.lines().count()).sum()
}

/// The lists and mappings of a base with their lengths.
pub(super) fn lists_of_base(base: &BaseDecl) -> [(&'static str, usize); 20] {
    [
        ("source_builds", base.source_builds.len()),
        ("copy", base.copy.len()),
        ("apk", base.apk.len()),
        ("apk_build", base.apk_build.len()),
        ("run", base.run.len()),
        ("dirs", base.dirs.len()),
        ("groups", base.groups.len()),
        ("labels", base.labels.len()),
        ("platforms", base.platforms.len()),
        ("requirements", base.requirements.len()),
        ("install", base.install.len()),
        ("apt", base.apt.len()),
        ("apt_build", base.apt_build.len()),
        ("pip", base.pip.len()),
        ("index_urls", base.index_urls.len()),
        ("indexes", base.indexes.len()),
        ("secrets", base.secrets.len()),
        ("env", base.env.len()),
        ("args", base.args.len()),
        ("hooks", hook_lines(&base.hooks)),
    ]
}

/// Those of a service.
pub(super) fn lists_of_service(service: &ServiceDecl) -> [(&'static str, usize); 29] {
    let probe = service.healthcheck.as_ref();
    [
        ("source_builds", service.source_builds.len()),
        (
            "healthcheck.cmd",
            probe
                .and_then(|check| check.cmd.as_ref())
                .map_or(0, |words| words.len()),
        ),
        (
            "healthcheck.status",
            probe.map_or(0, |check| check.status.len()),
        ),
        ("ports", service.ports.len()),
        ("apk", service.apk.len()),
        ("apk_build", service.apk_build.len()),
        ("volumes", service.volumes.len()),
        ("groups", service.groups.len()),
        ("labels", service.labels.len()),
        ("platforms", service.platforms.len()),
        ("dirs", service.dirs.len()),
        ("run", service.run.len()),
        (
            "entrypoint",
            service.entrypoint.as_ref().map_or(0, |words| words.len()),
        ),
        (
            "install",
            service.install.as_ref().map_or(0, |files| files.len()),
        ),
        ("shared", service.shared.len()),
        ("copy", service.copy.len()),
        ("ignore", service.ignore.len()),
        (
            "requirements",
            service.requirements.as_ref().map_or(0, Vec::len),
        ),
        ("apt", service.apt.len()),
        ("apt_build", service.apt_build.len()),
        ("pip", service.pip.len()),
        ("index_urls", service.index_urls.len()),
        ("indexes", service.indexes.len()),
        ("secrets", service.secrets.len()),
        ("cmd", service.cmd.as_ref().map_or(0, |words| words.len())),
        ("env", service.env.len()),
        ("args", service.args.len()),
        ("depends_on", service.depends_on.len()),
        ("hooks", hook_lines(&service.hooks)),
    ]
}
