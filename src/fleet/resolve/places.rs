//! Generated files that cannot all be there: two at one path, also where a file system knows no
//! case, or one where another needs a folder.

use std::collections::BTreeMap;

use super::field::Findings;
use crate::diagnostic::code;
use crate::fleet::layout::Layout;
use crate::fleet::model::{Image, Origin, RequirementSet, Section};
use crate::fleet::outputs::Outputs;

/// The names of the files in an image's folder, in lower case.
const IMAGE_FILES: [&str; 4] = [
    "dockerfile",
    "dockerfile.dockerignore",
    "requirements.txt",
    "constraints.txt",
];

/// A file at a path of its own.
struct Single {
    /// In words.
    what: String,
    origin: Origin,
    /// Whether the origin is the key of an entry.
    is_key: bool,
}

/// Everything that is generated or read at a fixed path; keys are in lower case.
struct Places<'a> {
    /// The images by their folder.
    folders: BTreeMap<String, &'a Image>,
    singles: BTreeMap<String, Single>,
}

/// Says which files stand in each other's way. Two images that share a folder are told where names
/// are compared.
pub(super) fn check(
    findings: &mut Findings<'_>,
    (layout, outputs): (&Layout, &Outputs),
    sets: &[RequirementSet],
    images: &[Image],
) {
    let folders = images
        .iter()
        .map(|image| (image.folder.to_ascii_lowercase(), image))
        .collect();
    let mut places = Places {
        folders,
        singles: BTreeMap::new(),
    };
    for set in sets.iter().filter(|set| set.file.is_none()) {
        let path = layout.requirements.of_set(set.name.as_str());
        let what = format!("the file {path} of the set `{}`", set.name);
        places.add(
            findings,
            &path,
            Single {
                what,
                origin: set.entry,
                is_key: true,
            },
        );
    }
    for path in outputs.sourced_paths() {
        let text = path.value.as_str();
        places.add(
            findings,
            text,
            Single {
                what: format!("the file {text}"),
                origin: path.origin,
                is_key: false,
            },
        );
    }
    places.judge(findings);
}

impl Places<'_> {
    fn add(&mut self, findings: &mut Findings<'_>, path: &str, single: Single) {
        let key = path.to_ascii_lowercase();
        match self.singles.get(&key) {
            Some(other) => {
                single.report(findings, &format!("{} is also {}", single.what, other.what));
            }
            None => drop(self.singles.insert(key, single)),
        }
    }

    fn judge(&self, findings: &mut Findings) {
        for (path, single) in &self.singles {
            if let Some(image) = self.image_file(path) {
                single.report(
                    findings,
                    &format!("{} is also one of `{}`", single.what, image.name),
                );
            } else if let Some(image) = self.image_below(path) {
                single.report(
                    findings,
                    &format!(
                        "{} has the path of the folder of `{}`",
                        single.what, image.name
                    ),
                );
            } else if let Some(other) = ancestors(path)
                .skip(1)
                .find_map(|above| self.file_at(above))
            {
                single.report(findings, &format!("{} lies below {other}", single.what));
            }
        }
        let may_lie_below = |folder: &&String| IMAGE_FILES.iter().any(|name| folder.contains(name));
        for folder in self.folders.keys().filter(may_lie_below) {
            let Some(image) = self.folders.get(folder) else {
                continue;
            };
            if let Some(other) = ancestors(folder)
                .find_map(|above| self.image_file(above).map(|image| (above, image)))
            {
                let message = format!(
                    "the folder {folder} of `{}` is the file {} of `{}`",
                    image.name, other.0, other.1.name
                );
                findings.at_key(
                    &code::NAME_COLLISION,
                    Origin::field(image.section, ""),
                    message,
                );
            }
        }
    }

    /// The image that has a file at a path.
    fn image_file(&self, path: &str) -> Option<&Image> {
        let (folder, file) = path.rsplit_once('/')?;
        IMAGE_FILES
            .contains(&file)
            .then(|| self.folders.get(folder).copied())
            .flatten()
    }

    /// An image that has its folder at a path or below.
    fn image_below(&self, path: &str) -> Option<&Image> {
        let below = format!("{path}/");
        let first = self
            .folders
            .range(below.clone()..)
            .next()
            .filter(|(folder, _)| folder.starts_with(&below));
        self.folders
            .get(path)
            .or_else(|| first.map(|(_, image)| image))
            .copied()
    }

    /// In words, the file at a path.
    fn file_at(&self, path: &str) -> Option<String> {
        let of_image = self
            .image_file(path)
            .map(|image| format!("the file {path} of `{}`", image.name));
        of_image.or_else(|| self.singles.get(path).map(|single| single.what.clone()))
    }
}

impl Single {
    fn report(&self, findings: &mut Findings<'_>, message: &str) {
        let say = if self.is_key {
            Findings::at_key
        } else {
            Findings::at_value
        };
        say(
            findings,
            &code::NAME_COLLISION,
            self.origin,
            message.to_owned(),
        );
    }
}

/// The path and the folders above it, the path first.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(above, _)| above)
    })
}

/// The declaration's own path, which nothing generated can have or need as a folder.
pub(super) fn check_declaration(findings: &mut Findings<'_>, file: &str, layout: &Layout) {
    let file = file.to_ascii_lowercase();
    let patterns = [
        ("layout.services", &layout.services),
        ("layout.bases", &layout.bases),
        ("layout.requirements", &layout.requirements),
    ];
    for (field, pattern) in patterns {
        let prefix = pattern.fixed_prefix().to_ascii_lowercase();
        if crate::artifact::lies_in(&prefix, &file) {
            let message = format!("`{file}` is the declaration, not a folder");
            findings.at_value(
                &code::INVALID_LAYOUT,
                Origin::field(Section::Fleet, field),
                message,
            );
        }
    }
}
