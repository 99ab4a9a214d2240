//! What a configuration says of comparing files. Where a file includes another, settings that could
//! hide a change have no effect.

use std::path::{Path, PathBuf};

use super::config::{Variable, is_true};
use super::oid::ObjectFormat;

/// What the file system of a work tree keeps of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileSystem {
    /// Executable bits.
    pub(super) modes: bool,
    pub(super) symlinks: bool,
    /// Names that differ by case alone are one.
    pub(super) ignores_case: bool,
}

/// What the configuration says of comparing files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) format: ObjectFormat,
    /// Where references are kept, for git: `files` or `reftable`.
    pub(super) ref_storage: Option<String>,
    /// `core.autocrlf` is true or `input`, which are alike for what is stored.
    pub(super) auto_crlf: bool,
    pub(super) file_system: FileSystem,
    /// `core.excludesFile`, or the standard one.
    pub(super) excludes_file: Option<PathBuf>,
    /// `core.attributesFile`, or the standard one.
    pub(super) attributes_file: Option<PathBuf>,
}

impl Settings {
    /// The settings that the files of a configuration give, later ones over earlier ones. `home`
    /// and `standard` are the person's home folder and the folder of git's own files in it.
    ///
    /// # Errors
    /// What we cannot read: an object format or another extension that we do not know.
    pub(super) fn of(
        variables: &[Variable],
        home: Option<&Path>,
        standard: Option<&Path>,
    ) -> Result<Self, UnknownExtension> {
        let includes = variables
            .iter()
            .any(|variable| matches!(variable.section.as_str(), "include" | "includeif"));
        let trusted = |name: &str| {
            if includes {
                None
            } else {
                core(variables, name)
            }
        };
        let file = |name: &str, default: &str| match core(variables, name) {
            _ if includes => None,
            Some(path) => path.value.as_deref().and_then(|path| from_home(path, home)),
            None => standard.map(|folder| folder.join(default)),
        };
        let mut settings = Self {
            format: ObjectFormat::Sha1,
            ref_storage: None,
            auto_crlf: trusted("autocrlf")
                .is_some_and(|value| is_input(value) || is_true(value) == Some(true)),
            file_system: FileSystem {
                modes: trusted("filemode").and_then(is_true) != Some(false),
                symlinks: trusted("symlinks").and_then(is_true) != Some(false),
                ignores_case: core(variables, "ignorecase").and_then(is_true) == Some(true),
            },
            excludes_file: file("excludesfile", "ignore"),
            attributes_file: file("attributesfile", "attributes"),
        };
        let version =
            core(variables, "repositoryformatversion").and_then(|version| version.value.as_deref());
        if version != Some(b"1") {
            return Ok(settings);
        }
        for variable in variables
            .iter()
            .filter(|variable| variable.section == "extensions")
        {
            settings.extend(variable)?;
        }
        Ok(settings)
    }

    /// Takes an extension of the repository's format over.
    fn extend(&mut self, variable: &Variable) -> Result<(), UnknownExtension> {
        let value = variable
            .value
            .as_deref()
            .map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
        match (variable.name.as_str(), value.as_deref()) {
            ("objectformat", Some("sha1")) => self.format = ObjectFormat::Sha1,
            ("objectformat", Some("sha256")) => self.format = ObjectFormat::Sha256,
            ("refstorage", Some(storage @ ("files" | "reftable"))) => {
                self.ref_storage = Some(storage.to_owned());
            }
            // These change nothing of what is read here.
            (
                "noop"
                | "noop-v1"
                | "partialclone"
                | "preciousobjects"
                | "worktreeconfig"
                | "relativeworktrees"
                | "compatobjectformat"
                | "submodulepathconfig",
                _,
            ) => {}
            (name, _) => return Err(UnknownExtension(name.to_owned())),
        }
        Ok(())
    }
}

/// An extension of a repository's format that we do not know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownExtension(pub(super) String);

fn core<'a>(variables: &'a [Variable], name: &str) -> Option<&'a Variable> {
    variables
        .iter()
        .rev()
        .find(|variable| variable.section == "core" && variable.name == name)
}

fn is_input(variable: &Variable) -> bool {
    variable
        .value
        .as_deref()
        .is_some_and(|value| value.eq_ignore_ascii_case(b"input"))
}

/// A path as written in a configuration; `~/` is the person's home. Other paths must be absolute:
/// git counts relative ones from where it was started.
fn from_home(path: &[u8], home: Option<&Path>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    let os = |bytes| Path::new(std::ffi::OsStr::from_bytes(bytes));
    match path.strip_prefix(b"~/") {
        Some(rest) => home.map(|home| home.join(os(rest))),
        None => Some(os(path))
            .filter(|path| path.is_absolute())
            .map(Path::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, UnknownExtension};
    use crate::workspace::git::config::parse;
    use crate::workspace::git::oid::ObjectFormat;

    fn settings(text: &str) -> Result<Settings, UnknownExtension> {
        Settings::of(
            &parse(text.as_bytes()).unwrap(),
            Some("/home/me".as_ref()),
            Some("/home/me/.config/git".as_ref()),
        )
    }

    #[test]
    fn settings_that_could_hide_a_change_end_where_files_are_included() {
        let text = "[core]\nautocrlf = input\nfilemode = no\nsymlinks=0\nexcludesFile = ~/x\n";
        let plain = settings(text).unwrap();
        assert!(plain.auto_crlf && !plain.file_system.modes && !plain.file_system.symlinks);
        assert_eq!(plain.excludes_file.unwrap().to_str(), Some("/home/me/x"));
        assert_eq!(
            plain.attributes_file.unwrap().to_str(),
            Some("/home/me/.config/git/attributes")
        );
        for include in [
            "[include]\npath = x\n",
            "[includeIf \"gitdir:/\"]\npath = x\n",
        ] {
            let careful = settings(&format!("{text}{include}")).unwrap();
            assert!(
                !careful.auto_crlf && careful.file_system.modes && careful.file_system.symlinks
            );
            assert_eq!(
                (careful.excludes_file, careful.attributes_file),
                (None, None)
            );
        }
    }

    #[test]
    fn a_format_that_is_not_known_is_an_error() {
        let extended = |line: &str| {
            settings(&format!(
                "[core]\nrepositoryformatversion = 1\n[extensions]\n{line}\n"
            ))
        };
        assert_eq!(
            extended("objectFormat = sha256").unwrap().format,
            ObjectFormat::Sha256
        );
        assert_eq!(
            extended("refStorage = reftable")
                .unwrap()
                .ref_storage
                .as_deref(),
            Some("reftable")
        );
        assert!(extended("partialClone = evil").is_ok());
        for line in ["objectFormat = md5", "refStorage = x", "later = 1"] {
            assert!(extended(line).is_err(), "{line}");
        }
        assert!(
            settings("[extensions]\nlater = 1\n").is_ok(),
            "format 0 has no extensions"
        );
    }
}
