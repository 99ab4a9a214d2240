//! `RUN`: its mounts, and its commands one by one.

use std::collections::BTreeMap;

use super::super::Instruction;
use super::copy::Source;
use super::debian::{self, Managed};
use super::files::{Origin, join, moved};
use super::install::Asked;
use super::instruction::Reading;
use super::look::{SILENT, lists, only_looks};
use super::model::{Claimant, Step};
use super::python::is_pip;
use super::shell::{self, Command, Joint, Script};
use super::stage::Placed;
use super::steps::on_one_line;
use super::tree::{self, Kind};

/// What a mount puts somewhere for one `RUN`.
pub(super) struct Mount {
    pub(super) target: String,
    /// The path of the repository that is there.
    pub(super) repository: Option<String>,
    /// What of an earlier stage is installed there.
    pub(super) placed: Vec<Placed>,
    /// What pip was asked for there, by the folders.
    pub(super) asked: Vec<(String, Asked)>,
}

/// A `RUN` while its commands are read.
pub(super) struct Run<'r, 'a> {
    pub(super) reading: &'r mut Reading<'a>,
    pub(super) line: usize,
    /// Where the shell is.
    pub(super) folder: String,
    /// What the shell sees: the stage's variables, and those that it was given since.
    pub(super) variables: BTreeMap<String, String>,
    pub(super) mounts: Vec<Mount>,
}

impl Reading<'_> {
    /// Carries out a `RUN`.
    pub(super) fn run(&mut self, instruction: &Instruction, line: usize) {
        let mounts = self.mounts(instruction);
        let script = script_of(instruction);
        let folder = self.stage().workdir.clone();
        let variables = self.stage().variables.clone();
        let shell = shell::read(&script, &variables);
        let is_list = self
            .stage()
            .shell
            .as_ref()
            .is_none_or(|shell| is_posix(shell));
        let exec = instruction.exec_form();
        let mut run = Run {
            reading: self,
            line,
            folder,
            variables,
            mounts,
        };
        match (exec, shell) {
            (Some(words), _) => run.exec_form(words, instruction),
            (None, Script::Simple(commands)) if is_list => run.list(&commands),
            _ => {
                run.reading.step(instruction, line);
                run.reading.claim(line, "RUN", None, Claimant::Step);
            }
        }
    }

    fn mounts(&mut self, instruction: &Instruction) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for flag in self.expanded_words(instruction, &instruction.flags()) {
            if let Some(options) = flag.strip_prefix("--mount=") {
                mounts.extend(self.mount(options));
            }
        }
        mounts
    }

    /// Reads a mount; a bind mount is what one without a type is (`parseMount`).
    fn mount(&mut self, options: &str) -> Option<Mount> {
        let pairs: BTreeMap<String, String> = options
            .split(',')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| {
                (
                    name.trim_matches('"').to_ascii_lowercase(),
                    value.trim_matches('"').to_owned(),
                )
            })
            .collect();
        let value = |names: [&str; 3]| names.iter().find_map(|name| pairs.get(*name)).cloned();
        let target = value(["target", "dst", "destination"])?;
        let target = self.stage().path(&target);
        let source = value(["source", "src", "source"]).unwrap_or_default();
        let kind = pairs.get("type").map_or("bind", String::as_str);
        let mut mount = Mount {
            target,
            repository: None,
            placed: Vec::new(),
            asked: Vec::new(),
        };
        match (kind, pairs.get("from")) {
            ("bind", None) => mount.repository = Some(self.in_context(&source)),
            ("bind", Some(name)) => {
                if let Source::Stage(position) = self.source(name)
                    && let Some(other) = self.taken_stage(position)
                {
                    let from = join("/", &source);
                    // Of a folder that is mounted in part, it is not known what is in the part.
                    let here = |folder: &str| moved(folder, &from, &mount.target);
                    for placed in other.placed_at(&from) {
                        let folder = here(&placed.folder);
                        let placed = folder.map(|folder| Placed { folder, ..placed });
                        mount.placed.extend(placed);
                    }
                    for (folder, asked) in other.asked_at(&from) {
                        mount
                            .asked
                            .extend(here(&folder).map(|folder| (folder, asked)));
                    }
                }
            }
            _ => {}
        }
        Some(mount)
    }

    /// Notes an instruction as a step as a whole.
    pub(super) fn step(&mut self, instruction: &Instruction, line: usize) {
        let mut text = on_one_line(instruction.arguments());
        for heredoc in instruction.heredocs() {
            text.push('\n');
            text.push_str(heredoc.body.trim_end());
        }
        let step = Step {
            line,
            keyword: instruction.keyword().to_owned(),
            key: text.clone(),
            text,
            folder: self.stage().workdir.clone(),
        };
        self.stage_mut().steps.push(step);
    }
}

/// The text that the shell gets: the line, or the one heredoc that it consists of.
fn script_of(instruction: &Instruction) -> String {
    let operands = instruction.operands();
    match instruction.heredocs() {
        [heredoc] if operands.starts_with("<<") && !operands.contains([' ', '|', '>']) => {
            heredoc.body.clone()
        }
        _ => operands.to_owned(),
    }
}

fn is_posix(shell: &[String]) -> bool {
    let program = shell.first().map_or("", String::as_str);
    ["sh", "bash", "dash", "ash"].contains(&program.rsplit('/').next().unwrap_or_default())
}

impl Run<'_, '_> {
    fn exec_form(&mut self, words: Vec<String>, instruction: &Instruction) {
        let text = instruction.operands().to_owned();
        let script = match words.as_slice() {
            [program, flag, script]
                if is_posix(std::slice::from_ref(program))
                    && flag.starts_with('-')
                    && flag.ends_with('c') =>
            {
                Some(shell::read(script, &self.variables))
            }
            _ => None,
        };
        let commands = match script {
            Some(Script::Simple(commands)) => commands,
            _ => vec![Command {
                joint: Joint::Next,
                assignments: Vec::new(),
                words,
                redirections: Vec::new(),
                text,
            }],
        };
        self.list(&commands);
    }

    /// Commands in their order, those of a pipe together, and those that run where another one
    /// failed with that one.
    fn list(&mut self, commands: &[Command]) {
        if commands.is_empty() {
            self.reading
                .claim(self.line, "RUN", None, Claimant::Housekeeping);
        }
        let mut rest = commands;
        while !rest.is_empty() {
            let length = 1 + rest
                .iter()
                .skip(1)
                .take_while(|command| matches!(command.joint, Joint::Or | Joint::Pipe))
                .count();
            let (group, after) = rest.split_at(length);
            rest = after;
            self.group(group);
        }
    }

    fn group(&mut self, group: &[Command]) {
        let folder = self.folder.clone();
        let is_fallback = |command: &&Command| command.joint == Joint::Or;
        let is_silent = |command: &Command| {
            !command.writes() && SILENT.contains(&command.program()) && command.program() != "test"
        };
        let fallbacks = group.iter().filter(is_fallback);
        let has_alternative = !fallbacks.clone().all(is_silent);
        let main: Vec<&Command> = group
            .iter()
            .take_while(|command| command.joint != Joint::Or)
            .collect();
        let by = match main.as_slice() {
            _ if has_alternative => Claimant::Step,
            [command] => self.command(command),
            pipe => self.pipe(pipe),
        };
        for command in group {
            let by = if command.joint == Joint::Or && by != Claimant::Step {
                Claimant::Housekeeping
            } else {
                by
            };
            self.claim(command, by);
        }
        self.note_part(group, by, &folder);
    }

    fn claim(&mut self, command: &Command, by: Claimant) {
        self.reading
            .claim(self.line, "RUN", Some(command.text.clone()), by);
    }

    /// Commands joined by pipes: the script of an installer, or answers for a question.
    fn pipe(&mut self, commands: &[&Command]) -> Claimant {
        let Some((last, before)) = commands.split_last() else {
            return Claimant::Housekeeping;
        };
        let says_yes = |command: &&Command| matches!(command.program(), "yes" | "echo" | "printf");
        if before.iter().all(says_yes) && !last.writes() && !is_posix(&last.words) {
            return self.command(last);
        }
        let fetched = before
            .first()
            .filter(|command| matches!(command.program(), "curl" | "wget"));
        if commands.iter().all(|command| only_looks(command)) {
            return Claimant::Housekeeping;
        }
        let tool = fetched.and_then(|command| {
            command
                .words
                .iter()
                .find_map(|word| installer_of_script(word))
        });
        let is_run = is_posix(&last.words) || last.program().starts_with("python");
        match tool {
            Some(tool) if is_run => {
                self.reading.stage_mut().tools.insert(tool.to_owned());
                Claimant::Housekeeping
            }
            _ => Claimant::Step,
        }
    }

    /// Carries out one command.
    fn command(&mut self, command: &Command) -> Claimant {
        if command.words.is_empty() {
            self.variables.extend(command.assignments.iter().cloned());
            return Claimant::Housekeeping;
        }
        let mut command = command.clone();
        while matches!(
            command.program(),
            "sudo" | "exec" | "command" | "nice" | "env" | "time"
        ) && command.words.len() > 1
        {
            command.words.remove(0);
            while command.words.len() > 1
                && command
                    .words
                    .first()
                    .is_some_and(|word| word.starts_with('-') || word.contains('='))
            {
                command.words.remove(0);
            }
        }
        let kept = self.variables.clone();
        self.variables.extend(command.assignments.iter().cloned());
        let by = self.plain(&command);
        if command.program() != "export"
            && command.program() != "cd"
            && command.program() != "."
            && command.program() != "source"
        {
            self.variables = kept;
        }
        by
    }

    fn plain(&mut self, command: &Command) -> Claimant {
        let program = command.program().to_owned();
        let words = command.arguments().to_vec();
        let about_itself = ["--version", "-V", "version", "--help", "-v"];
        let asks_version =
            matches!(words.as_slice(), [flag] if about_itself.contains(&flag.as_str()));
        if command.writes() {
            return self.writing(&program, &words, command);
        }
        match program.as_str() {
            "cd" => {
                let folder = words
                    .first()
                    .map_or_else(|| self.reading.stage().home(), Clone::clone);
                self.folder = join(&self.folder, &folder);
                Claimant::Housekeeping
            }
            "export" => {
                for word in &words {
                    if let Some((name, value)) = word.split_once('=') {
                        self.variables.insert(name.to_owned(), value.to_owned());
                    }
                }
                Claimant::Housekeeping
            }
            "." | "source" => self.activate(&words),
            _ if asks_version || only_looks(command) => Claimant::Housekeeping,
            "apt-get" | "apt" | "aptitude" | "apk" => self.managed(&program, &words),
            "mkdir" | "chown" | "chmod" | "chgrp" | "install" | "rm" | "find" | "touch" | "cp"
            | "mv" | "sed" | "ln" => self.folders(&program, &words),
            _ => {
                if self.reading.stage_mut().accounts.command(&program, &words) {
                    return Claimant::User;
                }
                self.python_tool(command).unwrap_or(Claimant::Step)
            }
        }
    }

    /// A command whose output goes to a file: exported requirements, and notes that the step takes
    /// to itself in a folder that no image needs.
    fn writing(&mut self, program: &str, words: &[String], command: &Command) -> Claimant {
        let mut files = command
            .redirections
            .iter()
            .filter(|(operator, _)| operator.contains('>'));
        let Some((_, file)) = files.next() else {
            return Claimant::Step;
        };
        let target = join(&self.folder, file);
        // Without quotes the shell takes the version for a file: `pip install a>=1` installs any.
        if is_pip(program) && is_version(command) {
            let path = command.words.first().map_or("", String::as_str);
            return self.pip(path, command.arguments());
        }
        match program {
            "find" | "sort" | "cat" | "echo" | "date" | "printf" if self.is_cache(&target) => {
                Claimant::Housekeeping
            }
            // What is installed, as constraints for what comes next.
            "pip" | "pip3" | "uv" if self.is_cache(&target) && lists(words) => {
                Claimant::Housekeeping
            }
            "poetry" | "uv" | "pipenv" | "pdm" => self.export(program, words, Some(target)),
            _ => Claimant::Step,
        }
    }

    fn managed(&mut self, program: &str, words: &[String]) -> Claimant {
        let group = if program == "apk" {
            debian::virtual_group(words).map(str::to_owned)
        } else {
            None
        };
        let stage = self.reading.stage_mut();
        let before = stage.packages.clone();
        let managed = debian::command(&mut stage.packages, program, words);
        if let Some(group) = group {
            // Packages of a group go with it; those that it is installed beside stay.
            stage
                .packages
                .retain(|name| before.contains(name) || *name != group);
        }
        match managed {
            Managed::Packages => Claimant::Packages,
            Managed::Housekeeping => Claimant::Housekeeping,
            Managed::Else => Claimant::Step,
        }
    }

    /// The file of the repository that is at a path of the image.
    pub(super) fn repository_path(&self, path: &str) -> Option<String> {
        let path = join(&self.folder, path);
        let by_mount = self.mounts.iter().rev().find_map(|mount| {
            let source = mount.repository.as_ref()?;
            let moved = moved(&path, &mount.target, &format!("/{source}"))?;
            Some(moved.trim_start_matches('/').to_owned())
        });
        let kind = |path: &String| tree::kind(self.reading.build().tree, path);
        let by_file = self
            .reading
            .stage()
            .files
            .repository_path(&path)
            .map(str::to_owned);
        by_mount
            .filter(|path| kind(path) != Kind::Absent || by_file.is_none())
            .or(by_file)
    }

    /// The folder of the repository whose content is at a path of the image.
    pub(super) fn repository_folder(&self, path: &str) -> Option<String> {
        let path = join(&self.folder, path);
        for mount in &self.mounts {
            if let Some(source) = &mount.repository
                && let Some(moved) = moved(&path, &mount.target, &format!("/{source}"))
            {
                return Some(moved.trim_start_matches('/').to_owned());
            }
        }
        let files = &self.reading.stage().files;
        for marker in [
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "uv.lock",
            "poetry.lock",
        ] {
            if let Some(found) = files.repository_path(&join(&path, marker)) {
                return Some(found.strip_suffix(marker)?.trim_end_matches('/').to_owned());
            }
        }
        let (rest, origin) = files.below(&path).next()?;
        match origin {
            Origin::Repository(source) => source
                .strip_suffix(rest)
                .map(|folder| folder.trim_end_matches('/').to_owned()),
            _ => None,
        }
    }
}

/// Whether all that a command writes to is called as versions are.
fn is_version(command: &Command) -> bool {
    let mut files = command.redirections.iter();
    files.all(|(operator, file)| operator == ">" && file.starts_with('='))
}

/// The tool that a script from the network installs.
fn installer_of_script(word: &str) -> Option<&'static str> {
    let url = word.trim_start_matches("https://");
    [
        ("install.python-poetry.org", "poetry"),
        ("astral.sh/uv", "uv"),
        ("raw.githubusercontent.com/python-poetry", "poetry"),
        ("bootstrap.pypa.io/get-pip.py", "pip"),
    ]
    .into_iter()
    .find(|(start, _)| url.starts_with(start))
    .map(|(_, tool)| tool)
}
