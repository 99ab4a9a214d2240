//! `dockwright eject`: a built-in template becomes the fleet's own, to be changed.

use camino::Utf8Path;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::complete;
use crate::drift::DiskEntry;
use crate::project::{Inputs as _, Project, Written};
use crate::render::Templates;
use crate::report::{Page, written_text};
use crate::values::RelPath;

/// What `eject` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EjectArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The template, as in `dockwright list`, or without its folder and suffix
    #[arg(add = complete::templates())]
    template: String,
}

const NEXT: &str = "
this file now replaces the built-in; output is unchanged until you edit it
";

pub(in crate::cli) fn run(args: &EjectArgs) -> Answered {
    let project = args.fleet.project_to_write()?;
    let folder = project.declared()?.templates_folder();
    let templates = Templates::default();
    let name = templates
        .find(&args.template)
        .map_err(|word| failed(&word))?;
    let path = path_of(folder, name).map_err(|reason| failed(&reason))?;
    if is_there(&project, &path)? {
        return Err(failed(&format!("{path} already exists")));
    }
    let text = templates
        .text(name)
        .expect("a template that is found has a text");
    let mut written = Written::default();
    written.write(
        &project.workspace,
        &path,
        text.as_bytes(),
        DiskEntry::Absent,
    )?;
    Ok(Answer::clean(written_text(&[&path], &Page::fixed(NEXT))).news())
}

/// Where the fleet's own template of a name is.
fn path_of(folder: Option<String>, name: &str) -> Result<String, String> {
    let Some(folder) = folder else {
        return Err(
            "services.yaml does not name a folder for your templates; add a line such as \
             `templates: docker/templates`"
                .to_owned(),
        );
    };
    match RelPath::parse(&folder) {
        Err(invalid) => Err(format!(
            "`templates` of services.yaml is {invalid}; `dockwright check` shows it"
        )),
        Ok(path) if path.is_hidden() => Err(format!(
            "`templates: {folder}`: no name in it may begin with a dot; write one such as \
             `docker/templates`"
        )),
        Ok(_) => Ok(format!("{folder}/{name}")),
    }
}

fn is_there(project: &Project, path: &str) -> Result<bool, crate::project::Error> {
    let limit = u64::from(u32::MAX);
    Ok(project
        .workspace
        .text(Utf8Path::new(path), limit)?
        .is_some())
}
