//! `dockwright explain`: what a diagnostic code means.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::complete;
use crate::diagnostic::did_you_mean;
use crate::report::explain::{codes_page, codes_text, explain_text};
use crate::report::{drift_kind_text, page};
use crate::rules::{all_codes, find_code};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The code, such as unknown-base; without one, all codes are listed
    #[arg(add = complete::codes())]
    code: Option<String>,
    /// Print the whole page of codes, as Markdown
    #[arg(long, conflicts_with = "code")]
    all: bool,
}

pub(in crate::cli) fn run(args: &ExplainArgs) -> Answered {
    if args.all {
        return Ok(Answer::clean(codes_page()));
    }
    let Some(id) = &args.code else {
        return Ok(Answer::clean(codes_text()));
    };
    if let Some(code) = find_code(id) {
        return Ok(Answer::clean(explain_text(code)));
    }
    if let Some(text) = drift_kind_text(id) {
        return Ok(Answer::clean(text));
    }
    let help = did_you_mean(id, all_codes().map(|code| code.id)).map_or_else(
        || "`dockwright explain` lists them".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    Err(failed(&page!("there is no code `{}`; {}", id, help)))
}
