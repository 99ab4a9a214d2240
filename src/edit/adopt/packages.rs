//! Packages of the distribution, and what packages of Python are built with, as `apt`, `apk` and
//! their like.

use super::draft::Draft;
use super::items::{dedup, mentioned};
use super::node::Node;
use super::parent::From;
use crate::dockerfile::meaning::{Install, Meaning};
use crate::rules::build_tools;

/// Debian packages that build or fetch, and that an image needs only where something names them.
const BUILD_TOOLS: [&str; 22] = [
    "autoconf",
    "automake",
    "build-base",
    "build-essential",
    "cargo",
    "cmake",
    "curl",
    "g++",
    "gcc",
    "git",
    "gnupg",
    "libtool",
    "linux-headers",
    "make",
    "musl-dev",
    "ninja-build",
    "pkg-config",
    "pkgconf",
    "python3-dev",
    "rustc",
    "wget",
    "software-properties-common",
];
/// Of these, those that fetch: they build nothing.
const FETCHERS: [&str; 4] = ["curl", "wget", "gnupg", "software-properties-common"];
/// Ends of names of packages that come with Python.
const INTERPRETER: [&str; 9] = [
    "-dev",
    "-distutils",
    "-full",
    "-minimal",
    "-pip",
    "-setuptools",
    "-venv",
    "-virtualenv",
    "-wheel",
];

impl Draft {
    pub(super) fn packages(&mut self, meaning: &Meaning) {
        let field = if meaning.base.reference.contains("alpine") {
            ["apk", "apk_build"]
        } else {
            ["apt", "apt_build"]
        };
        let named = mentioned(meaning);
        let mut kept = Vec::new();
        let mut build: Vec<Node> = Vec::new();
        for package in &meaning.packages {
            let name = package.split(['=', ':', '~']).next().unwrap_or(package);
            let is_tool = BUILD_TOOLS.contains(&name);
            if is_tool && !named.contains(name) {
                if !FETCHERS.contains(&name) {
                    build.push(Node::text(package));
                }
                continue;
            }
            if name.ends_with("-dev") {
                build.push(Node::text(package));
            }
            kept.push(Node::text(package));
        }
        for package in &meaning.build_packages {
            let name = package.split(['=', ':', '~']).next().unwrap_or(package);
            if !FETCHERS.contains(&name) {
                build.push(Node::text(package));
            }
        }
        self.python_of_packages(meaning, &mut build);
        // With a compiler everything is built that has no wheel.
        if build.is_empty() && field[0] == "apt" {
            let (pure, tools) = without_wheels(meaning);
            self.list("source_builds", pure);
            build.extend(tools);
        }
        dedup(&mut build);
        self.list(field[0], kept);
        self.list(field[1], build);
    }

    /// Where Python comes with the packages of the distribution, the builder stage needs it too,
    /// and its pip can be too old to install into an environment.
    fn python_of_packages(&mut self, meaning: &Meaning, build: &mut Vec<Node>) {
        if !has_system_python(meaning) {
            return;
        }
        let python = meaning.packages.iter().filter(|name| is_interpreter(name));
        build.extend(python.map(Node::text));
        let installs = ["install", "pip"];
        if installs.iter().any(|field| self.fields.contains_key(field)) {
            self.say("installer", Node::text("uv"));
        }
    }
}

/// Packages without a wheel: those that are pure Python, and what the others are built with.
fn without_wheels(meaning: &Meaning) -> (Vec<Node>, Vec<Node>) {
    let (mut pure, mut tools) = (Vec::new(), Vec::new());
    let names = meaning.installs.iter().filter_map(Install::package_name);
    for name in names {
        match build_tools(name) {
            Some([]) => pure.push(Node::text(name)),
            Some(needed) => tools.extend(needed.iter().copied().map(Node::text)),
            None => {}
        }
    }
    (pure, tools)
}

/// Whether the Python of an image is one of its distribution's packages.
pub(super) fn has_system_python(meaning: &Meaning) -> bool {
    let is_foreign = From::read(&meaning.base.reference).is_some_and(|from| from.is_foreign());
    is_foreign && meaning.packages.iter().any(|name| is_interpreter(name))
}

/// Whether a package of a distribution is Python itself, or what installs for it.
pub(super) fn is_interpreter(package: &str) -> bool {
    let name = package.split(['=', '~', ':']).next().unwrap_or(package);
    let of_debian = name.strip_prefix("python3").map(|rest| {
        let version = |c: char| c == '.' || c.is_ascii_digit();
        rest.trim_start_matches(version)
    });
    let rest = of_debian.or_else(|| name.strip_prefix("py3"));
    match rest {
        Some("") => of_debian.is_some(),
        Some(rest) => INTERPRETER.contains(&rest),
        None => name == "python-is-python3",
    }
}
