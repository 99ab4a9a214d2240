//! `dockwright completions`: the script by which a shell completes command lines.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::complete::script;
use crate::exit::ExitStatus;
use crate::report::page;

/// What `completions` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) const HELP: &str = "Examples:
  source <(dockwright completions bash)
      in ~/.bashrc
  source <(dockwright completions zsh)
      in ~/.zshrc
  dockwright completions fish | source
      in config.fish

Completes the names of images, kinds, templates and diagnostic codes too.";

pub(in crate::cli) fn run(args: &CompletionsArgs) -> Answered {
    match script(&args.shell.to_string()) {
        Ok(script) => Ok(Answer::verbatim(script, ExitStatus::Clean)),
        Err(error) => Err(failed(&page!(
            "cannot make the completion script: {}",
            error
        ))),
    }
}
