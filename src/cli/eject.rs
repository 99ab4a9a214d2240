//! `dockwright eject`: a built-in template becomes the fleet's own, to be changed.

use camino::Utf8Path;

use super::failure::Failure;
use super::load::declared;
use super::write::Written;
use super::{FleetArgs, output};
use crate::drift::DiskEntry;
use crate::exit::ExitStatus;
use crate::render::Templates;
use crate::report::{Page, written_text};
use crate::values::RelPath;

/// What `eject` takes.
#[derive(Debug, clap::Args)]
pub(super) struct EjectArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The template, as `dockwright list` names it or without folder and ending
    template: String,
}

const NEXT: &str = "
this file now replaces the built-in; output is unchanged until you edit it
";

pub(super) fn run(args: &EjectArgs) -> ExitStatus {
    match eject(&args.fleet.file, &args.template) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn eject(file: &Utf8Path, wanted: &str) -> Result<ExitStatus, Failure> {
    let (workspace, folder) = declared(file)?;
    let templates = Templates::default();
    let name = match templates.find(wanted) {
        Ok(name) => name.to_owned(),
        Err(message) => return Ok(output::fail(&message)),
    };
    let Some(folder) = folder else {
        return Ok(output::fail(
            "services.yaml names no folder for templates of its own; add a line such as \
             `templates: docker/templates`",
        ));
    };
    match RelPath::parse(&folder) {
        Err(invalid) => {
            return Ok(output::fail(&format!(
                "`templates` of services.yaml is {invalid}; `dockwright check` shows it"
            )));
        }
        Ok(path) if path.is_hidden() => {
            return Ok(output::fail(&format!(
                "`templates: {folder}`: no name in it may begin with a dot; write one such as \
                 `docker/templates`"
            )));
        }
        Ok(_) => {}
    }
    let path = format!("{folder}/{name}");
    if workspace
        .read_text(Utf8Path::new(&path), u64::from(u32::MAX))?
        .is_some()
    {
        return Ok(output::fail(&format!("{path} is there already")));
    }
    let text = templates.text(&name).unwrap_or_default();
    Written::default().write(&workspace, &path, text.as_bytes(), DiskEntry::Absent)?;
    Ok(output::print(
        &written_text(&[&path], &Page::fixed(NEXT)),
        ExitStatus::Clean,
    ))
}
