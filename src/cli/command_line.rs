//! The command line: what can be typed.

use clap::Parser;

use super::command::Command;
use super::manners::Manners;

/// One services.yaml, the Dockerfiles of a whole fleet of Python services, and a check that fails
/// when one drifts.
#[derive(Debug, Parser)]
#[command(name = "dockwright", version, arg_required_else_help = true, after_help = EXIT_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub(super) manners: Manners,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_HELP: &str = "Exit status: 0 clean; 1 files drifted or services.yaml has errors; 2 the \
 job could not be done.";
