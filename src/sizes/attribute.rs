//! From layers and packages back to the lines of services.yaml that brought them.
//!
//! A builder records with every layer the step that made it. The steps of an image are those of its
//! own Dockerfile, above those of its base's, and so on; what is left below is the external image.
//! From the top down, each step is looked for in these Dockerfiles; from its lines, and from those
//! of the stages and generated files that it takes from, the trace leads to declared values.

use std::collections::BTreeMap;

use super::ledger::{BaseCost, Declared, ImageSizes, LayerSizes, Ledger, Package};
use super::steps::{Step, dockerfile_steps};
use crate::artifact::ArtifactPath;
use crate::fleet::model::Parent;
use crate::fleet::provenance::{Installer, Provenance, provenances};
use crate::fleet::{Fleet, Image, ImageId, Origin};
use crate::render::trace::{HEADER_LINES, Tracer};
use crate::render::{RenderError, Renderer, Templates, dockerfile_path};

/// How many declared values are kept for one layer.
const DECLARED: usize = 100;

/// Where declared values stand, for people.
pub(crate) trait Places {
    /// The field and the place of a value; nothing for one that is not written anywhere.
    fn declared(&self, origin: Origin) -> Option<Declared>;
}

/// The image of the fleet that a reference means: by its repository, else by its last name.
#[must_use]
pub(crate) fn image_named(fleet: &Fleet, reference: &str) -> Option<ImageId> {
    let repository = repository(reference);
    let last = repository
        .rsplit('/')
        .next()
        .expect("a split has a first part");
    let is_repository = |image: &Image| fleet.repository(image) == repository;
    let mut images = fleet.numbered();
    let found = images.find(|(_, image)| is_repository(image));
    let by_name = || {
        fleet
            .numbered()
            .find(|(_, image)| image.name.as_str() == last)
    };
    found.or_else(by_name).map(|(id, _)| id)
}

/// A reference without tag and digest.
fn repository(reference: &str) -> &str {
    let name = reference
        .split('@')
        .next()
        .expect("a split has a first part");
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

/// Tells what the fleet knows of the images in a ledger.
///
/// # Errors
/// As rendering does.
pub(crate) fn attribute(
    ledger: &mut Ledger,
    fleet: &Fleet,
    templates: &Templates,
    tracer: &Tracer<'_>,
    places: &dyn Places,
) -> Result<(), RenderError> {
    let mut known = Known {
        fleet,
        renderer: Renderer::new(fleet, templates)?,
        tracer,
        places,
        steps: BTreeMap::new(),
        ways: BTreeMap::new(),
    };
    for sizes in &mut ledger.images {
        let mut named = sizes.references.iter();
        let Some(id) = named.find_map(|reference| image_named(fleet, reference)) else {
            continue;
        };
        let image = fleet.image(id);
        sizes.name = image.name.to_string();
        sizes.is_declared = true;
        sizes.base = fleet.base_of(image).map(|base| base.name.to_string());
        known.attribute_layers(image, &mut sizes.layers)?;
        for package in &mut sizes.python {
            package.declared = known.brought_by(image, package, Installer::Pip);
        }
        for package in &mut sizes.debian {
            package.declared = known.brought_by(image, package, Installer::Apt);
        }
    }
    ledger.bases = base_costs(fleet, &ledger.images);
    Ok(())
}

struct Known<'a, 't> {
    fleet: &'a Fleet,
    renderer: Renderer<'a>,
    tracer: &'a Tracer<'t>,
    places: &'a dyn Places,
    /// By image, the steps of its Dockerfile.
    steps: BTreeMap<&'a str, Vec<Step>>,
    /// By package, the ways by which it comes into images.
    ways: BTreeMap<String, Vec<Provenance<'a>>>,
}

impl<'a> Known<'a, '_> {
    fn attribute_layers(
        &mut self,
        image: &'a Image,
        layers: &mut [LayerSizes],
    ) -> Result<(), RenderError> {
        let mut unmatched = layers.len();
        for owner in std::iter::once(image).chain(self.fleet.bases_of(image)) {
            self.read_steps(owner)?;
            let steps = &self.steps[owner.name.as_str()];
            let mut left = steps.len();
            while let Some(layer) = unmatched.checked_sub(1).map(|top| &mut layers[top]) {
                let found = steps[..left]
                    .iter()
                    .rposition(|step| step.made(&layer.created_by));
                let Some(at) = found else {
                    break;
                };
                left = at;
                unmatched -= 1;
                layer.image = Some(owner.name.to_string());
                layer.step = Some(format!("{}:{}", dockerfile_path(owner), steps[at].line));
                layer.declared.clone_from(&steps[at].declared);
            }
        }
        Ok(())
    }

    fn read_steps(&mut self, image: &'a Image) -> Result<(), RenderError> {
        let name = image.name.as_str();
        if self.steps.contains_key(name) {
            return Ok(());
        }
        let [dockerfile, _] = self.renderer.render_image(image)?;
        // Lines are those of the file, which begins with a header.
        let file = "\n".repeat(HEADER_LINES) + &dockerfile;
        let mut steps = dockerfile_steps(&file);
        for step in &mut steps {
            let mut declared = Vec::new();
            for (file, lines) in step.sources(&dockerfile_path(image)) {
                self.collect(&file, lines, &mut declared)?;
            }
            step.declared = declared;
        }
        self.steps.insert(name, steps);
        Ok(())
    }

    /// The declared values behind lines of a generated file, each once.
    fn collect(
        &self,
        file: &str,
        lines: std::ops::Range<usize>,
        declared: &mut Vec<Declared>,
    ) -> Result<(), RenderError> {
        let Ok(path) = ArtifactPath::parse(file) else {
            return Ok(());
        };
        let traced = self.tracer.lines(&path)?;
        let wanted = traced.iter().skip(lines.start).take(lines.len()).flatten();
        // The name of an image says nothing of why its layer is what it is.
        let is_entry = |origin: &Origin| origin.field.is_empty() && origin.item.is_none();
        let values = wanted.flat_map(|line| &line.values);
        for origin in values.filter(|origin| !is_entry(origin)) {
            if declared.len() >= DECLARED {
                break;
            }
            let found = self.places.declared(*origin);
            declared.extend(found.filter(|found| !declared.contains(found)));
        }
        Ok(())
    }

    fn brought_by(&mut self, image: &Image, package: &Package, by: Installer) -> Vec<Declared> {
        let fleet = self.fleet;
        let ways = self
            .ways
            .entry(package.name.clone())
            .or_insert_with(|| provenances(fleet, &package.name));
        let mut declared: Vec<Declared> = Vec::new();
        for way in ways
            .iter()
            .filter(|way| way.image.name == image.name && way.installer == by)
        {
            let found = self.places.declared(way.origin);
            declared.extend(found.filter(|found| !declared.contains(found)));
        }
        declared
    }
}

/// What another version of each base costs, the dearest first.
fn base_costs(fleet: &Fleet, images: &[ImageSizes]) -> Vec<BaseCost> {
    let mut costs: BTreeMap<String, Cost<'_>> = BTreeMap::new();
    for sizes in images {
        let mut named = fleet.images.iter();
        let Some(image) = named.find(|image| image.name.as_str() == sizes.name) else {
            continue;
        };
        let bases: Vec<&Image> = fleet.bases_of(image).collect();
        let mut chain: Vec<String> = bases.iter().map(|base| base.name.to_string()).collect();
        let lowest = bases.last().copied().unwrap_or(image);
        if let Parent::External(external) = &lowest.parent {
            chain.push(external.reference.to_string());
        }
        // Of a base that was read itself, its own layers are known without any image on it.
        costs
            .entry(sizes.name.clone())
            .or_default()
            .add_own(sizes, Some(&sizes.name));
        for (level, base) in chain.iter().enumerate() {
            let cost = costs.entry(base.clone()).or_default();
            cost.dependents += 1;
            let is_external = level == bases.len();
            cost.add_own(sizes, (!is_external).then_some(base));
            let above = chain[..level].iter().chain([&sizes.name]);
            let above: Vec<&str> = above.map(String::as_str).collect();
            cost.add_on_top(sizes, &above);
        }
    }
    let costs = costs.into_iter().filter(|(_, cost)| cost.dependents > 0);
    let mut costs: Vec<BaseCost> = costs.map(|(base, cost)| cost.told(base)).collect();
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.own + cost.on_top));
    costs
}

/// The layers that another version of a base is about, by digest.
#[derive(Default)]
struct Cost<'a> {
    dependents: usize,
    own: BTreeMap<&'a str, u64>,
    on_top: BTreeMap<&'a str, u64>,
}

impl<'a> Cost<'a> {
    /// The layers of a base of the fleet, or those below all of them.
    fn add_own(&mut self, sizes: &'a ImageSizes, base: Option<&String>) {
        let own = sizes
            .layers
            .iter()
            .filter(|layer| layer.image.as_ref() == base);
        self.own
            .extend(own.map(|layer| (layer.diff_id.as_str(), layer.bytes)));
    }

    fn add_on_top(&mut self, sizes: &'a ImageSizes, above: &[&str]) {
        let is_above = |layer: &&LayerSizes| {
            layer
                .image
                .as_deref()
                .is_some_and(|image| above.contains(&image))
        };
        let on_top = sizes.layers.iter().filter(is_above);
        self.on_top
            .extend(on_top.map(|layer| (layer.diff_id.as_str(), layer.bytes)));
    }

    fn told(self, base: String) -> BaseCost {
        BaseCost {
            base,
            own: self.own.values().sum(),
            dependents: self.dependents,
            on_top: self.on_top.values().sum(),
        }
    }
}
