//! Candidates from whole lines that are items of a list: requirements, indexes, what the context
//! leaves out and what every image takes.

use super::hunks::Hunks;
use super::place::Text;
use super::target::{Candidate, Entry, Target};
use crate::artifact::ArtifactPath;
use crate::fleet::owners::Owners;
use crate::values::AptPackage;
use crate::values::requirement::Requirement;
use crate::yaml::scalar;

/// A line of a generated file as items of lists: where these stand, the nearest list first.
struct Listed {
    item: String,
    lists: Vec<Vec<String>>,
}

/// Items of lists of the image's own entry that were added and that went.
pub(super) fn own(target: &Target<'_>, entry: &Entry) -> Vec<Candidate> {
    let known = Known::of(target, Some(entry));
    let is_own = |list: &[String]| match list {
        [section, name, ..] => *section == entry.section && *name == entry.name,
        _ => false,
    };
    candidates(target, &known, &is_own)
}

/// The same of all lists: those of kinds, sets and the fleet.
pub(super) fn shared(target: &Target<'_>, entry: Option<&Entry>) -> Vec<Candidate> {
    candidates(target, &Known::of(target, entry), &|_| true)
}

fn candidates(
    target: &Target<'_>,
    known: &Known<'_>,
    is_meant: &dyn Fn(&[String]) -> bool,
) -> Vec<Candidate> {
    let hunks = Hunks::of(target);
    let mut found = Vec::new();
    for line in hunks.added() {
        for Listed { item, mut lists } in known.read(line) {
            lists.retain(|list| is_meant(list));
            let is_there = |text: &Text, keys: &[&str]| text.with_item(keys, &scalar(&item));
            found.extend(known.edited(&lists, &is_there));
        }
    }
    for line in hunks.removed() {
        for Listed { item, mut lists } in known.read(line) {
            lists.retain(|list| is_meant(list));
            let is_it = |value: &str| value.trim().trim_end_matches('/') == item;
            let is_gone = |text: &Text, keys: &[&str]| text.without_item(keys, &is_it);
            found.extend(known.edited(&lists, &is_gone));
        }
    }
    found
}

/// What the lines of a file are read by.
struct Known<'a> {
    path: &'a ArtifactPath,
    /// The texts with lists: that of the image's entry and that of the whole.
    texts: Vec<(String, Text)>,
    /// The keys of the image's entry, and those of its kind.
    entries: Vec<Vec<String>>,
    /// The names of requirement sets.
    sets: Vec<String>,
}

impl<'a> Known<'a> {
    fn of(target: &Target<'a>, entry: Option<&Entry>) -> Self {
        let fleet = target.fleet;
        let mut files = vec![target.loaded.file.clone()];
        files.extend(entry.map(|entry| entry.file.clone()));
        files.sort();
        files.dedup();
        let read = |file: String| Some((Text::read(target.loaded.declaration_text(&file))?, file));
        let texts = files.into_iter().filter_map(read);
        let keys = |section: &str, name: &str| vec![section.to_owned(), name.to_owned()];
        let mut entries: Vec<Vec<String>> = entry
            .iter()
            .map(|entry| keys(&entry.section, &entry.name))
            .collect();
        let owner = Owners::new(fleet).of(target.path.as_str());
        let service = owner.and_then(|id| fleet.image(id).service());
        let kind = service.and_then(|service| service.kind.as_ref());
        entries.extend(kind.map(|kind| keys("kinds", kind.as_str())));
        Self {
            path: target.path,
            texts: texts.map(|(text, file)| (file, text)).collect(),
            entries,
            sets: fleet.sets.iter().map(|set| set.name.to_string()).collect(),
        }
    }

    /// What a line may be an item of.
    fn read(&self, line: &str) -> Vec<Listed> {
        let line = line.trim();
        let name = self.path.as_str().rsplit('/').next();
        let name = name.expect("a split has a first part");
        if name == "Dockerfile" {
            self.stepped(line)
                .into_iter()
                .chain(self.copied(line))
                .collect()
        } else if name.ends_with(".dockerignore") {
            self.ignored(line)
        } else {
            self.required(line)
        }
    }

    /// `RUN touch /x`, a step, or a line of its own in a list of packages.
    fn stepped(&self, line: &str) -> Option<Listed> {
        if let Some(step) = line.strip_prefix("RUN ") {
            return Some(Listed {
                item: step.to_owned(),
                lists: self.fields(&["run"], false),
            });
        }
        let package = line.strip_suffix('\\')?.trim();
        let lists = ["apt_build", "apt", "apk_build", "apk"].into_iter();
        AptPackage::parse(package).ok()?;
        Some(Listed {
            item: package.to_owned(),
            lists: lists
                .flat_map(|field| self.fields(&[field], false))
                .collect(),
        })
    }

    /// `COPY libs/ libs/`, a folder that is shared.
    fn copied(&self, line: &str) -> Vec<Listed> {
        let Some(copied) = line.strip_prefix("COPY ") else {
            return Vec::new();
        };
        let words = copied.split(' ');
        let source = words.filter(|word| !word.starts_with("--")).nth(0);
        let shared = |source: &str| self.shared(source.trim_end_matches('/'));
        source
            .filter(|source| !source.is_empty())
            .map(shared)
            .into_iter()
            .collect()
    }

    /// `!libs`, a folder that is shared; else a pattern.
    fn ignored(&self, line: &str) -> Vec<Listed> {
        let shared = line.strip_prefix('!').map(|source| self.shared(source));
        let pattern = Listed {
            item: line.to_owned(),
            lists: self.fields(&["ignore"], true),
        };
        shared.into_iter().chain([pattern]).collect()
    }

    fn shared(&self, source: &str) -> Listed {
        Listed {
            item: source.to_owned(),
            lists: self.fields(&["shared"], true),
        }
    }

    /// A requirement of the image or of a set, or an index.
    fn required(&self, line: &str) -> Vec<Listed> {
        let index = ["--index-url ", "--extra-index-url "]
            .iter()
            .find_map(|option| line.strip_prefix(option));
        if let Some(url) = index {
            return vec![Listed {
                item: url.trim().to_owned(),
                lists: self.fields(&["index_urls"], true),
            }];
        }
        if Requirement::parse(line).is_err() {
            return Vec::new();
        }
        let sets = self.sets.iter().flat_map(|set| {
            let list = vec!["requirements".to_owned(), set.clone()];
            let in_mapping = [list.as_slice(), &["packages".to_owned()]].concat();
            [list, in_mapping]
        });
        vec![Listed {
            item: line.to_owned(),
            lists: self
                .fields(&["pip"], false)
                .into_iter()
                .chain(sets)
                .collect(),
        }]
    }

    /// A field of the image, its kind, `defaults` and, where it has it, the fleet.
    fn fields(&self, field: &[&str], is_of_fleet: bool) -> Vec<Vec<String>> {
        let defaults = vec!["defaults".to_owned()];
        let above = self.entries.iter().cloned().chain([defaults]);
        let above = above.chain(is_of_fleet.then(Vec::new));
        let below = |mut keys: Vec<String>| {
            keys.extend(field.iter().map(|name| (*name).to_owned()));
            keys
        };
        above.map(below).collect()
    }

    fn edited(
        &self,
        lists: &[Vec<String>],
        edit: &dyn Fn(&Text, &[&str]) -> Option<String>,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        for list in lists {
            let keys: Vec<&str> = list.iter().map(String::as_str).collect();
            for (file, text) in &self.texts {
                let file = file.clone();
                found.extend(edit(text, &keys).map(|text| Candidate { file, text }));
            }
        }
        found
    }
}

/// A set that an image no longer has, or has too.
pub(super) fn of_sets(target: &Target<'_>, entry: &Entry) -> Vec<Candidate> {
    let known = Known::of(target, Some(entry));
    let lists = known.fields(&["requirements"], false);
    let mut found = Vec::new();
    for set in &known.sets {
        let is_it = |value: &str| value == set;
        let gone = |text: &Text, keys: &[&str]| text.without_item(keys, &is_it);
        found.extend(known.edited(&lists, &gone));
        let there = |text: &Text, keys: &[&str]| text.with_item(keys, &scalar(set));
        found.extend(known.edited(&lists, &there));
    }
    found
}
