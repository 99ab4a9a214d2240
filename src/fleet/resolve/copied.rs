//! Services that copy from other services are built after those.

use std::collections::BTreeMap;

use super::field::Findings;
use crate::diagnostic::code;
use crate::fleet::model::{Image, Role};
use crate::fleet::order::ordered;

/// Puts services after those that they copy from; says which do in a circle.
pub(super) fn order(findings: &mut Findings<'_>, images: &mut Vec<Image>) {
    let mut copies = images.iter().flat_map(|image| &image.copies);
    if copies.all(|copy| copy.service.is_none()) {
        return;
    }
    let positions: BTreeMap<String, usize> = images
        .iter()
        .map(|image| image.name.to_string())
        .zip(0..)
        .collect();
    let needs: Vec<Vec<usize>> = images
        .iter()
        .map(|image| {
            let services = image.copies.iter().filter_map(|copy| copy.service.as_ref());
            services
                .filter_map(|service| positions.get(service.as_str()).copied())
                .collect()
        })
        .collect();
    let order = ordered(&needs);
    if let Some(cycle) = order.cycles.first() {
        let image = &images[cycle[0]];
        let mut copies = image.copies.iter();
        let copy = copies.find(|copy| copy.service.is_some());
        let origin = copy
            .expect("an image in a circle copies from another")
            .origin;
        let names: Vec<&str> = cycle.iter().map(|at| images[*at].name.as_str()).collect();
        let message = format!(
            "these services copy from each other in a circle: {}",
            names.join(", ")
        );
        findings.at_value(&code::DEPENDENCY_CYCLE, origin, message);
        return;
    }
    let mut all: Vec<Option<Image>> = images.drain(..).map(Some).collect();
    // Bases stay first, in the order that they have.
    let is_base = |image: &Option<Image>| {
        image
            .as_ref()
            .is_some_and(|image| matches!(image.role, Role::Base(_)))
    };
    let bases = all.iter().take_while(|image| is_base(image)).count();
    images.extend(all[..bases].iter_mut().filter_map(Option::take));
    for position in order.all {
        images.extend(all[position].take());
    }
}
