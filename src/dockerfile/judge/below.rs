//! What is known of images that are not built here: whether they set a working folder or an
//! account, which an image on them then has unless it says another.

use super::super::meaning::{Launch, Meaning};

/// Repositories, by their last name, whose images set no working folder.
const WITHOUT_WORKDIR: [&str; 20] = [
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
    "tensorflow",
    "ubi",
    "ubi-minimal",
    "ubuntu",
    "uv",
];
/// Repositories, by their last name, whose images run as an account that is not root.
const WITH_ACCOUNT: [&str; 14] = [
    "airflow",
    "base-notebook",
    "datascience-notebook",
    "minimal-notebook",
    "pyspark-notebook",
    "python-311",
    "python-312",
    "python-39",
    "pytorch-notebook",
    "scipy-notebook",
    "spark",
    "spark-py",
    "superset",
    "tensorflow-notebook",
];

/// Whether an image starts something from a working folder that the image below may set.
pub(super) fn may_need_workdir_below(meaning: &Meaning) -> bool {
    let name = last_name(&meaning.base.reference);
    let is_known = meaning.is_workdir_set || WITHOUT_WORKDIR.binary_search(&name).is_ok();
    let started = [&meaning.entrypoint, &meaning.command];
    let mut started = started.into_iter().flatten().peekable();
    !is_known && (started.peek().is_none() || started.any(counts_from_workdir))
}

/// Whether a command names something from the working folder on, as far as its words tell.
fn counts_from_workdir(launch: &Launch) -> bool {
    let is_relative = |word: &str| {
        let is_path = word.contains(['/', '.']) && !word.starts_with(['/', '-']);
        is_path || word == "-m" || word.contains(':')
    };
    match launch {
        Launch::Exec(words) => words.iter().any(|word| is_relative(word)),
        Launch::Shell(text) => text.split_whitespace().any(is_relative),
    }
}

/// Whether an image runs as an account that the image below sets.
pub(super) fn inherits_account(meaning: &Meaning) -> bool {
    let name = last_name(&meaning.base.reference);
    !meaning.is_user_set && WITH_ACCOUNT.binary_search(&name).is_ok()
}

/// The last name of a repository: `airflow` of `apache/airflow:3.0`.
fn last_name(reference: &str) -> &str {
    let last = reference
        .rsplit_once('/')
        .map_or(reference, |(_, last)| last);
    last.split(['@', ':']).next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_names_are_the_last() {
        assert!(WITHOUT_WORKDIR.is_sorted() && WITH_ACCOUNT.is_sorted());
        assert_eq!(last_name("apache/airflow:3.0@sha256:00"), "airflow");
        assert_eq!(last_name("localhost:5000/python:3.12"), "python");
        assert_eq!(last_name("debian"), "debian");
    }
}
