//! Which findings may only be there because something else is wrong: they wait until that is
//! fixed.

use crate::diagnostic::{DeclPath, Diagnostic, Spot, Step, code};

/// What values of a wrong shape leave behind when they are left out: a field that is missing from
/// the same entry, or a name that the left out entry would have declared. A finding that may only
/// be there because of that waits until the shape is fixed.
#[derive(Debug, Default)]
pub(crate) struct Follows {
    /// File, section and entry of each.
    entries: Vec<(String, Vec<Step>)>,
    /// The sections from which something was left out.
    sections: Vec<Step>,
    /// Whether a whole file was left out.
    anything: bool,
    /// File and place of each value itself.
    values: Vec<(String, DeclPath)>,
}

impl Follows {
    /// Of everything that is wrong with the shape. `readable` puts keys in place of positions in a
    /// file's path.
    #[must_use]
    pub(crate) fn of(shape: &[Diagnostic], readable: &dyn Fn(&str, &DeclPath) -> DeclPath) -> Self {
        let include = Step::Key("include".to_owned());
        let mut follows = Self::default();
        for wrong in shape {
            if let Spot::Value(path) = &wrong.location.spot {
                let file = wrong.location.file.clone();
                follows.values.push((file.clone(), readable(&file, path)));
            }
            let Some(entry) =
                entry(wrong, readable).filter(|entry| entry.first() != Some(&include))
            else {
                follows.anything = true;
                continue;
            };
            if wrong.code.id != code::UNKNOWN_FIELD.id {
                follows.sections.extend(entry.first().cloned());
            }
            follows.entries.push((wrong.location.file.clone(), entry));
        }
        follows
    }

    /// Whether a finding waits.
    #[must_use]
    pub(crate) fn hold_back(
        &self,
        found: &Diagnostic,
        readable: &dyn Fn(&str, &DeclPath) -> DeclPath,
    ) -> bool {
        let is_of = |path: &DeclPath| {
            let path = readable(&found.location.file, path);
            self.values
                .iter()
                .any(|(file, wrong)| *file == found.location.file && *wrong == path)
        };
        if let Spot::Value(path) = &found.location.spot
            && !self.values.is_empty()
            && is_of(path)
        {
            return true;
        }
        if !found.code.follows || (self.entries.is_empty() && !self.anything) {
            return false;
        }
        let Some(name) = found.code.id.strip_prefix("unknown-") else {
            let of_found = entry(found, readable).unwrap_or_default();
            let is_same = |(file, wrong): &(String, Vec<Step>)| {
                *file == found.location.file
                    && (of_found.starts_with(wrong) || wrong.starts_with(&of_found))
            };
            return self.anything || self.entries.iter().any(is_same);
        };
        let section = Step::Key(format!(
            "{}s",
            name.replace("requirement-set", "requirement")
        ));
        self.anything || self.sections.contains(&section)
    }
}

/// Section and entry that a diagnostic points into; `None` where it points at a file as a whole.
fn entry(found: &Diagnostic, readable: &dyn Fn(&str, &DeclPath) -> DeclPath) -> Option<Vec<Step>> {
    match &found.location.spot {
        Spot::Value(path) | Spot::Key(path) => Some(
            readable(&found.location.file, path)
                .0
                .into_iter()
                .take(2)
                .collect(),
        ),
        Spot::Bytes { .. } | Spot::File => None,
    }
}
