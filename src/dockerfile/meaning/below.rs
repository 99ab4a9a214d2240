//! The working folder of images that are not built here.

/// Repositories, by their last name, whose images set no working folder.
const WITHOUT_WORKDIR: [&str; 21] = [
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
    "golang",
    "node",
    "oraclelinux",
    "python",
    "rockylinux",
    "scratch",
    "tensorflow",
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
        assert_eq!(workdir_of("apache/airflow:3.0"), WORKDIR_BELOW);
    }
}
