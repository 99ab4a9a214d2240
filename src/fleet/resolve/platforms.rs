//! What an image is built for, where that is less than the fleet's platforms.

use super::Ground;
use super::field::Findings;
use super::layers::Layers;
use crate::diagnostic::code;
use crate::fleet::model::{Image, Origin, Parent, Sourced};
use crate::values::Platform;

/// The platforms that an image says, of those of the fleet.
pub(super) fn platforms(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
) -> Vec<Sourced<Platform>> {
    let said = layers.winning().find(|entry| {
        let list = &entry.decl.platforms;
        list.is_null() || !list.is_empty()
    });
    let mut platforms: Vec<Sourced<Platform>> = Vec::new();
    let Some(entry) = said else { return platforms };
    let field = Origin::field(entry.section, "platforms");
    let list = &entry.decl.platforms;
    for (at, text) in list.iter().enumerate() {
        let origin = if list.single().is_some() {
            field
        } else {
            field.item(at)
        };
        let Some(read) = findings.value(origin, text, &code::INVALID_VALUE, Platform::parse) else {
            continue;
        };
        let all = &ground.decl.platforms;
        if !all.is_empty() && !all.iter().any(|one| **one == **text) {
            let known: Vec<&str> = all.iter().map(|one| &**one).collect();
            let message = format!("the fleet is not built for `{text}`");
            let help = format!("its `platforms` are {}", known.join(", "));
            findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
        } else if platforms.iter().all(|one| one.value != read.value) {
            platforms.push(read);
        }
    }
    platforms
}

/// Says that an image is built for a platform for which the base below it is not.
pub(super) fn check_platforms(findings: &mut Findings<'_>, bases: &[Image], image: &Image) {
    let Parent::Base(base) = &image.parent else {
        return;
    };
    let below = &bases[base.value];
    let has = |platform: &&Sourced<Platform>| {
        !below
            .platforms
            .iter()
            .any(|one| one.value == platform.value)
    };
    if below.platforms.is_empty() {
        return;
    }
    let Some(first) = below.platforms.first() else {
        return;
    };
    let (origin, missing) = match image.platforms.iter().find(has) {
        Some(missing) => (missing.origin, format!("{}", missing.value)),
        None if image.platforms.is_empty() => {
            (base.origin, "every platform of the fleet".to_owned())
        }
        None => return,
    };
    let message = format!("the base `{}` is not built for {missing}", below.name);
    let help = format!(
        "set `platforms` to those of the base, such as {}",
        first.value
    );
    findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
}
