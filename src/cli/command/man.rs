//! `dockwright man`: the manual pages, one for the program and one for each command.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::manners::GLOBAL;
use crate::diagnostic::did_you_mean;
use crate::exit::ExitStatus;
use crate::report::{Page, page};

/// What `man` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ManArgs {
    /// The command; without one, the page of dockwright itself
    command: Option<String>,
    /// Print the help of every command as one page in Markdown
    #[arg(long, conflicts_with = "command")]
    markdown: bool,
}

pub(in crate::cli) fn run(args: &ManArgs, mut program: clap::Command) -> Answered {
    // Global options and full names are known only after this.
    program.build();
    if args.markdown {
        return Ok(Answer::clean(Page::made(&markdown(&program))));
    }
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

/// How wide the help is in the page of all commands, in columns.
const WIDTH: usize = 96;

/// The help of every command, as `--help` prints it.
fn markdown(program: &clap::Command) -> String {
    let mut page = String::from(
        "# Commands\n\n\
         <!-- `dockwright man --markdown` prints this page. -->\n\n\
         Options that every command has are listed here once.\n\n",
    );
    let commands = program.get_subcommands();
    let commands = commands.filter(|command| !matches!(command.get_name(), "help"));
    page.push_str(&section(program, "dockwright", program.clone()));
    for command in commands {
        let title = format!("dockwright {}", command.get_name());
        let short = command.clone().mut_args(|arg| {
            let is_global = arg.get_help_heading() == Some(GLOBAL);
            if is_global { arg.hide(true) } else { arg }
        });
        page.push('\n');
        page.push_str(&section(command, &title, short));
    }
    page
}

/// A command under its title.
fn section(described: &clap::Command, title: &str, shown: clap::Command) -> String {
    let about = described.get_about().map(ToString::to_string);
    let about = about.expect("every command has a doc comment");
    let help = shown.term_width(WIDTH).render_long_help().to_string();
    let help = help.split_once("\n\n").map_or("", |(_, rest)| rest);
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    format!(
        "## {title}\n\n{about}.\n\n```text\n{}\n```\n",
        lines.join("\n")
    )
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
        return Err(failed(&page!("unknown command `{}`; {}", name, help)));
    };
    Ok(found.clone().version(env!("CARGO_PKG_VERSION")))
}
