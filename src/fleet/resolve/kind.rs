//! Kinds: what their lists say is read once, and shared by all services of the kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Ground;
use super::field::Findings;
use super::running::exec;
use crate::declare::schema::ServiceDecl;
use crate::diagnostic::code;
use crate::fleet::SetId;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Command, Hook, Origin, Secret, Section, Sourced, Variable};
use crate::values::requirement::Requirement;
use crate::values::{AptPackage, EnvKey, IndexUrl, KindName, ServiceName};

/// What the lists and mappings of a kind say.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    pub(super) apt: Arc<[Sourced<AptPackage>]>,
    pub(super) apt_build: Arc<[Sourced<AptPackage>]>,
    pub(super) pip: Arc<[Sourced<Requirement>]>,
    pub(super) sets: Arc<[Sourced<SetId>]>,
    pub(super) index_urls: Arc<[Sourced<IndexUrl>]>,
    pub(super) secrets: Arc<[Secret]>,
    pub(super) env: Variables,
    pub(super) args: Variables,
    pub(super) hooks: Arc<[Hook]>,
    pub(super) depends_on: Arc<[Sourced<ServiceName>]>,
    pub(super) command: Option<Sourced<Command>>,
}

/// The variables of a kind, and where each one stands.
#[derive(Debug, Default)]
pub(super) struct Variables {
    all: Arc<[Variable]>,
    positions: BTreeMap<EnvKey, usize>,
}

impl Variables {
    fn of(variables: Vec<Variable>) -> Self {
        let positions = variables
            .iter()
            .enumerate()
            .map(|(at, (key, _))| (key.clone(), at))
            .collect();
        Self {
            all: variables.into(),
            positions,
        }
    }

    /// The same with a service's own, which win.
    pub(super) fn joined(&self, own: Vec<Variable>) -> Joined<Variable> {
        let replaced = own
            .iter()
            .filter_map(|(key, _)| self.positions.get(key).copied())
            .collect();
        Joined::new(Arc::clone(&self.all), own).without(replaced)
    }
}

/// All kinds, by their position.
pub(super) struct Kinds {
    kinds: Vec<Inherited>,
    none: Inherited,
}

impl Kinds {
    /// Reads all kinds, also those that no service has.
    pub(super) fn of(findings: &mut Findings<'_>, ground: &Ground<'_>) -> Self {
        let read = |(position, (name, kind)): (usize, (&String, &ServiceDecl))| {
            let section = Section::Kinds(position);
            findings.key(section, name, KindName::parse);
            if kind.kind.is_some() {
                let message = format!(
                    "`kinds.{name}` has no field `kind`: a kind does not inherit from another"
                );
                findings.at_key(
                    &code::UNKNOWN_FIELD,
                    Origin::field(section, "kind"),
                    message,
                );
            }
            Inherited::of(findings, ground, section, kind)
        };
        Self {
            kinds: ground.decl.kinds.iter().enumerate().map(read).collect(),
            none: Inherited::default(),
        }
    }

    /// What the services of a kind inherit; nothing without one.
    pub(super) fn get(&self, kind: Option<Section>) -> &Inherited {
        match kind {
            Some(Section::Kinds(position)) => self.kinds.get(position).unwrap_or(&self.none),
            _ => &self.none,
        }
    }
}

impl Inherited {
    fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'_>,
        section: Section,
        decl: &ServiceDecl,
    ) -> Self {
        let field = |name| Origin::field(section, name);
        let names = decl.requirements.as_deref().unwrap_or_default();
        let secrets = Joined::from(findings.secrets(section, &decl.secrets));
        findings.duplicate_secrets(&secrets);
        Self {
            apt: findings.apt(section, "apt", &decl.apt).into(),
            apt_build: findings.apt(section, "apt_build", &decl.apt_build).into(),
            pip: findings.requirements(field("pip"), &decl.pip).into(),
            sets: findings
                .sets(field("requirements"), names, ground.sets)
                .into(),
            index_urls: findings.index_urls(section, &decl.index_urls).into(),
            secrets: secrets.iter().cloned().collect(),
            env: Variables::of(findings.env(section, "env", &decl.env)),
            args: Variables::of(findings.env(section, "args", &decl.args)),
            hooks: findings.hooks(section, &decl.hooks).into(),
            depends_on: findings
                .list(
                    field("depends_on"),
                    &decl.depends_on,
                    &code::INVALID_NAME,
                    ServiceName::parse,
                )
                .into(),
            command: decl
                .cmd
                .as_ref()
                .and_then(|words| exec(findings, field("cmd"), words)),
        }
    }
}
