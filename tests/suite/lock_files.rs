//! Projects of the repository and locks of other tools: what the build mounts, in which layers, and
//! what `check` says of them.

use crate::changed_files::given;
use crate::support::Root;

const UV: &str = "\
registry: r.example
owner: acme
python: \"3.12\"
tools: { uv: \"0.13.9\" }
defaults: { source: \"services/{name}/src\", target: /app, install: { path: uv.lock, package: \"{name}\" } }
services:
  api: { port: 8000, app: \"api.main:app\" }
  jobs: { cmd: python -m jobs.worker }
";

const LOCK: &str = r#"version = 1
requires-python = ">=3.11"

[manifest]
members = ["api", "common", "jobs"]

[[package]]
name = "api"
version = "0.1.0"
source = { editable = "services/api" }
dependencies = [{ name = "common" }, { name = "fastapi" }]

[package.metadata]
requires-dist = [
    { name = "common", editable = "libs/common" },
    { name = "fastapi", specifier = ">=0.110,<1" },
]

[[package]]
name = "common"
version = "0.1.0"
source = { editable = "libs/common" }

[[package]]
name = "fastapi"
version = "0.115.0"
source = { registry = "https://pypi.example/simple" }
wheels = [{ url = "https://files.example/fastapi-0.115.0-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "jobs"
version = "0.1.0"
source = { editable = "services/jobs" }
dependencies = [{ name = "redis" }]

[package.metadata]
requires-dist = [{ name = "redis" }]

[[package]]
name = "redis"
version = "5.0.0"
source = { registry = "https://pypi.example/simple" }
wheels = [{ url = "https://files.example/redis-5.0.0-py3-none-any.whl", hash = "sha256:00" }]
"#;

fn manifest(name: &str, asked: &str) -> String {
    format!("[project]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [{asked}]\n")
}

/// Fleets that install from locks and projects of the repository.
pub(crate) fn roots() -> [Root; 4] {
    [workspace(), poetry(), projects(), whole_project()]
}

fn workspace() -> Root {
    let root = Root::new(UV);
    root.write(
        "pyproject.toml",
        "[tool.uv.workspace]\nmembers = [\"services/*\", \"libs/*\"]\n",
    );
    root.write("uv.lock", LOCK);
    let asked = "\"common\", \"fastapi>=0.110, <1\"";
    root.write("services/api/pyproject.toml", manifest("api", asked));
    root.write(
        "services/jobs/pyproject.toml",
        manifest("jobs", "\"redis\""),
    );
    root.write("libs/common/pyproject.toml", manifest("common", ""));
    root
}

#[test]
fn a_package_of_a_workspace_installs_what_it_needs_in_two_layers() {
    let root = workspace();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let api = root.text("generated/api/Dockerfile");
    for line in [
        "    --mount=type=bind,source=uv.lock,target=/tmp/src/uv.lock \\\n",
        "    --mount=type=bind,source=pyproject.toml,target=/tmp/src/pyproject.toml \\\n",
        "    --mount=type=bind,source=libs/common,target=/tmp/src/libs/common,rw \\\n",
        "--no-build --package api --no-install-project --no-install-package common \\\n",
        "--inexact --package api --no-install-project --refresh-package common \\\n",
    ] {
        assert!(api.contains(line), "{line}\n{api}");
    }
    let packages = api.find("--no-install-package common").unwrap();
    let projects = api.find("--refresh-package common").unwrap();
    let sources = api.find("COPY --chmod=0755 services/api/src/ ./").unwrap();
    assert!(packages < projects && projects < sources, "{api}");
    let ignore = root.text("generated/api/Dockerfile.dockerignore");
    assert!(
        ignore.contains("\n!libs/common\n") && ignore.contains("\n!uv.lock\n"),
        "{ignore}"
    );
    let jobs = root.text("generated/jobs/Dockerfile");
    assert!(!jobs.contains("libs/common"), "{jobs}");
}

#[test]
fn a_lock_that_a_project_moved_away_from_is_stale() {
    let root = workspace();
    assert_eq!(root.run(&["generate"]).status, 0);
    root.write(
        "services/api/pyproject.toml",
        manifest("api", "\"common\", \"fastapi>=0.116\""),
    );
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["stale-lock"], "{}", run.told());
    let message = "uv.lock does not match services/api/pyproject.toml (fastapi)";
    assert!(run.stdout.contains(message), "{}", run.told());
}

#[test]
fn an_edited_lock_changes_no_generated_file_and_rebuilds_what_it_reaches() {
    let root = workspace();
    assert_eq!(root.run(&["generate"]).status, 0);
    root.edit("uv.lock", "0.115.0", "0.115.1");
    let run = root.run(&["check"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let plan = |path: &str| given(&root, path.as_bytes(), &["plan", "--changed-files", "-"]);
    assert!(plan("libs/common/x.py\n").stdout.contains("api"));
    assert!(!plan("libs/common/x.py\n").stdout.contains("jobs"));
}

#[test]
fn what_a_lock_lacks_or_cannot_be_read_is_told() {
    let root = workspace();
    root.edit(
        "services.yaml",
        "package: \"{name}\"",
        "package: \"{name}i\"",
    );
    let run = root.run(&["check", "--format", "json"]);
    assert!(
        run.codes().contains(&"unknown-project".to_owned()),
        "{}",
        run.told()
    );
    assert!(run.stdout.contains("did you mean `api`?"), "{}", run.told());
    let root = workspace();
    root.write("uv.lock", "version = 9\n");
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["unsupported-file"], "{}", run.told());
    let root = workspace();
    root.remove("libs/common/pyproject.toml");
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["missing-path"], "{}", run.told());
    root.edit("services.yaml", "tools: { uv: \"0.13.9\" }", "tools: {}");
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["missing-tool"], "{}", run.told());
}

const POETRY: &str = "\
registry: r.example
owner: acme
python: \"3.12\"
tools: { poetry: \"2.5.1\" }
defaults: { source: \"services/{name}\", target: /srv, install: \"{source}/poetry.lock\" }
services:
  ledger: { port: 8000, install: { path: \"{source}/poetry.lock\", extras: [grpc] } }
";

const POETRY_LOCK: &str = r#"[[package]]
name = "common"
version = "0.1.0"
optional = false
groups = ["main"]
files = []
develop = true

[package.source]
type = "directory"
url = "../../libs/common"

[[package]]
name = "httpx"
version = "0.28.1"
optional = false
groups = ["main"]
files = [{ file = "httpx-0.28.1-py3-none-any.whl", hash = "sha256:00" }]

[metadata]
lock-version = "2.1"
content-hash = "00"
"#;

fn poetry() -> Root {
    let root = Root::new(POETRY);
    root.write("services/ledger/poetry.lock", POETRY_LOCK);
    root.write(
        "services/ledger/pyproject.toml",
        "[tool.poetry]\nname = \"ledger\"\n",
    );
    root.write("libs/common/pyproject.toml", manifest("common", ""));
    root
}

#[test]
fn a_lock_of_poetry_is_installed_without_poetry_in_the_image() {
    let root = poetry();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let text = root.text("generated/ledger/Dockerfile");
    let (builder, image) = text
        .split_once("COPY --from=builder /opt/ /opt/\n")
        .unwrap();
    assert!(
        builder.contains("/poetry/bin/python install poetry==2.5.1\n"),
        "{text}"
    );
    let command = "/poetry/bin/poetry install --directory /tmp/src/services/ledger \
                   --no-interaction --compile --no-root --no-directory --only main --extras grpc \\\n";
    assert!(builder.contains(command), "{text}");
    assert!(!image.contains("/poetry/"), "{text}");
    let project = "pip --python /opt/venv/bin/python install --no-deps /tmp/src/libs/common \\\n";
    assert!(image.contains(project), "{text}");
}

#[test]
fn a_lock_of_poetry_is_stale_by_the_digest_that_poetry_computes() {
    let root = Root::new(POETRY);
    let digest = "608abcc9ed1a220edf418dfbf30eb3f37f5f4989da83856f32df1192bfe76be1";
    let lock = POETRY_LOCK.replace("\"00\"\n", &format!("\"{digest}\"\n"));
    root.write("services/ledger/poetry.lock", lock);
    let text = "[project]\nname = \"a\"\ndependencies = [\"httpx\"]\n[dependency-groups]\ndev = [\"pytest\"]\n";
    root.write("services/ledger/pyproject.toml", text);
    root.write("libs/common/pyproject.toml", manifest("common", ""));
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    root.edit("services/ledger/pyproject.toml", "httpx", "httpx<1");
    let run = root.run(&["check", "--format", "json"]);
    assert_eq!(run.codes(), ["stale-lock"], "{}", run.told());
    assert!(run.stdout.contains("run `poetry lock`"), "{}", run.told());
}

const PROJECTS: &str = "\
registry: r.example
owner: acme
python: \"3.12\"
tools: { uv: \"0.13.9\" }
services:
  web: { port: 8000, app: \"web.main:app\", source: web, target: /app, install: [web/pyproject.toml, \"libs/common[llm]\"] }
  job: { cmd: python job.py, source: job, target: /app, pip: [httpx], install: ./libs/common/ }
";

fn projects() -> Root {
    let root = Root::new(PROJECTS);
    root.write("web/pyproject.toml", manifest("web", "\"fastapi\""));
    root.write(
        "libs/common/pyproject.toml",
        manifest("common", "\"opencv-python\""),
    );
    root
}

#[test]
fn projects_come_behind_the_packages_and_held_by_them() {
    let root = projects();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let web = root.text("generated/web/Dockerfile");
    assert!(
        web.contains("--only-binary=:all: -r /tmp/src/web/pyproject.toml \\\n"),
        "{web}"
    );
    let project = "/opt/venv/bin/python -c /tmp/constraints.txt \"/tmp/src/libs/common[llm]\" \\\n";
    assert!(web.contains(project), "{web}");
    let job = root.text("generated/job/Dockerfile");
    let project = "--only-binary=:all: -c /tmp/constraints.txt /tmp/src/libs/common \\\n";
    assert!(job.contains(project), "{job}");
    // Rules read what a project asks for.
    let run = root.check();
    assert!(
        run.told().contains("libs/common/pyproject.toml"),
        "{}",
        run.told()
    );
}

fn whole_project() -> Root {
    let root = Root::new(&PROJECTS.replace(
        "[web/pyproject.toml, \"libs/common[llm]\"]",
        "{ path: pyproject.toml, project: true }",
    ));
    root.write("libs/common/pyproject.toml", manifest("common", ""));
    root.write("web/main.py", "app = None\n");
    root.write("pyproject.toml", manifest("whole", "\"fastapi\""));
    root
}

#[test]
fn the_project_of_the_root_is_installed_behind_what_it_depends_on() {
    let root = whole_project();
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let text = root.text("generated/web/Dockerfile");
    let (builder, image) = text
        .split_once("COPY --from=builder /opt/ /opt/\n")
        .unwrap();
    assert!(
        builder.contains("-r /tmp/src/pyproject.toml \\\n"),
        "{text}"
    );
    assert!(
        image.contains("--mount=type=bind,source=.,target=/tmp/src,rw \\\n"),
        "{text}"
    );
    assert!(
        image.contains("-c /tmp/constraints.txt /tmp/src \\\n"),
        "{text}"
    );
}

#[test]
fn one_image_has_one_lock_and_says_nothing_without_effect() {
    for (written, code) in [
        ("[uv.lock, sub/uv.lock]", "two-locks"),
        ("{ path: libs/common, package: x }", "field-without-effect"),
        ("{ path: a.txt, extras: [x] }", "field-without-effect"),
        ("{ package: x }", "missing-field"),
        ("environment.yml", "unsupported-file"),
    ] {
        let text = UV.replace("{ path: uv.lock, package: \"{name}\" }", written);
        let run = Root::new(&text).run(&["check", "--format", "json"]);
        assert!(
            run.codes().iter().all(|found| found == code),
            "{written} {}",
            run.told()
        );
        assert_eq!(run.status, 1, "{written}");
    }
}
