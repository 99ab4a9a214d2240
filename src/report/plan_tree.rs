//! The build plan for people: a tree of what builds on what, each image with the reason it is in
//! it.

use std::collections::BTreeMap;

use super::style::{BOLD, DIM, GREEN, paint};
use super::{Page, add, page};
use crate::fleet::{Fleet, Image, ImageId, Role};
use crate::images::graph::{Node, children, parent};
use crate::images::{Because, Plan, Taken};

/// The plan as a tree. Images that are not in it are shown only where one on top of them is.
#[must_use]
pub(crate) fn plan_text(fleet: &Fleet, plan: &Plan) -> Page {
    if plan.images.is_empty() {
        return page!(
            "nothing to build: none of {} images uses a changed file\n",
            fleet.images.len()
        );
    }
    let tree = Tree {
        fleet,
        plan,
        children: children(fleet),
        shown: shown(fleet, plan),
    };
    let mut roots: BTreeMap<String, Vec<ImageId>> = BTreeMap::new();
    for (id, image) in fleet.numbered() {
        if let (Node::External(reference), true) = (parent(image), tree.shown[id]) {
            roots.entry(reference).or_default().push(id);
        }
    }
    let mut page = Page::default();
    for (reference, ids) in roots {
        add!(page, "{}\n", paint(DIM, &reference));
        tree.branch(&mut page, &ids, &Page::default());
    }
    let bases = plan
        .images
        .iter()
        .filter(|planned| matches!(fleet.image(planned.id).role, Role::Base(_)))
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

/// Which images are in the plan or below one that is.
fn shown(fleet: &Fleet, plan: &Plan) -> Vec<bool> {
    let mut shown: Vec<bool> = fleet.ids().map(|id| plan.because(id).is_some()).collect();
    for (id, image) in fleet.numbered().rev() {
        if let (Some(base), true) = (image.base(), shown[id]) {
            shown[base] = true;
        }
    }
    shown
}

struct Tree<'a> {
    fleet: &'a Fleet,
    plan: &'a Plan,
    children: Vec<Vec<ImageId>>,
    shown: Vec<bool>,
}

impl Tree<'_> {
    fn branch(&self, page: &mut Page, ids: &[ImageId], indent: &Page) {
        let shown = ids.iter().copied().filter(|id| self.shown[*id]);
        let visible: Vec<ImageId> = shown.collect();
        for (number, id) in visible.iter().enumerate() {
            let image = self.fleet.image(*id);
            let (corner, below) = if number + 1 == visible.len() {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let because = self.plan.because(*id);
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
            self.branch(page, &self.children[*id], &page!("{}{}", indent, below));
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
        Because::Base(base) => page!("builds on {}", fleet.image(*base).name),
        Because::Use(base) => page!("uses files from {}", fleet.image(*base).name),
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
