//! Packages of the distribution: `apt-get`, `apt` and `apk`.

use std::collections::BTreeSet;

/// What a command of a package manager did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Managed {
    /// It installed or removed packages.
    Packages,
    /// It left nothing that counts: lists, caches.
    Housekeeping,
    /// Something else, such as an upgrade of everything.
    Else,
}

/// Options of `apt-get` and `apk` whose value is the next word.
const VALUED: [&str; 10] = [
    "-o",
    "-t",
    "-c",
    "--option",
    "--target-release",
    "--default-release",
    "-X",
    "--repository",
    "--virtual",
    "--config-file",
];

/// Carries out a command of a package manager on the packages of a stage.
pub(super) fn command(packages: &mut BTreeSet<String>, program: &str, words: &[String]) -> Managed {
    let operands = operands(words);
    let Some((verb, names)) = operands.split_first() else {
        return Managed::Housekeeping;
    };
    let is_name = |name: &&str| {
        let is_part = |part: char| part.is_ascii_alphanumeric() || "+-.:=~*@<>_/".contains(part);
        !name.is_empty() && name.chars().all(is_part) && !name.starts_with(['/', '.'])
    };
    let are_names = !names.is_empty() && names.iter().all(is_name);
    match (program, *verb) {
        (_, "install") | ("apk", "add") if names.is_empty() => Managed::Housekeeping,
        (_, "install") | ("apk", "add") if are_names => {
            // Any version is what is asked for without one.
            let plain = |name: &&str| name.strip_suffix("=*").unwrap_or(name).to_owned();
            packages.extend(names.iter().map(plain));
            Managed::Packages
        }
        (_, "remove" | "purge") | ("apk", "del") => {
            for name in names {
                remove(packages, name);
            }
            Managed::Packages
        }
        (
            _,
            "update" | "clean" | "autoclean" | "autoremove" | "auto-remove" | "check" | "list"
            | "show" | "policy" | "info" | "cache",
        ) => Managed::Housekeeping,
        _ => Managed::Else,
    }
}

/// Packages that a group of build tools was named for by `apk add --virtual .build`.
fn remove(packages: &mut BTreeSet<String>, name: &str) {
    let bare = |package: &str| package.split('=').next().unwrap_or_default().to_owned();
    packages.retain(|package| bare(package) != name);
    if name.starts_with('.') {
        packages.retain(|package| !package.starts_with(&format!("{name}/")));
    }
}

/// The words that are no option. Packages of a virtual group are named `group/package`, so that
/// they go with their group.
fn operands(words: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word.starts_with('-') && word.len() > 1 {
            if VALUED.contains(&word.as_str()) || word == "-qqt" {
                words.next();
            }
            continue;
        }
        found.push(word.as_str());
    }
    found
}

/// The name of the virtual group that `apk add --virtual NAME` makes.
pub(super) fn virtual_group(words: &[String]) -> Option<&str> {
    let at = words
        .iter()
        .position(|word| word == "--virtual" || word == "-t")?;
    words.get(at + 1).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(commands: &[&str]) -> (Vec<String>, Vec<Managed>) {
        let mut packages = BTreeSet::new();
        let mut results = Vec::new();
        for line in commands {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let (program, rest) = words.split_first().unwrap();
            results.push(command(&mut packages, program, rest));
        }
        (packages.into_iter().collect(), results)
    }

    #[test]
    fn installed_and_removed_packages_are_known() {
        let (packages, _) = after(&[
            "apt-get install -y --no-install-recommends curl=7.* gcc -o Dpkg::Use-Pty=0 g++ make=*",
            "apt-get purge -y --auto-remove gcc",
            "apk add --no-cache libpq",
        ]);
        assert_eq!(packages, ["curl=7.*", "g++", "libpq", "make"]);
    }

    #[test]
    fn what_is_more_than_packages_is_told_apart() {
        let (packages, results) = after(&[
            "apt-get update -qq",
            "apt-get -y upgrade",
            "apt-get install -y ./a.deb",
            "apt-get install -y $PACKAGES",
            "apt-get clean",
        ]);
        assert!(packages.is_empty());
        assert_eq!(
            results,
            [
                Managed::Housekeeping,
                Managed::Else,
                Managed::Else,
                Managed::Else,
                Managed::Housekeeping
            ]
        );
    }
}
