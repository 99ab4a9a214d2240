//! The first services.yaml of a repository.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::edit::declaration::scalar;
use crate::values::{RelPath, ServiceName, range_from};

/// A folder of Python sources, one folder a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFolder {
    /// The folder, such as apps.
    pub(crate) folder: String,
    /// The folders in it that hold Python files, by name.
    pub(crate) services: Vec<String>,
}

/// The folders that are looked into, the likeliest first.
pub(crate) const SOURCE_FOLDERS: [&str; 2] = ["apps", "services"];

/// The services that paths of Python files show, such as `apps/svc_ocr/main.py`; `None` where there
/// are none.
#[must_use]
pub(crate) fn source_folder<'a>(
    folder: &str,
    paths: impl IntoIterator<Item = &'a str>,
) -> Option<SourceFolder> {
    let service = |path: &'a str| {
        let (service, file) = path
            .strip_prefix(folder)?
            .strip_prefix('/')?
            .split_once('/')?;
        let is_python = file
            .rsplit_once('.')
            .is_some_and(|(_, extension)| extension == "py");
        is_python.then(|| service.to_owned())
    };
    let services: BTreeSet<String> = paths.into_iter().filter_map(service).collect();
    let services: Vec<String> = services.into_iter().collect();
    (!services.is_empty()).then(|| SourceFolder {
        folder: folder.to_owned(),
        services,
    })
}

/// A commented services.yaml with two bases, two kinds and one service of each, for a version of
/// dockwright and those that render as it does.
#[must_use]
pub(crate) fn starter(found: Option<&SourceFolder>, version: &str) -> String {
    let folder = found.map_or("apps", |found| found.folder.as_str());
    let services = found
        .map(|found| found.services.as_slice())
        .unwrap_or_default();
    let (modules, others): (Vec<&String>, Vec<&String>) =
        services.iter().partition(|folder| is_module(folder));
    let mut known = String::new();
    if !modules.is_empty() {
        let _ = write!(
            known,
            "\n  # found below {folder}/; uncomment those that become images:\n"
        );
        for module in modules {
            let name = scalar(&module.replace('_', "-"));
            let _ = writeln!(known, "  # {name}: {{ kind: non-ml, port: 8000 }}");
        }
    }
    for other in others.into_iter().filter(|other| is_writable(other)) {
        let _ = writeln!(
            known,
            "  # {folder}/{other}: nothing that starts it was found; `dockwright new NAME --source \
             {folder}/{other} --cmd …` declares it"
        );
    }
    STARTER
        .replace("{range}", &range_from(version))
        .replace("{folder}", folder)
        .replace("{known}", &known)
}

/// Whether a folder is the module of a service's name.
fn is_module(folder: &str) -> bool {
    ServiceName::parse(&folder.replace('_', "-")).is_ok_and(|name| name.module() == folder)
}

/// Whether the name of a folder can stand in a line of its own: such a name has neither line ends
/// nor what hides text.
fn is_writable(folder: &str) -> bool {
    !folder.contains('/') && RelPath::parse(folder).is_ok()
}

/// The folders of a source folder that services.yaml cannot mention.
#[must_use]
pub(crate) fn unwritable(found: &SourceFolder) -> Vec<&str> {
    let unwritable = found
        .services
        .iter()
        .filter(|folder| !is_module(folder) && !is_writable(folder));
    unwritable.map(String::as_str).collect()
}

/// The lines that `.gitattributes` needs, so that no checkout changes line ends and diffs fold
/// generated files.
pub(crate) const GIT_ATTRIBUTES: &str = "/generated/** text eol=lf linguist-generated\n";

/// A `.gitattributes` with our line at its end, ended as its last line is; every other byte stays.
/// `None` where the line is there already.
#[must_use]
pub(crate) fn git_attributes(before: &[u8]) -> Option<Vec<u8>> {
    if before.split(|byte| *byte == b'\n').any(sets_line_ends) {
        return None;
    }
    let last_end = before.iter().rposition(|byte| *byte == b'\n');
    let is_windows =
        last_end.is_some_and(|at| before.get(..at).is_some_and(|line| line.ends_with(b"\r")));
    let end: &[u8] = if is_windows { b"\r\n" } else { b"\n" };
    let open = if before.is_empty() || before.ends_with(b"\n") {
        &b""[..]
    } else {
        end
    };
    Some([before, open, GIT_ATTRIBUTES.trim_end().as_bytes(), end].concat())
}

/// Whether a line of `.gitattributes` is about the generated files and gives them the line ends
/// that they have.
fn sets_line_ends(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let pattern = words.next().unwrap_or_default();
    let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
    pattern == b"generated/**" && words.any(|word| word == b"eol=lf")
}

const STARTER: &str = r#"# The fleet: base images and services. After a change run `dockwright generate`; in CI, run `dockwright check`.

required_version: "{range}"       # of dockwright; another version stops with an error
registry: registry.example.com       # where images are pushed to
owner: acme                          # the namespace there
python: "3.12"                       # quoted: YAML reads an unquoted 3.10 as the number 3.1
layout:
  source: "{folder}/{module}"        # where a service's sources are

requirements:                        # named sets of pip requirements
  base: [fastapi, "uvicorn[standard]", pydantic]
  ml: [numpy, scikit-learn]

bases:                               # images that services build on; `dockwright bump` gives them new versions
  base-runtime: { version: v1.0.0, requirements: [base] }
  base-ml: { version: v1.0.0, from: base-runtime, requirements: [ml] }

kinds:                               # what services of a kind have in common
  ml: { template: ml-on-base, base: base-ml, machine_learning: true }
  non-ml: { template: multi-stage-slim, requirements: [base] }

services:                            # `dockwright new svc-name --kind non-ml` adds one, with a skeleton
  svc-example-ml:                    # an ML service: on base-ml, with its own Debian packages
    kind: ml
    apt: [libgomp1]
    port: 8000
  svc-example:                       # any other: multi-stage, slim
    kind: non-ml
    pip: [httpx]
    port: 8000
{known}"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Files, Unwatched, load};

    #[test]
    fn the_starter_is_a_fleet_without_a_fault() {
        let found = source_folder(
            "services",
            [
                "services/svc_a/main.py",
                "services/b/x/y.py",
                "services/c/README",
            ],
        );
        for found in [None, found] {
            let text = starter(found.as_ref(), "0.1.0");
            let loaded = load(&Files::declaring(text), "services.yaml", &Unwatched).unwrap();
            assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        }
    }

    #[test]
    fn folders_of_python_sources_are_found() {
        let found = source_folder(
            "services",
            [
                "services/svc_a/main.py",
                "services/b/x/y.py",
                "services/c/README",
            ],
        );
        assert_eq!(found.clone().unwrap().services, ["b", "svc_a"]);
        assert!(
            starter(found.as_ref(), "0.1.0").contains("  # svc-a: { kind: non-ml, port: 8000 }")
        );
        assert_eq!(source_folder("apps", ["apps/main.py", "lib/a/b.py"]), None);
    }

    #[test]
    fn git_attributes_get_our_line_once() {
        let once = git_attributes(b"*.png binary").unwrap();
        assert_eq!(once, format!("*.png binary\n{GIT_ATTRIBUTES}").into_bytes());
        assert_eq!(git_attributes(&once), None);
    }
}
