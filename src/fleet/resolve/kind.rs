//! `defaults` and kinds: what their lists say is read once, and shared by all services that inherit
//! it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Ground;
use super::field::Findings;
use super::kept::refuse_of_services;
use super::layers::Entry;
use super::running::exec;
use crate::declare::schema::ServiceDecl;
use crate::declare::{self, Nullable};
use crate::diagnostic::code;
use crate::fleet::SetId;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Command, Hook, Origin, Secret, Section, Sourced, Variable};
use crate::values::requirement::Requirement;
use crate::values::{AptPackage, EnvKey, IndexUrl, KindName, ServiceName};

/// What the lists and mappings of a kind say, after those of `defaults`.
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
    fn of(variables: Arc<[Variable]>) -> Self {
        let positions = variables
            .iter()
            .enumerate()
            .map(|(at, (key, _))| (key.clone(), at))
            .collect();
        Self {
            all: variables,
            positions,
        }
    }

    /// The same with the own ones of an entry, which win, and without what it takes back.
    pub(super) fn joined(
        &self,
        decl: &Nullable<declare::Variables>,
        own: Vec<Variable>,
    ) -> Joined<Variable> {
        if decl.is_null() {
            return own.into();
        }
        let taken_back = decl.iter().filter(|(_, value)| value.is_null());
        let taken_back = taken_back.filter_map(|(key, _)| EnvKey::parse(key).ok());
        let replaced = own
            .iter()
            .filter_map(|(key, _)| self.positions.get(key).copied())
            .chain(taken_back.filter_map(|key| self.positions.get(&key).copied()))
            .collect();
        Joined::new(Arc::clone(&self.all), own).without(replaced)
    }

    /// The same as what the services of a kind inherit.
    fn extended(&self, decl: &Nullable<declare::Variables>, own: Vec<Variable>) -> Self {
        Self::of(self.joined(decl, own).iter().cloned().collect())
    }
}

/// `defaults` and all kinds, by their position.
pub(super) struct Kinds {
    kinds: Vec<Inherited>,
    defaults: Inherited,
}

impl Kinds {
    /// Reads `defaults` and all kinds, also those that no service has.
    pub(super) fn of(findings: &mut Findings<'_>, ground: &Ground<'_>) -> Self {
        let entry = (Section::Defaults, &*ground.decl.defaults);
        refuse_kind(findings, "defaults", entry);
        refuse_of_services(
            findings,
            "defaults",
            Entry {
                section: entry.0,
                decl: entry.1,
            },
        );
        let defaults = Inherited::default().extended(findings, ground, entry);
        let mut kinds = Vec::with_capacity(ground.decl.kinds.len());
        for (position, (name, kind)) in ground.decl.kinds.iter().enumerate() {
            let entry = (Section::Kinds(position.into()), kind);
            findings.key(entry.0, name, KindName::parse);
            refuse_kind(findings, &format!("kinds.{name}"), entry);
            let of_kind = Entry {
                section: entry.0,
                decl: entry.1,
            };
            refuse_of_services(findings, &format!("kinds.{name}"), of_kind);
            kinds.push(defaults.extended(findings, ground, entry));
        }
        Self { kinds, defaults }
    }

    /// What the services of a kind inherit; without one, `defaults` alone.
    pub(super) fn get(&self, kind: Option<Section>) -> &Inherited {
        match kind {
            Some(Section::Kinds(position)) => self
                .kinds
                .get(usize::from(position))
                .unwrap_or(&self.defaults),
            _ => &self.defaults,
        }
    }
}

fn refuse_kind(findings: &mut Findings<'_>, name: &str, (section, decl): (Section, &ServiceDecl)) {
    if decl.kind.is_some() {
        let message = format!("`{name}` cannot have a `kind`: only services inherit from kinds");
        findings.at_key(
            &code::UNKNOWN_FIELD,
            Origin::field(section, "kind"),
            message,
        );
    }
}

/// What a list hands on: what it inherits, unless that is taken back, then its own items.
pub(super) fn handed_on<T: Clone, D>(
    inherited: &Arc<[T]>,
    decl: &Nullable<D>,
    own: Vec<T>,
) -> Arc<[T]> {
    if own.is_empty() {
        return kept(inherited, decl);
    }
    kept(inherited, decl).iter().cloned().chain(own).collect()
}

/// What is inherited, unless that is taken back.
pub(super) fn kept<T, D>(inherited: &Arc<[T]>, decl: &Nullable<D>) -> Arc<[T]> {
    if decl.is_null() {
        Arc::new([])
    } else {
        Arc::clone(inherited)
    }
}

impl Inherited {
    /// What comes of it with an entry that inherits it.
    fn extended(
        &self,
        findings: &mut Findings<'_>,
        ground: &Ground<'_>,
        (section, decl): (Section, &ServiceDecl),
    ) -> Self {
        let field = |name| Origin::field(section, name);
        let secrets = findings.secrets(section, &decl.secrets);
        let secrets = Joined::new(kept(&self.secrets, &decl.secrets), secrets);
        findings.duplicate_secrets(&secrets);
        let apt = findings.apt(section, "apt", &decl.apt);
        let apt_build = findings.apt(section, "apt_build", &decl.apt_build);
        let pip = findings.requirements(field("pip"), &decl.pip);
        let env = findings.variables(section, "env", &decl.env);
        let args = findings.variables(section, "args", &decl.args);
        let hooks = findings.hooks(section, &decl.hooks);
        let depends_on = findings.list(
            field("depends_on"),
            &decl.depends_on,
            &code::INVALID_NAME,
            ServiceName::parse,
        );
        Self {
            apt: handed_on(&self.apt, &decl.apt, apt),
            apt_build: handed_on(&self.apt_build, &decl.apt_build, apt_build),
            pip: handed_on(&self.pip, &decl.pip, pip),
            sets: match &*decl.requirements {
                Some(names) => findings
                    .sets(field("requirements"), names, ground.sets)
                    .into(),
                None => kept(&self.sets, &decl.requirements),
            },
            index_urls: match findings.index_urls(section, &decl.index_urls) {
                own if own.is_empty() => kept(&self.index_urls, &decl.index_urls),
                own => own.into(),
            },
            secrets: secrets.iter().cloned().collect(),
            env: self.env.extended(&decl.env, env),
            args: self.args.extended(&decl.args, args),
            hooks: handed_on(&self.hooks, &decl.hooks, hooks),
            depends_on: handed_on(&self.depends_on, &decl.depends_on, depends_on),
            command: match &*decl.cmd {
                Some(words) => exec(findings, field("cmd"), words),
                None => self.command.clone().filter(|_| !decl.cmd.is_null()),
            },
        }
    }
}
