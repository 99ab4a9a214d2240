//! The stages of a generated Dockerfile, instruction by instruction.

use super::install::{Installs, secret};
use super::start::Start;
use super::text::{Piece, after, declared};
use crate::edit::adopt::node::Node;
use crate::edit::adopt::running::literal;

/// How far the final stage has been read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    #[default]
    Start,
    Env,
    Apt,
    AptSteps,
    Install,
    Workdir,
    Copies,
    SourceSteps,
    Run,
}

/// One thing that is copied.
#[derive(Debug, Clone)]
pub(super) struct Copied {
    /// The reference of the image that it comes from.
    pub(super) image: Option<String>,
    pub(super) mode: String,
    pub(super) from: String,
    pub(super) to: String,
}

/// The account that an image makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) uid: String,
    pub(super) gid: String,
    pub(super) name: String,
}

impl Made {
    fn new((uid, gid): (String, String), name: &str) -> Self {
        let name = name.to_owned();
        Self { uid, gid, name }
    }
}

/// What the stages of a Dockerfile say.
#[derive(Debug, Default)]
pub(super) struct Stages {
    at: Point,
    pub(super) installs: Installs,
    pub(super) start: Start,
    pub(super) arguments: Vec<(String, Node)>,
    pub(super) env: Vec<(String, Node)>,
    pub(super) labels: Vec<(String, Node)>,
    pub(super) apt: Vec<Node>,
    pub(super) apk: Vec<Node>,
    pub(super) apt_build: Vec<Node>,
    pub(super) apk_build: Vec<Node>,
    /// The working folder; empty for that of the image below.
    pub(super) workdir: Option<String>,
    pub(super) dirs: Vec<String>,
    pub(super) steps: Vec<Node>,
    pub(super) copies: Vec<Copied>,
    pub(super) made: Option<Made>,
    pub(super) home: Option<String>,
    pub(super) groups: Vec<Node>,
    pub(super) user: String,
    /// Whether the image below may have another user.
    pub(super) is_foreign: bool,
    hooks: Vec<(&'static str, Vec<Node>)>,
    /// How many instructions are in hooks.
    pub(super) hooked: usize,
}

impl Stages {
    /// Takes the stage that builds.
    pub(super) fn builder(&mut self, pieces: &[Piece<'_>]) {
        let mut is_made = false;
        for piece in pieces {
            let is_run = piece.keyword == "RUN";
            match piece.keyword.as_str() {
                "ARG" | "USER" if !is_made => {}
                "RUN" if self.packages(piece, true) => {}
                "RUN" if self.installs.take(piece) => {
                    is_made |= piece.line.contains("--without-pip /opt/venv ");
                    is_made |= self.installs.own_python.is_some();
                }
                // What runs where the final image has no shell.
                "ENV" | "WORKDIR" if is_made => {}
                "RUN" if is_made => self.steps.push(step(piece, None)),
                _ => self.hook("builder", piece),
            }
            self.installs.shell_less |= is_made && !is_run;
        }
    }

    /// Takes the final stage, up to the labels that every image has.
    pub(super) fn last(&mut self, pieces: &[Piece<'_>]) {
        let mut rest = pieces;
        while let [piece, behind @ ..] = rest {
            rest = behind;
            match piece.keyword.as_str() {
                "ARG" if self.at == Point::Start => self.argument(piece),
                "USER" if self.at == Point::Start => self.is_foreign = true,
                "USER" => {
                    self.user.clone_from(&piece.line);
                    self.at = Point::Run;
                }
                "ENV" if self.at <= Point::Env => self.variable(piece),
                "RUN" if self.at < Point::Workdir => self.prepares(piece),
                "RUN" if self.at < Point::Run => self.runs(piece),
                "COPY" if self.copy(piece) => {}
                "WORKDIR" if self.at < Point::Workdir => self.folder(piece, rest),
                "LABEL" if self.at == Point::Run => self.label(piece),
                _ if self.at == Point::Run && self.start.take(piece) => {}
                _ => self.hook_here(piece),
            }
        }
    }

    fn argument(&mut self, piece: &Piece<'_>) {
        let word = piece.line.split_once('=');
        let told = word.and_then(|(name, value)| Some((name, declared(value, &|_| false)?)));
        self.arguments
            .extend(told.map(|(name, value)| (name.to_owned(), Node::Text(value))));
    }

    fn is_argument(&self, name: &str) -> bool {
        self.arguments.iter().any(|(known, _)| known == name)
    }

    fn variable(&mut self, piece: &Piece<'_>) {
        if piece.line.starts_with("PATH=\"/opt/venv/bin:$PATH\" ") {
            self.at = Point::Env;
            return;
        }
        let word = piece.line.split_once('=');
        let told = word.and_then(|(name, value)| {
            let value = declared(value, &|name| self.is_argument(name))?;
            Some((name.to_owned(), Node::Text(value)))
        });
        match told {
            Some(variable) => {
                self.at = Point::Env;
                self.env.push(variable);
            }
            // Where gunicorn is declared, templates say this by themselves.
            None if piece.line == "GUNICORN_CMD_ARGS=--worker-tmp-dir=/dev/shm" => {
                self.at = Point::Env;
            }
            None => self.hook_here(piece),
        }
    }

    fn label(&mut self, piece: &Piece<'_>) {
        let word = piece.line.split_once('=');
        let told = word.and_then(|(name, value)| {
            let value = declared(value, &|name| self.is_argument(name))?;
            Some((name.trim_matches('"').to_owned(), Node::Text(value)))
        });
        self.labels.extend(told);
    }

    /// Packages of the distribution; `false` where a step installs none as templates do.
    fn packages(&mut self, piece: &Piece<'_>, is_build: bool) -> bool {
        const APT: &str = "RUN apt-get update \\\n && DEBIAN_FRONTEND=noninteractive apt-get \
                           install -y --no-install-recommends \\\n";
        if let Some(rest) = piece.text.strip_prefix(APT) {
            let packages = rest.lines().filter_map(|line| {
                let package = line.strip_prefix("      ")?;
                Some(Node::text(package.trim_end_matches(" \\")))
            });
            let list = if is_build {
                &mut self.apt_build
            } else {
                &mut self.apt
            };
            *list = packages.collect();
            return true;
        }
        let Some(rest) = piece.line.strip_prefix("apk add --no-cache ") else {
            return false;
        };
        let list = if is_build {
            &mut self.apk_build
        } else {
            &mut self.apk
        };
        *list = rest.split_whitespace().map(Node::text).collect();
        true
    }

    /// A step before the sources are copied.
    fn prepares(&mut self, piece: &Piece<'_>) {
        if self.at < Point::Apt && self.packages(piece, false) {
            self.at = Point::Apt;
        } else if self.account(piece) || self.installs.take(piece) {
            self.at = Point::Install;
        } else if self.at == Point::AptSteps && piece.is_one_line() && !self.has_hooks("after_apt")
        {
            self.steps.push(step(piece, Some("apt")));
        } else {
            self.hook_here(piece);
        }
    }

    /// What makes or changes the account; `false` where a step does not say it as templates do.
    fn account(&mut self, piece: &Piece<'_>) -> bool {
        self.account_of(piece).is_some()
    }

    fn account_of(&mut self, piece: &Piece<'_>) -> Option<()> {
        let words = piece.words();
        let last = words.last().copied()?;
        let line = piece.line.as_str();
        let behind = |flag| after(&words, flag).map(str::to_owned);
        if line.contains(" useradd --uid ") {
            let home = behind("--home-dir")?;
            self.made = Some(Made::new((behind("--uid")?, behind("--gid")?), last));
            self.home = Some(home).filter(|home| home != "/tmp");
        } else if line.contains(" adduser -u ") {
            let home = behind("-h")?;
            self.made = Some(Made::new((behind("-u")?, behind("-g")?), last));
            self.home = Some(home).filter(|home| home != "/tmp");
        } else if line.starts_with("usermod --home ") {
            self.home = Some(behind("--home")?);
        } else if line.contains("usermod --append --groups ") {
            let groups = behind("--groups")?;
            self.groups = groups.split(',').map(group).collect();
        } else if line.starts_with("{ getent group ") && line.contains(" && addgroup ") {
            let parts = line.split(" && ");
            let joins = parts.filter(|part| part.starts_with("addgroup "));
            self.groups = joins.map(joined_group).collect::<Option<_>>()?;
        } else {
            let is_home = self.home.as_deref() == Some(last);
            (line.starts_with("install -d -o ") && is_home).then_some(())?;
        }
        Some(())
    }

    /// A working folder: that of steps before the installation, where another one follows.
    fn folder(&mut self, piece: &Piece<'_>, rest: &[Piece<'_>]) {
        let is_again = rest.iter().any(|piece| piece.keyword == "WORKDIR");
        if is_again && self.at < Point::AptSteps {
            self.at = Point::AptSteps;
        } else {
            self.at = Point::Workdir;
            self.workdir = Some(piece.line.clone());
        }
    }

    /// A step in the working folder.
    fn runs(&mut self, piece: &Piece<'_>) {
        let folders = piece.line.strip_prefix("install -d -o ");
        let is_first = self.at == Point::Workdir && self.dirs.is_empty();
        if let Some(folders) = folders.filter(|_| is_first) {
            let words: Vec<&str> = folders.split_whitespace().collect();
            let has_group = words.get(1) == Some(&"-g");
            let folders = words.iter().skip(if has_group { 3 } else { 1 });
            self.dirs = folders.map(|&folder| folder.to_owned()).collect();
        } else if !piece.is_one_line() || self.has_hooks("after_copy") {
            self.hook_here(piece);
        } else if self.at < Point::Copies {
            self.steps.push(step(piece, None));
        } else {
            self.at = Point::SourceSteps;
            self.steps.push(step(piece, Some("source")));
        }
    }

    /// What is copied; `false` where templates do not say it so.
    fn copy(&mut self, piece: &Piece<'_>) -> bool {
        let words: Vec<&str> = piece.line.split_whitespace().collect();
        match words.as_slice() {
            ["--from=builder", "/opt/", "/opt/"] if self.at < Point::Workdir => {
                self.at = Point::Install;
                return true;
            }
            ["--from=builder", owner, "/empty/", folder] if owner.starts_with("--chown=") => {
                let folder = folder.strip_suffix('/').unwrap_or(folder);
                self.dirs.push(folder.to_owned());
                return true;
            }
            _ => {}
        }
        let is_here = [Point::Workdir, Point::Copies].contains(&self.at);
        if !is_here || self.has_hooks("after_copy") {
            return false;
        }
        let (image, rest) = match words.as_slice() {
            [image, rest @ ..] if image.starts_with("--from=") => {
                (image.strip_prefix("--from=").map(str::to_owned), rest)
            }
            rest => (None, rest),
        };
        let [mode, from, to] = rest else { return false };
        let Some(mode) = mode.strip_prefix("--chmod=") else {
            return false;
        };
        self.at = Point::Copies;
        self.copies.push(Copied {
            image,
            mode: mode.to_owned(),
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        });
        true
    }

    fn has_hooks(&self, point: &str) -> bool {
        self.hooks.iter().any(|(known, _)| *known == point)
    }

    fn hook_here(&mut self, piece: &Piece<'_>) {
        let point = match self.at {
            Point::Start | Point::Env => "before_apt",
            Point::Apt | Point::AptSteps => "after_apt",
            Point::Install => "after_pip",
            Point::Workdir | Point::Copies | Point::SourceSteps | Point::Run => "after_copy",
        };
        self.hook(point, piece);
    }

    fn hook(&mut self, point: &'static str, piece: &Piece<'_>) {
        self.hooked += usize::from(!piece.keyword.is_empty());
        let lines = piece.text.split('\n').map(|line| Node::Text(literal(line)));
        match self.hooks.iter_mut().find(|(known, _)| *known == point) {
            Some((_, known)) => known.extend(lines),
            None => self.hooks.push((point, lines.collect())),
        }
    }

    /// The hooks by their points.
    pub(super) fn hooks(&self) -> Vec<(String, Node)> {
        let hooks = self.hooks.iter();
        hooks
            .map(|(point, lines)| ((*point).to_owned(), Node::List(lines.clone())))
            .collect()
    }
}

/// The group that a command of busybox adds the account to.
fn joined_group(command: &str) -> Option<Node> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let named = after(&words, "group").or(words.get(2).copied());
    named.map(group)
}

fn group(word: &str) -> Node {
    word.parse().map_or_else(|_| Node::text(word), Node::Number)
}

/// A step as an item of `run`.
fn step(piece: &Piece<'_>, after: Option<&str>) -> Node {
    let text = piece.text.strip_prefix("RUN ").unwrap_or(piece.text);
    let (mut files, mut secrets, mut caches) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = text;
    while let Some((mount, behind)) = rest.split_once(' ') {
        let Some(mount) = mount.strip_prefix("--mount=type=") else {
            break;
        };
        if let Some((source, _)) = mount
            .strip_prefix("bind,source=")
            .and_then(|mount| mount.split_once(",target="))
        {
            files.push(Node::text(source));
        } else if let Some((id, target)) = mount
            .strip_prefix("secret,id=")
            .and_then(|mount| mount.split_once(",target="))
        {
            secrets.push(secret(id, target));
        } else if let Some(target) = mount.strip_prefix("cache,target=") {
            caches.push(Node::text(target));
        } else {
            break;
        }
        rest = behind;
    }
    let run = Node::Text(literal(rest));
    let mut fields: Vec<(String, Node)> = Vec::new();
    fields.extend(after.map(|after| ("after".to_owned(), Node::text(after))));
    fields.push(("run".to_owned(), run.clone()));
    for (name, list) in [("files", files), ("secrets", secrets), ("cache", caches)] {
        if !list.is_empty() {
            fields.push((name.to_owned(), Node::List(list)));
        }
    }
    if fields.len() == 1 {
        run
    } else {
        Node::Map(fields)
    }
}
