//! Packages for which there is something better, or which the fleet does not want.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::judge::Judge;
use super::needs_source_build::build_tools;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::Image;
use crate::fleet::policy::Replacement;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "prefer-replacement",
        summary: "a package has a better replacement, or is not wanted in this fleet",
        explanation: "Some packages include parts that a server does not need, were renamed, or \
         are no longer maintained. The message gives the reason. `policy.replacements` adds your \
         own: `{ package: boto3, with: minio, reason: … }`; omit `with` if the package has no \
         replacement.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [opencv-python] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [opencv-python-headless] } }\n",
        ..PLAIN
    },
    check,
};

/// Package, replacement, reason; by normalised name.
const BUILT_IN: [(&str, &str, &str); 19] = [
    ("aioredis", "redis", "it became `redis.asyncio`"),
    (
        "bs4",
        "beautifulsoup4",
        "it is a placeholder that installs the real one",
    ),
    (
        "dotenv",
        "python-dotenv",
        "it is another project of a similar name",
    ),
    (
        "flask-restplus",
        "flask-restx",
        "it is maintained under the new name",
    ),
    (
        "fuzzywuzzy",
        "rapidfuzz",
        "it is no longer maintained, and slow without python-Levenshtein",
    ),
    (
        "jwt",
        "PyJWT",
        "it is another project with the same module name",
    ),
    ("mysql-python", "mysqlclient", "it does not run on Python 3"),
    (
        "nose",
        "pytest",
        "it does not run on current Python versions",
    ),
    (
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
        "it brings a GUI, which a server cannot show",
    ),
    (
        "opencv-python",
        "opencv-python-headless",
        "it brings a GUI, which a server cannot show",
    ),
    ("pil", "Pillow", "it is maintained under the new name"),
    (
        "psycopg2-binary",
        "psycopg2",
        "its maintainers recommend it for development only, because it bundles libpq and libssl",
    ),
    (
        "pycrypto",
        "pycryptodome",
        "it is no longer maintained and has known vulnerabilities",
    ),
    ("pypdf2", "pypdf", "it is maintained under the new name"),
    (
        "python-levenshtein",
        "Levenshtein",
        "it is the old name, an empty package that requires the other",
    ),
    ("raven", "sentry-sdk", "it is maintained under the new name"),
    (
        "sklearn",
        "scikit-learn",
        "it is a placeholder that refuses to install",
    ),
    (
        "tensorflow-gpu",
        "tensorflow",
        "it was merged into the other and refuses to install",
    ),
    ("ujson", "orjson", "its maintainers recommend the other"),
];

struct Advice<'a> {
    with: Option<&'a str>,
    reason: &'a str,
    is_own: bool,
}

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let own = ground.fleet.policy.replacements.iter().rev();
    let own: BTreeMap<&str, &Replacement> = own.map(|one| (one.package.as_str(), one)).collect();
    let advice = ground.classified(|name| {
        let declared = own.get(name);
        let declared = declared.map(|one| Advice {
            with: one.with.as_deref(),
            reason: &one.reason,
            is_own: true,
        });
        declared.or_else(|| {
            let (_, with, reason) = *BUILT_IN.get(
                BUILT_IN
                    .binary_search_by_key(&name, |(package, ..)| package)
                    .ok()?,
            )?;
            Some(Advice {
                with: Some(with),
                reason,
                is_own: false,
            })
        })
    });
    if advice.iter().all(Option::is_none) {
        return;
    }
    for (at, image) in ground.images() {
        for entry in ground.entries(at) {
            let Some(Some(advice)) = advice.get(entry.package) else {
                continue;
            };
            let name = ground.name(entry.package);
            judge.value(Some(image), name, entry.origin, || {
                let verdict = if advice.is_own {
                    "is not wanted in this fleet"
                } else {
                    "has a better replacement"
                };
                let help = match advice.with {
                    Some(with) => {
                        let name = entry.requirement.name();
                        format!("write `{with}` instead of `{name}`{}", tools(image, with))
                    }
                    None => format!("delete `{}`", entry.requirement.name()),
                };
                (format!("`{name}` {verdict}: {}", advice.reason), help)
            });
        }
    }
}

/// What a replacement needs to be built, where no wheel of it exists and the image builds nothing.
fn tools(image: &Image, with: &str) -> String {
    match build_tools(with).filter(|_| image.apt_build.is_empty()) {
        Some(tools) if !tools.is_empty() => {
            format!(
                ", and add apt_build: [{}]: it has no wheel",
                tools.join(", ")
            )
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(BUILT_IN.is_sorted_by_key(|(package, ..)| package));
    }
}
