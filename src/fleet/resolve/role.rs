//! What a service is when it runs, and which inherited fields are not meant for it.

use super::field::Findings;
use super::layers::Layers;
use crate::declare::schema::RoleDecl;
use crate::diagnostic::code;
use crate::fleet::model::{Origin, ServiceRole};

/// The declared role of a service, where one is declared.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeclaredRole(Option<(Origin, RoleDecl)>);

/// What becomes of a field about listening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listening {
    /// It counts.
    Kept,
    /// It is said for services that listen: the role is said more closely.
    Skipped,
    /// It contradicts the role.
    Contradicts,
}

impl DeclaredRole {
    pub(super) fn of(layers: &Layers<'_>) -> Self {
        let said = layers.pick("role", |decl| &decl.role);
        Self(said.map(|(origin, role)| (origin, *role)))
    }

    /// Whether it is declared to be this.
    pub(super) fn is(self, role: RoleDecl) -> bool {
        self.0.is_some_and(|(_, said)| said == role)
    }

    /// Whether it is declared to listen on no port.
    pub(super) fn is_silent(self) -> bool {
        self.0.is_some_and(|(_, said)| said != RoleDecl::Web)
    }

    /// The role and what decides it: the field, or what runs.
    pub(super) fn resolved(self, is_web: bool, otherwise: Origin) -> (ServiceRole, Origin) {
        match self.0 {
            Some((origin, RoleDecl::Web)) => (ServiceRole::Web, origin),
            Some((origin, RoleDecl::Worker)) => (ServiceRole::Worker, origin),
            Some((origin, RoleDecl::Job)) => (ServiceRole::Job, origin),
            None if is_web => (ServiceRole::Web, otherwise),
            None => (ServiceRole::Worker, otherwise),
        }
    }

    fn listening(self, origin: Origin) -> Listening {
        match self.0 {
            Some((role, RoleDecl::Worker | RoleDecl::Job)) if origin.section < role.section => {
                Listening::Skipped
            }
            Some((_, RoleDecl::Job)) => Listening::Contradicts,
            _ => Listening::Kept,
        }
    }

    /// Whether what an entry says about listening is not meant for this service.
    pub(super) fn skips(self, origin: Origin) -> bool {
        self.listening(origin) == Listening::Skipped
    }

    /// Whether a field about listening counts; says where it contradicts the role.
    pub(super) fn keeps(self, findings: &mut Findings<'_>, origin: Origin) -> bool {
        let listening = self.listening(origin);
        if listening == Listening::Contradicts {
            let field = origin.field.split('.').next().unwrap_or(origin.field);
            let at = Origin::field(origin.section, field);
            let message = format!("a job runs and exits, so it cannot have `{field}`");
            let help = format!("delete `{field}`, or set `role: worker`");
            findings.at_key_with_help(&code::JOB_WITH_PORT, at, message, help);
        }
        listening == Listening::Kept
    }
}
