//! The policy: rules by their codes, and exceptions with their reasons.

use indexmap::IndexMap;

use super::field::Findings;
use crate::declare::schema::{AllowanceDecl, LevelDecl, ReplacementDecl};
use crate::declare::{FleetDecl, Text};
use crate::diagnostic::{Severity, code};
use crate::fleet::model::{Origin, Section};
use crate::fleet::policy::{Allowance, Level, Policy, Replacement};
use crate::rules;
use crate::values::Date;
use crate::values::requirement::{Requirement, normalized};

pub(super) fn resolve(findings: &mut Findings<'_>, fleet: &FleetDecl) -> Policy {
    let decl = &fleet.policy;
    let mut policy = Policy::default();
    for (item, (id, level)) in decl.rules.iter().enumerate() {
        let id = rule(findings, field("policy.rules").item(item), true, id);
        policy.rules.extend(id.map(|id| (id, level_of(*level))));
    }
    image_levels(findings, fleet, &mut policy);
    policy.development = decl
        .development
        .iter()
        .map(|name| normalized(name))
        .collect();
    let replacements = decl.replacements.iter().enumerate();
    policy.replacements = replacements
        .filter_map(|(item, decl)| {
            replacement(findings, field("policy.replacements").item(item), decl)
        })
        .collect();
    let allowances = decl.allowances.iter().enumerate();
    policy.allowances = allowances
        .filter_map(|(item, decl)| allowance(findings, field("policy.allowances").item(item), decl))
        .collect();
    policy
}

fn image_levels(findings: &mut Findings<'_>, fleet: &FleetDecl, policy: &mut Policy) {
    for (item, (image, levels)) in fleet.policy.images.iter().enumerate() {
        let origin = field("policy.images").item(item);
        let services = fleet.services.as_ref();
        if !fleet.bases.contains_key(image)
            && services.is_none_or(|services| !services.contains_key(image))
        {
            let known = fleet
                .bases
                .keys()
                .chain(services.into_iter().flat_map(IndexMap::keys))
                .map(String::as_str);
            findings.unknown_key(&code::UNKNOWN_POLICY_IMAGE, origin, "image", image, known);
        }
        for (id, level) in levels {
            let Some(id) = rule(findings, origin, true, id) else {
                continue;
            };
            match level_of(*level) {
                Level::Report(severity) => {
                    policy
                        .images
                        .entry(image.clone())
                        .or_default()
                        .insert(id, severity);
                }
                Level::Allow => {
                    let message = format!("the allowance of `{id}` for {image} has no reason");
                    let help = format!(
                        "under policy.allowances: {{ rule: {id}, image: {image}, reason: … }}"
                    );
                    findings.at_value_with_help(&code::UNREASONED_ALLOWANCE, origin, message, help);
                }
            }
        }
    }
}

fn field(name: &'static str) -> Origin {
    Origin::field(Section::Fleet, name)
}

fn level_of(level: LevelDecl) -> Level {
    match level {
        LevelDecl::Deny => Level::Report(Severity::Error),
        LevelDecl::Warn => Level::Report(Severity::Warning),
        LevelDecl::Allow => Level::Allow,
    }
}

/// The code of a rule, as the table of rules has it.
fn rule(
    findings: &mut Findings<'_>,
    origin: Origin,
    is_key: bool,
    id: &str,
) -> Option<&'static str> {
    let found = rules::ALL
        .iter()
        .map(|rule| rule.code.id)
        .find(|known| *known == id);
    if found.is_none() {
        let known = rules::ALL.iter().map(|rule| rule.code.id);
        if is_key {
            findings.unknown_key(&code::UNKNOWN_RULE, origin, "rule", id, known);
        } else {
            findings.unknown(&code::UNKNOWN_RULE, origin, "rule", id, known);
        }
    }
    found
}

fn replacement(
    findings: &mut Findings<'_>,
    origin: Origin,
    decl: &ReplacementDecl,
) -> Option<Replacement> {
    let package = required(
        findings,
        origin,
        "replacement",
        "package",
        decl.package.as_ref(),
    );
    let reason = required(
        findings,
        origin,
        "replacement",
        "reason",
        decl.reason.as_ref(),
    );
    let package = findings
        .value(
            origin,
            package?,
            &code::INVALID_REQUIREMENT,
            Requirement::parse,
        )?
        .value;
    let with = decl.with.as_ref().map(ToString::to_string);
    Some(Replacement {
        package: package.normalized_name().to_owned(),
        with,
        reason: reason?.to_owned(),
    })
}

fn allowance(
    findings: &mut Findings<'_>,
    origin: Origin,
    decl: &AllowanceDecl,
) -> Option<Allowance> {
    let id = required(findings, origin, "allowance", "rule", decl.rule.as_ref());
    let reason = decl
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|reason| !reason.is_empty());
    if reason.is_none() {
        let message = "an allowance needs a `reason`".to_owned();
        let help = "say why it is allowed: reason: …".to_owned();
        findings.at_value_with_help(&code::UNREASONED_ALLOWANCE, origin, message, help);
    }
    let until = decl.until.as_deref();
    let until = until.map(|text| findings.value(origin, text, &code::INVALID_VALUE, Date::parse));
    let rule = rule(findings, origin, false, id?)?;
    Some(Allowance {
        origin,
        rule,
        image: decl.image.as_ref().map(ToString::to_string),
        package: decl.package.as_ref().map(ToString::to_string),
        reason: reason?.to_owned(),
        until: match until {
            Some(read) => Some(read?.value),
            None => None,
        },
    })
}

fn required<'a>(
    findings: &mut Findings<'_>,
    origin: Origin,
    what: &str,
    field: &str,
    text: Option<&'a Text>,
) -> Option<&'a str> {
    if text.is_none() {
        findings.at_value(
            &code::MISSING_FIELD,
            origin,
            format!("a {what} needs a `{field}`"),
        );
    }
    text.map(|text| &**text)
}
