//! What the template of a plain image may print: the engine looks each name up among all.

use serde::Serialize;

use super::{
    AccountContext, BaseContext, CopyContext, DockerfileContext, HealthCheckContext,
    InstallContext, Printed, VariableContext,
};

/// The part of a context that a plain image has; what is asked for most comes first.
#[derive(Debug, Serialize)]
pub(in crate::render) struct PlainContext<'c, 'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'c Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'c BaseContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<&'c Printed<'a>>,
    account: &'c AccountContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<&'c InstallContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<&'c Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<&'c HealthCheckContext<'a>>,
    apt: &'c [Printed<'a>],
    env: &'c [VariableContext<'a>],
    user: &'c Printed<'a>,
    copies: &'c [CopyContext<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    expose: Option<&'c Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'c Printed<'a>>,
    workdir: &'c Printed<'a>,
    python_path: &'c Printed<'a>,
    name: &'c Printed<'a>,
    parent: &'c Printed<'a>,
    registry: &'c Printed<'a>,
    owner: &'c Printed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<&'c Printed<'a>>,
    python: &'c Printed<'a>,
}

impl<'a> DockerfileContext<'a> {
    /// The part that is there, where the image has nothing else; a test holds what that is and what
    /// its templates do not ask for equal.
    pub(in crate::render) fn plain(&self) -> Option<PlainContext<'_, 'a>> {
        let workdir = self.workdir.as_ref().filter(|_| self.is_plain())?;
        Some(PlainContext {
            from: self.from.as_ref(),
            base: self.base.as_ref(),
            requirements: self.requirements.as_ref(),
            account: &self.account,
            install: self.install.as_ref(),
            constraints: self.constraints.as_ref(),
            healthcheck: self.healthcheck.as_ref(),
            apt: &self.apt,
            env: &self.env,
            user: &self.user,
            copies: &self.copies,
            expose: self.expose.as_ref(),
            command: self.command.as_ref(),
            workdir,
            python_path: &self.python_path,
            name: &self.name,
            parent: &self.parent,
            registry: &self.registry,
            owner: &self.owner,
            source_url: self.source_url.as_ref(),
            python: &self.python,
        })
    }

    fn is_plain(&self) -> bool {
        let installs_plainly = self.apt_build.is_empty()
            && self.no_binary.is_none()
            && self.frozen.is_none()
            && self.lock.is_none()
            && self.projects.is_none()
            && self.uv.is_none()
            && self.poetry.is_none()
            && self.routes.is_empty()
            && self.secrets.is_empty()
            && !self.locked
            && !self.several_indexes;
        let builds_plainly = self.stages.is_usual()
            && !self.foreign
            && self.args.is_empty()
            && self.labels.is_empty()
            && self.hooks.are_none()
            && self.apt_steps.is_empty()
            && self.steps.is_empty()
            && self.source_steps.is_empty();
        installs_plainly
            && builds_plainly
            && self.account.is_usual()
            && self.version.is_none()
            && self.dirs.is_none()
            && self.volumes.is_none()
            && self.entrypoint.is_none()
            && self.stop_signal.is_none()
    }
}
