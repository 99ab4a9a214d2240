//! `dockwright init`: the first services.yaml of a repository.

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::ArtifactPath;
use crate::cli::answer::{Answer, Answered, failed};
use crate::drift::DiskEntry;
use crate::edit::starter::{
    GIT_ATTRIBUTES, SOURCE_FOLDERS, SourceFolder, git_attributes, source_folder, starter,
    unwritable,
};
use crate::project::{Error, VERSION, Written};
use crate::report::{Page, add, page, written_text};
use crate::workspace::Workspace;

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitArgs {
    /// The folder of the repository
    #[arg(default_value = "")]
    folder: Utf8PathBuf,
}

const DECLARATION: &str = "services.yaml";
const ATTRIBUTES: &str = ".gitattributes";
/// How many folders with unfit names are named.
const NAMED: usize = 10;
/// How deep below a folder of services Python files are looked for.
const DEPTH: usize = 3;

const NEXT: &str = "
next:
  edit services.yaml: registry, owner, and the two services
  dockwright generate                 writes the Dockerfiles; commit them
  dockwright check                    in CI: fails when one drifts
";

pub(in crate::cli) fn run(args: &InitArgs) -> Answered {
    let workspace = Workspace::open(&args.folder)?;
    if !matches!(entry(&workspace, DECLARATION)?, DiskEntry::Absent) {
        return Err(failed(
            "services.yaml already exists; to add a service: `dockwright new`",
        ));
    }
    let attributes = entry(&workspace, ATTRIBUTES)?;
    let found = sources(&workspace);
    let mut notes = found.as_ref().map(told_apart).unwrap_or_default();
    let mut written = Written::default();
    let text = starter(found.as_ref(), VERSION);
    written.write(&workspace, DECLARATION, text.as_bytes(), DiskEntry::Absent)?;
    let mut paths = vec![DECLARATION];
    match attributes_text(&attributes) {
        Ok(Some(text)) => {
            if let Err(error) = written.write(&workspace, ATTRIBUTES, &text, attributes) {
                let _ = written.undo(&workspace);
                return Err(error.into());
            }
            paths.push(ATTRIBUTES);
        }
        Ok(None) => {}
        Err(what) => notes.push(&by_hand(what)),
    }
    notes.push(&Page::fixed(NEXT));
    Ok(Answer::clean(written_text(&paths, &notes)).news())
}

/// The new text of `.gitattributes`, where it needs one; or what stands there that is left to a
/// person.
fn attributes_text(entry: &DiskEntry) -> Result<Option<Vec<u8>>, &'static str> {
    match entry {
        DiskEntry::Absent => Ok(git_attributes(b"")),
        // Git reads no attributes from UTF-16, and a line of bytes would break such a file.
        DiskEntry::File { bytes, .. } if bytes.contains(&0) => Err("is not a text file"),
        DiskEntry::File { bytes, .. } => Ok(git_attributes(bytes)),
        DiskEntry::TooLarge { .. } => Err("is too large to be edited safely"),
        DiskEntry::Symlink { .. } => {
            Err("is a symbolic link, which dockwright neither follows nor replaces")
        }
        DiskEntry::Folder
        | DiskEntry::Other
        | DiskEntry::BehindSymlink { .. }
        | DiskEntry::BehindFile { .. } => Err("is not a file"),
    }
}

/// What to add where a person keeps attributes.
fn by_hand(what: &str) -> Page {
    page!(
        "\n{} {}, so it is unchanged; add this line to your Git attributes:\n  {}\n",
        ATTRIBUTES,
        what,
        GIT_ATTRIBUTES.trim_end()
    )
}

/// The folders of sources that services.yaml does not mention, since their names are unfit for it.
fn told_apart(found: &SourceFolder) -> Page {
    let unfit = unwritable(found);
    let shown: Vec<String> = unfit
        .iter()
        .take(NAMED)
        .map(|name| name.escape_debug().to_string())
        .collect();
    let mut page = Page::default();
    if shown.is_empty() {
        return page;
    }
    let names = shown.join("`, `");
    add!(
        page,
        "\nnot in services.yaml, because no service can have such a name: `{}`",
        names
    );
    if unfit.len() > shown.len() {
        add!(page, ", and {} more", unfit.len() - shown.len());
    }
    add!(page, " below {}/\n", found.folder);
    page
}

fn entry(workspace: &Workspace, path: &str) -> Result<DiskEntry, Error> {
    let path = ArtifactPath::parse(path).map_err(|invalid| Error::Path(invalid.to_string()))?;
    let found = workspace.read_declared(&[path])?;
    Ok(found
        .into_iter()
        .next()
        .map_or(DiskEntry::Absent, |(_, entry)| entry))
}

/// The folder that holds the services' sources; one that cannot be searched counts as empty.
fn sources(workspace: &Workspace) -> Option<SourceFolder> {
    SOURCE_FOLDERS.into_iter().find_map(|folder| {
        let found = workspace
            .scan(Utf8Path::new(folder), DEPTH)
            .unwrap_or_default();
        source_folder(folder, found.iter().map(|path| path.as_str()))
    })
}
