//! The image below, and what is installed on it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::meaning::{Install, Meaning};
use super::rules::BUILD_TOOL_GONE;
use super::{Aspect, Found};

/// Packages of Debian and Alpine that only build, fetch or probe, by their names; development files
/// (`*-dev`) are added.
const BUILD_TOOLS: [&str; 40] = [
    "apt-transport-https",
    "apt-utils",
    "autoconf",
    "automake",
    "bash-completion",
    "binutils",
    "build-base",
    "build-essential",
    "cargo",
    "cmake",
    "curl",
    "dnsutils",
    "g++",
    "gcc",
    "gdb",
    "git",
    "gnupg",
    "gnupg2",
    "htop",
    "iputils-ping",
    "less",
    "libtool",
    "linux-headers",
    "lsb-release",
    "make",
    "musl-dev",
    "nano",
    "ncat",
    "net-tools",
    "netcat",
    "netcat-openbsd",
    "netcat-traditional",
    "ninja-build",
    "pkg-config",
    "pkgconf",
    "rustc",
    "software-properties-common",
    "vim",
    "wget",
    "python3-pip",
];

pub(super) fn base(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let (old, new) = (&before.base, &after.base);
    if spelled(&old.reference) != spelled(&new.reference) {
        let text = format!(
            "is built from {} instead of {}",
            new.reference, old.reference
        );
        found.different(Aspect::Base, text);
    }
    if platform(old.platform.as_deref()) != platform(new.platform.as_deref()) {
        let name = |platform: &Option<String>| {
            platform
                .clone()
                .unwrap_or_else(|| "the builder's".to_owned())
        };
        let text = format!(
            "is built for platform {} instead of {}",
            name(&new.platform),
            name(&old.platform)
        );
        found.different(Aspect::Base, text);
    }
}

/// The platform; nothing for the builder's own, which variables of the builder stand for too.
fn platform(written: Option<&str>) -> Option<&str> {
    written.filter(|platform| {
        !platform.contains("BUILDPLATFORM") && !platform.contains("TARGETPLATFORM")
    })
}

/// A reference as Docker completes it (`reference.ParseNormalizedNamed`).
fn spelled(reference: &str) -> String {
    let mut name = reference;
    for prefix in ["docker.io/", "index.docker.io/", "library/"] {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

pub(super) fn distribution(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let added: Vec<String> = after
        .packages
        .difference(&before.packages)
        .cloned()
        .collect();
    let gone: Vec<String> = before
        .packages
        .difference(&after.packages)
        .cloned()
        .collect();
    if !added.is_empty() {
        found.different(Aspect::Packages, format!("adds apt {}", added.join(" ")));
    }
    let (tools, others): (Vec<String>, Vec<String>) =
        gone.into_iter().partition(|name| is_build_tool(name));
    if !others.is_empty() {
        found.different(
            Aspect::Packages,
            format!("no longer has apt {}", others.join(" ")),
        );
    }
    if !tools.is_empty() {
        let text = format!("no longer has apt {}", tools.join(" "));
        found.harmless(Aspect::Packages, &BUILD_TOOL_GONE, text);
    }
}

fn is_build_tool(package: &str) -> bool {
    let name = package
        .split(['=', ':', '~', '<', '>'])
        .next()
        .unwrap_or(package);
    BUILD_TOOLS.contains(&name) || name.ends_with("-dev")
}

pub(super) fn python(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let mut old = by_name(&before.installs, &after.installs);
    let mut added = Vec::new();
    for (name, now) in by_name(&after.installs, &before.installs) {
        match old.remove(&name) {
            Some(was) => {
                let text = format!("installs {} instead of {}", listed(&now), listed(&was));
                found.different(Aspect::Python, text);
            }
            None => added.extend(now),
        }
    }
    if !added.is_empty() {
        found.different(Aspect::Python, format!("adds {}", listed(&added)));
    }
    let gone: Vec<&Install> = old.into_values().flatten().collect();
    if !gone.is_empty() {
        found.different(Aspect::Python, format!("no longer has {}", listed(&gone)));
    }
    let is_default = |url: &&String| !url.trim_end_matches('/').ends_with("pypi.org/simple");
    let others = before.indexes.symmetric_difference(&after.indexes);
    let indexes = others.filter(is_default).count();
    if indexes > 0 {
        let text = "installs Python packages from other indexes".to_owned();
        found.different(Aspect::Python, text);
    }
    tools(found, before, after);
}

/// What is installed, in words: packages behind one `pip`.
fn listed(installs: &[&Install]) -> String {
    let mut packages = vec!["pip".to_owned()];
    let mut others = Vec::new();
    for install in installs {
        match install {
            Install::Package(text) => packages.push(text.clone()),
            other => others.push(other.to_string()),
        }
    }
    if packages.len() > 1 {
        others.insert(0, packages.join(" "));
    }
    others.join(", ")
}

fn tools(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let gone: Vec<String> = before.tools.difference(&after.tools).cloned().collect();
    if !gone.is_empty() {
        let text = format!("no longer has {}", gone.join(", "));
        found.harmless(Aspect::Python, &BUILD_TOOL_GONE, text);
    }
    let added: Vec<String> = after.tools.difference(&before.tools).cloned().collect();
    if !added.is_empty() {
        found.different(Aspect::Python, format!("adds {}", added.join(", ")));
    }
}

/// What one image installs and the other does not, by what would replace each other: a package of
/// the same name, a lock at the same path.
fn by_name<'a>(
    installs: &'a BTreeSet<Install>,
    others: &'a BTreeSet<Install>,
) -> BTreeMap<String, Vec<&'a Install>> {
    let mut named: BTreeMap<String, Vec<&Install>> = BTreeMap::new();
    for install in installs.difference(others) {
        let name = match install {
            Install::Lock { path, .. } | Install::Project { path, .. } => path.clone(),
            _ => install
                .package_name()
                .map_or_else(|| install.to_string(), str::to_owned),
        };
        named.entry(name).or_default().push(install);
    }
    named
}
