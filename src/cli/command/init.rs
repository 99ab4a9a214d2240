//! `dockwright init`: the first services.yaml of a repository.

use camino::Utf8PathBuf;

use crate::cli::answer::{Answer, Answered, failed};
use crate::drift::DiskEntry;
use crate::edit::adopt::DECLARATION;
use crate::edit::first::First;
use crate::edit::starter::{agents, git_attributes};
use crate::project::{Attributes, DiskTree, entry, tell_agents, write_first};
use crate::report::{FirstFiles, agents_by_hand, agents_text, first_text};
use crate::workspace::Workspace;

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitArgs {
    /// The folder of the repository
    #[arg(default_value = "")]
    folder: Utf8PathBuf,
    /// Write only a paragraph into AGENTS.md, which keeps coding agents from editing generated
    /// files
    #[arg(long)]
    agents: bool,
}

const INSTRUCTIONS: &str = "AGENTS.md";

pub(in crate::cli) fn run(args: &InitArgs) -> Answered {
    let workspace = Workspace::open(&args.folder)?;
    if args.agents {
        let Some(told) = tell_agents(&workspace, INSTRUCTIONS, agents)? else {
            return Err(failed(&agents_by_hand(INSTRUCTIONS)));
        };
        return Ok(Answer::clean(agents_text(INSTRUCTIONS, told)).news());
    }
    if !matches!(entry(&workspace, DECLARATION)?, DiskEntry::Absent) {
        return Err(failed(
            "services.yaml already exists; to add a service: `dockwright new`",
        ));
    }
    let first = First::of(&DiskTree::open(&args.folder)?)?;
    let mut files = FirstFiles {
        paths: vec![DECLARATION],
        attributes: None,
    };
    match write_first(&workspace, (DECLARATION, &first.text), git_attributes)? {
        Attributes::Written => files.paths.push(".gitattributes"),
        Attributes::Left(what) => files.attributes = Some(what),
        Attributes::Already => {}
    }
    Ok(Answer::clean(first_text(&first, &files)).news())
}
