//! `dockwright man`: the manual pages, one for the program and one for each command.

use crate::cli::answer::{Answer, Answered, failed};
use crate::diagnostic::did_you_mean;
use crate::exit::ExitStatus;
use crate::report::page;

/// What `man` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ManArgs {
    /// The command; without one, the page of dockwright itself
    command: Option<String>,
}

pub(in crate::cli) fn run(args: &ManArgs, mut program: clap::Command) -> Answered {
    // Global options and full names are known only after this.
    program.build();
    let described = match &args.command {
        None => program,
        Some(name) => command(&program, name)?,
    };
    let mut page = Vec::new();
    match clap_mangen::Man::new(described)
        .source(concat!("dockwright ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
    {
        Ok(()) => Ok(Answer::verbatim(page, ExitStatus::Clean)),
        Err(error) => Err(failed(&page!("cannot make the manual page: {}", error))),
    }
}

/// A command by its name. Building the program gave it the name of its page: `dockwright-check`.
fn command(
    program: &clap::Command,
    name: &str,
) -> Result<clap::Command, crate::cli::failure::Failure> {
    let Some(found) = program.find_subcommand(name) else {
        let names = program.get_subcommands().map(clap::Command::get_name);
        let help = did_you_mean(name, names).map_or_else(
            || "`dockwright --help` lists the commands".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(failed(&page!("there is no command `{}`; {}", name, help)));
    };
    Ok(found.clone().version(env!("CARGO_PKG_VERSION")))
}
