//! The build plan for people: a tree of what builds on what, each image with the reason it is in
//! it.

use std::collections::BTreeMap;

use super::style::{BOLD, DIM, GREEN, paint};
use super::{Page, add, page};
use crate::fleet::{Fleet, Image, Role};
use crate::images::graph::{Node, children, parent};
use crate::images::{Because, Plan, Taken};

/// The plan as a tree. Images that are not in it are shown only where one on top of them is.
#[must_use]
pub fn plan_text(fleet: &Fleet, plan: &Plan) -> Page {
    if plan.images.is_empty() {
        return page!(
            "nothing to build: no image takes a changed file, of {} images\n",
            fleet.images.len()
        );
    }
    let tree = Tree {
        fleet,
        plan,
        children: children(fleet),
        shown: shown(fleet, plan),
    };
    let mut roots: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, image) in fleet.images.iter().enumerate() {
        if let (Node::External(reference), Some(true)) = (parent(image), tree.shown.get(position)) {
            roots.entry(reference).or_default().push(position);
        }
    }
    let mut page = Page::default();
    for (reference, positions) in roots {
        add!(page, "{}\n", paint(DIM, &reference));
        tree.branch(&mut page, &positions, &Page::default());
    }
    let bases = plan
        .images
        .iter()
        .filter(|image| is_base(fleet, image.position))
        .count();
    let services = plan.images.len() - bases;
    let counted =
        |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (of, planned) = (fleet.images.len(), plan.images.len());
    let (bases, services) = (counted(bases, "base"), counted(services, "service"));
    add!(
        page,
        "\n{} of {} images: {}, then {}\n",
        planned,
        of,
        bases,
        services
    );
    page
}

fn is_base(fleet: &Fleet, position: usize) -> bool {
    fleet
        .images
        .get(position)
        .is_some_and(|image| matches!(image.role, Role::Base(_)))
}

/// Which images are in the plan or below one that is.
fn shown(fleet: &Fleet, plan: &Plan) -> Vec<bool> {
    let mut shown: Vec<bool> = (0..fleet.images.len())
        .map(|position| plan.because(position).is_some())
        .collect();
    for (position, image) in fleet.images.iter().enumerate().rev() {
        if let (Node::Base(base), Some(true)) = (parent(image), shown.get(position).copied())
            && let Some(slot) = shown.get_mut(base)
        {
            *slot = true;
        }
    }
    shown
}

struct Tree<'a> {
    fleet: &'a Fleet,
    plan: &'a Plan,
    children: Vec<Vec<usize>>,
    shown: Vec<bool>,
}

impl Tree<'_> {
    fn branch(&self, page: &mut Page, positions: &[usize], indent: &Page) {
        let visible: Vec<usize> = positions
            .iter()
            .copied()
            .filter(|at| self.shown.get(*at) == Some(&true))
            .collect();
        for (number, position) in visible.iter().enumerate() {
            let Some(image) = self.fleet.images.get(*position) else {
                continue;
            };
            let (corner, below) = if number + 1 == visible.len() {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let because = self.plan.because(*position);
            let name = title(image);
            let name = if because.is_some() {
                paint(GREEN, &name)
            } else {
                paint(DIM, &name)
            };
            let why = because.map_or_else(
                || page!("not in the plan"),
                |because| reason(self.fleet, because),
            );
            let why = if why.is_empty() {
                Page::default()
            } else {
                page!("  {}", paint(DIM, &why))
            };
            add!(page, "{}{}{}{}\n", indent, corner, paint(BOLD, &name), why);
            let children = self
                .children
                .get(*position)
                .map(Vec::as_slice)
                .unwrap_or_default();
            self.branch(page, children, &page!("{}{}", indent, below));
        }
    }
}

fn title(image: &Image) -> String {
    match &image.role {
        Role::Base(version) => format!("{}:{}", image.name, version.value),
        Role::Service(_) => image.name.to_string(),
    }
}

/// Why an image is in the plan, in words; empty where it was simply asked for.
pub(super) fn reason(fleet: &Fleet, because: &Because) -> Page {
    match because {
        Because::Asked => Page::default(),
        Because::Base(base) => {
            let name = fleet
                .images
                .get(*base)
                .map(|base| base.name.as_str())
                .unwrap_or_default();
            page!("builds on {}", name)
        }
        Because::Use(base) => {
            let name = fleet
                .images
                .get(*base)
                .map(|base| base.name.as_str())
                .unwrap_or_default();
            page!("takes files from {}", name)
        }
        Because::Changed { path, taken, more } => {
            let how = match taken {
                Taken::Generated => Page::default(),
                Taken::By(instruction) => page!(" ({})", instruction),
            };
            let rest = match more {
                0 => Page::default(),
                1 => page!(" and 1 more file"),
                more => page!(" and {} more files", more),
            };
            page!("{} changed{}{}", path, how, rest)
        }
    }
}
