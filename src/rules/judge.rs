//! Between what rules find and what is reported: the fleet's policy.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{
    Code, Diagnostic, Location, SUGGESTIONS_LIMIT, Severity, bounded, code, did_you_mean,
};
use crate::fleet::model::Origin;
use crate::fleet::policy::{Allowance, Level};
use crate::fleet::{Absent, Fleet, Image};
use crate::values::Date;
use crate::values::requirement::normalized;

/// What is said about a place: the message, and what to type.
pub(super) type Statement = (String, String);

/// Collects findings of one rule after the other.
pub(super) struct Judge<'a> {
    pub(super) fleet: &'a Fleet,
    /// Whether each allowance of the policy allowed anything.
    used: Vec<bool>,
    /// The allowances that are over.
    expired: Vec<bool>,
    /// The rule at hand, and how it is taken; nothing where it is switched off but for single
    /// images.
    code: &'static Code,
    level: Option<Severity>,
    has_levels_by_image: bool,
    /// The allowances of the rule at hand. The positions of the allowances of this rule that are
    /// not over, by image and normalized package; none stands for all.
    allowances: BTreeMap<(Option<&'a str>, Option<String>), Vec<usize>>,
    /// Where findings of the rule at hand stand among the diagnostics: what one image's entry says
    /// for many is said once.
    reported: BTreeMap<(Location, String), usize>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(fleet: &'a Fleet, today: Option<&Date>) -> Self {
        let allowances = &fleet.policy.allowances;
        let is_over =
            |allowance: &Allowance| today > allowance.until.as_ref() && allowance.until.is_some();
        Self {
            fleet,
            used: vec![false; allowances.len()],
            expired: allowances.iter().map(is_over).collect(),
            code: &code::UNUSED_ALLOWANCE,
            level: None,
            has_levels_by_image: false,
            allowances: BTreeMap::new(),
            reported: BTreeMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Begins with a rule; false where nobody wants to hear of it.
    pub(super) fn turn_to(&mut self, code: &'static Code) -> bool {
        let policy = &self.fleet.policy;
        let standard = if code.optional {
            Level::Allow
        } else {
            Level::Report(code.severity)
        };
        self.level = match policy.rules.get(code.id).copied().unwrap_or(standard) {
            Level::Report(severity) => Some(severity),
            Level::Allow => None,
        };
        self.code = code;
        self.has_levels_by_image = policy
            .images
            .values()
            .any(|levels| levels.contains_key(code.id));
        self.allowances.clear();
        for (at, one) in policy.allowances.iter().enumerate() {
            if one.rule == code.id && !self.expired[at] {
                let key = (one.image.as_deref(), one.package.as_deref().map(normalized));
                self.allowances.entry(key).or_default().push(at);
            }
        }
        self.reported.clear();
        self.level.is_some() || self.has_levels_by_image
    }

    /// Reports a value. `subject` is the package, variable, set or index by which an allowance can
    /// name it.
    pub(super) fn value(
        &mut self,
        image: Option<&Image>,
        subject: &str,
        origin: Origin,
        say: impl FnOnce() -> Statement,
    ) {
        self.report(image, subject, self.fleet.value_at(origin), say);
    }

    /// Reports a path that an image needs, with the one that was likely meant.
    pub(super) fn absent(&mut self, absent: &Absent, meant: Option<&str>) {
        let image = self.fleet.image(absent.image);
        self.value(Some(image), &absent.path, absent.origin, || {
            let help = match meant {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("{} cannot be built without it", image.name),
            };
            (format!("{} not found", absent.path), help)
        });
    }

    /// Reports a value of an image, and no graver than this.
    pub(super) fn value_at_most(
        &mut self,
        most: Severity,
        image: &Image,
        (subject, origin): (&str, Origin),
        say: impl FnOnce() -> Statement,
    ) {
        let level = self.level;
        self.level = level.map(|level| level.max(most));
        self.value(Some(image), subject, origin, say);
        self.level = level;
    }

    /// Reports the key of an entry.
    pub(super) fn key(
        &mut self,
        image: Option<&Image>,
        subject: &str,
        origin: Origin,
        say: impl FnOnce() -> Statement,
    ) {
        self.report(image, subject, self.fleet.key_at(origin), say);
    }

    fn report(
        &mut self,
        image: Option<&Image>,
        subject: &str,
        location: Location,
        say: impl FnOnce() -> Statement,
    ) {
        let name = image.map_or("", |image| image.name.as_str());
        let Some(severity) = self.severity(name) else {
            return;
        };
        if self.is_allowed(name, subject) {
            return;
        }
        let key = (location, subject.to_owned());
        if let Some(at) = self.reported.get(&key) {
            let said = &mut self.diagnostics[*at];
            said.severity = said.severity.min(severity);
            return;
        }
        let (message, help) = say();
        let mut found = Diagnostic::new(self.code, key.0.clone(), message).with_help(help);
        found.severity = severity;
        self.reported.insert(key, self.diagnostics.len());
        self.diagnostics.push(found);
    }

    fn severity(&self, image: &str) -> Option<Severity> {
        if !self.has_levels_by_image {
            return self.level;
        }
        let by_image = self
            .fleet
            .policy
            .images
            .get(image)
            .and_then(|levels| levels.get(self.code.id));
        by_image.copied().or(self.level)
    }

    fn is_allowed(&mut self, image: &str, subject: &str) -> bool {
        if self.allowances.is_empty() {
            return false;
        }
        let mut is_allowed = false;
        for image in [None, Some(image)] {
            for subject in [None, Some(normalized(subject))] {
                for at in self.allowances.get(&(image, subject)).into_iter().flatten() {
                    self.used[*at] = true;
                    is_allowed = true;
                }
            }
        }
        is_allowed
    }

    /// Everything found, with the allowances that are over or allow nothing.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        let known = self
            .fleet
            .images
            .iter()
            .map(|image| image.name.as_str())
            .collect();
        for (at, allowance) in self.fleet.policy.allowances.iter().enumerate() {
            let location = self.fleet.value_at(allowance.origin);
            if self.expired[at] {
                let until = allowance.until.as_ref().map_or("", Date::as_str);
                let message = format!(
                    "{} was allowed until {until}: {}",
                    allowance.rule, allowance.reason
                );
                let help = "fix the finding and delete the entry, or set a later `until`";
                self.diagnostics.push(
                    Diagnostic::new(&code::EXPIRED_ALLOWANCE, location, message).with_help(help),
                );
            } else if !self.used[at] {
                let message = format!("this allowance of {} matches nothing", allowance.rule);
                let help = self.unused_help(allowance, &known);
                self.diagnostics.push(
                    Diagnostic::new(&code::UNUSED_ALLOWANCE, location, message).with_help(help),
                );
            }
        }
        bounded(self.diagnostics)
    }

    /// `known` are the names of all images. A name is suggested only where findings are few.
    fn unused_help(&self, allowance: &Allowance, known: &BTreeSet<&str>) -> String {
        let unknown = allowance
            .image
            .as_deref()
            .filter(|image| !known.contains(image));
        let is_few = self.diagnostics.len() < SUGGESTIONS_LIMIT;
        let meant = |image| did_you_mean(image, known.iter().copied().filter(|_| is_few));
        match unknown.map(|image| (image, meant(image))) {
            Some((image, Some(meant))) => {
                format!("unknown image `{image}`; did you mean `{meant}`?")
            }
            Some((image, None)) => format!("unknown image `{image}`; delete the entry"),
            None => "delete the entry".to_owned(),
        }
    }
}
