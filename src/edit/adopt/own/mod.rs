//! Dockerfiles that dockwright generated, read back to the fields that they were rendered from.
//!
//! What a Dockerfile means is not enough to render it again byte by byte: the order of packages,
//! the sets that they come from and the stages are not part of that. So these are read instruction
//! by instruction, as the templates print them. Nothing relies on it: the proposal is rendered, and
//! an image that would become a different one is read as any other Dockerfile.

mod bake;
mod copied;
mod files;
mod fleet;
mod image;
mod install;
mod layout;
mod locks;
mod stage;
mod start;
mod text;

use std::collections::BTreeMap;

use self::files::{Asked, context, ignored};
pub(super) use self::fleet::OwnFleet;
use self::stage::Stages;
use self::text::{Piece, between, pieces, words};
use super::find::Original;
use super::node::Node;
use crate::dockerfile::meaning::Tree;
use crate::render::seal::body;
use crate::values::ServiceName;

/// The label with the name of an image.
const TITLE: &str = "org.opencontainers.image.title=";
/// The label with the reference of the image below.
const BELOW: &str = "org.opencontainers.image.base.name=";

/// An image that was generated.
#[derive(Debug)]
pub(super) struct Own {
    name: String,
    /// The folder of its generated files.
    folder: String,
    /// The version of a base.
    version: Option<String>,
    /// The name of the base below; nothing on an external image.
    base: Option<String>,
    /// The reference of the image below.
    below: String,
    /// The external image that builds, where that is another one.
    builder: Option<String>,
    /// Where the image is pushed, where its Dockerfile says it.
    registry: Option<(String, String)>,
    source_url: Option<String>,
    stages: Stages,
    asked: Asked,
    /// What the context holds.
    context: Vec<String>,
    ignore: Vec<String>,
}

/// Whether a Dockerfile has the labels and the environment that generated ones have.
pub(super) fn is_ours(text: &str) -> bool {
    let has_place = text.contains("/opt/venv") || text.contains("\nARG BASE_VERSION=");
    has_place && text.contains(TITLE) && text.contains(BELOW)
}

/// The names that generated Dockerfiles give to their images, by the paths of those that no other
/// one has.
pub(super) fn named(originals: &[Original]) -> BTreeMap<String, String> {
    let taken = counts(originals.iter().map(|original| original.name.as_str()));
    let name = |original: &Original| {
        let text = body(&original.text);
        let name = between(text, &format!("{TITLE}\""), "\"").filter(|_| is_ours(text))?;
        let by_itself = usize::from(original.name == name);
        let is_free = taken.get(name).is_none_or(|count| *count == by_itself);
        let is_name = is_free && ServiceName::parse(name).is_ok();
        is_name.then(|| (original.path.clone(), name.to_owned()))
    };
    let mut names: BTreeMap<String, String> = originals.iter().filter_map(name).collect();
    let all: Vec<String> = names.values().cloned().collect();
    let asked = counts(all.iter().map(String::as_str));
    names.retain(|_, name| asked[name.as_str()] == 1);
    names
}

/// How often each name is there.
fn counts<'n>(names: impl Iterator<Item = &'n str>) -> BTreeMap<&'n str, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

impl Own {
    /// Reads a generated Dockerfile and the files beside it; nothing for another one.
    pub(super) fn read(tree: &dyn Tree, original: &Original) -> Option<Self> {
        let text = body(&original.text);
        if !is_ours(text) {
            return None;
        }
        let all = pieces(text);
        let froms: Vec<usize> = (0..all.len())
            .filter(|at| all[*at].keyword == "FROM")
            .collect();
        let last = *froms.last()?;
        let label = all.iter().rposition(|piece| piece.line.contains(TITLE))?;
        let label = all.get(label)?;
        let is_own = |piece: &&Piece<'_>| piece.text != label.text;
        let rest: Vec<Piece<'_>> = all
            .get(last + 1..)?
            .iter()
            .filter(is_own)
            .cloned()
            .collect();
        let mut stages = Stages::default();
        if let [first, second] = froms.as_slice() {
            stages.builder(all.get(first + 1..*second)?);
        }
        stages.last(&rest);
        let folder = original.path.strip_suffix("/Dockerfile")?.to_owned();
        let said = |name: &str| between(&label.line, &format!("{name}\""), "\"").map(str::to_owned);
        let name = said(TITLE)?;
        let requirements = tree.text(&format!("{folder}/requirements.txt"));
        let of_context = tree.text(&format!("{folder}/Dockerfile.dockerignore"))?;
        let argument = |name: &str| {
            let arguments = all.iter().take_while(|piece| piece.keyword == "ARG");
            let mut values = arguments.filter_map(|piece| piece.line.strip_prefix(name));
            values.next().map(str::to_owned)
        };
        let (from, builds) = (reference(&all[last])?, reference(all.get(froms[0])?)?);
        Some(Self {
            version: said(&format!("dockwright.{name}.version=")),
            base: between(&from, "${OWNER}/", ":").map(str::to_owned),
            below: said(BELOW)?,
            builder: Some(builds).filter(|builds| *builds != from),
            registry: argument("REGISTRY=").zip(argument("OWNER=")),
            source_url: said("org.opencontainers.image.source="),
            asked: Asked::read(&requirements.unwrap_or_else(String::new)),
            context: context(&of_context),
            ignore: ignored(&of_context),
            name,
            folder,
            stages,
        })
    }

    /// The name of the image.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its Python module.
    fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    fn is_base(&self) -> bool {
        self.version.is_some()
    }

    /// The items of a list of texts; nothing where there is none.
    fn texts(list: &[String]) -> Option<Node> {
        (!list.is_empty()).then(|| Node::texts(list.iter().cloned()))
    }
}

/// What a FROM names.
fn reference(piece: &Piece<'_>) -> Option<String> {
    words(&piece.line).first().map(|&word| word.to_owned())
}
