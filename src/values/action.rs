//! Actions of GitHub and Gitea.

use super::invalid::{Grammar, Refusal, no_correction, only, validated};

validated! {
    /// An action by commit, with the release as a comment, such as
    /// `actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1`.
    ///
    /// A tag can be moved by whoever owns the repository, so the commit is required (GitHub,
    /// "Security hardening for GitHub Actions"). The address can also be an https URL, as Gitea
    /// takes it.
    ActionReference,
    Grammar {
        what: "action",
        max_bytes: 300,
        read: check,
        correct: no_correction,
    }
}

const EXPECTED: &str = "must be an action by commit, such as \
                        `actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1`";

fn check(value: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._/-@:# +".contains(c);
    only(value, is_allowed, "letters, digits and `._/-@:#+`")?;
    let refused = || Refusal::new(EXPECTED);
    let (reference, release) = match value.split_once(" # ") {
        Some((reference, release)) => (reference, Some(release)),
        None => (value, None),
    };
    let (address, commit) = reference.split_once('@').ok_or_else(refused)?;
    let is_name = |name: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        !name.is_empty() && !name.starts_with('.') && name.chars().all(is_plain)
    };
    let path = address.strip_prefix("https://").unwrap_or(address);
    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_release = release.is_none_or(|release| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
        !release.is_empty() && release.chars().all(is_plain)
    });
    let names: Vec<&str> = path.split('/').collect();
    if names.len() >= 2 && names.iter().all(|name| is_name(name)) && is_commit && is_release {
        Ok(())
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "3d3c42e5aac5ba805825da76410c181273ba90b1";

    #[test]
    fn an_action_is_named_by_commit() {
        for good in [
            format!("actions/checkout@{COMMIT} # v7.0.1"),
            format!("github/codeql-action/upload-sarif@{COMMIT}"),
            format!("https://gitea.example/actions/checkout@{COMMIT} # v4"),
        ] {
            assert!(ActionReference::parse(&good).is_ok(), "{good}");
        }
        for bad in [
            "actions/checkout@v4".to_owned(),
            format!("checkout@{COMMIT}"),
            format!("./checkout@{COMMIT}"),
            format!("actions/../x@{COMMIT}"),
            format!("actions/checkout@{COMMIT} #"),
            format!("actions/checkout@{COMMIT} # v1 # x"),
            format!("actions/checkout@{COMMIT} # v1: x"),
            format!("a/b@{COMMIT}\nrun: x"),
        ] {
            assert!(ActionReference::parse(&bad).is_err(), "{bad}");
        }
    }
}
