//! `dockwright init`: the first services.yaml of a repository.

use camino::{Utf8Path, Utf8PathBuf};

use super::failure::Failure;
use super::output;
use super::write::Written;
use crate::artifact::ArtifactPath;
use crate::change::starter::{SOURCE_FOLDERS, SourceFolder, git_attributes, source_folder, starter};
use crate::drift::DiskEntry;
use crate::exit::ExitStatus;
use crate::report::written_text;
use crate::workspace::Workspace;

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// The folder of the repository
    #[arg(default_value = "")]
    folder: Utf8PathBuf,
}

const DECLARATION: &str = "services.yaml";
const ATTRIBUTES: &str = ".gitattributes";
/// How deep below a folder of services Python files are looked for.
const DEPTH: usize = 3;

const NEXT: &str = "
next:
  edit services.yaml: registry, owner, and the two services
  dockwright generate                 writes the Dockerfiles; commit them
  dockwright check                    in CI: fails when one drifts
";

pub(super) fn run(args: &InitArgs) -> ExitStatus {
    match init(&args.folder) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn init(folder: &Utf8Path) -> Result<ExitStatus, Failure> {
    let workspace = Workspace::open(folder)?;
    if !matches!(entry(&workspace, DECLARATION)?, DiskEntry::Absent) {
        return Ok(output::fail("services.yaml is there already; `dockwright new` adds a service to it"));
    }
    let attributes = entry(&workspace, ATTRIBUTES)?;
    let before = match &attributes {
        DiskEntry::File { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    };
    let mut written = Written::default();
    let text = starter(sources(&workspace).as_ref());
    written.write(&workspace, DECLARATION, text.as_bytes(), DiskEntry::Absent)?;
    let mut paths = vec![DECLARATION];
    if let Some(text) = git_attributes(&before) {
        if let Err(failure) = written.write(&workspace, ATTRIBUTES, text.as_bytes(), attributes) {
            written.undo(&workspace);
            return Err(failure);
        }
        paths.push(ATTRIBUTES);
    }
    Ok(output::print(&written_text(&paths, NEXT), ExitStatus::Clean))
}

fn entry(workspace: &Workspace, path: &str) -> Result<DiskEntry, Failure> {
    let path = ArtifactPath::parse(path).map_err(|invalid| Failure::Path(invalid.to_string()))?;
    let found = workspace.read_declared(&[path])?;
    Ok(found.into_iter().next().map_or(DiskEntry::Absent, |(_, entry)| entry))
}

/// The folder that holds the services' sources; one that cannot be searched counts as empty.
fn sources(workspace: &Workspace) -> Option<SourceFolder> {
    SOURCE_FOLDERS.into_iter().find_map(|folder| {
        let found = workspace.scan(Utf8Path::new(folder), DEPTH).unwrap_or_default();
        source_folder(folder, found.iter().map(|path| path.as_str()))
    })
}
