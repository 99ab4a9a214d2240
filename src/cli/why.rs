//! `dockwright why`: which entries bring a package into which images.

use super::failure::Failure;
use super::load::load;
use super::loaded::Loaded;
use super::{FleetArgs, TextOrJson, output};
use crate::diagnostic::did_you_mean;
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::fleet::provenance::{WAYS_LIMIT, package_names, provenances, unlocked};
use crate::fleet::{Fleet, Image};
use crate::images::id_of;
use crate::report::{check_text, page, why_json, why_text};
use crate::values::requirement::normalized;

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

/// What is known of a package that locks pin although no entry leads to it: they do not say what
/// requires it.
fn pinned_for_nobody(fleet: &Fleet, package: &str) -> Option<String> {
    let name = normalized(package);
    let pins = |image: &&Image| {
        image
            .locked
            .lock()
            .is_some_and(|lock| lock.pins_of(&name).next().is_some())
    };
    let locks: Vec<String> = fleet
        .images
        .iter()
        .filter(pins)
        .filter_map(|image| fleet.lock_path(image))
        .collect();
    let (first, more) = locks.split_first()?;
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(" (and {} more)", more.len())
    };
    Some(format!(
        "{first}{more} pins `{package}`, but what the lock says of it leads to no entry of {}",
        fleet.file
    ))
}

fn why(args: &WhyArgs, loaded: &Loaded) -> ExitStatus {
    let Some(fleet) = &loaded.fleet else {
        output::fail_styled(&check_text(&loaded.findings(&DriftReport::default(), None)));
        return ExitStatus::Findings;
    };
    let mut ways = provenances(fleet, &args.package);
    if ways.len() >= WAYS_LIMIT {
        output::note(&page!("only the first {} ways are looked at\n", WAYS_LIMIT));
    }
    if let Some(wanted) = &args.image {
        if let Err(unknown) = id_of(fleet, wanted) {
            return output::fail(&unknown.to_string());
        }
        ways.retain(|way| way.image.name.as_str() == wanted);
    } else if ways.is_empty() {
        if let Some(known) = pinned_for_nobody(fleet, &args.package) {
            return output::fail(&known);
        }
        let meant = did_you_mean(&args.package, package_names(fleet));
        let suggestion =
            meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        return output::fail(&format!(
            "no entry of {} names `{}`{suggestion}",
            fleet.file, args.package
        ));
    }
    let asked = fleet.images.iter().filter(|image| {
        args.image
            .as_ref()
            .is_none_or(|name| image.name.as_str() == name)
    });
    let unlocked = unlocked(fleet, asked);
    let print = match args.format {
        TextOrJson::Text => why_text,
        TextOrJson::Json => why_json,
    };
    output::print(
        &print(fleet, &loaded.sources, &args.package, &ways, &unlocked),
        ExitStatus::Clean,
    )
}
