//! Where generated files go and where sources are: path patterns with placeholders.

use camino::Utf8Path;

use crate::artifact::lies_in;
use crate::values::RelPath;

/// A path pattern such as `generated/{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

/// The placeholders of an image's pattern.
pub(crate) const IMAGE_PLACEHOLDERS: [&str; 2] = ["{name}", "{module}"];
/// The placeholder of a requirement set's pattern.
pub(crate) const SET_PLACEHOLDERS: [&str; 1] = ["{set}"];

impl Pattern {
    /// Reads a pattern that has at least one of the placeholders.
    ///
    /// # Errors
    /// Says what is wrong with it: no placeholder, an unknown one, or a path that could leave the
    /// root.
    pub(crate) fn parse(text: &str, placeholders: &[&str]) -> Result<Self, String> {
        if !placeholders
            .iter()
            .any(|placeholder| text.contains(placeholder))
        {
            return Err(format!(
                "it must contain {}, so that no two share a path",
                placeholders.join(" or ")
            ));
        }
        let filled = placeholders
            .iter()
            .fold(text.to_owned(), |path, placeholder| {
                path.replace(placeholder, "x")
            });
        if filled.contains(['{', '}']) {
            return Err(format!(
                "valid placeholders: {}",
                placeholders.join(" and ")
            ));
        }
        if placeholders == SET_PLACEHOLDERS && Utf8Path::new(text).extension() != Some("txt") {
            // By this ending, files of sets that are gone are found among sources.
            return Err("it must end in .txt".to_owned());
        }
        RelPath::parse(&filled).map_err(|invalid| invalid.reason().to_owned())?;
        Ok(Self(text.to_owned()))
    }

    /// The path of an image.
    #[must_use]
    pub(crate) fn of_image(&self, name: &str, module: &str) -> String {
        let (mut path, mut rest) = (
            String::with_capacity(self.0.len() + name.len()),
            self.0.as_str(),
        );
        while let Some((before, placeholder)) = rest.split_once('{') {
            let (placeholder, after) = placeholder.split_once('}').unwrap_or((placeholder, ""));
            path.push_str(before);
            path.push_str(if placeholder == "name" { name } else { module });
            rest = after;
        }
        path + rest
    }

    /// The path of a requirement set.
    #[must_use]
    pub(crate) fn of_set(&self, set: &str) -> String {
        self.0.replace("{set}", set)
    }

    /// The pattern as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name on the way begins with a dot.
    #[must_use]
    pub(crate) fn is_hidden(&self) -> bool {
        self.0.split('/').any(|name| name.starts_with('.'))
    }

    /// The folder above the first component that has a placeholder; empty for the root.
    #[must_use]
    pub(crate) fn fixed_prefix(&self) -> &str {
        let fixed = self.0.split('{').next().expect("a split has a first part");
        fixed.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// The patterns of a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The folder of a service's generated files.
    pub(crate) services: Pattern,
    /// The folder of a base image's generated files.
    pub(crate) bases: Pattern,
    /// The generated requirements file of a set.
    pub(crate) requirements: Pattern,
    /// The folder of a service's sources.
    pub(crate) source: Pattern,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            services: Pattern("generated/{name}".to_owned()),
            bases: Pattern("generated/{name}".to_owned()),
            requirements: Pattern("generated/requirements/{set}.txt".to_owned()),
            source: Pattern("apps/{module}".to_owned()),
        }
    }
}

impl Layout {
    /// The folders that generated files can lie below, without those that lie in another of them.
    #[must_use]
    pub(crate) fn output_folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = [&self.services, &self.bases, &self.requirements]
            .map(Pattern::fixed_prefix)
            .to_vec();
        folders.sort_unstable();
        folders.dedup();
        let all = folders.clone();
        folders.retain(|folder| {
            !all.iter()
                .any(|other| other != folder && lies_in(folder, other))
        });
        folders
    }

    /// Whether a folder holds generated files alone: everything else in it is out of place.
    #[must_use]
    pub(crate) fn is_dedicated(&self, folder: &str) -> bool {
        let source = self.source.fixed_prefix();
        !folder.is_empty() && !lies_in(source, folder) && !lies_in(folder, source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_each_image_and_stay_below_the_root() {
        assert!(Pattern::parse("generated/{name}", &IMAGE_PLACEHOLDERS).is_ok());
        for bad in [
            "generated",
            "../{name}",
            "/{name}",
            "a/{nam}/{name}",
            "{name}/..",
        ] {
            assert!(
                Pattern::parse(bad, &IMAGE_PLACEHOLDERS).is_err(),
                "{bad} was taken"
            );
        }
        assert!(Pattern::parse("pip/{set}.txt", &SET_PLACEHOLDERS).is_ok());
        assert!(Pattern::parse("pip/{set}/Dockerfile", &SET_PLACEHOLDERS).is_err());
    }

    #[test]
    fn output_folders_are_told_from_source_folders() {
        let mut layout = Layout::default();
        assert_eq!(layout.output_folders(), ["generated"]);
        assert!(layout.is_dedicated("generated"));
        layout.services = Pattern("apps/{module}".to_owned());
        assert_eq!(layout.output_folders(), ["apps", "generated"]);
        assert!(!layout.is_dedicated("apps"));
    }
}
