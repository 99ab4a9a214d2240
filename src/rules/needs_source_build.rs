//! Packages that no wheel exists of, in images that install wheels alone.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::{Fleet, Image, ImageId};
use crate::values::requirement::normalized;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "needs-source-build",
        summary: "a package has no wheel, and the image installs wheels alone",
        explanation: "Builds install only wheels, so that no compiler stays in an image and no \
         code of a package runs while it is installed. dockwright has a list of packages that \
         publish no wheel for Linux. The build fails, unless one of your indexes has a wheel. If \
         the package is pure Python, list it under `source_builds`. If it has C code, list the \
         compiler and headers under `apt_build`, such as `apt_build: [gcc, libpq-dev]`: they are \
         installed in a separate stage, which also builds from source.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [langdetect] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [langdetect], source_builds: \
         [langdetect] } }\n",
        ..PLAIN
    },
    check,
};

/// Packages without a wheel for Linux, by normalized name, each with the Debian packages that its
/// build needs; none where it is pure Python.
const BARE: [(&str, &[&str]); 15] = [
    ("dbus-python", &["gcc", "pkg-config", "libdbus-1-dev"]),
    ("docopt", &[]),
    ("gdal", &["g++", "libgdal-dev"]),
    ("langdetect", &[]),
    (
        "mysqlclient",
        &["gcc", "pkg-config", "default-libmysqlclient-dev"],
    ),
    ("odfpy", &[]),
    ("psycopg2", &["gcc", "libpq-dev"]),
    ("pyaudio", &["gcc", "portaudio19-dev"]),
    ("pycairo", &["gcc", "pkg-config", "libcairo2-dev"]),
    ("pygraphviz", &["gcc", "pkg-config", "libgraphviz-dev"]),
    ("pyspark", &[]),
    ("python-ldap", &["gcc", "libldap-dev", "libsasl2-dev"]),
    ("sgmllib3k", &[]),
    ("uwsgi", &["gcc"]),
    ("wget", &[]),
];

/// The same for packages whose wheels are for x86-64 alone.
const BARE_ON_ARM: [(&str, &[&str]); 2] = [
    ("decord", &["g++", "cmake", "libavcodec-dev"]),
    ("sparse-dot-topn", &["g++"]),
];
/// What these are built for where nothing says otherwise.
const ARM: &str = "linux/arm64";

/// The Debian packages that the build of a package needs which no wheel for arm64 exists of.
fn build_tools_on_arm(name: &str) -> Option<&'static [&'static str]> {
    let found = BARE_ON_ARM.iter().find(|(package, _)| *package == name)?;
    Some(found.1)
}

/// The Debian packages that the build of a package needs which no wheel exists of.
pub(crate) fn build_tools(name: &str) -> Option<&'static [&'static str]> {
    let found = BARE
        .binary_search_by_key(&name, |(package, _)| package)
        .ok()?;
    Some(BARE[found].1)
}

/// The entry that lets a package be built which has no wheel for one of the platforms; none where
/// the tables do not know it.
pub(crate) fn source_build_entry(name: &str) -> Option<String> {
    let tools = build_tools(name).or_else(|| build_tools_on_arm(name))?;
    Some(entry(name, tools))
}

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in images_without_compiler(ground) {
        locked(ground.fleet, judge, image);
    }
    let bare = ground.classified(build_tools);
    let bare_on_arm = ground.classified(build_tools_on_arm);
    if bare.iter().chain(&bare_on_arm).all(Option::is_none) {
        return;
    }
    for (at, image) in images_without_compiler(ground) {
        let mut platforms = ground.fleet.platforms_of(image).iter();
        let is_for_arm = platforms.any(|platform| platform.value.as_str() == ARM);
        for entry in ground.entries(at) {
            let of_arm = bare_on_arm.get(entry.package).filter(|_| is_for_arm);
            let (tools, place) = match (bare.get(entry.package), of_arm) {
                (Some(Some(tools)), _) => (tools, ""),
                (_, Some(Some(tools))) => (tools, " for linux/arm64"),
                _ => continue,
            };
            let name = ground.name(entry.package);
            // A lock of ours names the files, and a URL is a choice.
            if is_built(image, name) || entry.requirement.url().is_some() {
                continue;
            }
            judge.value(Some(image), name, entry.origin, || {
                statement((name, place), tools)
            });
        }
    }
}

fn images_without_compiler<'a>(
    ground: &Ground<'a>,
) -> impl Iterator<Item = (ImageId, &'a Image)> + use<'a> {
    ground
        .images()
        .filter(|(_, image)| image.apt_build.is_empty())
}

/// What the locks of other tools say themselves.
fn locked(fleet: &Fleet, judge: &mut Judge<'_>, image: &Image) {
    for installed in &image.install {
        let Some(at) = installed.file.filter(|_| installed.form.is_lock()) else {
            continue;
        };
        for name in fleet.files[at].without_wheels.iter() {
            if is_built(image, name) {
                continue;
            }
            judge.value(Some(image), name, installed.path.origin, || {
                statement((name, ""), build_tools(name).unwrap_or_default())
            });
        }
    }
}

fn is_built(image: &Image, name: &str) -> bool {
    let mut built = image.source_builds.iter();
    built.any(|package| normalized(package.value.as_str()) == name)
}

/// What is said of a package that has no wheel, for one platform or at all. Where a compiler is
/// there, wheels are still taken for the platforms that have one.
fn statement((name, place): (&str, &str), tools: &[&str]) -> (String, String) {
    let message = format!("`{name}` has no wheel{place}, and wheels alone are installed");
    (message, format!("add {}", entry(name, tools)))
}

fn entry(name: &str, tools: &[&str]) -> String {
    if tools.is_empty() {
        format!("source_builds: [{name}]")
    } else {
        format!("apt_build: [{}]", tools.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(BARE.is_sorted_by_key(|(package, _)| package));
    }
}
