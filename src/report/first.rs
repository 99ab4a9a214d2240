//! What `init` prints: the files, what services.yaml declares and leaves out, and what comes next.

use super::{Page, add, changed_text, counted, page, shell_word, written_text};
use crate::dockerfile::judge::Likeness;
use crate::edit::adopt::{Adopted, Fate};
use crate::edit::first::First;
use crate::edit::starter::{AGENTS, GIT_ATTRIBUTES};
use crate::project::AgentsTold;

/// How many folders or Dockerfiles of one kind are named.
const NAMED: usize = 10;

const NEXT: &str = "  dockwright generate                 writes the Dockerfiles; commit them
  dockwright check                    in CI: fails when one drifts
  dockwright init --agents            adds these rules to AGENTS.md
";

/// What was written, and what stands in `.gitattributes` so that a person has to edit it.
pub(crate) struct FirstFiles {
    /// The files that were written.
    pub(crate) paths: Vec<&'static str>,
    /// What kind of thing `.gitattributes` is, where it was left alone.
    pub(crate) attributes: Option<&'static str>,
}

/// What `init` prints.
#[must_use]
pub(crate) fn first_text(first: &First, files: &FirstFiles) -> Page {
    let mut page = declared(first);
    page.push(&left_out(first));
    if let Some(what) = files.attributes {
        add!(
            page,
            "\n.gitattributes {}, so it is unchanged; add this line to your Git \
             attributes:\n  {}\n",
            what,
            GIT_ATTRIBUTES.trim_end()
        );
    }
    let edit = if first.is_of_repository() {
        "registry, owner and each service"
    } else {
        "registry, owner, and the two services"
    };
    add!(page, "\nnext:\n  edit services.yaml: {}\n", edit);
    page.push(&Page::fixed(NEXT));
    written_text(&files.paths, &page)
}

/// Where the declared services come from.
fn declared(first: &First) -> Page {
    let of = |wanted: &[Likeness]| -> Vec<&Adopted> {
        let is_wanted = |image: &&Adopted| {
            let likeness = image.likeness();
            likeness.is_some_and(|likeness| wanted.contains(&likeness))
        };
        first.dockerfiles.iter().filter(is_wanted).collect()
    };
    let alike = of(&[Likeness::Same, Likeness::Harmless]);
    let different = of(&[Likeness::Different]);
    let mut page = Page::default();
    if !first.folders.is_empty() {
        let services = counted(first.folders.len(), "service", "services");
        let folders = named(&first.folders);
        add!(page, "\n{} from folders:\n{}", services, folders);
    }
    if !alike.is_empty() {
        let services = counted(alike.len(), "service", "services");
        let paths = named(&paths(&alike));
        add!(
            page,
            "\n{} from Dockerfiles (same or harmless):\n{}",
            services,
            paths
        );
    }
    for image in &different {
        let (name, path) = (&image.original.name, &image.original.path);
        let command = format!(
            "dockwright diff {} generated/{name}/Dockerfile",
            shell_word(path)
        );
        add!(
            page,
            "\n{} will differ from {}; after `dockwright generate`, this shows how:\n  {}\n",
            name,
            path,
            Page::command_line(&command)
        );
    }
    page
}

/// What services.yaml does not declare.
fn left_out(first: &First) -> Page {
    let mut page = Page::default();
    let of = |is_wanted: fn(&Fate) -> bool| -> Vec<&Adopted> {
        let images = first.dockerfiles.iter();
        images.filter(|image| is_wanted(&image.fate)).collect()
    };
    let foreign = of(|fate| matches!(fate, Fate::Foreign));
    if !foreign.is_empty() {
        add!(page, "\nnot for Python:\n{}", named(&paths(&foreign)));
    }
    let kept = first
        .dockerfiles
        .iter()
        .filter_map(|image| match &image.fate {
            Fate::Kept(why) => Some((&image.original.path, why)),
            _ => None,
        });
    let skipped: Vec<(&String, &String)> = kept.chain(&first.refused).collect();
    for (path, why) in skipped.iter().take(NAMED) {
        add!(page, "\nskipped {}: {}\n", path, why);
    }
    if skipped.len() > NAMED {
        let more = skipped.len() - NAMED;
        add!(page, "and {} more\n", more);
    }
    if let Some(folder) = first.idle.first() {
        let folders = named(&first.idle);
        let command = format!("dockwright new NAME --source {folder} --cmd …");
        add!(
            page,
            "\nno start command found in:\n{}to declare one:\n  {}\n",
            folders,
            Page::command_line(&command)
        );
    }
    if !first.unfit.is_empty() {
        let shown = named(&first.unfit);
        add!(
            page,
            "\nskipped, because services.yaml does not allow these paths:\n{}",
            shown
        );
    }
    page
}

fn paths(images: &[&Adopted]) -> Vec<String> {
    let paths = images.iter().map(|image| image.original.path.clone());
    paths.collect()
}

/// The first of them, a line each, and how many more there are.
fn named(paths: &[String]) -> Page {
    let mut page = Page::default();
    for path in paths.iter().take(NAMED) {
        add!(page, "  {}\n", path.escape_debug().to_string());
    }
    if paths.len() > NAMED {
        add!(page, "  and {} more\n", paths.len() - NAMED);
    }
    page
}

/// What `init --agents` prints.
#[must_use]
pub(crate) fn agents_text(path: &'static str, told: AgentsTold) -> Page {
    match told {
        AgentsTold::Created => written_text(&[path], &Page::default()),
        AgentsTold::Changed => changed_text(&[path], &Page::default()),
        AgentsTold::Already => page!("{} already names `dockwright generate`\n", path),
    }
}

/// The paragraph for a person to add where AGENTS.md is not an ordinary file.
#[must_use]
pub(crate) fn agents_by_hand(path: &str) -> Page {
    page!(
        "{} is not an ordinary file; add this to what your agents read:\n\n{}",
        path,
        Page::fixed(AGENTS)
    )
}
