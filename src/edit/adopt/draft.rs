//! What one original means, as the fields of a service.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Original;
use super::ignored::ignored;
use super::items::{
    dedup, holds_files, is_of_lock, is_own_label, lock, named_url, project, variables,
};
use super::node::Node;
use super::parent::{From, Images};
use super::places::Places;
use super::running;
use super::steps::{Steps, fills_home, installs_by_hand};
use super::uvicorn::application;
use crate::dockerfile::meaning::{
    Asked, FolderMeaning, Install, Launch, Meaning, Origin, Tree, in_words,
};
use crate::values::requirement::Requirement;

/// A service that is being proposed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Its name.
    pub(super) name: String,
    /// Its fields.
    pub(super) fields: BTreeMap<&'static str, Node>,
    /// What of the original no field says, and why, as phrases.
    pub(super) notes: Vec<String>,
    /// Whether it is a base, which a Dockerfile alone says where it was generated.
    pub(super) is_base: bool,
}

/// Variables that every generated Dockerfile sets.
const SWITCHES: [&str; 3] = [
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONUNBUFFERED",
];
/// Beginnings of variables that only installers read.
const BUILD_VARIABLES: [&str; 6] = ["PIP_", "POETRY_", "UV_", "PIPENV_", "PDM_", "DEBIAN_"];
/// Folders that belong to root whatever is done to them.
const ROOTS: [&str; 12] = [
    "/",
    "/app",
    "/etc",
    "/home",
    "/opt",
    "/opt/venv",
    "/root",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/local",
    "/var",
];
/// Folders that every image has, or that are not for the program.
const SYSTEM_FOLDERS: [&str; 12] = [
    "/",
    "/app",
    "/root",
    "/tmp",
    "/opt",
    "/srv",
    "/var",
    "/usr/src",
    "/etc",
    "/home",
    "/usr/local/bin",
    "/var/run",
];

impl Draft {
    /// The fields of an original; `python` is the fleet's version, `known` what a service may say.
    pub(super) fn of(
        original: &Original,
        meaning: &Meaning,
        tree: &dyn Tree,
        images: &mut Images,
        (python, known): (&str, &BTreeSet<String>),
    ) -> Self {
        let mut draft = Self {
            name: original.name.clone(),
            fields: BTreeMap::new(),
            notes: Vec::new(),
            is_base: false,
        };
        draft.parent(meaning, images, python);
        let places = Places::of(meaning, tree);
        let copies = draft.other_copies(meaning, images);
        draft.sources(&places, copies, original, tree);
        draft.installs(meaning);
        draft.packages(meaning);
        draft.runs(meaning);
        draft.environment(meaning);
        draft.account(meaning);
        draft.folders(meaning);
        draft.steps(meaning);
        draft.fields.retain(|field, _| known.contains(*field));
        draft
    }

    pub(super) fn say(&mut self, field: &'static str, node: impl Into<Option<Node>>) {
        if let Some(node) = node.into() {
            self.fields.insert(field, node);
        }
    }

    pub(super) fn list(&mut self, field: &'static str, items: Vec<Node>) {
        if !items.is_empty() {
            self.fields.insert(field, Node::List(items));
        }
    }

    fn parent(&mut self, meaning: &Meaning, images: &mut Images, python: &str) {
        let Some(from) = From::read(&meaning.base.reference) else {
            self.notes.push(format!(
                "the reference {} cannot be declared",
                meaning.base.reference
            ));
            return;
        };
        if let Some(version) = from.python.as_ref().filter(|version| *version != python) {
            self.say("python", Node::text(version));
        }
        let name = if installs_by_hand(meaning) {
            images.name_of_shared(&from)
        } else {
            images.name_of(&from)
        };
        self.say("from", name.map(Node::Text));
        if let Some(platform) = &meaning.base.platform {
            self.list("platforms", vec![Node::text(platform)]);
        }
    }

    fn sources(
        &mut self,
        places: &Places,
        mut copies: Vec<Node>,
        original: &Original,
        tree: &dyn Tree,
    ) {
        self.say("source", places.source.clone());
        self.say("target", places.target.clone());
        self.say("workdir", places.workdir.clone());
        places.notes.iter().for_each(|note| self.note(note.clone()));
        self.list("shared", places.shared.clone());
        copies.extend(places.copy.iter().cloned());
        self.list("copy", copies);
        let mut ignore = ignored(original, tree, places);
        if places.is_whole {
            ignore.push("/generated".to_owned());
        }
        self.list("ignore", ignore.into_iter().map(Node::Text).collect());
    }

    /// What is copied from other images, and what no field can copy.
    fn other_copies(&mut self, meaning: &Meaning, images: &mut Images) -> Vec<Node> {
        let mut copies = Vec::new();
        for (path, origin) in &meaning.files {
            let said = in_words(path, &meaning.base.reference);
            match origin {
                Origin::Image {
                    reference,
                    path: source,
                } => {
                    let name = source.rsplit('/').next().unwrap_or(source);
                    if matches!(name, "uv" | "uvx" | "poetry" | "uv*") {
                        continue;
                    }
                    let from = From::read(reference).and_then(|from| images.name_of(&from));
                    let image = from.unwrap_or_else(|| "python-slim".to_owned());
                    let Some(to) = meaning.in_fields(path) else {
                        let what = format!("{source} of {reference} is copied to");
                        self.note(meaning.out_of_reach(&what, path));
                        continue;
                    };
                    let entry = [("image", image.as_str()), ("from", source), ("to", to)];
                    let entry = entry.map(|(key, value)| (key.to_owned(), Node::text(value)));
                    copies.push(Node::Map(entry.to_vec()));
                }
                Origin::Repository(_) => {}
                Origin::Made(_) => self.note(format!("{said} is made by another stage")),
                Origin::Inline(_) => self.note(format!("{said} is written in the Dockerfile")),
                Origin::Url(_) => self.note(format!("{said} is downloaded by ADD")),
            }
        }
        copies
    }

    fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    fn installs(&mut self, meaning: &Meaning) {
        let mut files: Vec<Node> = Vec::new();
        let mut pip: Vec<Node> = Vec::new();
        for install in &meaning.installs {
            match install {
                Install::Lock { .. } => files.push(lock(install, &meaning.installs)),
                Install::Project { path, extras } => {
                    if !is_of_lock(path, extras, &meaning.installs) {
                        files.push(project(path, extras));
                    }
                }
                Install::Archive(path) | Install::Manifest(path) => files.push(Node::text(path)),
                Install::MissingFile(path) => self.note(format!("{path} is not in the tree")),
                Install::Package(_) | Install::Url(_) | Install::NotUnderstood(_) => {}
            }
        }
        let (mut first, mut extra) = (None, Vec::new());
        for asked in &meaning.asked {
            match asked {
                Asked::File(path) => files.push(Node::text(path)),
                Asked::Requirement(text) if Requirement::parse(text).is_ok() => {
                    pip.push(Node::text(text));
                }
                Asked::Requirement(text) if is_bare_url(text) => {
                    pip.push(Node::text(named_url(text)));
                }
                Asked::Requirement(text) => {
                    let tight: String = text.split_whitespace().collect();
                    pip.push(Node::text(tight));
                }
                Asked::Index {
                    url,
                    is_extra: false,
                } => first = Some(url.clone()),
                Asked::Index { url, .. } => extra.push(url.clone()),
            }
        }
        dedup(&mut files);
        dedup(&mut pip);
        if !files.is_empty() {
            self.say("install", Node::one_or_many(files));
        }
        self.list("pip", pip);
        let has_any = first.is_some() || !extra.is_empty();
        let default = || "https://pypi.org/simple".to_owned();
        let urls = std::iter::once(first.unwrap_or_else(default)).chain(extra);
        if has_any {
            self.list("index_urls", urls.map(Node::Text).collect());
        }
    }

    fn runs(&mut self, meaning: &Meaning) {
        let (port, ports) = running::ports(meaning);
        self.say("port", port.map(Node::Number));
        self.list("ports", ports);
        let entrypoint = meaning.entrypoint.as_ref().map(running::launch);
        let has_entrypoint = entrypoint.is_some();
        self.say("entrypoint", entrypoint);
        let is_foreign = From::read(&meaning.base.reference).is_some_and(|from| from.is_foreign());
        if is_foreign && !has_entrypoint {
            self.say("entrypoint", Node::text("inherit"));
        }
        let application = match (&meaning.command, port) {
            (Some(Launch::Exec(words)), Some(port)) if !has_entrypoint && !is_foreign => {
                application(words, port)
            }
            _ => None,
        };
        match &meaning.command {
            Some(_) if application.is_some() => self.say("app", application.map(Node::text)),
            Some(command) => self.say("cmd", running::launch(command)),
            // What images of Python start where nothing is said.
            None if !has_entrypoint && !is_foreign => self.say("cmd", Node::text("python3")),
            None => {}
        }
        // With a command and without a port it is a worker anyway.
        if port.is_none() && meaning.command.is_none() && (has_entrypoint || is_foreign) {
            self.say("role", Node::text("worker"));
        }
        let health = running::health(meaning.health.as_ref(), port);
        self.say("healthcheck", health.unwrap_or_else(|| Node::text("none")));
        self.say("stop_signal", meaning.stop_signal.as_ref().map(Node::text));
        self.list("volumes", meaning.volumes.iter().map(Node::text).collect());
    }

    fn environment(&mut self, meaning: &Meaning) {
        let mut env = Vec::new();
        for (name, value) in &meaning.env {
            let is_build = BUILD_VARIABLES.iter().any(|start| name.starts_with(start));
            let is_switch = SWITCHES.contains(&name.as_str()) && !value.is_empty();
            if is_build || is_switch {
                continue;
            }
            env.push((name.clone(), Node::Text(variables(value))));
        }
        if !env.is_empty() {
            self.say("env", Node::Map(env));
        }
        let labels = meaning
            .labels
            .iter()
            .filter(|(name, _)| !is_own_label(name));
        let labels: Vec<(String, Node)> = labels
            .map(|(name, value)| (name.clone(), Node::text(running::literal(value))))
            .collect();
        if !labels.is_empty() {
            self.say("labels", Node::Map(labels));
        }
    }

    fn account(&mut self, meaning: &Meaning) {
        let user = &meaning.user;
        if user.is_root() && fills_home(meaning) {
            self.say("user", Node::text("root"));
        }
        if !user.is_root()
            && let Some(uid) = user.uid.filter(|uid| *uid != 10_001)
        {
            self.say("user", Node::Number(uid.into()));
        }
        let is_given = |home: &&String| {
            let prefix = format!("{}/", home.trim_end_matches('/'));
            let folders = meaning.folders.iter();
            folders.clone().any(|(path, folder)| {
                (path == *home || path.starts_with(&prefix)) && folder.owner.is_some()
            })
        };
        if !user.is_root()
            && let Some(home) = user.home.as_ref().filter(is_given)
            && *home != meaning.workdir
            && home != "/app"
        {
            self.say("home", Node::text(home));
        }
        self.list("groups", user.groups.iter().map(Node::text).collect());
    }

    fn folders(&mut self, meaning: &Meaning) {
        let mut dirs = Vec::new();
        let user = meaning.user.name.as_deref().unwrap_or_default();
        for (path, folder) in &meaning.folders {
            if path == &meaning.workdir {
                let owner = folder.owner.as_deref().unwrap_or_default();
                let is_users = !user.is_empty() && owner.split(':').next() == Some(user);
                let is_open = folder
                    .mode
                    .as_deref()
                    .is_some_and(|mode| mode.ends_with('7'));
                if (is_users || is_open) && meaning.in_fields(path).is_some() {
                    dirs.push(Node::text("."));
                }
                continue;
            }
            let is_system = SYSTEM_FOLDERS.contains(&path.as_str())
                || ["/opt/venv", "/var/lib/apt", "/var/cache/apt"]
                    .iter()
                    .any(|start| path.starts_with(start))
                || path.ends_with("/.venv")
                || path.ends_with("/venv")
                || meaning.user.home.as_ref() == Some(path);
            let is_file = meaning.files.contains_key(path);
            let is_code = holds_files(meaning, path) && folder.owner.is_none();
            let owner = folder.owner.as_deref().unwrap_or_default();
            let is_given = !user.is_empty()
                && owner.split(':').next() == Some(user)
                && !ROOTS.contains(&path.as_str())
                && !path.starts_with("/usr/local/lib")
                && !path.ends_with("venv")
                && meaning.user.home.as_ref() != Some(path);
            let is_file = is_file || (!folder.made && can_be_file(path, folder));
            if (is_system && !is_given) || is_file || is_code {
                continue;
            }
            let Some(whole) = meaning.in_fields(path) else {
                self.note(meaning.out_of_reach("the build prepares", path));
                continue;
            };
            let inside = path.strip_prefix(&format!("{}/", meaning.workdir.trim_end_matches('/')));
            dirs.push(Node::text(inside.unwrap_or(whole)));
        }
        self.list("dirs", dirs);
    }

    fn steps(&mut self, meaning: &Meaning) {
        let steps = Steps::of(meaning);
        self.list("run", steps.items);
        if !steps.installers.is_empty() {
            let pip = self.fields.remove("pip").unwrap_or(Node::List(Vec::new()));
            let installers = steps.installers.iter().copied().map(Node::text);
            let asked = pip.items().iter().cloned().chain(installers);
            self.list("pip", asked.collect());
        }
        steps.notes.into_iter().for_each(|note| self.note(note));
        if !steps.arguments.is_empty() {
            self.say("args", Node::Map(steps.arguments));
        }
    }
}

/// Whether something that only got an owner or a mode is rather a file that a step writes.
fn can_be_file(path: &str, folder: &FolderMeaning) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mode = folder.mode.as_deref();
    let is_narrow = folder.owner.is_none()
        && mode
            .is_some_and(|mode| !(mode.ends_with('7') || mode.contains('w') && mode.contains('+')));
    is_narrow || name.trim_start_matches('.').contains('.')
}

/// Whether a requirement is an address without the name of what lies there.
fn is_bare_url(text: &str) -> bool {
    let address = text.split_once("://").map(|(scheme, _)| scheme);
    address.is_some_and(|scheme| !scheme.contains(['@', ' ']))
}
