//! The bombs: each of a size that a debug build comes through in seconds. They are made of the same
//! few parts, so that a new field or collection takes a line.

use std::fmt::Write as _;

use crate::support::{Root, is_long};

mod bases;
mod files;
mod lists;
mod locks;
mod names;
mod sets;
mod texts;

pub(super) use locks::locked_base;

/// Lays a bomb of a size out.
type Lay = Box<dyn Fn(&Root, usize)>;

/// Something small that stands for much.
pub(super) struct Bomb {
    pub(super) name: &'static str,
    /// How much of it.
    pub(super) size: usize,
    /// The bound that it exceeds, where it is refused.
    pub(super) code: Option<&'static str>,
    pub(super) lay: Lay,
}

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";

/// All of them.
pub(super) fn bombs() -> Vec<Bomb> {
    // One bound for all lists: the short form tries a third of them.
    let step = if is_long() { 1 } else { 3 };
    let too_long = lists::LISTS.iter().step_by(step).map(|(name, list)| {
        let lay = |root: &Root, size: usize| of_service(root, size, *list);
        bomb(name, 10_001, Some("list-too-long"), lay)
    });
    let groups = [
        lists::of_kinds(),
        lists::of_services(),
        sets::of_sets(),
        bases::of_bases(),
        bases::of_services_on_bases(),
        names::of_names(),
        names::of_fields(),
        names::of_includes(),
        files::of_files(),
        texts::of_sizes(),
        texts::of_values(),
        texts::of_long_texts(),
        locks::of_long_locks(),
        locks::of_refused_locks(),
    ];
    too_long.chain(groups.into_iter().flatten()).collect()
}

fn numbered(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(", ")
}

fn lines(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

/// So many services with the same further fields.
fn services(count: usize, fields: &str) -> String {
    let mut text = "services:\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "  s{number}: {{ kind: w, port: 8000{fields} }}");
    }
    text
}

fn kind(fields: &str) -> String {
    format!("kinds: {{ w: {{ template: multi-stage-slim{fields} }} }}\n")
}

fn declare(root: &Root, parts: &[&str]) {
    root.write("services.yaml", HEAD.to_owned() + &parts.concat());
}

/// A kind with a long list, and many services of it.
fn of_kind(root: &Root, (entries, count): (usize, usize), list: fn(usize) -> String) {
    declare(root, &[&kind(&list(entries)), &services(count, "")]);
}

/// One service with a long list.
fn of_service(root: &Root, entries: usize, list: fn(usize) -> String) {
    declare(root, &[&kind(""), &services(1, &list(entries))]);
}

fn bomb(
    name: &'static str,
    size: usize,
    code: Option<&'static str>,
    lay: impl Fn(&Root, usize) + 'static,
) -> Bomb {
    Bomb {
        name,
        size,
        code,
        lay: Box::new(lay),
    }
}

const LONG: Option<&str> = Some("list-too-long");
const LARGE: Option<&str> = Some("fleet-too-large");
const CHAIN: Option<&str> = Some("base-chain-too-long");
