//! What to type, so that `check` passes: a line a command, however many files it is about.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use super::{Findings, Page, counted, page, shell_word};
use crate::artifact::lies_in;
use crate::drift::{Drift, DriftKind, Fix, deletes_most_images};
use crate::fleet::Fleet;
use crate::fleet::owners::Owners;

/// Up to how many edited files a command names one by one; more are named by image or folder.
const NAMED_EDITS: usize = 5;
/// How many images and files a command names; more are named by folder.
const NAMED_WORDS: usize = 10;
/// How long these words may be together, in bytes.
const WORDS_LENGTH: usize = 140;
/// How many files `rm` or `mv` are proposed for.
const NAMED_FILES: usize = 10;

/// A command and what it does.
pub(super) struct Remedy {
    pub(super) command: String,
    pub(super) effect: String,
}

/// What to do, in this order.
#[derive(Default)]
pub(super) struct Remedies {
    /// What to type.
    pub(super) commands: Vec<Remedy>,
    /// What nobody should type without a look at each file.
    pub(super) notes: Vec<Page>,
}

/// The commands that make `check` pass.
pub(super) fn remedies(findings: &Findings<'_>) -> Remedies {
    let drifts = &findings.report.drifts;
    let obstacles = obstacles(drifts);
    let mut remedies = Remedies::default();
    remedies.clear(&obstacles, drifts);
    remedies.commands.extend(repair(findings));
    let edits = Edits::of(findings);
    let words = edits.words();
    remedies.commands.extend(edits.absorbing());
    remedies.commands.extend(edits.discarding(&words));
    remedies.remove(
        drifts
            .iter()
            .filter(|drift| is_left(drift, &obstacles) && !words.cover(drift)),
    );
    remedies
}

/// What is where a generated file belongs, or on the way there, and is not a file that
/// `--overwrite` could replace.
fn obstacles(drifts: &[Drift]) -> IndexSet<String> {
    drifts
        .iter()
        .filter(|drift| is_in_the_way(drift))
        .map(|drift| drift.obstacle().to_owned())
        .collect()
}

/// Whether it stands where a declared file belongs, or on the way there.
fn is_in_the_way(drift: &Drift) -> bool {
    drift.expected.is_some() && drift.fix() == Fix::MoveAway
}

/// Whether nothing declares a file and `generate` does not delete it.
fn is_left(drift: &Drift, obstacles: &IndexSet<String>) -> bool {
    let is_kept = matches!(drift.fix(), Fix::Remove | Fix::DeleteEdited);
    is_kept && !obstacles.contains(drift.path.as_str())
}

impl Remedies {
    /// Makes room, so that the next commands can write. A folder can hold anything, so it is moved
    /// and never deleted.
    fn clear(&mut self, obstacles: &IndexSet<String>, drifts: &[Drift]) {
        let strays = drifts
            .iter()
            .filter(|drift| drift.expected.is_none() && drift.fix() == Fix::MoveAway);
        let mut paths = obstacles.clone();
        paths.extend(strays.map(|stray| stray.path.to_string()));
        for path in paths.iter().take(NAMED_FILES) {
            let aside = format!("./{}.moved", path.replace('/', "-"));
            let word = shell_word(path);
            let effect = format!(
                "look at {word} first: it is not a generated file; this moves it out of the way"
            );
            self.commands.push(Remedy {
                command: format!("mv -n {word} {}", shell_word(&aside)),
                effect,
            });
        }
        if paths.len() > NAMED_FILES {
            let folder = common_folder(paths.iter().map(String::as_str));
            let more = paths.len() - NAMED_FILES;
            self.notes.push(page!(
                "{} more in {} are in the way: look into it, and move them",
                more,
                shown(&folder)
            ));
        }
    }

    /// Away with files that nothing declares and that `generate` does not delete.
    fn remove<'d>(&mut self, strays: impl Iterator<Item = &'d Drift>) {
        let paths: Vec<&str> = strays.map(|drift| drift.path.as_str()).collect();
        if paths.len() > NAMED_FILES {
            let folder = common_folder(paths.iter().copied());
            self.notes.push(page!(
                "look into {}: services.yaml does not declare {} files there; remove them or move \
                 them elsewhere",
                shown(&folder),
                paths.len()
            ));
        } else if !paths.is_empty() {
            let words: Vec<String> = paths.into_iter().map(shell_word).collect();
            let effect = format!(
                "removes {} that services.yaml does not declare; move what you want to keep out \
                 of the generated folder",
                counted(words.len(), "file", "files")
            );
            self.commands.push(Remedy {
                command: format!("rm {}", words.join(" ")),
                effect,
            });
        }
    }
}

/// What `generate` does by itself.
fn repair(findings: &Findings<'_>) -> Option<Remedy> {
    let drifts = &findings.report.drifts;
    let count = |of: fn(&Drift) -> bool| drifts.iter().filter(|drift| of(drift)).count();
    let parts = [
        (
            "creates",
            count(|drift| drift.fix() == Fix::Create || is_in_the_way(drift)),
            "missing",
        ),
        (
            "updates",
            count(|drift| drift.kind == DriftKind::Stale),
            "out-of-date",
        ),
        (
            "fixes line ends of",
            count(|drift| drift.kind == DriftKind::LineEnds),
            "",
        ),
        (
            "fixes mode of",
            count(|drift| drift.kind == DriftKind::Executable),
            "executable",
        ),
        (
            "deletes",
            count(|drift| drift.fix() == Fix::Delete),
            "orphaned",
        ),
    ];
    let told = parts
        .iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(verb, count, kind)| {
            let space = if kind.is_empty() { "" } else { " " };
            format!(
                "{verb} {count} {kind}{space}{}",
                if *count == 1 { "file" } else { "files" }
            )
        });
    let effect = told.collect::<Vec<_>>().join(", ");
    if effect.is_empty() {
        return None;
    }
    if deletes_most_images(findings.report) {
        let effect =
            format!("{effect}: more than half of the images, so check that this is what you want");
        return Some(Remedy {
            command: findings.command("generate --prune"),
            effect,
        });
    }
    Some(Remedy {
        command: findings.command("generate"),
        effect,
    })
}

/// What costs a person's work.
struct Edits<'a, 'f> {
    findings: &'a Findings<'f>,
    /// Declared files that only `--overwrite` replaces.
    declared: Vec<&'a Drift>,
    /// Edited files that nothing declares.
    orphans: Vec<&'a Drift>,
}

/// How a command names the edits.
enum Words {
    /// A path for each declared file.
    Files(Vec<String>),
    /// Images and folders, which cover the edited files in them that nothing declares.
    Places(Vec<String>),
}

impl Words {
    /// Whether the command for the edits deletes a file that nothing declares.
    fn cover(&self, drift: &Drift) -> bool {
        matches!(self, Self::Places(_)) && drift.fix() == Fix::DeleteEdited
    }
}

impl<'a, 'f> Edits<'a, 'f> {
    fn of(findings: &'a Findings<'f>) -> Self {
        let drifts = findings.report.drifts.iter();
        let declared = drifts.clone().filter(|drift| drift.fix() == Fix::Overwrite);
        let orphans = drifts.filter(|drift| drift.fix() == Fix::DeleteEdited);
        Self {
            findings,
            declared: declared.collect(),
            orphans: orphans.collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &'a Drift> {
        self.declared.iter().chain(&self.orphans).copied()
    }

    fn words(&self) -> Words {
        let Some(fleet) = self
            .findings
            .fleet
            .filter(|_| self.all().count() > NAMED_EDITS)
        else {
            return Words::Files(
                self.declared
                    .iter()
                    .map(|drift| drift.path.to_string())
                    .collect(),
            );
        };
        let images = self.images(fleet);
        let is_short = images.len() <= NAMED_WORDS
            && images.iter().map(String::len).sum::<usize>() <= WORDS_LENGTH;
        // A folder would also give up edits of images that this check has not looked at.
        let is_part = self.findings.images_checked.is_some();
        Words::Places(if is_short || is_part {
            images
        } else {
            self.folders(fleet)
        })
    }

    /// The images that edits are in, and the paths of those in none.
    fn images(&self, fleet: &Fleet) -> Vec<String> {
        let owners = Owners::new(fleet);
        let word = |drift: &Drift| {
            let image = owners.of(drift.path.as_str()).map(|id| fleet.image(id));
            image.map_or_else(|| drift.path.to_string(), |image| image.name.to_string())
        };
        self.all()
            .map(word)
            .collect::<BTreeSet<String>>()
            .into_iter()
            .collect()
    }

    /// The folder that the edits below each folder of generated files have in common, and the paths
    /// of the others.
    fn folders(&self, fleet: &Fleet) -> Vec<String> {
        let mut rest: Vec<&str> = self.all().map(|drift| drift.path.as_str()).collect();
        let mut words = Vec::new();
        for folder in fleet.layout.output_folders() {
            let (inside, outside): (Vec<&str>, Vec<&str>) =
                rest.into_iter().partition(|path| lies_in(path, folder));
            if !inside.is_empty() {
                words.push(shown(&common_folder(inside.into_iter())));
            }
            rest = outside;
        }
        words.extend(rest.into_iter().map(str::to_owned));
        words
    }

    /// Takes what was edited by hand into the declaration.
    fn absorbing(&self) -> Option<Remedy> {
        let is_edit = |drift: &&&Drift| matches!(drift.kind, DriftKind::HandEdited { .. });
        let edited: Vec<&&Drift> = self.declared.iter().filter(is_edit).collect();
        let named = edited.iter().filter(|_| edited.len() <= NAMED_EDITS);
        let words: Vec<String> = named.map(|drift| shell_word(drift.path.as_str())).collect();
        let command = format!("absorb {}", words.join(" "));
        let them = if edited.len() == 1 {
            "the manual edit"
        } else {
            "manual edits"
        };
        (!edited.is_empty()).then(|| Remedy {
            command: self.findings.command(command.trim_end()),
            effect: format!(
                "changes services.yaml so that it generates {them}, if a field can say that"
            ),
        })
    }

    fn discarding(&self, words: &Words) -> Option<Remedy> {
        let (Words::Files(named) | Words::Places(named)) = words;
        let quoted: Vec<String> = named.iter().map(|word| shell_word(word)).collect();
        let deleted = if matches!(words, Words::Places(_)) {
            self.orphans.len()
        } else {
            0
        };
        let mut effects = Vec::new();
        if !self.declared.is_empty() {
            effects.push(format!(
                "discards manual edits in {}",
                counted(self.declared.len(), "file", "files")
            ));
        }
        if deleted > 0 {
            effects.push(format!(
                "deletes {} that services.yaml does not declare",
                counted(deleted, "edited file", "edited files")
            ));
        }
        let effect = effects.join(", ");
        let command = format!("generate --overwrite {}", quoted.join(" "));
        (!quoted.is_empty()).then(|| Remedy {
            command: self.findings.command(&command),
            effect,
        })
    }
}

/// The innermost folder that all paths are in; empty where it is that of services.yaml.
fn common_folder<'p>(paths: impl Iterator<Item = &'p str>) -> String {
    let mut folders = paths.map(|path| path.rsplit_once('/').map_or("", |(folder, _)| folder));
    let mut common = folders.next().unwrap_or_default();
    for folder in folders {
        while !lies_in(folder, common) {
            common = common.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    common.to_owned()
}

/// A folder as it is typed, which no image or file is.
fn shown(folder: &str) -> String {
    if folder.is_empty() {
        ".".to_owned()
    } else {
        format!("{folder}/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_folder_is_the_innermost_one() {
        for (paths, folder) in [
            (vec!["g/a/Dockerfile", "g/a/requirements.txt"], "g/a"),
            (vec!["g/a/Dockerfile", "g/ab/Dockerfile"], "g"),
            (vec!["g/a/Dockerfile", "h/a/Dockerfile"], ""),
            (vec!["g/a/b/c", "g/a"], "g"),
            (vec!["compose.yaml"], ""),
        ] {
            assert_eq!(common_folder(paths.into_iter()), folder);
        }
    }
}
