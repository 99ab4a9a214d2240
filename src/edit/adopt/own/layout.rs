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

/// The patterns that the path of a set's file fits, the likeliest first: those where the name is a
/// whole part of the path, from the end on. The ending is never the name.
pub(super) fn of_set(path: &str, name: &str) -> Vec<String> {
    let stem = path.strip_suffix(".txt").unwrap_or(path);
    let around = stem.match_indices(name).filter_map(|(at, _)| {
        let (before, rest) = path.split_at_checked(at)?;
        Some((before, rest.strip_prefix(name)?))
    });
    let mut around: Vec<(&str, &str)> = around.collect();
    around.sort_by_key(|(before, after)| {
        let begins = before.is_empty() || before.ends_with('/');
        let is_whole = begins && after.starts_with(['.', '/']);
        (!is_whole, std::cmp::Reverse(before.len()))
    });
    let pattern = |(before, after)| format!("{before}{{set}}{after}");
    around.into_iter().map(pattern).collect()
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

    #[test]
    fn names_of_sets_are_whole_parts_of_paths_before_they_are_letters() {
        for (path, name, pattern) in [
            (
                "generated/requirements/t.txt",
                "t",
                "generated/requirements/{set}.txt",
            ),
            ("pip/txt.txt", "txt", "pip/{set}.txt"),
            ("x/files.txt", "x", "{set}/files.txt"),
            ("t/req-t.txt", "t", "{set}/req-t.txt"),
            ("pip/req-base.txt", "base", "pip/req-{set}.txt"),
        ] {
            assert_eq!(of_set(path, name)[0], pattern);
        }
        assert!(of_set("pip/all.txt", "txt").is_empty());
    }
}
