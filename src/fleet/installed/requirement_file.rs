//! A requirement file, as far as it can be read without pip: what its lines ask for, which further
//! files they name, and what a build cannot see.

use crate::fleet::known::KnownRequirements;
use crate::values::RelPath;
use crate::values::requirement::Requirement;

/// What the lines of a requirement file say. What pip alone understands is left to pip.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RequirementFile {
    /// What it asks for.
    pub(super) requirements: Vec<Line<Requirement>>,
    /// Further files, by `-r` and `-c`.
    pub(super) files: Vec<Named>,
    /// What cannot be built, with the reason.
    pub(super) faults: Vec<Line<String>>,
}

/// Something that a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<T> {
    /// The first byte of the line.
    pub(super) start: usize,
    /// What it says.
    pub(super) value: T,
}

/// A further file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Its path below the root.
    pub(super) path: String,
    /// Whether it only holds versions (`-c`) and asks for nothing.
    pub(super) is_constraint: bool,
}

/// Why a project in the repository cannot be built.
const UNSEEN_PROJECT: &str =
    "it installs a project of this repository, which the build does not see";
/// Why a file cannot be mounted.
const OUTSIDE: &str = "leads out of the folder of services.yaml, which is the build context";

impl RequirementFile {
    /// Reads a file at a path below the root. Fleets repeat the same requirements: `known` holds
    /// those that were read before.
    #[must_use]
    pub(super) fn read(path: &str, text: &str, known: &mut KnownRequirements) -> Self {
        let mut file = Self::default();
        let mut before = String::new();
        let (mut start, mut at) = (0, 0);
        for line in text.split_inclusive('\n') {
            if before.is_empty() {
                start = at;
            }
            at += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            if let Some(open) = line.strip_suffix('\\') {
                before.push_str(open);
                continue;
            }
            if before.is_empty() {
                file.line(path, start, line, known);
            } else {
                let whole = std::mem::take(&mut before) + line;
                file.line(path, start, &whole, known);
            }
        }
        file
    }

    fn line(&mut self, path: &str, start: usize, line: &str, known: &mut KnownRequirements) {
        let line = without_comment(line).trim();
        if line.is_empty() {
            return;
        }
        if let Some((option, value)) = option_of(line) {
            match beside(path, value) {
                Some(path) => self.files.push(Named {
                    path,
                    is_constraint: option == "-c",
                }),
                None => self.fault(start, format!("`{option}` {OUTSIDE}")),
            }
            return;
        }
        let is_path = ["./", "../", "file:", "-e", "--editable"];
        if is_path.iter().any(|start| line.starts_with(start)) {
            self.fault(start, UNSEEN_PROJECT.to_owned());
            return;
        }
        self.requirements
            .extend(requirement(line, known).map(|value| Line { start, value }));
    }

    fn fault(&mut self, start: usize, value: String) {
        self.faults.push(Line { start, value });
    }
}

/// A line without its comment, which begins with `#` at the start or after a blank.
fn without_comment(line: &str) -> &str {
    let is_comment = |at: &usize| {
        let before = line[..*at].chars().next_back();
        before.is_none_or(char::is_whitespace)
    };
    let comment = memchr::memchr_iter(b'#', line.as_bytes()).find(is_comment);
    comment.map_or(line, |at| &line[..at])
}

/// The requirement of a line, without the options that pip takes after it, such as hashes.
fn requirement(line: &str, known: &mut KnownRequirements) -> Option<Requirement> {
    if line.starts_with('-') {
        return None;
    }
    let text = line.find(" --").map_or(line, |end| &line[..end]).trim_end();
    if let Some(known) = known.get(text) {
        return Some(known.clone());
    }
    let read = Requirement::parse(text).ok()?;
    known.add(&read);
    Some(read)
}

/// The option that names another requirement file, and its value.
fn option_of(line: &str) -> Option<(&'static str, &str)> {
    const OPTIONS: [(&str, &str); 4] = [
        ("--requirement", "-r"),
        ("--constraint", "-c"),
        ("-r", "-r"),
        ("-c", "-c"),
    ];
    OPTIONS.into_iter().find_map(|(written, option)| {
        let rest = line.strip_prefix(written)?;
        let is_long = written.starts_with("--");
        let value = if is_long {
            rest.strip_prefix('=')
                .or_else(|| rest.strip_prefix(char::is_whitespace))?
        } else {
            rest
        };
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty() && !value.contains("://")).then_some((option, value))
    })
}

/// A path that counts from a file's folder, below the root; nothing where it leads out.
pub(super) fn beside(file: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    let path = names.join("/");
    RelPath::parse(&path).ok().map(|path| path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RequirementFile {
        RequirementFile::read(
            "services/a/requirements.txt",
            text,
            &mut KnownRequirements::default(),
        )
    }

    #[test]
    fn further_files_count_from_the_folder_of_the_file() {
        let file = read(
            "-r ../base.txt  # all\n--constraint=pins.txt\n-cx/y.txt\nrequests>=2\n\
             --requirement \\\n  more.txt\n--index-url https://x/\n-r https://x/r.txt\n",
        );
        let files: Vec<(&str, bool)> = file
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.is_constraint))
            .collect();
        let expected = [
            ("services/base.txt", false),
            ("services/a/pins.txt", true),
            ("services/a/x/y.txt", true),
            ("services/a/more.txt", false),
        ];
        assert_eq!(files, expected);
        assert_eq!(file.faults, []);
    }

    #[test]
    fn requirements_have_the_places_of_their_lines() {
        let text = "# x\n\nRequests >= 2 # y\na==1 \\\n    --hash=sha256:00\nb#c @ d\n-i x\n\
                    flask\r\n";
        let file = read(text);
        let found: Vec<(&str, &str)> = file
            .requirements
            .iter()
            .map(|line| (line.value.as_str(), &text[line.start..][..3]))
            .collect();
        let expected = [("Requests >= 2", "Req"), ("a==1", "a=="), ("flask", "fla")];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_the_build_cannot_see_is_told_with_its_line() {
        let text = "requests\n-r ../../../x.txt\n-e ./lib\n../common\n-c /etc/pins.txt\n";
        let file = read(text);
        let starts: Vec<&str> = file
            .faults
            .iter()
            .map(|line| &text[line.start..][..4])
            .collect();
        assert_eq!(starts, ["-r .", "-e .", "../c", "-c /"]);
        assert_eq!(file.files, []);
    }
}
