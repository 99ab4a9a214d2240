//! Whether a release of dockwright can be installed by its name, and which texts rely on that.

/// The name that a release has on package registries.
pub const NAME: &str = "dockwright";

/// Whether [`NAME`] belongs to this project on the registries that people install from.
///
/// A person sets it to `true` after the first release. Until then anybody can register the name, so
/// no generated file, message or document may contain a command that installs it by name.
pub const PUBLISHED: bool = false;

/// Programs that install packages by name from a registry.
const INSTALLERS: [&str; 25] = [
    "apk",
    "apt",
    "apt-get",
    "brew",
    "bun",
    "cargo",
    "conda",
    "dnf",
    "gem",
    "go",
    "mamba",
    "micromamba",
    "nix",
    "npm",
    "pip",
    "pip3",
    "pipenv",
    "pipx",
    "pnpm",
    "poetry",
    "rye",
    "uv",
    "yarn",
    "yum",
    "zypper",
];
/// What they call it.
const VERBS: [&str; 12] = [
    "add", "binstall", "download", "exec", "get", "i", "install", "run", "tool", "upgrade",
    "wheel", "x",
];
/// Programs that install and run what they are given.
const RUNNERS: [&str; 4] = ["bunx", "npx", "pipx", "uvx"];
/// Options that name another source than the public registry.
const OWN_SOURCES: [&str; 13] = [
    "--default-index",
    "--extra-index-url",
    "--find-links",
    "--from",
    "--git",
    "--index",
    "--index-url",
    "--no-index",
    "--path",
    "--registry",
    "--require-hashes",
    "-f",
    "-i",
];

/// The first command or list entry in a text that takes dockwright from a public registry by its
/// name, as it is written.
///
/// It reads shell commands, requirement lines and `additional_dependencies` of pre-commit. A
/// command that names its own source, such as `--path` or `--index-url`, is not one.
#[must_use]
pub fn command_by_name(text: &str) -> Option<&str> {
    let commands = text
        .split(['\n', '\r', ';', '&', '|', '`', '(', ')', '{', '}'])
        .map(str::trim);
    commands.into_iter().find(|command| is_by_name(command))
}

fn is_by_name(command: &str) -> bool {
    let separates = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '[' | ']' | ',')
    };
    let words: Vec<&str> = command
        .split(separates)
        .filter(|word| !word.is_empty())
        .collect();
    if words.iter().any(|word| {
        OWN_SOURCES.contains(&word.split('=').next().expect("a split has a first part"))
    }) {
        return false;
    }
    let after = |position: usize| &words[position + 1..];
    let names_it = |words: &[&str]| words.iter().any(|word| is_package(word));
    words.iter().enumerate().any(|(position, word)| {
        let program = word.rsplit('/').next().expect("a split has a first part");
        let verb = || after(position).iter().position(|word| VERBS.contains(word));
        *word == "additional_dependencies:" && names_it(after(position))
            || is_pinned(word)
            || RUNNERS.contains(&program) && names_it(after(position))
            || is_installer(program)
                && verb().is_some_and(|verb| names_it(after(position + 1 + verb)))
    })
}

/// `pip3.12` installs as `pip3` does.
fn is_installer(program: &str) -> bool {
    INSTALLERS.contains(&program.split('.').next().expect("a split has a first part"))
}

/// Whether a word is the package, with or without a version.
fn is_package(word: &str) -> bool {
    let name = word
        .split(['=', '<', '>', '~', '!', '@', '[', ':'])
        .next()
        .expect("a split has a first part");
    name.eq_ignore_ascii_case(NAME)
}

/// Whether a word is the package with a version, as requirement files have it.
fn is_pinned(word: &str) -> bool {
    let is_version = |rest: &str| {
        ["==", ">=", "~=", "<="]
            .iter()
            .any(|comparison| rest.starts_with(comparison))
    };
    is_package(word) && word.get(NAME.len()..).is_some_and(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_take_the_name_from_a_registry_are_found() {
        for command in [
            "cargo install --locked NAME",
            "cargo +stable install NAME@1.2.3",
            "sudo -H pip3.12 install --upgrade 'NAME>=1'",
            "python3 -m pip install -q NAME[all]==1.0",
            "uv tool install NAME",
            "uv pip install NAME",
            "uvx NAME check",
            "pipx run NAME check",
            "cargo binstall -y NAME",
            "brew install NAME",
            "/usr/bin/apt-get install -y NAME",
            "true && npx NAME",
            "Run `pip install NAME` first",
            "NAME==1.0 --hash=sha256:00",
            "additional_dependencies: [\"NAME==1.0\", x]",
            "additional_dependencies: [NAME]",
            "pip install UPPER",
        ] {
            let command = command
                .replace("NAME", NAME)
                .replace("UPPER", &NAME.to_uppercase());
            assert!(command_by_name(&command).is_some(), "{command}");
        }
    }

    #[test]
    fn commands_that_name_their_own_source_are_not() {
        for text in [
            "cargo install --path .",
            "cargo install --locked --git https://git.example.com/tools/NAME NAME",
            "pip install --no-index --no-deps tools/NAME-1.0-py3-none-any.whl",
            "pip install --index-url https://pip.example/simple NAME==1.0",
            "install -m 0755 tools/NAME /usr/local/bin/NAME",
            "- name: install NAME",
            "curl -fsSLo NAME https://files.example/NAME",
            "NAME check; cargo install just",
            "pip install -r requirements.txt\nNAME check",
            "pip installs what NAME generates",
            "cargo run -- check",
            "",
        ] {
            let text = text.replace("NAME", NAME);
            assert_eq!(command_by_name(&text), None, "{text}");
        }
    }

    #[test]
    fn the_command_is_given_back_as_it_is_written() {
        let text = format!("set -e\ncargo install {NAME} && true");
        assert_eq!(
            command_by_name(&text),
            Some(format!("cargo install {NAME}").as_str())
        );
    }
}
