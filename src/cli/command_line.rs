//! The command line: what can be typed.

use clap::Parser;

use super::command::Command;
use super::manners::Manners;

/// Generate the Dockerfiles of a fleet of Python services from one services.yaml, and check that
/// none has drifted.
#[derive(Debug, Parser)]
#[command(name = "dockwright", version, arg_required_else_help = true, after_help = EXIT_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub(super) manners: Manners,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_HELP: &str = "Exit status: 0 up to date; 1 files differ or services.yaml has errors; 2 \
                         the command failed.";
