//! The way in: from the Dockerfiles that a repository has to a declaration that means the same.
//!
//! [`adopt()`] reads what each original means, says that in fields, tries the declaration in memory
//! and judges each image against its original. What a field cannot say stays told, with the
//! reason; nothing is written here.

mod compose;
mod draft;
mod existing;
mod find;
mod fleet;
mod fold;
mod ignored;
mod items;
mod node;
mod outcome;
mod own;
mod packages;
mod parent;
mod places;
mod running;
mod steps;
mod text;
mod trial;
mod uvicorn;
mod work;

use std::collections::BTreeSet;

pub use self::existing::Existing;
pub use self::find::Original;
pub(crate) use self::find::is_dockerfile;
use self::node::Node;
pub use self::outcome::{Adopted, Ask, Fate, Proposal};
use self::own::OwnFleet;
use self::parent::From;
use self::places::Places;
pub(crate) use self::running::usual_times;
pub use self::trial::DECLARATION;
use self::trial::Rendered;
pub(crate) use self::trial::With;
use self::work::Work;
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::meaning::{
    Asked, Build, Install, Launch, Meaning, Origin, Tree, ignore_text, meaning,
};
use crate::project::Error;

/// Programs that tell an image for Python where nothing else does.
const PROGRAMS: [&str; 9] = [
    "python",
    "python3",
    "uvicorn",
    "gunicorn",
    "celery",
    "flask",
    "streamlit",
    "fastapi",
    "hypercorn",
];

/// Proposes a declaration for the Dockerfiles of a tree.
///
/// # Errors
/// A file is over a bound.
pub fn adopt(tree: &dyn Tree, ask: &Ask<'_>) -> Result<Proposal, Error> {
    let mut images = Vec::new();
    let mut read = Vec::new();
    let is_own = |path: &str| ask.existing.is_some_and(|existing| existing.is_own(path));
    let originals = find::originals(tree, ask.below, &is_own);
    let mut taken: BTreeSet<String> = originals.iter().map(|one| one.name.clone()).collect();
    let ours = own::named(&originals);
    for mut original in originals {
        if let Some(name) = ours.get(&original.path) {
            original.name.clone_from(name);
            original.context.clear();
        }
        let fate = fate(tree, &original);
        let meaning = fate.as_ref().ok();
        match ask
            .existing
            .map_or(Some(original.name.clone()), |existing| {
                free_name(existing, &original, (tree, meaning), &taken)
            }) {
            Some(name) => original.name = name,
            None => continue,
        }
        taken.insert(original.name.clone());
        match fate {
            Ok(meaning) => read.push((original, meaning)),
            Err(fate) => images.push(undeclared(original, fate)),
        }
    }
    let (work, rendered) = settled(tree, &read, ask)?;
    let text = work.text.clone();
    for (original, meaning) in read {
        images.push(work.adopted(original, &meaning, rendered.as_ref()));
    }
    images.sort_by(|one, other| one.original.path.cmp(&other.original.path));
    Ok(Proposal { text, images })
}

/// The proposal for what was read. What dockwright generated is first read back to the fields that
/// it was rendered from, and as any other Dockerfile where it would become a different image. Where
/// only its text would differ, it is proposed all the same, and writing overwrites nothing that a
/// person wrote: it fails.
fn settled<'a>(
    tree: &'a dyn Tree,
    read: &[(Original, Meaning)],
    ask: &Ask<'a>,
) -> Result<(Work<'a>, Option<Rendered>), Error> {
    let mut left = BTreeSet::new();
    loop {
        let ours = match ask.existing {
            Some(_) => OwnFleet::default(),
            None => OwnFleet::read(tree, read.iter().map(|(original, _)| original), &left),
        };
        let mut work = Work::new(tree, read, ask, ours);
        let rendered = work.settled()?;
        let lost = work.lost(read, rendered.as_ref());
        if lost.is_empty() {
            return Ok((work, rendered));
        }
        left.extend(lost);
    }
}

/// A name for an original beside what is declared: its own, or that with a number where another
/// service has it; nothing where it is declared already.
fn free_name(
    existing: &Existing,
    original: &Original,
    (tree, meaning): (&dyn Tree, Option<&Meaning>),
    taken: &BTreeSet<String>,
) -> Option<String> {
    let name = &original.name;
    if !existing.has(name) {
        return Some(name.clone());
    }
    let source = meaning.and_then(|meaning| Places::of(meaning, tree).source);
    let source = match &source {
        Some(Node::Text(source)) => Some(source.as_str()),
        _ => None,
    };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    for name in std::iter::once(name.clone()).chain(numbered) {
        if existing.declares(&name, original, source) {
            return None;
        }
        if !existing.has(&name) && !taken.contains(&name) {
            return Some(name);
        }
    }
    None
}

/// The value of `healthcheck` that says what an image does, as a flow has it.
pub(super) fn health_field(meaning: &Meaning) -> Option<String> {
    let (port, _) = running::ports(meaning);
    let node = running::health(meaning.health.as_ref(), port)?;
    Some(node.flow())
}

/// What an original means, or why it is not declared.
fn fate(tree: &dyn Tree, original: &Original) -> Result<Meaning, Fate> {
    let ignore = Ignore::parse(&ignore_text(tree, &original.path, &original.context));
    let build = Build {
        text: &original.text,
        context: &original.context,
        ignore: &ignore,
        target: original.target.as_deref(),
        arguments: &original.arguments,
        tree,
    };
    let mut meaning = meaning(&build).map_err(|unread| Fate::Kept(unread.to_string()))?;
    without_missing(&mut meaning, tree);
    if From::read(&meaning.base.reference).is_none() {
        let reference = &meaning.base.reference;
        let why = format!("it starts from {reference}, which is not a whole reference");
        return Err(Fate::Kept(why));
    }
    if own::is_ours(&original.text) || is_python(&meaning) {
        Ok(meaning)
    } else {
        Err(Fate::Foreign)
    }
}

/// What the tree does not hold can be in no image: it is reported and not compared.
fn without_missing(meaning: &mut Meaning, tree: &dyn Tree) {
    let paths = tree.paths();
    let is_there = |path: &String| paths.binary_search(path).is_ok();
    meaning.files.retain(|_, origin| match origin {
        Origin::Repository(path) => is_there(path),
        _ => true,
    });
    let installs = std::mem::take(&mut meaning.installs);
    let left = installs.into_iter().filter_map(|install| match install {
        Install::MissingFile(_) => None,
        // Without its lock a project is all that there is to install from.
        Install::Lock { path, .. } if !is_there(&path) => {
            let folder = path
                .rsplit_once('/')
                .map(|(folder, _)| format!("{folder}/"));
            let manifest = format!("{}pyproject.toml", folder.unwrap_or_default());
            is_there(&manifest).then_some(Install::Manifest(manifest))
        }
        other => Some(other),
    });
    meaning.installs = left.collect();
    meaning.asked.retain(|asked| match asked {
        Asked::File(path) => is_there(path),
        _ => true,
    });
}

fn is_python(meaning: &Meaning) -> bool {
    let reference = meaning.base.reference.to_ascii_lowercase();
    let first = |launch: &Option<Launch>| match launch {
        Some(Launch::Exec(words)) => words.first().cloned(),
        Some(Launch::Shell(text)) => text.split_whitespace().next().map(str::to_owned),
        None => None,
    };
    let starts = [first(&meaning.command), first(&meaning.entrypoint)];
    let mut programs = starts.iter().flatten();
    reference.contains("python")
        || !meaning.installs.is_empty()
        || programs.any(|program| PROGRAMS.contains(&program.as_str()))
        || meaning.packages.contains("python3")
}

fn undeclared(original: Original, fate: Fate) -> Adopted {
    Adopted {
        original,
        fate,
        notes: Vec::new(),
        instructions: 0,
        steps: 0,
        hooks: 0,
    }
}
