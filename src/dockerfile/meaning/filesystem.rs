//! Commands that make, give away, copy and remove files and folders.

use super::copy::installer;
use super::files::{join, lies_in};
use super::model::Claimant;
use super::run::{Mount, Run};

/// Folders whose content no image needs.
const CACHES: [&str; 12] = [
    "/var/lib/apt/lists",
    "/var/cache",
    "/tmp",
    "/var/tmp",
    "/root/.cache",
    "/usr/share/doc",
    "/usr/share/man",
    "/root/.npm",
    "/var/log",
    "/usr/share/locale",
    "/etc/apt",
    "/usr/share/info",
];

impl Run<'_, '_> {
    /// Files and folders that are made, given away, removed.
    pub(super) fn folders(&mut self, program: &str, words: &[String]) -> Claimant {
        let operands: Vec<String> = words
            .iter()
            .filter(|word| !word.starts_with('-'))
            .cloned()
            .collect();
        let has = |letter: char| {
            words.iter().any(|word| {
                word.starts_with('-') && !word.starts_with("--") && word.contains(letter)
            })
        };
        if operands.iter().any(|word| is_computed(word)) {
            return Claimant::Step;
        }
        match program {
            "cp" | "install" | "ln" | "mv" if moves_installer(&operands) => Claimant::Housekeeping,
            "ln" if names_python(&operands) => Claimant::Housekeeping,
            "mkdir" => self.made(words),
            "install" if has('d') => self.installed_folders(words),
            "chown" => self.given(&operands),
            "chgrp" => Claimant::Folders,
            "chmod" => self.mode(&operands),
            "rm" => self.removed(&operands),
            "find" => Self::found(words),
            "touch" if self.is_scratch(&operands) || has('d') => Claimant::Housekeeping,
            "sed"
                if operands
                    .last()
                    .is_some_and(|path| path.ends_with("/pyvenv.cfg")) =>
            {
                Claimant::Housekeeping
            }
            "cp" | "mv" => self.copied(program, &operands),
            _ => Claimant::Step,
        }
    }

    fn made(&mut self, words: &[String]) -> Claimant {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "-m" || word == "--mode" {
                words.next();
            } else if !word.starts_with('-') {
                for path in braces(word) {
                    let path = join(&self.folder, &path);
                    if !lies_in(&path, "/etc/apt") {
                        self.reading.stage_mut().folder(&path).made = true;
                    }
                }
            }
        }
        Claimant::Folders
    }

    /// `install -d -o USER -g GROUP -m MODE FOLDER…`
    fn installed_folders(&mut self, words: &[String]) -> Claimant {
        let mut owner = None;
        let mut mode = None;
        let mut paths = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-o" | "--owner" => owner = words.next().cloned(),
                "-g" | "--group" => {
                    words.next();
                }
                "-m" | "--mode" => mode = words.next().cloned(),
                word if word.starts_with('-') => {}
                path => paths.push(join(&self.folder, path)),
            }
        }
        for path in paths.iter().filter(|path| !lies_in(path, "/etc/apt")) {
            let folder = self.reading.stage_mut().folder(path);
            folder.made = true;
            folder.owner = owner.clone().or_else(|| folder.owner.clone());
            folder.mode = mode.clone().or_else(|| folder.mode.clone());
        }
        Claimant::Folders
    }

    fn given(&mut self, operands: &[String]) -> Claimant {
        let Some((owner, paths)) = operands.split_first() else {
            return Claimant::Step;
        };
        if paths.is_empty() || owner.contains('$') {
            return Claimant::Step;
        }
        for path in paths.iter().flat_map(|path| braces(path)) {
            let path = join(&self.folder, path.trim_end_matches('*'));
            self.reading.stage_mut().folder(&path).owner = Some(owner.clone());
        }
        Claimant::Folders
    }

    /// Modes that make programs executable or files readable count for nothing: generated images
    /// copy sources so. Others are kept.
    fn mode(&mut self, operands: &[String]) -> Claimant {
        let Some((mode, paths)) = operands.split_first() else {
            return Claimant::Step;
        };
        let is_plain = matches!(
            mode.as_str(),
            "+x" | "a+x"
                | "u+x"
                | "ug+x"
                | "755"
                | "0755"
                | "644"
                | "0644"
                | "a+rx"
                | "+rx"
                | "u+rx"
                | "a+r"
                | "+r"
                | "555"
        );
        for path in paths.iter().flat_map(|path| braces(path)) {
            let path = join(&self.folder, &path);
            if !is_plain {
                self.reading.stage_mut().folder(&path).mode = Some(mode.clone());
            }
        }
        Claimant::Folders
    }

    fn removed(&mut self, operands: &[String]) -> Claimant {
        let mut by = Claimant::Housekeeping;
        for path in operands.iter().flat_map(|path| braces(path)) {
            let path = join(&self.folder, path.trim_end_matches('*'));
            if self.is_cache(&path) {
                continue;
            }
            let stage = self.reading.stage_mut();
            let is_known = stage.files.get(&path).is_some()
                || stage.files.has_folder(&path)
                || stage.written.remove(&path).is_some();
            let installed = stage.placed.len();
            stage
                .placed
                .retain(|placed| !lies_in(&placed.folder, &path));
            if is_known {
                stage.files.remove(&path);
                by = Claimant::Files;
            } else if stage.placed.len() == installed {
                return Claimant::Step;
            }
        }
        by
    }

    /// Whether a path holds nothing that an image needs.
    pub(super) fn is_cache(&self, path: &str) -> bool {
        let is_known = self.reading.stage().files.get(path).is_some()
            || self.reading.stage().files.has_folder(path)
            || self.reading.stage().written.contains_key(path);
        let in_cache = CACHES.iter().any(|cache| lies_in(path, cache))
            || path.contains("/.cache")
            || path.ends_with("__pycache__");
        let in_mount = |mount: &Mount| lies_in(path, &mount.target);
        !is_known && (in_cache || self.mounts.iter().any(in_mount))
    }

    /// `find` that deletes what Python leaves behind, or sets times.
    fn found(words: &[String]) -> Claimant {
        let is_leftover = words.iter().any(|word| {
            word.contains("__pycache__")
                || word.contains(".pyc")
                || word.contains(".pyo")
                || word.contains("/.cache")
        });
        let is_leftover = is_leftover || prunes(words);
        let sets_times = words.iter().any(|word| word == "touch");
        let acts = words
            .iter()
            .any(|word| matches!(word.as_str(), "-exec" | "-delete" | "-execdir"));
        if is_leftover || sets_times || !acts {
            Claimant::Housekeeping
        } else {
            Claimant::Step
        }
    }

    fn is_scratch(&self, operands: &[String]) -> bool {
        let is_unneeded = |path: &String| self.is_cache(&join(&self.folder, path));
        !operands.is_empty() && operands.iter().all(is_unneeded)
    }

    /// Copies or moves files that are known.
    fn copied(&mut self, program: &str, operands: &[String]) -> Claimant {
        let [from, to] = operands else {
            return Claimant::Step;
        };
        let (from, target) = (join(&self.folder, from), join(&self.folder, to));
        let stage = self.reading.stage_mut();
        let Some(origin) = stage.files.get(&from).cloned() else {
            return Claimant::Step;
        };
        let name = from.rsplit('/').next().unwrap_or_default();
        let is_folder =
            to.ends_with('/') || stage.files.has_folder(&target) || stage.workdir == target;
        let target = if is_folder {
            join(&target, name)
        } else {
            target
        };
        stage.files.put(target, origin);
        if program == "mv" {
            stage.files.remove(&from);
        }
        Claimant::Files
    }
}

/// Whether a shell finds a word only when it runs.
pub(super) fn is_computed(word: &str) -> bool {
    word.contains("$(") || word.contains('`')
}

/// Whether the program of an installer is put somewhere else, so that it is found.
fn moves_installer(operands: &[String]) -> bool {
    let Some((_, from)) = operands.split_last() else {
        return false;
    };
    let is_installer = |path: &String| installer(path).is_some() && path.contains("/bin/");
    !from.is_empty() && from.iter().all(is_installer)
}

/// Whether Python gets the name `python`, which every environment has.
fn names_python(operands: &[String]) -> bool {
    let name = |path: &String| path.rsplit('/').next().unwrap_or(path).to_owned();
    match operands {
        [from, to] => {
            name(from).starts_with("python3") && matches!(&*name(to), "python" | "python3")
        }
        _ => false,
    }
}

/// The words that bash makes of `a/{b,c}`; one where there are no braces.
fn braces(word: &str) -> Vec<String> {
    let Some((before, rest)) = word
        .split_once('{')
        .filter(|(before, _)| !before.ends_with('$'))
    else {
        return vec![word.to_owned()];
    };
    let Some((inside, after)) = rest
        .split_once('}')
        .filter(|(inside, _)| inside.contains(','))
    else {
        return vec![word.to_owned()];
    };
    inside
        .split(',')
        .map(|part| format!("{before}{part}{after}"))
        .collect()
}

/// Whether the words of a `find` delete tests and notes of installed packages, or strip their
/// libraries: a package is smaller without these, and works as it does with them.
fn prunes(words: &[String]) -> bool {
    let is_packages =
        |folder: &String| folder.contains("/site-packages") || folder.contains("/dist-packages");
    let is_unneeded = |word: &String| {
        let word = word.trim_matches('*').trim_start_matches('.');
        matches!(
            word,
            "test" | "tests" | "testing" | "docs" | "examples" | "md" | "rst" | "pyi" | "c" | "h"
        )
    };
    let mut words = words.iter();
    let is_inside = words.next().is_some_and(is_packages);
    let (mut names, mut deletes, mut strips, mut executes) = (false, false, false, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-delete" => deletes = true,
            "-exec" | "-execdir" => {
                executes = true;
                let program = words.next().map_or("", String::as_str);
                deletes |= program == "rm";
                strips |= program == "strip";
            }
            _ => names |= is_unneeded(word),
        }
    }
    is_inside && ((deletes && names && !strips) || (strips && executes && !deletes))
}
