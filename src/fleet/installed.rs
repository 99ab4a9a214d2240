//! Requirement files that images install: which further files they reach by `-r` and `-c`, so that
//! the build mounts all of them. They stay the truth: nothing of them is rendered but their paths.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::model::{Fleet, Image, Origin};
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::values::RelPath;

/// The largest requirement file that is read, in bytes.
pub const FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// How many requirement files are read.
pub const FILES_LIMIT: usize = 100_000;
/// How many files one requirement file may reach.
const REACHED_LIMIT: usize = 1_000;

/// The texts of requirement files by their paths below the root; nothing for one that is not there.
pub type Texts = BTreeMap<String, Option<Vec<u8>>>;

/// Whether a file is a wheel, and no requirement file.
#[must_use]
pub fn is_wheel(path: &str) -> bool {
    Utf8Path::new(path).extension() == Some("whl")
}

/// The requirement files that the images of a fleet name.
#[must_use]
pub fn named(fleet: &Fleet) -> BTreeSet<&str> {
    let files = fleet.images.iter().flat_map(|image| &image.install);
    files.map(|file| file.path.value.as_str()).collect()
}

/// The files that a text names by `-r` and `-c`, below the root, and what is wrong with others.
#[must_use]
pub fn reached(path: &str, bytes: &[u8]) -> Reached {
    let text = String::from_utf8_lossy(bytes);
    let (mut reached, mut before) = (Reached::default(), String::new());
    for (number, line) in text.lines().enumerate() {
        if let Some(open) = line.strip_suffix('\\') {
            before.push_str(open);
            continue;
        }
        let whole = std::mem::take(&mut before) + line;
        reached.line(path, number + 1, &whole);
    }
    reached
}

/// What the lines of a requirement file lead to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Further files.
    pub files: Vec<String>,
    /// Lines that cannot be built, each with its number and the reason.
    pub faults: Vec<(usize, String)>,
}

impl Reached {
    fn line(&mut self, path: &str, number: usize, line: &str) {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let Some((option, value)) = option_of(line) else {
            let is_path = ["./", "../", "file:"]
                .iter()
                .any(|start| line.starts_with(start));
            if is_path || line.starts_with("-e") || line.starts_with("--editable") {
                let reason = "it installs a project of this repository, which the build does not \
                              see";
                self.faults.push((number, reason.to_owned()));
            }
            return;
        };
        if let Some(file) = beside(path, value) {
            self.files.push(file);
        } else {
            let reason = format!(
                "`{option}` leads out of the folder of services.yaml, which is the build context"
            );
            self.faults.push((number, reason));
        }
    }
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
fn beside(file: &str, path: &str) -> Option<String> {
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

/// Takes what the files reach into the fleet, and says what is missing or cannot be built.
pub fn attach(fleet: &mut Fleet, texts: &Texts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    let mut reached_by: BTreeMap<&str, Reached> = BTreeMap::new();
    for (path, bytes) in texts {
        if let Some(bytes) = bytes.as_ref().filter(|_| !is_wheel(path)) {
            reached_by.insert(path, reached(path, bytes));
        }
    }
    let locate = |origin: Origin| origin.value(&fleet.file, &fleet.included);
    let mut all = Vec::new();
    for image in &fleet.images {
        let mut of_image = Vec::new();
        for file in &image.install {
            let origin = file.path.origin;
            let files = closure(file.path.value.as_str(), &reached_by);
            for path in &files {
                if matches!(texts.get(path), Some(Some(_))) || !told.insert(path.clone()) {
                    continue;
                }
                found.push(missing(
                    image,
                    path,
                    (locate(origin), file.path.value.as_str()),
                ));
            }
            of_image.push(files);
        }
        all.push(of_image);
    }
    for (path, reached) in &reached_by {
        for (line, reason) in &reached.faults {
            let location = Location {
                file: (*path).to_owned(),
                spot: Spot::File,
            };
            let message = format!("line {line}: {reason}");
            let help = "name what it installs with `pip`, or keep a Dockerfile of your own";
            found.push(Diagnostic::new(&code::UNSUPPORTED_FILE, location, message).with_help(help));
        }
    }
    for (image, of_image) in fleet.images.iter_mut().zip(all) {
        for (file, reached) in image.install.iter_mut().zip(of_image) {
            file.reached = reached;
        }
    }
    found
}

/// A file and all that it reaches, each once.
fn closure(path: &str, reached_by: &BTreeMap<&str, Reached>) -> Vec<String> {
    let mut files = vec![path.to_owned()];
    let mut at = 0;
    while let Some(path) = files.get(at).filter(|_| at < REACHED_LIMIT) {
        let further = reached_by
            .get(path.as_str())
            .map(|reached| reached.files.clone());
        for file in further.into_iter().flatten() {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        at += 1;
    }
    files
}

fn missing(image: &Image, path: &str, (location, named): (Location, &str)) -> Diagnostic {
    let message = if path == named {
        format!("{path} not found (`install`, for {})", image.name)
    } else {
        format!(
            "{path} not found: {named} names it (`install`, for {})",
            image.name
        )
    };
    let help = "write the path from the folder of services.yaml on";
    Diagnostic::new(&code::MISSING_PATH, location, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_files_count_from_the_folder_of_the_file() {
        let text = b"-r ../base.txt  # all\n--constraint=pins.txt\n-cx/y.txt\nrequests>=2\n\
                     --requirement \\\n  more.txt\n--index-url https://x/\n-r https://x/r.txt\n";
        let reached = reached("services/a/requirements.txt", text);
        let files = [
            "services/base.txt",
            "services/a/pins.txt",
            "services/a/x/y.txt",
            "services/a/more.txt",
        ];
        assert_eq!(reached.files, files);
        assert_eq!(reached.faults, []);
    }

    #[test]
    fn what_the_build_cannot_see_is_told_with_its_line() {
        let text = b"requests\n-r ../../../x.txt\n-e ./lib\n../common\n-c /etc/pins.txt\n";
        let reached = reached("services/a/requirements.txt", text);
        let lines: Vec<usize> = reached.faults.iter().map(|(line, _)| *line).collect();
        assert_eq!((lines, reached.files.len()), (vec![2, 3, 4, 5], 0));
    }

    #[test]
    fn circles_end() {
        let one = Reached {
            files: vec!["b".to_owned()],
            ..Reached::default()
        };
        let other = Reached {
            files: vec!["a".to_owned()],
            ..Reached::default()
        };
        let reached_by = BTreeMap::from([("a", one), ("b", other)]);
        assert_eq!(closure("a", &reached_by), ["a", "b"]);
    }
}
