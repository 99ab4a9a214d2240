//! The digest of an external image, where its entry keeps it: `digest` beside a tag, or `digests`
//! by tag where the tag follows the Python version. An image that is built in gets an entry first.

use indexmap::IndexMap;

use super::{EditError, put, set};
use crate::declare::Text;
use crate::declare::parse;
use crate::declare::schema::ImageDecl;
use crate::yaml::NewValue;

/// The tag of an entry that names none.
const DEFAULT_TAG: &str = "{python}-slim";

/// Sets the digest of an external image for a tag. `built_in` is the repository of an image that
/// needs no entry.
///
/// # Errors
/// [`EditError`], with the text unchanged.
pub fn set_image_digest(
    text: &str,
    image: &str,
    tag: &str,
    digest: &str,
    built_in: &str,
) -> Result<String, EditError> {
    let decl = parse("services.yaml", text.as_bytes())
        .map_err(|_| EditError::Unreadable)?
        .decl;
    let Some(declared) = decl.images.get(image) else {
        return declare(text, !decl.images.is_empty(), image, tag, digest, built_in);
    };
    let written = declared.tag.as_deref().unwrap_or(DEFAULT_TAG);
    if !written.contains("{python}") {
        return set(
            text,
            &["images", image, "digest"],
            digest,
            Some("tag"),
            |decl| {
                if let Some(decl) = decl.images.get_mut(image) {
                    decl.digest = Some(Text(digest.into()));
                }
            },
        );
    }
    let (path, value, after): (&[&str], _, _) = if declared.digests.is_empty() {
        let after = if declared.tag.is_some() {
            "tag"
        } else {
            "reference"
        };
        (
            &["images", image, "digests"],
            NewValue::Fields(vec![text_of(tag, digest)]),
            Some(after),
        )
    } else {
        (
            &["images", image, "digests", tag],
            NewValue::Text(digest.to_owned()),
            None,
        )
    };
    put(text, path, &value, after, |decl| {
        if let Some(decl) = decl.images.get_mut(image) {
            decl.digests.insert(tag.to_owned(), Text(digest.into()));
        }
    })
}

/// An entry for an image that had none.
fn declare(
    text: &str,
    has_images: bool,
    image: &str,
    tag: &str,
    digest: &str,
    repository: &str,
) -> Result<String, EditError> {
    let fields = vec![
        text_of("reference", repository),
        text_of("tag", DEFAULT_TAG),
        (
            "digests".to_owned(),
            NewValue::Fields(vec![text_of(tag, digest)]),
        ),
    ];
    let entry = (image.to_owned(), NewValue::Fields(fields));
    let change = |decl: &mut crate::declare::FleetDecl| {
        let digests = IndexMap::from([(tag.to_owned(), Text(digest.into()))]);
        let (reference, tag) = (
            Some(Text(repository.into())),
            Some(Text(DEFAULT_TAG.into())),
        );
        decl.images.insert(
            image.to_owned(),
            ImageDecl {
                reference,
                tag,
                digests,
                ..ImageDecl::default()
            },
        );
    };
    if has_images {
        put(text, &["images", image], &entry.1, None, change)
    } else {
        put(
            text,
            &["images"],
            &NewValue::Fields(vec![entry]),
            Some("python"),
            change,
        )
    }
}

fn text_of(key: &str, value: &str) -> (String, NewValue) {
    (key.to_owned(), NewValue::Text(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const OTHER: &str = "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    fn pinned(text: &str, image: &str, tag: &str) -> String {
        set_image_digest(text, image, tag, DIGEST, "python")
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn a_built_in_image_gets_an_entry_below_python() {
        let text = "owner: a\npython: \"3.12\" # ours\n\nservices: {}\n";
        let entry = format!(
            "images:\n  python-slim:\n    reference: python\n    tag: \"{{python}}-slim\"\n    \
             digests:\n      \"3.12-slim\": \"{DIGEST}\"\n"
        );
        let expected = text.replace("# ours\n", &format!("# ours\n{entry}"));
        assert_eq!(pinned(text, "python-slim", "3.12-slim"), expected);
        let text = "{ python: \"3.12\" }\n";
        let flow = format!(
            "{{ python: \"3.12\", images: {{ python-slim: {{ reference: python, tag: \
             \"{{python}}-slim\", digests: {{ \"3.12-slim\": \"{DIGEST}\" }} }} }} }}\n"
        );
        assert_eq!(pinned(text, "python-slim", "3.12-slim"), flow);
    }

    #[test]
    fn a_digest_stands_below_its_tag_and_is_replaced_in_its_quotes() {
        let text = "images:\n  a: { reference: x/a, tag: v1 } # a\n  b:\n    reference: x/b\n    \
         tag: v1\n";
        let once = pinned(text, "a", "v1");
        assert_eq!(
            once,
            text.replace("v1 }", &format!("v1, digest: \"{DIGEST}\" }}"))
        );
        assert_eq!(
            pinned(text, "b", "v1"),
            format!("{text}    digest: \"{DIGEST}\"\n")
        );
        let old = format!("images: {{ a: {{ reference: x/a, tag: v1, digest: '{OTHER}' }} }}\n");
        assert_eq!(pinned(&old, "a", "v1"), old.replace(OTHER, DIGEST));
    }

    #[test]
    fn a_tag_that_follows_python_has_a_digest_for_each_version() {
        let text = "images:\n  p:\n    reference: m/python\n";
        let once = pinned(text, "p", "3.12-slim");
        assert_eq!(
            once,
            format!("{text}    digests:\n      \"3.12-slim\": \"{DIGEST}\"\n")
        );
        let twice = pinned(&once, "p", "3.13-slim");
        assert_eq!(twice, format!("{once}      \"3.13-slim\": \"{DIGEST}\"\n"));
        assert_eq!(
            pinned(&twice.replace(DIGEST, OTHER), "p", "3.12-slim")
                .matches(OTHER)
                .count(),
            1
        );
    }

    #[test]
    fn what_is_tied_to_another_place_is_refused_with_what_to_write() {
        let text = "images: { a: &a { reference: x/a, tag: v1 }, b: *a }\n";
        let error = set_image_digest(text, "a", "v1", DIGEST, "python")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("write `digest: \"{DIGEST}\"` there by hand")),
            "{error}"
        );
        let error =
            set_image_digest("owner: x\n", "python-slim", "3-slim", DIGEST, "python").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("write `images: { python-slim: { reference: python, tag:"),
            "{error}"
        );
    }
}
