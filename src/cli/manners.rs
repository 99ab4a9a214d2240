//! Options of every command: where it works, how it looks, how much it says.

use anstream::ColorChoice;
use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use crate::workspace::enter;

/// The heading of these options in help.
pub(super) const GLOBAL: &str = "Global options";

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = GLOBAL)]
pub(super) struct Manners {
    /// Run as if dockwright was started in this folder
    #[arg(short = 'C', long, value_name = "DIR", global = true)]
    directory: Option<Utf8PathBuf>,
    /// When to use colors
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    color: Color,
    /// Print nothing if nothing is wrong, and show no progress
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

impl Manners {
    /// Goes to the folder that was given.
    pub(super) fn enter(&self) -> Result<(), Failure> {
        match &self.directory {
            Some(folder) => Ok(enter(Utf8Path::new(folder))?),
            None => Ok(()),
        }
    }

    /// Colors from here on.
    pub(super) fn color(&self) {
        self.color.choose();
    }
}

/// When output has colors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR`, `FORCE_COLOR` or `CLICOLOR_FORCE` says otherwise
    #[default]
    Auto,
    /// Also in files and pipes
    Always,
    /// Never
    Never,
}

impl Color {
    /// Colors from here on.
    pub(super) fn choose(self) {
        match self {
            Self::Auto if is_forced() => ColorChoice::Always,
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
        .write_global();
    }

    /// What a command line says that could not be read as one.
    pub(super) fn typed<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut words = words.take_while(|word| *word != "--");
        while let Some(word) = words.next() {
            let value = match word.split_once('=') {
                Some(("--color", value)) => Some(value),
                None if word == "--color" => words.next(),
                _ => continue,
            };
            return value
                .and_then(|value| Self::from_str(value, false).ok())
                .unwrap_or_default();
        }
        Self::default()
    }
}

/// Whether the environment asks for colors where no terminal is. `FORCE_COLOR` is a convention of
/// Node.js that CI services follow (<https://force-color.org>); anstream knows the others.
#[expect(
    clippy::disallowed_methods,
    reason = "what the environment says is read in `cli` alone"
)]
fn is_forced() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let forced = std::env::var_os("FORCE_COLOR")
        .is_some_and(|value| !matches!(value.to_str(), Some("" | "0" | "false")));
    forced && !is_set("NO_COLOR")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_color_is_found_in_a_command_line_that_is_none() {
        let typed = |line: &str| Color::typed(line.split(' '));
        assert_eq!(typed("dockwright chekc --color never"), Color::Never);
        assert_eq!(typed("dockwright --color=always chekc"), Color::Always);
        assert_eq!(typed("dockwright --color"), Color::Auto);
        assert_eq!(typed("dockwright --color=red"), Color::Auto);
        assert_eq!(typed("dockwright -- --color=never"), Color::Auto);
    }
}
