//! What a generated Dockerfile installs, read from the steps that do it.

use super::text::{Piece, after, between, words};
use crate::edit::adopt::node::Node;

/// Where the build sees files of the repository.
const MOUNTED: &str = "/tmp/src";
/// Where the official image has its Python.
const OFFICIAL: &str = "/usr/local/bin/python";

/// A file or project of the repository that is installed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Item {
    path: String,
    package: Option<String>,
    extras: Vec<String>,
    groups: Vec<String>,
    with_project: bool,
}

/// What steps install, and what they say of the image that they run in.
#[derive(Debug, Default)]
pub(super) struct Installs {
    items: Vec<Item>,
    pub(super) source_builds: Vec<String>,
    pub(super) index_urls: Vec<String>,
    pub(super) indexes: Vec<(String, Node)>,
    pub(super) secrets: Vec<Node>,
    pub(super) uv: Option<String>,
    pub(super) poetry: Option<String>,
    /// Whether packages are installed in a step of their own.
    has_packages: bool,
    /// What Python is called where packages are installed, where that is not `python`.
    pub(super) python: Option<String>,
    /// The Python of the final image, where another one builds, if that is not the usual one.
    pub(super) linked: Option<String>,
    /// The version that uv installs, where the image has none.
    pub(super) own_python: Option<String>,
    pub(super) site_packages: bool,
    pub(super) shell_less: bool,
}

impl Installs {
    /// Takes a step; `false` where it is none of these.
    pub(super) fn take(&mut self, piece: &Piece<'_>) -> bool {
        let line = piece.line.as_str();
        let found = piece.words();
        let named = |start: &str| {
            let mut found = found.iter();
            found.find_map(|word| word.strip_prefix(start).map(str::to_owned))
        };
        if line.contains(" --target /uv uv==") {
            self.uv = named("uv==");
        } else if line.contains(" --without-pip /poetry ") {
            self.poetry = named("poetry==");
        } else if line.starts_with("UV_PYTHON_INSTALL_DIR=/opt/python ") {
            self.own_python = after(&found, "install").map(str::to_owned);
        } else if line.contains(" -m venv ") && line.contains("--without-pip /opt/venv ") {
            let python = found.first().copied().filter(|python| *python != "python");
            self.python = python.map(str::to_owned);
            self.site_packages = found.contains(&"--system-site-packages");
        } else if line.starts_with("ln -sf ") && line.contains(" /opt/venv/bin/python ") {
            let python = found.get(2).copied().filter(|python| *python != OFFICIAL);
            self.linked = python.map(str::to_owned);
        } else if line == "mkdir /empty" {
            self.shell_less = true;
        } else if line.contains(" sync --project ") || line.contains(" install --directory ") {
            self.lock(line);
        } else if let Some(command) = last_command(line).filter(|_| is_installation(line)) {
            self.mounts(line);
            self.has_packages = true;
            if builds_projects(line) {
                self.projects(line, command);
            } else {
                self.packages(line, command);
            }
        } else {
            return false;
        }
        true
    }

    /// The items of `install`, in the order in which the context has them.
    pub(super) fn items(&self, context: &[String]) -> Option<Node> {
        let place = |item: &&Item| {
            let at = context.iter().position(|path| *path == item.path);
            at.unwrap_or(usize::MAX)
        };
        let mut items: Vec<&Item> = self.items.iter().collect();
        items.sort_by_key(place);
        let items: Vec<Node> = items.into_iter().map(Item::node).collect();
        (!items.is_empty()).then(|| Node::one_or_many(items))
    }

    /// Whether an item brings uv along.
    pub(super) fn needs_uv(&self) -> bool {
        let needs = |item: &Item| {
            item.path.ends_with("uv.lock")
                || (item.path.ends_with("pyproject.toml") && self.uv.is_some())
        };
        self.items.iter().any(needs) || self.own_python.is_some()
    }

    /// Whether uv installs; nothing where nothing is installed.
    pub(super) fn by_uv(&self) -> Option<bool> {
        let installs = self.has_packages || !self.items.is_empty();
        installs.then_some(self.uv.is_some())
    }

    fn item(&mut self, path: &str) -> &mut Item {
        let at = self.items.iter().position(|item| item.path == path);
        let at = at.unwrap_or_else(|| {
            self.items.push(Item {
                path: path.to_owned(),
                ..Item::default()
            });
            self.items.len() - 1
        });
        &mut self.items[at]
    }

    fn mounts(&mut self, line: &str) -> Vec<String> {
        let mut sources = Vec::new();
        for word in words(line) {
            if let Some(rest) = word.strip_prefix("--mount=type=secret,id=")
                && let Some((id, target)) = rest.split_once(",target=")
            {
                let node = secret(id, target);
                if !self.secrets.contains(&node) {
                    self.secrets.push(node);
                }
            }
            let source = word.strip_prefix("--mount=type=bind,source=");
            sources.extend(source.and_then(|rest| Some(rest.split_once(',')?.0.to_owned())));
        }
        sources
    }

    /// A lock of uv or poetry, or the projects that uv finds in one.
    fn lock(&mut self, line: &str) {
        let mounts = self.mounts(line);
        let words = words(line);
        let is_uv = words.contains(&"sync");
        let folder = after(&words, if is_uv { "--project" } else { "--directory" });
        let folder = unmounted(folder.unwrap_or(MOUNTED));
        let inside = |name: &str| joined(&folder, name);
        let name = if is_uv { "uv.lock" } else { "poetry.lock" };
        let path = inside(name);
        let path = if !is_uv && !mounts.contains(&path) {
            inside("pyproject.toml")
        } else {
            path
        };
        let is_first = words.contains(&"--compile-bytecode") || !is_uv;
        let item = self.item(&path);
        if !is_first {
            item.with_project = !words.contains(&"--no-install-project");
            return;
        }
        item.package = after(&words, "--package").map(str::to_owned);
        for pair in words.windows(2) {
            match pair {
                ["--extra" | "--extras", extra] => item.extras.push((*extra).to_owned()),
                ["--group", group] => item.groups.push((*group).to_owned()),
                ["--only", groups] => {
                    let groups = groups.split(',').skip(1).map(str::to_owned);
                    item.groups.extend(groups);
                }
                _ => {}
            }
        }
        for pair in words.windows(2) {
            if let ["--no-binary-package", package] = pair {
                self.source_builds.push((*package).to_owned());
            }
        }
    }

    /// Projects: those of `install`, or those of a lock of poetry.
    fn projects(&mut self, line: &str, command: &str) {
        let is_of_lock = line.contains(" install --no-deps ");
        self.options(command);
        for word in words(command) {
            let Some(rest) = word.strip_prefix(MOUNTED) else {
                continue;
            };
            let path = rest.trim_start_matches('/');
            let (path, extras) = match path.split_once('[') {
                Some((path, extras)) => (path, extras.trim_end_matches(']')),
                None => (path, ""),
            };
            let extras = extras.split(',').filter(|extra| !extra.is_empty());
            let extras: Vec<String> = extras.map(str::to_owned).collect();
            if is_of_lock {
                self.project_of_lock(path);
            } else {
                self.project(path, extras);
            }
        }
    }

    /// A folder that a lock of poetry brings: the lock's own project is said by its item.
    fn project_of_lock(&mut self, folder: &str) {
        let path = joined(folder, "poetry.lock");
        let item = self.items.iter_mut().find(|item| item.path == path);
        if let Some(item) = item {
            item.with_project = true;
        }
    }

    fn project(&mut self, path: &str, extras: Vec<String>) {
        let manifest = joined(path, "pyproject.toml");
        let is_manifest = self.items.iter().any(|item| item.path == manifest);
        if is_manifest || path.is_empty() {
            let item = self.item(&manifest);
            item.with_project = true;
            item.extras = extras;
        } else {
            self.item(path).extras = extras;
        }
    }

    /// Requirement files, wheels and manifests, and how packages are found.
    fn packages(&mut self, line: &str, command: &str) {
        for part in line.split("awk 'tolower($0) ~ /^(").skip(1) {
            self.indexes.extend(route(part));
        }
        self.options(command);
        let words = words(command);
        let mut last: Option<String> = None;
        for (at, word) in words.iter().enumerate() {
            let path = word.strip_prefix("/tmp/src/");
            if let Some(path) = path {
                self.item(path);
                last = Some(path.to_owned());
            } else if *word == "--extra"
                && let (Some(path), Some(extra)) = (&last, words.get(at + 1))
            {
                let extras = &mut self.item(path).extras;
                if extras.iter().all(|known| known != extra) {
                    extras.push((*extra).to_owned());
                }
            }
        }
    }

    fn options(&mut self, command: &str) {
        let words = words(command);
        for (at, word) in words.iter().enumerate() {
            if let Some(names) = word.strip_prefix("--no-binary=") {
                self.source_builds = names.split(',').map(str::to_owned).collect();
            }
            if matches!(*word, "--index-url" | "--extra-index-url")
                && let Some(url) = words.get(at + 1)
                && self.index_urls.iter().all(|known| known != url)
            {
                self.index_urls.push((*url).to_owned());
            }
        }
    }
}

impl Item {
    fn node(&self) -> Node {
        let mut fields = vec![("path".to_owned(), Node::text(&self.path))];
        if let Some(package) = &self.package {
            fields.push(("package".to_owned(), Node::text(package)));
        }
        let is_project = !self
            .path
            .rsplit('/')
            .next()
            .is_some_and(|n| n.contains('.'));
        if is_project && !self.extras.is_empty() {
            return Node::text(format!("{}[{}]", self.path, self.extras.join(",")));
        }
        for (name, list) in [("extras", &self.extras), ("groups", &self.groups)] {
            if !list.is_empty() {
                fields.push((name.to_owned(), Node::texts(list.iter().cloned())));
            }
        }
        if self.with_project {
            fields.push(("project".to_owned(), Node::Yes));
        }
        match fields.as_slice() {
            [(_, path)] => path.clone(),
            _ => Node::Map(fields),
        }
    }
}

/// A secret as a declaration names it.
pub(super) fn secret(id: &str, target: &str) -> Node {
    if target == format!("/run/secrets/{id}") {
        return Node::text(id);
    }
    let entry = [("id", id), ("target", target)];
    let entry = entry.map(|(key, value)| (key.to_owned(), Node::text(value)));
    Node::Map(entry.to_vec())
}

/// The packages of an index of their own, from the part of a step behind what awk begins with.
fn route(part: &str) -> Option<(String, Node)> {
    let (names, rest) = part.split_once(")(")?;
    let name = between(rest, "> /tmp/index-", ".txt")?;
    let url =
        between(rest, "index-url \"", "\"").or_else(|| between(rest, "default-index \"", "\""));
    let names = names.split('|').map(|name| name.replace("[-_.]+", "-"));
    let entry = vec![
        ("url".to_owned(), Node::text(url?)),
        ("packages".to_owned(), Node::texts(names)),
    ];
    Some((name.to_owned(), Node::Map(entry)))
}

/// The last command of a step that installs, without what is only about times.
fn last_command(line: &str) -> Option<&str> {
    let commands = line.split(" && ");
    let is_install = |command: &&str| command.contains(" install ") || command.contains(" wheel ");
    commands.filter(is_install).last()
}

fn is_installation(line: &str) -> bool {
    line.contains(" --python /opt/venv/bin/python install ")
        || line.contains("/uv pip install --python /opt/venv/bin/python ")
        || line.contains(" --wheel-dir /wheels ")
}

/// Whether folders of the repository are built: they may be written to.
fn builds_projects(line: &str) -> bool {
    let is_written = |word: &str| word.starts_with("--mount=type=bind,") && word.ends_with(",rw");
    line.split_whitespace().any(is_written)
}

fn unmounted(path: &str) -> String {
    let rest = path.strip_prefix(MOUNTED).unwrap_or(path);
    rest.trim_start_matches('/').to_owned()
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
