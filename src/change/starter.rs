//! The first services.yaml of a repository.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::fleet::names::ServiceName;

/// A folder of Python sources, one folder a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFolder {
    /// The folder, such as apps.
    pub folder: String,
    /// The folders in it that hold Python files, by name.
    pub services: Vec<String>,
}

/// The folders that are looked into, the likeliest first.
pub const SOURCE_FOLDERS: [&str; 2] = ["apps", "services"];

/// The services that paths of Python files show, such as `apps/svc_ocr/main.py`; `None` where there are none.
#[must_use]
pub fn source_folder<'a>(folder: &str, paths: impl IntoIterator<Item = &'a str>) -> Option<SourceFolder> {
    let service = |path: &'a str| {
        let (service, file) = path.strip_prefix(folder)?.strip_prefix('/')?.split_once('/')?;
        let is_python = file.rsplit_once('.').is_some_and(|(_, extension)| extension == "py");
        is_python.then(|| service.to_owned())
    };
    let services: BTreeSet<String> = paths.into_iter().filter_map(service).collect();
    let services: Vec<String> = services.into_iter().collect();
    (!services.is_empty()).then(|| SourceFolder { folder: folder.to_owned(), services })
}

/// A commented services.yaml with two bases, two kinds and one service of each.
#[must_use]
pub fn starter(found: Option<&SourceFolder>) -> String {
    let folder = found.map_or("apps", |found| found.folder.as_str());
    let services = found.map(|found| found.services.as_slice()).unwrap_or_default();
    let (modules, others): (Vec<&String>, Vec<&String>) = services.iter().partition(|folder| is_module(folder));
    let mut known = String::new();
    if !modules.is_empty() {
        let _ = write!(known, "\n  # found below {folder}/; take the `#` away from those that become images:\n");
        for module in modules {
            let _ = writeln!(known, "  # {}: {{ kind: non-ml, port: 8000 }}", module.replace('_', "-"));
        }
    }
    for other in others {
        let _ = writeln!(
            known,
            "  # {folder}/{other} is no Python package name: rename it, for example to {}",
            module_of(other)
        );
    }
    STARTER.replace("{folder}", folder).replace("{known}", &known)
}

/// Whether a folder is the module of a service's name.
fn is_module(folder: &str) -> bool {
    ServiceName::parse(&folder.replace('_', "-")).is_ok_and(|name| name.module() == folder)
}

fn module_of(folder: &str) -> String {
    folder.replace(['-', '.', ' '], "_").to_ascii_lowercase()
}

/// The lines that `.gitattributes` needs, so that no checkout changes line ends and diffs fold generated files.
pub const GIT_ATTRIBUTES: &str = "/generated/** text eol=lf linguist-generated\n";

/// A `.gitattributes` with our line; `None` where it is there already.
#[must_use]
pub fn git_attributes(before: &str) -> Option<String> {
    if before.lines().any(|line| line.trim_start_matches('/').starts_with("generated/**") && line.contains("eol=lf")) {
        return None;
    }
    let end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    Some(format!("{before}{end}{GIT_ATTRIBUTES}"))
}

const STARTER: &str = r#"# The fleet: base images and services. After a change run `dockwright generate`; `dockwright check` holds it in CI.

registry: registry.example.com       # where images are pushed to
owner: acme                          # the name space in it
python: "3.12"                       # quoted: YAML reads a bare 3.10 as the number 3.1
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
  svc-example-ml:                    # an ML service: on base-ml, with Debian packages of its own
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
    use crate::declare::parse;
    use crate::fleet::resolve;

    #[test]
    fn the_starter_is_a_fleet_without_a_fault() {
        let found = source_folder("services", ["services/svc_a/main.py", "services/b/x/y.py", "services/c/README"]);
        for found in [None, found] {
            let text = starter(found.as_ref());
            let parsed = parse("services.yaml", text.as_bytes()).unwrap();
            assert!(parsed.diagnostics.is_empty());
            let resolved = resolve("services.yaml", &parsed.decl);
            assert!(resolved.diagnostics.is_empty(), "{:?}", resolved.diagnostics);
        }
    }

    #[test]
    fn folders_of_python_sources_are_found() {
        let found = source_folder("services", ["services/svc_a/main.py", "services/b/x/y.py", "services/c/README"]);
        assert_eq!(found.clone().unwrap().services, ["b", "svc_a"]);
        assert!(starter(found.as_ref()).contains("  # svc-a: { kind: non-ml, port: 8000 }"));
        assert_eq!(source_folder("apps", ["apps/main.py", "lib/a/b.py"]), None);
    }

    #[test]
    fn git_attributes_get_our_line_once() {
        let once = git_attributes("*.png binary").unwrap();
        assert_eq!(once, format!("*.png binary\n{GIT_ATTRIBUTES}"));
        assert_eq!(git_attributes(&once), None);
    }
}
