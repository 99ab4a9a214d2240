//! From what was typed to the exit status.

use clap::CommandFactory as _;

use super::answer::settle;
use super::command_line::Cli;
use super::complete;
use super::internal_error::install_panic_hook;
use super::terminal::TERMINAL;
use super::usage;
use crate::exit::ExitStatus;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitStatus {
    install_panic_hook();
    if complete::answer(Cli::command) {
        return ExitStatus::Clean;
    }
    match usage::parse() {
        Ok(cli) => answered(&cli),
        Err(status) => status,
    }
}

fn answered(cli: &Cli) -> ExitStatus {
    let manners = &cli.manners;
    manners.color();
    if manners.quiet {
        TERMINAL.hush();
    }
    let answer = match manners.enter() {
        Ok(()) => cli.command.run(&Cli::command),
        Err(failure) => Err(failure),
    };
    settle(answer, manners.quiet)
}
