//! Steps: what remains of a `RUN`, with all that it needs to run once more elsewhere.

use super::files::join;
use super::model::{Claimant, Step};
use super::run::Run;
use super::shell::{Command, Joint};

/// The commands of a `RUN`, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// The working folder that it begins in.
    pub(crate) folder: String,
    /// Its commands, those that a pipe or `||` joins in one.
    pub(crate) parts: Vec<Part>,
}

/// A command, or several that a pipe or `||` joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// As it is written, on one line.
    pub(crate) text: String,
    /// The first program; nothing where variables are set and nothing is started.
    pub(crate) program: String,
    /// Who answers for it.
    pub(crate) by: Claimant,
}

/// Programs that work in the folder that they are started in.
const LOCAL: [&str; 14] = [
    "bower", "bun", "bundle", "cmake", "go", "gulp", "make", "meson", "ninja", "npm", "npx",
    "pnpm", "tar", "yarn",
];
/// Ends of names that are files wherever they stand.
const FILES: [&str; 12] = [
    ".py", ".sh", ".txt", ".whl", ".gz", ".zip", ".json", ".toml", ".yml", ".yaml", ".cfg",
    ".proto",
];

impl Step {
    /// Compares a step by the folder that it runs in, where that matters and is not the one that
    /// the image works in.
    pub(super) fn place(&mut self, workdir: &str) {
        if self.folder != workdir && depends_on_folder(&self.text) {
            self.key = format!("cd {} && {}", self.folder, self.key);
        }
    }

    /// Whether the text names a file of the image.
    pub(crate) fn names(&self, path: &str) -> bool {
        let is_end = |c: char| c.is_whitespace() || "\"'`;()&|<>=,".contains(c);
        let mut words = self.text.split(is_end).filter(|word| !word.is_empty());
        words.any(|word| word == path || join(&self.folder, word) == path)
    }
}

impl Run<'_, '_> {
    /// Notes commands as one part of the script and, where they are a step, behind the steps of
    /// the same `RUN`.
    pub(super) fn note_part(&mut self, group: &[Command], by: Claimant, folder: &str) {
        let (mut text, mut key) = (String::new(), String::new());
        for (at, command) in group.iter().enumerate() {
            let joint = match (at, command.joint) {
                (0, _) => "",
                (_, Joint::Pipe) => " | ",
                (_, Joint::Or) => " || ",
                _ => " && ",
            };
            text.extend([joint, &on_one_line(&command.text)]);
            key.extend([joint, &self.key_of(command)]);
        }
        let program = group.first().map_or("", Command::program).to_owned();
        let line = self.line;
        let stage = self.reading.stage_mut();
        let workdir = stage.workdir.clone();
        let script = stage.scripts.entry(line).or_default();
        if script.parts.is_empty() {
            script.folder = workdir;
        }
        let part = text.clone();
        script.parts.push(Part {
            text: part,
            program,
            by,
        });
        if by == Claimant::Step {
            stage.steps.push(Step {
                line,
                keyword: "RUN".to_owned(),
                key,
                text,
                folder: folder.to_owned(),
            });
        }
    }

    /// What of a command is compared: its words, those in folders of environments by their names.
    fn key_of(&self, command: &Command) -> String {
        let assigned = command.assignments.iter();
        let mut words: Vec<String> = assigned
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let program = command.words.first().map(|program| self.named(program));
        words.extend(program);
        words.extend(command.arguments().iter().cloned());
        let redirections = command.redirections.iter();
        words.extend(redirections.map(|(operator, file)| format!("{operator}{file}")));
        words.join(" ")
    }

    /// A program of an environment by its name alone: it is found on the path.
    fn named(&self, program: &str) -> String {
        match program.rsplit_once("/bin/") {
            Some((root, name))
                if self
                    .reading
                    .stage()
                    .environments
                    .contains(&join(&self.folder, root)) =>
            {
                name.to_owned()
            }
            _ => program.to_owned(),
        }
    }
}

/// Whether a command does something else in another folder: it names a path from there, or is a
/// program that works there.
pub(crate) fn depends_on_folder(text: &str) -> bool {
    text.split([' ', '\n']).any(|word| {
        let word = word.trim_matches(['"', '\'', '(', ')', ';']);
        let is_option = word.starts_with('-') && !word.contains('=');
        let word = word.trim_start_matches(|c: char| c.is_ascii_digit() || "<>&|".contains(c));
        let value = word.rsplit('=').next().unwrap_or(word);
        let is_absolute = value.starts_with(['/', '$', '~']) || value.contains("://");
        let is_path = (value.contains('/') && !value.starts_with("s/"))
            || value == "."
            || FILES.iter().any(|end| value.ends_with(end));
        LOCAL.contains(&word) || (is_path && !is_absolute && !is_option)
    })
}

/// A text with one blank for each run of blanks outside of quotes.
pub(super) fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    let mut quote = None;
    let mut characters = text.trim().chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None | Some('"'), '\\') => {
                line.push('\\');
                line.extend(characters.next());
                continue;
            }
            (None, blank) if blank.is_whitespace() => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
                continue;
            }
            _ => {}
        }
        line.push(character);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_in_quotes_stay() {
        for (text, expected) in [
            ("a   b\t c", "a b c"),
            ("a  \"b  c\"  'd  \"e'   f", "a \"b  c\" 'd  \"e' f"),
            ("a \\  b", "a \\ b"),
            ("a \"b\\\"  c\"   d", "a \"b\\\"  c\" d"),
        ] {
            assert_eq!(on_one_line(text), expected);
        }
    }

    #[test]
    fn a_command_that_names_paths_from_its_folder_depends_on_it() {
        for text in [
            "make",
            "./configure --a",
            "cp a/b /c",
            "sh build.sh",
            "pip x --f=a/b",
        ] {
            assert!(depends_on_folder(text), "{text}");
        }
        for text in [
            "python -c 'import nltk'",
            "curl -fsSL https://a.example/b -o /c",
            "ln -s /a /b",
            "playwright install --with-deps chromium",
            "touch $HOME/a ~/b",
            "echo a >>/root/.bashrc 2>/dev/null",
        ] {
            assert!(!depends_on_folder(text), "{text}");
        }
    }
}
