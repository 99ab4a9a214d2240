//! The build plan for programs: JSON, the matrix of a workflow, and two graph languages.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::in_json::{print, print_line};
use super::plan_tree::reason;
use super::{Page, add, page};
use crate::fleet::{Fleet, Image, ImageId, Role};
use crate::images::graph::{Node, parent};
use crate::images::{Because, Plan, PlannedImage};
use crate::render::dockerfile_path;

#[derive(Serialize, JsonSchema)]
pub(super) struct PlanV1 {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "plan"))]
    command: &'static str,
    /// How many images the fleet has.
    of: usize,
    /// The images to build, each after its base.
    images: Vec<ImageV1>,
}

#[derive(Serialize, JsonSchema)]
struct ImageV1 {
    name: String,
    role: &'static str,
    /// The target in the bake file.
    target: String,
    /// The reference without a tag.
    repository: String,
    /// A base's reference with its version; a service has none before it is built with `--tag`.
    reference: Option<String>,
    /// The base of the fleet that it builds on.
    base: Option<String>,
    /// The external image that it builds on.
    from: Option<String>,
    /// The bases of the fleet that it takes files from, beside `base`.
    uses: Vec<String>,
    /// How many bases of the fleet lie below: equal levels can be built at the same time.
    level: usize,
    dockerfile: String,
    platforms: Vec<String>,
    because: String,
    /// A digest of what it is made of, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs: Option<String>,
    /// The first changed file that reaches it.
    changed: Option<String>,
}

/// What `plan --format json` prints; `digests` of what images are made of are shown where they are
/// known.
#[must_use]
pub(crate) fn plan_json(fleet: &Fleet, plan: &Plan, digests: &[String]) -> Page {
    let images = plan.images.iter().map(|planned| ImageV1 {
        inputs: (!digests.is_empty()).then(|| digests[planned.id.position()].clone()),
        ..row(fleet, plan, planned)
    });
    print(&PlanV1 {
        version: 1,
        command: "plan",
        of: fleet.images.len(),
        images: images.collect(),
    })
}

fn row(fleet: &Fleet, plan: &Plan, PlannedImage { id, because }: &PlannedImage) -> ImageV1 {
    let image = fleet.image(*id);
    let below = parent(image);
    let uses = plan.graph.uses(*id).iter();
    ImageV1 {
        name: image.name.to_string(),
        role: role(image),
        target: image.target(),
        repository: fleet.repository(image),
        reference: fleet.reference(image),
        base: fleet.base_of(image).map(|base| base.name.to_string()),
        from: if let Node::External(reference) = below {
            Some(reference)
        } else {
            None
        },
        uses: uses
            .map(|base| fleet.image(*base).name.to_string())
            .collect(),
        level: plan.graph.level(*id),
        dockerfile: dockerfile_path(image),
        platforms: fleet
            .platforms
            .iter()
            .map(|platform| platform.value.to_string())
            .collect(),
        because: reason(fleet, because).as_str().to_owned(),
        inputs: None,
        changed: if let Because::Changed { path, .. } = because {
            Some(path.clone())
        } else {
            None
        },
    }
}

fn role(image: &Image) -> &'static str {
    if matches!(image.role, Role::Base(_)) {
        "base"
    } else {
        "service"
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Matrix {
    bases: Vec<Cell>,
    services: Vec<Cell>,
}

#[derive(Serialize, JsonSchema)]
struct Cell {
    image: String,
    target: String,
    dockerfile: String,
    level: usize,
}

/// What `plan --format matrix` prints: one line, so that it fits a workflow's output; each list can
/// be a matrix's `include`.
#[must_use]
pub(crate) fn plan_matrix(fleet: &Fleet, plan: &Plan) -> Page {
    let mut matrix = Matrix {
        bases: Vec::new(),
        services: Vec::new(),
    };
    for planned in &plan.images {
        let image = fleet.image(planned.id);
        let list = if matches!(image.role, Role::Base(_)) {
            &mut matrix.bases
        } else {
            &mut matrix.services
        };
        list.push(Cell {
            image: image.name.to_string(),
            target: image.target(),
            dockerfile: dockerfile_path(image),
            level: plan.graph.level(planned.id),
        });
    }
    print_line(&matrix)
}

/// One edge of the graph: identifier and label of both ends.
struct Edge {
    from: End,
    to: End,
    /// Whether it takes files only, and does not build on it.
    takes: bool,
}

fn edges(fleet: &Fleet, plan: &Plan) -> Vec<Edge> {
    let mut externals: Vec<String> = Vec::new();
    let mut edges = Vec::new();
    for planned in &plan.images {
        let image = fleet.image(planned.id);
        let from = match parent(image) {
            Node::Base(base) => base_end(fleet, base),
            Node::External(reference) => {
                let known = externals
                    .iter()
                    .position(|known| *known == reference)
                    .unwrap_or_else(|| {
                        externals.push(reference.clone());
                        externals.len() - 1
                    });
                (format!("e{known}"), reference)
            }
        };
        let to = (format!("i{}", planned.id), label(image));
        edges.push(Edge {
            from,
            to: to.clone(),
            takes: false,
        });
        let uses = plan.graph.uses(planned.id).iter();
        edges.extend(uses.map(|base| Edge {
            from: base_end(fleet, *base),
            to: to.clone(),
            takes: true,
        }));
    }
    edges
}

fn base_end(fleet: &Fleet, base: ImageId) -> (String, String) {
    (format!("i{base}"), label(fleet.image(base)))
}

fn label(image: &Image) -> String {
    match &image.role {
        Role::Base(version) => format!("{}:{}", image.name, version.value),
        Role::Service(_) => image.name.to_string(),
    }
}

/// From how many images on those that need the same are one node: a page draws no more of them
/// legibly.
const UNFOLDED: usize = 50;
/// How many images a folded node names.
const NAMED: usize = 3;

/// Identifier and label.
type End = (String, String);
/// What an image needs, each with whether it takes files only.
type Needs = Vec<(End, bool)>;

/// The edges, with the images that nothing builds on and that need the same as one node each.
fn folded(edges: Vec<Edge>) -> Vec<Edge> {
    let inner: BTreeSet<String> = edges.iter().map(|edge| edge.from.0.clone()).collect();
    let mut needs: IndexMap<End, Needs> = IndexMap::new();
    for edge in edges {
        let needed = needs.entry(edge.to).or_default();
        needed.push((edge.from, edge.takes));
    }
    let mut kept = Vec::new();
    let mut alike: IndexMap<Needs, Vec<End>> = IndexMap::new();
    for (image, needed) in needs {
        if inner.contains(&image.0) {
            kept.push((image, needed));
        } else {
            alike.entry(needed).or_default().push(image);
        }
    }
    kept.extend(alike.into_iter().filter_map(|(needed, images)| {
        let names: Vec<&str> = images.iter().map(|image| image.1.as_str()).collect();
        let first = names.get(..NAMED.min(names.len()))?.join(", ");
        let label = if names.len() <= NAMED {
            first
        } else {
            format!("{first}, … {} in all", names.len())
        };
        Some(((images.first()?.0.clone(), label), needed))
    }));
    let edges = kept.into_iter().flat_map(|(to, needed)| {
        needed.into_iter().map(move |(from, takes)| Edge {
            from,
            to: to.clone(),
            takes,
        })
    });
    edges.collect()
}

/// What `plan --format mermaid` prints; large plans folded. Names and references are of grammars
/// without quotes, so nothing needs escaping.
#[must_use]
pub(crate) fn plan_mermaid(fleet: &Fleet, plan: &Plan) -> Page {
    let mut page = page!("flowchart LR\n");
    let mut edges = edges(fleet, plan);
    if plan.images.len() > UNFOLDED {
        edges = folded(edges);
    }
    for Edge { from, to, takes } in edges {
        let arrow = if takes { "-.->" } else { "-->" };
        add!(
            page,
            "  {}[\"{}\"] {} {}[\"{}\"]\n",
            from.0,
            from.1,
            arrow,
            to.0,
            to.1
        );
    }
    page
}

/// What `plan --format dot` prints, in Graphviz's language.
#[must_use]
pub(crate) fn plan_dot(fleet: &Fleet, plan: &Plan) -> Page {
    let mut page = Page::fixed("digraph fleet {\n  rankdir = LR;\n  node [shape = box];\n");
    for Edge { from, to, takes } in edges(fleet, plan) {
        let style = if takes { " [style = dashed]" } else { "" };
        add!(page, "  \"{}\" -> \"{}\"{};\n", from.1, to.1, style);
    }
    page.push(&Page::fixed("}\n"));
    page
}
