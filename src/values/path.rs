//! Paths: inside the root of the fleet, and inside an image.

use super::invalid::{Grammar, Refusal, only, validated};

/// The longest name of one file or folder, in bytes: `NAME_MAX` of Linux file systems.
const MAX_COMPONENT_BYTES: usize = 255;

/// The longest path, in bytes.
const MAX_PATH_BYTES: usize = 1024;

validated! {
    /// A path of a file or folder inside the root, such as `apps/svc_ocr`, that means the same on
    /// every system.
    ///
    /// Relative, components separated by `/`, each of `A-Z a-z 0-9 . _ @ + -`, at most 255 bytes,
    /// 1,024 in all. No component is `.`, `..`, `.git` in any case, or a Windows device name with
    /// or without extension, none ends with a dot or begins with a dash. With these characters a
    /// drive letter, an alternate data stream, a backslash and a home folder cannot be written, nor
    /// two spellings of one text.
    RelPath,
    Grammar {
        what: "path",
        max_bytes: MAX_PATH_BYTES,
        read: read_relative,
        correct: relative,
    }
}

impl RelPath {
    /// The names between the slashes, at least one.
    #[must_use]
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// Whether a name on the way begins with a dot, by which programs keep what is not to be seen:
    /// settings, keys, passwords.
    #[must_use]
    pub(crate) fn is_hidden(&self) -> bool {
        self.components().any(|name| name.starts_with('.'))
    }

    /// The last name, that of the file or folder itself.
    #[must_use]
    pub(crate) fn file_name(&self) -> &str {
        self.0.rsplit('/').next().expect("a split has a first part")
    }
}

validated! {
    /// An absolute path inside an image, such as `/app/data`.
    ///
    /// `/` alone, or components as in [`RelPath`] after one slash each: none is `.` or `..`, at
    /// most 255 bytes each and 1,024 in all. Names that only matter to Git or Windows are allowed.
    LinuxPath,
    Grammar {
        what: "path in the image",
        max_bytes: MAX_PATH_BYTES,
        read: read_absolute,
        correct: absolute,
    }
}

fn read_relative(value: &str) -> Result<(), Refusal> {
    if value.starts_with('/') {
        return Err(Refusal::new(
            "must be relative to the root, not begin with `/`",
        ));
    }
    check_components(value)?;
    value.split('/').try_for_each(check_portable)
}

fn read_absolute(value: &str) -> Result<(), Refusal> {
    match value.strip_prefix('/') {
        Some("") => Ok(()),
        Some(components) => check_components(components),
        None => Err(Refusal::new("must begin with `/`")),
    }
}

/// What every path keeps to: the characters, and components that are names.
fn check_components(value: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._@+-/".contains(c);
    only(
        value,
        is_allowed,
        "letters, digits and `._@+-` between slashes",
    )?;
    for component in value.split('/') {
        match component {
            "" => {
                return Err(Refusal::new(
                    "must have one slash between two names, and none at the end",
                ));
            }
            "." => return Err(Refusal::new("must not have a component `.`")),
            ".." => {
                return Err(Refusal::new(
                    "must not have a component `..`: paths stay in the folder of services.yaml, \
                     which is the build context",
                ));
            }
            long if long.len() > MAX_COMPONENT_BYTES => {
                let is = long.len();
                return Err(Refusal::new(format!(
                    "must have at most {MAX_COMPONENT_BYTES} bytes between slashes, not {is}"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a name keeps to so that every checkout on every system can hold it and no tool takes it for
/// its own.
fn check_portable(component: &str) -> Result<(), Refusal> {
    let reason = if component.starts_with('-') {
        "must not have a component that begins with `-`, which programs read as an option"
    } else if component.ends_with('.') {
        "must not have a component that ends with a dot, which Windows drops"
    } else if component.eq_ignore_ascii_case(".git") {
        "must not lead into `.git`"
    } else if is_windows_device(component) {
        "must not have a component that is a device name on Windows, such as `con` or `nul.txt`"
    } else {
        return Ok(());
    };
    Err(Refusal::new(reason))
}

/// Whether Windows opens a device in place of a file of this name, whatever its extension
/// (Microsoft, *Naming Files, Paths, and Namespaces*, reserved names).
pub(crate) fn is_windows_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .expect("a split has a first part")
        .trim_end()
        .to_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$"
    ) {
        return true;
    }
    let digits = "0123456789\u{b9}\u{b2}\u{b3}";
    ["COM", "LPT"]
        .iter()
        .filter_map(|port| stem.strip_prefix(port))
        .any(|number| {
            let mut characters = number.chars();
            characters
                .next()
                .is_some_and(|digit| digits.contains(digit))
                && characters.next().is_none()
        })
}

/// The same path with forward slashes, without the components that say nothing.
fn relative(value: &str) -> String {
    if value.starts_with(['/', '\\']) {
        return value.to_owned();
    }
    let slashes = value.replace('\\', "/");
    let names = slashes
        .split('/')
        .filter(|component| !matches!(*component, "" | "."));
    names.collect::<Vec<_>>().join("/")
}

fn absolute(value: &str) -> String {
    format!("/{}", relative(value.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_of_real_repositories_are_accepted() {
        for path in [
            "apps/svc_ocr",
            "libs",
            "a/.github/x.yml",
            ".gitignore",
            "a/b+c@1.2/Dockerfile",
            "console/com10",
        ] {
            assert_eq!(RelPath::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn relative_path_cannot_leave_the_root() {
        for path in [
            "../x",
            "a/../../x",
            "..",
            "./..",
            "a/..",
            "..\\x",
            "a\\..\\..\\x",
            "/etc/x",
            "//srv/x",
            "C:\\x",
            "C:/x",
            "c:x",
            "\\\\?\\C:\\x",
            "~/.ssh/x",
            "file:///etc/x",
            "",
            ".",
            "./",
            "/",
        ] {
            assert!(RelPath::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn relative_path_is_one_that_every_system_can_hold() {
        for path in [
            "CON",
            "con",
            "a/PRN/b",
            "aux.c",
            "NUL",
            "nul.Dockerfile",
            "COM1",
            "com9.txt",
            "LPT1",
            "COM\u{b9}",
            "CONIN$",
            "CLOCK$",
            "a.",
            "a ",
            "a...",
            "a/ ",
            "a\t",
            "a::$DATA",
            "a:stream",
            "Dockerfile:x",
        ] {
            assert!(RelPath::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn git_folder_and_options_are_out_of_reach() {
        for path in [
            ".git/hooks/post-checkout",
            ".GIT/config",
            "a/.Git",
            ".git\u{200c}/config",
            "git~1/config",
            "-rf",
            "a/--help",
        ] {
            assert!(RelPath::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn globs_controls_and_other_scripts_are_refused() {
        for path in [
            "*",
            "a[b]",
            "{a,b}",
            "a?b",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{1b}[31mb",
            "a\u{202e}b",
            "a\u{2028}b",
            "caf\u{e9}",
            "\u{212a}",
            "\u{ff0f}etc",
            "a b",
            "$HOME",
            "a'b",
            "a\"b",
        ] {
            assert!(RelPath::parse(path).is_err(), "{path:?}");
            assert!(LinuxPath::parse(&format!("/{path}")).is_err(), "{path:?}");
        }
    }

    #[test]
    fn paths_are_limited_by_component_and_in_all() {
        assert!(RelPath::parse(&"a".repeat(255)).is_ok());
        assert!(RelPath::parse(&"a".repeat(256)).is_err());
        assert!(RelPath::parse("a/".repeat(512).trim_end_matches('/')).is_ok());
        assert!(RelPath::parse(&format!("{}x", "a/".repeat(512))).is_err());
    }

    #[test]
    fn corrected_spelling_is_offered_for_a_path_inside_the_root() {
        for (written, corrected) in [
            ("./apps/x", "apps/x"),
            ("apps\\x", "apps/x"),
            ("apps/x/", "apps/x"),
            ("a//b", "a/b"),
        ] {
            assert_eq!(
                RelPath::parse(written).unwrap_err().suggestion(),
                Some(corrected)
            );
        }
        assert_eq!(RelPath::parse("/etc/x").unwrap_err().suggestion(), None);
        assert_eq!(
            LinuxPath::parse("app/data/").unwrap_err().suggestion(),
            Some("/app/data")
        );
    }

    #[test]
    fn path_in_the_image_is_absolute_and_plain() {
        for path in [
            "/",
            "/app",
            "/usr/local/lib/python3.12",
            "/opt/nul",
            "/a/.git",
        ] {
            assert_eq!(LinuxPath::parse(path).unwrap().as_str(), path);
        }
        for path in [
            "app", "/app/", "//app", "/app/..", "/./app", "/a\nb", "/$HOME", "~",
        ] {
            assert!(LinuxPath::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn components_and_file_name_are_the_names_between_slashes() {
        let path = RelPath::parse("apps/svc_ocr/Dockerfile").unwrap();
        assert_eq!(
            path.components().collect::<Vec<_>>(),
            ["apps", "svc_ocr", "Dockerfile"]
        );
        assert_eq!(path.file_name(), "Dockerfile");
        for (path, is_hidden) in [
            ("a/b.c", false),
            (".a", true),
            ("a/.b/c", true),
            ("a/.b", true),
            ("a.b/c", false),
        ] {
            assert_eq!(
                RelPath::parse(path).unwrap().is_hidden(),
                is_hidden,
                "{path}"
            );
        }
    }
}
