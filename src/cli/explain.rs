//! `dockwright explain`: what a diagnostic code means.

use super::output;
use crate::diagnostic::did_you_mean;
use crate::exit::ExitStatus;
use crate::report::explain::{codes_page, codes_text, explain_text};
use crate::report::{drift_kind_text, page};
use crate::rules::{all_codes, find_code};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The code, such as unknown-base; without one, all codes are listed
    code: Option<String>,
    /// Print the whole page of codes, as Markdown
    #[arg(long, conflicts_with = "code")]
    all: bool,
}

pub(super) fn run(args: &ExplainArgs) -> ExitStatus {
    if args.all {
        return output::print(&codes_page(), ExitStatus::Clean);
    }
    let Some(id) = &args.code else {
        return output::print(&codes_text(), ExitStatus::Clean);
    };
    if let Some(code) = find_code(id) {
        return output::print(&explain_text(code), ExitStatus::Clean);
    }
    if let Some(text) = drift_kind_text(id) {
        return output::print(&text, ExitStatus::Clean);
    }
    let help = did_you_mean(id, all_codes().map(|code| code.id)).map_or_else(
        || "`dockwright explain` lists them".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    output::fail(&page!("there is no code `{}`; {}", id, help))
}
