//! The policy: rules by their codes, and exceptions with their reasons.

use indexmap::IndexMap;

use super::field::Findings;
use crate::declare::policy::{AllowanceDecl, LevelDecl, ReplacementDecl, WaiverDecl};
use crate::declare::{FleetDecl, Text};
use crate::diagnostic::{Severity, code};
use crate::dockerfile::judge::{HARMLESS_RULES, find_rule};
use crate::fleet::model::{Origin, Section};
use crate::fleet::policy::{Allowance, Level, Policy, Replacement, Waiver};
use crate::rules;
use crate::values::requirement::{Requirement, normalized};
use crate::values::{Date, RelPath, Sha256};

pub(super) fn resolve(findings: &mut Findings<'_>, fleet: &FleetDecl) -> Policy {
    let decl = &fleet.policy;
    let mut policy = Policy::default();
    for (item, (id, level)) in decl.rules.iter().enumerate() {
        let origin = field("policy.rules").item(item);
        if let Some(harmless) = find_rule(id) {
            deny(findings, &mut policy, origin, (harmless.id, *level));
            continue;
        }
        let id = rule(findings, origin, true, id);
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
    let waivers = decl.waivers.iter().enumerate();
    policy.waivers = waivers
        .filter_map(|(item, decl)| waiver(findings, field("policy.waivers").item(item), decl))
        .collect();
    policy
}

/// A harmless difference is not looked for: it can only count as different, or not.
fn deny(
    findings: &mut Findings<'_>,
    policy: &mut Policy,
    origin: Origin,
    (id, level): (&str, LevelDecl),
) {
    match level {
        LevelDecl::Deny => drop(policy.denied.insert(id.to_owned())),
        LevelDecl::Allow => {}
        LevelDecl::Warn => {
            let message = format!("`{id}` names a harmless difference, which can only be denied");
            let help = format!("write `{id}: deny`, or delete the entry");
            findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
        }
    }
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
        let harmless = HARMLESS_RULES.iter().map(|rule| rule.id);
        let known = rules::ALL.iter().map(|rule| rule.code.id);
        if is_key {
            let known = known.chain(harmless);
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

fn waiver(findings: &mut Findings<'_>, origin: Origin, decl: &WaiverDecl) -> Option<Waiver> {
    let mut text = |field: &str, said: Option<&Text>| {
        let said = said.filter(|text| !text.trim().is_empty());
        Some(required(findings, origin, "waiver", field, said)?.to_owned())
    };
    let file = text("file", decl.file.as_ref());
    let sha256 = text("sha256", decl.sha256.as_ref());
    let reason = text("reason", decl.reason.as_ref());
    let until = text("until", decl.until.as_ref().map(|date| &date.0));
    let file = file.map(|text| findings.value(origin, &text, &code::INVALID_VALUE, RelPath::parse));
    let sha256 =
        sha256.map(|text| findings.value(origin, &text, &code::INVALID_VALUE, Sha256::parse));
    let until = until.map(|text| findings.value(origin, &text, &code::INVALID_VALUE, Date::parse));
    Some(Waiver {
        origin,
        file: file??.value,
        sha256: sha256??.value,
        reason: reason?.trim().to_owned(),
        until: until??.value,
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
