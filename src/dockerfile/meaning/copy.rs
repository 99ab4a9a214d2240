//! `COPY` and `ADD` (`dispatchCopy`), and the mounts of `RUN`.

use super::super::Instruction;
use super::super::glob::Glob;
use super::super::ignore::clean;
use super::files::{Origin, join, lies_in, moved};
use super::instruction::Reading;
use super::model::{Copied, Missing};
use super::stage::{Placed, Stage};
use super::tree::{self, Kind};

/// Folders that every image has.
const FOLDERS: [&str; 12] = [
    "/",
    "/bin",
    "/etc",
    "/home",
    "/opt",
    "/root",
    "/srv",
    "/tmp",
    "/usr/bin",
    "/usr/local/bin",
    "/usr/src",
    "/var",
];

/// Where `--from` points.
pub(super) enum Source {
    /// The build context.
    Context,
    /// An earlier stage.
    Stage(usize),
    /// An image.
    Image(String),
}

/// One `COPY`, read.
struct Copy {
    source: Source,
    sources: Vec<String>,
    target: String,
    /// Whether the target is a folder whatever is copied.
    into_folder: bool,
    owner: Option<String>,
    keeps_parents: bool,
    excludes: Vec<Glob>,
    line: usize,
}

impl Reading<'_> {
    /// Carries out a `COPY` or an `ADD`.
    pub(super) fn copy(&mut self, instruction: &Instruction, line: usize) {
        let words = instruction.values().unwrap_or_default();
        let mut words = self.expanded_words(instruction, &words);
        let Some(target) = words.pop() else {
            return;
        };
        let mut copy = Copy {
            source: Source::Context,
            sources: Vec::new(),
            into_folder: target.ends_with('/')
                || matches!(target.as_str(), "." | "" | "..")
                || words.len() > 1,
            target: self.stage().path(&target),
            owner: None,
            keeps_parents: false,
            excludes: Vec::new(),
            line,
        };
        for flag in self.expanded_words(instruction, &instruction.flags()) {
            match flag.split_once('=') {
                Some(("--from", name)) => copy.source = self.source(name),
                Some(("--chown", owner)) => copy.owner = Some(owner.to_owned()),
                Some(("--exclude", pattern)) => copy.excludes.push(Glob::of_ignore(pattern)),
                _ => copy.keeps_parents |= flag == "--parents",
            }
        }
        copy.sources = words;
        self.carry_out(&copy, instruction);
    }

    fn carry_out(&mut self, copy: &Copy, instruction: &Instruction) {
        if let Some(owner) = &copy.owner {
            self.stage_mut().folder(&copy.target).owner = Some(owner.clone());
        }
        for source in &copy.sources {
            if source.starts_with("<<") {
                self.inline(copy, source, instruction);
            } else if source.contains("://") || source.starts_with("git@") {
                self.put(copy, last_name(source), Origin::Url(source.clone()));
            } else {
                match &copy.source {
                    Source::Context => self.copy_context(copy, source),
                    Source::Stage(position) => self.copy_stage(copy, *position, source),
                    Source::Image(reference) => {
                        let origin = Origin::Image {
                            reference: reference.clone(),
                            path: join("/", source),
                        };
                        self.put(copy, last_name(source), origin);
                        self.tool_of_image(reference);
                    }
                }
            }
        }
    }

    /// A text of the Dockerfile (`COPY <<NAME /target`).
    fn inline(&mut self, copy: &Copy, source: &str, instruction: &Instruction) {
        let name = source
            .trim_start_matches('<')
            .trim_start_matches('-')
            .trim_matches(['"', '\'']);
        let heredoc = instruction
            .heredocs()
            .iter()
            .find(|heredoc| heredoc.name == name);
        let body = heredoc
            .map(|heredoc| heredoc.body.clone())
            .unwrap_or_default();
        self.put(copy, name, Origin::Inline(body));
    }

    /// Puts one file where the target says.
    fn put(&mut self, copy: &Copy, name: &str, origin: Origin) -> String {
        let is_folder = copy.into_folder
            || self.stage().files.has_folder(&copy.target)
            || self
                .stage()
                .folders
                .get(&copy.target)
                .is_some_and(|_| copy.owner.is_none())
            || self.stage().workdir == copy.target
            || FOLDERS.contains(&copy.target.as_str());
        let path = if is_folder {
            join(&copy.target, name)
        } else {
            copy.target.clone()
        };
        self.stage_mut().files.put(path.clone(), origin);
        path
    }

    /// Files and folders of the build context: of a folder, the content.
    fn copy_context(&mut self, copy: &Copy, written: &str) {
        let build = self.build();
        let source = clean(written);
        let path = self.in_context(&source);
        let is_folder = written.ends_with('/');
        let entries = if source.contains(['*', '?', '[']) {
            tree::matching(build.tree, &path)
        } else {
            vec![path.clone()]
        };
        if entries.is_empty() {
            self.missing(copy.line, path);
            return;
        }
        for entry in entries {
            match tree::kind(build.tree, &entry) {
                Kind::File => {
                    if !self.is_ignored(copy, &entry, last_name(&entry)) {
                        let to = self.put(
                            copy,
                            self.name_of(copy, &entry),
                            Origin::Repository(entry.clone()),
                        );
                        self.note_copied(copy, entry, to);
                    }
                }
                Kind::Folder => self.content(copy, &entry),
                Kind::Absent => {
                    self.missing(copy.line, entry.clone());
                    let origin = Origin::Repository(entry.clone());
                    if is_folder {
                        self.stage_mut().files.put(copy.target.clone(), origin);
                    } else {
                        self.put(copy, last_name(&entry), origin);
                    }
                }
            }
        }
    }

    /// The path that a file keeps below the target: its name, or all of it with `--parents`.
    fn name_of<'b>(&self, copy: &Copy, path: &'b str) -> &'b str {
        if copy.keeps_parents {
            self.below_context(path)
        } else {
            last_name(path)
        }
    }

    /// A path below the tree's root, seen from the build context.
    fn below_context<'b>(&self, path: &'b str) -> &'b str {
        let context = self.build().context;
        path.strip_prefix(context)
            .unwrap_or(path)
            .trim_start_matches('/')
    }

    /// Whether the ignore file, or `--exclude` by the path in the copied folder, leaves a file out.
    fn is_ignored(&self, copy: &Copy, path: &str, in_folder: &str) -> bool {
        let is_excluded = |pattern: &Glob| pattern.matches_or_parent(in_folder);
        self.build().ignore.excludes(self.below_context(path))
            || copy.excludes.iter().any(is_excluded)
    }

    fn content(&mut self, copy: &Copy, folder: &str) {
        let target = if copy.keeps_parents {
            join(&copy.target, self.below_context(folder))
        } else {
            copy.target.clone()
        };
        self.note_copied(copy, folder.to_owned(), target.clone());
        for path in tree::below(self.build().tree, folder) {
            let rest = path
                .get(folder.len()..)
                .unwrap_or(path)
                .trim_start_matches('/');
            if self.is_ignored(copy, path, rest) {
                continue;
            }
            let origin = Origin::Repository(path.clone());
            self.stage_mut().files.put(join(&target, rest), origin);
        }
    }

    /// Files that an earlier stage has, and what is installed below the path.
    fn copy_stage(&mut self, copy: &Copy, position: usize, source: &str) {
        let Some(other) = self.taken_stage(position) else {
            return;
        };
        let pattern = source.contains('*');
        let from = join("/", source.trim_end_matches('*'));
        let from = from.as_str();
        let has_installs = self.stage_mut().take_installs(&other, from, &copy.target);
        let way = (from, copy.target.as_str());
        if other.files.get(from).is_none() {
            self.stage_mut().take_copied(&other, way, copy.line);
        }
        self.take_written(&other, from, &copy.target, copy.into_folder);
        if let Some(origin) = other.files.get(from) {
            let origin = origin.clone();
            let repository = match &origin {
                Origin::Repository(path) => Some(path.clone()),
                _ => None,
            };
            let to = self.put(copy, last_name(source), origin);
            if let Some(path) = repository {
                self.note_copied(copy, path, to);
            }
            return;
        }
        let below: Vec<(String, Origin)> = other
            .files
            .below(from)
            .map(|(rest, origin)| (join(&copy.target, rest), origin.clone()))
            .collect();
        if below.is_empty() && !has_installs && !pattern {
            self.made(copy, &other, from, source);
        }
        for (path, origin) in below {
            self.stage_mut().files.put(path, origin);
        }
        for (folder, known) in &other.folders {
            if let Some(path) = moved(folder, from, &copy.target) {
                self.stage_mut()
                    .folders
                    .entry(path)
                    .or_insert_with(|| known.clone());
            }
        }
    }

    /// Something that steps of another stage made.
    fn made(&mut self, copy: &Copy, other: &Stage, from: &str, source: &str) {
        if let Some(tool) = installer(from) {
            self.stage_mut().tools.insert(tool.to_owned());
            return;
        }
        if other.is_empty_home(from) {
            return;
        }
        let is_environment = |folder: &String| lies_in(folder, from);
        let holds_programs = |placed: &Placed| from == format!("{}/bin", placed.folder);
        if other.environments.iter().any(is_environment) || other.placed.iter().any(holds_programs)
        {
            return;
        }
        self.put(copy, last_name(source), Origin::Made(from.to_owned()));
    }

    fn take_written(&mut self, other: &Stage, from: &str, to: &str, into_folder: bool) {
        for (path, installs) in &other.written {
            let target = if path == from && into_folder {
                Some(join(to, last_name(path)))
            } else {
                moved(path, from, to)
            };
            if let Some(target) = target {
                self.stage_mut().written.insert(target, installs.clone());
            }
        }
    }

    fn note_copied(&mut self, copy: &Copy, from: String, to: String) {
        let line = copy.line;
        self.stage_mut().copied.push(Copied { line, from, to });
    }

    fn missing(&mut self, line: usize, path: String) {
        self.note_missing(Missing { line, path });
    }

    /// A path of the build context, below the tree's root.
    pub(super) fn in_context(&self, path: &str) -> String {
        clean(&format!("{}/{}", self.build().context, clean(path)))
    }

    /// An image that holds an installer, such as uv.
    fn tool_of_image(&mut self, reference: &str) {
        let name = last_name(reference)
            .split([':', '@'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if installer(&name).is_some() {
            self.stage_mut().tools.insert(name);
        }
    }
}

/// The installer that a path is the program of.
pub(super) fn installer(path: &str) -> Option<&str> {
    let name = last_name(path);
    matches!(name, "uv" | "uvx" | "poetry" | "pdm" | "pipenv").then_some(name)
}

fn last_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}
