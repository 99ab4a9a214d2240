//! A service that is declared by command.

use crate::declare::schema::{RoleDecl, ServiceDecl};
use crate::declare::{Nullable, OneOrMany, Text};
use crate::yaml::NewValue;

/// A service to be declared; empty lists and absent values are not written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewService {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Option<String>,
    /// What it is when it runs.
    pub role: Option<RoleDecl>,
    /// The folder of its sources.
    pub source: Option<String>,
    /// Where they land in the image.
    pub target: Option<String>,
    /// Debian packages.
    pub apt: Vec<String>,
    /// pip requirements.
    pub pip: Vec<String>,
    /// The application for uvicorn.
    pub app: Option<String>,
    /// The command line.
    pub cmd: Option<String>,
    /// The port.
    pub port: Option<u64>,
}

impl NewService {
    pub(super) fn fields(&self) -> NewValue {
        let text = |text: &Option<String>| text.clone().map(NewValue::Text);
        let list = |list: &[String]| (!list.is_empty()).then(|| NewValue::List(list.to_vec()));
        let role = self.role.map(|role| NewValue::Text(word(role).to_owned()));
        let fields = [
            ("kind", text(&self.kind)),
            ("role", role),
            ("source", text(&self.source)),
            ("target", text(&self.target)),
            ("apt", list(&self.apt)),
            ("pip", list(&self.pip)),
            ("app", text(&self.app)),
            ("cmd", text(&self.cmd)),
            ("port", self.port.map(NewValue::Number)),
        ];
        let said = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        NewValue::Fields(said.collect())
    }

    pub(super) fn decl(&self) -> ServiceDecl {
        let said = |text: &String| Text(text.as_str().into());
        let texts = |list: &[String]| Nullable::from(list.iter().map(said).collect::<Vec<_>>());
        let text = |text: &Option<String>| Nullable::from(text.as_ref().map(said));
        ServiceDecl {
            kind: self.kind.as_ref().map(said),
            role: self.role.into(),
            source: text(&self.source),
            target: text(&self.target),
            apt: texts(&self.apt),
            pip: texts(&self.pip),
            app: text(&self.app),
            cmd: self
                .cmd
                .as_ref()
                .map(|cmd| OneOrMany::one(said(cmd)))
                .into(),
            port: self.port.into(),
            ..ServiceDecl::default()
        }
    }
}

/// The role as it is written.
fn word(role: RoleDecl) -> &'static str {
    match role {
        RoleDecl::Web => "web",
        RoleDecl::Worker => "worker",
        RoleDecl::Job => "job",
    }
}
