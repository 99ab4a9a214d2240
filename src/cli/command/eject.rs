//! `dockwright eject`: a built-in template becomes the fleet's own, or the Dockerfile of a service
//! is kept by a person from now on.

use camino::Utf8Path;

use crate::artifact::{ArtifactPath, lies_in};
use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::complete;
use crate::cli::refuse::declaration_errors;
use crate::drift::DiskEntry;
use crate::edit::declaration::keep_dockerfile;
use crate::edit::eject::{kept_service, unsealed};
use crate::fleet::Origin;
use crate::images::Scope;
use crate::project::{
    Ask, Checked, Error, Inputs as _, Missing, Project, Written, check, unchanged,
};
use crate::render::Templates;
use crate::report::{Page, changed_text, written_text};
use crate::values::RelPath;

/// What `eject` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EjectArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The template, as in `dockwright list`, or without its folder and suffix
    #[arg(required_unless_present = "service", add = complete::templates())]
    template: Option<String>,
    /// A service: its generated files become yours, and services.yaml names its Dockerfile
    #[arg(long, value_name = "NAME", conflicts_with = "template", add = complete::images())]
    service: Option<String>,
}

const NEXT: &str = "
this file now replaces the built-in; output is unchanged until you edit it
";

const KEPT: &str = "
these files are yours now: dockwright builds them and never writes them; run `dockwright generate` \
                    to update the files that name them
";

pub(in crate::cli) fn run(args: &EjectArgs) -> Answered {
    match (&args.service, &args.template) {
        (Some(service), _) => keep(args, service),
        (None, Some(template)) => eject(args, template),
        (None, None) => Err(failed(
            &"name a template, or a service with --service".to_owned(),
        )),
    }
}

/// Hands the files of a service over to a person: all of them, or none.
fn keep(args: &EjectArgs, name: &str) -> Answered {
    let project = args.fleet.project_to_edit(false)?;
    let loaded = project.load()?;
    let Some(fleet) = loaded.fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let kept = kept_service(fleet, name).map_err(|reason| failed(&reason))?;
    let scope = Scope {
        only: vec![name.to_owned()],
        ..Scope::default()
    };
    let ask = Ask::undated(&scope, Missing::Rendered);
    let checked = check(&project.workspace, &loaded, &ask)?;
    let folder = kept.dockerfile.trim_end_matches("/Dockerfile");
    let paths = checked.declared().iter();
    let paths: Vec<ArtifactPath> = paths
        .filter(|path| lies_in(path.as_str(), folder))
        .cloned()
        .collect();
    let image = fleet
        .images
        .iter()
        .find(|image| image.name.as_str() == name);
    let image = image.expect("it is one whose Dockerfile can be kept");
    let file = fleet.value_at(Origin::field(image.section, "")).file;
    let text = loaded
        .sources
        .text(&file)
        .expect("the file that declares it was read");
    let edited = keep_dockerfile(text, &kept).map_err(|error| failed(&error.to_string()))?;
    let mut files = Vec::new();
    for (path, entry) in project
        .workspace
        .read_declared(&paths)
        .map_err(Error::from)?
    {
        let content = content(&checked, &path, &entry);
        let content = content.map_err(|reason| failed(&reason))?;
        files.push((path.to_string(), content, entry));
    }
    let before = unchanged(&project.workspace, &file, Some(text.as_bytes()))?;
    files.push((file, edited, before));
    let mut written = Written::default();
    for (path, content, before) in &files {
        let before = before.clone();
        if let Err(error) = written.write(&project.workspace, path, content.as_bytes(), before) {
            let left = written.undo(&project.workspace);
            let rest = if left.is_empty() {
                "everything is as before".to_owned()
            } else {
                left.join("; ")
            };
            return Err(failed(&format!("{error}; {rest}")));
        }
    }
    let paths: Vec<&str> = files.iter().map(|(path, ..)| path.as_str()).collect();
    Ok(Answer::clean(changed_text(&paths, &Page::fixed(KEPT))))
}

/// What a file holds without its header: what stands there, or what would be generated.
fn content(
    checked: &Checked<'_>,
    path: &ArtifactPath,
    entry: &DiskEntry,
) -> Result<String, String> {
    match entry {
        DiskEntry::File { bytes, .. } => std::str::from_utf8(bytes)
            .map(unsealed)
            .map_err(|_| format!("{path} is not UTF-8")),
        DiskEntry::Absent => {
            let mut drifts = checked.report().drifts.iter();
            let drift = drifts.find(|drift| drift.path == *path);
            let expected = drift.and_then(|drift| drift.expected.as_deref());
            Ok(unsealed(expected.expect("what is missing was rendered")))
        }
        _ => Err(format!("{path} is not a file")),
    }
}

/// Makes a built-in template the fleet's own.
fn eject(args: &EjectArgs, template: &str) -> Answered {
    let project = args.fleet.project_to_write()?;
    let folder = project.declared()?.templates_folder();
    let templates = Templates::default();
    let name = templates.find(template).map_err(|word| failed(&word))?;
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
