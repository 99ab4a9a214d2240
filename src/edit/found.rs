//! What a repository shows of its services: the folders that hold them, what starts each, and the
//! files that say what it installs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::edit::declaration::scalar;
use crate::values::{AppPath, RelPath, ServiceName, range_from};

/// Files that may start a service, the likeliest first, from its folder on.
pub(crate) const ENTRIES: [&str; 9] = [
    "main.py",
    "app.py",
    "app/main.py",
    "src/main.py",
    "server.py",
    "api.py",
    "worker.py",
    "run.py",
    "manage.py",
];

/// What a service is found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundService {
    /// Its name.
    pub(crate) name: String,
    /// The name of its folder.
    pub(crate) folder: String,
    /// What starts it.
    pub(crate) start: Start,
    /// The requirement file that it installs.
    pub(crate) install: Option<String>,
}

/// What starts a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Start {
    /// A Dockerfile of its own, which is kept.
    Dockerfile(String),
    /// An ASGI application under uvicorn.
    App(String),
    /// A command line that listens on the port.
    Server(String),
    /// A command line that listens on none.
    Command(String),
}

/// The files of a source folder: paths from the root on, and the texts of those that may start a
/// service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// The folder, such as services.
    pub(crate) folder: String,
    /// Everything in it, and the requirement file of the root where there is one.
    pub(crate) paths: BTreeSet<String>,
    /// The texts of the [`ENTRIES`] that are there.
    pub(crate) texts: BTreeMap<String, String>,
}

impl Found {
    /// The names of the folders in it.
    #[must_use]
    pub(crate) fn folders(&self) -> BTreeSet<&str> {
        let inside = self.paths.iter().filter_map(|path| self.below(path));
        inside
            .filter_map(|path| path.split_once('/'))
            .map(|(folder, _)| folder)
            .collect()
    }

    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(&self.folder)?.strip_prefix('/')
    }

    /// The services that can be declared: those whose names fit and that something starts.
    #[must_use]
    pub(crate) fn services(&self) -> Vec<FoundService> {
        let mut names = BTreeSet::new();
        let folders = self.folders().into_iter();
        folders
            .filter_map(|folder| self.service(folder))
            .filter(|service| names.insert(service.name.replace('.', "-")))
            .collect()
    }

    fn service(&self, folder: &str) -> Option<FoundService> {
        let root = format!("{}/{folder}", self.folder);
        RelPath::parse(&root).ok()?;
        let name = folder.replace('_', "-").to_ascii_lowercase();
        ServiceName::parse(&name).ok()?;
        let own = format!("{root}/requirements.txt");
        let common = "requirements.txt".to_owned();
        let install = [own, common]
            .into_iter()
            .find(|path| self.paths.contains(path));
        Some(FoundService {
            name,
            folder: folder.to_owned(),
            start: self.start(&root)?,
            install,
        })
    }

    fn start(&self, root: &str) -> Option<Start> {
        let dockerfile = format!("{root}/Dockerfile");
        if self.paths.contains(&dockerfile) {
            return Some(Start::Dockerfile(dockerfile));
        }
        if self.paths.contains(&format!("{root}/manage.py"))
            && let Some(package) = self.django(root)
        {
            let command = format!("gunicorn {package}.wsgi --bind 0.0.0.0:{{port}}");
            return Some(Start::Server(command));
        }
        let texts = ENTRIES.iter().filter_map(|entry| {
            let text = self.texts.get(&format!("{root}/{entry}"))?;
            Some((*entry, text.as_str()))
        });
        let texts: Vec<(&str, &str)> = texts.collect();
        let told = texts.iter().find_map(|(entry, text)| told(entry, text));
        let plain = texts.iter().find(|(entry, _)| *entry != "manage.py");
        told.or_else(|| plain.map(|(entry, _)| Start::Command(format!("python -u {entry}"))))
    }

    /// The package of a Django project that holds its `wsgi.py`.
    fn django(&self, root: &str) -> Option<&str> {
        self.paths.iter().find_map(|path| {
            let inside = path.strip_prefix(root)?.strip_prefix('/')?;
            let package = inside.strip_suffix("/wsgi.py")?;
            is_module(package).then_some(package)
        })
    }
}

/// Whether a text is a module's name.
fn is_module(name: &str) -> bool {
    AppPath::parse(&format!("{name}:app")).is_ok()
}

/// What the lines of a file that stand at its left edge say of what it is.
fn told(entry: &str, text: &str) -> Option<Start> {
    let module = entry.strip_suffix(".py")?.replace('/', ".");
    let mut found = None;
    for line in text.lines() {
        let is_streamlit = ["import streamlit", "from streamlit"]
            .iter()
            .any(|start| line.starts_with(start));
        if is_streamlit {
            let command =
                format!("streamlit run {entry} --server.port {{port}} --server.address 0.0.0.0");
            return Some(Start::Server(command));
        }
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        // `app: FastAPI = FastAPI()` names its type.
        let name = name.split(':').next().unwrap_or(name).trim_end();
        let class = value.trim_start().split('(').next().unwrap_or_default();
        let class = class.rsplit('.').next().unwrap_or(class);
        let app = format!("{module}:{name}");
        if AppPath::parse(&app).is_err() || line.starts_with(char::is_whitespace) {
            continue;
        }
        match class {
            "FastAPI" | "Starlette" | "Quart" | "Litestar" => return Some(Start::App(app)),
            "Flask" => {
                return Some(Start::Server(format!(
                    "gunicorn {app} --bind 0.0.0.0:{{port}}"
                )));
            }
            "Celery" => {
                found = Some(Start::Command(format!("celery -A {module} worker")));
            }
            _ => {}
        }
    }
    found
}

/// A services.yaml that declares what was found.
#[must_use]
pub(crate) fn declaration(found: &Found, services: &[FoundService], version: &str) -> String {
    let folder = &found.folder;
    let generated: Vec<&FoundService> = services
        .iter()
        .filter(|one| !matches!(one.start, Start::Dockerfile(_)))
        .collect();
    let module = |name: &str| name.replace(['-', '.'], "_");
    let source = if generated.iter().all(|one| one.folder == one.name) {
        Some(format!("{folder}/{{name}}"))
    } else if generated.iter().all(|one| one.folder == module(&one.name)) {
        Some(format!("{folder}/{{module}}"))
    } else {
        None
    };
    let mut text = HEAD.replace("{range}", &range_from(version));
    if !generated.is_empty() {
        text.push_str("\ndefaults:                            # what every service has\n");
        if let Some(source) = &source {
            let _ = writeln!(text, "  source: {}", scalar(source));
        }
        text.push_str(
            "  target: /app                       # where its content lands in the image\n",
        );
    }
    text.push_str(
        "\nservices:                            # found in the repository; look at each line\n",
    );
    for service in services {
        let name = scalar(&service.name);
        let _ = writeln!(
            text,
            "  {name}: {{ {} }}",
            fields(found, service, source.is_some())
        );
    }
    text
}

/// The fields of a service.
fn fields(found: &Found, service: &FoundService, has_source: bool) -> String {
    let mut fields = Vec::new();
    let mut say = |name: &str, value: &str| fields.push(format!("{name}: {}", flow(value)));
    if let Start::Dockerfile(path) = &service.start {
        say("dockerfile", path);
        return fields.join(", ");
    }
    if !has_source {
        say("source", &format!("{}/{}", found.folder, service.folder));
    }
    if let Some(install) = &service.install {
        say("install", install);
    }
    let listens = match &service.start {
        Start::App(app) => {
            say("app", app);
            true
        }
        Start::Server(command) => {
            say("cmd", command);
            true
        }
        Start::Command(command) => {
            say("cmd", command);
            false
        }
        Start::Dockerfile(_) => false,
    };
    if listens {
        fields.push("port: 8000".to_owned());
    }
    fields.join(", ")
}

/// A text in braces, where more characters end a plain one.
fn flow(text: &str) -> String {
    if text.contains(['{', '}', '[', ']', ',', ':', '#']) {
        serde_json::Value::from(text).to_string()
    } else {
        scalar(text)
    }
}

const HEAD: &str = r#"# The fleet. After a change run `dockwright generate`; `dockwright check` holds it in CI.

required_version: "{range}"       # of dockwright; others stop and say so
registry: registry.example.com       # where images are pushed to
owner: acme                          # the name space in it
python: "3.12"                       # quoted: YAML reads a bare 3.10 as the number 3.1
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Found {
        let texts = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Found {
            folder: "services".to_owned(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            texts: texts.collect(),
        }
    }

    #[test]
    fn what_starts_a_service_is_read_from_its_files() {
        for (files, start) in [
            (
                &[(
                    "services/a/main.py",
                    "from fastapi import FastAPI\napi: FastAPI = FastAPI()\n",
                )][..],
                Start::App("main:api".to_owned()),
            ),
            (
                &[(
                    "services/a/app/main.py",
                    "app = fastapi.FastAPI(title='x')\n",
                )],
                Start::App("app.main:app".to_owned()),
            ),
            (
                &[("services/a/app.py", "app = Flask(__name__)\n")],
                Start::Server("gunicorn app:app --bind 0.0.0.0:{port}".to_owned()),
            ),
            (
                &[("services/a/app.py", "import streamlit as st\n")],
                Start::Server(
                    "streamlit run app.py --server.port {port} --server.address 0.0.0.0".to_owned(),
                ),
            ),
            (
                &[("services/a/worker.py", "queue = Celery('a')\n")],
                Start::Command("celery -A worker worker".to_owned()),
            ),
            (
                &[
                    ("services/a/manage.py", ""),
                    ("services/a/config/wsgi.py", ""),
                ],
                Start::Server("gunicorn config.wsgi --bind 0.0.0.0:{port}".to_owned()),
            ),
            (
                &[("services/a/main.py", "def f():\n    app = FastAPI()\n")],
                Start::Command("python -u main.py".to_owned()),
            ),
            (
                &[
                    ("services/a/main.py", "app = FastAPI()\n"),
                    ("services/a/Dockerfile", ""),
                ],
                Start::Dockerfile("services/a/Dockerfile".to_owned()),
            ),
        ] {
            assert_eq!(found(files).services()[0].start, start, "{files:?}");
        }
        assert_eq!(found(&[("services/a/lib.py", "")]).services(), []);
        assert_eq!(found(&[("services/a b/main.py", "")]).services(), []);
    }
}
