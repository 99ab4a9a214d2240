//! `dockwright why`: which entries bring a package into which images.

use super::failure::Failure;
use super::load::load;
use super::loaded::Loaded;
use super::{FleetArgs, TextOrJson, output};
use crate::build::position_of;
use crate::diagnostic::did_you_mean;
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::fleet::provenance::{WAYS_LIMIT, package_names, provenances, unlocked};
use crate::report::{check_text, why_json, why_text};

/// What `why` takes.
#[derive(Debug, clap::Args)]
pub(super) struct WhyArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The package, as pip or apt name it
    package: String,
    /// Only this image
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(super) fn run(args: &WhyArgs) -> ExitStatus {
    match load(&args.fleet.file).map(|loaded| why(args, &loaded)) {
        Ok(status) => status,
        Err(failure) => Failure::report(&failure),
    }
}

fn why(args: &WhyArgs, loaded: &Loaded) -> ExitStatus {
    let Some(fleet) = &loaded.fleet else {
        output::fail_styled(&check_text(&loaded.findings(&DriftReport::default(), None)));
        return ExitStatus::Findings;
    };
    let mut ways = provenances(fleet, &args.package);
    if ways.len() >= WAYS_LIMIT {
        output::note(&format!("only the first {WAYS_LIMIT} ways are looked at\n"));
    }
    if let Some(wanted) = &args.image {
        if let Err(unknown) = position_of(fleet, wanted) {
            return output::fail(&unknown.to_string());
        }
        ways.retain(|way| way.image.name.as_str() == wanted);
    } else if ways.is_empty() {
        let meant = did_you_mean(&args.package, package_names(fleet));
        let suggestion = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        return output::fail(&format!("no entry of {} names `{}`{suggestion}", fleet.file, args.package));
    }
    let asked = fleet.images.iter().filter(|image| args.image.as_ref().is_none_or(|name| image.name.as_str() == name));
    let unlocked = unlocked(fleet, asked);
    let print = match args.format {
        TextOrJson::Text => why_text,
        TextOrJson::Json => why_json,
    };
    output::print(&print(fleet, &loaded.sources, &args.package, &ways, &unlocked), ExitStatus::Clean)
}
