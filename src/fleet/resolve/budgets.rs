//! Budgets: sizes, and the reasons of those that single images have.

use std::collections::BTreeSet;

use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::budgets::BudgetDecl;
use crate::diagnostic::code;
use crate::fleet::budgets::{Budget, Budgets};
use crate::fleet::model::{Image, Origin, Section};
use crate::values::{ByteSize, FreeText, Tolerance};

pub(super) fn resolve(findings: &mut Findings<'_>, decl: &FleetDecl, images: &[Image]) -> Budgets {
    let decl = &decl.budgets;
    let mut budgets = Budgets::default();
    let whole = |field| Origin::field(Section::Fleet, field);
    if let Some(fleet) = &decl.fleet {
        budgets.fleet = budget(findings, whole("budgets.fleet"), fleet);
    }
    if let Some(each) = &decl.each {
        budgets.each = budget(findings, whole("budgets.each"), each);
    }
    let names: BTreeSet<&str> = images.iter().map(|image| image.name.as_str()).collect();
    for (item, (name, own)) in decl.images.iter().enumerate() {
        let origin = whole("budgets.images").item(item);
        if !names.contains(name.as_str()) {
            let known = names.iter().copied();
            findings.unknown_key(&code::UNKNOWN_BUDGET_IMAGE, origin, "image", name, known);
        }
        if own
            .reason
            .as_deref()
            .is_none_or(|reason| reason.trim().is_empty())
        {
            let message = format!("the budget of {name} has no reason");
            let help = "say why the image takes so much: reason: …".to_owned();
            findings.at_value_with_help(&code::UNREASONED_BUDGET, origin, message, help);
        }
        let read = budget(findings, origin, own);
        budgets.images.extend(read.map(|read| (name.clone(), read)));
    }
    budgets
}

fn budget(findings: &mut Findings<'_>, origin: Origin, decl: &BudgetDecl) -> Option<Budget> {
    let Some(size) = &decl.size else {
        let message = "a budget needs a `size`".to_owned();
        findings.at_value(&code::MISSING_FIELD, origin, message);
        return None;
    };
    let size = findings.value(origin, size, &code::INVALID_VALUE, ByteSize::parse);
    let tolerance = decl.tolerance.as_deref();
    let tolerance =
        tolerance.map(|text| findings.value(origin, text, &code::INVALID_VALUE, Tolerance::parse));
    let reason = decl.reason.as_deref();
    let reason =
        reason.map(|text| findings.value(origin, text, &code::INVALID_VALUE, FreeText::parse));
    Some(Budget {
        origin,
        size: size?.value,
        tolerance: match tolerance {
            Some(read) => Some(read?.value),
            None => None,
        },
        reason: match reason {
            Some(read) => Some(read?.value.to_string()),
            None => None,
        },
    })
}
