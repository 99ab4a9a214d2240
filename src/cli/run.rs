//! From what was typed to the exit status.

use clap::CommandFactory;

use super::answer::settle;
use super::command_line::Cli;
use super::internal_error::install_panic_hook;
use super::usage;
use crate::exit::ExitStatus;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitStatus {
    install_panic_hook();
    match usage::parse() {
        Ok(cli) => settle(cli.command.run(&Cli::command)),
        Err(status) => status,
    }
}
