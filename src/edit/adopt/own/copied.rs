//! What a generated Dockerfile copies, as `source`, `target`, `workdir`, `shared` and `copy`.

use super::Own;
use super::stage::Copied;
use crate::edit::adopt::fold::Fields;
use crate::edit::adopt::node::Node;

/// The folder that paths of a declaration count from.
const APP: &str = "/app";
/// The mode of what is copied unless another is declared.
const MODE: &str = "0755";

/// The fields that say what a service copies. `names`: what the image of another reference is
/// called.
pub(super) fn sources(
    own: &Own,
    fields: &mut Fields,
    names: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<String> {
    let stages = &own.stages;
    let workdir = stages.workdir.as_deref().unwrap_or(APP);
    let (of_images, of_repository): (Vec<&Copied>, Vec<&Copied>) = stages
        .copies
        .iter()
        .partition(|copied| copied.image.is_some());
    let main = main(own, &of_repository, workdir);
    let mut application = None;
    let mut default_workdir = APP.to_owned();
    match main.map(|at| of_repository[at]) {
        Some(copied) => {
            let source = source(&copied.from);
            let target = absolute(&copied.to, workdir);
            if target != kept(source) {
                fields.insert("target", Node::text(&target));
                default_workdir.clone_from(&target);
            }
            application = module(&target, workdir);
            if source != format!("apps/{}", own.module()) {
                fields.insert("source", Node::text(source));
            }
        }
        None => drop(fields.insert("source", Node::text("none"))),
    }
    if workdir != default_workdir {
        fields.insert("workdir", self::workdir(workdir));
    }
    let (shared, rest) = of_repository.split_at(main.unwrap_or(0));
    let rest = rest.iter().skip(usize::from(main.is_some()));
    let shared: Vec<Node> = shared
        .iter()
        .map(|one| Node::text(source(&one.from)))
        .collect();
    if !shared.is_empty() {
        fields.insert("shared", Node::List(shared));
    }
    let copies = of_images.iter().chain(rest);
    copy(copies.copied(), fields, names);
    application
}

/// The field `workdir`; an empty one is that of the image below.
pub(super) fn workdir(folder: &str) -> Node {
    Node::text(if folder.is_empty() { "inherit" } else { folder })
}

/// The field `copy`.
pub(super) fn copy<'c>(
    copies: impl Iterator<Item = &'c Copied>,
    fields: &mut Fields,
    names: &mut dyn FnMut(&str) -> Option<String>,
) {
    let items: Vec<Node> = copies.map(|copied| item(copied, names)).collect();
    if !items.is_empty() {
        fields.insert("copy", Node::List(items));
    }
}

fn item(copied: &Copied, names: &mut dyn FnMut(&str) -> Option<String>) -> Node {
    let image = copied.image.as_deref().and_then(names);
    let is_kept = copied.to == kept(&copied.from);
    if image.is_none() && is_kept && copied.mode == MODE {
        return Node::text(&copied.from);
    }
    let mode = Some(copied.mode.clone()).filter(|mode| mode != MODE);
    let entry = [
        ("image", image),
        ("from", Some(copied.from.clone())),
        ("to", Some(copied.to.clone())),
        ("mode", mode),
    ];
    let entry = entry
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), Node::Text(value?))));
    Node::Map(entry.collect())
}

/// The position of the service's own sources among what is copied from the repository: everything
/// before them keeps its path.
fn main(own: &Own, copies: &[&Copied], workdir: &str) -> Option<usize> {
    let is_kept = |copied: &&Copied| {
        let from = source(&copied.from);
        copied.mode == MODE && from != "." && absolute(&copied.to, workdir) == kept(from)
    };
    let is_folder = |copied: &&Copied| {
        copied.mode == MODE
            && (copied.from == "." || copied.from.ends_with('/'))
            && (copied.to == "./" || copied.to.ends_with('/'))
            // Sources are copied to a whole path where the folder is not known.
            && (!workdir.is_empty() || copied.to.starts_with('/'))
    };
    let count = copies.iter().take_while(|copied| is_kept(copied)).count();
    let candidates: Vec<usize> = (0..copies.len())
        .filter(|at| *at <= count && is_folder(&copies[*at]))
        .collect();
    let (name, module) = (own.name(), own.module());
    let is_named = |at: &&usize| {
        let mut parts = copies[**at].from.split('/');
        parts.any(|part| part == name || part == module)
    };
    let named = candidates.iter().rev().find(is_named);
    named.or(candidates.last()).copied()
}

/// The folder that is copied, as `source` and `shared` name it.
fn source(from: &str) -> &str {
    from.strip_suffix('/').unwrap_or(from)
}

/// Where a path lands that is kept.
fn kept(path: &str) -> String {
    if path == "." {
        APP.to_owned()
    } else {
        format!("{APP}/{path}")
    }
}

/// A place in the image, from the working folder on.
fn absolute(to: &str, workdir: &str) -> String {
    let path = to.trim_end_matches('/');
    let inside = format!("{}/{path}", workdir.trim_end_matches('/'));
    match path {
        "." => workdir.to_owned(),
        _ if to.starts_with('/') => path.to_owned(),
        _ => inside,
    }
}

/// The application of a service unless it says another one.
fn module(target: &str, workdir: &str) -> Option<String> {
    let below = |folder| target.strip_prefix(folder);
    let of_workdir = Some(workdir).filter(|workdir| !workdir.is_empty());
    let inside = of_workdir.and_then(below).or_else(|| below(APP))?;
    let inside = inside.trim_start_matches('/');
    let module = inside.replace('/', ".");
    Some(if module.is_empty() {
        "main:app".to_owned()
    } else {
        format!("{module}.main:app")
    })
}
