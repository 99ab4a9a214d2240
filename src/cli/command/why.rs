//! `dockwright why`: which entries bring a package into which images.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{FleetArgs, TextOrJson};
use crate::cli::complete;
use crate::cli::refuse::declaration_errors;
use crate::diagnostic::did_you_mean;
use crate::fleet::Fleet;
use crate::fleet::provenance::{
    WAYS_LIMIT, package_names, pinned_for_nobody, provenances, unlocked,
};
use crate::images::id_of;
use crate::report::{Page, page, why_json, why_text};

/// What `why` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WhyArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The package, as pip or apt name it
    package: String,
    /// Only this image
    #[arg(long, value_name = "NAME", add = complete::images())]
    image: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(in crate::cli) fn run(args: &WhyArgs) -> Answered {
    let project = args.fleet.project()?;
    let loaded = project.load()?;
    let Some(fleet) = loaded.fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let mut ways = provenances(fleet, &args.package);
    let note = if ways.len() >= WAYS_LIMIT {
        page!("only the first {} paths are followed\n", WAYS_LIMIT)
    } else {
        Page::default()
    };
    if let Some(wanted) = &args.image {
        id_of(fleet, wanted)?;
        ways.retain(|way| way.image.name.as_str() == wanted);
    } else if ways.is_empty() {
        return Err(failed(&nothing_brings(fleet, &args.package)));
    }
    let asked = fleet.images.iter().filter(|image| {
        let wanted = args.image.as_ref();
        wanted.is_none_or(|name| image.name.as_str() == name)
    });
    let unlocked = unlocked(fleet, asked);
    let print = match args.format {
        TextOrJson::Text => why_text,
        TextOrJson::Json => why_json,
    };
    let page = print(fleet, &loaded.sources, &args.package, &ways, &unlocked);
    Ok(Answer::clean(page).with_note(&note))
}

/// Why a package is in no image, as far as it is known.
fn nothing_brings(fleet: &Fleet, package: &str) -> String {
    if let Some(known) = pinned_for_nobody(fleet, package) {
        return known;
    }
    let meant = did_you_mean(package, package_names(fleet));
    let suggestion = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    format!("no entry of {} names `{package}`{suggestion}", fleet.file)
}
