//! One way from a written value to a typed one, and the list of everything that went wrong on it.

use std::collections::{BTreeMap, BTreeSet};

use crate::declare::schema::SecretDecl;
use crate::declare::{Flexible, Included, Text, Variables};
use crate::diagnostic::{
    Code, Diagnostic, Location, SUGGESTIONS_LIMIT, Severity, bounded, code, did_you_mean,
};
use crate::fleet::joined::Joined;
use crate::fleet::known::KnownRequirements;
use crate::fleet::model::{Origin, Secret, Section, Sourced, Variable};
use crate::values::requirement::Requirement;
use crate::values::{
    AptPackage, EnvKey, FreeText, IndexUrl, InvalidValue, LinuxPath, RelPath, SecretId,
    TemplateName,
};

/// How many names are listed where none is like the one that was written.
pub(super) const NAMED: usize = 40;

/// Collects what is wrong while values are read.
pub(super) struct Findings<'a> {
    file: &'a str,
    pub(super) included: &'a Included,
    diagnostics: Vec<Diagnostic>,
    /// The templates that entries name, each with the first place that names it.
    pub(super) templates: BTreeMap<String, Location>,
    /// What texts stand for that were read before: the same requirements come again and again.
    known_requirements: KnownRequirements,
}

impl<'a> Findings<'a> {
    pub(super) fn new(file: &'a str, included: &'a Included) -> Self {
        Self {
            file,
            included,
            diagnostics: Vec::new(),
            templates: BTreeMap::new(),
            known_requirements: KnownRequirements::default(),
        }
    }

    /// An empty list for the same files, to be appended later.
    pub(super) fn beside(&self) -> Self {
        Self::new(self.file, self.included)
    }

    /// Adds what was found in a part of the declaration that comes after this one.
    pub(super) fn append(&mut self, later: Self) {
        self.diagnostics.extend(later.diagnostics);
        for (template, place) in later.templates {
            self.templates.entry(template).or_insert(place);
        }
    }

    /// How much was found so far.
    pub(super) fn count(&self) -> usize {
        self.diagnostics.len()
    }

    fn value_at(&self, origin: Origin) -> Location {
        origin.value(self.file, self.included)
    }

    fn key_at(&self, origin: Origin) -> Location {
        origin.key(self.file, self.included)
    }

    /// Everything found, once each: what is wrong with a kind is met again in each of its services.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut known = BTreeSet::new();
        let mut once = self.diagnostics;
        once.retain(|found| {
            known.insert((found.code.id, found.location.clone(), found.message.clone()))
        });
        bounded(once)
    }

    /// Reads the name of a template below `folder`, and remembers that it is needed.
    pub(super) fn template(
        &mut self,
        folder: &str,
        origin: Origin,
        text: &str,
    ) -> Option<Sourced<TemplateName>> {
        let name = self.value(origin, text, &code::INVALID_NAME, TemplateName::parse)?;
        let needed = format!("{folder}/{}", name.value);
        if !self.templates.contains_key(&needed) {
            self.templates.insert(needed, self.value_at(origin));
        }
        Some(name)
    }

    pub(super) fn at_value(&mut self, code: &'static Code, origin: Origin, message: String) {
        self.diagnostics
            .push(Diagnostic::new(code, self.value_at(origin), message));
    }

    pub(super) fn at_key(&mut self, code: &'static Code, origin: Origin, message: String) {
        self.diagnostics
            .push(Diagnostic::new(code, self.key_at(origin), message));
    }

    pub(super) fn at_key_with_help(
        &mut self,
        code: &'static Code,
        origin: Origin,
        message: String,
        help: String,
    ) {
        let found = Diagnostic::new(code, self.key_at(origin), message);
        self.diagnostics.push(found.with_help(help));
    }

    pub(super) fn at_value_with_help(
        &mut self,
        code: &'static Code,
        origin: Origin,
        message: String,
        help: String,
    ) {
        self.diagnostics
            .push(Diagnostic::new(code, self.value_at(origin), message).with_help(help));
    }

    /// The same, as grave as it is here.
    pub(super) fn graded(
        &mut self,
        code: &'static Code,
        severity: Severity,
        origin: Origin,
        (message, help): (String, String),
    ) {
        let found = Diagnostic::new(code, self.value_at(origin), message).with_help(help);
        self.diagnostics.push(Diagnostic { severity, ..found });
    }

    /// The same with lines to paste below the help.
    pub(super) fn at_value_with_examples(
        &mut self,
        code: &'static Code,
        origin: Origin,
        message: String,
        (help, examples): (&str, &'static [&'static str]),
    ) {
        let found = Diagnostic::new(code, self.value_at(origin), message).with_help(help);
        self.diagnostics.push(found.with_examples(examples));
    }

    /// Says that a folder of inputs has a name that begins with a dot.
    pub(super) fn refuse_hidden(&mut self, folder: &Sourced<RelPath>, of: &str, example: &str) {
        if folder.value.is_hidden() {
            let path = &folder.value;
            let message = format!(
                "`{path}` is not a valid folder of {of}: no name in it may begin with a dot"
            );
            self.at_value_with_help(
                &code::INVALID_LAYOUT,
                folder.origin,
                message,
                format!("write one such as `{example}`"),
            );
        }
    }

    /// Says that a name is unknown, and which one was most likely meant.
    pub(super) fn unknown<'n>(
        &mut self,
        code: &'static Code,
        origin: Origin,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        self.unknown_at(code, self.value_at(origin), what, name, known);
    }

    /// The same for a name that is a key.
    pub(super) fn unknown_key<'n>(
        &mut self,
        code: &'static Code,
        origin: Origin,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        self.unknown_at(code, self.key_at(origin), what, name, known);
    }

    fn unknown_at<'n>(
        &mut self,
        code: &'static Code,
        location: Location,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        let found = Diagnostic::new(code, location, format!("unknown {what} `{name}`"));
        if self.diagnostics.len() >= SUGGESTIONS_LIMIT {
            return self.diagnostics.push(found);
        }
        let known: Vec<&str> = known.collect();
        let help = match did_you_mean(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => format!("no {what} is declared"),
            None if known.len() > NAMED => {
                let (named, rest) = known.split_at(NAMED);
                format!("known: {} and {} more", named.join(", "), rest.len())
            }
            None => format!("known: {}", known.join(", ")),
        };
        self.diagnostics.push(found.with_help(help));
    }

    fn refuse(
        &mut self,
        code: &'static Code,
        origin: Origin,
        invalid: &InvalidValue,
        is_key: bool,
    ) {
        let location = if is_key {
            self.key_at(origin)
        } else {
            self.value_at(origin)
        };
        let mut found = Diagnostic::new(
            code,
            location,
            format!("not a valid {}: {}", invalid.what(), invalid.reason()),
        );
        found.help = invalid.help();
        self.diagnostics.push(found);
    }

    pub(super) fn value<T>(
        &mut self,
        origin: Origin,
        text: &str,
        code: &'static Code,
        parse: impl Fn(&str) -> Result<T, InvalidValue>,
    ) -> Option<Sourced<T>> {
        match parse(text) {
            Ok(value) => Some(Sourced { value, origin }),
            Err(invalid) => {
                self.refuse(code, origin, &invalid, false);
                None
            }
        }
    }

    pub(super) fn key<T>(
        &mut self,
        section: Section,
        text: &str,
        parse: impl Fn(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        parse(text)
            .map_err(|invalid| {
                self.refuse(
                    &code::INVALID_NAME,
                    Origin::field(section, ""),
                    &invalid,
                    true,
                );
            })
            .ok()
    }

    pub(super) fn list<T>(
        &mut self,
        origin: Origin,
        texts: &[Text],
        code: &'static Code,
        parse: impl Fn(&str) -> Result<T, InvalidValue>,
    ) -> Vec<Sourced<T>> {
        texts
            .iter()
            .enumerate()
            .filter_map(|(item, text)| self.value(origin.item(item), text, code, &parse))
            .collect()
    }

    pub(super) fn apt(
        &mut self,
        section: Section,
        field: &'static str,
        texts: &[Text],
    ) -> Vec<Sourced<AptPackage>> {
        self.list(
            Origin::field(section, field),
            texts,
            &code::INVALID_APT_PACKAGE,
            AptPackage::parse,
        )
    }

    pub(super) fn requirements(
        &mut self,
        origin: Origin,
        texts: &[Text],
    ) -> Vec<Sourced<Requirement>> {
        texts
            .iter()
            .enumerate()
            .filter_map(|(item, text)| {
                if let Some(known) = self.known_requirements.get(text) {
                    return Some(Sourced {
                        value: known.clone(),
                        origin: origin.item(item),
                    });
                }
                let has_credentials = text.split_once("://").is_some_and(|(_, rest)| {
                    let authority = rest.split(['/', '?']).next();
                    authority.expect("a split has a first part").contains('@')
                });
                let code = if has_credentials {
                    &code::CREDENTIALS_IN_URL
                } else {
                    &code::INVALID_REQUIREMENT
                };
                let read = self.value(origin.item(item), text, code, Requirement::parse)?;
                self.known_requirements.add(&read.value);
                Some(read)
            })
            .collect()
    }

    pub(super) fn index_urls(
        &mut self,
        section: Section,
        texts: &[Text],
    ) -> Vec<Sourced<IndexUrl>> {
        let origin = Origin::field(section, "index_urls");
        texts
            .iter()
            .enumerate()
            .filter_map(|(item, text)| {
                let code = if text.contains('@') {
                    &code::CREDENTIALS_IN_URL
                } else {
                    &code::INVALID_VALUE
                };
                self.value(origin.item(item), text, code, IndexUrl::parse)
            })
            .collect()
    }

    /// The variables that an entry sets itself.
    pub(super) fn variables(
        &mut self,
        section: Section,
        field: &'static str,
        entries: &Variables,
    ) -> Vec<Variable> {
        let entries = entries.iter().enumerate();
        let said = entries.filter(|(_, (_, value))| !value.is_null());
        self.env(
            section,
            field,
            said.map(|(item, (key, text))| (item, key, &**text)),
        )
    }

    /// Variables with their positions.
    pub(super) fn env<'t>(
        &mut self,
        section: Section,
        field: &'static str,
        entries: impl Iterator<Item = (usize, &'t String, &'t Text)>,
    ) -> Vec<Variable> {
        let mut env = Vec::new();
        for (item, key, text) in entries {
            let origin = Origin::field(section, field).item(item);
            if field == "args" && TEMPLATE_ARGUMENTS.contains(&key.as_str()) {
                let message = format!("the template already defines the build argument {key}");
                self.at_key(&code::INVALID_VALUE, origin, message);
                continue;
            }
            if key == "PATH" && !text.contains("{env.PATH}") {
                let message =
                    "PATH includes the folder of the Python packages; a value here would replace it"
                        .to_owned();
                let help = "extend it: PATH: \"/opt/tool/bin:{env.PATH}\"".to_owned();
                let found = Diagnostic::new(&code::INVALID_VALUE, self.key_at(origin), message)
                    .with_help(help);
                self.diagnostics.push(found);
                continue;
            }
            let key = EnvKey::parse(key)
                .map_err(|invalid| self.refuse(&code::INVALID_NAME, origin, &invalid, true));
            let text = self.value(origin, text, &code::INVALID_VALUE, FreeText::parse);
            if let (Ok(key), Some(text)) = (key, text) {
                env.push((key, text));
            }
        }
        env
    }

    pub(super) fn secrets(
        &mut self,
        section: Section,
        entries: &[Flexible<SecretDecl>],
    ) -> Vec<Secret> {
        let field = Origin::field(section, "secrets");
        let entries = entries.iter().enumerate();
        entries
            .filter_map(|(item, entry)| self.secret(field.item(item), entry))
            .collect()
    }

    /// One build secret.
    pub(super) fn secret(&mut self, origin: Origin, entry: &SecretDecl) -> Option<Secret> {
        let Some(id) = entry.id.as_deref() else {
            let message = "a secret needs an `id`".to_owned();
            self.at_value(&code::MISSING_FIELD, origin, message);
            return None;
        };
        let target = entry
            .target
            .as_deref()
            .map_or_else(|| format!("/run/secrets/{id}"), str::to_owned);
        let id = self.value(origin, id, &code::INVALID_VALUE, SecretId::parse)?;
        let target = self.value(origin, &target, &code::INVALID_VALUE, LinuxPath::parse)?;
        Some(Secret {
            id,
            target: target.value,
        })
    }

    /// Says which secrets of one image stand in each other's way.
    pub(super) fn duplicate_secrets(&mut self, secrets: &Joined<Secret>) {
        let mut ids = BTreeSet::new();
        let mut targets: BTreeMap<&LinuxPath, &Secret> = BTreeMap::new();
        for secret in secrets {
            let id = &secret.id.value;
            let other = *targets.entry(&secret.target).or_insert(secret);
            if !ids.insert(id) {
                let message = format!("the secret `{id}` is already in this list");
                self.at_value(&code::DUPLICATE_SECRET, secret.id.origin, message);
            } else if other.id.value != *id {
                let message = format!(
                    "`{}` and `{id}` would both be at {}",
                    other.id.value, secret.target
                );
                self.at_value(&code::DUPLICATE_SECRET, secret.id.origin, message);
            }
        }
    }
}

/// The build arguments by which the templates name the base.
const TEMPLATE_ARGUMENTS: [&str; 3] = ["REGISTRY", "OWNER", "BASE_VERSION"];
