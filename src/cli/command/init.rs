//! `dockwright init`: the first services.yaml of a repository.

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::ArtifactPath;
use crate::cli::answer::{Answer, Answered, failed};
use crate::drift::DiskEntry;
use crate::edit::found::{ENTRIES, Found, declaration};
use crate::edit::starter::{
    AGENTS, GIT_ATTRIBUTES, SOURCE_FOLDERS, SourceFolder, agents, git_attributes, source_folder,
    starter, unwritable,
};
use crate::project::{Edited, Error, Unwatched, VERSION, Written, load};
use crate::report::{Page, add, changed_text, page, written_text};
use crate::workspace::Workspace;

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitArgs {
    /// The folder of the repository
    #[arg(default_value = "")]
    folder: Utf8PathBuf,
    /// Write only a paragraph into AGENTS.md, which keeps coding agents from editing generated
    /// files
    #[arg(long)]
    agents: bool,
}

const DECLARATION: &str = "services.yaml";
const ATTRIBUTES: &str = ".gitattributes";
const INSTRUCTIONS: &str = "AGENTS.md";
/// How many folders with unfit names are named.
const NAMED: usize = 10;
/// How deep below a folder of services Python files are looked for.
const DEPTH: usize = 3;

/// The longest file that is looked into for what starts a service, in bytes.
const ENTRY_BYTES: u64 = 1024 * 1024;

const NEXT_FOUND: &str = "
next:
  edit services.yaml: registry, owner, and what was found of each service
  dockwright generate                 writes the Dockerfiles; commit them
  dockwright check                    in CI: fails when one drifts
  dockwright init --agents            tells coding agents so in AGENTS.md
";

const NEXT: &str = "
next:
  edit services.yaml: registry, owner, and the two services
  dockwright generate                 writes the Dockerfiles; commit them
  dockwright check                    in CI: fails when one drifts
  dockwright init --agents            tells coding agents so in AGENTS.md
";

pub(in crate::cli) fn run(args: &InitArgs) -> Answered {
    let workspace = Workspace::open(&args.folder)?;
    if args.agents {
        return tell_agents(&workspace);
    }
    if !matches!(entry(&workspace, DECLARATION)?, DiskEntry::Absent) {
        return Err(failed(
            "services.yaml already exists; to add a service: `dockwright new`",
        ));
    }
    let attributes = entry(&workspace, ATTRIBUTES)?;
    let real = real(&workspace)?;
    let found = sources(&workspace);
    let mut notes = found.as_ref().map(told_apart).unwrap_or_default();
    let mut written = Written::default();
    let (text, next) = match real {
        Some(text) => (text, NEXT_FOUND),
        None => (starter(found.as_ref(), VERSION), NEXT),
    };
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
    notes.push(&Page::fixed(next));
    Ok(Answer::clean(written_text(&paths, &notes)).news())
}

/// Adds the paragraph for coding agents to AGENTS.md, or creates the file.
fn tell_agents(workspace: &Workspace) -> Answered {
    let before = entry(workspace, INSTRUCTIONS)?;
    let bytes = match &before {
        DiskEntry::Absent => &b""[..],
        DiskEntry::File { bytes, .. } => bytes,
        _ => {
            return Err(failed(&page!(
                "{} is not an ordinary file; add this to what your agents read:\n\n{}",
                INSTRUCTIONS,
                Page::fixed(AGENTS)
            )));
        }
    };
    let Some(text) = agents(bytes) else {
        let already = page!("{} names `dockwright generate` already\n", INSTRUCTIONS);
        return Ok(Answer::clean(already).news());
    };
    let told = match &before {
        DiskEntry::Absent => written_text(&[INSTRUCTIONS], &Page::default()),
        _ => changed_text(&[INSTRUCTIONS], &Page::default()),
    };
    Written::default().write(workspace, INSTRUCTIONS, &text, before)?;
    Ok(Answer::clean(told).news())
}

/// A declaration of the services that are there; nothing where none is found, or where it would
/// have an error.
fn real(workspace: &Workspace) -> Result<Option<String>, Error> {
    for folder in SOURCE_FOLDERS {
        let found = looked_into(workspace, folder);
        let services = found.services();
        if services.is_empty() {
            continue;
        }
        let text = declaration(&found, &services, VERSION);
        let edited = Edited::new(workspace, DECLARATION, &text);
        if !load(&edited, DECLARATION, &Unwatched)?.has_errors() {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// The files of a source folder, with the texts of those that may start a service; one that cannot
/// be searched counts as empty.
fn looked_into(workspace: &Workspace, folder: &str) -> Found {
    let paths = workspace
        .scan(Utf8Path::new(folder), DEPTH)
        .unwrap_or_default();
    let mut found = Found {
        folder: folder.to_owned(),
        paths: paths.iter().map(ToString::to_string).collect(),
        ..Found::default()
    };
    let folders: Vec<String> = found.folders().into_iter().map(str::to_owned).collect();
    for service in folders {
        for entry in ENTRIES {
            let path = format!("{folder}/{service}/{entry}");
            if found.paths.contains(&path)
                && let Ok(Some(bytes)) = workspace.read_text(Utf8Path::new(&path), ENTRY_BYTES)
            {
                found
                    .texts
                    .insert(path, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    let common = "requirements.txt";
    if matches!(
        workspace.read_text(Utf8Path::new(common), ENTRY_BYTES),
        Ok(Some(_))
    ) {
        found.paths.insert(common.to_owned());
    }
    found
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
