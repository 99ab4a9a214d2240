//! A proposal tried and mended until nothing in it is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::existing::Existing;
use super::find::Original;
use super::fleet::{fields_of, most_common_python, registry_and_owner, tools as tools_of};
use super::fold::Folded;
use super::node::Node;
use super::outcome::{Adopted, Ask, Fate};
use super::own::OwnFleet;
use super::parent::Images;
use super::text::{Allowances, Header, declaration};
use super::trial::{Refusal, Rendered, Tried, differences, tried};
use crate::dockerfile::judge::Likeness;
use crate::dockerfile::meaning::{Claimant, Meaning, Tree, instruction_lines};
use crate::project::Error;
use crate::render::seal::body;
use crate::yaml;

/// How often a proposal is mended before what is still refused keeps its Dockerfile.
const ROUNDS: usize = 40;
/// A proposal while it is mended.
pub(super) struct Work<'a> {
    tree: &'a dyn Tree,
    existing: Option<&'a Existing>,
    header: Header,
    images: Images,
    /// What dockwright generated.
    ours: OwnFleet,
    drafts: Vec<Draft>,
    /// Those that are not refused alone, while they are sorted out.
    sound: Vec<Draft>,
    /// Why an original is not declared, by the name of its service.
    kept: BTreeMap<String, String>,
    allowances: Allowances,
    pub(super) text: Option<String>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        tree: &'a dyn Tree,
        read: &[(Original, Meaning)],
        ask: &Ask<'a>,
        ours: OwnFleet,
    ) -> Self {
        let existing = ask.existing;
        let of_fleet = existing.map(|existing| existing.python.clone());
        let of_fleet = of_fleet.or_else(|| ours.python());
        let python = of_fleet.unwrap_or_else(|| most_common_python(read));
        let declared = existing.map(|existing| existing.images.clone());
        let has_python = fields_of(&["images", "name"]).contains("python");
        let mut images = Images::new(has_python, declared.unwrap_or_default());
        let known = fields_of(&["services", "name"]);
        let ground = (python.as_str(), &known);
        let draft = |(original, meaning): &(Original, Meaning)| {
            let own = ours.draft(&original.name, &mut images, &python);
            own.unwrap_or_else(|| Draft::of(original, meaning, tree, &mut images, ground))
        };
        let mut drafts: Vec<Draft> = read.iter().map(draft).collect();
        let places = ours.order().iter().enumerate();
        let places: BTreeMap<&str, usize> = places.map(|(at, name)| (name.as_str(), at)).collect();
        let place = |draft: &Draft| places.get(draft.name.as_str()).copied();
        drafts.sort_by_key(|draft| place(draft).unwrap_or(usize::MAX));
        let registry = ours.registry().cloned();
        let (registry, owner) = registry.unwrap_or_else(|| registry_and_owner(read));
        let of_ours = ours.tools();
        let is_other = |(tool, _): &(String, Node)| of_ours.iter().all(|(own, _)| own != tool);
        let tools = of_ours.iter().cloned();
        let tools = tools
            .chain(tools_of(read).into_iter().filter(is_other))
            .collect();
        Self {
            tree,
            existing,
            header: Header {
                origin: ask.origin.to_owned(),
                registry,
                owner,
                python,
                tools,
                fleet: ours.fields(),
                sets: ours.sets(),
                required_version: ask.required_version.clone(),
            },
            images,
            ours,
            drafts,
            sound: Vec::new(),
            kept: BTreeMap::new(),
            allowances: Vec::new(),
            text: None,
        }
    }

    /// Tries the proposal until nothing in it is refused; nothing where no service is left.
    pub(super) fn settled(&mut self) -> Result<Option<Rendered>, Error> {
        let (mut rendered, mut why) = (None, None);
        for _ in 0..ROUNDS {
            if self.drafts.is_empty() {
                return Ok(None);
            }
            let Some(text) = self.written(&self.plain()) else {
                why = Some("services.yaml is written so that entries have no place".to_owned());
                break;
            };
            match self.tried(&text)? {
                Tried::Rendered(found) => {
                    self.text = Some(text);
                    rendered = Some(found);
                    break;
                }
                Tried::Refused(refused) if self.mend(&refused, &text) => {}
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
        for folded in [self.folded(), self.plain()] {
            let Some(text) = self.written(&folded) else {
                continue;
            };
            if let Tried::Rendered(found) = self.tried(&text)? {
                let is_equal = plain.as_ref().is_some_and(|plain| {
                    let is_same = self.ours.is_empty() || plain.bodies == found.bodies;
                    plain.meanings == found.meanings && is_same
                });
                if is_equal && found.rules.is_empty() {
                    self.text = Some(text);
                    return Ok(Some(found));
                }
            }
        }
        Ok(plain)
    }

    /// Each service as it is.
    fn plain(&self) -> Folded {
        match self.existing {
            Some(known) => Folded::beside(&self.drafts, (&known.kinds, &known.defaults), false),
            None => Folded::plain(&self.drafts),
        }
    }

    /// What is common once.
    fn folded(&self) -> Folded {
        match self.existing {
            Some(known) => Folded::beside(&self.drafts, (&known.kinds, &known.defaults), true),
            None => Folded::of(&self.drafts),
        }
    }

    /// The declaration; nothing where it cannot be written into the one that is there.
    fn written(&self, folded: &Folded) -> Option<String> {
        let (header, images, allowances) = (&self.header, &self.images, &self.allowances);
        match self.existing {
            Some(existing) => existing.extended(header, images, folded, allowances),
            None => Some(declaration(header, images, folded, allowances)),
        }
    }

    /// A declaration tried; rules that failed before are not its own.
    fn tried(&self, text: &str) -> Result<Tried, Error> {
        let mut tried = tried(self.tree, text)?;
        if let (Tried::Rendered(rendered), Some(existing)) = (&mut tried, self.existing) {
            rendered
                .rules
                .retain(|rule| !existing.failed.contains(rule));
        }
        Ok(tried)
    }

    /// Takes out what is refused in a text: the field, or the service where that alone does not
    /// help.
    fn mend(&mut self, refused: &[Refusal], text: &str) -> bool {
        let mut is_mended = false;
        let (names, all) = (names_in(text, "services"), names_in(text, "images"));
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
    /// field. Images that dockwright generated build on each other, and are not tried alone.
    fn sort_out(&mut self) -> Result<bool, Error> {
        let all = std::mem::take(&mut self.drafts);
        let count = all.len();
        let of_ours = std::mem::take(&mut self.header.fleet);
        for draft in all {
            if self.ours.folder(&draft.name).is_some() {
                self.sound.push(draft);
                continue;
            }
            self.drafts = vec![draft.clone()];
            let Some(text) = self.written(&self.plain()) else {
                continue;
            };
            match self.tried(&text)? {
                Tried::Rendered(_) => self.sound.push(draft),
                Tried::Refused(refused) => {
                    let first = refused.first();
                    let why = first.map_or_else(String::new, |found| found.message.clone());
                    self.kept.insert(draft.name, why);
                }
            }
        }
        self.drafts = std::mem::take(&mut self.sound);
        self.header.fleet = of_ours;
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

    /// The images that dockwright generated and that the proposal would make different ones of.
    pub(super) fn lost(
        &self,
        read: &[(Original, Meaning)],
        rendered: Option<&Rendered>,
    ) -> Vec<String> {
        let meanings = read.iter();
        let meanings: BTreeMap<&str, &Meaning> = meanings
            .map(|(original, meaning)| (original.name.as_str(), meaning))
            .collect();
        let is_lost = |name: &&str| {
            let before = meanings.get(name).copied();
            let after = rendered.and_then(|rendered| rendered.meanings.get(*name));
            let is_different = before.zip(after).is_none_or(|(before, after)| {
                Likeness::of(&differences(before, after)) == Likeness::Different
            });
            is_different && !self.is_back(name, rendered)
        };
        let images = self.ours.names().filter(is_lost);
        let is_same = |path: &&str| {
            let expected = rendered.and_then(|rendered| rendered.bodies.get(*path));
            self.tree.text(path).as_deref().map(body) == expected.map(String::as_str)
        };
        let bake = self.ours.bake().filter(|path| !is_same(path));
        images.chain(bake).map(str::to_owned).collect()
    }

    /// Whether the bytes of an image's files come back, headers aside.
    fn is_back(&self, name: &str, rendered: Option<&Rendered>) -> bool {
        let (Some(folder), Some(rendered)) = (self.ours.folder(name), rendered) else {
            return false;
        };
        let start = format!("{folder}/");
        let files = rendered.bodies.range(start.clone()..);
        let mut files = files
            .take_while(|(path, _)| path.starts_with(&start))
            .peekable();
        let is_same = |(path, expected): (&String, &String)| {
            self.tree.text(path).as_deref().map(body) == Some(expected)
        };
        files.peek().is_some() && files.all(is_same)
    }

    pub(super) fn adopted(
        &self,
        original: Original,
        before: &Meaning,
        rendered: Option<&Rendered>,
    ) -> Adopted {
        let draft = self.drafts.iter().find(|draft| draft.name == original.name);
        let after = rendered.and_then(|rendered| rendered.meanings.get(&original.name));
        let fate = if let (Some(_), Some(after)) = (draft, after) {
            let is_back = self.is_back(&original.name, rendered);
            Fate::Declared(if is_back {
                Vec::new()
            } else {
                differences(before, after)
            })
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
        let counted = self.ours.counted(&original.name);
        let (steps, hooks) = counted.unwrap_or_else(|| (steps.count(), 0));
        Adopted {
            steps,
            hooks,
            instructions: before.claims.len(),
            original,
            fate,
            notes,
        }
    }
}

/// The names of a section, in order.
fn names_in(text: &str, section: &str) -> Vec<String> {
    let Ok(tree) = yaml::read(text.as_bytes()) else {
        return Vec::new();
    };
    let entry = tree.root().and_then(|root| tree.entry(root, section));
    let entries = entry
        .into_iter()
        .flat_map(|entry| tree.entries(entry.value));
    entries
        .map(|entry| tree.value(entry.key).to_owned())
        .collect()
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
