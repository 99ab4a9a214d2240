//! What starts a service, read from the lines at the left edge of its Python files.

use super::paths::{beneath, is_python};
use crate::dockerfile::meaning::Tree;
use crate::values::AppPath;

/// The names of files that may start a service, the likeliest first.
const ENTRIES: [&str; 10] = [
    "main.py",
    "app.py",
    "asgi.py",
    "server.py",
    "api.py",
    "worker.py",
    "run.py",
    "bot.py",
    "__main__.py",
    "manage.py",
];
/// How many folders deep below a service's such a file may lie.
const DEPTH: usize = 3;
/// How many files with other names are looked into, at most.
const MOST_OTHERS: usize = 100;
/// Routes that say whether a service is healthy, the likeliest first.
const HEALTH: [&str; 6] = [
    "/healthz",
    "/health",
    "/livez",
    "/health/live",
    "/api/health",
    "/ping",
];

/// What starts a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// The folder below the service's that is the workdir: `src` for packages in such a folder.
    pub(super) below: &'static str,
    /// The words of the command.
    pub(super) command: Vec<String>,
    /// Whether it listens on the port.
    pub(super) listens: bool,
    /// The route of its health check.
    pub(super) health: Option<&'static str>,
}

/// The port that is proposed, since sources seldom say one.
pub(super) const PORT: &str = "8000";

impl Start {
    /// What starts the service in a folder with these files.
    pub(super) fn of<'p>(
        tree: &dyn Tree,
        files: impl Iterator<Item = &'p str>,
        folder: &str,
    ) -> Option<Self> {
        let inside = |path: &'p str| {
            let inside = path.strip_prefix(folder)?;
            Some(inside.strip_prefix('/').unwrap_or(inside))
        };
        let files: Vec<&str> = files.filter_map(inside).collect();
        if let Some(start) = django(&files) {
            return Some(start);
        }
        let entries = entries(&files);
        let mut scripts = Vec::new();
        for path in entries {
            let Some(text) = tree.text(&beneath(folder, path)) else {
                continue;
            };
            if let Some(start) = Entry::new(path).start(&text) {
                return Some(start);
            }
            scripts.push(path);
        }
        if let Some(script) = scripts.into_iter().find(|path| is_script(path)) {
            return Some(Entry::new(script).script());
        }
        let mut others = others(&files).into_iter();
        others.find_map(|path| Entry::new(path).start(&tree.text(&beneath(folder, path))?))
    }
}

/// The files that may start a service by their names: the shallowest first, then the likeliest.
fn entries<'p>(files: &[&'p str]) -> Vec<&'p str> {
    let is_entry = |path: &&&str| rank(path).is_some() && is_importable(path);
    let mut entries: Vec<&str> = files.iter().filter(is_entry).copied().collect();
    entries.sort_by_key(|path| (depth(path), rank(path), *path));
    entries
}

/// The files with other names, which start a service where they make an application: the shallowest
/// first, and none of tests.
fn others<'p>(files: &[&'p str]) -> Vec<&'p str> {
    let is_of_tests = |part: &str| part.starts_with("test") || part == "conftest.py";
    let is_other =
        |path: &&&str| is_python(path) && is_importable(path) && !path.split('/').any(is_of_tests);
    let mut others: Vec<&str> = files.iter().filter(is_other).copied().collect();
    others.sort_by_key(|path| (depth(path), *path));
    others.truncate(MOST_OTHERS);
    others
}

fn rank(path: &str) -> Option<usize> {
    let name = path.rsplit('/').next().unwrap_or(path);
    ENTRIES.iter().position(|entry| *entry == name)
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// Whether a file is a module that can be named, not too deep below the service's folder.
fn is_importable(path: &str) -> bool {
    let mut parts = path.split('/');
    let is_named = |part: &str| is_module(part.strip_suffix(".py").unwrap_or(part));
    depth(path) <= DEPTH && parts.all(is_named)
}

/// Whether a file without an application in it starts something all the same: it lies where the
/// service begins, or in its `src`.
fn is_script(path: &str) -> bool {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let below = below.strip_prefix("app/").unwrap_or(below);
    !below.contains('/') && !matches!(below, "manage.py" | "asgi.py")
}

/// A project of Django: `manage.py` beside a package with a `wsgi.py`.
fn django(files: &[&str]) -> Option<Start> {
    if !files.contains(&"manage.py") {
        return None;
    }
    let package = files.iter().find_map(|path| {
        let package = path.strip_suffix("/wsgi.py")?;
        is_module(package).then_some(package)
    })?;
    Some(gunicorn("", &format!("{package}.wsgi"), None))
}

fn is_module(name: &str) -> bool {
    AppPath::parse(&format!("{name}:app")).is_ok()
}

/// A file that may start a service.
struct Entry<'p> {
    below: &'static str,
    /// Its path from the workdir on.
    path: &'p str,
}

impl<'p> Entry<'p> {
    fn new(path: &'p str) -> Self {
        match path.strip_prefix("src/") {
            // A module in `src` itself is called `main`, and a package there by its name.
            Some(path) => Self { below: "src", path },
            None => Self { below: "", path },
        }
    }

    fn module(&self) -> String {
        let module = self.path.strip_suffix(".py").unwrap_or(self.path);
        module.replace('/', ".")
    }

    /// The interpreter on the file.
    fn script(&self) -> Start {
        Start {
            below: self.below,
            command: words(&["python", "-u", self.path]),
            listens: false,
            health: None,
        }
    }

    /// What its lines say.
    fn start(&self, text: &str) -> Option<Start> {
        let is_streamlit = |line: &str| {
            ["import streamlit", "from streamlit"]
                .iter()
                .any(|start| line.starts_with(start))
        };
        if text.lines().any(is_streamlit) {
            return Some(self.streamlit());
        }
        let made = |line| Application::read(line);
        let mut made: Vec<Application<'_>> = text.lines().filter_map(made).collect();
        made.sort_by_key(|application| application.class == Class::Celery);
        let first = made.first()?;
        let app = format!("{}:{}", self.module(), first.name);
        AppPath::parse(&app).ok()?;
        Some(match first.class {
            Class::Asgi => uvicorn(self.below, &app, health(text)),
            Class::Wsgi => gunicorn(self.below, &app, health(text)),
            Class::Celery => Start {
                command: words(&["celery", "-A", &self.module(), "worker"]),
                ..self.script()
            },
        })
    }

    fn streamlit(&self) -> Start {
        let port = ["--server.port", PORT, "--server.address", "0.0.0.0"];
        let command = [&["streamlit", "run", self.path][..], &port].concat();
        Start {
            below: self.below,
            command: words(&command),
            listens: true,
            // Streamlit answers there itself.
            health: Some("/_stcore/health"),
        }
    }
}

fn uvicorn(below: &'static str, app: &str, health: Option<&'static str>) -> Start {
    let host = ["--host", "0.0.0.0", "--port", PORT];
    // As dockwright starts it: open requests end before Docker's 10 seconds are over.
    let stop = ["--timeout-graceful-shutdown", "8"];
    let command = [&["python", "-m", "uvicorn", app][..], &host, &stop].concat();
    Start {
        below,
        command: words(&command),
        listens: true,
        health,
    }
}

fn gunicorn(below: &'static str, app: &str, health: Option<&'static str>) -> Start {
    Start {
        below,
        command: words(&["gunicorn", app, "--bind", &format!("0.0.0.0:{PORT}")]),
        listens: true,
        health,
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The route of a health check that a text names in quotes.
fn health(text: &str) -> Option<&'static str> {
    HEALTH.into_iter().find(|route| {
        let quoted = |quote: char| format!("{quote}{route}{quote}");
        text.contains(&quoted('"')) || text.contains(&quoted('\''))
    })
}

/// Which server runs an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Asgi,
    Wsgi,
    Celery,
}

/// An application that a line at the left edge makes: `app = FastAPI(…)`.
struct Application<'t> {
    name: &'t str,
    class: Class,
}

impl<'t> Application<'t> {
    fn read(line: &'t str) -> Option<Self> {
        if line.starts_with(char::is_whitespace) {
            return None;
        }
        let (name, value) = line.split_once('=')?;
        // `app: FastAPI = FastAPI()` names its type.
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        let called = value.trim_start().split_once('(')?.0;
        let class = called.rsplit_once('.').map_or(called, |(_, class)| class);
        let class = match class {
            "FastAPI" | "Starlette" | "Quart" | "Litestar" | "Sanic" => Class::Asgi,
            "Flask" => Class::Wsgi,
            "Celery" => Class::Celery,
            _ => return None,
        };
        let name = name.trim_end();
        Some(Self { name, class })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::meaning::MemoryTree;

    fn start(files: &[(&str, &str)]) -> Option<Start> {
        let tree = MemoryTree::new(files.iter().copied());
        Start::of(&tree, files.iter().map(|(path, _)| *path), "services/a")
    }

    #[test]
    fn what_starts_a_service_is_read_from_its_files() {
        let uvicorn = |app: &str| {
            format!(
                "python -m uvicorn {app} --host 0.0.0.0 --port 8000 --timeout-graceful-shutdown 8"
            )
        };
        for (path, text, command) in [
            (
                "main.py",
                "x = 1\napi: FastAPI = FastAPI()\n",
                uvicorn("main:api"),
            ),
            (
                "app/main.py",
                "app = fastapi.FastAPI(title='x')\n",
                uvicorn("app.main:app"),
            ),
            (
                "src/shop/main.py",
                "app = FastAPI()\n",
                uvicorn("shop.main:app"),
            ),
            (
                "shop/asgi.py",
                "app = Starlette()\n",
                uvicorn("shop.asgi:app"),
            ),
            (
                "app.py",
                "app = Flask(__name__)\n",
                "gunicorn app:app --bind 0.0.0.0:8000".to_owned(),
            ),
            (
                "app.py",
                "import streamlit as st\n",
                "streamlit run app.py --server.port 8000 --server.address 0.0.0.0".to_owned(),
            ),
            (
                "worker.py",
                "queue = Celery('a')\n",
                "celery -A worker worker".to_owned(),
            ),
            (
                "main.py",
                "def f():\n    app = FastAPI()\n",
                "python -u main.py".to_owned(),
            ),
            ("src/main.py", "print()\n", "python -u main.py".to_owned()),
            (
                "jobs/tasks.py",
                "app = Celery('a')\n",
                "celery -A jobs.tasks worker".to_owned(),
            ),
        ] {
            let found = start(&[(&format!("services/a/{path}"), text)]).unwrap();
            assert_eq!(found.command.join(" "), command, "{path}");
        }
    }

    #[test]
    fn an_application_comes_before_a_script_that_lies_higher() {
        let found = start(&[
            ("services/a/run.py", "print()\n"),
            ("services/a/app/main.py", "app = FastAPI()\n"),
        ]);
        assert!(found.unwrap().listens);
    }

    #[test]
    fn a_file_with_another_name_is_asked_last_and_one_of_tests_never() {
        let script = ("services/a/main.py", "print()\n");
        let other = ("services/a/factory.py", "app = FastAPI()\n");
        assert_eq!(
            start(&[other, script]).unwrap().command,
            ["python", "-u", "main.py"]
        );
        for path in [
            "services/a/test_x.py",
            "services/a/tests/x.py",
            "services/a/conftest.py",
        ] {
            assert_eq!(start(&[(path, other.1)]), None, "{path}");
        }
    }

    #[test]
    fn django_starts_under_gunicorn() {
        let files = [
            ("services/a/manage.py", ""),
            ("services/a/config/wsgi.py", ""),
        ];
        let found = start(&files).unwrap();
        assert_eq!(
            found.command,
            ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000"]
        );
    }

    #[test]
    fn a_route_of_a_health_check_is_found() {
        let text = "app = FastAPI()\n@app.get('/health')\n";
        let found = start(&[("services/a/main.py", text)]).unwrap();
        assert_eq!(found.health, Some("/health"));
        assert_eq!(
            start(&[("services/a/main.py", "app = FastAPI()\n")])
                .unwrap()
                .health,
            None
        );
    }

    #[test]
    fn what_starts_nothing_is_none() {
        for path in ["lib.py", "deep/er/main.py", "manage.py", "a-b/main.py"] {
            assert_eq!(
                start(&[(&format!("services/a/{path}"), "")]),
                None,
                "{path}"
            );
        }
    }
}
