//! What is known of images that are not built here: whether they set a working folder or an
//! account, which an image on them then has unless it says another.

use super::super::meaning::{Launch, Meaning, WORKDIR_BELOW, last_name};

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
pub(super) fn needs_workdir_below(meaning: &Meaning) -> bool {
    let started = [&meaning.entrypoint, &meaning.command];
    let mut started = started.into_iter().flatten().peekable();
    let is_needed = started.peek().is_none() || started.any(counts_from_workdir);
    meaning.workdir == WORKDIR_BELOW && is_needed
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(WITH_ACCOUNT.is_sorted());
    }
}
