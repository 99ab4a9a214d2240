//! The working folder of images that are not built here.

use super::model::Meaning;

/// Repositories, by their last name, whose images set no working folder.
const WITHOUT_WORKDIR: [&str; 19] = [
    "almalinux",
    "alpine",
    "amazonlinux",
    "buildpack-deps",
    "busybox",
    "centos",
    "cuda",
    "debian",
    "debian-slim",
    "fedora",
    "node",
    "oraclelinux",
    "python",
    "rockylinux",
    "scratch",
    "ubi",
    "ubi-minimal",
    "ubuntu",
    "uv",
];

/// The working folder of an image that may set one, until a WORKDIR says another: what counts from
/// it stays apart from whole paths.
pub(crate) const WORKDIR_BELOW: &str = "/${WORKDIR}";

/// The working folder of an image, by its reference.
pub(super) fn workdir_of(reference: &str) -> &'static str {
    if WITHOUT_WORKDIR.binary_search(&last_name(reference)).is_ok() {
        "/"
    } else {
        WORKDIR_BELOW
    }
}

impl Meaning {
    /// A path as a field says it: what counts from the working folder of the image below is
    /// relative. Nothing where no field reaches that folder, since a WORKDIR says another.
    pub(crate) fn in_fields<'p>(&self, path: &'p str) -> Option<&'p str> {
        match below_unknown(path) {
            None => Some(path),
            Some(_) if self.workdir != WORKDIR_BELOW => None,
            Some("") => Some("."),
            Some(rest) => Some(rest),
        }
    }

    /// What is said of something that no field reaches.
    pub(crate) fn out_of_reach(&self, what: &str, path: &str) -> String {
        let rest = below_unknown(path).unwrap_or(path);
        let folder = if rest.is_empty() {
            String::new()
        } else {
            format!("`{rest}` in ")
        };
        format!(
            "{what} {folder}the working folder that {} sets, which no field names beside another \
             WORKDIR",
            self.base.reference
        )
    }
}

/// A text for people, with words for the working folder that an image sets.
pub(crate) fn in_words(text: &str, image: &str) -> String {
    text.replace(WORKDIR_BELOW, &format!("<workdir of {image}>"))
}

/// The rest of a path that counts from a working folder that is not known.
fn below_unknown(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(WORKDIR_BELOW)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// The last name of a repository: `airflow` of `apache/airflow:3.0`.
pub(crate) fn last_name(reference: &str) -> &str {
    let last = reference
        .rsplit_once('/')
        .map_or(reference, |(_, last)| last);
    last.split(['@', ':']).next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_are_the_last() {
        assert!(WITHOUT_WORKDIR.is_sorted());
        assert_eq!(last_name("apache/airflow:3.0@sha256:00"), "airflow");
        assert_eq!(last_name("localhost:5000/python:3.12"), "python");
        assert_eq!(last_name("debian"), "debian");
        assert_eq!(workdir_of("debian:trixie"), "/");
        // These end with WORKDIR $GOPATH, and with WORKDIR /tf where they have Jupyter.
        for reference in [
            "apache/airflow:3.0",
            "golang:1.24",
            "tensorflow/tensorflow:2.19.0-jupyter",
        ] {
            assert_eq!(workdir_of(reference), WORKDIR_BELOW, "{reference}");
        }
    }
}
