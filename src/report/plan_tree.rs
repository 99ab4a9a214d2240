//! The build plan for people: a tree of what builds on what, each image with the reason it is in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::inert::inert;
use super::style::{BOLD, DIM, GREEN, paint};
use crate::build::graph::{Node, children, parent};
use crate::build::{Because, Plan, Taken};
use crate::fleet::{Fleet, Image, Role};

/// The plan as a tree. Images that are not in it are shown only where one on top of them is.
#[must_use]
pub fn plan_text(fleet: &Fleet, plan: &Plan) -> String {
    if plan.images.is_empty() {
        return format!("nothing to build: no image takes a changed file, of {} images\n", fleet.images.len());
    }
    let tree = Tree { fleet, plan, children: children(fleet), shown: shown(fleet, plan) };
    let mut roots: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, image) in fleet.images.iter().enumerate() {
        if let (Node::External(reference), Some(true)) = (parent(image), tree.shown.get(position)) {
            roots.entry(reference).or_default().push(position);
        }
    }
    let mut page = String::new();
    for (reference, positions) in roots {
        let _ = writeln!(page, "{}", paint(DIM, &reference));
        tree.branch(&mut page, &positions, "");
    }
    let bases = plan.images.iter().filter(|image| is_base(fleet, image.position)).count();
    let services = plan.images.len() - bases;
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (of, planned) = (fleet.images.len(), plan.images.len());
    let _ =
        writeln!(page, "\n{planned} of {of} images: {}, then {}", counted(bases, "base"), counted(services, "service"));
    page
}

fn is_base(fleet: &Fleet, position: usize) -> bool {
    fleet.images.get(position).is_some_and(|image| matches!(image.role, Role::Base(_)))
}

/// Which images are in the plan or below one that is.
fn shown(fleet: &Fleet, plan: &Plan) -> Vec<bool> {
    let mut shown: Vec<bool> = (0..fleet.images.len()).map(|position| plan.because(position).is_some()).collect();
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
    fn branch(&self, page: &mut String, positions: &[usize], indent: &str) {
        let visible: Vec<usize> = positions.iter().copied().filter(|at| self.shown.get(*at) == Some(&true)).collect();
        for (number, position) in visible.iter().enumerate() {
            let Some(image) = self.fleet.images.get(*position) else { continue };
            let (corner, below) = if number + 1 == visible.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let because = self.plan.because(*position);
            let name = title(image);
            let name = if because.is_some() { paint(GREEN, &name) } else { paint(DIM, &name) };
            let why = because.map_or_else(|| "not in the plan".to_owned(), |because| reason(self.fleet, because));
            let why = if why.is_empty() { why } else { format!("  {}", paint(DIM, &why)) };
            let _ = writeln!(page, "{indent}{corner}{}{why}", paint(BOLD, &name));
            let children = self.children.get(*position).map(Vec::as_slice).unwrap_or_default();
            self.branch(page, children, &format!("{indent}{below}"));
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
pub(super) fn reason(fleet: &Fleet, because: &Because) -> String {
    match because {
        Because::Asked => String::new(),
        Because::Base(base) => {
            let name = fleet.images.get(*base).map(|base| base.name.as_str()).unwrap_or_default();
            format!("builds on {name}")
        }
        Because::Use(base) => {
            let name = fleet.images.get(*base).map(|base| base.name.as_str()).unwrap_or_default();
            format!("takes files from {name}")
        }
        Because::Changed { path, taken, more } => {
            let how = match taken {
                Taken::Generated => String::new(),
                Taken::By(instruction) => format!(" ({})", inert(instruction.as_bytes())),
            };
            let rest = match more {
                0 => String::new(),
                1 => " and 1 more file".to_owned(),
                more => format!(" and {more} more files"),
            };
            format!("{} changed{how}{rest}", inert(path.as_bytes()))
        }
    }
}
