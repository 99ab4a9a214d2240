//! pip, where there is no uv: it resolves for the machine it runs on alone, so that machine must be
//! the fleet's one platform.

use serde::Deserialize;

use super::files::PREFERENCES;
use super::question::{CONSTRAINTS, Question, REQUIREMENTS};
use crate::fleet::lock::{DECLARED, Pin};
use crate::values::PythonVersion;
use crate::values::requirement::{Requirement, normalized};

/// The file that pip writes its answer to.
pub(crate) const PIP_REPORT: &str = "report.json";

/// What a Python is asked before its pip is: version, system, architecture.
pub(crate) const PYTHON_PROBE: &str =
    "import sys, platform; print('%d.%d' % sys.version_info[:2], sys.platform, platform.machine())";

/// The answer to [`PYTHON_PROBE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PythonProbe(String);

impl PythonProbe {
    /// Takes what the Python printed.
    #[must_use]
    pub(crate) fn of(printed: &[u8]) -> Self {
        Self(String::from_utf8_lossy(printed).trim().to_owned())
    }

    /// Why this Python's pip cannot answer a question, if it cannot.
    #[must_use]
    pub(crate) fn objection(&self, question: &Question<'_>) -> Option<String> {
        let mut words = self.0.split(' ');
        let (version, system, machine) = (words.next()?, words.next()?, words.next()?);
        let wanted = format!("3.{}", question.python.minor());
        if version != wanted {
            return Some(format!(
                "pip resolves only for its own Python, which is {version}, not {wanted}"
            ));
        }
        let is_it = matches!(question.machines(), [only] if only == machine);
        (system != "linux" || !is_it).then(|| {
            format!(
                "pip resolves only for its own platform, {system} on {machine}, but `platforms` \
                 differs from it"
            )
        })
    }
}

/// The command line of a Python's pip. `keep` holds it to what was pinned before.
#[must_use]
pub(crate) fn pip_words(question: &Question<'_>, python: &str, keep: bool) -> Vec<String> {
    let mut words: Vec<&str> = vec![
        python,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--quiet",
    ];
    words.extend([
        "--no-input",
        "--disable-pip-version-check",
        "--report",
        PIP_REPORT,
    ]);
    if !question.source_builds {
        words.push("--only-binary=:all:");
        let built = question.built.iter();
        words.extend(built.flat_map(|name| ["--no-binary", *name]));
    }
    for (position, url) in question.index_urls.iter().enumerate() {
        words.extend([
            if position == 0 {
                "--index-url"
            } else {
                "--extra-index-url"
            },
            url.value.as_str(),
        ]);
    }
    words.extend(["-c", CONSTRAINTS]);
    if keep {
        words.extend(["-c", PREFERENCES]);
    }
    words.extend(["-r", REQUIREMENTS]);
    words.into_iter().map(str::to_owned).collect()
}

/// pip's installation report, version 1, as far as it is of use
/// (<https://pip.pypa.io/en/stable/reference/installation-report/>).
#[derive(Deserialize)]
struct Report {
    install: Vec<Installed>,
}

#[derive(Deserialize)]
struct Installed {
    metadata: Metadata,
    download_info: Download,
    #[serde(default)]
    is_direct: bool,
    #[serde(default)]
    requested: bool,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
    #[serde(default)]
    requires_dist: Vec<String>,
}

#[derive(Deserialize)]
struct Download {
    url: String,
    archive_info: Option<Archive>,
}

#[derive(Deserialize)]
struct Archive {
    #[serde(default)]
    hashes: std::collections::BTreeMap<String, String>,
}

/// Reads pip's answer.
///
/// # Errors
/// Says what is not in it, above all a hash.
pub(crate) fn read_pip(json: &[u8], python: &PythonVersion) -> Result<Vec<Pin>, String> {
    let report: Report = serde_json::from_slice(json)
        .map_err(|error| format!("pip's report cannot be read: {error}"))?;
    report
        .install
        .iter()
        .map(|one| one.pin(&report.install, python))
        .collect()
}

impl Installed {
    fn pin(&self, all: &[Self], python: &PythonVersion) -> Result<Pin, String> {
        let (name, version) = (&self.metadata.name, &self.metadata.version);
        let hash = self
            .download_info
            .archive_info
            .as_ref()
            .and_then(|archive| archive.hashes.get("sha256"));
        let hash = hash.ok_or_else(|| {
            format!("pip has no hash of {name}, for example because it comes from a repository")
        })?;
        let name = normalized(name);
        let text = if self.is_direct {
            format!("{name} @ {}", self.download_info.url)
        } else {
            format!("{name}=={version}")
        };
        let requirement = Requirement::parse(&text)
            .map_err(|invalid| format!("pip printed `{text}`: {}", invalid.reason()))?;
        let requiring = |strictly: bool| -> Vec<String> {
            let others = all
                .iter()
                .filter(|other| other.requires(&name, python, strictly));
            others
                .map(|other| normalized(&other.metadata.name))
                .collect()
        };
        let mut via = requiring(true);
        if self.requested {
            via.push(DECLARED.to_owned());
        }
        if via.is_empty() {
            // Extras brought it: the report does not say which were asked for on the way.
            via = requiring(false);
        }
        Ok(Pin {
            requirement,
            hashes: vec![hash.clone()],
            via,
        })
    }

    /// Whether a package requires another one: always, or with some extra of it.
    fn requires(&self, name: &str, python: &PythonVersion, strictly: bool) -> bool {
        let required = self
            .metadata
            .requires_dist
            .iter()
            .filter_map(|text| Requirement::parse(text).ok());
        let mut of_name = required.filter(|one| one.normalized_name() == name);
        of_name.any(|one| !strictly || one.holds_in(python) != Some(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_with_hashes_and_causes() {
        let python = PythonVersion::parse("3.12").unwrap();
        let item = |name: &str, requires: &str, requested: bool| {
            format!(
                r#"{{"metadata": {{"name": "{name}", "version": "1.0", "requires_dist": [{requires}]}}, "requested": {requested},
                "download_info": {{"url": "https://h.example/x.whl", "archive_info": {{"hashes": {{"sha256": "{}"}}}}}}}}"#,
                "a".repeat(64)
            )
        };
        let items = [
            item("A_b", r#""c>=1", "d; extra == 'x'""#, true),
            item("c", "", false),
            item("d", "", false),
        ];
        let pins = read_pip(
            format!(r#"{{"install": [{}]}}"#, items.join(",")).as_bytes(),
            &python,
        )
        .unwrap();
        let shown: Vec<_> = pins
            .iter()
            .map(|pin| (pin.requirement.as_str(), pin.via.join(" ")))
            .collect();
        let wanted = [
            ("a-b==1.0", "(declared)"),
            ("c==1.0", "a-b"),
            ("d==1.0", "a-b"),
        ];
        assert_eq!(shown, wanted.map(|(text, via)| (text, via.to_owned())));
        assert!(
            read_pip(
                br#"{"install": [{"metadata": {"name": "a", "version": "1"}, "download_info": {"url": "u"}}]}"#,
                &python
            )
            .is_err()
        );
    }
}
