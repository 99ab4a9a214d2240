//! Where generated files lie, as patterns of `layout`.

use super::Own;

/// The pattern that every folder of these images fits, its placeholder included; nothing where
/// there is none.
pub(super) fn pattern<'a>(images: impl Iterator<Item = &'a Own>) -> Option<String> {
    let mut common: Option<Vec<String>> = None;
    for image in images {
        let of_image = patterns(&image.folder, &image.name, &image.module());
        common = Some(match common {
            None => of_image,
            Some(known) => known
                .into_iter()
                .filter(|one| of_image.contains(one))
                .collect(),
        });
    }
    common?.into_iter().next()
}

/// The patterns that a folder fits, for the name of an image and its module.
pub(super) fn patterns(folder: &str, name: &str, module: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, placeholder) in [(name, "{name}"), (module, "{module}")] {
        let parts: Vec<&str> = folder.split('/').collect();
        let filled: Vec<String> = parts
            .iter()
            .map(|part| part.replace(word, placeholder))
            .collect();
        let filled = filled.join("/");
        if filled != folder && !found.contains(&filled) {
            found.push(filled);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_fit_patterns_of_names_and_modules() {
        assert_eq!(patterns("a/svc-x", "svc-x", "svc_x"), ["a/{name}"]);
        assert_eq!(patterns("svc_x/d", "svc-x", "svc_x"), ["{module}/d"]);
        assert_eq!(patterns("a/web", "web", "web"), ["a/{name}", "a/{module}"]);
        assert!(patterns("a/b", "web", "web").is_empty());
    }
}
