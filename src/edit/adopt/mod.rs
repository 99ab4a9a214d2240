//! The way in: from the Dockerfiles that a repository has to a declaration that means the same.
//!
//! [`adopt()`] reads what each original means, says that in fields, tries the declaration in memory
//! and judges each image against its original. What a field cannot say stays told, with the
//! reason; nothing is written here.

mod compose;
mod draft;
mod find;
mod fleet;
mod fold;
mod ignored;
mod items;
mod node;
mod parent;
mod places;
mod running;
mod steps;
mod text;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use self::draft::Draft;
pub use self::find::Original;
use self::fleet::{fields_of, most_common_python, registry_and_owner, tools};
use self::fold::Folded;
use self::node::Node;
use self::parent::{From, Images};
use self::text::{Allowances, Header, declaration};
pub use self::trial::DECLARATION;
use self::trial::{Refusal, Rendered, Tried, differences, tried};
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::judge::{Difference, Likeness};
use crate::dockerfile::meaning::{
    Asked, Build, Claimant, Install, Launch, Meaning, Origin, Tree, ignore_text, instruction_lines,
    meaning,
};
use crate::project::Error;

/// How often a proposal is mended before what is still refused keeps its Dockerfile.
const ROUNDS: usize = 40;
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

/// What is proposed.
#[derive(Debug)]
pub struct Proposal {
    /// The text of services.yaml; nothing where there is nothing to declare.
    pub text: Option<String>,
    /// What becomes of each Dockerfile, in the order of paths.
    pub images: Vec<Adopted>,
}

/// A Dockerfile, and what becomes of it.
#[derive(Debug)]
pub struct Adopted {
    /// The Dockerfile and what it is built with.
    pub original: Original,
    /// What becomes of it.
    pub fate: Fate,
    /// What no field says, as phrases.
    pub notes: Vec<String>,
    /// How many of its instructions and commands there are.
    pub instructions: usize,
    /// How many of these are steps of `run`.
    pub steps: usize,
}

/// What becomes of a Dockerfile.
#[derive(Debug)]
pub enum Fate {
    /// It is declared; what differs.
    Declared(Vec<Difference>),
    /// It is not for Python.
    Foreign,
    /// It cannot be read, or no declaration can say it.
    Kept(String),
}

impl Adopted {
    /// What the image is to its original; nothing where it is not declared.
    #[must_use]
    pub fn likeness(&self) -> Option<Likeness> {
        match &self.fate {
            Fate::Declared(found) => Some(Likeness::of(found)),
            Fate::Foreign | Fate::Kept(_) => None,
        }
    }
}

/// What a proposal is made with.
pub struct Ask<'a> {
    /// Only Dockerfiles at or below these paths; all where there is none.
    pub below: &'a [String],
    /// The names that services must not have, and Dockerfiles that are known already.
    pub known: &'a BTreeSet<String>,
    /// The versions of dockwright that the declaration is for.
    pub required_version: Option<String>,
}

/// Proposes a declaration for the Dockerfiles of a tree.
///
/// # Errors
/// A file is over a bound.
pub fn adopt(tree: &dyn Tree, ask: &Ask<'_>) -> Result<Proposal, Error> {
    let mut images = Vec::new();
    let mut read = Vec::new();
    for original in find::originals(tree, ask.below, ask.known) {
        if ask.known.contains(&original.path) || ask.known.contains(&original.name) {
            continue;
        }
        match fate(tree, &original) {
            Ok(meaning) => read.push((original, meaning)),
            Err(fate) => images.push(undeclared(original, fate)),
        }
    }
    let mut work = Work::new(tree, &read, ask);
    let rendered = work.settled()?;
    let text = work.text.clone();
    for (original, meaning) in read {
        images.push(work.adopted(original, &meaning, rendered.as_ref()));
    }
    images.sort_by(|one, other| one.original.path.cmp(&other.original.path));
    Ok(Proposal { text, images })
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
    if is_python(&meaning) {
        Ok(meaning)
    } else {
        Err(Fate::Foreign)
    }
}

/// What the tree does not hold can be in no image: it is told, and not compared.
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
    }
}

/// A proposal while it is mended.
struct Work<'a> {
    tree: &'a dyn Tree,
    header: Header,
    images: Images,
    drafts: Vec<Draft>,
    /// Those that are not refused alone, while they are sorted out.
    sound: Vec<Draft>,
    /// Why an original is not declared, by the name of its service.
    kept: BTreeMap<String, String>,
    allowances: Allowances,
    text: Option<String>,
}

impl<'a> Work<'a> {
    fn new(tree: &'a dyn Tree, read: &[(Original, Meaning)], ask: &Ask<'_>) -> Self {
        let python = most_common_python(read);
        let mut images = Images::new(fields_of(&["images", "name"]).contains("python"));
        let known = fields_of(&["services", "name"]);
        let ground = (python.as_str(), &known);
        let draft = |(original, meaning): &(Original, Meaning)| {
            Draft::of(original, meaning, tree, &mut images, ground)
        };
        let drafts = read.iter().map(draft).collect();
        let (registry, owner) = registry_and_owner(read);
        Self {
            tree,
            header: Header {
                registry,
                owner,
                python,
                tools: tools(read),
                required_version: ask.required_version.clone(),
            },
            images,
            drafts,
            sound: Vec::new(),
            kept: BTreeMap::new(),
            allowances: Vec::new(),
            text: None,
        }
    }

    /// Tries the proposal until nothing in it is refused; nothing where no service is left.
    fn settled(&mut self) -> Result<Option<Rendered>, Error> {
        let (mut rendered, mut why) = (None, None);
        for _ in 0..ROUNDS {
            if self.drafts.is_empty() {
                return Ok(None);
            }
            let text = self.written(&Folded::plain(&self.drafts));
            match tried(self.tree, &text)? {
                Tried::Rendered(found) => {
                    self.text = Some(text);
                    rendered = Some(found);
                    break;
                }
                Tried::Refused(refused) if self.mend(&refused) => {}
                Tried::Refused(_) if self.sort_out()? => {}
                Tried::Refused(refused) => {
                    why = refused.first().map(|found| found.message.clone());
                    break;
                }
            }
        }
        if rendered.is_none() {
            for draft in std::mem::take(&mut self.drafts) {
                let why = why.clone();
                let why = why.unwrap_or_else(|| "the declaration is refused".to_owned());
                self.kept.insert(draft.name, why);
            }
            return Ok(None);
        }
        self.allow(rendered.as_ref());
        self.fold(rendered)
    }

    /// The same with what is common said once, where that means the same.
    fn fold(&mut self, plain: Option<Rendered>) -> Result<Option<Rendered>, Error> {
        for folded in [Folded::of(&self.drafts), Folded::plain(&self.drafts)] {
            let text = self.written(&folded);
            if let Tried::Rendered(found) = tried(self.tree, &text)? {
                let is_equal = plain
                    .as_ref()
                    .is_some_and(|plain| plain.meanings == found.meanings);
                if is_equal && found.rules.is_empty() {
                    self.text = Some(text);
                    return Ok(Some(found));
                }
            }
        }
        Ok(plain)
    }

    fn written(&self, folded: &Folded) -> String {
        declaration(&self.header, &self.images, folded, &self.allowances)
    }

    /// Takes out what is refused: the field, or the service where that alone does not help.
    fn mend(&mut self, refused: &[Refusal]) -> bool {
        let mut is_mended = false;
        let names: Vec<String> = self.drafts.iter().map(|draft| draft.name.clone()).collect();
        // The last items first, so that positions stay what they were.
        let mut refused: Vec<&Refusal> = refused.iter().collect();
        refused.sort_by_key(|found| std::cmp::Reverse(found.place()));
        refused.dedup_by(|one, other| one.path == other.path && one.path.len() > 2);
        for found in &refused {
            let mut path = found.path.iter();
            let section = path.next().map(String::as_str);
            let Some(entry) = path.next() else { continue };
            let position = entry.parse::<usize>().ok();
            match section {
                Some("services") => {
                    let name = position.and_then(|at| names.get(at)).unwrap_or(entry);
                    let (field, item) = (path.next(), path.next());
                    is_mended |= self.mend_service(name, (field, item), &found.message);
                }
                Some("images") => {
                    let all: Vec<String> = self
                        .images
                        .entries()
                        .map(|(name, _)| name.clone())
                        .collect();
                    let name = position.and_then(|at| all.get(at)).unwrap_or(entry).clone();
                    is_mended |= self.without_image(&name, &found.message);
                }
                _ => {}
            }
        }
        is_mended || refused.iter().any(|found| self.mend_file(found))
    }

    /// Takes out those services that install a file in which something is wrong, such as a lock
    /// that does not match its project.
    fn mend_file(&mut self, found: &Refusal) -> bool {
        let (file, message) = (&found.file, &found.message);
        let count = self.drafts.len();
        let kept = &mut self.kept;
        let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
        self.drafts.retain(|draft| {
            let install = draft.fields.get("install");
            let names = |path: &str| install.is_some_and(|node| node.names(path));
            let is_its = names(file) || names(folder);
            if is_its {
                kept.insert(draft.name.clone(), message.clone());
            }
            !is_its
        });
        self.drafts.len() < count
    }

    /// Leaves out each service that alone is refused already: what is wrong with it leads to no
    /// field.
    fn sort_out(&mut self) -> Result<bool, Error> {
        let all = std::mem::take(&mut self.drafts);
        let count = all.len();
        for draft in all {
            self.drafts = vec![draft.clone()];
            let text = self.written(&Folded::plain(&self.drafts));
            match tried(self.tree, &text)? {
                Tried::Rendered(_) => self.sound.push(draft),
                Tried::Refused(refused) => {
                    let first = refused.first();
                    let why = first.map_or_else(String::new, |found| found.message.clone());
                    self.kept.insert(draft.name, why);
                }
            }
        }
        self.drafts = std::mem::take(&mut self.sound);
        Ok(self.drafts.len() < count)
    }

    /// Takes out the item that is refused where it is one of several, else the field, else the
    /// service.
    fn mend_service(
        &mut self,
        name: &str,
        (field, item): (Option<&String>, Option<&String>),
        message: &str,
    ) -> bool {
        let Some(at) = self.drafts.iter().position(|draft| draft.name == name) else {
            return false;
        };
        let draft = &mut self.drafts[at];
        let known = field.and_then(|field| {
            draft
                .fields
                .keys()
                .copied()
                .find(|known| *known == field.as_str())
        });
        let is_needed = matches!(known, Some("source" | "from"));
        if let Some(field) = known.filter(|_| !is_needed) {
            let fields = &mut draft.fields;
            let part = fields.get_mut(field).and_then(|node| node.without(item?));
            let what = if let Some(part) = part {
                format!("{field}: {part}")
            } else {
                fields.remove(field);
                field.to_owned()
            };
            draft.notes.push(format!("`{what}` is left out: {message}"));
        } else {
            let draft = self.drafts.remove(at);
            self.kept.insert(draft.name, message.to_owned());
        }
        true
    }

    fn without_image(&mut self, name: &str, message: &str) -> bool {
        let uses = |draft: &Draft| draft.fields.get("from") == Some(&Node::text(name));
        let (gone, left): (Vec<Draft>, Vec<Draft>) =
            std::mem::take(&mut self.drafts).into_iter().partition(uses);
        self.drafts = left;
        for draft in gone {
            self.kept.insert(draft.name, message.to_owned());
        }
        self.images.remove(name);
        true
    }

    /// Allows what rules would fail, so that the first day is green. What a secret would be is
    /// never allowed.
    fn allow(&mut self, rendered: Option<&Rendered>) {
        for (rule, service) in rendered.into_iter().flat_map(|rendered| &rendered.rules) {
            if rule.contains("secret") {
                continue;
            }
            let mut entry = vec![("rule".to_owned(), Node::text(*rule))];
            if let Some(service) = service {
                entry.push(("image".to_owned(), Node::text(service)));
            }
            entry.push(("reason".to_owned(), Node::text("adopted")));
            self.allowances.push(Node::Map(entry));
        }
    }

    fn adopted(
        &self,
        original: Original,
        before: &Meaning,
        rendered: Option<&Rendered>,
    ) -> Adopted {
        let draft = self.drafts.iter().find(|draft| draft.name == original.name);
        let after = rendered.and_then(|rendered| rendered.meanings.get(&original.name));
        let fate = if let (Some(_), Some(after)) = (draft, after) {
            Fate::Declared(differences(before, after))
        } else {
            let why = self.kept.get(&original.name).cloned();
            Fate::Kept(why.unwrap_or_else(|| "it cannot be rendered".to_owned()))
        };
        let mut notes = draft.map_or_else(Vec::new, |draft| draft.notes.clone());
        notes.extend(unclaimed(&original, before));
        let missing = before.missing.iter().map(|missing| missing.path.as_str());
        let missing: BTreeSet<&str> = missing.collect();
        notes.extend(
            missing
                .iter()
                .map(|path| format!("{path} is not in the tree")),
        );
        let steps = before
            .claims
            .iter()
            .filter(|claim| claim.by == Claimant::Step);
        Adopted {
            steps: steps.count(),
            instructions: before.claims.len(),
            original,
            fate,
            notes,
        }
    }
}

/// Instructions that nothing answers for.
fn unclaimed(original: &Original, meaning: &Meaning) -> Vec<String> {
    let claimed: BTreeSet<usize> = meaning.claims.iter().map(|claim| claim.line).collect();
    let lines = instruction_lines(&original.text).into_iter();
    lines
        .filter(|line| !claimed.contains(line))
        .map(|line| format!("line {line} is not understood"))
        .collect()
}
