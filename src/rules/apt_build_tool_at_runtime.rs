//! Compilers and headers in images that run.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "apt-build-tool-at-runtime",
        summary: "the final image installs a Debian package that only the build needs",
        explanation: "Only building Python packages needs compilers and headers. build-essential \
                      alone takes some 250 MB, and a compiler helps an attacker. `apt_build` \
                      installs them in a separate build stage, which the image does not keep.",
        example: "services: { svc-a: { kind: web, port: 8000, apt: [build-essential] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, apt_build: [build-essential] } }\n",
        ..PLAIN
    },
    check,
};

/// Debian packages of build tools.
const TOOLS: [&str; 19] = [
    "autoconf",
    "automake",
    "bison",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "flex",
    "g++",
    "gcc",
    "gfortran",
    "libtool",
    "make",
    "meson",
    "ninja-build",
    "pkg-config",
    "pkgconf",
    "rustc",
    "swig",
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in ground.images() {
        for package in image
            .apt
            .iter()
            .filter(|package| is_build_tool(package.value.name()))
        {
            let name = package.value.name();
            judge.value(Some(image), name, package.origin, || {
                let message = format!(
                    "`{name}` is needed to build, not to run, but stays in {}",
                    image.name
                );
                (
                    message,
                    format!(
                        "move it from `apt` to `apt_build`: apt_build: [{}]",
                        package.value
                    ),
                )
            });
        }
    }
}

/// Whether the name is a tool, a version of one (gcc-12), or headers (libpq-dev).
fn is_build_tool(name: &str) -> bool {
    let unversioned = name
        .rsplit_once('-')
        .filter(|(_, version)| version.bytes().all(|byte| byte.is_ascii_digit()));
    let tool = unversioned.map_or(name, |(tool, _)| tool);
    TOOLS.binary_search(&tool).is_ok() || name.ends_with("-dev")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_their_versions_and_headers_are_told_from_libraries() {
        assert!(TOOLS.is_sorted());
        assert!(
            ["gcc", "gcc-12", "g++", "libpq-dev", "python3-dev"]
                .into_iter()
                .all(is_build_tool)
        );
        assert!(
            !["libpq5", "libgcc-s1", "curl", "git"]
                .into_iter()
                .any(is_build_tool)
        );
    }
}
