//! The folder that commands run in, and paths that count from it.

use super::account::absolute;
use super::field::Findings;
use crate::declare::Text;
use crate::diagnostic::code;
use crate::fleet::model::{Image, Origin, Parent, Workdir};
use crate::fleet::placeholder::Values;

/// The word for the folder of the image below.
const INHERIT: &str = "inherit";

/// The folder that a text names; `below` are the bases and what the image builds on.
pub(super) fn workdir(
    findings: &mut Findings<'_>,
    (origin, text): (Origin, &Text),
    (bases, parent): (&[Image], Option<&Parent>),
    values: &Values<'_>,
) -> Option<Workdir> {
    if &**text != INHERIT {
        let read = findings.image_path(origin, text, values)?;
        return Some(Workdir {
            path: Some(read.value),
            origin: read.origin,
            is_inherited: false,
        });
    }
    let path = match parent {
        Some(Parent::Base(base)) => bases[base.value].workdir.path.clone(),
        Some(Parent::External(_) | Parent::Kept(_)) | None => None,
    };
    Some(Workdir {
        path,
        origin,
        is_inherited: true,
    })
}

impl Findings<'_> {
    /// A path of the image that can count from the workdir, as a whole one; what counts from a
    /// folder that only the image below knows is an error.
    pub(super) fn counted_from_workdir(
        &mut self,
        origin: Origin,
        path: &str,
        values: &Values<'_>,
    ) -> Option<String> {
        let known = values
            .workdir
            .or_else(|| path.starts_with('/').then_some("/"));
        if known.is_none() {
            let message = format!(
                "`{path}` is relative to the workdir, which {} inherits from an external image",
                values.name
            );
            let help = "write the absolute path, or set `workdir` to a path".to_owned();
            self.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
        }
        Some(absolute(path, known?))
    }
}
